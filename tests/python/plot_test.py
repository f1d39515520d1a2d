"""Pictures show the selected networks, all points, readable names; folders without data get a sentence."""

import contextlib
import io
import pathlib
import unittest

import numpy as np

from engram_sim import Run, names
from engram_sim.plot import album_of, assembly, attractor, draw, figures, parser, sweep
from engram_sim.plot.command import main, numbers
from engram_sim.plot.figures import Selection, plt
from folders import Folder, rates


def called(*arguments):
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as left:
            code = left.code
    return code, out.getvalue().split("\n")[:-1], error.getvalue()


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = Folder(
            seeds=(1, 2, 3), config={"phases": [{"steps": 10, "label": "first"}, {"steps": 10, "label": "then"}]}
        )
        self.folder.metrics(rates(3, 20) + [(t, 0, "E", "", "hamming", t) for t in range(20)])

    def test_every_format_is_written(self):
        for format_, begin in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")):
            code, paths, error = called(self.folder.path, "--format", format_, "--dpi", 50)
            self.assertEqual((code, error), (0, ""))
            self.assertEqual([pathlib.Path(p).name for p in paths], [f"rate.{format_}", f"hamming.{format_}"])
            self.assertTrue(pathlib.Path(paths[0]).read_bytes().startswith(begin))

    def test_only_takes_names_and_patterns(self):
        self.assertEqual([pathlib.Path(p).name for p in called(self.folder.path, "--only", "ham*")[1]], ["hamming.png"])
        code, _, error = called(self.folder.path, "--only", "raster")
        self.assertEqual(code, 1)
        self.assertIn("no picture is called raster; this run has: rate, hamming", error)

    def test_mistakes_get_a_sentence(self):
        for arguments, said in (
            (["--replica", "3"], "--replica 3: this run has 3 networks at each point, numbered from 0"),
            (["--point", "1"], "--point 1: this run has 1 points"),
            (["--replica", "x"], "wanted are numbers from 0"),
            (["--replica", "0-"], "wanted are numbers from 0"),
            (["--replica", "\u00b2"], "wanted are numbers from 0"),
            (["--replica", "1-0"], "the range 1-0 ends before it begins"),
            (["--point", "0,3-2"], "the range 3-2 ends before it begins"),
            (["--replica", "0-999999999"], "--replica 3: this run has 3 networks"),
            (["--from", "100"], "nothing was recorded between --from and --to"),
            (["--dpi", "1"], "10 to 2400"),
        ):
            code, paths, error = called(self.folder.path, *arguments)
            self.assertIn(said, error)
            self.assertIn(code, (1, 2))
            self.assertEqual(paths, [])

    def test_folders_without_data_say_so(self):
        self.assertEqual(called("/nonexistent")[0], 2)
        code, _, error = called(Folder().path)
        self.assertEqual(code, 1)
        self.assertIn("recorded no series that a picture is made of; name some in /record/series", error)
        self.assertIn("nothing was recorded yet (the run is killed)", called(Folder(status="running").path)[2])

    def test_numbers_are_lists_and_ranges(self):
        self.assertEqual(numbers("0,2-4"), [0, 2, 3, 4])
        self.assertEqual(numbers("2,0-1,0"), [2, 0, 1])  # each once, as means count them

    def test_a_family_without_pictures_of_its_own_shows_its_metrics(self):
        folder = Folder(model="another").metrics(rates(1, 5))
        self.assertEqual([pathlib.Path(p).name for p in called(folder.path)[1]], ["rate.png"])


