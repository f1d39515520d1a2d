"""Support and stability over rounds, completion curves, capacity, and outcomes of sentences of the assembly calculus."""
import re

import matplotlib.pyplot as plt
import numpy as np


def draw(run):
    if run.family == "calculus":
        support(run)
        repeated(run, "completion", "rounds after a part was fired", "share of the assembly that fires")
        repeated(run, "recall", "assembly, in the order of storing", "overlap of recall with what was stored")
        capacity(run)
        separation(run)
    if run.family == "parser":
        sentences(run)


def results_of(run):
    """Results of the first point of the grid, which is all there is where there is no grid."""
    return (run.manifest.get("points") or [{}])[0].get("results", {})


def first_point(run):
    """Metrics of the first point of the grid; columns named by a JSON pointer are those of the grid."""
    rows = run.metrics
    keys = [key for key in rows[0] if key.startswith("/")] if rows else []
    return [r for r in rows if all(r[key] == rows[0][key] for key in keys)]


def support(run):
    """Neurons that ever won, and how much of the winners stayed, round by round; faint lines are replicas."""
    areas = run.layers("support")
    if not areas:
        return
    metrics = first_point(run)
    replicas = sorted({r["replica"] for r in metrics})
    figure, axes = plt.subplots(2, 1, figsize=(7, 5.5), sharex=True)
    for i, area in enumerate(areas):
        for replica in replicas[:20]:
            for axis, attribute in zip(axes, ("support", "stable")):
                time, value = np.array([(r["time"], r["value"]) for r in metrics if (r["layer"], r["attribute"], r["replica"]) ==
                                        (area, attribute, replica)]).T
                gaps = np.flatnonzero(np.diff(time) > 3) + 1  # the area took no part
                axis.plot(np.insert(time, gaps, np.nan), np.insert(value, gaps, np.nan), color=f"C{i}", lw=1.2,
                          alpha=1 if len(replicas) == 1 else 0.5, label=f"area {area}" if replica == replicas[0] else None)
    axes[0].set_ylabel("neurons that ever won")
    axes[0].set_ylim(bottom=0)
    axes[0].legend(fontsize=8)
    axes[1].set_ylabel("winners that stayed,\nshare of the new ones")
    axes[1].set_ylim(-0.03, 1.03)
    axes[1].set_xlabel("tick of the protocol")
    run.save(figure, "support")


def repeated(run, label, x_name, y_name):
    """A quantity that was measured several times, in order; faint lines are replicas, the strong one is their mean."""
    values = results_of(run).get(f"{label}, all")
    if not values:
        return
    values = np.atleast_2d(values)
    figure, axis = plt.subplots(figsize=(5.5, 3.4))
    x = np.arange(1, values.shape[1] + 1)
    if len(values) > 1:
        axis.plot(x, values.T, lw=0.8, color="C0", alpha=0.3)
    axis.plot(x, values.mean(0), "o-", ms=4, lw=1.2, color="C0")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set_xlabel(x_name)
    axis.set_ylabel(y_name)
    axis.set_ylim(0, 1.05)
    run.save(figure, label)


def capacity(run):
    """Mean recall of all stored assemblies against their number; the band is one standard deviation over replicas."""
    results = results_of(run)
    found = sorted((int(m[1]), value, results.get(f"{key}, sd", 0.0)) for key, value in results.items()
                   if (m := re.fullmatch(r"mean recall of (\d+)", key)))
    if len(found) < 2:
        return
    stored, recall, sd = np.array(found).T
    figure, axis = plt.subplots(figsize=(5.5, 3.4))
    axis.fill_between(stored, recall - sd, recall + sd, alpha=0.2, lw=0)
    axis.plot(stored, recall, "o-", ms=4, lw=1.2)
    axis.set_xlabel("assemblies stored")
    axis.set_ylabel("mean overlap of recall\nwith what was stored")
    axis.set_ylim(0, 1.05)
    run.save(figure, "capacity")


def separation(run):
    """Overlap of two assemblies against the overlap of their inputs, over the points of a grid."""
    points = run.manifest.get("points", [])
    key = "/protocol/0/shared"
    found = [(p.get("grid", {}).get(key), p.get("results", {})) for p in points]
    found = [(x, r["overlap"]) for x, r in found if x is not None and "overlap" in r]
    if len(found) < 2:
        return
    shared, common = np.array(sorted(found)).T
    size = run.config["protocol"][0]["size"]
    figure, axis = plt.subplots(figsize=(4.2, 3.6))
    axis.plot(shared / size, common, "o-")
    axis.plot([0, 1], [0, 1], color="0.7", ls=":", lw=1)
    axis.set_xlabel("overlap of the inputs")
    axis.set_ylabel("overlap of the assemblies")
    run.save(figure, "separation")


def sentences(run):
    """Share of replicas that found exactly the expected dependencies."""
    results = {text: row for text, row in results_of(run).items() if isinstance(row, dict) and "right" in row}
    if not results:
        return
    texts = list(results)[::-1]
    figure, axis = plt.subplots(figsize=(6, 0.6 + 0.36 * len(texts)))
    axis.barh(range(len(texts)), [results[t]["right"] for t in texts], color="tab:blue", height=0.6)
    axis.set_yticks(range(len(texts)), [re.sub(r"^(.{40}).+", r"\1...", t) for t in texts])
    axis.set_xlim(0, 1)
    axis.set_xlabel("replicas with exactly the expected dependencies")
    run.save(figure, "sentences")
