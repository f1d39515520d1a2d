"""Operators of nengo that the engine runs in ways of its own: as sparse sums, in parts, or ahead."""

import pickle

import numpy as np
import pytest

from scripts import needs

pytestmark = needs("nengo")


@pytest.fixture
def nengo():
    nengo = pytest.importorskip("nengo")
    nengo.rc["progress"]["progress_bar"] = "False"
    nengo.rc["decoder_cache"]["enabled"] = "False"
    return nengo


@pytest.fixture
def agrees(nengo, precision):
    """Runs a model here and in nengo; of each probe the numbers must agree, and Python has run no operator a step."""
    from engram_sim.compat.nengo import Simulator

    def compare(model, steps=60, called=()):
        with nengo.Simulator(model, seed=7, optimize=False) as theirs, Simulator(model, seed=7) as mine:
            assert set(mine._compiled.fallbacks) == set(called)
            theirs.run_steps(steps)
            mine.run_steps(steps)
            for probe in model.probes:
                tolerance = 1e-9 if precision == "double" else 1e-3
                np.testing.assert_allclose(mine.data[probe], theirs.data[probe], rtol=tolerance, atol=tolerance)

    return compare


@pytest.mark.parametrize("shape, strides, padding, channels_last, groups, transposed", [
    ((6, 5, 2), (1, 1), "valid", True, 1, False), ((6, 5, 2), (2, 1), "same", True, 2, False),
    ((2, 6, 5), (1, 2), "same", False, 1, False), ((7, 2), (2,), "valid", True, 1, False),
    ((4, 3, 2), (2, 2), "same", True, 1, True), ((5, 2), (1,), "valid", True, 1, True),
])  # fmt: skip
def test_convolutions(nengo, agrees, shape, strides, padding, channels_last, groups, transposed):
    kind = nengo.ConvolutionTranspose if transposed else nengo.Convolution
    more = {} if transposed else {"groups": groups}
    transform = kind(4, shape, kernel_size=(3,) * len(strides), strides=strides, padding=padding,
                     channels_last=channels_last, **more)  # fmt: skip
    with nengo.Network(seed=2) as model:
        source = nengo.Node(lambda t: np.sin(np.arange(transform.size_in) + 30 * t))
        target = nengo.Node(size_in=transform.size_out)
        nengo.Connection(source, target, transform=transform, synapse=0.005)
        nengo.Probe(target)
    agrees(model)


@pytest.mark.parametrize("scipy", [False, True])
def test_sparse_transforms(nengo, agrees, scipy):
    indices, values = [[0, 1], [2, 0], [2, 3], [2, 1]], [1.0, -2.0, 0.5, 3.0]
    given = {"indices": indices, "init": values}
    if scipy:
        sparse = pytest.importorskip("scipy.sparse")
        given = {"init": sparse.csr_matrix((values, np.transpose(indices)), shape=(3, 4))}
    with nengo.Network(seed=2) as model:
        target = nengo.Node(size_in=3)
        nengo.Connection(nengo.Node([1, 2, 3, 4]), target, transform=nengo.Sparse((3, 4), **given), synapse=None)
        nengo.Probe(target)
    agrees(model)


def test_recursive_least_squares(nengo, agrees):
    with nengo.Network(seed=3) as model:
        pre = nengo.Ensemble(30, 1, neuron_type=nengo.LIFRate())
        error, out = nengo.Node(size_in=1), nengo.Node(size_in=1)
        nengo.Connection(nengo.Node(lambda t: np.sin(40 * t)), pre, synapse=None)
        conn = nengo.Connection(pre, out, function=lambda x: 0, learning_rule_type=nengo.RLS(1e-1))
        nengo.Connection(pre, error, transform=-1)
        nengo.Connection(out, error)
        nengo.Connection(error, conn.learning_rule)
        nengo.Probe(out)
        nengo.Probe(conn, "weights")
    agrees(model, 200)


def test_sources_are_asked_ahead(nengo, agrees):
    processes = [nengo.processes.WhiteSignal(0.1, high=50, seed=1), nengo.processes.WhiteNoise(seed=2),
                 nengo.processes.FilteredNoise(seed=3), nengo.processes.BrownNoise(seed=4),
                 nengo.processes.Piecewise({0: 0, 0.01: 1, 0.03: -1}),
                 nengo.processes.PresentInput([[1], [2], [3]], 0.004)]  # fmt: skip
    with nengo.Network(seed=3) as model:
        for process in processes:
            nengo.Probe(nengo.Node(process, size_out=1))
        noisy = nengo.Ensemble(10, 1, noise=nengo.processes.WhiteNoise(seed=5))
        nengo.Probe(noisy.neurons, "input")
    agrees(model, 300)


