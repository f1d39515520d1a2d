"""What engram does, in one minute: ./run demo, or python3 -m engram_sim demo [FOLDER].

Each part runs the program as a user would, reads the run folder and says in words what is to be seen.
"""

import filecmp
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import textwrap
import time

from engram_sim.plot.parser import dependencies, kept
from engram_sim.run_folder import Run, RunError

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
PARTS = [
    "1. Two things seen together become one memory",
    "2. An assembly forms among a million neurons",
    "3. Sentences become trees",
    "4. Stopped, killed, one thread or two: the same bytes",
]
SENTENCES = ["the dogs chase the cats", "big dogs quickly chase bad mice"]


class Demo:
    def __init__(self, folder, program):
        self.folder, self.program = pathlib.Path(folder), program
        self.folder.mkdir(parents=True, exist_ok=True)

    def command(self, experiment, name, *more):
        return [self.program, "run", str(experiment), "--out", str(self.folder / name), "--force", "--quiet", *more]

    def run(self, experiment, name, *more):
        done = subprocess.run(self.command(experiment, name, *more), capture_output=True, text=True)
        if done.returncode != 0:
            raise RunError(f"{' '.join(done.args)} ended with exit code {done.returncode}:\n{done.stderr}")
        return Run(self.folder / name)


def bar(value, most, width=44):
    return "█" * round(width * value / most) or "▏"


def say(text=""):
    print(text, flush=True)


def tell(*sentences):
    """Says what is to be seen, in lines of a width."""
    say(textwrap.fill(" ".join(sentences), 112, initial_indent="   ", subsequent_indent="   "))


def association(demo):
    """Two things that are seen together become one memory."""
    say(PARTS[0])
    tell(
        "Think of pictures that reach area A and sounds that reach area B. Area C listens to both; 50 of its 1,000",
        "neurons fire at a time. Five pictures and five sounds are shown alone at first, then together, each picture",
        "with its sound.",
    )
    run = demo.run(EXAMPLES / "assembly/associate.json", "associate")
    before, after = (run.results[f"overlap {when}"].mean[0] for when in ("before", "after"))
    area = {**run.config["model"]["defaults"], **run.config["model"]["stages"][-1]["C"]}
    chance = area["k"] / area["n"]
    tell("How many of the 50 neurons of C does a picture alone share with its sound alone?")
    for label, value in (("chance", chance), ("before", before), ("after", after)):
        say(f"     {label:7} {value:5.1%}  {bar(value, 0.5)}")
    tell(f"The picture now recalls the memory of the sound: {after / chance:.0f} times what chance gives.")
    return run


