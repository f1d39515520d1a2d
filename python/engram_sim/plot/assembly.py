"""Assembly runs: winners over time, how assemblies settle and are recalled, association, similarity and weights."""

from urllib.parse import unquote

import matplotlib.pyplot as plt
import numpy as np

from engram_sim import names
from engram_sim.plot.figures import GREY, grid_of_axes, mark_phases, time_series


def draw(run, album):
    fired = set(run.layers("support"))
    areas = [name for stage in run.config["model"]["stages"] for name in stage if name in fired]
    if areas:
        winners(run, album, areas)
        panels = [
            (names.words(a), [(f"area {area}", run.curve(area, a)) for area in areas if run.curve(area, a)])
            for a in ("convergence", "support", "recall")
        ]
        time_series(
            album, "curves", "How the assemblies settle, grow and are recalled", panels, "training step", bottom=0
        )
    association(run, album)
    similarity(run, album)
    weights(run, album)
    memory(run, album)


def winners(run, album, areas):
    """Which units fire at each step, by when they first fired: new recruits climb, a stable assembly is flat."""
    point, replica = album.single
    found = {a: run.columns([f"winners/{a}/{c}" for c in ("time", "replica", "unit")], point) for a in areas}
    found = {a: c for a, c in found.items() if c is not None and len(c[0])}
    if not found or not album.wants("winners"):
        return
    figure, axes = plt.subplots(len(found), 1, figsize=(8.5, 0.9 + 2.0 * len(found)), sharex=True, squeeze=False)
    for axis, (area, (time, network, unit)) in zip(axes[:, 0], found.items()):
        mine = (network == replica) & album.ticks(time)
        time, unit = time[mine], unit[mine]
        ids, first = np.unique(unit, return_index=True)
        rank = np.empty(len(ids), int)
        rank[np.argsort(first)] = np.arange(len(ids))
        axis.scatter(time, rank[np.searchsorted(ids, unit)], s=1.5, lw=0, color="tab:blue", rasterized=True)
        axis.set_ylabel(f"units of area {area},\nby first firing", fontsize=9)
        mark_phases(album, axis, axis is axes[0, 0])
    axes[-1, 0].set_xlabel("training step")
    album.save(
        figure, "winners", "Which units fire: recruits climb, a settled assembly is a flat band", album.note_of_single()
    )


def association(run, album):
    """What two stimuli recall alone, one bar a benchmark phase, beside chance."""
    labels = [label for label, p in names.phase_labels(run.config["protocol"]) if p["do"] == "benchmark"]
    area = next(iter(run.layers("association")), None)
    if not area or len(album.points) > 1 or not album.wants("association"):
        return  # of several points there is a heat map
    curves = {label: album.chosen(run.curve(area, "association", phase=label)) for label in labels}
    values = {label: c.values[np.isfinite(c.values)] for label, c in curves.items() if c is not None}
    if not values:
        return
    model = run.config_of(album.points[0])["model"]
    labels, values = list(values), list(values.values())
    size = {**model.get("defaults", {}), **model["stages"][-1][area]}
    chance = size.get("k", 50) / size.get("n", 1000)
    figure, axis = plt.subplots(figsize=(1.9 + 1.2 * len(labels), 3.4))
    means = [v.mean() for v in values]
    errors = [v.std(ddof=1) if len(v) > 1 else 0 for v in values]
    axis.bar(
        range(len(labels)),
        means,
        color=["0.75"] * (len(labels) - 1) + ["tab:blue"],
        width=0.6,
        yerr=errors if any(errors) else None,
        capsize=4,
    )
    top = 1.12 * max(chance, max(m + e for m, e in zip(means, errors)))
    for i, v in enumerate(values):
        if len(v) > 1:
            axis.plot([i + 0.15] * len(v), v, "k.", ms=3, alpha=0.6)
        axis.text(i, max(means[i] + errors[i], chance) + 0.025 * top, f"{means[i]:.3f}", ha="center")
    axis.axhline(chance, color=GREY, ls=":", lw=1)
    axis.text(
        1.01,
        chance,
        f"chance,\nk / n = {chance:.3g}",
        transform=axis.get_yaxis_transform(),
        va="center",
        fontsize=8,
        color=GREY,
    )
    axis.set_xticks(range(len(labels)), names.distinct(labels))
    axis.set_ylim(0, top)
    axis.set_ylabel("overlap of what each\nstimulus alone recalls")
    album.save(
        figure,
        "association",
        "Two stimuli become one memory" if means[-1] > 2 * chance else "Overlap of recalls",
        album.note(bars=True),
    )


