"""Leabra runs: how well the patterns are learned, activations cycle by cycle, what is answered, and the weights."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from engram_sim import names
from engram_sim.plot.figures import GREY, SIGNED, grid_of_axes, time_series

MEASURES = ("loss", "squared error", "accuracy")
MOST_CYCLES = 600  # in a picture of activations, unless --from or --to say otherwise
MOST_LINES = 8  # with a legend; of more units the activations are an image
MOST_PATTERNS = 40


def draw(run, album):
    panels = [
        (names.words(a, run.family), [(label, run.curve(label, a)) for label in run.layers(a)]) for a in MEASURES
    ]
    panels = [(words, [line for line in lines if len(line[1].times) > 1]) for words, lines in panels]
    time_series(album, "learning", "How well the patterns are learned", panels, "epoch", bottom=0)
    for layer in run.config["model"]["layers"]:
        activations(run, album, layer)
        epochs(run, album, layer)
    answers(run, album)
    weights(run, album)


def logged(run, album, name):
    """{column: values} of a log of the single network; {} where there is none."""
    point, replica = album.single
    found = {path.rsplit("/", 1)[1]: run.column(path, point) for path in run.column_names(f"{name}/*")}
    found = {column: values for column, values in found.items() if values is not None}
    if "time" not in found:
        return {}
    rows = min(map(len, found.values()))
    found = {column: np.asarray(values[:rows]) for column, values in found.items()}
    keep = album.ticks(found["time"])
    for column, one in (("replica", replica), ("copy", 0)):  # of several copies the first
        if column in found:
            keep &= found.pop(column) == one
    return {column: values[keep] for column, values in found.items()}


def parts_of_a_trial(run):
    """(name, cycles) of each phase of a trial, where the run begins with training."""
    phase = run.config["protocol"][0]
    if phase["do"] != "train":
        return []
    if phase.get("trial"):
        return [(part["name"], part.get("cycles", 25)) for part in phase["trial"]]
    return [("minus", phase.get("minus_cycles", 50)), ("plus", phase.get("plus_cycles", 25))]


def activations(run, album, layer):
    """What was logged of a layer in each cycle; of a run that trains, the trials of its beginning."""
    name = f"activations {layer}"
    whole, units = logged(run, album, f"{layer}/cycle"), logged(run, album, f"{layer}/cycle_units")
    shown = [(a, v) for a, v in whole.items() if a != "time"], [
        (a, v) for a, v in units.items() if a not in ("time", "unit")
    ]
    if not (shown[0] or shown[1]) or not album.wants(name):
        return
    trial = parts_of_a_trial(run)
    free = album.selection.first is None and album.selection.last is None
    most = 2 * sum(cycles for _, cycles in trial) if trial and free else MOST_CYCLES if free else np.inf
    panels = len(shown[0]) + len(shown[1])
    figure, axes = plt.subplots(panels, 1, figsize=(8.5, 0.9 + 1.8 * panels), sharex=True, squeeze=False)
    axes = list(axes[:, 0])
    for axis, (attribute, values) in zip(axes, shown[0]):
        keep = whole["time"] < whole["time"].min() + most
        axis.plot(whole["time"][keep], values[keep], lw=1.2)
        axis.set_ylabel(names.words(attribute, run.family), fontsize=9)
    for axis, (attribute, values) in zip(axes[len(shown[0]) :], shown[1]):
        keep = units["time"] < units["time"].min() + most
        of_units(axis, units["time"][keep], units["unit"][keep], values[keep])
        axis.set_ylabel(names.words(attribute, run.family), fontsize=9)
    for axis in axes:
        mark_trial(axis, trial if free else [], named=axis is axes[0])
    axes[-1].set_xlabel("cycle")
    cut = "; the first trials, --from and --to choose others" if trial and free else ""
    album.save(figure, name, f"Layer {layer}, cycle by cycle", album.note_of_single() + cut)


def of_units(axis, time, unit, values):
    """A line a unit, or an image of many."""
    ids = np.unique(unit)
    if len(ids) <= MOST_LINES:
        for i, one in enumerate(ids):
            axis.plot(time[unit == one], values[unit == one], lw=1.2, color=f"C{i}", label=f"unit {int(one)}")
        if len(ids) > 1:
            axis.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
        return
    times = np.unique(time)
    image = np.full((len(ids), len(times)), np.nan)
    image[np.searchsorted(ids, unit), np.searchsorted(times, time)] = values
    shown = axis.imshow(
        image, aspect="auto", origin="lower", interpolation="nearest", extent=(times[0], times[-1] + 1, 0, len(ids))
    )
    axis.figure.colorbar(shown, ax=axis, pad=0.01)


def mark_trial(axis, trial, named):
    """Lines where the phases of a trial begin, as far as the axis goes."""
    if not trial:
        return
    low, high = axis.get_xlim()
    begin, number = 0, 0
    while begin < high:
        label, cycles = trial[number % len(trial)]
        if begin > 0:
            axis.axvline(begin - 0.5, color="0.8", lw=0.8, zorder=0)
        if named and min(begin + cycles, high) - begin > 0.05 * (high - low):
            middle = (begin + min(begin + cycles, high)) / 2
            axis.text(middle, 1.01, label, transform=axis.get_xaxis_transform(), ha="center", fontsize=8, color=GREY)
        begin, number = begin + cycles, number + 1
    axis.set_xlim(low, high)


def epochs(run, album, layer):
    """What was logged of a layer as a whole at the end of trials and epochs."""
    for when in ("trial", "epoch", "batch"):
        log = logged(run, album, f"{layer}/{when}")
        shown = [(a, v) for a, v in log.items() if a != "time"]
        name = f"{when}s {layer}"
        if not shown or len(log["time"]) < 2 or not album.wants(name):
            continue
        figure, axes = plt.subplots(len(shown), 1, figsize=(8.5, 0.9 + 1.8 * len(shown)), sharex=True, squeeze=False)
        for axis, (attribute, values) in zip(axes[:, 0], shown):
            axis.plot(log["time"], values, lw=1.2)
            axis.set_ylabel(names.words(attribute, run.family), fontsize=9)
        axes[-1, 0].set_xlabel(when)
        album.save(figure, name, f"Layer {layer} at the end of each {when}", album.note_of_single())


def answers(run, album):
    """The last prediction of every pattern beside what it should be."""
    point, replica = album.single
    for path in run.column_names("*/outputs/*/act"):
        label, _, layer, _ = names.unescaped(path).split("/")
        name = f"answers {label}"
        columns = run.columns([f"{label}/outputs/{layer}/{c}" for c in ("time", "replica", "pattern", "act")], point)
        if columns is None or not album.wants(name):
            continue
        time, network, pattern, act = columns
        keep = (network == replica) & album.ticks(time)
        if not keep.any():
            continue
        at = time[keep].max()
        keep &= time == at
        order = np.argsort(pattern[keep], kind="stable")[:MOST_PATTERNS]
        found, numbers = np.asarray(act[keep])[order], np.asarray(pattern[keep])[order]
        found = found.reshape(len(found), -1)
        wanted = targets(run, layer, numbers)
        panels = [("answer", found)] + ([("wanted", wanted)] if wanted is not None else [])
        figure, axes = plt.subplots(
            1, len(panels), figsize=(1.2 + 2.6 * len(panels), 1.4 + 0.22 * len(found)), squeeze=False
        )
        for axis, (title, rows) in zip(axes[0], panels):
            image = axis.imshow(rows, aspect="auto", vmin=0, vmax=1, cmap="viridis", interpolation="nearest")
            axis.set(title=title, xlabel=f"unit of {layer}", ylabel="pattern" if axis is axes[0, 0] else None)
            axis.set_xticks(range(rows.shape[1]) if rows.shape[1] <= 12 else [])
            axis.set_yticks(range(len(rows)), [int(n) for n in numbers])
        figure.colorbar(image, ax=list(axes[0]), label="activation")
        album.save(figure, name, f"What is answered after epoch {int(at) + 1}: {label}", album.note_of_single())


def targets(run, layer, numbers):
    """The patterns of a layer, where the experiment lists them itself."""
    rows = run.config.get("patterns", {}).get("train", {}).get(layer)
    if not isinstance(rows, list) or max(numbers) >= len(rows):
        return None
    return np.array([rows[int(n)] for n in numbers], float)


def weights(run, album):
    """The weights of one network at the end: a row a receiver."""
    point, replica = album.single
    found = []
    for name in run.config["model"].get("projections", {}):
        every = run.column(f"weights/{name}", point)
        if every is not None and len(every) % len(run.seeds) == 0:
            post = len(every) // len(run.seeds)
            rows = np.asarray(every[replica * post : (replica + 1) * post])
            found.append((name, rows.reshape(post, -1)))
    if not found or not album.wants("weights"):
        return
    figure, axes = grid_of_axes(len(found), 3.6, 3.0)
    for axis, (name, rows) in zip(axes, found):
        signed = rows.min() < 0
        most = np.abs(rows).max() or 1
        how = SIGNED if signed else {"cmap": "viridis", "interpolation": "nearest"}
        image = axis.imshow(rows, aspect="auto", vmin=-most if signed else 0, vmax=most, **how)
        figure.colorbar(image, ax=axis, label="weight")
        projection = run.config["model"]["projections"][name]
        axis.set_title(name.replace("_", " "), fontsize=9)
        axis.set(xlabel=f"from unit of {projection['pre']}", ylabel=f"to unit of {projection['post']}")
        for numbers in (axis.xaxis, axis.yaxis):
            numbers.set_major_locator(MaxNLocator(integer=True))
    album.save(figure, "weights", "Weights of each projection at the end", album.note_of_single())
