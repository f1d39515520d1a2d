"""R5b, R30: a loss of power after any call. Operations that were not synced are dropped, in two models of a disk: one loses
names too, the other keeps names at once and loses what was written under them. What is left must go on to the same bits."""

import pathlib
import shutil
import unittest

from families import FAMILIES
from program import amount, begun, draws, engram, outcome, scratch, write_experiment


def operations(log):
    """(operation, path, other path, offset, data) as the shim wrote them down."""
    data, at = log.read_bytes(), 0
    while at < len(data):
        end = data.index(b"\n", at)
        operation, offset, size, path, other = data[at:end].decode().split()
        at = end + 1
        cut = [at, at + int(path), at + int(path) + int(other), at + int(path) + int(other) + int(size)]
        yield operation, data[cut[0] : cut[1]].decode(), data[cut[1] : cut[2]].decode(), int(offset), data[cut[2] : cut[3]]
        at = cut[3]


class Disk:
    """Files and folders below a root: as they are, and as they would be after a loss of power."""

    def __init__(self):
        self.content, self.synced = {}, {}  # by number of the file
        self.names, self.kept = {}, {}  # paths to numbers; folders have the number None
        self.next = 0

    def apply(self, operation, path, other, offset, data):
        if operation == "create" and path not in self.names or operation == "empty" and path not in self.names:
            self.names[path], self.content[self.next], self.synced[self.next] = self.next, b"", b""
            self.next += 1
        elif operation == "mkdir":
            self.names[path] = None
        elif operation == "unlink":
            self.names.pop(path, None)
        elif operation == "rename":
            self.names[other] = self.names.pop(path)
        elif operation == "sync" and self.names.get(path) is not None:
            self.synced[self.names[path]] = self.content[self.names[path]]
        elif operation == "sync":
            folder = path.rstrip("/") + "/"
            inside = {p for p in (*self.names, *self.kept) if p.startswith(folder) and "/" not in p[len(folder) :]}
            for p in inside:
                self.kept.pop(p, None)
                if p in self.names:
                    self.kept[p] = self.names[p]
        elif operation in ("write", "truncate", "empty") and self.names.get(path) is not None:
            old = self.content[self.names[path]]
            if operation == "write":
                new = old[:offset].ljust(offset, b"\0") + data + old[offset + len(data) :]
            else:
                new = old[:offset].ljust(offset, b"\0")
            self.content[self.names[path]] = new

    def after_a_loss(self, run, into, keeps_names):
        """Writes the run folder as the loss of power leaves it."""
        shutil.rmtree(into, ignore_errors=True)
        names = self.names if keeps_names else self.kept
        root = str(run)
        if root not in names:
            return
        into.mkdir()
        for path in sorted(p for p in names if p.startswith(root + "/")):
            target = into / path[len(root) + 1 :]
            if not target.parent.is_dir():
                continue  # the folder that it is in was lost
            if names[path] is None:
                target.mkdir()
            else:
                target.write_bytes(self.synced[names[path]])


class Replay(unittest.TestCase):
    def test_every_prefix_of_what_reached_the_disk_goes_on(self):
        for family in amount(("assembly", "sorn", "lazy", "grid"), FAMILIES):
            with scratch() as folder:
                file, run, lost, log = (write_experiment(folder, family), folder / "run", folder / "lost", folder / "log")
                done = engram("run", file, "--out", run, "--quiet", ENGRAM_LOG=log)
                self.assertEqual(done.code, 0, done)
                expected, every = outcome(run), list(operations(log))
                random, step = draws(f"replay {family}"), amount(len(every) // 6, 1)
                disk, due, went_on = Disk(), random.randint(1, step), 0
                for number, operation in enumerate(every):
                    disk.apply(*operation)
                    if number < due:
                        continue
                    due = number + random.randint(1, 2 * step - 1)
                    for keeps_names in (False, True):
                        disk.after_a_loss(run, lost, keeps_names)
                        what = f"{family}, {number} of {len(every)} {operation[:2]}, names kept: {keeps_names}"
                        if not begun(lost) or not (lost / "manifest.json").stat().st_size:
                            continue  # nothing was promised yet
                        went_on += 1
                        again = engram("resume", lost, "--quiet")
                        if again.code == 5 and not list(lost.glob("checkpoints/*.safetensors")):
                            again = engram("resume", lost, "--anew", "--quiet")  # before the first checkpoint
                        self.assertEqual(again.code, 0, f"{what}: {again}")
                        self.assertEqual(outcome(lost), expected, what)
                self.assertGreater(went_on, 2, family)

    def test_the_model_loses_what_is_not_synced(self):
        """The control: a file that is renamed before it is synced is empty afterwards, one that is synced is not."""
        disk, run = Disk(), pathlib.Path("/r")
        for operation in (("mkdir", "/r", "", 0, b""), ("sync", "/", "", 0, b""), ("create", "/r/a", "", 0, b""),
                          ("write", "/r/a", "", 0, b"one"), ("rename", "/r/a", "/r/b", 0, b""), ("sync", "/r", "", 0, b"")):
            disk.apply(*operation)
        with scratch() as folder:
            disk.after_a_loss(run, folder / "lost", True)
            self.assertEqual((folder / "lost/b").read_bytes(), b"")
            disk.apply("sync", "/r/b", "", 0, b"")
            disk.after_a_loss(run, folder / "lost", False)
            self.assertEqual((folder / "lost/b").read_bytes(), b"one")


if __name__ == "__main__":
    unittest.main()
