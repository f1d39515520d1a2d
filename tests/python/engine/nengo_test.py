"""Nengo builds, the engine runs; skipped where nengo is not installed."""

import pickle

import numpy as np
import pytest

from scripts import needs

pytestmark = needs("nengo")


@pytest.fixture
def nengo():
    return pytest.importorskip("nengo")


@pytest.fixture
def ours(nengo):
    nengo.rc["progress"]["progress_bar"] = "False"
    nengo.rc["decoder_cache"]["enabled"] = "False"
    from engram_sim.compat.nengo import Simulator

    return Simulator


def turning(t):
    return [np.sin(20 * t), np.cos(20 * t)]


def nothing(x):
    return [0, 0]


class OffAfter:
    def __init__(self, time):
        self.time = time

    def __call__(self, t):
        return -int(t >= self.time)


def associative_memory(nengo, steps):
    """Two ensembles, nodes of time, Voja and PES: the operators of the seed."""
    with nengo.Network(seed=3) as model:
        stim = nengo.Node(turning)
        memory = nengo.Ensemble(60, 2)
        out = nengo.Node(size_in=2)
        error = nengo.Ensemble(40, 2)
        learning = nengo.Node(OffAfter(steps * 0.0005))
        conn_in = nengo.Connection(stim, memory, synapse=None, learning_rule_type=nengo.Voja(5e-2, post_synapse=None))
        nengo.Connection(learning, conn_in.learning_rule, synapse=None)
        conn_out = nengo.Connection(memory, out, learning_rule_type=nengo.PES(1e-3), function=nothing)
        nengo.Connection(learning, error.neurons, transform=[[10.0]] * 40, synapse=None)
        nengo.Connection(stim[[1, 0]], error, transform=-1, synapse=None)
        nengo.Connection(out, error, synapse=None)
        nengo.Connection(error, conn_out.learning_rule)
        probes = [nengo.Probe(memory.neurons), nengo.Probe(out, synapse=0.01), nengo.Probe(error, sample_every=0.005),
                  nengo.Probe(conn_in.learning_rule, "scaled_encoders"), nengo.Probe(conn_out, "weights")]  # fmt: skip
    return model, probes


def test_numbers_equal_nengos(nengo, ours, precision):
    steps = 400
    model, probes = associative_memory(nengo, steps)
    with nengo.Simulator(model) as theirs, ours(model) as mine:
        theirs.run_steps(steps)
        mine.run_steps(steps)
        assert mine.data[probes[0]].shape == theirs.data[probes[0]].shape
        if precision == "double":
            np.testing.assert_array_equal(mine.data[probes[0]], theirs.data[probes[0]])  # spikes
            for probe in probes[1:]:
                np.testing.assert_allclose(mine.data[probe], theirs.data[probe], atol=1e-9)
        assert not mine._compiled.fallbacks
        np.testing.assert_array_equal(mine.trange(), theirs.trange())
        np.testing.assert_array_equal(mine.trange(sample_every=0.005), theirs.trange(sample_every=0.005))


def test_seed_002(nengo, ours, script, precision):  # noqa: F811
    names = script("associative_memory.py", "nengo")
    data, t = names["sim"].data, names["t"]
    late = (t > names["T"] / 2) & (np.mod(t, 0.3) > 0.15)
    error = data[names["p_recall"]][late] - data[names["p_values"]][late]
    assert np.sqrt((error**2).mean()) < 0.15
    assert data[names["p_encoders"]].shape == (3000, 200, 2)


def test_other_types_of_neurons_and_synapses(nengo, ours, precision):
    kinds = [nengo.LIFRate(), nengo.RectifiedLinear(), nengo.SpikingRectifiedLinear(), nengo.Sigmoid(), nengo.Tanh(),
             nengo.AdaptiveLIF(), nengo.AdaptiveLIFRate(), nengo.Izhikevich(), nengo.Direct(),
             nengo.RegularSpiking(nengo.LIFRate())]  # fmt: skip
    with nengo.Network(seed=1) as model:
        stim = nengo.Node([0.5])
        probes = []
        for kind, synapse in zip(kinds, [0.01, nengo.Alpha(0.02), nengo.Triangle(0.01), None, 0.0, 0.03, 0.01, 0.01, 0.02, 0.02]):
            ens = nengo.Ensemble(20, 1, neuron_type=kind)
            nengo.Connection(stim, ens, function=lambda x: x * 2, synapse=synapse)
            probes.append(nengo.Probe(ens, synapse=0.01))
    with ours(model) as mine, nengo.Simulator(model) as theirs:
        assert not mine._compiled.fallbacks
        mine.run(0.1)
        theirs.run(0.1)
        for probe in probes:
            np.testing.assert_allclose(mine.data[probe], theirs.data[probe], atol=1e-9 if precision == "double" else 0.2)


