"""Pictures of Leabra and NEF runs show the chosen network, the right times and the right values."""

import unittest

import numpy as np

from engram_sim import Run, names
from engram_sim.plot import album_of, draw, leabra, nef
from engram_sim.plot.figures import Selection, plt
from folders import Folder

LEABRA = {
    "model": {
        "type": "leabra",
        "layers": {"in": {"size": 2}, "out": {"size": 3}},
        "projections": {"p": {"pre": "in", "post": "out"}},
    },
    "patterns": {"inputs": ["in"], "targets": ["out"], "train": {"out": [[1, 0, 0], [0, 1, 0]]}},
    "protocol": [{"do": "train", "label": "learn", "epochs": 4, "minus_cycles": 3, "plus_cycles": 2}],
}
NEF = {
    "model": {
        "type": "nef",
        "dt": 0.01,
        "nodes": {"keys": {"output": "cycle", "values": [[1, 0], [0, 1]]}},
        "ensembles": {"memory": {"neurons": 2, "dimensions": 2}},
        "connections": {"c": {"from": "keys", "to": "memory", "learning": [{"rule": "voja"}]}},
        "probes": {
            "x": {"of": "keys"},
            "y": {"of": "memory"},
            "e": {"of": "c.rule0", "attribute": "scaled_encoders"},
        },
    },
    "run": {"seconds": 0.04, "measures": [{"probe": "y", "versus": "x"}]},
}


def leabra_folder(seeds=(1, 2)):
    folder = Folder(model="leabra", seeds=seeds, config=LEABRA)
    rows = [
        (t, r, "learn", "", a, 1 / (1 + t) + r)
        for t in range(4)
        for r in range(len(seeds))
        for a in leabra.MEASURES
    ]
    folder.metrics(rows)
    networks = len(seeds)
    folder.column("weights/p", np.arange(6 * networks).reshape(3 * networks, 2))
    cycles, units = range(10), range(3)
    log = [(c, u, r) for c in cycles for r in range(networks) for u in units]
    for i, column in enumerate(("time", "unit", "replica")):
        folder.column(f"out/cycle_units/{column}", [float(row[i]) for row in log])
    folder.column("out/cycle_units/act", [c + 10.0 * u + 100 * r for c, u, r in log])
    answers = [(t, r, p) for t in (0, 3) for r in range(networks) for p in (1, 0)]
    for i, column in enumerate(("time", "replica", "pattern")):
        folder.column(f"learn/outputs/out/{column}", [row[i] for row in answers])
    folder.column("learn/outputs/out/act", [[t / 10, r, p] for t, r, p in answers])
    return folder


def nef_folder(seeds=(1, 2), **more):
    folder = Folder(model="nef", seeds=seeds, config=NEF, **more)
    steps = [(s, r) for s in (1, 2, 3, 4) for r in range(len(seeds))]
    for probe, value in (
        ("x", lambda s, r: [0.0, 0.0]),
        ("y", lambda s, r: [3.0 * s, 4.0 * s + r * 0]),
        ("e", lambda s, r: [s, 0, 0, s + r]),
    ):
        folder.column(f"{probe}/step", [s for s, _ in steps]).column(f"{probe}/replica", [r for _, r in steps])
        folder.column(f"{probe}/value", [value(s, r) for s, r in steps])
    folder.column("c/learned", [[1, 0, 0, 1 + r] for r in range(len(seeds))])
    return folder


class KeepsFigures(unittest.TestCase):
    """Looks at figures instead of files."""

    def drawn(self, function, *arguments):
        album = arguments[1]
        figures = {}
        album.save = lambda figure, name, title, note="": figures.update({name: (figure, note)})
        function(*arguments)
        return figures

    def tearDown(self):
        plt.close("all")


