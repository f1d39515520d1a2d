"""Draws a run folder: engram plot FOLDER writes pictures into FOLDER/plots.

What is drawn follows from what was recorded. A run that goes on, was interrupted or crashed is drawn as far as it came.
"""

import argparse
import pathlib
import re
import sys

from engram_sim.run_folder import Run, RunError

MOST_OF_A_RANGE = 1_000_000  # more than a run has; what is beyond its last one is refused


def parser():
    made = argparse.ArgumentParser(
        prog="engram plot", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("folder", help="a run folder")
    made.add_argument("--out", help="folder of the pictures; default: FOLDER/plots", type=pathlib.Path)
    made.add_argument("--format", choices=("png", "pdf", "svg"), default="png")
    made.add_argument("--dpi", type=positive, default=110, help="dots an inch, of PNG (default: 110)")
    made.add_argument("--replica", type=numbers, help="only these networks, such as 0 or 0,2 or 0-4; they count from 0")
    made.add_argument("--point", type=numbers, help="only these points of a grid; they count from 0")
    made.add_argument("--from", type=int, dest="first", metavar="TICK", help="nothing before this tick")
    made.add_argument("--to", type=int, dest="last", metavar="TICK", help="nothing after this tick")
    made.add_argument(
        "--only",
        type=lambda text: text.split(","),
        metavar="NAMES",
        help="only pictures of these names, such as 'weights' or 'grid*,raster'",
    )
    return made


def positive(text):
    value = int(text)
    if not 10 <= value <= 2400:
        raise argparse.ArgumentTypeError(f"{text}: 10 to 2400 dots an inch are possible")
    return value


def numbers(text):
    """[0, 2, 3] of '0,2-3'."""
    chosen = []
    for part in text.split(","):
        found = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", part)
        if not found:
            raise argparse.ArgumentTypeError(f"{text}: wanted are numbers from 0, such as 0 or 0,2 or 0-4")
        low, high = int(found[1]), int(found[2] or found[1])
        if high < low:
            raise argparse.ArgumentTypeError(f"{text}: the range {part} ends before it begins")
        chosen += range(low, min(high, low + MOST_OF_A_RANGE) + 1)
    return list(dict.fromkeys(chosen))


def checked(chosen, count, option, what):
    outside = [n for n in chosen or [] if n >= count]
    if outside:
        raise RunError(f"{option} {outside[0]}: this run has {count} {what}, numbered from 0")


def main(arguments=None):
    from engram_sim.plot import album_of, draw  # matplotlib takes a second; --help needs none of it
    from engram_sim.plot.figures import Selection

    said = parser().parse_args(arguments)
    try:
        run = Run(said.folder)
        checked(said.replica, len(run.seeds), "--replica", "networks at each point")
        checked(said.point, len(run.points), "--point", "points")
        selection = Selection(said.replica, said.point, said.first, said.last, said.only)
        album = album_of(run, said.out, selection, said.format, said.dpi)
        draw(run, album)
    except RunError as fault:
        print(f"engram plot: {fault}", file=sys.stderr)
        return 2
    except OSError as fault:
        print(f"engram plot: {fault}", file=sys.stderr)
        return 5
    for path in album.pictures:
        print(path)
    if album.pictures:
        return 0
    if album.offered:
        print(
            f"engram plot: no picture is called {' or '.join(said.only or ())};"
            f" this run has: {', '.join(album.offered)}",
            file=sys.stderr,
        )
    else:
        print(f"engram plot: {said.folder}: {nothing_to_draw(run, said)}", file=sys.stderr)
    return 1


def nothing_to_draw(run, said):
    if not run.curves and run.status in ("running", "killed"):
        return f"nothing was recorded yet (the run is {run.status})"
    if said.first is not None or said.last is not None:
        return "nothing was recorded between --from and --to"
    return (
        "this run recorded no series that a picture is made of; "
        "name some in /record/series, or leave /record out to keep all"
    )


if __name__ == "__main__":
    sys.exit(main())
