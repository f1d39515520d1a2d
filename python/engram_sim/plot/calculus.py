"""Assembly calculus: support and stability over rounds, completion, capacity, separation."""

import re

import matplotlib.pyplot as plt
import numpy as np

from engram_sim import names
from engram_sim.plot.figures import draw_band, time_series
from engram_sim.plot.sweep import deviations, means

MOST_POINTS = 8  # of a grid in one picture


def draw(run, album):
    areas = run.layers("support")
    panels = [
        (words, [(f"area {a}", run.curve(a, attribute)) for a in areas if run.curve(a, attribute)])
        for attribute, words in (
            ("support", "neurons that fired\nat least once"),
            ("stable", names.words("stable")),
            ("newcomers", names.words("newcomers")),
        )
    ]
    time_series(album, "support", "How assemblies grow and settle", panels, "tick of the protocol", bottom=0)
    repeated(
        run,
        album,
        "completion",
        "rounds after a part was fired",
        "share of the assembly\nthat fires",
        "A part completes the whole",
    )
    repeated(
        run,
        album,
        "recall",
        "assembly, in the order of storing",
        "overlap of recall\nwith what was stored",
        "Recall of each stored assembly",
    )
    capacity(run, album)
    separation(run, album)


def repeated(run, album, label, x_name, y_name, title):
    """A quantity that was measured several times, in order."""
    lists = run.lists.get(label)
    every = album.selection.replicas is None
    found = [(p, lists[p]) for p in album.points if lists[p].size] if lists else []
    if not every:  # where each network's values were kept
        found = [(p, values[album.replicas]) for p, values in found if len(values) == len(run.seeds)]
    if not found or not album.wants(label):
        return
    figure, axis = plt.subplots(figsize=(6, 3.6))
    for i, (p, values) in enumerate(found[:MOST_POINTS]):
        draw_band(axis, np.arange(1, values.shape[1] + 1), values, f"C{i}", names.point_words(run.points[p]))
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set(xlabel=x_name, ylabel=y_name, ylim=(0, 1.05))
    if len(found) > 1:
        axis.legend(fontsize=8)
    album.save(figure, label, title, album.note() + album.left_out(MOST_POINTS, len(found)))


def capacity(run, album):
    """Mean recall of all stored assemblies against their number."""
    found = sorted(
        (int(m[1]), r) for name, r in run.results.items() if (m := re.fullmatch(r"mean recall of (\d+)", name))
    )
    if len(found) < 2 or not album.wants("capacity"):
        return
    figure, axis = plt.subplots(figsize=(6, 3.6))
    stored = [n for n, _ in found]
    mean_of, sd_of = (np.array([values(r, album) for _, r in found]).T for values in (means, deviations))
    for i, (p, mean, sd) in enumerate(zip(album.points[:MOST_POINTS], mean_of, sd_of)):
        axis.errorbar(
            stored,
            mean,
            np.nan_to_num(sd),
            fmt="o-",
            ms=4,
            lw=1.2,
            capsize=2,
            color=f"C{i}",
            label=names.point_words(run.points[p]),
        )
    axis.set(xlabel="assemblies stored", ylabel="mean overlap of recall\nwith what was stored", ylim=(0, 1.05))
    if len(album.points) > 1:
        axis.legend(fontsize=8)
    note = album.note(bars=True) + album.left_out(MOST_POINTS)
    album.save(figure, "capacity", "How many assemblies an area keeps", note)


def separation(run, album):
    """Overlap of two assemblies against the overlap of their inputs, over the points of a grid."""
    key, overlap = "/protocol/0/shared", run.results.get("overlap")
    if key not in run.swept or overlap is None or not album.wants("separation"):
        return
    shared = np.array([run.points[p][key] for p in album.points], float)
    order = np.argsort(shared)
    size = run.config_of(album.points[0])["protocol"][0]["size"]
    figure, axis = plt.subplots(figsize=(4.6, 4.0))
    mean, sd = means(overlap, album)[order], deviations(overlap, album)[order]
    axis.errorbar(shared[order] / size, mean, np.nan_to_num(sd), fmt="o-", capsize=2)
    axis.plot([0, 1], [0, 1], color="0.7", ls=":", lw=1)
    axis.text(0.98, 0.93, "equal", color="0.5", ha="right", fontsize=8)
    axis.set(xlabel="overlap of the inputs", ylabel="overlap of the assemblies")
    album.save(figure, "separation", "Inputs that share neurons", album.note(bars=True))