class Selected(unittest.TestCase):
    def test_networks_ticks_and_points(self):
        rows = [(t, r, "E", "", "rate", 100 * a + 10 * r + t, a) for a in (1, 2) for t in range(5) for r in range(3)]
        folder = Folder(seeds=(7, 8, 9), grid={"/model/a": [1, 2]}).metrics(
            rows, "time,replica,layer,unit,attribute,value,/model/a"
        )
        run = Run(folder.path)
        chosen = album_of(run, selection=Selection([1], [1], 2, 3)).chosen(run.curve("E", "rate"))
        np.testing.assert_array_equal(chosen.values, [[212, 213]])
        self.assertIsNone(album_of(run, selection=Selection(first=9)).chosen(run.curve("E", "rate")))

    def test_a_band_is_one_deviation_around_the_mean(self):
        _, axis = plt.subplots()
        figures.draw_band(axis, np.arange(3), np.array([[1.0, 2, 3], [3, 2, np.nan]]), "k", "")
        np.testing.assert_allclose(axis.lines[0].get_ydata(), [2, 2, 3])
        heights = axis.collections[0].get_paths()[0].vertices[:, 1]
        self.assertAlmostEqual(heights.max() - 2, max(1, np.sqrt(2)))
        plt.close("all")

    def test_a_time_without_any_value_is_no_zero(self):
        _, axis = plt.subplots()
        figures.draw_band(axis, np.arange(3), np.array([[1.0, np.nan, 3], [3, np.nan, 3]]), "k", "")
        np.testing.assert_array_equal(axis.lines[0].get_ydata(), [2, np.nan, 3])
        plt.close("all")

    def test_lines_break_where_nothing_was_recorded(self):
        x, y = figures.broken(np.array([0, 1, 2, 10, 11]), np.arange(5.0))
        self.assertTrue(np.isnan(x[3]) and np.isnan(y[3]) and len(x) == 6)


class Sweeps(unittest.TestCase):
    def album(self, grid, results):
        run = Run(Folder(seeds=(1, 2), grid=grid, results=results).path)
        return run, album_of(run)

    def test_a_heat_map_has_every_point_in_its_place(self):
        run, album = self.album(
            {"/model/a": [1, 2], "/model/b": [5, 6, 7]}, [{"x, q": 10 * a + b} for a in (1, 2) for b in (5, 6, 7)]
        )
        figure, axis = plt.subplots()
        sweep.heat_map(figure, axis, run, album, run.results["x, q"], run.swept)
        np.testing.assert_array_equal(axis.images[0].get_array(), [[15, 16, 17], [25, 26, 27]])
        self.assertEqual([t.get_text() for t in axis.get_xticklabels()], ["5", "6", "7"])
        self.assertEqual((axis.get_xlabel(), axis.get_ylabel()), ("b", "a"))
        plt.close("all")

    def test_long_values_are_cut_and_still_told_apart(self):
        phases = [[{"do": "run", "steps": 10, "label": f"{word} and so on"}] for word in ("one", "two")]
        run, album = self.album({"/phases": phases, "/model/noise": [True, False]}, [{"q": i} for i in range(4)])
        figure, axis = plt.subplots()
        sweep.heat_map(figure, axis, run, album, run.results["q"], run.swept)
        self.assertEqual([t.get_text() for t in axis.get_xticklabels()], ["true", "false"])
        beside = [t.get_text() for t in axis.get_yticklabels()]
        self.assertLess(max(map(len, beside)), 40)
        self.assertEqual(len(set(beside)), 2)
        plt.close("all")

    def test_three_swept_values_keep_all_points(self):
        run, album = self.album(
            {"/model/a": [1, 2], "/model/b": [5, 6], "/model/c": [8, 9]},
            [{"q": 100 * a + 10 * b + c} for a in (1, 2) for b in (5, 6) for c in (8, 9)],
        )
        figure, axis = plt.subplots()
        sweep.heat_map(figure, axis, run, album, run.results["q"], run.swept)
        np.testing.assert_array_equal(axis.images[0].get_array(), [[158, 159], [168, 169], [258, 259], [268, 269]])
        plt.close("all")

    def test_one_swept_value_has_error_bars(self):
        run, album = self.album({"/model/a": [2, 1]}, [{"q": 5.0, "q, sd": 0.5}, {"q": 4.0, "q, sd": 0.25}])
        figure, axis = plt.subplots()
        sweep.error_bars(figure, axis, run, album, run.results["q"], run.swept)
        line, _, bars = axis.containers[0]
        np.testing.assert_array_equal(line.get_xydata(), [[1, 4], [2, 5]])
        np.testing.assert_allclose([s[1, 1] - s[0, 1] for s in bars[0].get_segments()], [0.5, 1.0])
        plt.close("all")

    def test_no_result_is_lost_where_there_are_many(self):
        _, album = self.album({"/model/a": [1, 2]}, [{f"x, q{i}": a for i in range(13)} for a in (1, 2)])
        shown = []
        album.save = lambda figure, name, *words: shown.append((name, sum(a.axison for a in figure.axes)))
        sweep.draw(album.run, album)
        self.assertEqual(shown, [("grid x", 12), ("grid x 2", 1)])

    def test_a_selected_network_is_shown_only_where_its_value_was_kept(self):
        run, album = self.album({"/model/a": [1, 2]}, [{"q": 2.0, "q, replicas": [1, 3], "p": a} for a in (1, 2)])
        album.selection = Selection([1])
        self.assertEqual(list(sweep.means(run.results["q"], album)), [3, 3])
        self.assertTrue(np.isnan(sweep.means(run.results["p"], album)).all())

    def test_words_as_swept_values_and_results_that_never_differ(self):
        run, album = self.album(
            {"/model/rule": ["hebb", "willshaw"]}, [{"x, q": 1, "x, same": 3}, {"x, q": 2, "x, same": 3}]
        )
        album.folder = run.folder / "plots"
        draw(run, album)
        self.assertEqual([p.name for p in album.pictures], ["grid x.png"])


