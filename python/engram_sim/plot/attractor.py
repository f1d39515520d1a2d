"""Attractor runs: patterns, couplings and their two parts, fixed points, free runs as film strips, free energy."""

import matplotlib.pyplot as plt
import numpy as np

from engram_sim import names
from engram_sim.plot.figures import COLOURS_OF_SIGNED, SIGNED, in_parts, time_series

MOST_IMAGES = 60  # in one picture
MOST_CURVES = 10  # with a legend


def draw(run, album):
    point, replica = album.single
    patterns = run.column("patterns", point)
    if patterns is not None and len(patterns):
        side = int(round(patterns.shape[1] ** 0.5))
        side = side if side * side == patterns.shape[1] else None
        if side:
            note = f"{len(patterns)} patterns of {patterns.shape[1]} units" + album.at_point(point)
            for name, part in in_parts("patterns", patterns, MOST_IMAGES):
                strip(album, part, side, name, "The patterns", note)
        network = run.network_number(point, replica)
        weights(run, album, patterns.shape[1], network)
        for label, phase in names.phase_labels(run.config["protocol"]):
            pictures_of_phase(run, album, phase, label, patterns, side, network)
    for label in run.layers("vfe"):
        panels = [(names.words(a), [("", run.curve(label, a))]) for a in ("vfe", "accuracy", "complexity")]
        time_series(album, f"free energy {label}", f"Free energy is complexity minus accuracy: {label}", panels, "step")


def pictures_of_phase(run, album, phase, label, patterns, side, network):
    point = album.single[0]
    rows = run.column(f"{label}/attractors", point)
    if rows is not None and side:
        each = len(patterns) * max(1, len(np.atleast_1d(phase.get("noise", [0]))))
        mine = rows[network * each : (network + 1) * each]
        title = f"Where the network settles from each pattern: {label}"
        for name, part in in_parts(f"attractors {label}", mine, MOST_IMAGES):
            strip(album, part, side, name, title, album.note_of_single())
    states = run.column(f"{label}/state", point)
    if states is not None and phase["do"] == "run":
        film(album, label, states[:, network * patterns.shape[1] : (network + 1) * patterns.shape[1]], patterns, side)
    projection = run.column(f"{label}/projection", point)
    if projection is not None:
        project(album, label, projection[:, network * len(patterns) : (network + 1) * len(patterns)])


def strip(album, rows, side, name, title, note):
    """Square images, ten a line, each in its own scale."""
    if not album.wants(name):
        return
    columns = min(10, len(rows))
    lines = -(-len(rows) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(max(4.0, 0.95 * columns), 0.95 * lines + 0.8), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, row in zip(axes.flat, rows):
        most = np.abs(row).max() or 1
        axis.imshow(row.reshape(side, side), vmin=-most, vmax=most, **SIGNED)
    album.save(figure, name, title, f"{note}; {COLOURS_OF_SIGNED}")


def weights(run, album, n, network):
    """The couplings of one network, their symmetric and their antisymmetric part, in one scale."""
    every = run.column("weights", album.single[0])
    if every is None or len(every) < (network + 1) * n or not album.wants("weights"):
        return
    j = np.asarray(every[network * n : (network + 1) * n], float)
    parts = {"couplings J": j, "symmetric part": (j + j.T) / 2, "antisymmetric part": (j - j.T) / 2}
    most = np.abs(j).max() or 1
    figure, axes = plt.subplots(1, 3, figsize=(11, 4.1))
    for axis, (title, part) in zip(axes, parts.items()):
        image = axis.imshow(part, vmin=-most, vmax=most, **SIGNED)
        axis.set_title(title)
        axis.set_xlabel("from unit")
    axes[0].set_ylabel("to unit")
    figure.colorbar(image, ax=axes, shrink=0.8, label="weight")
    album.save(figure, "weights", "Couplings at the end", album.note_of_single())


def film(album, label, states, patterns, side):
    """States of a run step by step, and which pattern each resembles."""
    steps = np.flatnonzero(album.ticks(np.arange(len(states))))
    if not len(steps):
        return
    if side and album.wants(f"film {label}"):
        shown = steps[:40]
        lines = -(-len(shown) // 10)
        figure, axes = plt.subplots(lines, 10, figsize=(9.5, 1.1 * lines + 0.7), squeeze=False)
        for axis in axes.flat:
            axis.axis("off")
        for step, axis in zip(shown, axes.flat):
            axis.imshow(states[step].reshape(side, side), vmin=-1, vmax=1, **SIGNED)
            axis.set_title(step + 1, fontsize=7, pad=1)
        note = f"{album.note_of_single()}; {COLOURS_OF_SIGNED}, from -1 to 1"
        album.save(figure, f"film {label}", f"States of {len(shown)} steps: {label}", note)
    if album.wants(f"match {label}"):
        with np.errstate(invalid="ignore"):
            match = _standard(states[steps]) @ _standard(patterns).T / patterns.shape[1]
        _curves(
            album,
            f"match {label}",
            f"Which pattern the state resembles: {label}",
            steps + 1,
            match,
            "correlation of the state\nwith each pattern",
            "pattern",
        )


def _standard(rows):
    return (rows - rows.mean(1, keepdims=True)) / rows.std(1, keepdims=True)


def project(album, label, rows):
    """How far the states of a run reach along each fixed point: mixtures reach along several at once."""
    if album.wants(f"projection {label}"):
        _curves(
            album,
            f"projection {label}",
            f"How far the state reaches along each fixed point: {label}",
            np.arange(1, len(rows) + 1),
            rows,
            "|fixed point . state|",
            "fixed point",
        )


def _curves(album, name, title, steps, rows, y_name, each):
    figure, axis = plt.subplots(figsize=(9, 3.0))
    for k, line in enumerate(rows.T):
        axis.plot(
            steps,
            line,
            lw=1.2,
            color=f"C{k}" if rows.shape[1] <= MOST_CURVES else plt.cm.viridis(k / rows.shape[1]),
            label=f"{each} {k}",
        )
    axis.set(xlabel="step", ylabel=y_name)
    if rows.shape[1] <= MOST_CURVES:
        axis.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    album.save(figure, name, title, album.note_of_single())
