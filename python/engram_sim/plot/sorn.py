"""SORN runs: rate, synapses, spikes, distance to a disturbed copy, scores of the pole, weights, correlated pairs."""

import matplotlib.pyplot as plt
import numpy as np

from engram_sim import names
from engram_sim.plot.figures import time_series

MOST_STEPS = 1000  # in a raster, unless --from or --to say otherwise
MOST_UNITS = 1000  # of the picture of correlated pairs


def draw(run, album):
    time_series(
        album,
        "rate",
        "Activity of the excitatory units",
        [(names.words("rate"), [("", run.curve("E", "rate"))])],
        "step",
        smooth=True,
    )
    panels = [
        (names.words(a), [("", run.curve("E", a))])
        for a in ("EEConnectionCounts", "EIConnectionCounts")
        if run.curve("E", a)
    ]
    time_series(album, "connections", "Synapses that exist", panels, "step")
    raster(run, album)
    time_series(
        album,
        "hamming",
        "Distance to the same network with one unit flipped",
        [(names.words("hamming"), [("", run.curve("E", "hamming"))])],
        "step",
        bottom=0,
    )
    time_series(
        album,
        "scores",
        "How long the pole stays up",
        [(names.words("score"), [("", run.curve("policy", "score"))])],
        "step",
        smooth=True,
        bottom=0,
    )
    weights(run, album)
    network(run, album)


def spikes_of(run, album, point, replica):
    """(step, unit) of one network's selected spikes."""
    columns = run.columns([f"ExcitatoryActivation/{c}" for c in ("step", "unit", "replica")], point)
    if columns is None:
        return None
    step, unit, network = columns
    mine = (network == run.network_number(point, replica)) & album.ticks(step)
    step, unit = np.asarray(step[mine]), np.asarray(unit[mine])
    return (step, unit) if len(step) else None


def last_steps(album, step, unit):
    """The spikes that a raster shows, and whether earlier ones were left out."""
    steps = np.unique(step)
    if len(steps) <= MOST_STEPS or album.selection.first is not None or album.selection.last is not None:
        return step, unit, False
    shown = step >= steps[-MOST_STEPS]
    return step[shown], unit[shown], True


def raster(run, album):
    """Spikes: every network that was named, else the first."""
    chosen = [(album.points[0], r) for r in (album.replicas[:4] if album.selection.replicas else album.replicas[:1])]
    found = [(r, spikes_of(run, album, p, r)) for p, r in chosen]
    found = [(r, *last_steps(album, *s)) for r, s in found if s is not None]
    if not found or not album.wants("raster"):
        return
    figure, axes = plt.subplots(len(found), 1, figsize=(8.5, 1.2 + 2.8 * len(found)), squeeze=False, sharex=True)
    cut = False
    for axis, (r, step, unit, left_out) in zip(axes[:, 0], found):
        dots = ",k" if len(step) > 20000 else "|k"
        axis.plot(step, unit, dots, markersize=2, rasterized=True)
        axis.set_ylabel("excitatory unit")
        cut |= left_out
        if len(found) > 1:
            axis.set_title(f"seed {run.seeds[r]}", fontsize=9)
    axes[-1, 0].set_xlabel("step")
    note = album.note_of_single() if len(found) == 1 else f"{len(found)} networks" + album.at_point(album.points[0])
    album.save(
        figure,
        "raster",
        "Spikes of the excitatory units",
        note + ("; the last steps, --from and --to choose others" if cut else ""),
    )


