"""Pictures of parsers, and of what was selected of a grid: they show it, and the line below says what it is."""

import json
import unittest

import numpy as np

from engram_sim import Run
from engram_sim.plot import album_of, assembly, attractor, calculus, draw, parser, sorn
from engram_sim.plot.figures import Selection, plt
from folders import Folder

KNOWN, UNKNOWN = "love-cats SUBJ", "cats-? OBJ"


def parsers(answers=((KNOWN, UNKNOWN), (UNKNOWN, UNKNOWN)), table=True):
    """A grid of two points with two networks, and what each makes of "cats love", of which `KNOWN` is expected."""
    values = [0.1, 0.2]
    results = [
        {
            "cats love": {
                "outcomes": {said: of_point.count(said) for said in of_point},
                "right": of_point.count(KNOWN) / 2,
            },
            "dogs love": {"outcomes": {"dogs-love SUBJ": 2}},
        }
        for of_point in answers
    ]
    folder = Folder(model="parser", seeds=(7, 8), grid={"/model/beta": values}, results=results)
    rows = ["point,replica,seed,quantity,index,value,/model/beta"]
    for point, of_point in enumerate(answers):
        for replica, said in enumerate(of_point):
            end = f"{values[point]}"
            rows.append(f'{point},{replica},{7 + replica},"cats love, right",,{int(said == KNOWN)},{end}')
            rows.append(f'{point},{replica},{7 + replica},"cats love, outcomes",,"{said}",{end}')
            rows.append(f'{point},{replica},{7 + replica},"dogs love, outcomes",,dogs-love SUBJ,{end}')
    if table:
        folder.write("results.csv", "\n".join(rows) + "\n")
    return folder


def drawn(folder, function=draw, *more, **selected):
    """{name: (figure, note)} of what a function draws."""
    album = album_of(Run(folder.path), selection=Selection(**selected))
    shown = {}
    album.save = lambda figure, name, title, note="": shown.update({name: (figure, note or album.note())})
    function(album.run, album, *more)
    return shown


def widths(figure):
    return [[bar.get_width() for bar in bars] for bars in figure.axes[0].containers]


class Parsers(unittest.TestCase):
    def tearDown(self):
        plt.close("all")

    def test_each_point_has_bars(self):
        figure, note = drawn(parsers(), parser.draw)["sentences"]
        self.assertEqual(widths(figure), [[0.5], [0]])
        self.assertEqual([t.get_text() for t in figure.axes[0].get_legend().get_texts()], ["beta = 0.1", "beta = 0.2"])
        self.assertEqual([t.get_text() for t in figure.axes[0].get_yticklabels()], ["cats love"])
        self.assertEqual(note, "2 networks")

    def test_the_note_says_which_point_and_networks(self):
        figure, note = drawn(parsers(), parser.draw, points=[1], replicas=[1])["sentences"]
        self.assertEqual(widths(figure), [[0]])
        self.assertEqual(note, "seed 8, beta = 0.2 (one of 2 points; --point chooses)")
        shown = drawn(parsers(), parser.draw)["trees"][1]
        self.assertIn("most of 2 networks, beta = 0.1 (one of 2 points; --point chooses)", shown)

    def test_only_the_selected_networks_answer(self):
        for replica, share, words in ((0, 1, {"cats", "love", "SUBJ"}), (1, 0, {"cats", "love", "?", "OBJ"})):
            shown = drawn(parsers(), parser.draw, points=[0], replicas=[replica])
            self.assertEqual(widths(shown["sentences"][0]), [[share]])
            axis = shown["trees"][0].axes[0]
            self.assertEqual({t.get_text() for t in axis.texts} - {""}, words)
            self.assertEqual(axis.get_title("left"), "")
        self.assertEqual(drawn(parsers(table=False), parser.draw, replicas=[0]), {})
        self.assertEqual(set(drawn(parsers(table=False), parser.draw)), {"sentences", "trees"})

    def test_a_point_that_failed_is_passed_over(self):
        folder = parsers()
        folder.manifest["points"][0] = {"error": "not finite", "tick": 1}
        folder.write("manifest.json", json.dumps(folder.manifest))
        shown = drawn(folder, parser.draw)
        self.assertIn("beta = 0.2 (one of 2 points", shown["sentences"][1])
        self.assertIn("beta = 0.2 (one of 2 points", shown["trees"][1])

    def test_what_is_unknown_is_drawn(self):
        figure, note = drawn(parsers(((UNKNOWN, UNKNOWN),) * 2), parser.draw)["trees"]
        self.assertEqual(figure.axes[0].lines[0].get_linestyle(), "--")
        self.assertIn("? is unknown", note)
        _, axis = plt.subplots()
        arcs = parser.dependencies("?-? A, cats-dogs B, cats-love C, cats-love D")
        self.assertTrue(parser.tree(axis, ["cats", "love"], arcs))
        texts = [t.get_text() for t in axis.texts if t.get_text()]
        self.assertEqual(sorted(texts), ["?", "?", "A", "B", "C", "D", "cats", "dogs", "love", "love"])

    def test_what_is_no_answer_is_said(self):
        for said, shown in (("", "no dependencies"), ("cannot parse, as a-b c is no verb", "cannot parse, as a-b c")):
            self.assertEqual(parser.dependencies(said), [])
            figure, _ = drawn(parsers(((said, said),) * 2), parser.draw)["trees"]
            self.assertIn(shown, " ".join(t.get_text() for t in figure.axes[0].texts))

    def test_many_sentences_have_several_pictures(self):
        results = [{f"cats love {i}": {"outcomes": {KNOWN: 1}, "right": 1.0} for i in range(61)}]
        shown = drawn(Folder(model="parser", results=results), parser.draw)
        self.assertEqual([len(widths(shown[n][0])[0]) for n in ("sentences", "sentences 2")], [60, 1])


