"""Simulator, and the two examples of the package."""

import numpy as np

from engram_sim.compat import need
from engram_sim.compat.assembly.areas import AreaRNNHebb, AreaSequential, AreaStack
from engram_sim.compat.assembly.constants import K_ACTIVE, N_NEURONS
from engram_sim.compat.assembly.monitor import Monitor, label
from engram_sim.compat.assembly.samplers import sample_k_active

__all__ = ["Simulator", "associate_example", "simulate_example"]


class Simulator:
    """Trains a model on samples: for each one, steps that feed back the winners, then normalisation."""

    def __init__(self, model, epoch_size=10, env_suffix=""):
        self.model, self.epoch_size = model, epoch_size
        self.monitor = Monitor(model, env_suffix)

    def _labels(self, compiled):
        """What the package calls areas and matrices, by what the engine does; where there is one stimulus, it is the input."""
        leaves = list(self.model.leaves())
        labels = {name: label(prefix, area) for name, (prefix, area) in zip(compiled.areas, leaves)}
        weights = [prefix + weight for prefix, area in leaves for weight in area.weight_names()]
        labels.update(zip(compiled.net.matrix_names(), weights))
        stimuli = [name for own in compiled.stimuli for name in own]
        return {**labels, **({stimuli[0]: "input"} if len(stimuli) == 1 else {})}

    def _inputs(self, compiled, sample):
        """One entry an input of each area of the first stage."""
        first = compiled.stages[0]
        if len(first) == 1:
            own = list(sample) if isinstance(sample, (tuple, list)) else [sample]
            return [own]
        if not isinstance(sample, (tuple, list)) or len(sample) != len(first):
            raise ValueError(f"x_samples: a sample needs one vector (or None) an area, {len(first)}")
        return [list(x) if isinstance(x, (tuple, list)) else [x] * (len(a.in_features) if x is None else 1)
                for x, a in zip(sample, first)]  # fmt: skip

    def _samples(self, compiled, x_samples):
        return [compiled.vectors(self._inputs(compiled, sample)) for sample in x_samples]

    def simulate(self, x_samples):
        """Shows each sample (a vector, or a tuple of one an area) for epoch_size steps that feed back the winners.
        `monitor` keeps what was measured. A model in train mode learns, and its weights are normalised after each sample;
        one in eval mode is measured and stays as it is. ConfigError (a ValueError) where vectors do not fit."""
        compiled = self.model.network()
        samples = self._samples(compiled, list(x_samples))
        found = compiled.net.simulate(samples, self.epoch_size, weights=True, learn=self.model.training)
        self.monitor.take(found, self._labels(compiled), len(samples) * self.epoch_size)

    def associate_benchmark(self, x_samples, learned=False):
        """Overlap of what the last area answers to one parent alone and to the other; for pairs of stimuli."""
        if not isinstance(self.model, AreaSequential) or any(len(sample) != 2 for sample in x_samples):
            raise AssertionError("associate_benchmark needs an AreaSequential and samples that are pairs")
        compiled = self.model.network()
        return float(compiled.net.benchmark(self._samples(compiled, x_samples))[0][0])

    def plot(self):
        """What was measured, over the steps."""
        plt = need("matplotlib.pyplot", "Simulator.plot")
        wanted = [a for a in ("convergence", "support", "recall") if a in self.monitor.columns["attribute"]]
        _, axes = plt.subplots(1, max(len(wanted), 1), figsize=(5 * max(len(wanted), 1), 4), squeeze=False)
        for ax, attribute in zip(axes.flat, wanted):
            for layer in dict.fromkeys(self.monitor.columns["layer"]):
                ax.plot(*self.monitor.values(attribute, layer), label=layer)
            ax.set(title=attribute, xlabel="step")
            ax.legend()
        return axes


def _brain(n_stim_a, n_stim_b, na, nb, nc):
    area_a = AreaRNNHebb(n_stim_a, out_features=na)
    area_b = AreaRNNHebb(n_stim_b, out_features=nb)
    return AreaSequential(AreaStack(area_a, area_b), AreaRNNHebb(na, nb, out_features=nc))


def associate_example(n_samples=10, epoch_size=10):
    """Two stimuli that are learned alone and then together; the overlap of what they recall, before and after."""
    n_stim_a, n_stim_b = N_NEURONS, N_NEURONS // 2
    brain = _brain(n_stim_a, n_stim_b, N_NEURONS * 2, int(N_NEURONS * 1.5), N_NEURONS)
    pairs = [(sample_k_active(n_stim_a, K_ACTIVE), sample_k_active(n_stim_b, K_ACTIVE)) for _ in range(n_samples)]
    simulator = Simulator(brain, epoch_size)
    simulator.simulate([(a, None) for a, _ in pairs])
    simulator.simulate([(None, b) for _, b in pairs])
    before = simulator.associate_benchmark(pairs)
    simulator.simulate(pairs)
    return before, simulator.associate_benchmark(pairs, learned=True)


def simulate_example(n_samples=10, epoch_size=10):
    """One area that learns random stimuli; what was measured."""
    area = AreaRNNHebb(N_NEURONS, out_features=N_NEURONS // 2)
    simulator = Simulator(area, epoch_size)
    simulator.simulate([sample_k_active(N_NEURONS, K_ACTIVE) for _ in range(n_samples)])
    return {name: np.array(column) for name, column in simulator.monitor.columns.items()}
