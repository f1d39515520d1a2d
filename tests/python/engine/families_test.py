"""Each family does what it is for, through its class."""

import numpy as np
import pytest

import engram_sim as eg
from engram_sim import parameters


def test_parameters_may_be_a_class_a_dict_or_keywords():
    one = eg.Sorn(parameters.SornParameters(ne=60, eta_ip=0.02))
    two = eg.Sorn({"ne": 60, "eta_ip": 0.02})
    three = eg.Sorn(ne=60, eta_ip=0.02)
    for net in (one, two, three):
        net.run(20)
    np.testing.assert_array_equal(one.matrices()["te"], two.matrices()["te"])
    np.testing.assert_array_equal(one.matrices()["te"], three.matrices()["te"])
    assert "0 to 1" in parameters.SornParameters.__doc__


def test_sorn_records_and_goes_on_from_matrices():
    net = eg.Sorn(ne=60, nu=4, seeds=[1, 2])
    seen = net.run(8, np.ones((8, 4)), record=["x", "y", "counts"])
    assert seen["x"].shape == (8, 2, 60) and seen["y"].shape == (8, 2, 12) and seen["ee"].shape == (8, 2)
    np.testing.assert_array_equal(seen["x"][-1, 1], net.matrices(1)["x"])
    again = eg.Sorn(ne=60, nu=4, seeds=[1, 2], states=[net.matrices(0), net.matrices(1)], tick=net.tick)
    a, b = net.run(5, np.ones((5, 4)), ["x"]), again.run(5, np.ones((5, 4)), ["x"])
    np.testing.assert_array_equal(a["x"], b["x"])


def test_attractors_learn_and_come_to_rest():
    patterns = np.sign(np.random.default_rng(3).normal(size=(2, 30)))
    net = eg.Attractor(units=30, seeds=range(3), learning_rate=0.01, inverse_temperature=0.5)
    net.train(10 * patterns, epochs=200, steps=5, order="cyclic")
    alone = eg.Attractor(units=30)
    alone.weights = net.weights[0]
    found = alone.relax(0.3 * patterns)
    assert np.abs([np.corrcoef(p, s)[0, 1] for p, s in zip(patterns, found["states"])]).min() > 0.9
    assert net.asymmetry().shape == (3,)
    watched = net.watch(4)
    np.testing.assert_allclose(watched["vfe"], watched["complexity"] - watched["accuracy"], rtol=1e-5, atol=1e-4)


def test_fast_sums_are_the_exact_ones_within_rounding():
    rng = np.random.default_rng(5)
    weights, start = rng.normal(size=(64, 64)) / 64, rng.uniform(-1, 1, (8, 64))
    exact, fast = (
        eg.Attractor(units=64, states=8, learning_rate=0, deterministic=True, sums=sums, precision="float")
        for sums in ("exact", "fast")
    )
    for net in (exact, fast):
        net.weights = weights
        net.activations = start
    a, b = exact.record(3), fast.record(3)
    np.testing.assert_allclose(a, b, atol=1e-5)
    assert (a != b).any(), "no library took part"


def test_assemblies_recall_what_they_learned():
    rng = np.random.default_rng(4)
    vectors = [np.isin(np.arange(200), rng.choice(200, 20, replace=False)) for _ in range(3)]
    net = eg.Assembly({"s": {"n": 200, "k": 20}}, [{"A": {"inputs": ["s"], "n": 300, "k": 20}}], seeds=range(2))
    found = net.simulate([{"s": v} for v in vectors], epoch_size=5)
    recall = [v for a, v in zip(found["attribute"], found["value"]) if a == "recall"]
    assert recall[-1] > 0.7
    net.step({"s": vectors[0]}, learn=False, latent={})
    assert np.array_equal(net.winners("A")[0], net.recall([{"s": vectors[0]}])[0][0][0])
    assert net.matrix("weight_input0").shape == (2, 300, 200)


def test_a_brain_projects():
    net = eg.Brain(p=0.1, save_winners=True)
    net.add_stimulus("s", 40)
    net.add_area("A", n=400, k=40, beta=0.2)
    net.project({"s": "A"})
    net.project({"s": "A"}, {"A": "A"}, 9)
    assert len(net.winners("A")) == 40 and net.support("A") == net.saved_support("A")[-1]
    assert len(set(net.saved_winners("A")[-1]) & set(net.winners("A"))) == 40