def test_what_python_runs_is_named(nengo, ours):
    class Doubling(nengo.Process):
        def make_step(self, shape_in, shape_out, dt, rng, state):
            return lambda t, x: 2 * x

    with nengo.Network(seed=1) as model:
        node = nengo.Node(Doubling(default_size_in=1, default_size_out=1), size_in=1)
        nengo.Connection(nengo.Node([0.25]), node, synapse=None)
        ens = nengo.Ensemble(5, 1, neuron_type=nengo.StochasticSpiking(nengo.LIFRate()))
        nengo.Connection(node, ens)
        probe = nengo.Probe(node)
    with pytest.warns(UserWarning, match="no operation for 1 SimProcess, 1 SimNeurons|1 SimNeurons, 1 SimProcess"):
        sim = ours(model)
    with sim:
        sim.run_steps(3)
        assert sim.data[probe][-1] == 0.5


def test_the_protocol_of_a_simulator(nengo, ours):
    model, probes = associative_memory(nengo, 20)
    sim = ours(model, seed=5)
    sim.run_steps(10)
    first = sim.data[probes[1]].copy()
    assert sim.n_steps == 10 and sim.time == pytest.approx(0.01)
    sim.clear_probes()
    assert sim.data[probes[1]].shape == (0,) and sim.n_steps == 10
    sim.reset()
    sim.run_steps(10)
    np.testing.assert_array_equal(first, sim.data[probes[1]])
    again = pickle.loads(pickle.dumps(sim))
    sim.run_steps(5)
    again.run_steps(5)
    theirs = again.model.probes[sim.model.probes.index(probes[1])]
    assert len(again.data[theirs]) == 15
    np.testing.assert_allclose(sim.data[probes[1]], again.data[theirs])
    with pytest.raises(nengo.exceptions.ReadonlyError):
        sim.dt = 1
    with pytest.raises(nengo.exceptions.ValidationError):
        sim.run(-1)
    with pytest.warns(UserWarning, match="0 timesteps"):
        sim.run(0)
    for each in (sim, again):
        each.close()
    with pytest.raises(nengo.exceptions.SimulatorClosed):
        sim.step()
    with pytest.raises(nengo.exceptions.SimulatorClosed):
        with sim:
            pass


def test_errors_of_nodes_and_cycles(nengo, ours):
    with nengo.Network() as model:
        nengo.Node(lambda t: None if t > 0.002 else 1.0, size_out=1)
    with ours(model) as sim, pytest.raises(nengo.exceptions.SimulationError):
        sim.run_steps(5)
    with nengo.Network() as model:
        a, b = nengo.Node(size_in=1), nengo.Node(size_in=1)
        nengo.Connection(a, b, synapse=None)
        nengo.Connection(b, a, synapse=None)
    with pytest.raises(nengo.exceptions.BuildError):
        ours(model)


def test_signals_may_be_read_and_set(nengo, ours):
    with nengo.Network(seed=2) as model:
        node = nengo.Node([1.0, 2.0])
        ens = nengo.Ensemble(10, 2)
        conn = nengo.Connection(node, ens)
    with ours(model) as sim:
        encoders = sim.model.sig[ens]["encoders"]
        np.testing.assert_allclose(sim.signals[encoders], sim.data[ens].scaled_encoders, rtol=1e-6)
        sim.signals[encoders] = np.ones((10, 2))
        np.testing.assert_array_equal(sim.signals[encoders], np.ones((10, 2)))
        assert conn in sim.data and sim.data[node] is None


def test_an_operator_that_the_engine_lacks_is_named_with_what_it_costs(nengo, ours):
    from engram_sim.compat import CompatWarning

    with nengo.Network(seed=1) as model:
        nengo.Ensemble(10, 1, neuron_type=nengo.PoissonSpiking(nengo.LIFRate()))
    with pytest.warns(CompatWarning, match="1 SimNeurons.*microseconds a step each.*python_costs"), ours(model) as sim:
        assert sim.python_costs == {}
        sim.run_steps(3)
        (name, few), = sim.python_costs.items()
        sim.run_steps(300)
        assert name == "SimNeurons" and 0 < few < sim.python_costs[name] < 300 * 0.1