class Leabra(KeepsFigures):
    def test_all_pictures_are_drawn_for_one_network_and_for_several(self):
        for seeds in ((1,), (1, 2)):
            run = Run(leabra_folder(seeds).path)
            album = album_of(run, dpi=40)
            draw(run, album)
            self.assertEqual(
                [p.stem for p in album.pictures], ["learning", "activations out", "answers learn", "weights"]
            )

    def test_activations_are_those_of_the_chosen_network_with_the_phases_of_a_trial(self):
        run = Run(leabra_folder().path)
        album = album_of(run, selection=Selection(replicas=[1]))
        figure, note = self.drawn(leabra.activations, run, album, "out")["activations out"]
        axis = figure.axes[0]
        np.testing.assert_array_equal(axis.lines[2].get_ydata()[:3], [120, 121, 122])
        self.assertEqual([t.get_text() for t in axis.texts[:2]], ["minus", "plus"])
        self.assertIn("seed 2", note)

    def test_answers_are_the_last_ones_in_the_order_of_the_patterns(self):
        run = Run(leabra_folder().path)
        album = album_of(run, selection=Selection(replicas=[1]))
        figure, _ = self.drawn(leabra.answers, run, album)["answers learn"]
        np.testing.assert_allclose(figure.axes[0].images[0].get_array(), [[0.3, 1, 0], [0.3, 1, 1]])
        np.testing.assert_allclose(figure.axes[1].images[0].get_array(), [[1, 0, 0], [0, 1, 0]])

    def test_weights_are_those_of_the_chosen_network(self):
        run = Run(leabra_folder().path)
        album = album_of(run, selection=Selection(replicas=[1]))
        figure, _ = self.drawn(leabra.weights, run, album)["weights"]
        np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), [[6, 7], [8, 9], [10, 11]])

    def test_phases_are_epochs_and_accuracy_is_not_that_of_another_family(self):
        run = Run(leabra_folder().path)
        self.assertEqual(names.phases(run), [("learn", 0, 4)])
        self.assertIn("share", names.words("accuracy", "leabra"))
        self.assertIn("nats", names.words("accuracy", "attractor"))


class Nef(KeepsFigures):
    def test_all_pictures_are_drawn_for_networks_and_grids(self):
        run = Run(nef_folder((1,)).path)
        album = album_of(run, dpi=40)
        draw(run, album)
        self.assertEqual([p.stem for p in album.pictures], ["probes", "errors", "encoders c"])

    def test_errors_are_lengths_of_differences_over_seconds(self):
        run = Run(nef_folder().path)
        figure, _ = self.drawn(nef.errors, run, album_of(run), 0.01)["errors"]
        line = figure.axes[0].lines[0]
        np.testing.assert_allclose(line.get_xdata(), [0.01, 0.02, 0.03, 0.04])
        np.testing.assert_allclose(line.get_ydata(), [5, 10, 15, 20])

    def test_encoders_are_directions_before_and_after_with_the_keys(self):
        run = Run(nef_folder().path)
        album = album_of(run, selection=Selection(replicas=[1]))
        figure, _ = self.drawn(nef.encoders, run, album, "c", {"e"})["encoders c"]
        self.assertEqual([a.get_title() for a in figure.axes], ["step 1", "step 4"])
        np.testing.assert_allclose(np.transpose(figure.axes[1].lines[0].get_data()), [[1, 0], [0, 1]])
        np.testing.assert_allclose(np.transpose(figure.axes[1].lines[1].get_data()), [[1, 0], [0, 1]])

    def test_a_memory_shows_each_item_of_each_point(self):
        folder = Folder(model="nef_memory", seeds=(1, 2), grid={"/model/cue_noise": [0, 1]})
        rows = [
            (10 * item, r, "memory", item, "cosine", item + 10 * noise + r, noise)
            for noise in (0, 1)
            for item in range(3)
            for r in (0, 1)
        ]
        folder.metrics(rows, "time,replica,layer,unit,attribute,value,/model/cue_noise")
        run = Run(folder.path)
        figure, _ = self.drawn(nef.recalled, run, album_of(run))["recall"]
        np.testing.assert_allclose(figure.axes[0].lines[1].get_ydata(), [10.5, 11.5, 12.5])


if __name__ == "__main__":
    unittest.main()
