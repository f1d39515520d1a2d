"""Pictures and pages are in files of their own and whole, and a run that diverged is drawn without a word of NumPy."""

import pathlib
import resource
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

import numpy as np

from engram_sim import Run, names, whole_files
from engram_sim.plot import album_of, draw
from engram_sim.plot.figures import plt
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


class Labels(unittest.TestCase):
    """Each phase has its picture, whatever its label is."""

    def pictures_of(self, labels, quantities=("rate",), **more):
        config = {"phases": [{"steps": 2, "label": label} for label in labels], **more}
        results = [{f"{label}, {q}": p for label in labels for q in quantities} for p in (1, 2)]
        folder = Folder(config=config, grid={"/model/eta_ip": [0.1, 0.2]}, results=results)
        album = album_of(Run(folder.path), dpi=30)
        titles = {}
        save = album.save

        def look(figure, name, *words):
            titles[name] = [axis.get_title() for axis in figure.axes if axis.axison]
            save(figure, name, *words)

        album.save = look
        draw(album.run, album)
        self.assertEqual(files_of(folder.path / "plots"), sorted(path.name for path in album.pictures))
        return [path.stem for path in album.pictures], titles

    def test_labels_that_read_alike_as_names_of_files(self):
        labels = ["b/c", "b c", "b:c", "b\\c", "b%2Fc", "b\nc", "b*", "b?", "..", "\u00fc"]
        stems, titles = self.pictures_of(labels)
        self.assertEqual(list(titles), [f"grid {label}" for label in labels])
        self.assertEqual(stems[:5], ["grid b%2Fc", "grid b c", "grid b%3Ac", "grid b%5Cc", "grid b%252Fc"])
        self.assertEqual(len(set(stems)), len(labels))

    def test_labels_with_commas_are_whole(self):
        _, titles = self.pictures_of(["b, x", "b, y", "b"], ("rate", "angle, with diagonal"))
        self.assertEqual(titles, {f"grid {label}": ["rate", "angle, with diagonal"] for label in ("b, x", "b, y", "b")})

    def test_long_labels(self):
        stems, _ = self.pictures_of(["x" * 250, "x" * 249 + "y", "\u00fc" * 130])
        self.assertEqual(len(set(stems)), 3)

    def test_a_label_that_is_called_as_the_second_picture_of_another_one(self):
        stems, _ = self.pictures_of(["b", "b 2"], [f"q{i}" for i in range(13)])
        self.assertEqual(stems, ["grid b", "grid b 2", "grid b 2 (2)", "grid b 2 2"])

    def test_a_dollar_begins_no_formula(self):
        labels = ["$\\bad$", "$a$ and 5$"]
        self.assertEqual(len(self.pictures_of(labels)[0]), 2)
        figure, axis = plt.subplots()
        axis.set_title(labels[1])
        axis.set_xticks([0, 1], names.distinct(labels))
        axis.set_yscale("log")
        album_of(Run(Folder().path), dpi=30).save(figure, "name", labels[0])
        self.assertIn(axis.get_title(), (r"\$a\$ and 5\$",))

    def test_labels_of_measures_and_sentences_and_of_a_grid(self):
        for family, config in (
            ("nef", {"run": {"measures": [{"probe": "p", "label": "b, x"}, {"probe": "p", "label": "b, x"}]}}),
            ("parser", {"sentences": ["b, x", {"text": "b, x"}]}),
            ("sorn", {"phases": [{"label": "b, x"}, {"label": "b, x"}]}),
        ):
            run = Run(Folder(config={**config, "model": {"type": family}}).path)
            labels = names.result_labels(run, [0])
            self.assertEqual(names.split_result("b, x (2), rate", labels), ("b, x (2)", "rate"))
        run = Run(Folder(config={"phases": [{"label": "a"}]}, grid={"/phases/0/label": ["b, x", "c"]}).path)
        self.assertEqual(names.result_labels(run, [0, 1]), {"b, x", "c"})
        run = Run(Folder(model="calculus").path)
        self.assertEqual(names.split_result("b, x", names.result_labels(run, [0])), ("", "b, x"))


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
