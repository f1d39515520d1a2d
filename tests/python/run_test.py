"""Run folders are read as they are: old and new tables, points and networks, files that are still being written."""

import importlib.util
import json
import os
import subprocess
import sys
import unittest

import numpy as np

from engram_sim import Run, RunError
from folders import Folder, rates
from program import write_safetensors


class Metrics(unittest.TestCase):
    def test_each_network_keeps_its_values(self):
        folder = Folder(seeds=(5, 6)).metrics(rates(2, 4))
        curve = Run(folder.path).curve("E", "rate")
        np.testing.assert_array_equal(curve.values, [[0, 1, 2, 3], [100, 101, 102, 103]])
        self.assertEqual(list(curve.replicas), [0, 1])

    def test_columns_are_found_by_name_in_any_order(self):
        folder = Folder(seeds=(5, 6)).metrics(
            [("learn", 6, 0, 7.5, "rate", "E", "", 1)], "phase,seed,time,value,attribute,layer,unit,replica"
        )
        curve = Run(folder.path).curve("E", "rate")
        self.assertEqual((curve.values[0, 0], curve.replicas[0]), (7.5, 1))

    def test_points_of_a_grid_are_told_apart(self):
        grid = {"/model/a": [1, 2], "/model/b": [0.5, 0.25]}
        rows = [(0, 0, "E", "", "rate", 10 * a + b, a, b) for a in (1, 2) for b in (0.5, 0.25)]
        folder = Folder(grid=grid).metrics(rows, "time,replica,layer,unit,attribute,value,/model/a,/model/b")
        run = Run(folder.path)
        self.assertEqual(run.points, [{"/model/a": a, "/model/b": b} for a in (1, 2) for b in (0.5, 0.25)])
        np.testing.assert_array_equal(run.curve("E", "rate").values[:, 0], [10.5, 10.25, 20.5, 20.25])
        np.testing.assert_array_equal(run.curve("E", "rate").points, [0, 1, 2, 3])

    def test_a_point_has_its_own_configuration(self):
        run = Run(Folder(grid={"/model/k": [1, 2], "/protocol/0/a~1b": [7]}, config={"protocol": [{"do": "x"}]}).path)
        config = run.config_of(1)
        self.assertEqual((config["model"]["k"], config["protocol"][0]["a/b"]), (2, 7))
        self.assertNotIn("k", run.config["model"])

    def test_lists_of_attractor_networks_are_points(self):
        config = {"model": {"type": "attractor", "evidence": [1, 2, 3], "inverse_temperature": [0.1, 1]}}
        rows = [(0, r, "t", "", "vfe", r) for r in range(12)]
        run = Run(Folder(config=config, seeds=(1, 2)).metrics(rows).path)
        self.assertEqual(len(run.points), 6)
        curve = run.curve("t", "vfe")
        self.assertEqual(run.points[curve.points[7]], {"/model/evidence": 2, "/model/inverse_temperature": 1})
        self.assertEqual((curve.replicas[7], run.network_number(3, 1)), (1, 7))

    def test_a_list_in_a_file_is_known_by_its_column(self):
        config = {"model": {"type": "attractor", "evidence": {"file": "gone.npy"}, "inverse_temperature": [0.1, 1]}}
        cells = [(e, b) for e in (5, 2) for b in (0.1, 1) for _ in (1, 2)]
        header = "time,replica,layer,unit,attribute,value,/model/evidence,/model/inverse_temperature"
        folder = Folder(config=config, seeds=(1, 2))
        folder.metrics([(0, r, "t", "", "vfe", r, *cell) for r, cell in enumerate(cells)], header)
        run = Run(folder.path)
        self.assertEqual([p["/model/evidence"] for p in run.points], [5, 5, 2, 2])
        curve = run.curve("t", "vfe")
        self.assertEqual(list(zip(curve.points, curve.replicas)), [(p, r) for p in range(4) for r in (0, 1)])

    def test_a_measurement_of_the_name_of_a_metric_is_no_part_of_its_course(self):
        rows = [(t, 0, "A", "", "recall", 5 + t, "learn") for t in range(3)]
        rows += [(t, 0, "A", "", "recall", 0.5, "recall") for t in range(2)]
        run = Run(Folder().metrics(rows, "time,replica,layer,unit,attribute,value,phase").path)
        np.testing.assert_array_equal(run.curve("A", "recall").values, [[5, 6, 7]])
        np.testing.assert_array_equal(run.curve("A", "recall", phase="recall").values, [[0.5, 0.5]])
        self.assertIsNone(run.curve("A", "recall", phase="another"))

    def test_the_incomplete_last_line_is_left_out(self):
        folder = Folder().metrics(rates(1, 3))
        with open(folder.path / "metrics.csv", "a") as file:
            file.write("3,0,E,,ra")
        np.testing.assert_array_equal(Run(folder.path).curve("E", "rate").times, [0, 1, 2])

    def test_networks_with_times_of_their_own_are_compared_over_spans(self):
        rows = sorted((t, r, "policy", "", "score", 10 * (r + 1)) for r in (0, 1) for t in range(r, 1000, 7))
        curve = Run(Folder(seeds=(1, 2)).metrics(rows).path).curve("policy", "score")
        self.assertTrue(np.isnan(curve.values).any())
        regular = curve.regular(50)
        np.testing.assert_array_equal(regular.values, [[10] * 50, [20] * 50])
        self.assertTrue((np.diff(regular.times) > 0).all())

    def test_undefined_values_are_not_zero(self):
        folder = Folder(seeds=(1, 2)).metrics(
            [(0, 0, "E", "", "rate", ""), (0, 1, "E", "", "rate", "nan"), (1, 0, "E", "", "rate", 2)]
        )
        self.assertTrue(np.isnan(Run(folder.path).curve("E", "rate").values[0, 0]))

    def test_another_table_is_refused_with_its_path(self):
        folder = Folder().metrics([(1, 2)], "x,y")
        with self.assertRaisesRegex(RunError, "metrics.csv: no column 'time'"):
            Run(folder.path).curves


