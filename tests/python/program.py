"""Runs the program on small experiments, for tests of what users meet."""

import csv
import json
import os
import pathlib
import signal
import struct
import subprocess
import tempfile
import time
import unittest

import numpy as np

PROGRAM = os.environ.get("ENGRAM_PROGRAM")

LEABRA = {
    "seed": 3,
    "replicas": {"seeds": 2},
    "model": {
        "type": "leabra",
        "layers": {"input": {"size": 4}, "output": {"size": 2}},
        "projections": {"in": {"pre": "input", "post": "output", "dist": "uniform", "low": 0.25, "high": 0.75}},
    },
    "patterns": {
        "inputs": ["input"],
        "targets": ["output"],
        "train": {
            "input": [[1, 1, 1, 0], [0, 1, 1, 1], [0, 1, 0, 1], [0, 1, 0, 0]],
            "output": [[1, 0], [1, 0], [0, 1], [0, 1]],
        },
    },
}
NEF = {
    "seed": 3,
    "replicas": {"seeds": 2},
    "model": {
        "type": "nef",
        "nodes": {"x": {"output": "sine", "frequency": [5], "amplitude": [0.8]}},
        "ensembles": {"a": {"neurons": 20, "dimensions": 1}},
        "connections": {"in": {"from": "x", "to": "a"}},
        "probes": {"p": {"of": "a", "synapse": {"type": "lowpass", "tau": 0.02}}},
    },
}


def leabra(epochs, **phase):
    shown = {"minus_cycles": 20, "plus_cycles": 10, "cycles": 20, "order": "shuffled", "evaluate_every": 0}
    return copied(LEABRA, protocol=[{"do": "train", "label": "learn", "epochs": epochs, **shown, **phase}])


def nef(seconds):
    return copied(NEF, run={"seconds": seconds, "measures": [{"probe": "p"}]})


def nef_memory(rounds=1, **model):
    """A round is 2 x 5 x 20 steps."""
    sizes = {"pairs": 5, "dimensions": 8, "neurons": 60, "presentation": 0.02}
    return {
        "seed": 3,
        "replicas": {"seeds": 2},
        "model": {"type": "nef_memory", **sizes, **model},
        "run": {"rounds": rounds},
    }


def copied(document, **more):
    return {**json.loads(json.dumps(document)), **more}


def write_safetensors(path, tensors):
    """As others write them: no checksums. {name: (type, array)}"""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, (kind, values) in tensors.items():
        header[name] = {
            "dtype": kind,
            "shape": list(values.shape),
            "data_offsets": [len(data), len(data) + values.nbytes],
        }
        data += values.tobytes()
    text = json.dumps(header).encode()
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


@unittest.skipUnless(PROGRAM, "ENGRAM_PROGRAM names no program")
class Runs(unittest.TestCase):
    def setUp(self):
        self.kept = tempfile.TemporaryDirectory()
        self.addCleanup(self.kept.cleanup)
        self.folder = pathlib.Path(self.kept.name)

    def engram(self, *words):
        return subprocess.run([PROGRAM, *map(str, words)], cwd=self.folder, capture_output=True, text=True)

    def run_it(self, name, document, *more):
        document = {"schema": "engram/1", "backend": "cpu", "threads": 1, **document}
        (self.folder / f"{name}.json").write_text(json.dumps(document))
        return self.engram("run", f"{name}.json", "--out", name, "--force", *more)

    def complete(self, name, document):
        done = self.run_it(name, document)
        self.assertEqual(done.returncode, 0, done.stderr)

    def stopped(self, name, document):
        """Ends a run by a signal when it has left its first checkpoints."""
        document = {"schema": "engram/1", "backend": "cpu", "threads": 1, **document}
        (self.folder / f"{name}.json").write_text(json.dumps(document))
        words = [PROGRAM, "run", f"{name}.json", "--out", name, "--quiet"]
        with subprocess.Popen(words, cwd=self.folder, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and len(list(self.folder.glob(f"{name}/checkpoints/*.safetensors"))) < 2:
                time.sleep(0.01)
            process.terminate()
        self.assertEqual(process.returncode, 128 + signal.SIGTERM)

    def refused(self, document, words):
        """`run` and `validate` say the same."""
        done = self.run_it("refused", document)
        judged = self.engram("validate", "refused.json")
        self.assertEqual((done.returncode, judged.returncode), (2, 2), done.stderr)
        self.assertIn(words, done.stderr)
        self.assertIn(words, judged.stderr)

    def column(self, name, path):
        return np.load(self.folder / name / f"{path}.npy")

    def tensors(self, name):
        """The bytes of a state, without its header."""
        data = (self.folder / name / "state.safetensors").read_bytes()
        return data[8 + struct.unpack("<Q", data[:8])[0] :]

    def rows(self, name, table="metrics"):
        with open(self.folder / name / f"{table}.csv", newline="") as file:
            return list(csv.DictReader(file))

    def manifest(self, name):
        return json.loads((self.folder / name / "manifest.json").read_text())

    def results(self, name):
        return self.manifest(name)["points"][0]["results"]

    def with_state(self, document, name):
        document = copied(document)
        document["model"]["state"] = f"{name}/state.safetensors"
        return document
