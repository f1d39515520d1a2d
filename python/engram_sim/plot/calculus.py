"""Assembly calculus: support and stability over rounds, completion, capacity, separation; sentences of the parser."""

import re
import textwrap

import matplotlib.pyplot as plt
import numpy as np

from engram_sim import names
from engram_sim.plot.figures import draw_band, in_parts, time_series

MOST_SENTENCES = 8  # in one picture


def draw(run, album):
    if run.family == "parser":
        sentences(run, album)
        trees(run, album)
        return
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
    found = [(p, lists[p]) for p in album.points if lists[p].size] if lists else []
    if not found or not album.wants(label):
        return
    figure, axis = plt.subplots(figsize=(6, 3.6))
    for i, (p, values) in enumerate(found[:8]):
        values = values[[r for r in album.replicas if r < len(values)] or [0]]
        draw_band(axis, np.arange(1, values.shape[1] + 1), values, f"C{i}", names.point_words(run.points[p]))
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set(xlabel=x_name, ylabel=y_name, ylim=(0, 1.05))
    if len(found) > 1:
        axis.legend(fontsize=8)
    album.save(figure, label, title)


def capacity(run, album):
    """Mean recall of all stored assemblies against their number."""
    found = sorted(
        (int(m[1]), r) for name, r in run.results.items() if (m := re.fullmatch(r"mean recall of (\d+)", name))
    )
    if len(found) < 2 or not album.wants("capacity"):
        return
    figure, axis = plt.subplots(figsize=(6, 3.6))
    stored = [n for n, _ in found]
    for i, p in enumerate(album.points[:8]):
        mean, sd = (np.array([getattr(r, part)[p] for _, r in found]) for part in ("mean", "sd"))
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
    album.save(figure, "capacity", "How many assemblies an area keeps", album.note(bars=True))


def separation(run, album):
    """Overlap of two assemblies against the overlap of their inputs, over the points of a grid."""
    key, overlap = "/protocol/0/shared", run.results.get("overlap")
    if key not in run.swept or overlap is None or not album.wants("separation"):
        return
    shared = np.array([run.points[p][key] for p in album.points], float)
    order = np.argsort(shared)
    size = run.config_of(album.points[0])["protocol"][0]["size"]
    figure, axis = plt.subplots(figsize=(4.6, 4.0))
    points = np.array(album.points)[order]
    axis.errorbar(shared[order] / size, overlap.mean[points], np.nan_to_num(overlap.sd[points]), fmt="o-", capsize=2)
    axis.plot([0, 1], [0, 1], color="0.7", ls=":", lw=1)
    axis.text(0.98, 0.93, "equal", color="0.5", ha="right", fontsize=8)
    axis.set(xlabel="overlap of the inputs", ylabel="overlap of the assemblies")
    album.save(figure, "separation", "Inputs that share neurons", album.note(bars=True))


def parsed(run, point=0):
    """{sentence: {"right": share, "outcomes": {dependencies: networks}}} as the manifest keeps them."""
    points = run.manifest.get("points", [])
    kept = points[point].get("results", {}) if point < len(points) else {}
    return {text: row for text, row in kept.items() if isinstance(row, dict) and "outcomes" in row}


def sentences(run, album):
    """Share of networks that found exactly the expected dependencies."""
    found = {text: row for text, row in parsed(run, album.points[0]).items() if "right" in row}
    if not found or not album.wants("sentences"):
        return
    texts = list(found)[::-1]
    share = [found[t]["right"] for t in texts]
    figure, axis = plt.subplots(figsize=(7, 1.0 + 0.38 * len(texts)))
    axis.barh(range(len(texts)), share, color="tab:blue", height=0.6)
    for i, s in enumerate(share):
        axis.text(s + 0.01, i, f"{s:.0%}", va="center", fontsize=8)
    axis.set_yticks(range(len(texts)), [textwrap.shorten(t, 44, placeholder=" ...") for t in texts])
    axis.set(xlim=(0, 1.08), xlabel="share of networks with exactly the expected dependencies")
    axis.set_xticks([0, 0.5, 1])
    album.save(figure, "sentences", "Sentences parsed as expected", f"{len(run.seeds)} networks")


def trees(run, album):
    """The dependencies that most networks found, as arcs above the words."""
    for name, part in in_parts("trees", list(parsed(run, album.points[0]).items()), MOST_SENTENCES):
        if album.wants(name):
            page_of_trees(album, name, part)


def page_of_trees(album, name, found):
    columns = 1 if len(found) < 4 else 2
    rows = -(-len(found) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(5.5 * columns, 2.1 * rows + 0.6), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, (text, row) in zip(axes.flat, found):
        outcome, networks = max(row["outcomes"].items(), key=lambda o: o[1])
        tree(axis, text.split(), dependencies(outcome))
        axis.set_title(f"{networks} of {sum(row['outcomes'].values())} networks", fontsize=8, color="0.45", loc="left")
    album.save(figure, name, "What the networks make of each sentence", "the answer of most networks")


def dependencies(outcome):
    """[(head, dependent, kind)] of 'chase-cats SUBJ, chase-mice OBJ'."""
    found = (re.fullmatch(r"(\S+?)-(\S+) (\S+)", part) for part in outcome.split(", "))
    return [m.groups() for m in found if m]


def tree(axis, words, arcs):
    """Words in a row, and an arc from each head to its dependent."""
    at = np.cumsum([0] + [(len(a) + len(b)) / 2 + 2.5 for a, b in zip(words, words[1:])])
    height = 1.0
    used = set()
    for head, dependent, kind in arcs:
        pairs = [
            (i, j)
            for i, w in enumerate(words)
            for j, v in enumerate(words)
            if i != j and _same(w, head) and _same(v, dependent) and (i, j) not in used
        ]
        if not pairs:
            continue
        i, j = min(pairs, key=lambda p: abs(p[0] - p[1]))
        used.add((i, j))
        middle, half = (at[i] + at[j]) / 2, abs(at[i] - at[j]) / 2
        top = 0.55 * abs(i - j) ** 0.8 + 0.25
        angle = np.linspace(0, np.pi, 40)
        axis.plot(middle + half * np.cos(angle), 0.35 + top * np.sin(angle), color="tab:blue", lw=1.1)
        axis.annotate("", (at[j], 0.3), (at[j], 0.34), arrowprops={"arrowstyle": "-|>", "color": "tab:blue", "lw": 1})
        axis.text(middle, 0.38 + top, kind, ha="center", va="bottom", fontsize=7, color="tab:blue")
        height = max(height, top + 0.8)
    for x, word in zip(at, words):
        axis.text(x, 0, word, ha="center", va="bottom", fontsize=9)
    axis.set(xlim=(at[0] - 4, max(at[-1], 30) + 4), ylim=(-0.1, max(height, 2.4)))


def _same(word, found):
    """Russian words are found by their stem: sobaku is sobaka."""
    return word == found or (
        len(word) > 3
        and len(found) > 3
        and word[: max(3, min(len(word), len(found)) - 2)] == found[: max(3, min(len(word), len(found)) - 2)]
    )
