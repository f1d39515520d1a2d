"""Pictures and pages are in files of their own and whole, and a run that diverged is drawn without a word of NumPy."""

import pathlib
import resource
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

import numpy as np

from engram_sim import whole_files
from folders import Folder, rates


def engram(*words, most_bytes=None):
    """(exit code, output, errors) of a command, which can write files of so many bytes."""

    def limits():
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    done = subprocess.run(
        [sys.executable, "-m", "engram_sim", *map(str, words)], capture_output=True, text=True, preexec_fn=limits
    )
    return done.returncode, done.stdout, done.stderr


def files_of(folder):
    return sorted(p.relative_to(folder).as_posix() for p in pathlib.Path(folder).rglob("*") if p.is_file())


class NoRoom(unittest.TestCase):
    def setUp(self):
        self.folder = Folder().metrics(rates(1, 9)).path
        self.before = files_of(self.folder)

    def test_what_cannot_be_written_leaves_nothing(self):
        for command, name, most in (("plot", "rate.png", 5000), ("report", "report.html", 28_000)):
            code, said, error = engram(command, self.folder, most_bytes=most)
            self.assertEqual((code, said), (5, ""), error)
            self.assertIn(name, error)
            self.assertEqual(files_of(self.folder), self.before)

    def test_what_cannot_be_written_leaves_what_is_there(self):
        for command, name in (("plot", "plots/rate.png"), ("report", "report.html")):
            self.assertEqual(engram(command, self.folder)[0], 0)
            written = (self.folder / name).read_bytes()
            self.assertEqual(engram(command, self.folder, most_bytes=5000)[0], 5)
            self.assertEqual((self.folder / name).read_bytes(), written)
        self.assertEqual(files_of(self.folder), sorted([*self.before, "plots/rate.png", "report.html"]))

    def test_a_key_that_ends_the_command_leaves_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            with unittest.mock.patch.object(pathlib.Path, "replace", side_effect=KeyboardInterrupt):
                self.assertRaises(KeyboardInterrupt, whole_files.write, pathlib.Path(folder) / "page", b"text")
            self.assertEqual(files_of(folder), [])

    def test_links_are_followed_and_devices_stay(self):
        with tempfile.TemporaryDirectory() as folder:
            link = pathlib.Path(folder) / "link"
            link.symlink_to("there")
            whole_files.write(link, b"text")
            self.assertTrue(link.is_symlink())
            self.assertEqual((link.parent / "there").read_bytes(), b"text")
        whole_files.write("/dev/null", b"text")
        self.assertTrue(pathlib.Path("/dev/null").is_char_device())


class Diverged(unittest.TestCase):
    def test_what_is_not_finite_needs_no_words(self):
        config = {
            "model": {"type": "nef", "nodes": {"x": {}}, "probes": {"p": {"of": "x"}}},
            "run": {"seconds": 0.01, "measures": [{"probe": "p"}]},
        }
        results = [{"p, mean length": v, "p, mean length, sd": v} for v in (1e308, None)]
        folder = Folder(model="nef", config=config, seeds=(1, 2), grid={"/model/dt": [0.1, 0.2]}, results=results)
        folder.metrics(
            [(t, r, "x", "", "rate", v, dt) for t, v in enumerate((1, 1e308, "inf", "nan", 1, 2)) for r in (0, 1)
             for dt in (0.1, 0.2)],
            "time,replica,layer,unit,attribute,value,/model/dt",
        )  # fmt: skip
        values = np.array([[0], [0], [1e30], [-1e30], [np.inf], [-np.inf]], np.float32)
        for point in (0, 1):
            folder.column(f"grid-{point}/p/step", [1, 1, 2, 2, 3, 3]).column(f"grid-{point}/p/value", values)
            folder.column(f"grid-{point}/p/replica", [0, 1] * 3)
        for command in ("plot", "report"):
            code, said, error = engram(command, folder.path)
            self.assertEqual((code, error), (0, ""))
        other = Folder(model="another", seeds=(1, 2)).metrics(
            [(t, r, "E", "", "rate", v) for t, v in enumerate((1, 1e308, "inf", 1)) for r in (0, 1)]
        )
        for command in ("plot", "report"):
            self.assertEqual(engram(command, other.path)[::2], (0, ""))


if __name__ == "__main__":
    unittest.main()
