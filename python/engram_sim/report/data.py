"""What the page draws itself: charts of every metric, reduced to what a screen can show, and the table of results."""

import math

import numpy as np

from engram_sim import names

FEWEST_TIMES = 5  # of a chart; what is measured less often stands among the results
MOST_CHARTS = 24
MOST_LINES = 12
MOST_VALUES = 60_000  # in all charts together: what keeps a page below 2 MB


def written(value):
    """Keys and names in the order of a document."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from (key, *written(member))
    elif isinstance(value, list):
        for member in value:
            yield from written(member)
    elif isinstance(value, str):
        yield value


def charts_of(run):
    """([{title, x, lines: [{label, x, mean, low, high}]}], how many were left out)."""
    groups = {}
    many = len(run.points) > 1
    for (layer, unit, attribute), curve in run.curves.items():
        if np.isfinite(curve.values).any(0).sum() >= FEWEST_TIMES:
            name = names.matrix_words(run.config, layer) + (f" {unit}" if unit else "")
            groups.setdefault((attribute, name) if many else (attribute, ""), []).append((name, curve))
    # Lines in the order of the experiment have the colours of the pictures, whatever was measured first.
    place = {name: i for i, name in reversed(list(enumerate(written(run.config["model"]))))}
    for members in groups.values():
        members.sort(key=lambda member: place.get(member[0], len(place)))
    kept = list(groups.items())[:MOST_CHARTS]
    lines_in_all = sum(min(MOST_LINES, len(run.points) if many else len(members)) for _, members in kept)
    most = max(40, MOST_VALUES // max(1, 4 * lines_in_all))
    charts = []
    for (attribute, name), members in kept:
        if many:
            lines = [
                (names.point_words(run.points[p]), members[0][1], p) for p in range(min(MOST_LINES, len(run.points)))
            ]
        else:
            lines = [(layer, curve, 0) for layer, curve in members[:MOST_LINES]]
        drawn = [line(label, curve, point, most) for label, curve, point in lines if (curve.points == point).any()]
        charts.append(
            {
                "title": names.words(attribute, run.family).replace("\n", " ") + (f", {name}" if name else ""),
                "attribute": attribute,
                "lines": drawn,
            }
        )
    return charts, len(groups) - len(kept)


def line(label, curve, point, most):
    """Mean and band over the replicas of a point. Of more values than `most`, bins keep the mean and the extremes."""
    curve = curve.regular()
    values = curve.values[curve.points == point]
    count = np.isfinite(values).sum(0)
    keep = count > 0
    values, count, times = values[:, keep], count[keep], curve.times[keep]
    mean = np.nansum(values, 0) / count
    deviation = np.sqrt(np.nansum((values - mean) ** 2, 0) / np.maximum(count - 1, 1))
    low, high = (mean - deviation, mean + deviation) if len(values) > 1 else (mean, mean)
    if len(times) > most:
        first = np.linspace(0, len(times), most + 1).astype(int)[:-1]
        sizes = np.diff(np.append(first, len(times)))
        times = times[first]
        mean, low, high = (
            np.add.reduceat(mean, first) / sizes,
            np.minimum.reduceat(low, first),
            np.maximum.reduceat(high, first),
        )
    return {
        "label": label,
        "networks": len(values),
        "x": times.tolist(),
        "mean": rounded(mean),
        "low": rounded(low),
        "high": rounded(high),
    }


def rounded(values):
    """Five digits, which is more than a screen shows; null for what is not finite."""
    return [float(f"{v:.5g}") if math.isfinite(v) else None for v in values]


def results_of(run):
    """{swept: pointers, points: [values], results: [{name, mean, sd, networks}]}."""
    return {
        "swept": [names.pointer_words(p) for p in run.swept],
        "points": [[p[k] for k in run.swept] for p in run.points],
        "results": [
            {"name": r.name, "mean": rounded(r.mean), "sd": rounded(r.sd), "networks": [len(v) for v in r.values]}
            for r in run.results.values()
        ],
    }


def texts_of(run):
    """Results that are not numbers, such as lists and parsed sentences: [(point, name, value)]."""
    found = []
    for number, point in enumerate(run.manifest.get("points", [])):
        for name, value in point.get("results", {}).items():
            if isinstance(value, (dict, list, str)) and not name.endswith(", replicas"):
                found.append((number, name, value))
    told = {name.removesuffix(", all") for _, name, _ in found}
    found += [
        (p, name, values.tolist())
        for name, points in run.lists.items()
        if name not in told
        for p, values in enumerate(points)
        if values.size
    ]
    return found
