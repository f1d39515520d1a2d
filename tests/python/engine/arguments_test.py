"""Arguments that could be taken in two ways are refused, and what is refused changes nothing."""

import dataclasses

import numpy as np
import pytest

import engram_sim as eg
from made import assembly, attractor, leabra, nef, sorn


class TestSorn:
    def test_input_of_another_width_is_refused_where_its_values_would_do_for_all_networks(self):
        net, values = sorn(nu=10), np.random.default_rng(0).random((40, 20))
        for wrong in (values, values[:, :10].reshape(40, 2, 5), values.ravel()):
            with pytest.raises(eg.ConfigError, match=r"input: found .* needed is \(40, 10\) or \(40, 2, 10\)"):
                net.run(40, input=wrong)
        assert net.tick == 0
        net.run(40, input=values.reshape(40, 2, 10))
        sorn(nu=20).run(40, input=values)

    def test_input_weights_in_another_layout_are_refused(self):
        net = eg.Sorn(ne=20, nu=5, input_weights="plastic")
        state = net.matrices()
        assert state["weu"].shape == (5, 20)
        for wrong in (state["weu"].T, state["weu"].ravel()):
            with pytest.raises(eg.ConfigError, match=r"weu: .* needed is \(5, 20\)"):
                net.set_matrices([{**state, "weu": wrong}])
            with pytest.raises(eg.ConfigError, match="weu"):
                eg.Sorn(ne=20, nu=5, input_weights="plastic", states=[{**state, "weu": wrong}])
        net.set_matrices([state])
        np.testing.assert_array_equal(net.matrices()["weu"], state["weu"])


class TestLeabra:
    def test_rows_of_replicas_are_not_taken_for_one_row(self):
        net = leabra()
        net.clamp("in", [1, 0, 0])
        for wrong in ([[1, 0], [0, 1]], np.eye(3)[:2], np.zeros((3, 1, 2))):
            with pytest.raises(eg.ConfigError, match=r"in: found the shape .*each=True and the shape \(2, 3\)"):
                net.clamp("in", wrong)
        np.testing.assert_array_equal(net.values("in") > 0, [[True, False, False]] * 2)
        net.clamp("in", np.eye(3)[:2], each=True)
        np.testing.assert_array_equal(net.values("in") > 0, np.eye(3)[:2] > 0)
        for fits in (0.5, [0.5], [[0.5, 0.5]], [[0.5]] * 3, np.full((1, 3), 0.5)):
            net.clamp("in", fits)
            np.testing.assert_array_equal(net.values("in"), np.full((2, 3), 0.5))

    @pytest.mark.parametrize("loss", [-1, [1, 2, 3], [[1, 2]], "x", float("nan"), float("inf"), [1, float("nan")], []])
    def test_a_loss_that_is_refused_ends_no_epoch(self, loss):
        net = leabra()
        before = net.state()["network"]
        with pytest.raises(eg.ConfigError, match="loss: found"):
            net.end_epoch(loss=loss)
        assert net.state()["network"] == before
        net.end_epoch(loss=[0.5, 1])
        net.end_epoch(loss=0)
        assert net.state()["network"] != before


def test_a_state_that_is_refused_leaves_what_probes_recorded():
    net, same = nef(), nef()
    for one in (net, same):
        one.run_steps(20)
    state = net.state()
    for wrong in ({**state, "steps": "x"}, {}, None):
        with pytest.raises(eg.ConfigError):
            net.set_state(wrong)
        np.testing.assert_array_equal(net.data("p"), same.data("p"))
    for one in (net, same):
        one.run_steps(10)
    assert net.data("p").shape == (2, 30, 1)
    np.testing.assert_array_equal(net.data("p"), same.data("p"))
    for forget in (net.clear_probes, net.reset, lambda: net.set_state(state)):
        with pytest.raises(eg.ConfigError):
            net.set_state({})
        forget()
        assert net.data("p").shape == net.fork().data("p").shape == (2, 0, 1)
        net.run_steps(5)


@pytest.mark.parametrize(
    "fields, make",
    [
        (eg.parameters.SornParameters, eg.Sorn),
        (eg.parameters.AttractorParameters, lambda **given: eg.Attractor(units=3, **given)),
        (eg.parameters.BrainParameters, eg.Brain),
        (eg.parameters.BrainAreaParameters, lambda **given: eg.Brain().add_area("A", **given)),
        (eg.parameters.LeabraLayerParameters, lambda **given: eg.Leabra().new_layer("a", 3, **given)),
    ],
)
def test_what_a_class_of_parameters_has_its_network_knows(fields, make):
    for field in dataclasses.fields(fields):
        with pytest.raises(eg.ConfigError) as caught:  # no value of any field
            make(**{field.name: {"no": "value"}})
        assert "unknown key" not in str(caught.value).replace("/no: unknown key", ""), str(caught.value)


