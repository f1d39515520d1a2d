"""sorn.utils: inputs and initial connections, and what rasters (time, neuron) say."""

import numpy as np

from engram_sim.compat import random
from engram_sim.compat.sorn.plotting import Plotter

__all__ = ["Initializer", "Statistics", "Plotter"]


class Initializer:
    """Inputs and weights as the package `sorn` makes them (sorn.utils.Initializer); static methods."""

    @staticmethod
    def generate_strong_inp(length, reservoir_size):
        """(input, indices): `length` ones at random places of a list of zeros."""
        at = random().choice(reservoir_size, length, replace=False)
        inp = np.zeros(reservoir_size, int)
        inp[at] = 1
        return inp.tolist(), at.tolist()

    @staticmethod
    def multi_one_hot_inp(ne, inputs, n_nodes_per_inp):
        """(array (ne, inputs), tuples): each input has nodes of its own."""
        nodes = np.arange(len(inputs) * n_nodes_per_inp).reshape(len(inputs), n_nodes_per_inp)
        if nodes.size > ne:
            raise ValueError(f"n_nodes_per_inp: {nodes.size} nodes are needed, there are {ne}")
        one_hot = np.zeros((ne, len(inputs)))
        for k, own in enumerate(nodes):
            one_hot[own, k] = 1
        return one_hot, [tuple(int(i) for i in own) for own in nodes]

    @staticmethod
    def generate_gaussian_inputs(length, reservoir_size):
        """(input, indices): `length` Gaussian values at random places."""
        at = random().choice(reservoir_size, length, replace=False)
        inp = np.zeros(reservoir_size)
        inp[at] = random().normal(0, 1, length)
        return inp.tolist(), at.tolist()

    @staticmethod
    def normalize_weight_matrix(weight_matrix):
        """A copy whose columns add up to 1."""
        return weight_matrix / np.sum(weight_matrix, axis=0)

    @staticmethod
    def generate_lambd_connections(synaptic_connection, ne, ni, lambd_w, lambd_std):
        """Random weights on [0, 0.1): "EE" (ne, ne), "EI" (ni, ne); about lambd_w a row."""
        if synaptic_connection not in ("EE", "EI"):
            raise ValueError(f'synaptic_connection: found {synaptic_connection!r}; allowed are "EE", "EI"')
        rows = ne if synaptic_connection == "EE" else ni
        weights = np.zeros((rows, ne))
        for i, row in enumerate(weights):
            allowed = np.delete(np.arange(ne), i) if synaptic_connection == "EE" else np.arange(ne)
            count = int(np.clip(random().normal(lambd_w, lambd_std), 0, len(allowed)))
            row[random().choice(allowed, count, replace=False)] = random().uniform(0, 0.1, count)
        return weights

    @staticmethod
    def get_incoming_connection_dict(weights):
        """{unit: units that it hears}"""
        return {i: np.flatnonzero(column).tolist() for i, column in enumerate(np.asarray(weights).T)}

    @staticmethod
    def get_outgoing_connection_dict(weights):
        """{unit: units that hear it}"""
        return {i: np.flatnonzero(row).tolist() for i, row in enumerate(np.asarray(weights))}

    @staticmethod
    def reset_min(z, cutoff_val):
        """Raises values of the array `z` below cutoff_val to it, in place; returns z."""
        z[z < cutoff_val] = cutoff_val
        return z

    @staticmethod
    def reset_max(z, cutoff_val):
        """Lowers values of the array `z` above cutoff_val to it, in place; returns z."""
        z[z > cutoff_val] = cutoff_val
        return z

    @staticmethod
    def inactive_synapses(wee):
        """Pairs without a synapse, the diagonal left out."""
        wee = np.asarray(wee)
        return [tuple(int(k) for k in pair) for pair in np.argwhere((wee <= 0) & ~np.eye(len(wee), dtype=bool))]

    @staticmethod
    def white_gaussian_noise(mu, sigma, t):
        """An array (t, 1) of normal numbers with mean mu and deviation sigma, from the generator that compat.seed() governs."""
        return random().normal(mu, sigma, (t, 1))

    @staticmethod
    def zero_sum_incoming_check(weights):
        """Columns without a weight get two, in place; at least five rows are needed."""
        rows = int(0.2 * len(weights))
        if rows < 1:
            raise ValueError(f"weights: found {len(weights)} rows, needed are at least 5")
        for empty in np.flatnonzero(np.sum(weights, axis=0) == 0):
            for row in random().randint(rows, size=2):
                weights[row, empty] = random().uniform(0, 0.1)
        return weights


