"""NEF experiments through the program: transforms, processes and rules whose results follow by hand, and the examples of
learning rules, whose errors recorded runs of the reference bound."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np

PROGRAM = os.environ.get("ENGRAM_PROGRAM")
EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "nef"
AT_ONCE = {"type": "none"}


class Program(unittest.TestCase):
    def setUp(self):
        if not PROGRAM:
            self.skipTest("ENGRAM_PROGRAM is not set")
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def run_document(self, document):
        """Runs it; returns the folder of the run."""
        path, out = pathlib.Path(self.folder.name, "e.json"), pathlib.Path(self.folder.name, "run")
        path.write_text(json.dumps({**document, "threads": 1, "backend": "cpu"}))
        done = subprocess.run([PROGRAM, "run", path, "--out", out, "--force"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return out

    def shown(self, model, steps):
        """What the probe "y" records in so many steps of 1 ms."""
        out = self.run_document({"schema": "engram/1", "model": {"type": "nef", **model}, "run": {"seconds": steps / 1000}})
        return np.load(out / "y" / "value.npy").reshape(steps, -1)

    def node(self, steps, **node):
        return self.shown({"nodes": {"n": node}, "probes": {"y": {"of": "n"}}}, steps)


class Transforms(Program):
    def carried(self, x, size, **transform):
        return self.shown(
            {
                "nodes": {"in": {"output": "constant", "value": x}, "out": {"output": "passthrough", "size_in": size}},
                "connections": {"c": {"from": "in", "to": "out", "synapse": AT_ONCE, "transform": transform}},
                "probes": {"y": {"of": "out"}},
            },
            1,
        )[0].tolist()

    def test_a_convolution_moves_its_kernel_along_a_line(self):
        line = {"kind": "convolution", "input_shape": [5, 1], "kernel_size": [3], "kernel": [1, 2, 3]}
        x = [1, 2, 3, 4, 5]
        self.assertEqual(self.carried(x, 3, **line), [14, 20, 26])
        self.assertEqual(self.carried(x, 5, **line, same=True), [8, 14, 20, 26, 14])
        self.assertEqual(self.carried(x, 3, **line, same=True, strides=[2]), [8, 20, 14])

    def test_a_transposed_one_lays_its_kernel_down_for_each_input(self):
        line = {"kind": "convolution", "input_shape": [2, 1], "kernel_size": [3], "kernel": [1, 2, 3]}
        self.assertEqual(self.carried([1, 2], 5, **line, strides=[2], transposed=True), [1, 2, 3 + 2, 4, 6])

    def test_a_convolution_moves_over_a_plane(self):
        plane = {"kind": "convolution", "input_shape": [3, 3, 1], "kernel_size": [2], "kernel": [1, 2, 3, 4]}
        self.assertEqual(self.carried(list(range(1, 10)), 4, **plane), [37, 47, 67, 77])

    def test_groups_see_their_own_channels(self):
        groups = {"kind": "convolution", "kernel_size": [1], "filters": 2, "groups": 2, "kernel": [10, 100]}
        self.assertEqual(self.carried([1, 2, 3, 4, 5, 6], 6, **groups, input_shape=[3, 2]), [10, 200, 30, 400, 50, 600])
        self.assertEqual(
            self.carried([1, 3, 5, 2, 4, 6], 6, **groups, input_shape=[2, 3], channels_last=False),
            [10, 30, 50, 200, 400, 600],
        )

    def test_a_sparse_matrix_sums_its_entries(self):
        sparse = {"rows": [2, 0, 2, 0], "cols": [0, 1, 1, 1], "values": [5, 7, 9, 0.5]}
        self.assertEqual(self.carried([1, 10], 3, kind="sparse", size_out=3, **sparse), [75, 0, 95])


class Processes(Program):
    def test_items_take_turns(self):
        rows = self.node(8, output="cycle", values=[[1], [2], [3]], period=0.002)
        self.assertEqual(rows[:, 0].tolist(), [1, 1, 2, 2, 3, 3, 1, 1])

    def test_a_table_by_time_begins_at_the_nearest_step(self):
        rows = self.node(7, output="schedule", times=[0.002, 0.0044, 0.0056], values=[[1], [2], [3]])
        self.assertEqual(rows[:, 0].tolist(), [0, 1, 1, 2, 2, 3, 3])

    def test_a_random_signal_has_its_period_its_power_and_its_frequencies(self):
        x = self.node(400, output="white_signal", size=2, period=0.2, high=50)[:, 0]
        np.testing.assert_array_equal(x[:200], x[200:])
        self.assertAlmostEqual(float(x[:200].mean()), 0, 6)
        self.assertAlmostEqual(float(np.sqrt((x[:200].astype(float) ** 2).mean())), 0.5, 6)
        power = np.abs(np.fft.rfft(x[:200])) / 200  # of multiples of 5 Hz
        self.assertGreater(power[1:11].min(), 1e-3)
        self.assertLess(power[11:].max(), 1e-6)

    def test_a_random_signal_begins_where_it_is_nearest_to_a_value(self):
        x = self.node(200, output="white_signal", period=0.2, high=50, y0=0.3)[:, 0]
        self.assertLessEqual(abs(x[0] - 0.3), np.abs(x - 0.3).min() + 1e-6)

    def test_white_noise_has_its_mean_and_deviation(self):
        for kind in ("normal", "uniform"):
            x = self.node(500, output="white_noise", size=40, kind=kind, mean=0.4, std=2, scale=False) - 0.4
            error = 2 / np.sqrt(x.size)
            self.assertLess(abs(x.mean()), 4 * error)
            self.assertLess(abs(np.sqrt((x**2).mean()) - 2), 3 * error)
        self.assertLess(np.abs(x).max(), 2 * np.sqrt(3) + 1e-5)
        scaled = self.node(500, output="white_noise", size=40, mean=0.4, std=2) * np.sqrt(0.001) - 0.4
        self.assertLess(abs(np.sqrt((scaled**2).mean()) - 2), 3 * error)

    def test_steps_of_brown_noise_are_white(self):
        steps = np.diff(self.node(500, output="brown_noise", size=40, std=3), axis=0) / np.sqrt(0.001)
        self.assertLess(abs(steps.std() - 3), 0.1)
        self.assertLess(abs((steps[1:] * steps[:-1]).mean()), 0.3)


class Solvers(Program):
    def test_l1_shrinks_and_drops_weights(self):
        """With activities 1 at a point each: (|y| / m - l1) / (1 / m + l2) with the sign of y, 0 where that is negative."""
        neurons = {
            "neurons": 2,
            "dimensions": 2,
            "neuron": {"type": "relu"},
            "encoders": {"distribution": "samples", "values": [1, 0, 0, 1]},
            "gain": [1, 1],
            "bias": [0, 0],
        }
        weights = self.shown(
            {
                "nodes": {"out": {"output": "passthrough"}},
                "ensembles": {"e": neurons},
                "connections": {
                    "c": {
                        "from": "e",
                        "to": "out",
                        "eval_points": [[1, 0], [0, 1]],
                        "targets": [[3], [-0.5]],
                        "solver": {"method": "l1", "l1": 0.4, "l2": 0.3},
                    }
                },
                "probes": {"y": {"of": "c", "attribute": "weights"}},
            },
            1,
        )[0]
        np.testing.assert_allclose(weights, [(1.5 - 0.4) / (0.5 + 0.3), 0], rtol=1e-6)


class Rules(Program):
    def linear(self, encoders, dimensions):
        """Rectified neurons of gain 2 and bias 1, whose activity is their current."""
        n = len(encoders) // dimensions
        return {
            "neurons": n,
            "dimensions": dimensions,
            "neuron": {"type": "relu"},
            "encoders": {"distribution": "samples", "values": encoders},
            "normalize_encoders": False,
            "gain": [2] * n,
            "bias": [1] * n,
            "n_eval_points": 1,
        }

    def test_voja_takes_the_input_of_the_ensemble_or_of_the_connection(self):
        for source, synapse, end in (
            ("ensemble", AT_ONCE, 0.75),
            ("connection", AT_ONCE, 0.5),
            ("connection", {"type": "lowpass", "tau": 0}, 0.5),
        ):
            rule = {"rule": "voja", "rate": 100, "post_synapse": AT_ONCE, "input": source}
            encoders = self.shown(
                {
                    "nodes": {"a": {"output": "constant", "value": [0.5]}, "b": {"output": "constant", "value": [0.25]}},
                    "ensembles": {"e": self.linear([1], 1)},
                    "connections": {
                        "learned": {"from": "a", "to": "e", "synapse": synapse, "learning": [rule]},
                        "other": {"from": "b", "to": "e", "synapse": AT_ONCE},
                    },
                    "probes": {"y": {"of": "learned.rule0", "attribute": "scaled_encoders"}},
                },
                200,
            )
            self.assertAlmostEqual(float(encoders.ravel()[-1]) / 2, end, 5)

    def test_pes_onto_neurons_takes_scaled_or_unscaled_encoders(self):
        for local, gain in (("scaled_encoders", 2), ("unscaled_encoders", 1)):
            rule = {"rule": "pes", "rate": 10, "pre_synapse": AT_ONCE, "local_error": local}
            change = self.shown(
                {
                    "nodes": {"error": {"output": "constant", "value": [1, -2]}},
                    "ensembles": {"pre": self.linear([1, -1], 1), "post": self.linear([1, 0, 0, 1, 0.5, 0.5], 2)},
                    "connections": {
                        "learned": {
                            "from": "pre.neurons",
                            "to": "post.neurons",
                            "synapse": AT_ONCE,
                            "transform": {"kind": "dense", "everywhere": 0},
                            "learning": [rule],
                        },
                        "teach": {"from": "error", "to": "learned.rule0", "synapse": AT_ONCE},
                    },
                    "probes": {"y": {"of": "learned.rule0", "attribute": "delta"}},
                },
                1,
            ).ravel()
            errors = np.repeat([1, -2, -0.5], 2)  # encoders times the error; activities are 1 without input
            np.testing.assert_allclose(change, -10 * 0.001 / 2 * gain * errors, rtol=1e-5)

    def test_local_error_is_refused_where_targets_are_no_neurons(self):
        document = json.loads((EXAMPLES / "learning_square.json").read_text())
        document["model"]["connections"]["learned"]["learning"][0]["local_error"] = "unscaled_encoders"
        path = pathlib.Path(self.folder.name, "e.json")
        path.write_text(json.dumps(document))
        done = subprocess.run([PROGRAM, "validate", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("local_error concerns targets that are neurons", done.stdout + done.stderr)


class Examples(Program):
    def measured(self, name, seeds):
        """Results by label, means over seeds."""
        document = json.loads((EXAMPLES / f"{name}.json").read_text())
        out = self.run_document({**document, "replicas": {"seeds": seeds}})
        manifest = json.loads((out / "manifest.json").read_text())
        return {k: v for k, v in manifest["points"][0]["results"].items()}

    def errors(self, name, seeds, *labels):
        results = self.measured(name, seeds)
        return [results[f"{label}, root mean square of the difference"] for label in labels]

    def test_a_square_is_learned(self):
        first, last, after = self.errors(
            "learning_square", 2, "error, first five seconds", "error, last five seconds of learning", "error, after learning"
        )
        self.assertGreater(first, 2 * last)
        self.assertLess(last, 0.11)
        self.assertLess(after, 0.14)

    def test_a_communication_channel_is_learned(self):
        first, last, after = self.errors(
            "learning_communication_channel", 2, "error, first second", "error, last two seconds of learning", "error, after learning"
        )
        self.assertGreater(first, 0.3)
        self.assertLess(last, 0.13)
        self.assertLess(after, 0.13)

    def test_a_product_is_learned(self):
        first, last, after = self.errors(
            "learning_product", 1, "error, first two seconds", "error, last two seconds of learning", "error, after learning"
        )
        self.assertGreater(first, 0.14)
        self.assertLess(last, 0.12)
        self.assertLess(after, 0.18)

    def test_recursive_least_squares_learn_in_a_second_what_pes_does_not(self):
        pes, rls = self.errors("recursive_least_squares", 5, "PES, held", "RLS, held")
        self.assertLess(rls, 0.08)
        self.assertGreater(pes, 3 * rls)

    def weights(self, name, seconds):
        document = json.loads((EXAMPLES / f"{name}.json").read_text())
        document["run"] = {"seconds": seconds}
        out = self.run_document(document)
        sizes = np.sort(np.abs(np.load(out / "learned" / "learned.npy").astype(float).ravel()))
        n = sizes.size
        gini = 2 * (np.arange(1, n + 1) * sizes).sum() / (n * sizes.sum()) - (n + 1) / n
        return np.linalg.norm(sizes), gini

    def test_bcm_and_oja_change_a_matrix_in_their_ways(self):
        for name, less_even in (("bcm", True), ("oja", False)):
            (before, even_before), (after, even_after) = self.weights(name, 0.001), self.weights(name, 20)
            self.assertGreater(after, 5 * before)
            self.assertAlmostEqual(even_before, 0.525, delta=0.08)
            if less_even:
                self.assertAlmostEqual(even_after, even_before, delta=0.06)
            else:
                self.assertLess(even_after, even_before - 0.15)


if __name__ == "__main__":
    unittest.main()
