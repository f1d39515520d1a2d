"""What all pictures share: the style, the album that they are saved in, lines with bands, notes on what is shown."""

import fnmatch
import io
from dataclasses import dataclass, field, replace

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import matplotlib.text  # noqa: E402
import numpy as np  # noqa: E402

from engram_sim import names, whole_files  # noqa: E402

plt.rcParams.update(
    {
        "savefig.bbox": "tight",
        "savefig.pad_inches": 0.12,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": "medium",
        "legend.frameon": False,
        "font.size": 10,
        "axes.grid": False,
        "figure.constrained_layout.use": True,
        "svg.hashsalt": "engram",
        "pdf.fonttype": 42,
    }
)
SIGNED = {"cmap": "RdBu_r", "interpolation": "nearest"}
COLOURS_OF_SIGNED = "red is above 0, blue is below"
GREY = "0.45"
MOST_POINTS = 12  # of a grid that one picture tells apart by colour


@dataclass
class Selection:
    """Which networks, points and ticks are drawn; None stands for all."""

    replicas: list = None
    points: list = None
    first: int = None
    last: int = None
    only: list = None


@dataclass
class Album:
    """The pictures of one run: what is selected, and where they go."""

    run: object
    folder: object
    selection: Selection = field(default_factory=Selection)
    format: str = "png"
    dpi: int = 110
    pictures: list = field(default_factory=list)
    offered: list = field(default_factory=list)
    names: list = field(default_factory=list)  # of the pictures
    _taken: set = field(default_factory=set)

    def wants(self, name):
        """Whether a picture is asked for; asked before it is drawn."""
        self.offered.append(name)
        return self.selection.only is None or any(fnmatch.fnmatch(name, pattern) for pattern in self.selection.only)

    def save(self, figure, name, title, note=""):
        """Writes a picture below a title and above a line that says what of the run it shows."""
        figure.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=11)
        figure.supxlabel(f"{self.run.name}: {note or self.note()}", x=0.01, ha="left", fontsize=8, color=GREY)
        for text in figure.findobj(matplotlib.text.Text):
            if "$" in text.get_text() and "\\mathdefault" not in text.get_text():  # of a logarithmic axis
                text.set_text(names.no_formula(text.get_text()))
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{names.file_name(names.free(name, self._taken))}.{self.format}"
        data = io.BytesIO()
        figure.savefig(
            data,
            format=self.format,
            dpi=self.dpi,
            metadata=(
                {"Date": None} if self.format == "svg" else {"CreationDate": None} if self.format == "pdf" else None
            ),
        )
        plt.close(figure)
        whole_files.write(path, data.getvalue())
        self.pictures.append(path)
        self.names.append(name)

    # --- what is selected

    @property
    def replicas(self):
        chosen = self.selection.replicas
        return list(range(len(self.run.seeds))) if chosen is None else chosen

    @property
    def points(self):
        chosen = self.selection.points
        return list(range(len(self.run.points))) if chosen is None else chosen

    @property
    def single(self):
        """The one network that pictures of single networks show: (point, replica)."""
        return self.points[0], self.replicas[0]

    def chosen(self, curve):
        """The part of a metric that is selected, or None where nothing is left."""
        if curve is None:
            return None
        rows = np.isin(curve.replicas, self.replicas) & np.isin(curve.points, self.points)
        keep = self.ticks(curve.times)
        keep &= np.isfinite(curve.values[rows]).any(0) if rows.any() else False
        if not rows.any() or not keep.any():
            return None
        return replace(
            curve,
            times=curve.times[keep],
            values=curve.values[rows][:, keep],
            points=curve.points[rows],
            replicas=curve.replicas[rows],
        )

    def ticks(self, times):
        """Which of these ticks are selected."""
        first, last = self.selection.first, self.selection.last
        return (times >= (-np.inf if first is None else first)) & (times <= (np.inf if last is None else last))

    # --- words

    def note(self, bars=False):
        """Which networks a picture of means shows; of a grid, at which point where only one is selected."""
        count = len(self.replicas)
        words = (
            f"seed {self.run.seeds[self.replicas[0]]}"
            if count == 1
            else f"means of {count} networks, {'bars' if bars else 'bands'} of one standard deviation"
        )
        return words + (
            f", {names.point_words(self.run.points[self.points[0]])}"
            if self.run.swept and len(self.points) == 1
            else ""
        )

    def left_out(self, most, count=None):
        """What is added to a note where a picture has room for the first points alone."""
        count = len(self.points) if count is None else count
        return f"; the first {most} of {count} points" if count > most else ""

    def at_point(self, point):
        """What is added to a note of a picture that shows one point of a grid."""
        at = names.point_words(self.run.points[point])
        count = len(self.run.points)
        return (f", {at}" if at else "") + (f" (one of {count} points; --point chooses)" if count > 1 else "")

    def note_of_single(self):
        """Which network a picture of a single network shows."""
        point, replica = self.single
        others = len(self.run.seeds) * len(self.run.points) - 1
        at = names.point_words(self.run.points[point])
        return (
            f"seed {self.run.seeds[replica]}"
            + (f", {at}" if at else "")
            + (f" (one of {others + 1} networks; --replica and --point choose)" if others else "")
        )


def in_parts(name, members, most):
    """(name, part) for pictures of at most so many panels; the second one is called NAME 2."""
    for i in range(0, len(members), most):
        yield name + (f" {i // most + 1}" if i else ""), members[i : i + most]