def network(run, album):
    """Pairs of units whose spikes correlate, around a circle in the order of their rates."""
    units = run.config_of(album.points[0])["model"].get("ne", 200)
    spikes = spikes_of(run, album, *album.single)
    if spikes is None or units > MOST_UNITS or not album.wants("network"):
        return
    times, row = np.unique(spikes[0], return_inverse=True)
    times, row = times[-5000:], row - max(0, len(times) - 5000)
    raster_ = np.zeros((len(times), units))
    raster_[row[row >= 0], spikes[1][row >= 0]] = 1
    active = np.flatnonzero(raster_.std(axis=0) > 0)
    if len(times) < 3 or len(active) < 3:
        return
    rates = raster_[:, active].mean(axis=0)
    active = active[np.argsort(rates)]
    rates = np.sort(rates)
    correlation = np.corrcoef(raster_[:, active].T)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.4))
    least = _circle(figure, left, correlation, rates)
    image = right.imshow(
        np.where(np.tri(len(active), k=-1, dtype=bool), correlation, np.nan),
        cmap="RdBu_r",
        vmin=-1,
        vmax=1,
        interpolation="nearest",
    )
    figure.colorbar(image, ax=right, shrink=0.7, label="correlation")
    left.set_title(f"pairs that correlate by {least:.2f} and more")
    right.set(title="correlation of spikes", xlabel="unit, by rate", ylabel="unit, by rate")
    album.save(figure, "network", "Units that fire together", album.note_of_single())


def _circle(figure, axis, correlation, rates):
    """The strongest pairs as lines between units on a circle; returns the weakest of them."""
    count = len(rates)
    first, second = np.triu_indices(count, 1)
    value = correlation[first, second]
    strongest = np.argsort(value)[-4 * count :]
    strongest = strongest[value[strongest] > 0]
    angle = 2 * np.pi * np.arange(count) / count
    place = np.stack((np.cos(angle), np.sin(angle)))
    for a, b, v in zip(first[strongest], second[strongest], value[strongest]):
        axis.plot(place[0, [a, b]], place[1, [a, b]], color="k", lw=0.5, alpha=min(1.0, float(v)))
    dots = axis.scatter(*place, c=rates, s=12, cmap="viridis", zorder=2)
    figure.colorbar(dots, ax=axis, label="rate, spikes a step", shrink=0.7)
    axis.set_aspect("equal")
    axis.axis("off")
    return value[strongest].min() if len(strongest) else 1.0


def weights(run, album):
    """The last recorded weights of one network: distribution with a log-normal fit, matrix, degrees."""
    point, replica = album.single
    parts = run.columns([f"WEE/{c}" for c in ("step", "replica", "pre", "post", "weight")], point)
    if parts is None or len(parts[0]) == 0 or not album.wants("weights"):
        return
    step, network, pre, post, weight = parts
    keep = album.ticks(step)
    if not keep.any():
        return
    at = step[keep].max()
    mine = (network == run.network_number(point, replica)) & (step == at)
    pre, post, weight = pre[mine], post[mine], weight[mine].astype(float)
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.6))
    _distribution(left, weight[weight >= 0.01])
    middle.scatter(post, pre, s=1, c="k", linewidths=0, rasterized=True)
    middle.set(xlabel="to unit", ylabel="from unit", title="synapses")
    units = run.config_of(point)["model"].get("ne", 200)
    degrees = [np.bincount(ends, minlength=units) for ends in (post, pre)]
    bins = np.arange(max(d.max() for d in degrees) + 2) - 0.5
    for d, label in zip(degrees, ("incoming", "outgoing")):
        right.hist(d, bins=bins, alpha=0.5, label=f"{label}: {d.mean():.1f} ± {d.std():.1f}")
    right.set(xlabel="synapses of a unit", ylabel="units", title="degrees")
    right.legend(fontsize=8)
    album.save(figure, "weights", f"Weights between excitatory units at step {at}", album.note_of_single())


def _distribution(axis, large):
    axis.set(xscale="log", xlabel="weight (0.01 and more)", ylabel="density", title="distribution")
    if len(large) < 2:
        return
    edges = np.geomspace(0.01, max(1.0, large.max()), 40)
    axis.hist(large, bins=edges, density=True, color="0.7")
    mu, sigma = np.log(large).mean(), np.log(large).std()
    if sigma > 0:
        density = np.exp(-((np.log(edges) - mu) ** 2) / (2 * sigma**2)) / (edges * sigma * np.sqrt(2 * np.pi))
        axis.plot(edges, density, label=f"log-normal, μ {mu:.2f}, σ {sigma:.2f}")
        axis.legend(fontsize=8)