class Names(unittest.TestCase):
    def test_matrices_are_named_by_what_they_join(self):
        config = {
            "model": {"stages": [{"A": {"inputs": ["a"]}, "B": {"inputs": ["b"]}}, {"C": {"inputs": ["A", "B"]}}]}
        }
        for name, words in (
            ("0.A.weight_input0", "a to A"),
            ("0.B.weight_recurrent", "B to B"),
            ("1.weight_input1", "B to C"),
            ("1.weight_recurrent", "C to C"),
            ("something", "something"),
            ("9.weight_input0", "9.weight_input0"),
        ):
            self.assertEqual(names.matrix_words(config, name), words)

    def test_phases_are_where_the_experiment_puts_them(self):
        protocol = [{"do": "benchmark"}, {"do": "simulate", "label": "x"}, {"do": "simulate"}]
        whole = {"model": {"type": "assembly"}, "protocol": protocol, "simulator": {"epoch_size": 4}}
        for samples, expected in (
            (3, [("x", 0, 12), ("simulate 3", 12, 24)]),
            ({"s": [[1], [2]]}, [("x", 0, 8), ("simulate 3", 8, 16)]),
            ({"s": {"file": "s.npy"}}, []),
        ):
            self.assertEqual(names.phases(Run(Folder(config={**whole, "samples": samples}).path)), expected)
        self.assertEqual(names.phases(Run(Folder(config=whole, grid={"/samples": [1, 2]}).path)), [])
        self.assertEqual(names.phases(Run(Folder(config=whole, began_from={}).path)), [])

    def test_phases_are_named_as_their_results_are(self):
        protocol = [{"do": "train", "label": ""}, {"do": "run", "label": "x"}, {"do": "run", "label": "x", "steps": 5}]
        run = Run(Folder(config={"model": {"type": "attractor"}, "protocol": protocol}).path)
        self.assertEqual(names.phases(run), [("train 1", 0, 10), ("x", 10, 110), ("x (2)", 110, 115)])
        both = [{"do": "simulate", "label": "x"}, {"do": "complete", "label": "x"}, {"do": "complete", "label": "x"}]
        self.assertEqual([label for label, _ in names.phase_labels(both)], ["x", "x", "x (2)"])

    def test_pointers_are_named_by_their_last_word(self):
        self.assertEqual(names.pointer_words("/model/eta_ip"), "eta ip")
        self.assertEqual(names.pointer_words("/protocol/0/shared"), "shared (protocol 1)")

    def test_dependencies_are_parsed_and_drawn(self):
        self.assertEqual(
            parser.dependencies("chase-cats SUBJ, mice-? DET"), [("chase", "cats", "SUBJ"), ("mice", "?", "DET")]
        )
        figure, axis = plt.subplots()
        parser.tree(axis, ["cats", "chase", "mice"], [("chase", "cats", "SUBJ"), ("chase", "mice", "OBJ")])
        self.assertEqual({t.get_text() for t in axis.texts} - {""}, {"cats", "chase", "mice", "SUBJ", "OBJ"})
        plt.close("all")