class Statistics:
    """What the package `sorn` measures of spike trains (steps, neurons) of 0 and 1 (sorn.utils.Statistics); static methods."""

    @staticmethod
    def firing_rate_neuron(spike_train, neuron, bin_size):
        """(time, bin_size, spikes * bin_size / time)"""
        time = len(spike_train)
        return time, bin_size, np.count_nonzero(np.asarray(spike_train)[:, neuron]) * bin_size / time

    @staticmethod
    def firing_rate_network(spike_train):
        """How many spike at each time."""
        return np.count_nonzero(np.asarray(spike_train), axis=1)

    @staticmethod
    def scale_dependent_smoothness_measure(firing_rates):
        """Deviation of the changes of a series of rates from step to step: a number in the unit of the rates."""
        return float(np.std(np.diff(firing_rates)))

    @staticmethod
    def scale_independent_smoothness_measure(firing_rates):
        """The same over the magnitude of the mean change, without a unit; inf or NaN where the mean is 0."""
        change = np.diff(firing_rates)
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.std(change) / np.abs(np.mean(change)))

    @staticmethod
    def autocorr(firing_rates, t=2):
        """(2, 2) correlations of a series with itself t steps later; t from 1. NaN where the series does not vary."""
        return np.corrcoef(np.array([firing_rates[:-t], firing_rates[t:]]))

    @staticmethod
    def avg_corr_coeff(spike_train, as_reference=False):
        """(matrix, mean over all pairs); as_reference: their sum over 40000, whatever the size."""
        with np.errstate(divide="ignore", invalid="ignore"):
            matrix = np.corrcoef(np.asarray(spike_train, float).T)
        return matrix, float(np.nansum(matrix) / (40000 if as_reference else matrix.size))

    @staticmethod
    def spike_times(spike_train):
        """(steps, neurons) of all spikes of a train (steps, neurons), in the order of the steps; as numpy.where."""
        return np.where(np.asarray(spike_train) == 1.0)

    @staticmethod
    def spike_time_intervals(spike_train):
        """Differences of the last index of spike_times(): of the steps, for a train of one neuron given as (steps,)."""
        return np.diff(Statistics.spike_times(spike_train)[-1])

    @staticmethod
    def hamming_distance(actual_spike_train, perturbed_spike_train):
        """A list: in how many neurons two trains (steps, neurons) differ, in each step."""
        differs = np.asarray(actual_spike_train) != np.asarray(perturbed_spike_train)
        return [int(np.count_nonzero(row)) for row in differs]

    @staticmethod
    def fanofactor(spike_train, neuron, window_size):
        """(mean, variance, factor) of the spikes of a neuron in `window_size` equal parts."""
        spikes = np.asarray(spike_train)[:, neuron]
        if len(spikes) % window_size:
            raise ValueError(f"window_size: {len(spikes)} steps do not divide into {window_size} equal parts")
        counts = spikes.reshape(window_size, -1).sum(axis=1)
        mean, variance = float(np.mean(counts)), float(np.var(counts))
        return mean, variance, variance / mean if mean else float("nan")

    @staticmethod
    def spike_source_entropy(spike_train, num_neurons):
        """Of which neuron a spike comes from, over the logarithm of how many there are; 0 log 0 is 0."""
        counts = np.sum(np.asarray(spike_train, float), axis=0)
        share = counts[counts > 0] / max(counts.sum(), 1)
        return float(-np.sum(share * np.log(share)) / np.log(num_neurons))
