"""Experiments as the program `engram` runs them: the same folder, the same bits."""

import json
import logging
import os
import pathlib

from engram_sim import native, progress as painting
from engram_sim.errors import ConfigError, IoError
from engram_sim.run_folder import Run

log = logging.getLogger("engram_sim")


def _read(experiment):
    """(JSON text, name, folder that file names are relative to) of a dict, JSON text or path."""
    if isinstance(experiment, str) and experiment.lstrip()[:1] in ("{", "["):
        return experiment, "experiment", "."
    if isinstance(experiment, (str, os.PathLike)):
        path = pathlib.Path(experiment)
        try:
            return path.read_text(), path.stem, str(path.parent)
        except (OSError, ValueError) as fault:
            raise IoError(f"{path}: cannot be read as an experiment: {fault}") from None
    if isinstance(experiment, dict):
        return native.text({"schema": "engram/1", **experiment}), "experiment", "."
    raise ConfigError("experiment", f"found a {type(experiment).__name__}; needed is a dict, a path or JSON text")


def _settings(changes, seeds=None, backend=None, threads=None):
    """What is set over the experiment, as the command line has it."""
    changes = dict(native.named({} if changes is None else changes, "set", "{JSON pointer: value}"))
    for pointer, value in (("/replicas/seeds", seeds), ("/backend", backend), ("/threads", threads)):
        if value is not None:
            changes[pointer] = value
    for pointer in changes:
        if not isinstance(pointer, str) or not pointer.startswith("/"):
            raise ConfigError("set", f"{pointer!r} is no JSON pointer such as /model/eta_ip")
    return [f"{pointer}={native.text(value, pointer)}" for pointer, value in changes.items()]


def _experiment(experiment, settings, precision):
    text, name, base = _read(experiment)
    return native.module(precision).Experiment(text, name, base, settings), base


def _go(folder, progress, call):
    """Runs it; what stops it, such as Ctrl-C, gets the run as `.run`, which resume() takes up."""
    try:
        with painting.painter(progress) as painter:
            call(painter, log.info)
    except BaseException as stop:
        if (pathlib.Path(folder) / "manifest.json").is_file():
            stop.run = Run(folder)
        raise
    return Run(folder)


def run(
    experiment, out=None, *, set=None, seeds=None, backend=None, threads=None, progress="auto", force=False,
    precision=None,
):  # fmt: skip
    """Runs an experiment (a dict, a path or JSON text) into a folder and returns its Run.

    out: the folder; default: the experiment's "output", else out/NAME.
    set: {JSON pointer: value} in place of what the experiment says, such as {"/model/ne": 400}.
    seeds, backend, threads: the same for "/replicas/seeds", "/backend" and "/threads".
    progress: "auto", "tqdm", "text", None, or a function that is called with a Progress at most every 50 ms, and where
        a point is complete.
    force: replace a run that the folder holds.

    Raises ConfigError with all problems, or another Error. After Ctrl-C the run has a checkpoint, and the
    KeyboardInterrupt has it as `.run`: `stop.run.resume()` goes on to the same bits.
    """
    one, base = _experiment(experiment, _settings(set, seeds, backend, threads), precision)
    if out is None:
        out = pathlib.Path(base) / one.output if one.output else pathlib.Path("out") / one.safe_name
    native.flag(force, "force")
    out = native.folder(out, "out")
    return _go(out, progress, lambda painter, say: one.run(str(out), force, painter, say))


def resume(folder, *, set=None, backend=None, threads=None, anew=False, progress="auto", precision=None):
    """Continues a run that was cut short, or makes a complete one longer ({"/protocol/0/steps": 2000} in `set`)."""
    module = native.module(precision)
    settings = _settings(set)
    native.flag(anew, "anew")
    folder = native.folder(folder, "folder")
    backend = "" if backend is None else native.word(backend, "backend")
    if threads is not None:
        native.whole(threads, "threads", 2**31)

    def call(painter, say):
        module.resume(str(folder), backend, -1 if threads is None else threads, anew, settings, painter, say)

    return _go(folder, progress, call)


def validate(experiment, *, set=None, precision=None):
    """Checks an experiment without running it: raises ConfigError with all problems; returns what a run would be,
    {"family", "seeds", "points", "bytes", "free"}: bytes of memory that it takes and that are free here, and a "remedy" where
    they are not enough. Raises MemoryError for what no memory holds."""
    return json.loads(_experiment(experiment, _settings(set), precision)[0].forecast())