class Frames(unittest.TestCase):
    def setUp(self):
        if importlib.util.find_spec("pandas") is None:
            self.skipTest("pandas is not installed")

    def test_a_row_a_value_with_its_seed_and_point(self):
        rows = [(t, r, "E", "", "rate", 100 * a + 10 * r + t, a) for a in (1, 2) for t in (0, 5) for r in (0, 1)]
        folder = Folder(seeds=(7, 2**64 - 1), grid={"/model/a": [1, 2]})
        frame = Run(folder.metrics(rows, "time,replica,layer,unit,attribute,value,/model/a").path).frame()
        self.assertEqual(len(frame), 8)
        one = frame[(frame.point == 1) & (frame.seed == 2**64 - 1) & (frame.time == 5)]
        self.assertEqual(one[["replica", "layer", "attribute", "value", "/model/a"]].values.tolist(), [[1, "E", "rate", 215, 2]])
        self.assertEqual(frame["value"].dtype, float)

    def test_without_metrics_there_are_columns_alone(self):
        self.assertEqual(Run(Folder().path).frame().columns.tolist()[-2:], ["time", "value"])

    def test_results_stand_by_point(self):
        folder = Folder(seeds=(1, 2), grid={"/model/a": [3, 4]}, results=[{"x": 1.0, "x, sd": 0.5}, {"x": 2.0, "x, sd": 0.25}])
        frame = Run(folder.path).results_frame()
        self.assertEqual(frame[["point", "result", "mean", "sd", "/model/a"]].values.tolist(),
                         [[0, "x", 1, 0.5, 3], [1, "x", 2, 0.25, 4]])  # fmt: skip


