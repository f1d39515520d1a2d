"""Attractor networks of continuous Bernoulli units that infer and learn in the same step."""

import hashlib

import numpy as np

from engram_sim import native
from engram_sim.errors import ConfigError
from engram_sim.network import Network, parameters_of


def noise_of(seed, state):
    """The seed of a state's noise: the first state has the network's own, and no two states of whatever seeds share one."""
    if state == 0:
        return seed
    return int.from_bytes(hashlib.blake2b(b"%d %d" % (seed, state), digest_size=8).digest(), "little")


class Attractor(Network):
    """Networks of `units` units side by side, one a seed, each with `states` states on its weights.

    parameters: an AttractorParameters or a dict, or keywords such as learning_rate=0.001, update="sequential"; see
    describe("attractor"). inverse_temperature: one, or one a state. Values go in and out as [network][unit]. What an
    experiment calls weights and base_bias is set as net.weights and net.bias.
    """

    def __init__(
        self, parameters=None, *, units, states=1, inverse_temperature=1, seeds=1, backend="auto", threads=0,
        precision=None, **keywords,
    ):  # fmt: skip
        seeds = native.seeds_of(seeds)
        values = parameters_of(parameters, keywords)
        self._begin(
            {"units": units, "states": states, "inverse_temperature": inverse_temperature, "seeds": seeds,
             "backend": backend, "threads": threads, **values}, precision, prefer="double",
        )  # fmt: skip
        native.whole(states, "states", 2**32)
        each = [noise_of(seed, state) for seed in seeds for state in range(states)]
        self._net = self._module.Attractor(native.text(values), units, len(seeds), states, each, backend, threads)
        self.units = units
        self.replicas = len(seeds)
        self._each = ((units,), (len(seeds) * states, units))  # shapes of values of one state for all, or of each
        self.set_inverse_temperature(inverse_temperature)

    @property
    def tick(self):
        """Steps so far."""
        return self._net.tick

    def run(self, steps=1):
        """Updates of all units; with a learning rate the weights learn."""
        self._net.run(steps)

    def record(self, steps):
        """Likewise; the states after each step, [step][state][unit]."""
        return self._kept(self._net.run_and_record, steps)

    def watch(self, steps):
        """Likewise, with "states", "weight_change", "complexity", "accuracy" and "vfe" of each step."""
        return self._kept(self._net.watch, steps)

    def _kept(self, call, steps):
        native.need_room("steps", steps, self._each[1][0] * self.units * (4 if self._module.precision == "float" else 8))
        return call(steps)

    def train(self, patterns, epochs, steps=10, order="random", seed=0):
        """Shows a pattern an epoch, for so many steps: in turn ("cyclic"), or drawn by NumPy from `seed`. Returns
        which were shown. While it is shown a pattern is the bias, which is 0 afterwards, as in the published code: set a bias
        of your own anew."""
        patterns = native.rows(patterns, "patterns", self.units)
        native.whole(epochs, "epochs")
        native.whole(seed, "seed")
        if not isinstance(order, str) or order not in ("random", "cyclic"):
            raise ConfigError("order", f'found {order!r}; allowed are "random", "cyclic"')
        if not native.numeric(patterns) or not len(patterns):
            found = "none" if native.numeric(patterns) else repr(patterns)
            raise ConfigError("patterns", f"found {found}; needed are rows of {self.units} numbers, one at least")
        shown = np.arange(epochs) % len(patterns)
        if order == "random":
            shown = np.random.default_rng(seed).integers(len(patterns), size=epochs)
        try:
            for k in shown:
                self._net.set_bias(patterns[k])
                self._net.run(steps)
        finally:
            self._net.set_bias(np.zeros(self.units))
        return shown

    def relax(self, cues, bias=None, inverse_temperature=1, deterministic=True, max_steps=1000, tolerance=1e-6, seed=0):
        """Where copies of these states come to rest: "states", "steps" and "status" of each cue. The network stays as
        it is."""
        cues = native.rows(cues, "cues", self.units)
        if bias is not None:
            bias = native.shaped(bias, "bias", (self.units,), (None, self.units))
        return self._net.relax(cues, bias, inverse_temperature, deterministic, max_steps, tolerance, seed)

    def free_energy(self):
        """{"complexity", "accuracy", "vfe"} of each state, at the present weights and bias."""
        return self._net.free_energy()

    @property
    def weights(self):
        """[network][i][j], from j to i: a copy. May be set, as one matrix for all or one each."""
        return self._net.weights()

    @weights.setter
    def weights(self, values):
        n = self.units
        self._net.set_weights(native.shaped(values, "weights", (n, n), (self.replicas, n, n)))

    @property
    def activations(self):
        """[state][unit], within [-1, 1]: a copy. May be set."""
        return self._net.activations()

    @activations.setter
    def activations(self, values):
        self._net.set_activations(native.shaped(values, "activations", *self._each))

    @property
    def bias(self):
        """[state][unit]: a copy. May be set; train() leaves 0."""
        return self._net.bias()

    @bias.setter
    def bias(self, values):
        self._net.set_bias(native.shaped(values, "bias", *self._each))

    def set_inverse_temperature(self, values):
        """One, one a state, or one a unit of each."""
        states, units = self._each[1]
        values = native.shaped(values, "inverse_temperature", (), (1,), (states,), (states, units))
        self._net.set_inverse_temperature(values)
        self._given["inverse_temperature"] = np.asarray(values).tolist()

    def set_learning_rate(self, rate):
        """Of the weights from now on, 0 or more."""
        self._net.set_learning_rate(rate)
        self._given["learning_rate"] = rate

    def set_deterministic(self, deterministic):
        """Whether units take their means in place of samples."""
        self._net.set_deterministic(deterministic)
        self._given["deterministic"] = bool(deterministic)

    def _anew(self, before, changes):
        given = {"inverse_temperature", "unit_inverse_temperature"} & changes.keys()
        return {"inverse_temperature": self["inverse_temperature"]} if given else {}

    def asymmetry(self):
        """|J - J'| / |J| of each network, from 0 (symmetric) to 2."""
        return np.array([self._module.asymmetry(j) for j in self.weights])