class Families(unittest.TestCase):
    def test_association_says_what_chance_is_and_how_networks_differ(self):
        config = {
            "model": {"type": "assembly", "defaults": {"k": 10, "n": 100}, "stages": [{"C": {"inputs": ["a", "b"]}}]},
            "protocol": [{"do": "benchmark", "label": "before"}, {"do": "benchmark", "label": "after"}],
        }
        folder = Folder(config=config, seeds=(1, 2)).metrics(
            [(0, r, "C", "", "association", 0.1 + t + r, p) for t, p in ((0, "before"), (1, "after")) for r in (0, 1)],
            "time,replica,layer,unit,attribute,value,phase",  # both at one time, as no training lies between them
        )
        run = Run(folder.path)
        shown = []
        album = album_of(run)
        album.save = lambda figure, name, *words: shown.append(figure)
        assembly.association(run, album)
        axis = shown[0].axes[0]
        np.testing.assert_allclose([p.get_height() for p in axis.patches], [0.6, 1.6])
        self.assertIn("chance,\nk / n = 0.1", [t.get_text() for t in axis.texts])

    def test_chance_is_that_of_the_point(self):
        config = {
            "model": {"type": "assembly", "stages": [{"C": {"inputs": ["a", "b"], "n": 100}}]},
            "protocol": [{"do": "benchmark"}],
        }
        folder = Folder(config=config, grid={"/model/defaults/k": [10, 20]})
        folder.metrics(
            [(0, 0, "C", "", "association", 0.5, "benchmark 1", k) for k in (10, 20)],
            "time,replica,layer,unit,attribute,value,phase,/model/defaults/k",
        )
        shown = []
        album = album_of(Run(folder.path), selection=Selection(points=[1]))
        album.save = lambda figure, name, *words: shown.append(figure)
        assembly.association(album.run, album)
        self.assertIn("chance,\nk / n = 0.2", [t.get_text() for t in shown[0].axes[0].texts])

    def test_couplings_are_those_of_the_chosen_network(self):
        config = {"model": {"type": "attractor"}, "protocol": []}
        weights = np.arange(18.0).reshape(6, 3)
        run = Run(Folder(config=config, seeds=(1, 2)).column("weights", weights).path)
        shown = []
        album = album_of(run, selection=Selection([1]))
        album.save = lambda figure, name, *words: shown.append(figure)
        attractor.weights(run, album, 3, run.network_number(*album.single))
        np.testing.assert_array_equal(shown[0].axes[0].images[0].get_array(), weights[3:])

    def test_two_phases_of_one_label_have_pictures_of_their_own(self):
        run = {"do": "run", "label": "x", "record_states": True}
        config = {"model": {"type": "attractor"}, "protocol": [run, run]}
        folder = Folder(config=config).column("patterns", np.eye(4)).column("x/state", np.zeros((3, 4)))
        album = album_of(Run(folder.column("x%20%282%29/state", np.ones((2, 4))).path))
        shown = {}
        album.save = lambda figure, name, *words: shown.update({name: figure})
        attractor.draw(album.run, album)
        np.testing.assert_array_equal(shown["film x"].axes[0].images[0].get_array(), np.zeros((2, 2)))
        np.testing.assert_array_equal(shown["film x (2)"].axes[0].images[0].get_array(), np.ones((2, 2)))
        plt.close("all")


if __name__ == "__main__":
    unittest.main()
