"""Winners over time, overlap, convergence, support, recall and weight histograms of an assembly run."""
import matplotlib.pyplot as plt
import numpy as np


def draw(run):
    if run.family != "assembly":
        return
    fired = set(run.layers("support"))
    areas = [name for stage in run.config["model"]["stages"] for name in stage if name in fired]
    if areas:
        winners(run, areas)
        curves(run, areas)
    association(run)
    weights(run)


def phases(run):
    """(label, first tick, last tick) of the simulate phases, on the clock of training steps."""
    config, begin, found = run.config, 0, []
    samples = config.get("samples", 5)
    samples = samples if isinstance(samples, int) else len(next(iter(samples.values())))
    steps = samples * config.get("simulator", {}).get("epoch_size", 10)
    for i, phase in enumerate(config["protocol"]):
        if phase["do"] == "simulate":
            found.append((phase.get("label", f"simulate {i + 1}"), begin, begin + steps))
            begin += steps
    return found


def mark_phases(run, axis, names=True):
    for label, begin, end in phases(run):
        axis.axvline(begin - 0.5, color="0.8", lw=0.8, zorder=0)
        if names:
            axis.text((begin + end) / 2, 1.01, label, transform=axis.get_xaxis_transform(), ha="center", fontsize=8, color="0.4")


def winners(run, areas):
    """Which units fire at each step, ordered by when they first fired: new recruits climb, a stable assembly is flat."""
    figure, axes = plt.subplots(len(areas), 1, figsize=(9, 2.3 * len(areas)), sharex=True, squeeze=False)
    for axis, area in zip(axes[:, 0], areas):
        time, replica, unit = (run.series(f"winners/{area}/{c}") for c in ("time", "replica", "unit"))
        if unit is None:
            continue
        time, unit = time[replica == 0], unit[replica == 0]
        first = {}
        for u in unit:
            first.setdefault(u, len(first))
        axis.scatter(time, [first[u] for u in unit], s=1.2, lw=0, color="tab:blue")
        axis.set_ylabel(f"area {area}\nunits by first firing")
        mark_phases(run, axis, axis is axes[0, 0])
    axes[-1, 0].set_xlabel("training step")
    run.save(figure, "winners")


def curves(run, areas):
    """Convergence, support and recall of each area."""
    figure, axes = plt.subplots(3, 1, figsize=(9, 7), sharex=True)
    titles = {"convergence": "overlap with\nthe previous step", "support": "units fired\nin this sample",
              "recall": "overlap of recall\nwith what was learned"}
    for axis, (attribute, title) in zip(axes, titles.items()):
        for i, area in enumerate(areas):
            time, value = run.metric(area, attribute)
            gaps = np.flatnonzero(np.diff(time) > 2) + 1  # an inactive area or a new sample breaks the line
            axis.plot(np.insert(time, gaps, np.nan), np.insert(value, gaps, np.nan), color=f"C{i}", lw=1.2, label=f"area {area}")
        axis.set_ylabel(title)
        axis.set_ylim(bottom=0)
        mark_phases(run, axis, axis is axes[0])
    axes[0].legend(loc="lower right", ncol=len(areas), fontsize=8)
    axes[-1].set_xlabel("training step")
    run.save(figure, "curves")


def association(run):
    """Overlap of what the parents recall alone, one bar a benchmark phase, against chance."""
    labels = [p.get("label", f"benchmark {i + 1}") for i, p in enumerate(run.config["protocol"]) if p["do"] == "benchmark"]
    rows = [r for r in run.metrics if r["attribute"] == "association"]
    if not labels or not rows:
        return
    replicas = len({r["replica"] for r in rows})
    values = np.array([r["value"] for r in rows]).reshape(len(labels), replicas)
    stage = list(run.config["model"]["stages"][-1].values())[-1]
    chance = stage.get("k", 50) / stage.get("n", 1000)
    figure, axis = plt.subplots(figsize=(1.6 + 1.2 * len(labels), 3.2))
    axis.bar(range(len(labels)), values.mean(1), color=["0.7"] * (len(labels) - 1) + ["tab:blue"], width=0.6)
    for i, row in enumerate(values):
        if replicas > 1:
            axis.plot([i] * replicas, row, "k.", ms=4)
        axis.text(i, max(row.mean(), chance) + 0.008, f"{row.mean():.3f}", ha="center")
    axis.axhline(chance, color="0.4", ls=":", lw=1)
    axis.text(1.01, chance, "chance", transform=axis.get_yaxis_transform(), va="center", fontsize=8, color="0.4")
    axis.set_xticks(range(len(labels)), labels)
    axis.set_ylabel("overlap of what either\nstimulus recalls alone")
    run.save(figure, "association")


def weights(run):
    """Histogram of the weights above zero after the last sample, each matrix."""
    names = run.names("weight_histogram/**/counts")
    if not names:
        return
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(3 * columns, 2.2 * rows), squeeze=False)
    for axis in axes.flat[len(names):]:
        axis.axis("off")
    for axis, name in zip(axes.flat, names):
        counts, top = np.atleast_2d(run.series(name)), run.series(name.replace("/counts", "/top"))
        for which, style in ((0, {"color": "0.6", "label": "first sample"}), (-1, {"color": "tab:blue", "label": "last sample"})):
            edges = np.linspace(0, np.ravel(top)[which], counts.shape[1] + 1)
            axis.stairs(counts[which], edges, lw=1.2, **style)
        axis.set_yscale("symlog")
        axis.set_title(name.split("/", 1)[1].rsplit("/", 1)[0], fontsize=9)
    axes.flat[0].legend(fontsize=8)
    figure.supxlabel("weight")
    figure.supylabel("synapses")
    figure.tight_layout()
    run.save(figure, "weights")
