"""AttractorNetwork: units and weights as objects, on one network of the engine."""

import copy

import numpy as np

from engram_sim.attractor import Attractor
from engram_sim.compat import fresh_seed, need
from engram_sim.compat.simulation.functions import *  # noqa: F403
from engram_sim.compat.simulation.functions import __all__ as _functions
from engram_sim.errors import ConfigError

__all__ = [*_functions, "AttractorNetwork", "State", "SigmaNode", "BoundaryNode", "relax"]


class State:
    """Named for scripts that import it; networks make their own units."""

    def __init__(self, *_, **__):
        raise TypeError(f"{type(self).__name__} is made by AttractorNetwork alone")


class BoundaryNode(State):
    """A weight; `weight` reads and writes it."""

    def __init__(self, network, k):
        self._network, self._at = network, divmod(k, len(network))

    @property
    def weight(self):
        """From unit j to unit i, of connection k = i * N + j. May be set, which copies all weights: set_J() for many."""
        return float(self._network.get_J()[self._at])

    @weight.setter
    def weight(self, value):
        weights = self._network.get_J()
        weights[self._at] = value
        self._network.set_J(weights)


class SigmaNode(State):
    """A unit; `bias` and `activation` read and write those of the network."""

    def __init__(self, network, i):
        self._network, self._i = network, i

    @property
    def bias(self):
        """Log-odds from outside. May be set; a finite number."""
        return float(self._network._bias()[self._i])

    @bias.setter
    def bias(self, value):
        bias = self._network._bias().copy()
        bias[self._i] = value
        self._network._set_bias(bias)

    @property
    def activation(self):
        """Within [-1, 1]. May be set; ConfigError (a ValueError) beyond."""
        return float(self._network._state()[self._i])

    @activation.setter
    def activation(self, value):
        if not -1 <= value <= 1:
            raise ConfigError("activation", f"found {value!r}; allowed are -1 to 1")
        state = self._network._state().copy()
        state[self._i] = value
        self._network._set_state(state)


class _Nodes:
    """A list of proxies that are made when asked for."""

    def __init__(self, kind, network, size):
        self._kind, self._network, self._size = kind, network, size

    def __len__(self):
        return self._size

    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(self._size))]
        if not -self._size <= i < self._size:
            raise IndexError(f"{i}: there are {self._size}")
        return self._kind(self._network, i % self._size)


