"""Rate, connections, raster and the weights of a SORN run."""
import matplotlib.pyplot as plt
import numpy as np


def draw(run):
    if run.family != "sorn":
        return
    rate(run)
    connections(run)
    raster(run)
    distances(run)
    scores(run)
    weights(run)
    network(run)


def replicas(run, attribute):
    return sorted({r["replica"] for r in run.metrics if r["attribute"] == attribute})


def rate(run):
    """Fraction of active units, its running mean and how often each value occurs."""
    found = replicas(run, "rate")
    if not found:
        return
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), width_ratios=(3, 1), sharey=True)
    time, value = run.metric("E", "rate", found[0])
    left.plot(time, value, color="0.8", linewidth=0.5)
    width = max(1, len(value) // 50)
    for replica in found[:8]:
        time, value = run.metric("E", "rate", replica)
        mean = np.convolve(value, np.ones(width) / width, "valid")
        left.plot(time[width - 1:], mean, linewidth=1)
    left.set(xlabel="step", ylabel="active excitatory units", title="rate (running mean of each network)")
    active = value[value > 0]
    right.hist(active, bins=min(30, max(1, len(np.unique(active)))), orientation="horizontal", color="0.5")
    right.set(xlabel="steps", title="steps with spikes")
    run.save(figure, "rate")


def connections(run):
    """Numbers of synapses over time."""
    names = [n for n in ("EEConnectionCounts", "EIConnectionCounts") if replicas(run, n)]
    if not names:
        return
    figure, axes = plt.subplots(1, len(names), figsize=(4.5 * len(names), 3), squeeze=False)
    for axis, name in zip(axes[0], names):
        for replica in replicas(run, name):
            axis.plot(*run.metric("E", name, replica), linewidth=1)
        axis.set(xlabel="step", ylabel="synapses", title={"EE": "excitatory to excitatory", "EI": "inhibitory to excitatory"}[name[:2]], ylim=(0, None))
    run.save(figure, "connections")


def raster(run):
    """Spikes of the first network."""
    step, unit, replica = (run.series(f"ExcitatoryActivation/{c}") for c in ("step", "unit", "replica"))
    if step is None or len(step) == 0:
        return
    mine = replica == 0
    figure, axis = plt.subplots(figsize=(8, 4))
    axis.plot(step[mine], unit[mine], ",k" if mine.sum() > 20000 else "|k", markersize=2)
    axis.set(xlabel="step", ylabel="excitatory unit", title="spikes of the first network")
    run.save(figure, "raster")


def distances(run):
    """Units that differ after one was flipped."""
    found = replicas(run, "hamming")
    if not found:
        return
    figure, axis = plt.subplots(figsize=(7, 3))
    for replica in found:
        axis.plot(*run.metric("E", "hamming", replica), linewidth=0.8)
    axis.set(xlabel="step", ylabel="units that differ", title="distance to the network with one unit flipped")
    run.save(figure, "hamming")


def scores(run):
    """Steps that the pole stayed up, episode by episode."""
    found = replicas(run, "score")
    if not found:
        return
    figure, axis = plt.subplots(figsize=(7, 3))
    for replica in found:
        time, score = run.metric("policy", "score", replica)
        width = max(1, len(score) // 40)
        axis.plot(time[width - 1:], np.convolve(score, np.ones(width) / width, "valid"), linewidth=1)
    axis.set(xlabel="step", ylabel="steps until the fall", title="pole on a cart (running mean of each network)", ylim=(0, 205))
    run.save(figure, "scores")


def network(run):
    """Pairs of units of the first network whose spikes correlate, around a circle in the order of their rates."""
    step, unit, replica = (run.series(f"ExcitatoryActivation/{c}") for c in ("step", "unit", "replica"))
    units = run.config["model"].get("ne", 200)
    if step is None or len(step) == 0 or units > 1000:
        return
    mine = replica == 0
    times, row = np.unique(step[mine], return_inverse=True)
    spikes = np.zeros((len(times), units))
    spikes[row, unit[mine]] = 1
    active = np.flatnonzero(spikes.std(axis=0) > 0)
    if len(times) < 3 or len(active) < 3:
        return
    active = active[np.argsort(spikes[:, active].mean(axis=0))]
    correlation = np.corrcoef(spikes[:, active].T)
    first, second = np.triu_indices(len(active), 1)
    value = correlation[first, second]
    strongest = np.argsort(value)[-4 * len(active):]
    strongest = strongest[value[strongest] > 0]
    angle = 2 * np.pi * np.arange(len(active)) / len(active)
    place = np.stack((np.cos(angle), np.sin(angle)))
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
    for a, b, v in zip(first[strongest], second[strongest], value[strongest]):
        left.plot(place[0, [a, b]], place[1, [a, b]], color="k", linewidth=0.5, alpha=min(1.0, float(v)))
    dots = left.scatter(*place, c=spikes[:, active].mean(axis=0), s=12, cmap="viridis", zorder=2)
    figure.colorbar(dots, ax=left, label="rate", shrink=0.7)
    least = value[strongest].min() if len(strongest) else 1
    left.set(title=f"pairs that correlate by {least:.2f} and more", aspect="equal")
    left.axis("off")
    image = right.imshow(np.where(np.tri(len(active), k=-1, dtype=bool), correlation, np.nan), cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
    figure.colorbar(image, ax=right, shrink=0.7)
    right.set(title="correlation of spikes", xlabel="unit, by rate", ylabel="unit, by rate")
    run.save(figure, "network")


def weights(run):
    """Last weights of the first network: distribution with a log-normal fit, matrix, degrees."""
    parts = {c: run.series(f"WEE/{c}") for c in ("step", "replica", "pre", "post", "weight")}
    if parts["step"] is None or len(parts["step"]) == 0:
        return
    mine = (parts["replica"] == 0) & (parts["step"] == parts["step"].max())
    pre, post, weight = parts["pre"][mine], parts["post"][mine], parts["weight"][mine].astype(float)
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.4))
    large = weight[weight >= 0.01]
    edges = np.geomspace(0.01, max(1.0, large.max()), 40)
    left.hist(large, bins=edges, density=True, color="0.7")
    mu, sigma = np.log(large).mean(), np.log(large).std()
    density = np.exp(-((np.log(edges) - mu) ** 2) / (2 * sigma**2)) / (edges * sigma * np.sqrt(2 * np.pi))
    left.plot(edges, density, label=f"log-normal, $\\mu$ {mu:.2f}, $\\sigma$ {sigma:.2f}")
    left.set(xscale="log", xlabel="weight (0.01 and more)", ylabel="density", title="excitatory weights")
    left.legend()
    middle.scatter(post, pre, s=1, c="k", linewidths=0)
    middle.set(xlabel="to unit", ylabel="from unit", title="synapses")
    degrees = [np.bincount(ends, minlength=run.config["model"].get("ne", 200)) for ends in (post, pre)]
    bins = np.arange(max(d.max() for d in degrees) + 2) - 0.5
    for d, label in zip(degrees, ("in", "out")):
        right.hist(d, bins=bins, alpha=0.5, label=f"{label}: {d.mean():.1f} $\\pm$ {d.std():.1f}")
    right.set(xlabel="degree", ylabel="units", title="degrees")
    right.legend()
    run.save(figure, "weights")