def million(demo):
    """An assembly forms among a million neurons while one looks."""
    say("\n" + PARTS[1])
    tell(
        "A stimulus fires again and again. The 1,000 neurons that receive most fire, and their synapses grow. The",
        "10 billion synapses of the area are computed when they are needed and never stored. Each line is a round, as it happens:",
    )
    process = subprocess.Popen(
        demo.command(EXAMPLES / "calculus/project_million.json", "million", "--set", '/checkpoint={"every":1}'),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    shown, going_on = 0, True
    while going_on:
        going_on = process.poll() is None
        shown = show_rounds(demo.folder / "million", shown, going_on)
        time.sleep(0.05)
    if process.returncode != 0:
        raise RunError(process.stderr.read())
    run = Run(demo.folder / "million")
    support, settled = int(run.results["support"].mean[0]), run.curve("A", "stable").times[-1] + 1
    tell(
        f"After {settled} rounds the same 1,000 neurons fire every time: a memory.",
        f"{support:,} of a million ever fired.",
    )
    return run


def show_rounds(folder, shown, going_on=False):
    """Prints the rounds that were recorded since the last look; returns how many there are."""
    try:
        run = Run(folder)
        if going_on and run.status != "running":
            return shown  # of an earlier demo
        support, stable = run.curve("A", "support"), run.curve("A", "stable")
    except (RunError, OSError):
        return shown
    if support is None or stable is None:
        return shown
    kept = dict(zip(stable.times, stable.values[0]))
    for t, fired in list(zip(support.times, support.values[0]))[shown:]:
        if t in kept:
            stayed = f"{kept[t]:4.0%} of the winners stay  {bar(kept[t], 1, 24)}"
            say(f"     round {t + 1:2}: {fired:6,.0f} neurons have fired so far, {stayed}")
    return len(support.times)


def sentences(demo):
    """Sentences become trees."""
    say("\n" + PARTS[2])
    tell(
        "Each word fires its neurons; the grammar says only which areas (subject, verb, object, ...) a kind of word",
        "opens and closes. Synapses grow between what fires together, and afterwards the tree is read out of them:",
    )
    whole = json.loads((EXAMPLES / "calculus/parser_english.json").read_text())
    chosen = [s for s in whole["sentences"] if s["text"] in SENTENCES]
    run = demo.run(
        EXAMPLES / "calculus/parser_english.json",
        "parser",
        "--set",
        f"/sentences={json.dumps(chosen)}",
        "--set",
        "/replicas/seeds=3",
    )
    for text, row in kept(run, 0).items():
        outcome, networks = max(row["outcomes"].items(), key=lambda o: o[1])
        say(f'   "{text}" ({networks} of {len(run.seeds)} networks)')
        for line in tree_lines(dependencies(outcome)):
            say("     " + line)
    return run


def tree_lines(arcs, head=None, indent=""):
    """The tree of [(head, dependent, kind)] as lines of text, from the word that depends on none."""
    if head is None:
        dependents = {d for _, d, _ in arcs}
        head = next((h for h, _, _ in arcs if h not in dependents), None)
        if head is None:
            return []
        return [head] + tree_lines(arcs, head)
    lines = []
    members = [(d, k) for h, d, k in arcs if h == head]
    for i, (dependent, kind) in enumerate(members):
        last = i == len(members) - 1
        lines.append(f"{indent}{'└─' if last else '├─'} {kind.lower()}: {dependent}")
        rest = [a for a in arcs if a[:2] != (head, dependent)]
        lines += tree_lines(rest, dependent, indent + ("   " if last else "│  "))
    return lines


def same_bits(demo):
    """Killed and resumed, one thread or two: the same bytes."""
    say("\n" + PARTS[3])
    experiment = demo.folder / "same_bits.json"
    experiment.write_text(
        json.dumps(
            {
                "schema": "engram/1",
                "name": "same bits",
                "seed": 1,
                "checkpoint": {"every": 2000},
                "model": {"type": "sorn", "ne": 400},
                "input": {"source": "random"},
                "callbacks": {"series": ["ExcitatoryActivation", "EEConnectionCounts"], "every": 10},
                "phases": [{"steps": 40000, "label": "develop"}],
            },
            indent=1,
        )
    )
    say("   A self-organising network of 480 neurons runs for 40,000 steps with five learning rules, on one thread.")
    whole = demo.run(experiment, "same_bits_one_thread", "--threads", "1")
    say("   The same once more on two threads, and the program is killed (kill -9) in the middle ...")
    at = killed(demo, experiment)
    say(f"   ... the last checkpoint was at step {at:,}. Then `engram resume`, and all files are compared:")
    resumed = subprocess.run(
        [demo.program, "resume", str(demo.folder / "same_bits_killed"), "--quiet"], capture_output=True, text=True
    )
    if resumed.returncode != 0:
        raise RunError(resumed.stderr)
    differing = differences(whole.folder, demo.folder / "same_bits_killed")
    say(
        "     "
        + (
            "identical: every spike, every number and every weight, byte for byte"
            if not differing
            else "DIFFERENT: " + ", ".join(differing)
        )
    )
    return whole, not differing


def killed(demo, experiment):
    """Starts the run, kills it once it has some checkpoints, and returns the tick of the newest one."""
    folder = demo.folder / "same_bits_killed"
    process = subprocess.Popen(
        demo.command(experiment, folder.name, "--threads", "2"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    newest = 0
    while process.poll() is None and newest < 10000:
        time.sleep(0.01)
        newest = max(
            [int(p.stem.rsplit("-", 1)[1]) for p in folder.glob("checkpoints/point-0-tick-*.safetensors")], default=0
        )
    process.send_signal(signal.SIGKILL)
    process.wait()
    return newest


def differences(one, other):
    """Names of result files that are not the same bytes in both run folders."""

    def names(folder):
        return {
            p.relative_to(folder).as_posix()
            for suffix in ("csv", "npy", "safetensors")
            for p in folder.rglob(f"*.{suffix}")
            if "checkpoints" not in p.parts
        }

    return sorted(
        n
        for n in names(one) | names(other)
        if not ((one / n).is_file() and (other / n).is_file() and filecmp.cmp(one / n, other / n, shallow=False))
    )


def contact_sheet(demo, runs):
    """One picture of all parts, and a page for the first."""
    from engram_sim.plot import album_of, draw
    from engram_sim.plot.figures import Selection, plt
    from engram_sim.report import page

    wanted = [
        ("associate", "association"),
        ("million", "support"),
        ("parser", "trees"),
        ("same_bits_one_thread", "raster"),
    ]
    figure, axes = plt.subplots(2, 2, figsize=(13, 9))
    for number, (axis, (name, picture)) in enumerate(zip(axes.flat, wanted)):
        axis.axis("off")
        axis.set_title(PARTS[number], loc="left", fontsize=12, fontweight="bold")
        album = album_of(runs[name], selection=Selection(only=[picture]), dpi=130)
        draw(runs[name], album)
        if album.pictures:
            axis.imshow(plt.imread(album.pictures[0]), interpolation="antialiased")
    sheet = demo.folder / "demo.png"
    figure.savefig(sheet, dpi=110)
    plt.close(figure)
    return sheet, page.write(runs["associate"], demo.folder / "associate/report.html")


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    sys.stdout.reconfigure(errors="replace")  # of bars and branches, where the terminal has no such letters
    program = os.environ.get("ENGRAM_PROGRAM") or shutil.which("engram")
    if program is None or not EXAMPLES.is_dir():
        print(
            "the demo needs the program engram, in ENGRAM_PROGRAM or on PATH, and the examples of the source tree; "
            "./run demo builds it and calls this",
            file=sys.stderr,
        )
        return 2
    begin = time.monotonic()
    demo = Demo(arguments[0] if arguments else "out/demo", program)
    try:
        associated, grown, spoken = association(demo), million(demo), sentences(demo)
        whole, same = same_bits(demo)
        sheet, report = contact_sheet(
            demo, {"associate": associated, "million": grown, "parser": spoken, "same_bits_one_thread": whole}
        )
    except RunError as fault:
        print(f"the demo stopped: {fault}", file=sys.stderr)
        return 1
    say(f"\nThat took {time.monotonic() - begin:.0f} seconds. All of it on one picture: {sheet}")
    say(f"The first run as a page for a browser: {report}")
    say("Three commands to try next:")
    say(f"  {program} run examples/attractor/bars.json --out out/bars && {program} plot out/bars")
    say(f"  {program} run examples/sorn/grid.json --out out/grid && {program} report out/grid")
    say(f"  {program} describe sorn")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
