"""A run folder of engram: what was asked, what was measured, what was recorded.

A *network* is one replica at one point. A *point* is one combination of swept values: those of `replicas.grid`, and of
lists in the model of attractor networks. A run without swept values has one point.
"""

import copy
import csv
import json
import numbers
import os
import pathlib
from dataclasses import dataclass, replace
from urllib.parse import quote

import numpy as np

from engram_sim import frames, results, tables
from engram_sim.errors import ConfigError, Error


class RunError(Error):
    """A folder that cannot be read as a run; the message says why, and what to do."""

    exit_code = 2


@dataclass
class Curve:
    """One metric: the values of each network at its times; NaN where a network has no value at a time."""

    layer: str
    unit: str
    attribute: str
    times: np.ndarray  # [time]
    values: np.ndarray  # [network][time]
    points: np.ndarray  # [network] index of the point
    replicas: np.ndarray  # [network]

    def regular(self, bins=60):
        """Itself; where networks have values at times of their own, as at the ends of episodes, the means of so many
        equal spans of time."""
        known = np.isfinite(self.values)
        if len(self.times) <= bins or known.sum() > 0.8 * known.size or (known == known[:1]).all():
            return self
        edges = np.linspace(self.times[0], self.times[-1] + 1, bins + 1)
        span = np.searchsorted(edges, self.times, "right") - 1
        values = np.full((len(self.values), bins), np.nan)
        for row, mine, out in zip(self.values, known, values):
            count = np.bincount(span[mine], minlength=bins)
            out[count > 0] = np.bincount(span[mine], row[mine], bins)[count > 0] / count[count > 0]
        return replace(self, times=(edges[:-1] + edges[1:]) / 2, values=values)


