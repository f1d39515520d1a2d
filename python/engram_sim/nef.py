"""Networks of the Neural Engineering Framework."""

import json
import numbers

from engram_sim import native
from engram_sim.errors import ConfigError
from engram_sim.network import Network, of_new_networks


def _drawn_part(part):
    """Of an ensemble or connection, without what its rules of learning say: that acts in a step."""
    if isinstance(part, dict) and "learning" in part:
        part = {**part, "learning": [rule.get("rule") if isinstance(rule, dict) else rule for rule in part["learning"]]}
    return json.loads(native.text(part))


class Nef(Network):
    """network: a dict of "nodes", "ensembles", "connections" and "probes" by name; see describe("nef"). One replica a
    seed. Spikes equal Nengo's where the network was built by it (engram_sim.compat.nengo) and the engine is double. What
    probes recorded is no part of the state: forks, pickles, files and a state that is set begin with none."""

    def __init__(self, network, *, seeds=1, backend="auto", threads=0, precision=None):
        seeds = native.seeds_of(seeds)
        native.named(network, "network", "a dict of nodes, ensembles, connections and probes")
        self._begin(
            {"network": network, "seeds": seeds, "backend": backend, "threads": threads}, precision, prefer="double"
        )
        self._net = self._module.Nef(native.text(network), seeds, backend, threads)

    def _anew(self, before, changes):
        self._refuse_other(before, "seeds")  # neurons and decoders follow from them
        then, now = before["network"], self._given["network"]
        for key in ("dt", "seeding"):
            if then.get(key) != now.get(key):
                raise of_new_networks(f"network/{key}", then.get(key))
        for kind in ("ensembles", "connections"):
            old, new = (native.named(one.get(kind, {}), f"network/{kind}", "a dict by name") for one in (then, now))
            for name in new:
                if _drawn_part(new[name]) != _drawn_part(old.get(name)):
                    raise of_new_networks(f"network/{kind}/{name}", old.get(name))
        return {}

    @property
    def steps(self):
        """Taken so far."""
        return self._net.steps

    @property
    def dt(self):
        """Seconds of a step."""
        return self._net.dt

    @property
    def time(self):
        """Seconds so far."""
        return self.steps * self.dt

    @property
    def probes(self):
        """Their names."""
        return self._net.probes

    def run(self, seconds):
        """For so many seconds of the network, rounded to steps."""
        if not isinstance(seconds, numbers.Real) or not 0 <= seconds < float("inf"):
            raise ConfigError("seconds", f"found {seconds!r}; allowed are 0 and more")
        self.run_steps(round(seconds / self.dt))

    def run_steps(self, steps):
        """Steps of dt seconds each."""
        self._net.run(steps)

    def data(self, probe):
        """What a probe recorded, [replica][sample][...]."""
        return self._net.data(probe)

    def clear_probes(self):
        """Forgets what was recorded; the network stays as it is."""
        self._net.clear_probes()

    def values(self, array, replica=0):
        """An array by name, such as "memory.voltage", "conn_out.weights"."""
        return self._net.values(array, replica)

    def arrays(self):
        """Names that values() takes."""
        return self._net.arrays()

    def reset(self):
        """Starts again from step 0 with the same numbers."""
        self._net.reset()

    def set_state(self, state):
        """Restores what state() gave, with nothing recorded; ConfigError where it does not fit, which leaves the network and
        what its probes recorded as they were."""
        super().set_state(state)
        self._net.clear_probes()

    def __repr__(self):
        return f"Nef({', '.join(self._given['network'].get('ensembles', {}))})"
