"""Results over swept values: points and error bars over one, a heat map over two; further ones stand beside the first.

Results that are the same at every point are left out.
"""

import json

import numpy as np

from engram_sim import names
from engram_sim.plot.figures import SIGNED, grid_of_axes, in_parts

MOST_PANELS = 12  # in one picture


def draw(run, album):
    points = album.points
    swept = [p for p in run.swept if len({json.dumps(run.points[i][p]) for i in points}) > 1]
    if not swept:
        return
    results = [r for r in run.results.values() if len(np.unique(means(r, album)[np.isfinite(means(r, album))])) > 1]
    for group, members in _groups(results, names.result_labels(run, points)).items():
        name = "grid " + group if group else "grid"
        for part_name, part in in_parts(name, members, MOST_PANELS):
            if album.wants(part_name):
                _picture(run, album, part_name, group, part, swept)


def means(result, album):
    """Of the selected networks at each point; NaN where some are selected and only the mean of all was kept."""
    values = [values_of(result, p, album) for p in album.points]
    every = album.selection.replicas is None
    return np.array([v.mean() if len(v) else result.mean[p] if every else np.nan for p, v in zip(album.points, values)])


def deviations(result, album):
    """Of the selected networks at each point; NaN where they are not known, as for a single one."""
    values = [values_of(result, p, album) for p in album.points]
    every = album.selection.replicas is None
    return np.array(
        [v.std(ddof=1) if len(v) > 1 else s if every else np.nan for v, s in zip(values, result.sd[album.points])]
    )


def values_of(result, point, album):
    """Each selected network's value at a point, where they were kept."""
    values, chosen = result.values[point], album.selection.replicas
    if chosen is None:
        return values
    return values[chosen] if len(values) == len(album.run.seeds) else values[:0]


def _groups(results, labels):
    """By the label of the phase: {label: [(quantity, result)]}. What is called as a label is of its group."""
    groups = {}
    split = [names.split_result(r.name, labels) for r in results]
    used = {label for label, _ in split}
    for (label, quantity), r in zip(split, results):
        groups.setdefault(quantity if not label and quantity in used else label, []).append((quantity, r))
    return groups


def _picture(run, album, name, group, members, swept):
    heat = len(swept) > 1
    figure, axes = grid_of_axes(len(members), 4.1 if heat else 3.6, 3.1 if heat else 2.7)
    for axis, (quantity, result) in zip(axes, members):
        (heat_map if heat else error_bars)(figure, axis, run, album, result, swept)
        axis.set_title(quantity, fontsize=9)
    count = len(album.replicas)
    note = f"means of {count} networks at each point" if count > 1 else f"seed {run.seeds[album.replicas[0]]}"
    if count > 1 and not heat:
        note += ", bars of one standard deviation" + (
            ", dots are networks" if any(len(v) > 1 for v in members[0][1].values) else ""
        )
    over = " and ".join(names.pointer_words(p) for p in swept)
    album.save(figure, name, f"{group or 'Results'} over {over}", note)


def error_bars(figure, axis, run, album, result, swept):
    x = [run.points[p][swept[0]] for p in album.points]
    numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in x)
    at = np.array(x, float) if numeric else np.arange(len(x))
    mean = means(result, album)
    values = [values_of(result, p, album) for p in album.points]
    sd = deviations(result, album)
    order = np.argsort(at, kind="stable")
    for place, v in zip(at, values):
        if len(v) > 1:
            axis.plot([place] * len(v), v, ".", color="0.7", ms=4, zorder=1)
    axis.errorbar(
        at[order],
        mean[order],
        np.nan_to_num(sd[order]) if np.isfinite(sd).any() else None,
        fmt="o-",
        ms=4,
        lw=1.2,
        capsize=2,
    )
    if numeric and (at > 0).all() and at.max() / at.min() >= 50:
        axis.set_xscale("log")
    if not numeric:
        axis.set_xticks(at, names.distinct([names.value_words(v) for v in x]), rotation=30, ha="right")
    axis.set_xlabel(names.pointer_words(swept[0]))


def heat_map(figure, axis, run, album, result, swept):
    """Rows are the first swept value, columns the last; of three and more, rows combine all but the last."""
    *first, last = swept
    rows = list(dict.fromkeys(_key(run.points[p], first) for p in album.points))
    columns = list(dict.fromkeys(_key(run.points[p], [last]) for p in album.points))
    image = np.full((len(rows), len(columns)), np.nan)
    for p, value in zip(album.points, means(result, album)):
        image[rows.index(_key(run.points[p], first)), columns.index(_key(run.points[p], [last]))] = value
    signed = np.nanmin(image) < 0 < np.nanmax(image)
    most = np.nanmax(np.abs(image))
    drawn = axis.imshow(
        image,
        origin="lower",
        aspect="auto",
        **(SIGNED | {"vmin": -most, "vmax": most} if signed else {"cmap": "viridis", "interpolation": "nearest"}),
    )
    figure.colorbar(drawn, ax=axis)
    below, beside = (names.distinct([_label(key) for key in keys]) for keys in (columns, rows))
    for set_ticks, labels in ((axis.set_xticks, below), (axis.set_yticks, beside)):
        every = max(1, -(-len(labels) // 8))
        set_ticks(range(0, len(labels), every), labels[::every], fontsize=8)
    if any(len(label) > 4 for label in below):
        axis.tick_params(axis="x", rotation=40)
        for label in axis.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axis.set_xlabel(names.pointer_words(last))
    axis.set_ylabel(", ".join(names.pointer_words(p) for p in first))
    if image.size <= 30:
        _write_values(axis, image, drawn)


def _key(point, pointers):
    return tuple(json.dumps(point[p]) for p in pointers)


def _label(key):
    return ", ".join(names.value_words(json.loads(k)) for k in key)


def _write_values(axis, image, drawn):
    for (row, column), value in np.ndenumerate(image):
        if np.isfinite(value):
            shade = drawn.cmap(drawn.norm(value))[:3]
            dark = np.dot(shade, (0.3, 0.59, 0.11)) < 0.55
            axis.text(column, row, f"{value:.4g}", ha="center", va="center", fontsize=7, color="w" if dark else "k")
