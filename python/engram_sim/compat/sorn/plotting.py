"""sorn.utils.Plotter: pictures of rasters and weights. They are shown, and saved under fixed names where asked."""

import numpy as np

from engram_sim.compat import need


def _show(plt, savefig, name):
    if savefig:
        plt.savefig(name)
    plt.show()


def _hist(values, bin_size, label, savefig, name, **how):
    plt = need("matplotlib.pyplot", name)
    plt.figure()
    plt.hist(values, bins=bin_size, **how)
    plt.xlabel(label)
    _show(plt, savefig, name)


def _line(values, label, savefig, name):
    plt = need("matplotlib.pyplot", name)
    plt.figure()
    plt.plot(values)
    plt.xlabel("time step")
    plt.ylabel(label)
    _show(plt, savefig, name)


class Plotter:
    """Pictures of the package `sorn` (sorn.utils.Plotter) by matplotlib, which is imported at the call: ImportError where it
    is missing. savefig=True writes the file that the original writes, into the working directory; else the picture is shown."""

    @staticmethod
    def hist_incoming_conn(weights, bin_size, histtype="bar", savefig=False):
        """Histogram of how many units each unit hears; weights [from][to], bin_size bins."""
        counts = np.count_nonzero(np.asarray(weights), axis=0)
        _hist(counts, bin_size, "incoming connections", savefig, "hist_incoming_conn.png", histtype=histtype)

    @staticmethod
    def hist_outgoing_conn(weights, bin_size, histtype="bar", savefig=False):
        """Histogram of how many units hear each unit; weights [from][to], bin_size bins."""
        counts = np.count_nonzero(np.asarray(weights), axis=1)
        _hist(counts, bin_size, "outgoing connections", savefig, "hist_outgoing_conn.png", histtype=histtype)

    @staticmethod
    def network_connection_dynamics(connection_counts, savefig=False):
        """Connections over the steps; connection_counts (steps,)."""
        _line(connection_counts, "connections", savefig, "connection_dynamics.png")

    @staticmethod
    def hist_firing_rate_network(spike_train, bin_size, savefig=False):
        """Histogram of how many of a train (steps, neurons) spike in a step."""
        rates = np.count_nonzero(np.asarray(spike_train), axis=1)
        _hist(rates, bin_size, "spikes a step", savefig, "hist_firing_rate_network.png")

    @staticmethod
    def scatter_plot(spike_train, savefig=False):
        """A dot a spike of a train (steps, neurons)."""
        plt = need("matplotlib.pyplot", "scatter_plot")
        plt.figure()
        plt.scatter(*np.where(np.asarray(spike_train) == 1.0), s=1)
        plt.xlabel("time step")
        plt.ylabel("neuron")
        _show(plt, savefig, "ScatterSpikeTrain.png")

    @staticmethod
    def raster_plot(spike_train, savefig=False):
        """A train (steps, neurons) as a picture, neurons upwards, steps to the right."""
        plt = need("matplotlib.pyplot", "raster_plot")
        plt.figure()
        plt.imshow(np.asarray(spike_train).T, aspect="auto", cmap="binary", interpolation="nearest")
        plt.xlabel("time step")
        plt.ylabel("neuron")
        _show(plt, savefig, "RasterSpikeTrain.png")

    @staticmethod
    def correlation(corr, savefig=False):
        """The lower half of a matrix of correlations (neurons, neurons), from -1 to 1."""
        plt = need("matplotlib.pyplot", "correlation")
        plt.figure()
        plt.imshow(np.where(np.triu(np.ones_like(corr, dtype=bool)), np.nan, corr), cmap="coolwarm", vmin=-1, vmax=1)
        plt.colorbar()
        _show(plt, savefig, "Correlation between neurons.png")

    @staticmethod
    def isi_exponential_fit(spike_train, neuron, bin_size, savefig=False):
        """Intervals between spikes of one neuron, in steps, and the exponential distribution of their mean."""
        plt = need("matplotlib.pyplot", "isi_exponential_fit")
        gaps = np.diff(np.flatnonzero(np.asarray(spike_train)[:, neuron]))
        plt.figure()
        plt.hist(gaps, bins=bin_size, density=True)
        if len(gaps):
            x = np.linspace(0, gaps.max(), 100)
            plt.plot(x, np.exp(-x / gaps.mean()) / gaps.mean())
        plt.xlabel("interval of spikes")
        _show(plt, savefig, "isi_exponential_fit.png")

    @staticmethod
    def weight_distribution(weights, bin_size, savefig=False):
        """Histogram of the weights above 0.01."""
        values = np.asarray(weights)
        _hist(values[values > 0.01], bin_size, "weight", savefig, "weight_distribution.png")

    @staticmethod
    def linear_lognormal_fit(weights, num_points, savefig=False):
        """Histogram of the weights above 0, and the log-normal distribution of their logarithms' mean and deviation at
        num_points places."""
        plt = need("matplotlib.pyplot", "linear_lognormal_fit")
        values = np.asarray(weights)
        logs = np.log(values[values > 0])
        mean, deviation = logs.mean(), logs.std()
        x = np.linspace(values[values > 0].min(), values.max(), num_points)
        plt.figure()
        plt.hist(values[values > 0], bins=50, density=True)
        plt.plot(x, np.exp(-((np.log(x) - mean) ** 2) / (2 * deviation**2)) / (x * deviation * np.sqrt(2 * np.pi)))
        plt.xlabel("weight")
        _show(plt, savefig, "LinearLognormalFit.png")

    @staticmethod
    def plot_network(corr, corr_thres, fig_name=None):
        """Pairs whose correlation exceeds the threshold; saved where a name is given."""
        plt, nx = need("matplotlib.pyplot", "plot_network"), need("networkx", "plot_network")
        graph = nx.Graph()
        graph.add_nodes_from(range(len(corr)))
        graph.add_edges_from((int(i), int(j)) for i, j in np.argwhere(np.triu(np.asarray(corr) > corr_thres, 1)))
        plt.figure(figsize=(10, 10))
        nx.draw_circular(graph, node_size=20)
        _show(plt, fig_name is not None, fig_name)

    @staticmethod
    def hamming_distance(hamming_dist, savefig=False):
        """Hamming distances over the steps, as Statistics.hamming_distance gives them."""
        _line(hamming_dist, "Hamming distance", savefig, "HammingDistance.png")
