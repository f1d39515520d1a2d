"""What is measured of a model while it trains, as numbers: `frame()` gives them all."""

import math

import numpy as np

from engram_sim.compat import need
from engram_sim.compat.assembly.vectors import as_numpy

__all__ = ["Monitor", "expected_random_overlap", "pairwise_similarity"]


def expected_random_overlap(n, k):
    """Of two random sets of k out of n: k^2 / n."""
    return sum(x * math.comb(k, x) * math.comb(n - k, k - x) for x in range(k + 1)) / math.comb(n, k)


def pairwise_similarity(tensors):
    """Mean overlap of all pairs of vectors (or of the members of tuples), over their number of ones where all agree,
    else over 50; NaN for fewer than two."""
    if not tensors:
        return float("nan")
    streams = list(zip(*tensors)) if isinstance(tensors[0], (tuple, list)) else [tensors]
    means = []
    for stream in streams:
        rows = np.array([as_numpy(v) for v in stream if v is not None], float)
        if len(rows) < 2:
            continue
        ones = np.unique(rows.sum(axis=1))
        pairs = (rows @ rows.T)[np.triu_indices(len(rows), 1)]
        means.append(pairs.mean() / (ones[0] if len(ones) == 1 and ones[0] > 0 else 50))
    return float(np.mean(means)) if means else float("nan")


class Monitor:
    """Keeps what simulate() measures: columns time, layer, attribute, value."""

    def __init__(self, model, env_suffix=""):
        self.model = model
        self.columns = {name: [] for name in ("time", "layer", "attribute", "value")}
        self._clock = 0

    def reset(self):
        """Forgets everything."""
        self.__init__(self.model)

    def take(self, found, labels, steps):
        """Adds what the engine measured over so many steps."""
        for name in ("time", "value"):
            shift = self._clock if name == "time" else 0
            self.columns[name] += (found[name] + shift).tolist()
        self.columns["layer"] += [labels.get(layer, layer) for layer in found["layer"]]
        self.columns["attribute"] += list(found["attribute"])
        self._clock += steps

    def values(self, attribute, layer=None):
        """(times, values) of one attribute."""
        rows = [(t, v) for t, where, a, v in zip(*(self.columns[c] for c in ("time", "layer", "attribute", "value")))
                if a == attribute and layer in (None, where)]  # fmt: skip
        times, values = zip(*rows) if rows else ((), ())
        return np.array(times), np.array(values)

    def frame(self):
        """Everything as a DataFrame."""
        return need("pandas", "Monitor.frame").DataFrame(self.columns)

    def update_memory_used(self):
        return self.model.memory_used()

    @staticmethod
    def log_expected_random_overlap(n=1000, k=50):
        return expected_random_overlap(n, k)

    def log_model(self, space="-"):
        return repr(self.model).replace("\n", "\n" + space)

    def draw_model(self, sample=None):
        """The areas and what feeds them, in the DOT language."""
        return self.model.network().net.dot()
