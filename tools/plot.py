#!/usr/bin/env python3
"""Draws a run folder: tools/plot.py FOLDER writes PNGs into FOLDER/plots.

What is drawn follows from what was recorded: each module of tools/plots has draw(run), which does nothing for runs that
are not its own.
"""
import csv
import importlib
import json
import pathlib
import pkgutil
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

plt.rcParams.update({"figure.dpi": 110, "savefig.bbox": "tight", "axes.spines.top": False, "axes.spines.right": False,
                     "axes.titlesize": "medium", "legend.frameon": False, "font.size": 10, "axes.grid": False})


class Run:
    """A run folder: manifest, metrics as columns, series by name."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.manifest = json.loads((self.folder / "manifest.json").read_text())
        self.config = self.manifest["config"]
        self.family = self.config["model"]["type"]
        self.pictures = []
        self._metrics = None

    @property
    def metrics(self):
        """List of dictionaries with keys time, replica, layer, unit, attribute, value."""
        if self._metrics is None:
            path = self.folder / "metrics.csv"
            rows = csv.DictReader(path.open()) if path.exists() else []
            self._metrics = [dict(r, time=int(r["time"]), replica=int(r["replica"]), value=float(r["value"])) for r in rows]
        return self._metrics

    def metric(self, layer, attribute, replica=0):
        """Times and values of one metric."""
        rows = [(r["time"], r["value"]) for r in self.metrics
                if r["layer"] == layer and r["attribute"] == attribute and r["replica"] == replica]
        return np.array(rows).reshape(-1, 2).T

    def layers(self, attribute):
        return list(dict.fromkeys(r["layer"] for r in self.metrics if r["attribute"] == attribute))

    def series(self, name):
        path = self.folder / f"{name}.npy"
        return np.load(path) if path.exists() else None

    def names(self, pattern):
        return sorted(str(p.relative_to(self.folder))[:-4] for p in self.folder.glob(pattern + ".npy"))

    def save(self, figure, name):
        out = self.folder / "plots"
        out.mkdir(exist_ok=True)
        path = out / f"{name}.png"
        figure.savefig(path)
        plt.close(figure)
        self.pictures.append(path)


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if len(sys.argv) == 2 else 2
    if not (pathlib.Path(sys.argv[1]) / "manifest.json").is_file():
        print(f"{sys.argv[1]}: no manifest.json there; give the folder of a finished run", file=sys.stderr)
        return 2
    run = Run(sys.argv[1])
    here = pathlib.Path(__file__).resolve().parent
    sys.path.insert(0, str(here))
    for module in sorted(m.name for m in pkgutil.iter_modules([str(here / "plots")])):
        importlib.import_module(f"plots.{module}").draw(run)
    for path in run.pictures:
        print(path)
    if not run.pictures:
        print("nothing to draw: this run recorded no series that a plot knows", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