def _number(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def _escaped(part):
    """A part of a column's name as the recorder writes it into a path; none leads out of the folder."""
    if part in ("", ".", ".."):
        return part + "%"
    return quote(part, safe="+=").replace("~", "%7E")


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Run:
    """Reads a run folder, whether the run is complete, going on, interrupted, failed or killed."""

    def __init__(self, folder):
        if not isinstance(folder, (str, os.PathLike)):
            raise RunError(f"found {folder!r}; needed is the path of the folder that `engram run` wrote")
        self.folder = pathlib.Path(folder)
        path = self.folder / "manifest.json"
        if not self.folder.is_dir():
            raise RunError(f"{folder}: there is no such folder")
        if not path.is_file():
            raise RunError(f"{folder}: no manifest.json in it; give the folder that `engram run` wrote")
        try:
            self.manifest = json.loads(path.read_text())
            self.config = self.manifest["config"]
            self.family = self.config["model"]["type"]
        except (ValueError, KeyError, TypeError) as fault:
            raise RunError(f"{path}: not a manifest of engram ({fault})") from None
        self.name = self.manifest.get("name", self.folder.name)
        self.seeds = self.manifest.get("seeds") or [self.config.get("seed", 1)]
        self._grid = self._grid_points()
        cells = self._cells()
        self.points = [{**g, **c} for g in self._grid for c in cells]
        self.swept = list(self.points[0])
        self._cells_per_point = len(cells)
        self._curves = self._results = None

    # --- what ran

    @property
    def status(self):
        """complete, running, interrupted, failed, or killed: running by its manifest, but its process is gone."""
        status = self.manifest.get("status", "unknown")
        if status != "running":
            return status
        try:
            pid = int((self.folder / ".lock").read_text().strip() or 0)
        except (OSError, ValueError):
            return "killed"
        return "running" if pid > 0 and _alive(pid) else "killed"

    def _grid_points(self):
        grid = self.config.get("replicas", {})
        grid = grid.get("grid", {}) if isinstance(grid, dict) else {}
        points = [{}]
        for pointer, values in grid.items():  # the last pointer varies fastest
            points = [{**p, pointer: v} for p in points for v in values]
        return points

    def _cells(self):
        """Lists of attractor networks make one network of each combination, the second varying fastest."""
        if self.family != "attractor":
            return [{}]
        cells = [{}]
        for key in ("evidence", "inverse_temperature"):
            value = self.config["model"].get(key)
            if isinstance(value, dict):  # from a file, which may be gone
                value = self._values_in_tables(f"/model/{key}")
            if isinstance(value, list) and len(value) > 1:
                cells = [{**c, f"/model/{key}": v} for c in cells for v in value]
        return cells

    def _values_in_tables(self, pointer):
        """The values of a list that stood in a file, in the order of their networks."""
        for name in ("results.csv", "metrics.csv"):
            path = self.folder / name
            if not path.is_file():
                continue
            with open(path, newline="") as table:
                found = dict.fromkeys(row.get(pointer) for row in csv.DictReader(table))
            if values := [_number(text) for text in found if text]:
                return values
        return []

    def config_of(self, point):
        """The configuration as it ran at a point, with its swept values in their places."""
        config = copy.deepcopy(self.config)
        for pointer, value in self._known(point).items():
            *path, last = (p.replace("~1", "/").replace("~0", "~") for p in pointer.split("/")[1:])
            at = config
            for key in path:
                at = at[int(key)] if isinstance(at, list) else at.setdefault(key, {})
            at[int(last) if isinstance(at, list) else last] = value
        return config

    def network_number(self, point, replica):
        """The position of a network among those that one run holds side by side, as its columns count them."""
        return point % self._cells_per_point * len(self.seeds) + replica

    # --- what was measured

    @property
    def curves(self):
        """{(layer, unit, attribute): Curve} of metrics.csv."""
        if self._curves is None:
            path = self.folder / "metrics.csv"
            try:
                self._raw = tables.read_metrics(path) if path.is_file() else ({}, (), [])
            except ValueError as fault:
                raise RunError(str(fault)) from None
            self._curves = {key: self._curve(key, self._phases_in_time(key)) for key in self._raw[0]}
        return self._curves

    def curve(self, layer, attribute, unit="", phase=None):
        """One metric, in all phases or in the one of this label, or None where it was not recorded."""
        key = (layer, unit, attribute)
        if phase is None or key not in self.curves:
            return self.curves.get(key)
        return self._curve(key, [phase])

    def _phases_in_time(self, key):
        """The phases whose rows make up the course of a metric. A phase that measures once has its label as the
        attribute, on a clock of its own: it is another metric than one of the same name."""
        networks, labels = self._raw[0][key], self._raw[2]
        found = {labels[number] for _, _, phases in networks.values() for number in np.unique(phases)}
        return found - {key[2]} or found

    def layers(self, attribute):
        """Layers of which this attribute was measured."""
        return list(dict.fromkeys(layer for layer, _, a in self.curves if a == attribute))

    def _curve(self, key, phases):
        """What was measured in these phases; None where nothing was."""
        raw, swept, labels = self._raw
        numbers = [i for i, label in enumerate(labels) if label in phases]
        networks = {k: (t[keep], v[keep]) for k, (t, v, p) in raw[key].items() if (keep := np.isin(p, numbers)).any()}
        if not networks:
            return None
        times = np.unique(np.concatenate([t for t, _ in networks.values()]))
        values = np.full((len(networks), len(times)), np.nan)
        found = []
        for row, ((point, number), (t, v)) in zip(values, networks.items()):
            row[np.searchsorted(times, t)] = v
            found.append(self.place(dict(zip(swept, point)), number))
        points, replicas = np.array(found).T
        return Curve(*key, times, values, points, replicas)

    def place(self, given, number):
        """(point, replica) of a row: its swept values as text, and the number of its network."""
        values = {k: _number(v) for k, v in given.items()}
        grid = next(
            (i for i, g in enumerate(self._grid) if all(k not in values or values[k] == v for k, v in g.items())), 0
        )
        cell = number // len(self.seeds) % self._cells_per_point
        first = grid * self._cells_per_point
        for i in range(self._cells_per_point):  # a table that names these values decides
            extra = {k: v for k, v in self.points[first + i].items() if k not in self._grid[grid]}
            if extra and all(k in values and values[k] == v for k, v in extra.items()):
                cell = i
        return first + cell, number % len(self.seeds)

    @property
    def results(self):
        """{name: Result}"""
        if self._results is None:
            self._results = results.results_of(self)
        return self._results

    @property
    def lists(self):
        """{name: [point] of [network][measurement]} of what was measured more than once under one name."""
        return results.lists_of(self)

    # --- what was recorded

    def _known(self, point):
        """Values of a point. ConfigError where there is none of this number."""
        if not isinstance(point, numbers.Integral) or not 0 <= point < len(self.points):
            there = f"there are {len(self.points)} points, counted from 0" if self.swept else "there is one point, 0"
            raise ConfigError("point", f"found {point!r}; {there}")
        return self.points[point]

    def _folder_of(self, point):
        """Where the columns of a point lie; a grid of one point is a grid."""
        self._known(point)
        return self.folder / f"grid-{point // self._cells_per_point}" if self._grid[0] else self.folder

    def column(self, name, point=0):
        """A recorded column of a point, mapped into memory, or None."""
        folder = self._folder_of(point)
        path = folder / f"{'/'.join(_escaped(part) for part in name.split('/'))}.npy"
        try:
            return tables.read_column(path) if path.is_file() else None
        except (ValueError, OSError):
            return None

    def columns(self, names, point=0):
        """Columns of one series, cut to the rows that all of them have; None where one is missing."""
        found = [self.column(name, point) for name in names]
        if any(c is None for c in found):
            return None
        rows = min(len(c) for c in found)
        return [c[:rows] for c in found]

    def column_names(self, pattern):
        """Names that column() takes, of those that fit a pattern such as "winners/*/unit"."""
        folder = self._folder_of(0)
        return sorted(p.relative_to(folder).as_posix()[:-4] for p in folder.glob(pattern + ".npy"))

    def state(self, point=0):
        """{name: array} of all state at the end of a point, mapped into memory and not to be written."""
        path = self._folder_of(point) / "state.safetensors"
        if not path.is_file():
            raise RunError(f"{path}: there is none yet; the run is {self.status}, and resume() takes it to its end")
        try:
            return tables.read_state(path)
        except (ValueError, KeyError, TypeError, OSError) as fault:
            raise RunError(f"{path}: not a state of engram ({fault})") from None

    # --- what is made of it

    def frame(self):
        """All of metrics.csv as a DataFrame of pandas, a row a value: point, replica, seed, layer, unit, attribute, time,
        value, and a column for each swept pointer."""
        return frames.of_metrics(self)

    def results_frame(self):
        """The results as a DataFrame of pandas, a row a result and point: point, result, mean, sd, networks, and a column
        for each swept pointer."""
        return frames.of_results(self)

    def plot(self, folder=None, format="png", dpi=110, only=None):
        """Draws all pictures that the records allow, as `engram plot` does, and returns their paths.

        folder: where to; default: "plots" within the run. format: "png", "pdf" or "svg". only: names of pictures, such as
        ["weights", "grid*"].
        """
        from engram_sim.plot import album_of, draw
        from engram_sim.plot.figures import Selection

        album = album_of(self, folder and pathlib.Path(folder), Selection(only=only), format, dpi)
        draw(self, album)
        return list(album.pictures)

    def report(self, path=None):
        """Writes the run as one HTML page, as `engram report` does, and returns its path; default: report.html within
        the run."""
        from engram_sim.report import page

        return page.write(self, pathlib.Path(path or self.folder / "report.html"))

    def resume(self, **how):
        """Goes on with a run that was cut short, to the bits of one that was not; the keywords are those of
        engram_sim.resume(). Returns the run anew."""
        from engram_sim import experiments

        return experiments.resume(self.folder, **how)

    def __repr__(self):
        return f"Run({str(self.folder)!r}, {self.family}, {self.status})"

    def _repr_html_(self):
        return frames.as_html(self)