def nets():
    """Of each family, what gives it a parameter that is not finite, and where."""
    nan = float("nan")
    yield lambda: eg.Sorn(ne=30, eta_ip=nan), "/eta_ip"
    yield lambda: sorn().fork(eta_ip=np.float32("inf")), "/eta_ip"
    yield lambda: eg.Attractor(units=3, learning_rate=nan), "/learning_rate"
    yield lambda: eg.Brain(p=nan), "/p"
    yield lambda: eg.Brain().add_area("A", beta=nan), "/beta"
    yield lambda: eg.Assembly({"s": {"n": 9, "k": nan}}, []), "/model/stimuli/s/k"
    yield lambda: eg.Leabra().new_layer("x", 3, unit_spec={"vm_dt": nan}), "/unit_spec/vm_dt"
    yield lambda: leabra().change("in", gi=nan), "/gi"
    yield lambda: eg.Nef({"ensembles": {"a/b": {"x": np.array([1, nan])}}}), "/ensembles/a~1b/x/1"
    yield lambda: eg.run({"model": {"type": "sorn", "eta_ip": nan}}), "/model/eta_ip"
    yield lambda: eg.run({"model": {"type": "sorn"}}, set={"/phases": [{"steps": nan}]}), "/phases/0/steps"


@pytest.mark.parametrize("make, pointer", nets())
def test_a_parameter_that_is_not_finite_is_named(make, pointer):
    with pytest.raises(eg.ConfigError) as caught:
        make()
    assert [path for path, _ in caught.value.problems] == [pointer]


def test_all_that_json_has_not_is_named():
    with pytest.raises(eg.ConfigError) as caught:
        eg.Sorn(ne=1j, nu=object(), p={(1, 2): 3}, eta_ip=float("inf"), te_max=[float("nan")] * 2)
    assert [path for path, _ in caught.value.problems] == ["/ne", "/nu", "/p", "/eta_ip", "/te_max/0", "/te_max/1"]
    itself = []
    itself.append(itself)
    with pytest.raises(eg.ConfigError, match="/ne/0: holds itself"):
        eg.Sorn(ne=itself)


class Sparse:
    """As SciPy has them."""

    nnz, shape = 1, (12, 12)

    def toarray(self):
        raise AssertionError("nobody asked for it")


@pytest.mark.parametrize(
    "give",
    [
        lambda given: setattr(attractor(), "weights", given),
        lambda given: attractor().set_inverse_temperature(given),
        lambda given: attractor().train(given, 1),
        lambda given: attractor(learning_rate=given),
        lambda given: sorn().run(12, input=given),
        lambda given: eg.Sorn(states=[{"te": given, "ti": given}]),
        lambda given: leabra().clamp("in", given),
        lambda given: leabra().set_weights("p", given),
        lambda given: assembly().simulate([{"s": given}]),
        lambda given: assembly().step({"s": given}),
    ],
)
def test_sparse_arrays_are_named(give):
    with pytest.raises(eg.ConfigError, match=r"found a Sparse of the shape \(12, 12\); .* give its .toarray"):
        give(Sparse())


def test_temperatures_in_another_layout_are_refused():
    net = attractor()
    for wrong in (np.ones((12, 2)), np.ones(24)):
        with pytest.raises(eg.ConfigError, match=r"inverse_temperature: found .* or \(2,\) or \(2, 12\)"):
            net.set_inverse_temperature(wrong)
    for fits in (2, [2], [1, 2], np.ones((2, 12))):
        net.set_inverse_temperature(fits)


@pytest.mark.parametrize("grid, said", [({"/model/eta_ip": [0.01, 0.02]}, "there are 2 points"), ({}, "there is one point, 0")])
def test_a_point_that_a_run_has_not_is_told_from_one_that_is_not_there_yet(grid, said):
    run = eg.run({"model": {"type": "sorn", "ne": 20}, "phases": [{"steps": 2}], "replicas": {"grid": grid}}, out="run")
    assert run.state(len(run.points) - 1)
    for ask in (run.state, run.config_of, lambda point: run.column("x", point)):
        for wrong in (9, -1, len(run.points), "0", None):
            with pytest.raises(eg.ConfigError, match=f"point: found {wrong!r}; {said}"):
                ask(wrong)