@pytest.mark.parametrize("connectome", ["procedural", "explicit", "lazy"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_replica_is_the_lone_brain_of_its_seed(connectome, threads):
    def made(**more):
        net = eg.Brain(p=0.1, connectome=connectome, save_winners=True, **more)
        net.add_stimulus("s", 40)
        net.add_area("A", n=400, k=20, beta=0.1)
        net.add_area("B", n=300, k=15, beta=0.05, refractory_period=2, inhibition_strength=1)
        net.set_beta("s", "A", 0.2)
        net.project({"s": "A"})
        net.project({"s": "A"}, {"A": ["A", "B"]}, 4)
        net.fix("A")
        net.project({}, {"A": "B", "B": ["B", "A"]}, 3)
        net.unfix("A")
        net.set_winners("A", range(20))
        net.project({"s": "A"}, {"A": "B"}, 2)
        return net

    together = made(seeds=[7, 3, 11, 2], threads=threads)
    assert together.replicas == 4 and together.fork().replicas == 4
    for r, seed in enumerate([7, 3, 11, 2]):
        alone = made(seeds=seed, threads=1)
        for area in together.areas():
            for many, one in zip(together.saved_winners(area, r), alone.saved_winners(area), strict=True):
                np.testing.assert_array_equal(many, one)
            for what in ("winners", "saved_support", "support", "newcomers", "total_input", "without_input"):
                np.testing.assert_array_equal(getattr(together, what)(area, r), getattr(alone, what)(area))
        among = range(100, 200) if connectome != "lazy" else range(15)  # there a neuron exists once it has fired
        assert together.connection("A", among, "B", among, r) == alone.connection("A", among, "B", among)
        of_one = [together.state()[f"replica {r}{end}"] for end in ("", "/data")]
        assert of_one[0] == alone.state()["replica 0"]
        np.testing.assert_array_equal(of_one[1], alone.state()["replica 0/data"])
    assert len({tuple(together.winners("A", r)) for r in range(4)}) == 4


def test_one_replica_may_be_told_what_fired():
    net = eg.Brain(p=0.1, seeds=range(3))
    net.add_area("A", n=100, k=10)
    net.set_winners("A", range(10))
    net.set_winners("A", range(20, 30), replica=1)
    assert [net.winners("A", r)[0] for r in range(3)] == [0, 20, 0]
    net.set_winners("A", [], replica=2)
    before = net.state()
    with pytest.raises(eg.Error, match="A.*no winners.*replica 2"):
        net.project({}, {"A": "A"})
    assert all(np.array_equal(before[name], value) for name, value in net.state().items())


def test_leabra_learns_a_pattern():
    net = eg.Leabra(seeds=range(2))
    net.new_layer("in", 4, gi=1.5)
    net.new_layer("out", 2, parameters.LeabraLayerParameters(gi=1.5))
    net.new_projection("p", "in", "out", lrate=0.1, dist="uniform", low=0.25, high=0.75)
    before = net.weights("p")
    for _ in range(30):
        net.clamp("in", [1, 1, 0, 0])
        net.minus_phase(50)
        net.clamp("out", [1, 0])
        net.plus_phase(25)
        net.unclamp("out")
        net.learn()
    after = net.weights("p")
    assert after.shape == (2, 2, 4) and after[:, 0, :2].mean() > before[:, 0, :2].mean()
    net.cycle(50)
    assert (net.values("out")[:, 0] > net.values("out")[:, 1]).all()
    net.change("p", lrate=0)
    assert net.spec("p")["lrate"] == 0
    assert {"unit", "act"} <= set(net.observe("out", "unit_act"))


def test_a_plateau_of_the_loss_lowers_the_rate_of_its_network():
    def trained(**told):
        net = eg.Leabra(seeds=[5, 5])
        net.new_layer("in", 4)
        net.new_layer("out", 2)
        net.new_projection("p", "in", "out", lrate_schedule="plateau", lrate_patience=1, lrate_factor=0.25)
        for _ in range(3):
            net.clamp("in", [1, 1, 0, 0])
            net.minus_phase(20)
            net.clamp("out", [1, 0])
            net.plus_phase(10)
            net.unclamp("out")
            net.learn()
            net.end_epoch(**told)
        return net.weights("p")

    silent, falling, flat = trained(), trained(loss=[1, 0.5]), trained(loss=1)
    np.testing.assert_array_equal(silent[0], silent[1])
    np.testing.assert_array_equal(flat[0], flat[1])
    assert not np.array_equal(silent, flat)
    np.testing.assert_array_equal(falling, flat)  # both stay where they are
    with pytest.raises(eg.ConfigError, match=r"loss: found the shape .3,., needed is .. or .2,."):
        trained(loss=[1, 2, 3])
    with pytest.raises(eg.ConfigError, match="loss: found -1; allowed are numbers from 0"):
        trained(loss=-1)


def test_nef_represents_what_it_is_given():
    network = {
        "nodes": {"stim": {"output": "constant", "value": [0.5]}},
        "ensembles": {"e": {"neurons": 100, "dimensions": 1}},
        "connections": {"c": {"from": "stim", "to": "e"}},
        "probes": {"p": {"of": "e", "synapse": {"type": "lowpass", "tau": 0.05}}},
    }
    net = eg.Nef(network, seeds=range(3))
    net.run(0.4)
    seen = net.data("p")
    assert seen.shape == (3, 400, 1) and abs(seen[:, -50:].mean() - 0.5) < 0.1
    net.reset()
    net.run(0.4)
    np.testing.assert_array_equal(seen, net.data("p"))
    assert "e.voltage" in net.arrays()
