"""The front end for simulation: seed programs as they were published (repairs are listed in their first lines), and what
the package promises."""

import copy
import pickle

import numpy as np
import pytest

from engram_sim import ConfigError
from scripts import needs


@needs("sklearn", "seaborn", "pandas", "joblib", "tqdm")
def test_seed_001_learns_a_sequence(script, monkeypatch):
    import matplotlib.pyplot
    import seaborn

    for module, name in ((seaborn, "heatmap"), (matplotlib.pyplot, "tight_layout")):  # half a minute of drawing
        monkeypatch.setattr(module, name, lambda *_, **__: None)
    names = script("sequence.py", "simulation")
    assert 0.974 < names["asymmetry"] < 0.988
    digits = names["data"]
    assert len(names["attractors"]) == 3
    for attractor, digit in zip(names["attractors"], digits):
        assert np.corrcoef(attractor, digit)[0, 1] > 0.88
    best = [int(np.argmax([np.dot(s, d) for d in digits])) for s in np.array(names["acts"])]
    changes = [(a, b) for a, b in zip(best, best[1:]) if a != b]
    assert len(changes) > 10 and all(b == (a + 1) % 3 for a, b in changes)


class TestSimulation:
    def test_functions_agree_with_high_precision(self):
        from engram_sim.compat.simulation import Langevin, coth, dLangevin, inverse_Langevin_high_precision, phi

        x = np.array([-30.0, -1, -1e-3, 0, 1e-9, 0.3, 5, 700])
        expected = [-1 + 1 / 30, 1 - 1 / np.tanh(1), -1e-3 / 3, 0, 1e-9 / 3]
        np.testing.assert_allclose(Langevin(x)[:5], expected, rtol=1e-6)
        assert np.isfinite(phi(x)).all() and np.isfinite(dLangevin(x)).all() and coth(1e9) == 1
        assert Langevin(inverse_Langevin_high_precision(0.7)) == pytest.approx(0.7, abs=1e-9)
        assert np.shape(Langevin(0.5)) == ()

    def network(self):
        from engram_sim.compat.simulation import AttractorNetwork

        rng = np.random.default_rng(1)
        return AttractorNetwork(rng.normal(0, 0.3, (6, 6)), biases=np.zeros(6), rng=rng)

    def test_units_and_weights_are_live(self):
        nw = self.network()
        nw.sigmas[2].activation = 0.5
        nw.sigmas[1].bias = 3
        assert nw.sigmas[2].activation == 0.5 and [s.bias for s in nw.sigmas] == [0, 3, 0, 0, 0, 0]
        nw.connections[7].weight = 0.25
        assert nw.get_J()[1, 1] == 0.25
        nw.update(learning_rate=0.01)
        assert nw.vfe() == pytest.approx(nw.complexity() - nw.accuracy())
        with pytest.raises(ValueError):
            nw.set_J(np.zeros((2, 2)))

    def test_a_call_that_is_refused_changes_nothing(self):
        from engram_sim.compat.simulation import continous_inference_and_learning as learn

        nw, same = self.network(), self.network()
        for net in (nw, same):
            net.sigmas[0].bias = 1
        for bad in ({"inverse_temperature": np.nan}, {"learning_rate": np.nan}, {"num_steps": -1}, {"data": np.full(6, np.nan)}):
            with pytest.raises(ValueError):
                learn(nw, **{"data": np.ones(6), **bad})
            assert [s.bias for s in nw.sigmas] == [1, 0, 0, 0, 0, 0]
        with pytest.raises(ValueError):
            nw.update(inverse_temperature=3, learning_rate=np.nan)
        with pytest.raises(ConfigError, match="activation: found 1.5; allowed are -1 to 1"):
            nw.sigmas[0].activation = 1.5
        assert learn(nw, np.ones(6), num_steps=3) == learn(same, np.ones(6), num_steps=3)
        assert [s.bias for s in nw.sigmas] == [0] * 6

    def test_copies_and_pickles_go_on_alike(self):
        nw = self.network()
        nw.update()
        others = [copy.deepcopy(nw), pickle.loads(pickle.dumps(nw))]
        nw.update(0.5, learning_rate=0.01)
        for other in others:
            other.update(0.5, learning_rate=0.01)
            np.testing.assert_array_equal(nw.get_J(), other.get_J())

    def test_relax_leaves_the_network_alone(self):
        from engram_sim.compat.simulation import relax

        nw = self.network()
        before = [s.activation for s in nw.sigmas]
        state, steps = relax(nw, input=np.full(6, 0.5), least_action=True)
        assert state.shape == (6,) and steps >= 1 and before == [s.activation for s in nw.sigmas]
        failed, steps = relax(nw, input=np.full(6, 0.5), max_steps=3, tol=1e-12)
        assert np.isnan(failed).all() and steps == 3
        with pytest.raises(ValueError, match="bias"):
            relax(nw, bias=np.zeros(3))
