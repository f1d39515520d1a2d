"""What is measured of a model while it trains, as numbers: `frame()` gives them all."""

import logging
import math

import numpy as np

from engram_sim.compat import need
from engram_sim.compat.assembly.utils import factors_root
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


def label(prefix, area):
    """What the package calls an area of a tree: name-Class, a lone one Class."""
    short = prefix.rstrip(".").split(".")[-1]
    return f"{short}-{type(area).__name__}" if short else type(area).__name__


class Monitor:
    """Keeps what is measured: columns time, layer, attribute, value. simulate() of a Simulator fills it. In a loop of your
    own, call the model, then trial_finished(), and after the last step of a sample epoch_finished().

    `ys_output` has what each area answered last, `ys_previous` the same of the step before, `ys_learned` what stood at the
    end of each epoch, `support` who fired since the epoch began; all by the names in `module_name`.
    """

    def __init__(self, model, env_suffix=""):
        self.model = model
        self.module_name = {area: label(prefix, area) for prefix, area in model.leaves()}
        self.handles = [area.register_forward_hook(self._saw) for area in self.module_name]
        self.ys_output, self.ys_learned, self.support = {}, {}, {}
        self.reset()

    def _saw(self, area, inputs, output):
        self.ys_output[self.module_name[area]] = output

    def remove_handles(self):
        """Listens to the areas no longer."""
        for handle in self.handles:
            handle.remove()

    def reset(self):
        """Forgets everything."""
        self.columns = {name: [] for name in ("time", "layer", "attribute", "value")}
        self._clock = 0
        self.ys_previous = None
        for each in (self.ys_output, self.ys_learned, self.support):
            each.clear()

    # --- loops of the user's

    def _add(self, attribute, values):
        for layer, value in values.items():
            for name, entry in zip(self.columns, (self._clock, layer, attribute, float(value))):
                self.columns[name].append(entry)

    def trial_finished(self, x_samples_learned, step=None):
        """After a step: overlap of the answers with those of the step before ("convergence"), how many fired since the
        epoch began ("support"), and from the second step of an epoch on the mean overlap of what each of these samples
        recalls with what was learned of it ("recall")."""
        now = {name: None if y is None else as_numpy(y).astype(bool) for name, y in self.ys_output.items()}
        active = [name for name, y in now.items() if y is not None]
        before, self.ys_previous = self.ys_previous, dict(self.ys_output)
        if before is not None:
            self._add("convergence", {n: np.sum(now[n] & (as_numpy(before[n]) > 0)) for n in active if before[n] is not None})
        for name in active:
            self.support[name] = now[name] | self.support.get(name, False)
        self._add("support", {name: self.support[name].sum() for name in active})
        if before is not None and step != 0:
            self._add("recall", self._recall(x_samples_learned, active))
        self._clock += 1

    def _recall(self, samples, active):
        learned = {name: [*self.ys_learned.get(name, []), self.ys_previous[name]] for name in active}
        overlaps = {name: [] for name in active}
        for k, sample in enumerate(samples):
            self.ys_output.clear()
            self.model.recall(sample)
            for name in active:
                ys = (self.ys_output.get(name), learned[name][k] if k < len(learned[name]) else None)
                overlaps[name].append(0 if any(y is None for y in ys) else np.vdot(*map(as_numpy, ys)))
        self.ys_output.clear()
        self.ys_output.update(self.ys_previous)
        return {name: np.mean(values) for name, values in overlaps.items() if values}

    def epoch_finished(self):
        """After the last step of a sample: what the areas answered counts as learned; memory used is measured."""
        for name, y in (self.ys_previous or {}).items():
            self.ys_learned.setdefault(name, []).append(y)
        self.ys_previous = None
        self.support.clear()
        self.update_memory_used()

    def assembly_similarity(self):
        """{area: mean overlap of all pairs of what it learned, as a share of k}; of areas that learned anything."""
        found = {name: pairwise_similarity(known) for name, ys in self.ys_learned.items()
                 if (known := [y for y in ys if y is not None])}  # fmt: skip
        if not found:  # simulate() had the engine measure it
            for layer in self.module_name.values():
                if (values := self.values("similarity", layer)[1]).size:
                    found[layer] = float(values[-1])
        return found

    def update_assembly_similarity(self, input_similarity=None, log=False):
        """Measures it ("similarity"), beside that of the inputs where it is given; log=True tells the logger "assembly"."""
        found = self.assembly_similarity()
        if input_similarity is not None:
            found["input"] = float(input_similarity)
        self._add("similarity", found)
        if log:
            for name, value in found.items():
                logging.getLogger("assembly").info("similarity of %s: %.3f", name, value)
        return found

    def update_weight_histogram(self, bins=50):
        """{matrix: (how many weights, edges of the bins)}"""
        return {f"{prefix}{w}": np.histogram(m, bins) for prefix, w, m in self.model._matrices()}

    # --- what was measured

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
        """Measures the share of the weights that are not 0 ("memory_used"), and returns it by matrix."""
        used = self.model.memory_used()
        self._add("memory_used", used)
        return used

    @staticmethod
    def log_expected_random_overlap(n=1000, k=50):
        """expected_random_overlap(n, k)"""
        return expected_random_overlap(n, k)

    def log_model(self, space="-"):
        """The tree of the model as text."""
        return repr(self.model).replace("\n", "\n" + space)

    def draw_model(self, sample=None):
        """The areas and what feeds them, in the DOT language."""
        return self.model.network().net.dot()

    def plot_associated_activations(self, ys_traces, ys_all_active, learned=False):
        """Draws the answers of the last area, a row a sample: to each parent alone (ys_traces, [sample][parent][unit]), then
        to all (ys_all_active, [sample][unit]). Units that all traces share are green. Returns the axes."""
        plt = need("matplotlib.pyplot", "Monitor.plot_associated_activations")
        traces, together = (np.array([as_numpy(y) for y in ys]) > 0 for ys in (ys_traces, ys_all_active))
        shown = np.concatenate([traces, together[:, None]], axis=1)
        shared = traces.all(axis=1, keepdims=True) & shown
        green, white = np.array([0.0, 0.7, 0.0]), np.ones(3)
        _, axes = plt.subplots(*shown.shape[:2], squeeze=False, figsize=(2 * shown.shape[1], 2 * len(shown)))
        for ax, fires, common in zip(axes.flat, *(x.reshape(-1, x.shape[-1]) for x in (shown, shared))):
            picture = np.where(common[:, None], green, np.where(fires[:, None], 0.0, white))
            ax.imshow(picture.reshape(*factors_root(len(fires)), 3))
            ax.set_axis_off()
        plt.suptitle(f"{'after' if learned else 'before'} association: each alone, then all")
        return axes
