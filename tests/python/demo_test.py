"""The demo says what it saw: trees, differing files, rounds; and its first part, run by the program."""

import contextlib
import io
import os
import pathlib
import tempfile
import unittest

from engram_sim import demo
from folders import Folder


def said(function, *arguments):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        result = function(*arguments)
    return out.getvalue(), result


class Parts(unittest.TestCase):
    def test_a_tree_has_every_dependency_below_its_head(self):
        lines = demo.tree_lines([("chase", "dogs", "SUBJ"), ("chase", "cats", "OBJ"), ("dogs", "the", "DET")])
        self.assertEqual(lines, ["chase", "├─ subj: dogs", "│  └─ det: the", "└─ obj: cats"])
        self.assertEqual(demo.tree_lines([]), [])
        self.assertEqual(demo.tree_lines([("a", "b", "X"), ("b", "a", "Y")]), [])  # no root: no endless walk

    def test_files_that_differ_or_are_missing_are_named(self):
        one, other = Folder(), Folder()
        for folder in (one, other):
            folder.column("same", [1, 2]).column("differs", [1, 2])
            folder.write("checkpoints/x.safetensors", str(folder.path))
        self.assertEqual(demo.differences(one.path, other.path), [])
        other.column("differs", [1, 3])
        one.write("metrics.csv", "only here")
        self.assertEqual(demo.differences(one.path, other.path), ["differs.npy", "metrics.csv"])

    def test_each_round_is_shown_once(self):
        folder = Folder(model="calculus").metrics(
            [(t, 0, "A", "", a, v) for t in range(3) for a, v in (("support", 10 + t), ("stable", 0.5))]
        )
        text, shown = said(demo.show_rounds, folder.path, 1)
        self.assertEqual((text.count("round"), shown), (2, 3))
        self.assertIn("12 neurons have fired so far,  50% of the winners stay", text)
        self.assertEqual(said(demo.show_rounds, pathlib.Path("/nonexistent"), 2), ("", 2))
        self.assertEqual(said(demo.show_rounds, folder.path, 0, True), ("", 0))  # complete: of an earlier demo

    @unittest.skipUnless(os.environ.get("ENGRAM_PROGRAM"), "ENGRAM_PROGRAM names no program")
    def test_two_stimuli_become_one_memory(self):
        with tempfile.TemporaryDirectory() as folder:
            text, _ = said(demo.association, demo.Demo(folder, os.environ["ENGRAM_PROGRAM"]))
        self.assertIn("chance   5.0%", text)
        self.assertRegex(text, r"\d times what chance gives")


if __name__ == "__main__":
    unittest.main()
