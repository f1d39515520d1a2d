"""NEF runs: what probes decoded, errors, encoders before and after learning, and what a memory recalled."""

import matplotlib.pyplot as plt
import numpy as np

from engram_sim import names
from engram_sim.plot.figures import MOST_POINTS, draw_band, in_parts

MOST_PANELS = 8  # in one picture
MOST_LINES = 6  # of more numbers a probe is an image
MOST_IMAGE_STEPS = 1000


def draw(run, album):
    if run.family == "nef_memory":
        return recalled(run, album)
    dt = run.config_of(album.points[0])["model"].get("dt", 0.001)
    matrices = {name for name, probe in run.config["model"].get("probes", {}).items() if is_matrix(probe)}
    probes(run, album, dt, [n for n in run.config["model"].get("probes", {}) if n not in matrices])
    errors(run, album, dt)
    for name in run.config["model"].get("connections", {}):
        encoders(run, album, name, matrices)
        learned(run, album, name)


def is_matrix(probe):
    return probe.get("attribute") in ("weights", "scaled_encoders", "delta", "encoders", "decoders")


def samples(run, album, probe, point, replica):
    """(steps, rows of numbers) of a probe in one network, as far as selected; None where nothing was recorded."""
    columns = run.columns([f"{probe}/{c}" for c in ("step", "replica", "value")], point)
    if columns is None:
        return None
    step, network, value = columns
    keep = (network == replica) & album.ticks(step)
    if not keep.any():
        return None
    value = np.asarray(value[keep], float)  # whose squares have room
    return np.asarray(step[keep]), value.reshape(len(value), -1)  # single numbers are a column of one dimension


