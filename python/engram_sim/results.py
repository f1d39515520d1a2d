"""The results of a run: from results.csv where there is one, else from the manifest and from metrics.csv."""

from dataclasses import dataclass

import numpy as np

from engram_sim import tables


@dataclass
class Result:
    """One result at each point: mean and deviation over the networks, and each network's value where it was kept."""

    name: str
    mean: np.ndarray  # [point]
    sd: np.ndarray  # [point], NaN for a single network
    values: list  # [point] array of networks, empty where only the mean was kept


def results_of(run):
    """{name: Result}"""
    path = run.folder / "results.csv"
    # Means of what was measured more than once under one name are in the manifest alone.
    return {**from_manifest(run), **(from_table(run, path) if path.is_file() else {})}


def from_table(run, path):
    found = {}
    for given, replica, name, index, value in tables.read_results(path):
        if index is None:
            point, replica = run.place(given, replica or 0)
            found.setdefault(name, [[] for _ in run.points])[point].append((replica, value))
    return {name: of_values(name, [[v for _, v in sorted(p)] for p in points]) for name, points in found.items()}


def from_manifest(run):
    kept = [p.get("results", {}) for p in run.manifest.get("points", [])]
    kept += [{}] * (len(run.points) - len(kept))
    names = dict.fromkeys(n for p in kept for n, v in p.items() if isinstance(v, (int, float)))
    results = {}
    for name in names:
        if name.endswith(", sd") and name[:-4] in names:
            continue
        curve = curve_behind(run, name)
        if curve is not None:
            rows = [curve.values[curve.points == p, -1] for p in range(len(run.points))]
            results[name] = of_values(name, rows)
        elif any(isinstance(p.get(name + ", replicas"), list) for p in kept):
            results[name] = of_values(name, [p.get(name + ", replicas", []) for p in kept])
        elif len(kept) == len(run.points):
            mean, sd = (as_numbers([p.get(n) for p in kept]) for n in (name, name + ", sd"))
            results[name] = Result(name, mean, sd, [np.empty(0)] * len(run.points))
    return results


def as_numbers(values):
    return np.array([np.nan if v is None else v for v in values], float)


def of_values(name, values):
    known = [v[np.isfinite(v)] for v in map(as_numbers, values)]
    mean = np.array([v.mean() if len(v) else np.nan for v in known])
    sd = np.array([v.std(ddof=1) if len(v) > 1 else np.nan for v in known])
    return Result(name, mean, sd, known)


def curve_behind(run, name):
    """The metric with one value a network that a result is the mean of."""
    parts = name.split(", ")
    for i in range(1, len(parts)):
        curve = run.curves.get((", ".join(parts[:i]), "", ", ".join(parts[i:])))
        if curve is not None and len(curve.times) == 1:
            return curve
    return None


def outcomes_of(run):
    """{sentence: {(point, replica): what a network of a parser made of it}}, as far as it was kept."""
    path, found = run.folder / "results.csv", {}
    for given, replica, name, text in tables.read_texts(path, ", outcomes") if path.is_file() else []:
        found.setdefault(name, {})[run.place(given, replica)] = text
    return found


def lists_of(run):
    """{name: [point] of [network][measurement]} of what was measured more than once under one name."""
    found = {}
    path = run.folder / "results.csv"
    for given, replica, name, index, value in tables.read_results(path) if path.is_file() else []:
        if index is not None:
            point, replica = run.place(given, replica or 0)
            found.setdefault(name, [{} for _ in run.points])[point].setdefault(replica, {})[index] = value
    lists = {
        name: [np.array([[of[i] for i in sorted(of)] for _, of in sorted(p.items())]) for p in points]
        for name, points in found.items()
        if all(len({len(of) for of in p.values()}) <= 1 for p in points)
    }
    each = len(run.points) // max(1, len(run.manifest.get("points", [])))
    for number, point in enumerate(run.manifest.get("points", [])):
        for name, value in point.get("results", {}).items():
            if name.endswith(", all") and value and name[:-5] not in found:
                points = lists.setdefault(name[:-5], [np.empty((0, 0))] * len(run.points))
                points[number * each] = np.atleast_2d(np.array(value, float))
    return lists
