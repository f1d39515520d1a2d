"""python3 -m engram_sim plot FOLDER | report FOLDER | demo"""

import importlib
import signal
import sys

COMMANDS = {"plot": "engram_sim.plot.command", "report": "engram_sim.report.command", "demo": "engram_sim.demo"}


def main():
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `... | head` ends without a word
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        print(
            f"usage: {__doc__}",
            file=sys.stderr if len(sys.argv) < 2 or sys.argv[1] not in ("-h", "--help") else sys.stdout,
        )
        return 0 if sys.argv[1:2] in (["-h"], ["--help"]) else 2
    return importlib.import_module(COMMANDS[sys.argv[1]]).main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