def probes(run, album, dt, wanted):
    """Values of each probe over time, in one network."""
    found = [(name, samples(run, album, name, *album.single)) for name in wanted]
    found = [(name, s) for name, s in found if s is not None and len(s[0]) > 1]
    for part_name, part in in_parts("probes", found, MOST_PANELS):
        if not album.wants(part_name):
            continue
        figure, axes = plt.subplots(len(part), 1, figsize=(8.5, 0.9 + 1.6 * len(part)), sharex=True, squeeze=False)
        for axis, (name, (step, value)) in zip(axes[:, 0], part):
            if value.shape[1] <= MOST_LINES:
                for i, line in enumerate(value.T):
                    axis.plot(step * dt, line, lw=1.1, color=f"C{i}")
            else:
                every = -(-len(step) // MOST_IMAGE_STEPS)
                rows = value[: len(step) // every * every].reshape(-1, every, value.shape[1]).mean(1)
                extent = (step[0] * dt, step[-1] * dt, 0, value.shape[1])
                image = axis.imshow(rows.T, aspect="auto", origin="lower", interpolation="nearest", extent=extent)
                figure.colorbar(image, ax=axis, pad=0.01)
            axis.set_ylabel(name.replace("_", " "), fontsize=9)
        axes[-1, 0].set_xlabel("time (s)")
        note = album.note_of_single() + ("; a line a dimension" if any(s[1].shape[1] > 1 for _, s in part) else "")
        album.save(figure, part_name, "What the probes record", note)


def errors(run, album, dt):
    """Length of what each measure looks at, over time: mean and deviation over the networks."""
    found = []
    for measure in run.config["run"].get("measures", []):
        key = (measure["probe"], measure.get("versus"))
        if key not in found:
            found.append(key)
    panels = [(key, lengths(run, album, *key)) for key in found]
    panels = [(key, lines) for key, lines in panels if lines]
    if not panels or not album.wants("errors"):
        return
    figure, axes = plt.subplots(len(panels), 1, figsize=(8.5, 0.9 + 2.1 * len(panels)), sharex=True, squeeze=False)
    for axis, ((probe, versus), lines) in zip(axes[:, 0], panels):
        for i, (label, step, values) in enumerate(lines):
            draw_band(axis, step * dt, values, f"C{i}", label)
        words = f"{probe} - {versus}" if versus else probe
        axis.set_ylabel(f"length of\n{words}".replace("_", " "), fontsize=9)
        axis.set_ylim(bottom=0)
    if len(lines) > 1:
        axes[0, 0].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    axes[-1, 0].set_xlabel("time (s)")
    album.save(figure, "errors", "How large the error is", album.note())


def lengths(run, album, probe, versus):
    """(label, steps, [network][step]) of each selected point."""
    lines = []
    for point in album.points:
        rows, steps = [], None
        for replica in album.replicas:
            a, b = (samples(run, album, name, point, replica) if name else None for name in (probe, versus))
            if a is None or (versus and b is None):
                continue
            common = np.intersect1d(a[0], b[0]) if versus else a[0]
            value = a[1][np.isin(a[0], common)] - (b[1][np.isin(b[0], common)] if versus else 0)
            rows.append(np.linalg.norm(value, axis=1))
            steps = common
        if rows and len({len(r) for r in rows}) == 1 and len(steps) > 1:
            lines.append((names.point_words(run.points[point]) if len(run.points) > 1 else "", steps, np.array(rows)))
    return lines


def encoders(run, album, connection, matrices):
    """Where the encoders that Voja moves point to, at first and at last, with the keys that are shown."""
    model = run.config_of(album.points[0])["model"]
    made = model["connections"][connection]
    moves = any(rule.get("rule") == "voja" for rule in made.get("learning", []))
    if not moves or not album.wants(f"encoders {connection}"):
        return
    probe = next((n for n in matrices if shows_encoders(model["probes"][n], connection)), None)
    dimensions = model["ensembles"][made["to"].split(".")[0]]["dimensions"]
    point, replica = album.single
    moments = []
    if probe is not None and (s := samples(run, album, probe, point, replica)) is not None:
        moments = [(f"step {s[0][0]}", s[1][0]), (f"step {s[0][-1]}", s[1][-1])]
    elif (rows := run.column(f"{connection}/learned", point)) is not None and len(rows) > replica:
        moments = [("at the end", np.asarray(rows[replica]))]
    if not moments or dimensions < 2:
        return
    source = model["nodes"].get(made["from"], {}).get("values")
    keys = np.array(source, float) if isinstance(source, list) and np.shape(source)[1:] == (dimensions,) else None
    figure, axes = plt.subplots(1, len(moments), figsize=(0.6 + 3.9 * len(moments), 4.2), squeeze=False)
    for axis, (title, flat) in zip(axes[0], moments):
        directions = np.reshape(flat, (-1, dimensions))
        length = np.linalg.norm(directions, axis=1, keepdims=True)
        directions = directions / np.where(length > 0, length, 1)
        axis.plot(*directions[:, :2].T, ".", ms=4, alpha=0.6, label="encoders")
        if keys is not None:
            axis.plot(*keys[:, :2].T, "x", ms=9, mew=2, color="tab:red", label="keys")
        axis.set(title=title, xlabel="dimension 0", ylabel="dimension 1", xlim=(-1.25, 1.25), ylim=(-1.25, 1.25))
        axis.set_aspect("equal")
    axes[0, -1].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    more = f"; the first 2 of {dimensions} dimensions" if dimensions > 2 else ""
    album.save(figure, f"encoders {connection}", "Directions of the encoders", album.note_of_single() + more)


def shows_encoders(probe, connection):
    return probe["of"].startswith(connection + ".") and probe.get("attribute") == "scaled_encoders"


def learned(run, album, connection):
    """What a connection learned, at the end: decoders or weights, a row a target."""
    point, replica = album.single
    rows = run.column(f"{connection}/learned", point)
    made = run.config_of(point)["model"]["connections"][connection]
    if rows is None or len(rows) <= replica or any(r.get("rule") == "voja" for r in made.get("learning", [])):
        return
    if not album.wants(f"learned {connection}"):
        return
    flat = np.ravel(rows[replica])
    figure, axis = plt.subplots(figsize=(5.5, 3.0))
    axis.hist(flat, bins=60, color="tab:blue")
    axis.set(xlabel="decoder or weight", ylabel="how many", yscale="symlog")
    axis.ticklabel_format(axis="x", scilimits=(-2, 3))
    title = f"What {connection.replace('_', ' ')} learned"
    album.save(figure, f"learned {connection}", title, album.note_of_single())


def recalled(run, album):
    """How near the value each item of a memory was recalled, in the order in which the items were learned."""
    curves = sorted(
        ((int(unit), c) for (_, unit, a), c in run.curves.items() if a == "cosine" and unit.isdigit()),
        key=lambda item: item[0],
    )
    if not curves or not album.wants("recall"):
        return
    items = np.array([i for i, _ in curves])
    figure, axis = plt.subplots(figsize=(8.5, 3.2))
    several = len(album.points) > 1
    for number, point in enumerate(album.points[:MOST_POINTS]):
        values = np.full((len(album.replicas), len(items)), np.nan)
        for column, (_, curve) in enumerate(curves):
            for row, replica in enumerate(album.replicas):
                mine = (curve.points == point) & (curve.replicas == replica)
                if mine.any():
                    values[row, column] = curve.values[mine][0, np.isfinite(curve.values[mine][0])][-1:].sum()
        if np.isfinite(values).any():
            draw_band(axis, items, values, f"C{number}", names.point_words(run.points[point]) if several else "")
    axis.set(xlabel="item, in the order in which it was learned", ylabel=names.words("cosine", run.family))
    if several:
        axis.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    album.save(figure, "recall", "How well each item is recalled", album.note() + album.left_out(MOST_POINTS))
