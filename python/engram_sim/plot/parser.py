"""What the networks of a parser make of sentences: the share that finds what is expected, and trees of dependencies."""

import re
import textwrap
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np

from engram_sim import names, results
from engram_sim.plot.figures import GREY, MOST_POINTS, colours_of, in_parts
from engram_sim.plot.sweep import values_of

MOST_BARS = 60  # in one picture
MOST_SENTENCES = 8  # as trees in one picture
COLOUR = "tab:blue"


def draw(run, album):
    found = answers(run, album)
    sentences(run, album, found)
    trees(album, found)


def kept(run, point):
    """{sentence: {"right": share, "outcomes": {dependencies: networks}}} of all networks, as the manifest keeps them;
    "right" only of sentences for which something is expected."""
    points = run.manifest.get("points", [])
    rows = points[point].get("results", {}) if point < len(points) else {}
    return {text: row for text, row in rows.items() if isinstance(row, dict) and "outcomes" in row}


def answers(run, album):
    """{point: what kept() has} of the selected networks at those of the selected points that have answers."""
    found = {point: kept(run, point) for point in album.points}
    if album.selection.replicas is not None:
        of_each = results.outcomes_of(run)
        found = {p: {t: of_selected(run, album, p, t, of_each.get(t, {})) for t in rows} for p, rows in found.items()}
    found = {p: {text: row for text, row in rows.items() if row} for p, rows in found.items()}
    return {point: rows for point, rows in found.items() if rows}


def of_selected(run, album, point, text, outcomes):
    """The answers of the selected networks; None where those of each were not kept."""
    mine = [outcomes.get((point, replica)) for replica in album.replicas]
    if None in mine:
        return None
    right = run.results.get(f"{text}, right")
    share = values_of(right, point, album) if right else ()
    return {"outcomes": Counter(mine), **({"right": float(share.mean())} if len(share) else {})}


def sentences(run, album, found):
    """Share of networks that found exactly the expected dependencies, a bar for each point of a grid."""
    shares = {point: {t: row["right"] for t, row in rows.items() if "right" in row} for point, rows in found.items()}
    shares = {point: rows for point, rows in shares.items() if rows}
    shown = list(shares)[:MOST_POINTS]
    texts = list(dict.fromkeys(text for point in shown for text in shares[point]))
    for name, part in in_parts("sentences", texts, MOST_BARS // max(1, len(shown))):
        if album.wants(name):
            bars(run, album, name, part, {point: shares[point] for point in shown}, len(shares))


def bars(run, album, name, texts, shares, points):
    height = 0.6 if len(shares) == 1 else 0.85 / len(shares)
    inches = 0.38 if len(shares) == 1 else 0.18 + 0.17 * len(shares)
    figure, axis = plt.subplots(figsize=(7, 1.0 + inches * len(texts)))
    for i, ((point, rows), colour) in enumerate(zip(shares.items(), colours_of(len(shares)))):
        places = [(row + (i - (len(shares) - 1) / 2) * height, text) for row, text in enumerate(texts) if text in rows]
        at, share = [place for place, _ in places], [rows[text] for _, text in places]
        axis.barh(at, share, color=colour, height=height, label=names.point_words(run.points[point]))
        for place, value in zip(at, share):
            axis.text(value + 0.01, place, f"{value:.0%}", va="center", fontsize=8 if len(shares) == 1 else 7)
    axis.set_yticks(range(len(texts)), [textwrap.shorten(t, 44, placeholder=" ...") for t in texts])
    axis.set(xlim=(0, 1.08), ylim=(len(texts) - 0.5, -0.5))
    axis.set_xlabel("share of networks with exactly the expected dependencies")
    axis.set_xticks([0, 0.5, 1])
    if len(shares) > 1:
        axis.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.06, 1))
    note = networks_words(album) + (album.at_point(next(iter(shares))) if points == 1 else "")
    album.save(figure, name, "Sentences parsed as expected", note + album.left_out(MOST_POINTS, points))


def networks_words(album):
    seeds = [album.run.seeds[replica] for replica in album.replicas]
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} networks"


def trees(album, found):
    """The dependencies that most networks found at the first point, as arcs above the words."""
    point = next(iter(found), None)
    for name, part in in_parts("trees", list(found.get(point, {}).items()), MOST_SENTENCES):
        if album.wants(name):
            page_of_trees(album, name, part, point)


