"""Arguments that could be taken in two ways are refused, and what is refused changes nothing."""

import numpy as np
import pytest

import engram_sim as eg
from made import sorn


class TestSorn:
    def test_input_of_another_width_is_refused_where_its_values_would_do_for_all_networks(self):
        net, values = sorn(nu=10), np.random.default_rng(0).random((40, 20))
        for shape in ((40, 20), (40, 2, 5), (800,)):
            with pytest.raises(eg.ConfigError, match=r"input: found .* needed is \(40, 10\) or \(40, 2, 10\)"):
                net.run(40, input=values.reshape(shape))
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
