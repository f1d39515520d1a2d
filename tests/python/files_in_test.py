"""Arrays of other programs as input: safetensors and halves, weights and masks, and series too long for memory."""

import signal
import subprocess
import time
import unittest

import numpy as np

from program import PROGRAM, Runs, copied, leabra, write_safetensors

ATTRACTOR = {
    "model": {"type": "attractor"},
    "patterns": {"values": [[1, -1], [1, 1]]},
    "protocol": [{"do": "train", "epochs": 3}],
}


class FilesIn(Runs):
    def same(self, inside, in_files):
        self.complete("inside", inside)
        self.complete("files", in_files)
        self.assertEqual(self.tensors("inside"), self.tensors("files"))

    def with_weights(self, **reference):
        document = copied(ATTRACTOR)
        document["model"]["weights"] = reference
        return document

    def test_tensors_of_safetensors_files_and_halves_are_numbers(self):
        weights = np.array([[0, 1.5], [-2, 0]])
        inside = copied(ATTRACTOR)
        inside["model"]["weights"] = weights.tolist()
        brain = (weights.astype("<f4").view("<u4") >> 16).astype("<u2")
        write_safetensors(
            self.folder / "w.safetensors",
            {"h": ("F16", weights.astype("<f2")), "b": ("BF16", brain), "d": ("F64", weights.astype("<f8"))},
        )
        for tensor in "hbd":
            self.same(inside, self.with_weights(file="w.safetensors", tensor=tensor))
        self.assertIn("w.safetensors", self.manifest("files")["inputs"])
        self.refused(self.with_weights(file="w.safetensors"), '"tensor" has to say which tensor is meant; it holds')
        self.refused(self.with_weights(file="w.safetensors", tensor="hh"), 'has no tensor "hh"')
        np.save(self.folder / "w.npy", weights.astype("<f2"))
        self.same(inside, self.with_weights(file="w.npy"))
        self.refused(self.with_weights(file="w.npy", tensor="h"), "an NPY file holds one array")
        write_safetensors(self.folder / "p.safetensors", {"only": ("I8", np.array([[1, -1], [1, 1]], "i1"))})
        self.same(ATTRACTOR, {**ATTRACTOR, "patterns": {"file": "p.safetensors"}})

    def test_the_label_of_a_row_may_be_a_word(self):
        table = copied(ATTRACTOR, patterns={"file": "t.csv"})
        for text in (
            "label,a,b\ncat,1,-1\n3,1,1\n",
            '"a","label","b"\r\n1,"a, b",-1\r\n1,,1\r\n',
            "0,label,1\n1,x,-1\n1,y,1\n",
        ):
            (self.folder / "t.csv").write_text(text)
            self.same(ATTRACTOR, table)

    def test_no_row_is_lost_to_a_first_line_that_is_half_names(self):
        table = copied(ATTRACTOR, patterns={"file": "t.csv"})
        for text, words in (
            ("1,x\n1,1\n", 't.csv:1: found "1" and "x": the first line has to be names alone, or numbers alone'),
            (",a,b\n0,1,-1\n1,1,1\n", "t.csv:1: column 1 has no name"),
            ("\n1,1\n", "t.csv:1: the first line is empty"),
            ("a,b\nx,1\n", 't.csv:2: found "x"'),
        ):
            (self.folder / "t.csv").write_text(text)
            self.refused(table, words)
        np.savez(self.folder / "t.npz", [[1, -1]])
        self.refused(copied(ATTRACTOR, patterns={"file": "t.npz"}), "numpy.save writes one of them as NPY")

    def test_damaged_safetensors_files_are_refused(self):
        def refused_with(entry, words):
            text = ("{" + entry + "}").encode()
            (self.folder / "w.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + bytes(16))
            done = self.run_it("x", self.with_weights(file="w.safetensors"))
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("/model/weights", done.stderr)
            self.assertIn(words, done.stderr)

        refused_with('"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 16]}', "not where its shape says")
        refused_with('"w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [8, 24]}', "not where its shape says")
        refused_with('"w": {"dtype": "C64", "shape": [2, 1], "data_offsets": [0, 16]}', "unknown type")
        refused_with('"w": {"shape": [2, 2], "data_offsets": [0, 16]}', "malformed header")
        refused_with('"w": 3', "malformed header")
        refused_with('"w"', "malformed header")
        refused_with("", "holds no tensor")
        refused_with('"w": {"dtype": "F32", "shape": [4, 1], "data_offsets": [0, 16]}', "found 4 rows of 1")
        (self.folder / "w.safetensors").write_bytes(b"short")
        self.assertEqual(self.run_it("x", self.with_weights(file="w.safetensors")).returncode, 2)

    def test_leabra_has_patterns_weights_and_masks_from_files(self):
        inside, files = leabra(2), leabra(2)
        weights = np.arange(8).reshape(2, 4) / 10
        for document in (inside, files):
            document["model"]["projections"]["in"] = {"pre": "input", "post": "output"}
        inside["model"]["weights"] = {"in": weights.tolist()}
        inside["model"]["projections"]["in"]["pre_mask"] = [True, False, True, True]
        np.save(self.folder / "shown.npy", np.array(inside["patterns"]["train"]["input"], "u1"))
        np.savetxt(self.folder / "wanted.csv", inside["patterns"]["train"]["output"], fmt="%d", delimiter=",")
        np.save(self.folder / "w.npy", weights)
        np.save(self.folder / "mask.npy", np.array([1, 0, 1, 1], bool))
        files["patterns"]["train"] = {"input": {"file": "shown.npy"}, "output": {"file": "wanted.csv"}}
        files["model"]["weights"] = {"in": {"file": "w.npy"}}
        files["model"]["projections"]["in"]["pre_mask"] = {"file": "mask.npy"}
        self.same(inside, files)
        wrong = copied(files)
        wrong["model"]["weights"]["in"]["file"] = "wanted.csv"
        self.refused(wrong, "/model/weights/in: found 4 rows of 2, wanted 2 of 4 (receivers, senders)")
        wrong = copied(files)
        wrong["patterns"]["train"]["input"]["file"] = "wanted.csv"
        self.refused(wrong, "/patterns/train/input: found rows of 2 activations, the layer has 4 units")
        np.save(self.folder / "mask.npy", np.array([1, 2, 1, 1]))
        self.refused(files, "pre_mask/file: row 1, column 0 (from 0): found 2")

    def test_nef_has_tables_and_matrices_from_files(self):
        inside = {
            "model": {
                "type": "nef",
                "nodes": {"x": {"output": "cycle", "values": [[1, 0], [0, 1]], "period": 0.01}},
                "ensembles": {"a": {"neurons": 4, "dimensions": 2}},
                "connections": {
                    "in": {"from": "x", "to": "a", "transform": {"kind": "dense", "rows": [[1, 0], [0, 0.5]]}}
                },
                "probes": {"p": {"of": "a"}},
            },
            "run": {"seconds": 0.03},
        }
        files = copied(inside)
        np.save(self.folder / "v.npy", np.eye(2))
        (self.folder / "t.csv").write_text("1,0\n0,0.5\n")
        files["model"]["nodes"]["x"]["values"] = {"file": "v.npy"}
        files["model"]["connections"]["in"]["transform"]["rows"] = {"file": "t.csv"}
        self.same(inside, files)


class LongSeries(Runs):
    def driven(self, steps, **more):
        return {
            "seed": 2,
            "model": {"type": "sorn", "ne": 10, "nu": 8, "lambda_ee": 3},
            "input": {"source": "values", "values": {"file": "in.npy"}},
            "callbacks": {"series": ["ExcitatoryActivation"]},
            "phases": [{"steps": steps}],
            **more,
        }

    def write(self, rows):
        values = np.random.default_rng(1).integers(0, 7, (rows, 8)) / np.float32(4)
        np.save(self.folder / "in.npy", values)
        return values

    def test_parts_give_the_bits_of_the_whole(self):
        values = self.write(10000)  # of three parts
        inside = self.driven(9000)
        inside["input"]["values"] = values[:9000].tolist()
        self.complete("inside", inside)
        self.complete("files", self.driven(9000))
        self.assertEqual(self.tensors("files"), self.tensors("inside"))

    def test_a_long_series_takes_no_memory_and_the_forecast_says_so(self):
        self.write(2_000_000)  # 64 MB, 128 MB as doubles
        self.complete("long", self.driven(20))
        memory = self.manifest("long")["memory"]
        self.assertLess(memory["forecast"], 4e6)
        self.assertLess(memory["peak"], 48e6)

    def test_values_are_looked_at_before_the_run(self):
        values = self.write(9000)
        values[8500, 3] = np.nan
        np.save(self.folder / "in.npy", values)
        self.refused(self.driven(5), "/input/values/file: row 8500, column 3 (from 0): found nan")

    def test_a_series_that_changes_while_the_run_goes_on_is_exit_code_5(self):
        self.write(40000)
        done = self.run_it("long", self.driven(39000, checkpoint={"every": 1000}), "--set", "/phases/0/steps=1")
        self.assertEqual(done.returncode, 0, done.stderr)
        process = subprocess.Popen(
            [PROGRAM, "run", "long.json", "--out", "long", "--force"],
            cwd=self.folder,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        checkpoints = self.folder / "long/checkpoints"
        while process.poll() is None and not list(checkpoints.glob("*.safetensors")):
            time.sleep(0.001)
        process.send_signal(signal.SIGSTOP)
        with open(self.folder / "in.npy", "r+b") as file:
            file.seek(128 + 38000 * 32)
            file.write(b"other")
        process.send_signal(signal.SIGCONT)
        _, error = process.communicate()
        if process.returncode == 0:
            self.skipTest("the run was over before its input was changed")
        self.assertEqual(process.returncode, 5, error)
        self.assertIn("changed while the run went on", error)


if __name__ == "__main__":
    unittest.main()