def page_of_trees(album, name, found, point):
    columns = 1 if len(found) < 4 else 2
    rows = -(-len(found) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(5.5 * columns, 2.1 * rows + 0.6), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    unknown = False
    for axis, (text, row) in zip(axes.flat, found):
        outcome, networks = max(sorted(row["outcomes"].items()), key=lambda o: o[1])
        arcs = dependencies(outcome)
        text = re.sub(r" \(\d+\)$", "", text)  # the number of a sentence that stands there twice is no word
        unknown |= tree(axis, text.split(), arcs)
        if not arcs:
            said = textwrap.fill(outcome, 60) or "no dependencies"
            axis.text(0.02, 0.6, said, transform=axis.transAxes, fontsize=8, color=GREY, va="center")
        if (every := sum(row["outcomes"].values())) > 1:
            axis.set_title(f"{networks} of {every} networks", fontsize=8, color=GREY, loc="left")
    one = len(album.replicas) == 1
    note = networks_words(album) if one else f"the answer of most of {networks_words(album)}"
    note += album.at_point(point) + ("; dashed: to what is no word of the sentence, ? is unknown" if unknown else "")
    album.save(figure, name, f"What the {'network makes' if one else 'networks make'} of each sentence", note)


def dependencies(outcome):
    """[(head, dependent, kind)] of 'chase-cats SUBJ, chase-mice OBJ'; [] of what is said where there is no answer."""
    found = list(re.finditer(r"(\S+?)-(\S+) (\S+?)(?:, |$)", outcome))
    return [m.groups() for m in found] if sum(len(m[0]) for m in found) == len(outcome) else []


def tree(axis, words, arcs):
    """Words in a row, and an arc from each head to its dependent. What is no word of the sentence stands behind it,
    such as the ? of a word that the network does not know. Returns whether there is such a one."""
    row, ends, used = list(words), [], set()
    for head, dependent, kind in arcs:
        pairs = [
            (i, j)
            for i, w in enumerate(words)
            for j, v in enumerate(words)
            if i != j and _same(w, head) and _same(v, dependent) and (i, j) not in used
        ]
        i, j = min(pairs, key=lambda p: abs(p[0] - p[1])) if pairs else _with_unknown(row, words, head, dependent)
        used.add((i, j))
        ends.append((i, j, kind))
    at = np.cumsum([0] + [(len(a) + len(b)) / 2 + 2.5 for a, b in zip(row, row[1:])])
    height = 1.0
    for i, j, kind in ends:
        colour, line = (COLOUR, "-") if max(i, j) < len(words) else (GREY, "--")
        middle, half = (at[i] + at[j]) / 2, abs(at[i] - at[j]) / 2
        top = 0.55 * abs(i - j) ** 0.8 + 0.25
        angle = np.linspace(0, np.pi, 40)
        axis.plot(middle + half * np.cos(angle), 0.35 + top * np.sin(angle), color=colour, lw=1.1, ls=line)
        axis.annotate("", (at[j], 0.3), (at[j], 0.34), arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1})
        axis.text(middle, 0.38 + top, kind, ha="center", va="bottom", fontsize=7, color=colour)
        height = max(height, top + 0.8)
    for i, (x, word) in enumerate(zip(at, row)):
        axis.text(x, 0, word, ha="center", va="bottom", fontsize=9, color="k" if i < len(words) else GREY)
    axis.set(xlim=(at[0] - 4, max(at[-1], 30) + 4), ylim=(-0.1, max(height, 2.4)))
    return len(row) > len(words)


def _with_unknown(row, words, head, dependent):
    """Places of both ends, of which at least one is added to the row."""
    i = next((k for k, word in enumerate(words) if _same(word, head)), None)
    j = next((k for k, word in enumerate(words) if _same(word, dependent) and k != i), None)
    if i is not None and j is not None:  # they have an arc already, and get another word
        j = None
    if i is None:
        row.append(head)
        i = len(row) - 1
    if j is None:
        row.append(dependent)
        j = len(row) - 1
    return i, j


def _same(word, found):
    """Russian words are found by their stem: sobaku is sobaka."""
    return word == found or (
        len(word) > 3
        and len(found) > 3
        and word[: max(3, min(len(word), len(found)) - 2)] == found[: max(3, min(len(word), len(found)) - 2)]
    )
