"""The front end for sorn: seed programs as they were published (repairs are listed in their first lines), and what
the package promises."""

import copy
import pathlib
import warnings

import numpy as np
import pytest


def test_seed_004_runs_both_phases(script):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        names = script("sorn_readme.py", "sorn")
    assert any("ne=100 ignored, the state has 200 units" in str(w.message) for w in caught)
    state, series = names["state_dict"], names["sim_dict"]
    shapes = {k: v.shape for k, v in state.items()}
    assert shapes == {"Wee": (200, 200), "Wei": (40, 200), "Wie": (200, 40), "Te": (200, 1), "Ti": (40, 1),
                      "X": (200, 2), "Y": (40, 2)}  # fmt: skip
    assert set(series) == {"InhibitoryActivation", "WEI", "EIConnectionCounts"}
    assert all(len(v) == 1 for v in series.values()) and series["WEI"][0].shape == (40, 200)
    assert not pathlib.Path("sorn.log").exists()


class TestSorn:
    def run(self, **more):
        from engram_sim.compat.sorn import Simulator

        np.random.seed(3)
        return Simulator.run(inputs=np.random.rand(4, 12), **{"ne": 50, "timesteps": 12, **more})

    def test_series(self):
        from engram_sim.compat.sorn.running import SERIES

        state, series = self.run(callbacks=list(SERIES))
        assert {k: np.shape(v) for k, v in series.items()} == {
            "ExcitatoryActivation": (12, 50), "InhibitoryActivation": (12, 10), "RecurrentActivation": (12, 50, 1),
            "WEE": (12, 50, 50), "WEI": (12, 10, 50), "WIE": (12, 50, 10), "TE": (12, 50, 1), "TI": (12, 10, 1),
            "EEConnectionCounts": (12,), "EIConnectionCounts": (12,), "IEConnectionCounts": (12,)}  # fmt: skip
        np.testing.assert_array_equal(series["ExcitatoryActivation"][-1], state["X"][:, 1])
        np.testing.assert_array_equal(series["WEE"][-1], state["Wee"])
        assert series["WEE"][0] is not series["WEE"][1]

    def test_looking_changes_nothing(self):
        a, _ = self.run()
        b, _ = self.run(callbacks=["WEE", "ExcitatoryActivation"])
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])

    def test_a_state_goes_round(self):
        from engram_sim.compat.sorn import Trainer

        state, _ = self.run()
        kept = copy.deepcopy(state)
        for _ in range(3):
            new, _ = Trainer.run(inputs=np.ones((4, 1)), state=state, timesteps=1)
        for name in state:
            np.testing.assert_array_equal(state[name], kept[name])
        np.testing.assert_array_equal(new["Wee"], state["Wee"])  # training changes no weight

    def test_matrices_are_ignored_with_a_warning_however_often_they_come(self):
        state = None
        for _ in range(2):
            with pytest.warns(UserWarning, match="matrices: ignored") as caught:
                state, _ = self.run(matrices={"a": np.ones(3)}, state=state)
            assert caught[0].filename == __file__
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.run(matrices=None)

    def test_bad_input(self):
        from engram_sim.compat.sorn import Simulator, Trainer

        for more, kind, words in (
            ({"inputs": np.ones((4, 3)), "timesteps": 5}, ValueError, "columns"),
            ({"inputs": np.ones((4, 3)), "nu": 5}, AssertionError, "mismatch"),
            ({"inputs": np.ones((4, 3)), "callbacks": ["WXE"]}, AssertionError, "not available"),
            ({"inputs": np.ones((4, 3)), "freeze": ["sdtp"]}, ValueError, "freeze"),
            ({"inputs": np.ones((4, 3)), "phase": "sleep"}, ValueError, "phase"),
            ({"inputs": np.ones((4, 30000)), "callbacks": ["WEE"]}, MemoryError, "GiB"),
            ({}, TypeError, "inputs"),
        ):
            with pytest.raises(kind, match=words):
                Simulator.run(**more)
        with pytest.raises(TypeError, match="state"):
            Trainer.run(inputs=np.ones((4, 1)))
        with pytest.warns(UserWarning, match="lambda_ee"):
            self.run(lambda_eee=3)

    def test_statistics_and_initializers(self):
        from engram_sim.compat.sorn import Initializer, Statistics

        raster = (np.arange(40).reshape(10, 4) % 3 == 0).astype(float)
        assert Statistics.firing_rate_network(raster).tolist() == np.count_nonzero(raster, axis=1).tolist()
        assert Statistics.fanofactor(raster, 0, 5)[0] == raster[:, 0].sum() / 5
        assert 0 < Statistics.spike_source_entropy(raster, 4) <= 1
        weights = Initializer.generate_lambd_connections("EE", 20, 4, 5, 1)
        assert weights.shape == (20, 20) and not np.diag(weights).any()
        np.testing.assert_allclose(Initializer.normalize_weight_matrix(np.ones((4, 2))).sum(axis=0), 1)

    def test_earlier_states_stay_what_they_were(self):
        """A state is made when it is looked at, even if the network has gone on since: by the same steps again."""
        from engram_sim.compat.sorn import Simulator, Trainer

        def steps(look):
            state, _ = self.run()
            states = []
            for k in range(300):
                runner = (Simulator, Trainer)[k % 7 == 0]
                state, _ = runner.run(inputs=np.full((4, 1), k % 3), state=state, freeze=["ip"] * (k % 5 == 0), ne=50)
                states.append(dict(state) if look else state)
            return [states[k] for k in (0, 1, 100, 255, 256, 299)]

        for seen, late in zip(steps(True), steps(False)):
            for name in seen:
                np.testing.assert_array_equal(seen[name], late[name])

    def test_a_state_that_was_changed_is_taken_as_it_is(self):
        from engram_sim.compat.sorn import Trainer

        state, _ = self.run()
        state["Te"][...] = 2  # nothing can fire, and training changes no threshold
        new, series = Trainer.run(inputs=np.zeros((4, 3)), state=state, noise=False, phase="training",
                                  callbacks=["ExcitatoryActivation"])  # fmt: skip
        np.testing.assert_array_equal(new["Te"], state["Te"])
        assert not np.any(series["ExcitatoryActivation"])
        fewer = {name: values for name, values in new.items() if name != "Wei"}
        with pytest.raises(KeyError, match="Wei"):
            Trainer.run(inputs=np.zeros((4, 1)), state=fewer)
        for name in ("Wee", "Wei", "Wie", "X"):
            fits = new[name].T if name != "Wee" else new[name][:-1]
            with pytest.raises(ValueError, match=f"(?i){name}"):
                Trainer.run(inputs=np.zeros((4, 1)), state={**new, name: fits})

    def test_a_state_is_a_dict(self):
        import pickle

        state, _ = self.run()
        for same in (pickle.loads(pickle.dumps(state)), copy.copy(state), copy.deepcopy(state), dict(state), {**state}):
            assert type(same) is dict and list(same) == ["Wee", "Wei", "Wie", "Te", "Ti", "X", "Y"]
        state, _ = self.run()
        assert len(state) == 7 and "X" in state and state.get("nothing") is None and isinstance(state, dict)
        state, _ = self.run()
        with pytest.raises(KeyError, match="nothing"):
            state["nothing"]
        state["X"] = 0
        assert state["X"] == 0 and state.pop("Te").shape == (50, 1)
