"""Patterns, weights and their two parts, fixed points, free runs as film strips, free energy, grids of an attractor run."""
from urllib.parse import quote

import matplotlib.pyplot as plt
import numpy as np

SIGNED = {"cmap": "RdBu_r", "interpolation": "nearest"}


def draw(run):
    if run.family != "attractor":
        return
    patterns = run.series("patterns")
    if patterns is None:  # a grid keeps the columns of its points in folders of their own
        return
    side = int(round(patterns.shape[1] ** 0.5))
    side = side if side * side == patterns.shape[1] else None
    if side:
        strip(run, patterns, side, "patterns", "patterns")
    weights(run, patterns.shape[1])
    for phase in run.config["protocol"]:
        label = phase.get("label", "")
        folder = quote(label)  # as the recorder names it
        rows = run.series(f"{folder}/attractors")
        if rows is not None and side:
            strip(run, rows[: 3 * len(patterns)], side, f"fixed points: {label}", f"attractors {label}")
        if run.series(f"{folder}/state") is not None and phase["do"] == "run":
            film(run, label, patterns, side)
        projection = run.series(f"{folder}/projection")
        if projection is not None:
            project(run, label, projection[:, : len(patterns)])
    energy(run)
    for name in ("retrieval", "generalisation"):
        grid(run, name)


def strip(run, rows, side, title, name):
    """Rows of square images, ten a line."""
    columns = min(10, len(rows))
    lines = -(-len(rows) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(1.0 * columns + 0.4, 1.0 * lines + 0.4), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, row in zip(axes.flat, rows):
        most = np.abs(row).max() or 1
        axis.imshow(row.reshape(side, side), vmin=-most, vmax=most, **SIGNED)
    figure.suptitle(title)
    run.save(figure, name)


def weights(run, n):
    """The couplings of the first network, their symmetric and their antisymmetric part, in one scale."""
    j = run.series("weights")
    if j is None:
        return
    j = j[:n]
    parts = {"J": j, "symmetric part": (j + j.T) / 2, "antisymmetric part": (j - j.T) / 2}
    most = np.abs(j).max() or 1
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.4))
    for axis, (title, part) in zip(axes, parts.items()):
        image = axis.imshow(part, vmin=-most, vmax=most, **SIGNED)
        axis.set_title(title)
        axis.set_xlabel("from unit")
    axes[0].set_ylabel("to unit")
    figure.colorbar(image, ax=axes, shrink=0.8)
    run.save(figure, "weights")


def film(run, label, patterns, side):
    """States of a run step by step, and which pattern each resembles."""
    states = run.series(f"{quote(label)}/state")[:, : patterns.shape[1]]
    if side:
        shown = states[:40]
        figure, axes = plt.subplots(4, 10, figsize=(10, 4.6))
        for axis in axes.flat:
            axis.axis("off")
        for step, (axis, row) in enumerate(zip(axes.flat, shown)):
            axis.imshow(row.reshape(side, side), vmin=-1, vmax=1, **SIGNED)
            axis.set_title(step + 1, fontsize=7, pad=1)
        figure.suptitle(f"{label}: states of the first {len(shown)} steps")
        run.save(figure, f"film {label}")
    z = lambda x: (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)  # noqa: E731
    match = z(states) @ z(patterns).T / patterns.shape[1]
    figure, axis = plt.subplots(figsize=(9, 2.6))
    for k, line in enumerate(match.T):
        axis.plot(np.arange(1, len(line) + 1), line, lw=1.2, label=f"pattern {k}")
    axis.set_xlabel("step")
    axis.set_ylabel("correlation of the state\nwith each pattern")
    if len(patterns) <= 10:
        axis.legend(ncol=len(patterns), loc="upper center", bbox_to_anchor=(0.5, 1.22), fontsize=8)
    run.save(figure, f"match {label}")


def project(run, label, rows):
    """How far the states of a run reach along each fixed point: mixtures reach along several at once."""
    figure, axis = plt.subplots(figsize=(9, 2.6))
    for k, line in enumerate(rows.T):
        axis.plot(np.arange(1, len(line) + 1), line, lw=1.2, label=f"fixed point {k}")
    axis.set_xlabel("step")
    axis.set_ylabel("|fixed point . state|")
    axis.set_ylim(0)
    if rows.shape[1] <= 10:
        axis.legend(ncol=rows.shape[1], loc="upper center", bbox_to_anchor=(0.5, 1.22), fontsize=8)
    run.save(figure, f"projection {label}")


def energy(run):
    """Free energy and its two terms over time."""
    labels = run.layers("vfe")
    if not labels:
        return
    figure, axes = plt.subplots(3, len(labels), figsize=(1 + 5 * len(labels), 5.5), squeeze=False, sharex="col")
    for column, label in zip(axes.T, labels):
        for axis, attribute in zip(column, ("vfe", "accuracy", "complexity")):
            time, value = run.metric(label, attribute)
            axis.plot(time, value, lw=0.9)
            axis.set_ylabel({"vfe": "free energy"}.get(attribute, attribute))
        column[0].set_title(label)
        column[-1].set_xlabel("step")
    run.save(figure, "free energy")


def grid(run, label):
    """Gain over evidence and inverse temperature, where the model lists several of both."""
    evidence, beta = (np.atleast_1d(run.config["model"].get(k, 1)) for k in ("evidence", "inverse_temperature"))
    rows = [r for r in run.metrics if r["layer"] == label and r["attribute"] == "median gain of R2"]
    if len(evidence) * len(beta) < 4 or len(rows) % (len(evidence) * len(beta)):
        return
    gain = np.array([r["value"] for r in sorted(rows, key=lambda r: r["replica"])])
    gain = gain.reshape(len(evidence), len(beta), -1).mean(2)
    figure, axis = plt.subplots(figsize=(6.4, 4.6))
    most = np.nanmax(np.abs(gain)) or 1
    image = axis.imshow(gain, origin="lower", aspect="auto", vmin=-most, vmax=most, **SIGNED)
    axis.set_xticks(range(0, len(beta), 3), [f"{b:.3g}" for b in beta[::3]])
    axis.set_yticks(range(0, len(evidence), 3), [f"{e:.3g}" for e in evidence[::3]])
    axis.set_xlabel("inverse temperature")
    axis.set_ylabel("evidence")
    axis.set_title(f"{label}: median gain of R2")
    figure.colorbar(image, ax=axis)
    run.save(figure, f"grid {label}")