class Notes(unittest.TestCase):
    """Of a grid, a picture of one point says which."""

    POINT = "beta = 1 (one of 2 points; --point chooses)"

    def tearDown(self):
        plt.close("all")

    def test_rasters_of_several_networks(self):
        folder = Folder(seeds=(1, 2), grid={"/model/beta": [1, 2]})
        for column, values in (("step", [0, 1]), ("unit", [3, 4]), ("replica", [0, 1])):
            folder.column(f"grid-0/ExcitatoryActivation/{column}", values)
        self.assertEqual(drawn(folder, sorn.raster, replicas=[0, 1])["raster"][1], f"2 networks, {self.POINT}")

    def test_patterns(self):
        folder = Folder(config={"model": {"type": "attractor"}, "protocol": []}, grid={"/model/beta": [1, 2]})
        folder.column("grid-0/patterns", np.eye(4))
        self.assertIn(f"4 patterns of 4 units, {self.POINT}", drawn(folder, attractor.draw)["patterns"][1])

    def test_weights_of_an_assembly(self):
        config = {"model": {"type": "assembly", "stages": [{"A": {"inputs": ["x"]}}]}}
        for seeds, said in (((3,), "seed 3"), ((3, 4), "all 2 networks together")):
            folder = Folder(config=config, seeds=seeds, grid={"/model/beta": [1, 2]})
            folder.column("grid-0/weight_histogram/0.A.weight_input0/counts", [[1, 2], [2, 1]])
            folder.column("grid-0/weight_histogram/0.A.weight_input0/top", [[1.0], [2.0]])
            self.assertEqual(drawn(folder, assembly.weights)["weights"][1], f"{said}, {self.POINT}")

    def test_results_of_a_calculus_are_those_of_the_selected_networks(self):
        results = [{f"mean recall of {n}": 2.0, f"mean recall of {n}, replicas": [1.0, 3.0]} for n in (1, 2)]
        folder = Folder(model="calculus", seeds=(1, 2), results=[results[0] | results[1]])
        axis = drawn(folder, calculus.capacity, replicas=[1])["capacity"][0].axes[0]
        np.testing.assert_array_equal(axis.lines[0].get_ydata(), [3, 3])
        folder = Folder(
            model="calculus",
            seeds=(1, 2),
            config={"model": {"type": "calculus"}, "protocol": [{"do": "overlap", "size": 10}]},
            grid={"/protocol/0/shared": [0, 10]},
            results=[{"overlap": 2.0, "overlap, replicas": [v, v + 1]} for v in (1, 5)],
        )
        axis = drawn(folder, calculus.separation, replicas=[1])["separation"][0].axes[0]
        np.testing.assert_array_equal(axis.lines[0].get_ydata(), [2, 6])

    def test_points_that_have_no_room_are_counted(self):
        points = [{f"mean recall of {n}": n + i for n in (1, 2)} for i in range(9)]
        folder = Folder(model="calculus", grid={"/model/p": list(range(9))}, results=points)
        self.assertIn("; the first 8 of 9 points", drawn(folder, calculus.capacity)["capacity"][1])


if __name__ == "__main__":
    unittest.main()