def similarity(run, album):
    """How alike the assemblies of different samples are, phase by phase, against the likeness of the samples."""
    lines = [(layer, album.chosen(run.curve(layer, "similarity"))) for layer in run.layers("similarity")]
    lines = [(n, c) for n, c in lines if c is not None]
    if not lines or len(album.points) > 1 or not album.wants("similarity"):
        return
    figure, axis = plt.subplots(figsize=(6.5, 3.2))
    times = sorted({int(t) for _, c in lines for t in c.times})
    labels = {end - 1: names.no_formula(label) for label, _, end in names.phases(run)}
    width = 0.8 / len(lines)
    stimuli = set(run.config["model"].get("stimuli", {}))
    lines.sort(key=lambda line: (line[0] in stimuli, line[0]))
    for i, (name, c) in enumerate(lines):
        mean, sd = np.nanmean(c.values, 0), np.nanstd(c.values, 0, ddof=1) if len(c.values) > 1 else None
        at = [times.index(int(t)) + (i - (len(lines) - 1) / 2) * width for t in c.times]
        axis.bar(
            at,
            mean,
            width,
            yerr=sd,
            capsize=2,
            label=f"{'stimulus' if name in stimuli else 'area'} {name}",
            color=f"C{i}",
            hatch="//" if name in stimuli else None,
            alpha=0.85,
        )
    axis.set_xticks(
        range(len(times)), [next((labels[t + d] for d in (0, -1, 1) if t + d in labels), f"step {t}") for t in times]
    )
    axis.set_ylabel("mean overlap of two samples,\nshare of k")
    axis.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    album.save(figure, "similarity", "How alike different samples are", album.note(bars=True))


def weights(run, album):
    """Histogram of the weights above zero after the first and the last sample, each matrix."""
    matrices = [n for n in run.column_names("weight_histogram/**/counts")]
    if not matrices or not album.wants("weights"):
        return
    figure, axes = grid_of_axes(len(matrices), 3.0, 2.2)
    for axis, name in zip(axes, matrices):
        counts, top = run.columns([unquote(name), unquote(name).replace("/counts", "/top")], album.single[0])
        if not len(counts):
            continue
        for which, style in (
            (0, {"color": "0.6", "label": "first sample"}),
            (-1, {"color": "tab:blue", "label": "last sample"}),
        ):
            edges = np.linspace(0, np.ravel(top)[which], counts.shape[1] + 1)
            axis.stairs(counts[which], edges, lw=1.2, **style)
        axis.set_yscale("symlog")
        axis.set_ylim(bottom=0)
        axis.set_title(names.matrix_words(run.config, unquote(name).split("/", 1)[1].rsplit("/", 1)[0]), fontsize=9)
        axis.set_xlabel("weight", fontsize=8)
    axes[0].set_ylabel("synapses", fontsize=8)
    axes[0].legend(fontsize=7)
    album.save(
        figure,
        "weights",
        "Weights of each projection, after the first and the last sample",
        (f"all {len(run.seeds)} networks together" if len(run.seeds) > 1 else f"seed {run.seeds[0]}")
        + album.at_point(album.points[0]),
    )


def memory(run, album):
    lines = [
        (names.matrix_words(run.config, layer), run.curve(layer, "memory_used")) for layer in run.layers("memory_used")
    ]
    changing = [(n, c) for n, c in lines if np.nanmax(c.values) > np.nanmin(c.values)]
    time_series(
        album,
        "memory",
        "How much of each projection is in use",
        [(names.words("memory_used"), changing)],
        "training step",
        bottom=0,
    )