class States(unittest.TestCase):
    def test_arrays_are_mapped_and_not_to_be_written(self):
        folder = Folder(grid={"/model/a": [1, 2]})
        weights = np.arange(6, dtype="<f4").reshape(2, 3)
        (folder.path / "grid-1").mkdir()
        write_safetensors(folder.path / "grid-1" / "state.safetensors", {"w": ("F32", weights), "none": ("U8", np.zeros((0, 4), "u1"))})
        state = Run(folder.path).state(1)
        self.assertIsInstance(state["w"], np.memmap)
        np.testing.assert_array_equal(state["w"], weights)
        self.assertEqual(state["none"].shape, (0, 4))
        with self.assertRaises(ValueError):
            state["w"][0] = 1
        with self.assertRaisesRegex(RunError, "grid-0/state.safetensors: there is none yet"):
            Run(folder.path).state(0)

    def test_a_damaged_state_is_refused(self):
        folder = Folder()
        path = folder.path / "state.safetensors"
        write_safetensors(path, {"w": ("F32", np.zeros(4, "<f4"))})
        whole = path.read_bytes()
        for damaged in (whole[:-1], whole[:20], b"", b"\xff" * 40, whole.replace(b"F32", b"C64"), whole.replace(b"[4]", b"[9]")):
            path.write_bytes(damaged)
            with self.assertRaisesRegex(RunError, "not a state of engram"):
                Run(folder.path).state()


class Shown(unittest.TestCase):
    def test_pictures_page_and_table_of_a_run(self):
        folder = Folder(name="a <b>", results=[{"x": 1.5}]).metrics(rates(1, 4))
        run = Run(folder.path)
        drawn = run.plot(folder.path / "elsewhere")
        self.assertTrue(drawn and all(path.is_file() and path.parent.name == "elsewhere" for path in drawn))
        self.assertEqual(run.plot(folder.path / "none", only=["nothing of this name"]), [])
        self.assertEqual(run.report(), folder.path / "report.html")
        self.assertIn("1.5", run._repr_html_())
        self.assertIn("a &lt;b&gt;", run._repr_html_())


class Results(unittest.TestCase):
    def test_the_manifest_has_means_and_deviations(self):
        run = Run(Folder(results=[{"x, rate": 2.0, "x, rate, sd": 0.5, "text": {"a": 1}, "none": None}]).path)
        self.assertEqual(list(run.results), ["x, rate"])
        self.assertEqual((run.results["x, rate"].mean[0], run.results["x, rate"].sd[0]), (2.0, 0.5))

    def test_the_manifest_may_have_each_network(self):
        folder = Folder(
            seeds=(1, 2),
            grid={"/model/a": [1, 2]},
            results=[{"q": 2.0, "q, replicas": [1, 3]}, {"q": None, "q, replicas": [None, None]}],
        )
        q = Run(folder.path).results["q"]
        np.testing.assert_array_equal(q.values[0], [1, 3])
        self.assertEqual(q.mean[0], 2)
        self.assertTrue(np.isnan(q.mean[1]))

    def test_results_csv_has_every_network(self):
        folder = Folder(seeds=(1, 2), grid={"/model/a": [1, 2]}, results=[{"q": -1}, {"q": -1}])
        folder.write(
            "results.csv",
            "point,replica,seed,quantity,index,value,/model/a\n"
            + "".join(f"{a - 1},{r},{r + 1},q,,{10 * a + r},{a}\n" for a in (1, 2) for r in (0, 1))
            + "0,,,text,,words,1\n1,,,error,,",
        )
        q = Run(folder.path).results["q"]
        np.testing.assert_array_equal(q.mean, [10.5, 20.5])
        np.testing.assert_array_equal(q.values[1], [20, 21])

    def test_measurements_under_one_name_are_lists(self):
        folder = Folder(seeds=(1, 2), results=[{"old, all": [[0.5, 1.0], [0.25, 1.0]]}])
        np.testing.assert_array_equal(Run(folder.path).lists["old"][0], [[0.5, 1.0], [0.25, 1.0]])
        folder.write(
            "results.csv",
            "point,replica,seed,quantity,index,value\n"
            + "".join(f"0,{r},{r + 1},new,{i},{10 * r + i}\n" for r in (0, 1) for i in (1, 0, 2)),
        )
        folder.manifest["points"] = [{"results": {"new": 6.0, "new, sd": 7.0}}]
        folder.write("manifest.json", json.dumps(folder.manifest))
        run = Run(folder.path)
        np.testing.assert_array_equal(run.lists["new"][0], [[0, 1, 2], [10, 11, 12]])
        self.assertEqual((run.results["new"].mean[0], run.results["new"].sd[0]), (6, 7))

    def test_metrics_with_one_value_a_network_give_the_values_behind_a_mean(self):
        config = {"model": {"type": "attractor", "evidence": [1, 2]}}
        folder = Folder(config=config, seeds=(1, 2), results=[{"look, gain": 1.5}])
        folder.metrics([(9, r, "look", "", "gain", r) for r in range(4)])
        np.testing.assert_array_equal(Run(folder.path).results["look, gain"].mean, [0.5, 2.5])


