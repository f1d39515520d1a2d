"""Copies of networks: what was set after a network was made goes along, and what cannot change in a copy is refused."""

import copy
import pickle

import numpy as np
import pytest

import engram_sim as eg


def saved(net, tmp_path):
    net.save(tmp_path / "net.safetensors")
    return type(net).load(tmp_path / "net.safetensors")


WAYS = {
    "fork": lambda net, _: net.fork(),
    "deepcopy": lambda net, _: copy.deepcopy(net),
    "pickle": lambda net, _: pickle.loads(pickle.dumps(net)),
    "file": saved,
}


def same_state(a, b):
    a, b = a.state(), b.state()
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "how",
    [
        {"freeze": ["ip", "stdp", "sp", "istdp", "ss"]},
        {"freeze": ("ip",), "noise": False},
        {"phase": "training"},
    ],
)
def test_rules_of_sorn(way, how, tmp_path):
    net = eg.Sorn(ne=60, seeds=[1, 2])
    net.run(30)
    net.set_rules(**how)
    twin = WAYS[way](net, tmp_path)
    net.run(30)
    twin.run(30)
    assert same_state(net, twin)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "name, value",
    [("learning_rate", 0), ("learning_rate", np.float32(0.2)), ("deterministic", True), ("inverse_temperature", np.full((2, 8), 3.0))],
)
def test_settings_of_attractors(way, name, value, tmp_path):
    net = eg.Attractor(units=8, seeds=[5, 9], learning_rate=0.1)
    net.run(10)
    getattr(net, f"set_{name}")(value)
    twin = WAYS[way](net, tmp_path)
    net.run(10)
    twin.run(10)
    assert same_state(net, twin)


def test_other_parameters_of_a_copy_act(tmp_path):
    net = eg.Attractor(units=8, inverse_temperature=[1, 2], states=2, learning_rate=0)
    net.run(5)
    net.save(tmp_path / "net.safetensors")
    for twin in (net.fork(inverse_temperature=7), eg.Attractor.load(tmp_path / "net.safetensors", inverse_temperature=7)):
        np.testing.assert_array_equal(twin["inverse_temperature"], np.full((2, 8), 7))
        assert same_state(twin.fork(inverse_temperature=[1, 2]), net)
    halved = net.fork(unit_inverse_temperature=[0.5] * 8)
    np.testing.assert_array_equal(halved["inverse_temperature"], [[0.5] * 8, [1] * 8])

    net = eg.Sorn(ne=60)
    net.run(20)
    net.save(tmp_path / "net.safetensors")
    for twin in (net.fork(h_ip=0.3), eg.Sorn.load(tmp_path / "net.safetensors", h_ip=0.3)):
        np.testing.assert_array_equal(twin["target"], np.full((1, 60), 0.3, twin["target"].dtype))
        np.testing.assert_array_equal(twin["te"], net["te"])


def brain(connectome="procedural"):
    net = eg.Brain(p=0.1, connectome=connectome)
    net.add_stimulus("s", 10)
    net.add_area("A", n=100, k=10)
    net.add_area("B", n=80, k=8)
    net.project({"s": "A"})
    net.project({}, {"A": "B"}, rounds=2)
    return net


MADE = {
    "sorn": lambda: eg.Sorn(ne=60),
    "brain": brain,
    "assembly": lambda: eg.Assembly({"a": {"n": 100, "k": 10}}, [{"A": {"inputs": ["a"], "n": 80, "k": 8, "storage": "sparse"}}]),
    "nef": lambda: eg.Nef({"ensembles": {"e": {"neurons": 20, "dimensions": 1, "radius": 1.0}}}),
}


@pytest.mark.parametrize(
    "family, key, value, named",
    [
        ("sorn", "lambda_ee", 10, "lambda_ee"),
        ("sorn", "initial_thresholds", "ordered", "initial_thresholds"),
        ("sorn", "states", [], "states"),
        ("sorn", "tick", 7, "tick"),
        ("brain", "p", 0.3, "p"),
        ("brain", "seeds", [9], "seeds"),
        ("assembly", "seeds", [9], "seeds"),
        (
            "assembly", "stages", [{"A": {"inputs": ["a"], "n": 80, "k": 8, "storage": "sparse", "p_synapse": 0.2}}],
            "stages/A/p_synapse",
        ),
        ("nef", "seeds", [9], "seeds"),
        ("nef", "network", {"ensembles": {"e": {"neurons": 20, "dimensions": 1, "radius": 2.0}}}, "network/ensembles/e"),
        ("nef", "network", {"dt": 0.002, "ensembles": {"e": {"neurons": 20, "dimensions": 1, "radius": 1.0}}}, "network/dt"),
    ],
)  # fmt: skip
def test_what_shapes_new_networks_is_refused(family, key, value, named, tmp_path):
    net = MADE[family]()
    net.save(tmp_path / "net.safetensors")
    for call in (net.fork, lambda **changes: type(net).load(tmp_path / "net.safetensors", **changes)):
        with pytest.raises(eg.ConfigError) as refused:
            call(**{key: value})
        assert refused.value.problems[0][0] == named
    assert same_state(net, net.fork(**{k: v for k, v in net._given.items() if k != "precision"}))  # the same is taken


def test_states_of_attractors_share_no_noise():
    net = eg.Attractor(units=6, states=3, seeds=range(1, 5), learning_rate=0)
    net.weights = np.random.default_rng(0).normal(size=(6, 6))
    net.run(50)
    assert len({state.tobytes() for state in net.activations}) == 12
    alone = eg.Attractor(units=6, seeds=[3], learning_rate=0)  # the first state has the noise of its network alone
    alone.weights = net.weights[2]
    alone.run(50)
    np.testing.assert_array_equal(alone.activations[0], net.activations.reshape(4, 3, 6)[2, 0])


@pytest.mark.parametrize("kind", ["direct", "plastic"])
def test_rows_of_sorn_that_are_none_leave_the_network_as_it_was(kind):
    net = eg.Sorn(ne=30, input_weights=kind)
    net.run(5)
    before = net.fork()
    for name in [name for name in net.state() if name.endswith(("/pre", "/start"))]:
        bad = net.state()
        bad[name] = bad[name].ravel()[::-1].reshape(bad[name].shape).copy()
        with pytest.raises(eg.Error):
            net.set_state(bad)
        assert same_state(net, before)
    net.run(5)
    before.run(5)
    assert same_state(net, before)


def test_weights_of_a_normalised_fibre_are_those_that_act():
    net = brain("explicit")
    net.normalise("B", total=1.0)
    weights = net.weights("A", "B")
    every = list(range(100)), list(range(80))
    assert weights.sum() == pytest.approx(net.connection("A", every[0], "B", every[1])[1], rel=1e-5)
    np.testing.assert_allclose(weights.sum(axis=0)[weights.any(axis=0)], 1, rtol=1e-5)
    net.set_weights("A", "B", np.ones((100, 80)))
    assert net.connection("A", every[0], "B", every[1]) == (8000, 8000)
    np.testing.assert_array_equal(net.weights("A", "B"), np.ones((100, 80)))
