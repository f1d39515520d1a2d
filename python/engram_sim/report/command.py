"""Writes a run folder as one HTML page: engram report FOLDER writes FOLDER/report.html.

The page needs no server and no network. It shows a run that goes on, was interrupted or crashed as far as it came;
--watch writes it again and again while the run goes on, and the page reloads itself.
"""

import argparse
import pathlib
import sys
import time

from engram_sim.run_folder import Run, RunError


def parser():
    made = argparse.ArgumentParser(
        prog="engram report", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("folder", help="a run folder")
    made.add_argument("--out", type=pathlib.Path, help="the page; default: FOLDER/report.html")
    made.add_argument("--watch", type=seconds, metavar="SECONDS", help="write it anew every so often until the run ends")
    return made


def seconds(text):
    value = float(text)
    if not 0 <= value <= 86400:
        raise argparse.ArgumentTypeError(f"{text}: 0 to 86400 seconds are possible")
    return value


def main(arguments=None):
    from engram_sim.report import page  # matplotlib takes a second; --help needs none of it

    said = parser().parse_args(arguments)
    try:
        while True:
            run = Run(said.folder)
            going_on = said.watch is not None and run.status == "running"
            path = page.write(
                run, said.out or run.folder / "report.html", refresh=max(1, round(said.watch)) if going_on else None
            )
            if not going_on:
                break
            time.sleep(max(1.0, said.watch))
    except RunError as fault:
        print(f"engram report: {fault}", file=sys.stderr)
        return 2
    except OSError as fault:
        print(f"engram report: {fault}", file=sys.stderr)
        return 5
    except KeyboardInterrupt:
        return 130
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
