"""Arguments that could be taken in two ways are refused, and what is refused changes nothing."""

import dataclasses

import numpy as np
import pytest

import engram_sim as eg
from made import leabra, nef, sorn


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
