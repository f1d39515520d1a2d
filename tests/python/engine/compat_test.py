"""The front ends: the seed programs as they were published (repairs are listed in their first lines), and what their
packages promise."""

import copy
import importlib.util
import pathlib
import pickle
import runpy
import subprocess
import sys
import warnings

import numpy as np
import pytest

SEEDS = pathlib.Path(__file__).parents[1] / "seeds"


def needs(*packages):
    missing = [p for p in packages if importlib.util.find_spec(p) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not installed")


@pytest.fixture
def script(monkeypatch):
    """Runs a seed as `python -m engram_sim.compat` does; its global names."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    before = dict(sys.modules)

    def run(name, *packages):
        from engram_sim.compat import __main__ as runner

        np.random.seed(0)
        for package in packages:
            runner.offer(package)
        return runpy.run_path(str(SEEDS / name), run_name="__main__")

    yield run
    for name in list(sys.modules):
        if name.split(".")[0] in ("assembly", "simulation", "sorn", "leabra7", "nengo"):
            if name in before:
                sys.modules[name] = before[name]
            else:
                del sys.modules[name]


# --- assembly


def test_seed_000_associates(script):
    names = script("associate.py", "assembly")
    monitor = names["simulator"].monitor
    times, support = monitor.values("support", "A-AreaRNNHebb")
    assert len(times) == 10 and support[0] == 50 and support[-1] < 400
    assert monitor.values("convergence", "1-AreaRNNHebb")[1][-1] > 0.5
    y, stages = names["brain"](names["stim_ab"])
    assert y.sum() == 50 and [len(v) for v in stages[0]] == [2000, 1500]
    assert "0.A.weight_input0" in names["brain"].state_dict()


def test_the_runner_runs_a_script_unchanged(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "engram_sim.compat", SEEDS / "associate.py"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    done = subprocess.run([sys.executable, "-m", "engram_sim.compat", "--only", "bogus", SEEDS / "associate.py"],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 2 and "bogus" in done.stderr


class TestAreas:
    def area(self, **more):
        from engram_sim.compat.assembly import AreaRNNHebb

        return AreaRNNHebb(200, out_features=300, **more)

    def stimulus(self):
        from engram_sim.compat.assembly.samplers import sample_k_active

        return sample_k_active(n=200, k=50)

    def test_training_changes_weights_and_recall_does_not(self):
        area, x = self.area(), self.stimulus()
        before = area.weight_input0
        y = area(x)
        assert y.dtype == np.float32 and y.sum() == 50
        learned = area.weight_input0
        assert (learned != before).any()
        area.recall(x)
        area.eval()
        area(x)
        np.testing.assert_array_equal(learned, area.weight_input0)
        assert not area.training and area.train() is area and area.training

    def test_weights_follow_an_area_into_a_stack_and_back(self):
        from engram_sim.compat.assembly import AreaSequential, AreaStack

        a, b, x = self.area(), self.area(), self.stimulus()
        a(x)
        learned = a.weight_input0
        brain = AreaSequential(AreaStack(a, b))
        brain.eval()
        out, stages = brain((x, None))
        assert stages[0][1] is None
        np.testing.assert_array_equal(brain.state_dict()["0.A.weight_input0"], learned)
        np.testing.assert_array_equal(a.eval()(x), out[0])

    def test_latent_and_pattern_completion(self):
        area, x = self.area(), self.stimulus()
        y = None
        for _ in range(8):
            y = area(x, y_latent=y)
        area.eval()
        half = y.copy()
        half[np.flatnonzero(y)[:25]] = 0
        assert (area.complete_pattern(half) * y).sum() > 25  # of 50, chance is 8
        assert area(None) is None

    def test_state_dicts_hooks_and_repr(self):
        area, other, x = self.area(), self.area(), self.stimulus()
        other.load_state_dict(area.state_dict())
        np.testing.assert_array_equal(area.eval()(x), other.eval()(x))
        seen = []
        handle = area.register_forward_hook(lambda module, inputs, output: seen.append(output.sum()))
        area(x)
        handle.remove()
        area(x)
        assert seen == [50]
        assert "in_features: (200,), out_features: 300" in repr(area) and "k_active=50" in repr(area)
        with pytest.raises(KeyError):
            area.load_state_dict({})

    def test_k_may_change_and_samplers_may_be_the_users(self):
        area, x = self.area(sampler=lambda *size, proba: np.ones(size, np.float32)), self.stimulus()
        area.kwta.k_active = 20
        assert area(x).sum() == 20
        assert self.area(sampler=lambda *size, proba: np.ones(size)).memory_used() == {
            "weight_input0": 1.0, "weight_recurrent": 1.0}  # fmt: skip

    def test_bad_input(self):
        from engram_sim.compat.assembly import AreaRNNHebb, AreaSequential

        with pytest.raises(ValueError, match="k_active"):
            AreaRNNHebb(10, out_features=20)
        with pytest.raises(ValueError, match="update"):
            AreaRNNHebb(10, out_features=60, update="x")
        with pytest.raises(ValueError, match="xs_stim"):
            self.area()([self.stimulus(), self.stimulus()])
        with pytest.raises(ValueError, match="needed is \\(200,\\)"):
            self.area()(np.zeros(5))
        with pytest.raises(ValueError, match="in_features"):
            AreaSequential(self.area(), AreaRNNHebb(10, out_features=60))(self.stimulus())

    def test_associations_grow(self):
        from engram_sim.compat import seed
        from engram_sim.compat.assembly.simulate import associate_example

        seed(1)
        before, after = associate_example(n_samples=2)
        assert after > before + 0.2

    def test_numbers(self):
        from engram_sim.compat.assembly import KWinnersTakeAll, expected_random_overlap, pairwise_similarity
        from engram_sim.compat.assembly.utils import factors_root

        assert expected_random_overlap(1000, 50) == pytest.approx(2.5)
        assert factors_root(12) == (3, 4)
        np.testing.assert_array_equal(KWinnersTakeAll(2)(np.array([1.0, 3, 3, 0])), [0, 1, 1, 0])
        assert pairwise_similarity([np.array([1, 1, 0]), np.array([1, 0, 1])]) == 0.5


# --- simulation


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


# --- sorn


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


# --- leabra7


@needs("pandas")
def test_seed_003_two_neurons(script):
    names = script("leabra_two_neurons.py", "leabra7")
    log = names["partLog"]
    assert set(log.columns) == {"unit", "v_m", "act", "i_net", "net", "gc_i", "adapt", "spike", "time"}
    assert len(log) == 200 and list(log["time"][:3]) == [0, 1, 2] and log["spike"].sum() > 5
    assert pathlib.Path("two_neurons.png").exists()


@needs("pandas")
@pytest.mark.parametrize("name, metrics", [("pattern_association", "pat_assoc"), ("error_driven", "err_hidden")])
def test_seed_003_learns(script, name, metrics):
    import pandas

    from engram_sim.compat import seed

    seed(2)
    names = script(f"leabra_{name}.py", "leabra7")
    losses = pandas.read_csv(f"{metrics}_metrics.csv")["train_loss"]
    assert losses.iloc[-1] == 0 and losses.iloc[0] > 0
    import leabra7

    again = leabra7.Net()
    again.load(f"{metrics}_network.pkl")
    out = names["predict"](again, names["X"])
    np.testing.assert_array_equal(out, names["predict"](names["net"], names["X"]))


class TestLeabra7:
    def net(self, **spec):
        from engram_sim.compat import leabra7 as lb

        net = lb.Net()
        net.new_layer("in", 3, lb.LayerSpec(**spec))
        net.new_layer("out", 2)
        net.new_projn("p", "in", "out", lb.ProjnSpec(dist=lb.Uniform(0.25, 0.75)))
        return net

    def test_specs(self):
        from engram_sim.compat import leabra7 as lb

        assert lb.LayerSpec() == lb.LayerSpec(gi=1.8) != lb.LayerSpec(gi=1.5)
        assert lb.UnitSpec().spk_thr == 0.5 and lb.LayerSpec().unit_spec is not lb.LayerSpec().unit_spec
        with pytest.raises(ValueError, match="gii"):
            lb.LayerSpec(gii=1)
        for bad in (lb.UnitSpec(spk_thr=float("nan")), lb.UnitSpec(syn_tr=2), lb.LayerSpec(clamp_max=-1),
                    lb.ProjnSpec(lrate=-1), lb.ProjnSpec(dist=3), lb.LayerSpec(unit_spec=lb.UnitSpec(vm_dt=-1)),
                    lb.LayerSpec(inhibition_type="none of these"), lb.LayerSpec(log_on_cycle=("unit_x",))):  # fmt: skip
            with pytest.raises(lb.ValidationError):
                bad.validate()
        with pytest.raises(ValueError):
            lb.Uniform(1, 0)

    def test_changes_of_a_spec_act_at_once(self):
        net = self.net()
        net.projns["p"].spec.lrate = 0
        before = net.projns["p"].fwts
        net.clamp_layer("in", [1, 0])
        net.minus_phase_cycle(30)
        net.clamp_layer("out", [1])
        net.plus_phase_cycle(10)
        net.learn()
        np.testing.assert_array_equal(before, net.projns["p"].fwts)

    def test_clamping_tiles_and_observing_shows_it(self):
        net = self.net()
        net.clamp_layer("in", [1, 0])
        np.testing.assert_allclose(net.layers["in"].units.act.numpy(), [0.95, 0, 0.95], rtol=1e-6)
        for bad in ([2], [float("nan")], []):
            with pytest.raises(ValueError):
                net.clamp_layer("in", bad)
        for call in (lambda: net.clamp_layer("x", [1]), lambda: net.unclamp_layer("x"), lambda: net.new_layer("y", 0),
                     lambda: net.new_projn("q", "in", "x"), lambda: net.minus_phase_cycle(0),
                     lambda: net.logs("cycle", "in"), lambda: net.logs("day", "in"), lambda: net.observe("x", "unit_act"),
                     lambda: net.observe("in", "unit_x"), lambda: net.pause_logging("day")):  # fmt: skip
            with pytest.raises(ValueError):
                call()

    def test_weights_of_a_users_distribution(self):
        from engram_sim.compat import leabra7 as lb

        class Ramp(lb.rand.Distribution):
            def fill(self, tensor):
                tensor[...] = np.arange(tensor.size) / 10

        net = self.net()
        net.new_projn("q", "in", "out", lb.ProjnSpec(dist=Ramp()))
        np.testing.assert_allclose(net.projns["q"].fwts, [[0, 0.1, 0.2], [0.3, 0.4, 0.5]], rtol=1e-6)

    @needs("pandas")
    def test_logs_pause_and_copies(self):
        net = self.net(log_on_cycle=("avg_act", "unit_act"))
        other = copy.deepcopy(net)
        for each in (net, other):
            each.clamp_layer("in", [1])
            each.cycle()
            each.pause_logging("cycle")
            each.cycle()
            each.resume_logging()
            each.cycle()
        whole, parts = net.logs("cycle", "in")
        assert list(whole["time"]) == [0, 2] and len(parts) == 6
        assert list(net.observe("p", "conn_wt").columns) == ["pre_unit", "post_unit", "conn_wt"]
        assert whole.equals(other.logs("cycle", "in").whole)

    def test_events(self):
        from engram_sim.compat.leabra7 import events

        net = self.net()
        net.handle(events.HardClamp("in", [1]))
        net.handle(events.Cycle())
        assert net._engine._net.cycles_done == 1
        with pytest.raises(ValueError):
            events.PauseLogging("day")