class Columns(unittest.TestCase):
    def test_names_are_escaped_as_the_recorder_does(self):
        folder = Folder().column("a%20b%7E/state", [1.0])
        self.assertEqual(Run(folder.path).column("a b~/state")[0], 1.0)

    def test_no_name_leads_out_of_the_folder(self):
        folder = Folder().column("x", [1])
        inner = Folder(config={"protocol": []})
        inside = inner.path / "run"
        inside.mkdir()
        (inside / "manifest.json").write_text((folder.path / "manifest.json").read_text())
        inner.column("secret", [1])
        self.assertIsNone(Run(inside).column("../secret"))

    def test_a_grid_of_one_point_has_a_folder_of_its_own(self):
        run = Run(Folder(grid={"/model/a": [1]}).column("grid-0/x", [3]).path)
        self.assertEqual((list(run.column("x")), run.column_names("*")), ([3], ["x"]))
        run = Run(Folder(grid={}).column("x", [4]).path)
        self.assertEqual((list(run.column("x")), run.column_names("*")), ([4], ["x"]))

    def test_rows_that_are_not_there_yet_are_left_out(self):
        folder = Folder().column("x", np.arange(10, dtype=np.uint32)).column("y", np.arange(8))
        whole = (folder.path / "x.npy").read_bytes()
        folder.write("x.npy", whole[:-6])
        run = Run(folder.path)
        self.assertEqual(len(run.column("x")), 8)
        folder.write("x.npy", whole[:-10])
        self.assertEqual([len(c) for c in run.columns(["x", "y"])], [7, 7])

    def test_a_damaged_column_is_no_column(self):
        folder = Folder()
        folder.write("x.npy", b"no array")
        self.assertIsNone(Run(folder.path).column("x"))


class Status(unittest.TestCase):
    def test_a_run_whose_process_is_gone_was_killed(self):
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        folder = Folder(status="running")
        folder.write(".lock", str(gone.pid))
        self.assertEqual(Run(folder.path).status, "killed")
        folder.write(".lock", str(os.getpid()))
        self.assertEqual(Run(folder.path).status, "running")
        self.assertEqual(Run(Folder(status="interrupted").path).status, "interrupted")

    def test_folders_that_are_no_runs_are_refused_with_what_to_do(self):
        folder = Folder()
        with self.assertRaisesRegex(RunError, "there is no such folder"):
            Run(folder.path / "missing")
        (folder.path / "empty").mkdir()
        with self.assertRaisesRegex(RunError, "no manifest.json in it; give the folder"):
            Run(folder.path / "empty")
        for text in ("{", "[]", json.dumps({"config": {}})):
            folder.write("manifest.json", text)
            with self.assertRaisesRegex(RunError, "not a manifest of engram"):
                Run(folder.path)


if __name__ == "__main__":
    unittest.main()
