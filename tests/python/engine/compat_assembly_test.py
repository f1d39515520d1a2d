"""The front end for assembly: seed programs as they were published (repairs are listed in their first lines), and what
the package promises."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from engram_sim.compat import CompatWarning
from scripts import SEEDS, needs


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


def test_simulate_in_eval_mode_measures_what_stays_as_it_is():
    from engram_sim.compat.assembly import AreaRNNHebb
    from engram_sim.compat.assembly.samplers import sample_k_active
    from engram_sim.compat.assembly.simulate import Simulator

    area = AreaRNNHebb(200, out_features=300)
    samples = [sample_k_active(n=200, k=50) for _ in range(2)]
    Simulator(area, epoch_size=4).simulate(samples)
    before = area.weight_input0, area.weight_recurrent
    simulator = Simulator(area.eval(), epoch_size=4)
    simulator.simulate(samples)
    for matrix, kept in zip((area.weight_input0, area.weight_recurrent), before):
        np.testing.assert_array_equal(matrix, kept)
    times, recall = simulator.monitor.values("recall")
    assert times.tolist() == [1, 2, 3, 5, 6, 7] and recall[0] > 0.5
    assert {"convergence", "support", "similarity", "memory_used"} <= set(simulator.monitor.columns["attribute"])
    # What it measured is what calls of the area answer, step by step.
    y = [area(samples[0])]
    y += [area(samples[0], y_latent=y[0])]
    assert simulator.monitor.values("convergence")[1][0] == np.vdot(*y)


class TestAreas:
    def test_willshaw_takes_what_hebb_takes_and_names_what_it_ignores(self):
        import warnings

        from engram_sim.compat.assembly import AreaRNNWillshaw
        from engram_sim.compat.assembly.samplers import sample_bernoulli, sample_uniform_masked

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            AreaRNNWillshaw(60, out_features=80, learning_rate=0.2, update="additive", sampler=sample_bernoulli)
        for wrong, said in (({"sampler": sample_uniform_masked}, "sampler: ignored"),
                            ({"p_synpase": 0.2}, "p_synpase: no such parameter; did you mean p_synapse")):  # fmt: skip
            with pytest.warns(CompatWarning, match=said):
                AreaRNNWillshaw(60, out_features=80, **wrong)

    def area(self, *inputs, **more):
        from engram_sim.compat.assembly import AreaRNNHebb

        return AreaRNNHebb(*(inputs or (200,)), out_features=300, **more)

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

    def test_what_is_measured_has_the_names_of_the_package(self):
        from engram_sim.compat.assembly import AreaSequential, AreaStack, Simulator

        area, pair = self.area(), AreaSequential(AreaStack(self.area(), self.area()), self.area(300, 300))
        Simulator(area, 2).simulate([self.stimulus(), self.stimulus()])
        named = {}
        for model, samples in ((area, [self.stimulus()] * 2), (pair, [(self.stimulus(), self.stimulus())])):
            simulator = Simulator(model, 2)
            simulator.simulate(samples)
            columns = simulator.monitor.columns
            for attribute in ("memory_used", "similarity"):
                named[type(model).__name__, attribute] = {
                    where for where, a in zip(columns["layer"], columns["attribute"]) if a == attribute}  # fmt: skip
        assert named["AreaRNNHebb", "similarity"] == {"AreaRNNHebb", "input"}
        assert named["AreaSequential", "memory_used"] == set(pair.state_dict())

    def test_hooks_of_areas_within_a_sequence_are_told(self):
        from engram_sim.compat.assembly import AreaSequential, AreaStack

        brain = AreaSequential(AreaStack(self.area(), self.area()), self.area(300, 300))
        told = {}
        for name, module in {"A": brain[0][0], "B": brain[0][1], "stack": brain[0], "C": brain[1], "all": brain}.items():
            module.register_forward_hook(lambda _, inputs, output, name=name: told.update({name: (inputs, output)}))
        x = self.stimulus()
        last, stages = brain((x, None))
        assert told["A"][0][0][0] is x and told["A"][1] is stages[0][0]
        assert told["B"][1] is None and told["stack"][1] is stages[0]
        assert told["C"][0] == ((stages[0][0], None),) and told["C"][1] is last and told["all"][1][0] is last
        told.clear()
        brain.recall((x, None))
        assert set(told) == {"A", "B", "stack", "C", "all"}

    def test_a_monitor_measures_loops_of_the_users(self):
        from engram_sim.compat.assembly import AreaSequential, AreaStack, Monitor

        brain = AreaSequential(AreaStack(self.area()), self.area(300))
        monitor, learned = Monitor(brain), []
        assert list(monitor.module_name.values()) == ["A-AreaRNNHebb", "1-AreaRNNHebb"]
        for x in (self.stimulus(), self.stimulus()):
            learned.append((x,))
            latents, last = None, []
            for step in range(4):
                answer, latents = brain((x,), y_latent=latents)
                last.append(answer)
                monitor.trial_finished(learned, step)
            monitor.epoch_finished()
            overlaps = monitor.values("convergence", "1-AreaRNNHebb")[1][-3:]
            np.testing.assert_array_equal(overlaps, [a @ b for a, b in zip(last, last[1:])])
            assert monitor.values("support", "1-AreaRNNHebb")[1][-1] == (np.sum(last, axis=0) > 0).sum()
        assert len(monitor.values("recall", "A-AreaRNNHebb")[0]) == 6
        assert monitor.values("recall", "1-AreaRNNHebb")[1][-1] > 25  # of 50
        found = monitor.update_assembly_similarity(input_similarity=0.25)
        assert 0 <= found["1-AreaRNNHebb"] <= 1 and monitor.values("similarity", "input")[1] == [0.25]
        assert monitor.update_weight_histogram()["1.weight_recurrent"][0].sum() == 300 * 300
        monitor.remove_handles()
        monitor.ys_output.clear()
        brain((x,))
        assert not monitor.ys_output

    @needs("matplotlib")
    def test_answers_are_drawn(self):
        import matplotlib

        matplotlib.use("Agg")
        from engram_sim.compat.assembly import Monitor

        traces = np.zeros((2, 2, 12))
        traces[:, :, 0] = 1
        traces[0, 1, 3] = 1
        axes = Monitor(self.area()).plot_associated_activations(traces, traces[:, 0])
        assert axes.shape == (2, 3)
        pictures = [ax.images[0].get_array().reshape(-1, 3) for ax in axes[0]]
        assert [p[0].tolist() for p in pictures] == [[0, 0.7, 0]] * 3  # what both recall
        assert pictures[1][3].tolist() == [0, 0, 0] and pictures[0][3].tolist() == [1, 1, 1]

    def test_k_may_change_and_samplers_may_be_the_users(self):
        area, x = self.area(sampler=lambda *size, proba: np.ones(size, np.float32)), self.stimulus()
        area.kwta.k_active = 20
        assert area(x).sum() == 20
        assert self.area(sampler=lambda *size, proba: np.ones(size)).memory_used() == {
            "weight_input0": 1.0, "weight_recurrent": 1.0}  # fmt: skip

    def test_vectors_of_other_libraries_are_taken(self):
        class Lent:  # speaks DLPack alone
            def __init__(self, array):
                self.array = array

            def __dlpack__(self, **how):
                return self.array.__dlpack__(**how)

            def __dlpack_device__(self):
                return self.array.__dlpack_device__()

        area, x = self.area().eval(), self.stimulus()
        for same in (x.astype(bool), x.astype(np.int64), Lent(x)):
            np.testing.assert_array_equal(area(same), area(x))

    @pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed")
    def test_torch_is_asked_for_where_it_is_wanted(self):
        from engram_sim.compat.assembly import use

        with pytest.raises(ImportError, match="needs torch"):
            use("torch")

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