class AttractorNetwork:
    """N units with weights J[i][j] from j to i and biases. rng: a NumPy generator that the seed is drawn from; without
    one it is drawn as compat.seed() says."""

    def __init__(self, J, biases, rng=None):
        J, biases = np.asarray(J, float), np.asarray(biases, float)
        if J.ndim != 2 or J.shape[0] != J.shape[1] or biases.shape != (len(J),):
            raise ValueError(f"J must be square and biases one a row; found {J.shape} and {biases.shape}")
        self.rng = np.random.default_rng(fresh_seed()) if rng is None else rng
        self._engine = Attractor(units=len(J), learning_rate=0, seeds=int(self.rng.integers(2**63 - 1)))
        self._native = self._engine._net
        self._engine.weights = J
        self._now = {"inverse_temperature": 1.0, "learning_rate": 0.0, "deterministic": False}
        self._known = {"bias": None, "state": None}  # what the engine holds, where it was read since it changed
        self._set_bias(biases)

    def __len__(self):
        return self._engine.units

    @property
    def sigmas(self):
        """The units, N proxies with .bias and .activation."""
        return _Nodes(SigmaNode, self, len(self))

    @property
    def connections(self):
        """The weights, N * N proxies with .weight, row after row."""
        return _Nodes(BoundaryNode, self, len(self) ** 2)

    def _bias(self):
        if self._known["bias"] is None:
            self._known["bias"] = self._native.bias()[0].astype(float)
        return self._known["bias"]

    def _set_bias(self, values):
        self._native.set_bias(values)
        self._known["bias"] = None

    def _state(self):
        if self._known["state"] is None:
            self._known["state"] = self._native.activations()[0].astype(float)
        return self._known["state"]

    def _set_state(self, values):
        self._native.set_activations(values)
        self._known["state"] = None

    def _want(self, inverse_temperature, learning_rate, deterministic):
        """Tells the engine what differs from the last call."""
        for name, wanted, tell in (
            ("inverse_temperature", inverse_temperature, self._engine.set_inverse_temperature),
            ("learning_rate", learning_rate, lambda rate: self._native.set_learning_rate(max(rate, 0.0))),
            ("deterministic", deterministic, self._native.set_deterministic),
        ):
            if self._now[name] != wanted:
                tell(wanted)
                self._now[name] = wanted
        self._known["state"] = None

    def update(self, inverse_temperature=1.0, least_action=False, learning_rate=0.0):
        """All units at once from the old state; learns where the rate is above 0."""
        self._want(inverse_temperature, learning_rate, bool(least_action))
        self._native.run(1)

    def get_J(self):
        """Weights [i][j] from j to i, a copy (N, N) of float64."""
        return self._native.weights()[0].astype(float)

    def set_J(self, J):
        """Replaces the weights, (N, N); ValueError for another shape or values that are not finite."""
        J = np.asarray(J, float)
        if J.shape != (len(self), len(self)):
            raise ValueError(f"J: found {J.shape}, needed is {(len(self), len(self))}")
        self._native.set_weights(J)

    def complexity(self):
        """Of the present state, in nats: how far it is from what the biases expect (Spisak and Friston 2025)."""
        return float(self._native.free_energy()["complexity"][0])

    def accuracy(self):
        """Of the present state, in nats: how well the weights predict it (Spisak and Friston 2025)."""
        return float(self._native.free_energy()["accuracy"][0])

    def vfe(self):
        """Variational free energy of the present state, in nats: complexity less accuracy."""
        return float(self._native.free_energy()["vfe"][0])

    def __deepcopy__(self, memo):
        other = copy.copy(self)
        other._engine = self._engine.fork()
        other._native = other._engine._net
        other.rng = copy.deepcopy(self.rng, memo)
        other._now, other._known = dict.fromkeys(self._now), {"bias": None, "state": None}
        return other

    def __getstate__(self):
        kept = self.__dict__.copy()
        del kept["_native"]
        return {**kept, "_known": {"bias": None, "state": None}, "_now": dict.fromkeys(self._now)}

    def __setstate__(self, kept):
        self.__dict__.update(kept)
        self._native = self._engine._net

    def plot_network(
        self, node_size=1.0, fig_size=(4, 4), symmetric=True, edge_cmap="bwr", node_cmap="coolwarm", plot_edges=True,
        plot_bias=True, min_node_size=1.0, edge_width=2.0, node_vminmax=None,
    ):  # fmt: skip
        """Units on a circle, joined by lines as strong as their weights."""
        plt = need("matplotlib.pyplot", "plot_network")
        n, J, state = len(self), self.get_J(), self._state()
        if symmetric:
            J = (J + J.T) / 2
        at = np.exp(2j * np.pi * np.arange(n) / n)
        _, ax = plt.subplots(figsize=fig_size)
        top = np.abs(J).max() or 1
        for i, j in np.argwhere(np.triu(J, 1)) if plot_edges else ():
            ax.plot(at[[i, j]].real, at[[i, j]].imag, lw=edge_width * abs(J[i, j]) / top,
                    color=plt.get_cmap(edge_cmap)(J[i, j] / top / 2 + 0.5), zorder=0)  # fmt: skip
        size = min_node_size + np.abs(self._bias()) if plot_bias else np.ones(n)
        low, high = (-1, 1) if node_vminmax is None else (-node_vminmax, node_vminmax)
        ax.scatter(at.real, at.imag, s=50 * node_size * size, c=state, cmap=node_cmap, vmin=low, vmax=high)
        ax.set_axis_off()


def relax(network, input=None, bias=None, inverse_temperature=1.0, least_action=False, max_steps=1000, tol=1e-6):
    """(state, steps) of a copy once its free energy changes by less than tol; NaN and max_steps where it never does."""
    n = len(network)
    for name, values in (("input", input), ("bias", bias)):
        if values is not None and np.shape(values) != (n,):
            raise ValueError(f"{name}: found {np.shape(values)}, needed is {(n,)}")
    ended = network._engine.relax(
        network._state() if input is None else input, network._bias() if bias is None else bias, inverse_temperature,
        bool(least_action), max_steps, tol, int(network.rng.integers(2**63 - 1)),
    )  # fmt: skip
    if ended["status"][0] == "not_converged":
        return np.full(n, np.nan), max_steps
    return ended["states"][0].astype(float), int(ended["steps"][0])
