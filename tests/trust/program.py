"""The program as its users meet it, and what its runs leave."""

import contextlib
import ctypes
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile

from families import EXAMPLES, experiment

PROGRAM = os.environ["ENGRAM_PROGRAM"]
SHIM = os.environ["ENGRAM_FAULT_SHIM"]
LONG = os.environ.get("ENGRAM_TRUST") == "long"
SEED = int(os.environ.get("ENGRAM_TRUST_SEED", "1"))


def amount(short, long):
    """How many trials: few beside the other tests, many in `./run long`."""
    return long if LONG else short


def draws(name):
    """Random numbers of one driver; ENGRAM_TRUST_SEED gives other ones."""
    return random.Random(f"{name} {SEED}")


class Finished:
    def __init__(self, code, out, error):
        self.code, self.out, self.error = code, out, error
        self.injected = "injected" in error

    def __repr__(self):
        return f"exit {self.code}: {self.error[-300:]}"


def _clean():
    libc = ctypes.CDLL(None)
    libc.prctl(1, 9)  # ends with the test that began it


def start(arguments, **environment):
    """A process of the program; shim variables load the shim."""
    every = dict(os.environ, **{k: str(v) for k, v in environment.items()})
    if environment:
        every["LD_PRELOAD"] = SHIM
    return subprocess.Popen([PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=every, preexec_fn=_clean)


def finish(process, seconds=120):
    try:
        out, error = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError(f"no end within {seconds} s: {process.args}") from None
    return Finished(process.returncode, out.decode("utf8", "replace"), error.decode("utf8", "replace"))


def engram(*arguments, **environment):
    return finish(start(arguments, **environment))


@contextlib.contextmanager
def scratch():
    """A folder in memory where there is room for one, for the drivers sync some ten thousand times."""
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 1 << 29 else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="engram-trust-", dir=where))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_experiment(folder, family, **settings):
    """Writes it with the tables that it names; gives its path."""
    document = experiment(family, **settings)
    for table in EXAMPLES.glob("*/*.csv"):
        if not (folder / table.name).exists():
            shutil.copy(table, folder / table.name)
    path = folder / f"{family}.json"
    path.write_text(json.dumps(document))
    return path


def outcome(run):
    """What a run leaves that must not depend on how often it was stopped: one hash."""
    digest = hashlib.sha256()
    for path in sorted(run.rglob("*")):
        if path.suffix in (".npy", ".csv") or path.name.endswith("state.safetensors"):
            digest.update(str(path.relative_to(run)).encode() + b"\n" + path.read_bytes())
    manifest = json.loads((run / "manifest.json").read_text())
    digest.update(json.dumps([manifest["status"], manifest["points"], manifest["ticks"], manifest["files"]]).encode())
    return digest.hexdigest()


def checkpoints(run):
    """(point, tick) of every checkpoint, in order."""
    found = []
    for path in run.glob("checkpoints/point-*-tick-*.safetensors"):
        _, point, _, tick = path.stem.split("-")
        found.append((int(point), int(tick)))
    return sorted(found)


def begun(run):
    return (run / "manifest.json").exists()


def go_on(run, file, *more, **environment):
    """Goes on with a run, or begins it where nothing of it is there yet."""
    return engram(*(("resume", run) if begun(run) else ("run", file, "--out", run)), *more, "--quiet", **environment)