class Counter:
    """A function with a state of its own: it tells how often it was asked."""

    def __init__(self):
        self.times = []

    def __call__(self, t):
        self.times.append(t)
        return len(self.times)


def test_functions_of_time_are_called_once_a_step_in_order(nengo, precision):
    from engram_sim.compat.nengo import Simulator

    counter = Counter()
    with nengo.Network() as model:
        probe = nengo.Probe(nengo.Node(counter, size_out=1))
    asked = len(counter.times)  # nengo asks once for the size
    with Simulator(model) as sim:
        for steps in (1, 3000, 7):
            sim.run_steps(steps)
            assert len(counter.times) == asked + sim.n_steps  # not beyond what was run
        np.testing.assert_array_equal(sim.data[probe][:, 0], np.arange(asked + 1, asked + sim.n_steps + 1))
        np.testing.assert_allclose(counter.times[asked:], sim.trange(), rtol=1e-12)


def test_a_pickled_simulator_keeps_the_states_of_processes(nengo):
    from engram_sim.compat.nengo import Simulator

    with nengo.Network(seed=1) as model:
        probe = nengo.Probe(nengo.Node(nengo.processes.FilteredNoise(nengo.Lowpass(0.05), seed=3), size_out=1))
    with Simulator(model) as sim:
        sim.run_steps(40)
        again = pickle.loads(pickle.dumps(sim))
        sim.run_steps(1)
        again.run_steps(1)
        # The draws begin anew, as they do in nengo; what they are added to goes on.
        one, other = sim.data[probe], again.data[again.model.probes[0]]
        np.testing.assert_array_equal(one[:40], other[:40])
        assert abs(other[40] - other[39]) < 0.5 * np.ptp(one)
        again.close()


def test_values_of_nodes_in_all_forms(nengo, agrees):
    buffer = np.zeros(2)

    def one_buffer(t):
        buffer[:] = t, 1 - t
        return buffer

    forms = [(one_buffer, 2), (lambda t: [t, 2 * t], 2), (lambda t: (1, 0), 2), (lambda t: int(t * 1000), 1),
             (lambda t: t > 0.01, 1), (lambda t: [t], 1), (lambda t: np.float32(t), 1), (lambda t: np.array(t), 1),
             (lambda t: 3 * t, 2), (lambda t: t if t > 0.02 else [t], 1)]  # fmt: skip
    with nengo.Network() as model:
        for function, size in forms:
            nengo.Probe(nengo.Node(function, size_out=size))
    agrees(model)


@pytest.mark.parametrize("bad, words", [(float("nan"), "non-finite"), (None, "non-finite"), ("much", "invalid type"),
                                        ([1.0, 2.0, 3.0], "invalid type"), ([1, float("inf")], "non-finite")])  # fmt: skip
def test_what_a_node_may_not_say(nengo, bad, words):
    from engram_sim.compat.nengo import Simulator

    def spoken(t):
        return bad if t > 0.0025 else [0.0, 0.0]

    with nengo.Network() as model:
        nengo.Node(spoken, size_out=2)
    with Simulator(model) as sim, pytest.raises(nengo.exceptions.SimulationError, match=f"spoken.*{words}"):
        sim.run_steps(5)


def test_signals_of_whole_numbers(nengo):
    """A model made by hand; the engine has such numbers as real ones."""
    from nengo.builder import Model
    from nengo.builder.operator import DotInc, Reset
    from nengo.builder.signal import Signal

    from engram_sim.compat.nengo import Simulator

    matrix, x, y = Signal([[1, 2], [3, 4]]), Signal([5, 6]), Signal([0, 0])
    model = Model(dt=0.001)
    model.add_op(Reset(y))
    model.add_op(DotInc(matrix, x, y))
    with Simulator(None, model=model) as sim:
        sim.run_steps(2)
        assert sim.signals[y].tolist() == [17, 39] and sim.signals[y].dtype == y.dtype