def running_mean(values, width):
    """Mean of each row over so many values; the first ones, which have fewer before them, are left out."""
    if width <= 1 or values.shape[1] < width:
        return values, 0
    sums = np.cumsum(np.insert(values, 0, 0.0, axis=1), axis=1)
    return (sums[:, width:] - sums[:, :-width]) / width, width - 1


def broken(times, *rows):
    """Puts a gap into lines where times are farther apart than they usually are."""
    steps = np.diff(times)
    at = np.flatnonzero(steps > 2 * np.median(steps)) + 1 if len(steps) else []
    return np.insert(times.astype(float), at, np.nan), *(np.insert(r, at, np.nan) for r in rows)


def draw_band(axis, times, values, color, label):
    """The mean of rows as a line, one standard deviation around it as a band; few rows are drawn as faint lines too."""
    with np.errstate(invalid="ignore"):
        count = np.isfinite(values).sum(0)
        mean = np.where(count > 0, np.nansum(values, 0) / np.maximum(count, 1), np.nan)  # no value is not 0
        deviation = np.sqrt(np.nansum((values - mean) ** 2, 0) / np.maximum(count - 1, 1))
    x, mean, low, high = broken(times, mean, mean - deviation, mean + deviation)
    if len(values) > 1:
        axis.fill_between(x, low, high, color=color, alpha=0.18, lw=0)
    marker = "o" if len(times) == 1 else None
    axis.plot(x, mean, color=color, lw=1.3, label=label, marker=marker, ms=4)


def colours_of(count):
    return [f"C{i}" for i in range(count)] if count <= 6 else list(plt.cm.viridis(np.linspace(0, 0.92, count)))


def time_series(album, name, title, panels, x_name, smooth=False, bottom=None):
    """Panels below each other, each (y label, [(line label, curve)]). Several points of a grid get colours of their
    own, and then each line gets a panel of its own."""
    panels = [(label, [(n, album.chosen(c)) for n, c in lines]) for label, lines in panels]
    panels = [(label, [(n, c.regular()) for n, c in lines if c is not None]) for label, lines in panels]
    panels = [p for p in panels if p[1]]
    if not panels or not album.wants(name):
        return
    points = album.points[:MOST_POINTS]
    many = len(album.run.points) > 1 and len(album.points) > 1
    if many:
        panels = [(label + (f"\n{n}" if n else ""), [("", c)]) for label, lines in panels for n, c in lines]
    figure, axes = plt.subplots(len(panels), 1, figsize=(8.5, 0.9 + 2.1 * len(panels)), sharex=True, squeeze=False)
    widths = set()
    for axis, (label, lines) in zip(axes[:, 0], panels):
        drawn = (
            [(names.point_words(album.run.points[p]), _at(c, p)) for p in points for _, c in lines] if many else lines
        )
        for color, (n, curve) in zip(colours_of(len(drawn)), drawn):
            values, times = curve.values, curve.times
            width = max(1, len(times) // 60) if smooth else 1
            widths.add(width)
            values, cut = running_mean(values, width)
            draw_band(axis, times[cut:], values, color, n)
        axis.set_ylabel(label, fontsize=9)
        if bottom is not None:  # with room above a constant, whose own range is narrow
            top = axis.get_ylim()[1]
            axis.set_ylim(bottom, top + 0.05 * (top - bottom))
        mark_phases(album, axis, named=axis is axes[0, 0])
    if any(n for n, _ in drawn):
        axes[0, 0].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes[-1, 0].set_xlabel(x_name)
    note = (
        album.note()
        + (f"; running means of {max(widths)} values" if max(widths) > 1 else "")
        + album.left_out(MOST_POINTS)
    )
    album.save(figure, name, title, note)


def _at(curve, point):
    rows = curve.points == point
    return replace(curve, values=curve.values[rows], points=curve.points[rows], replicas=curve.replicas[rows])


def mark_phases(album, axis, named):
    """Lines between phases, and their names above the first panel where they have room."""
    low, high = axis.get_xlim()
    found = [p for p in names.phases(album.run) if p[2] > low and p[1] < high]
    if len(found) < 2:
        return
    axis.set_xlim(low, high)
    for label, begin, end in found:
        if begin > max(low, 0):
            axis.axvline(begin - 0.5, color="0.8", lw=0.8, zorder=0)
        room = (min(end, high) - max(begin, low)) / (high - low)
        if named and room * 90 > len(label):
            axis.text(
                (max(begin, low) + min(end, high)) / 2,
                1.01,
                label,
                transform=axis.get_xaxis_transform(),
                ha="center",
                fontsize=8,
                color=GREY,
            )


def grid_of_axes(count, width, height, most_columns=3, **kwargs):
    """So many axes in rows; those that are left over are empty."""
    columns = min(most_columns, count)
    rows = -(-count // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(width * columns, height * rows + 0.7), squeeze=False, **kwargs)
    for axis in axes.flat[count:]:
        axis.axis("off")
    return figure, axes.flat[:count]


def all_metrics(album):
    """Every metric over time, a picture for each attribute: for families that have no pictures of their own."""
    for attribute in dict.fromkeys(a for _, _, a in album.run.curves):
        lines = [
            (layer + (f" {unit}" if unit else ""), c)
            for (layer, unit, a), c in album.run.curves.items()
            if a == attribute
        ]
        if any(len(c.times) > 1 for _, c in lines):
            time_series(album, attribute, attribute, [(names.words(attribute), lines[:8])], "tick")
