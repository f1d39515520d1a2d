"""R7, R16, R28: checkpoints whose checksums are right and whose content is not: refused, or gone on with, never a crash."""

import json
import shutil
import struct
import unittest

from checkpoint_file import CheckpointFile
from families import FAMILIES
from program import amount, draws, engram, scratch, write_experiment

WIDTH = {"F32": ("f", 4), "F64": ("d", 8), "U8": ("B", 1), "I32": ("i", 4), "U32": ("I", 4), "I64": ("q", 8), "U64": ("Q", 8)}
ODD = {
    "F32": (0.0, -1.0, 1e30, -1e30, 1e-40, float("inf"), float("nan")),
    "F64": (0.0, -1.0, 1e300, -1e300, 5e-324, float("inf"), float("nan")),
    "U8": (0, 1, 2, 255), "I32": (0, -1, 2**31 - 1, -(2**31)), "U32": (0, 1, 2**31, 2**32 - 1),
    "I64": (0, -1, 2**63 - 1, -(2**63)), "U64": (0, 1, 2**32, 2**53, 2**63, 2**64 - 1),
}


def _odd_json(random):
    return random.choice((None, -1, 0, 1, 2**32, 2**64 - 1, 1e308, "", "x", "../../x", [], {}, [[]], True, "\u0000", "9" * 400))


def _change_json(value, random):
    """The same document with one of its members another one, gone, or twice as many."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = random.choice(list(value))
        if random.random() < 0.15:
            return {k: v for k, v in value.items() if k != key}
        return {**value, key: _change_json(value[key], random)}
    if isinstance(value, list) and value and random.random() < 0.9:
        at = random.randrange(len(value))
        if random.random() < 0.15:
            return value[:at] + value[at + 1 :] if random.random() < 0.5 else value + value[at:]
        return value[:at] + [_change_json(value[at], random)] + value[at + 1 :]
    return _odd_json(random)


def _change_metadata(file, random):
    key = random.choice(list(file.metadata))
    try:
        file.metadata[key] = json.dumps(_change_json(json.loads(file.metadata[key]), random))
    except json.JSONDecodeError:
        file.metadata[key] = random.choice(("", "0", "-1", "18446744073709551616", "x" * 5000, file.metadata[key] * 2))


def _change_values(file, random):
    tensor = random.choice([t for t in file.tensors.values() if t[2]])
    code, width = WIDTH[tensor[0]]
    data, count = bytearray(tensor[2]), len(tensor[2]) // width
    for _ in range(random.choice((1, 1, 3, count))):
        struct.pack_into("<" + code, data, random.randrange(count) * width, random.choice(ODD[tensor[0]]))
    tensor[2] = bytes(data)


def _change_shape(file, random):
    name = random.choice(list(file.tensors))
    dtype, shape, data = file.tensors[name]
    how = random.randrange(5)
    if how == 0:
        del file.tensors[name]
    elif how == 1:
        file.tensors[name + "2"] = [dtype, shape, data]
    elif how == 2 and shape:
        at = random.randrange(len(shape))
        rows = shape[at] // 2
        file.tensors[name] = [dtype, shape[:at] + [rows] + shape[at + 1 :], data[: len(data) // max(shape[at], 1) * rows]]
    elif how == 3:
        file.tensors[name] = [dtype, [len(data) // WIDTH[dtype][1]], data]
    else:
        file.tensors[name] = [random.choice([d for d in WIDTH if WIDTH[d][1] == WIDTH[dtype][1]]), shape, data]


def _change(file, random):
    has_values = any(tensor[2] for tensor in file.tensors.values())
    random.choice((_change_metadata, _change_values, _change_shape) if has_values else (_change_metadata,))(file, random)


class Sealed(unittest.TestCase):
    def stopped(self, folder, family):
        file, run = write_experiment(folder, family), folder / "stopped"
        done = engram("run", file, "--out", run, "--quiet", ENGRAM_SIGNALS="/checkpoints/:2:15")
        self.assertEqual(done.code, 143, f"{family} {done}")
        return run

    def resumed(self, folder, kept, change):
        """Goes on with a copy of a stopped run, each of its checkpoints changed."""
        run = folder / "run"
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(kept, run)
        for path in run.glob("checkpoints/*.safetensors"):
            file = CheckpointFile(path)
            change(file)
            file.write(path)
        beside = sorted(p.name for p in folder.iterdir())
        done = engram("resume", run, "--quiet", MALLOC_PERTURB_="165")
        self.assertEqual(sorted(p.name for p in folder.iterdir()), beside, "something was written outside the run")
        return done

    def test_mutants_are_refused_or_gone_on_with(self):
        for family in FAMILIES:
            random, refused = draws(f"sealed {family}"), 0
            with scratch() as folder:
                kept = self.stopped(folder, family)
                for trial in range(amount(8, 500)):
                    seed = random.random()
                    done = self.resumed(folder, kept, lambda file: _change(file, draws(f"{family} {seed}")))
                    # 3: values that a network may hold but that end it; 4: a size that no memory holds
                    self.assertIn(done.code, (0, 3, 4, 5), f"{family} {trial} {seed}: {done}")
                    refused += done.code != 0
            self.assertGreater(refused, 0, family)

    def test_what_is_not_finite_is_found_and_named(self):
        for family in FAMILIES:
            random = draws(f"finite {family}")
            with scratch() as folder:
                kept = self.stopped(folder, family)
                newest = max(kept.glob("checkpoints/*.safetensors"), key=lambda p: p.stat().st_mtime_ns)
                floats = [n for n, t in CheckpointFile(newest).tensors.items() if t[0] in ("F32", "F64") and t[2]]
                for name in random.sample(floats, min(amount(2, 1000), len(floats))):
                    value, where = random.choice((float("nan"), float("inf"), -float("inf"))), random.random()

                    def change(file, name=name, value=value, where=where):
                        code, width = WIDTH[file.tensors[name][0]]
                        data = bytearray(file.tensors[name][2])
                        struct.pack_into("<" + code, data, int(where * (len(data) // width)) * width, value)
                        file.tensors[name][2] = bytes(data)

                    done = self.resumed(folder, kept, change)
                    self.assertIn(done.code, (3, 5), f"{family} {name} {value}: {done}")
                    self.assertIn(name.split("/")[-1].split(".")[-1], done.error, f"{family} {value}: {done}")


if __name__ == "__main__":
    unittest.main()
