"""Self-organising recurrent networks."""

from engram_sim import native
from engram_sim.errors import ConfigError
from engram_sim.network import Network, of_new_networks, parameters_of
from engram_sim.parameters import SornParameters

_around = ("seeds", "backend", "threads", "precision")  # keywords that are no parameters of the model


def fitting(state, nu=None):
    """A state as matrices() has it, its arrays in shapes that fit each other and `nu` inputs: the engine counts their
    values only."""
    if not hasattr(state, "keys") or not {"te", "ti"} <= set(state.keys()):
        raise ConfigError("states", "needed are dicts as matrices() gives them, with te, ti, wee and so on")
    try:
        ne, ni = (len(native.read(state[name], name)) for name in ("te", "ti"))
    except TypeError:
        raise ConfigError("states", "te and ti are not both arrays; needed are dicts as matrices() gives them") from None
    shapes = {"wee": (ne, ne), "wei": (ni, ne), "wie": (ne, ni), "weu": (nu, ne)}
    shapes.update(dict.fromkeys(("te", "x", "x_before"), (ne,)), **dict.fromkeys(("ti", "y", "y_before"), (ni,)))
    checked = dict(state)
    for name in shapes.keys() & checked.keys():
        shape = shapes[name]
        checked[name] = native.shaped(checked[name], name, shape, *([(*shape, 1)] if len(shape) == 1 else []))
    return checked


class Sorn(Network):
    """SORN networks of equal size side by side, one a seed.

    parameters: a SornParameters or a dict, or keywords such as ne=400, preset="zheng2013", eta_ip=0.02; see
    describe("sorn"). states: matrices() of other networks to go on from, one a seed.
    """

    def __init__(
        self, parameters=None, *, seeds=1, states=(), tick=0, backend="auto", threads=0, precision=None, **keywords
    ):
        seeds = native.seeds_of(seeds)
        values = parameters_of(parameters, keywords)
        self._begin({"seeds": seeds, "backend": backend, "threads": threads, **values}, precision)
        self._nu = values.get("nu", SornParameters.nu)  # checked by the engine
        states = [fitting(s, self._nu) for s in native.several(states, "states")]
        self._net = self._module.Sorn(native.text(values), seeds, states, tick, backend, threads)

    @property
    def tick(self):
        """Steps so far."""
        return self._net.tick

    @property
    def units(self):
        """(excitatory, inhibitory)"""
        return self._net.units

    @property
    def replicas(self):
        """How many networks stand side by side."""
        return self._net.replicas

    def run(self, steps=1, input=None, record=()):
        """Steps, with input [step][nu] or [step][replica][nu]. `record` names what comes back, [step][replica][unit]:
        "x" and "y" (activity), "recurrent" (what would fire without input), "counts" (synapses, as "ee" and "ei")."""
        if input is None and isinstance(record, (tuple, list)) and not record:
            return self._net.run_quietly(steps)
        return self._net.run(steps, *self._asked(steps, input, record))

    def _asked(self, steps, input, record):
        """The other arguments of the engine's run()."""
        record = native.several(record, "record")
        known = ("x", "y", "recurrent", "counts")
        if unknown := [name for name in record if not (isinstance(name, str) and name in known)]:
            raise ConfigError("record", f"found {unknown[0]!r}; allowed are {', '.join(known)}")
        if input is not None:
            input = native.shaped(input, "input", (steps, self._nu), (steps, self.replicas, self._nu))
        activity = [name for name in record if name != "counts"]
        native.need_room("steps", steps, self.replicas * (sum(self.units) * len(activity) + 16))
        return input, *(name in record for name in known)

    def set_rules(self, freeze=(), phase="plasticity", noise=True):
        """Which rules act from now on: `freeze` some of stdp, ip, sp, istdp, ss; phase "training" freezes all."""
        freeze = native.several(freeze, "freeze")
        self._net.set_rules(freeze, phase, noise)
        self._given.update(freeze=list(freeze), phase=phase, noise=noise)

    def _anew(self, before, changes):
        for key in {"states", "tick"} & changes.keys():
            raise ConfigError(key, "a copy goes on with those it is a copy of; set_matrices() gives it others")
        made_of = [{k: v for k, v in given.items() if k not in _around} for given in (before, self._given)]
        shaping, target_rates = self._module.sorn_changes(*(native.text(values) for values in made_of))
        for key in shaping:
            raise of_new_networks(key, before.get(key, "its default"))
        return {"target": self["target"]} if target_rates else {}

    def matrices(self, replica=0):
        """One network as matrices [pre][post] and vectors: wee, wei, wie, te, ti, x, x_before, y, y_before."""
        return self._net.matrices(replica)

    def set_matrices(self, states, tick=None):
        """Networks from what matrices() gave, one a replica."""
        states = [fitting(s, self._nu) for s in native.several(states, "states")]
        self._net.set_matrices(states, self.tick if tick is None else tick)
