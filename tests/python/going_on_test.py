"""Leabra and NEF runs that go on, and draws that no two phases share: what comes is what one long run does."""

import json
import subprocess
import unittest

import numpy as np

from program import PROGRAM, Runs, copied, leabra, nef, nef_memory


class GoingOn(Runs):
    def test_a_leabra_network_from_a_state_is_what_one_long_run_is(self):
        self.complete("whole", leabra(7))
        self.complete("first", leabra(4))
        self.complete("then", self.with_state(leabra(3), "first"))
        self.assertEqual(self.tensors("then"), self.tensors("whole"))
        self.assertNotEqual(self.tensors("then"), self.tensors("first"))
        self.assertEqual(self.manifest("then")["began_from"]["first/state.safetensors"]["tick"], "4")

    def test_the_order_of_patterns_goes_on_behind_a_phase_that_stopped_early(self):
        phases = [{"do": "train", "epochs": 100, "stop_after": 1}, {"do": "train", "epochs": 5, "order": "shuffled"}]
        shown = {"minus_cycles": 20, "plus_cycles": 10, "cycles": 20}
        document = copied(leabra(1), protocol=[{**shown, **phase} for phase in phases])
        self.complete("whole", document)
        self.assertLess(self.results("whole")["train 1, epochs"], 100)
        self.complete("first", copied(document, protocol=document["protocol"][:1]))
        self.complete("then", self.with_state(copied(document, protocol=document["protocol"][1:]), "first"))
        self.assertEqual(self.tensors("then"), self.tensors("whole"))

    def test_factors_of_an_assembly_go_along_or_the_state_is_refused(self):
        def areas(normalisation, rule="hebb"):
            area = {"inputs": ["x"], "n": 80, "k": 8, "normalisation": normalisation, "rule": rule}
            model = {"type": "assembly", "stimuli": {"x": {"n": 60, "k": 6}}, "stages": [{"A": area}]}
            return {"seed": 3, "model": model, "samples": 2, "protocol": [{"do": "simulate"}]}

        for before in ("scaled", "in_place"):
            self.complete(before, areas(before))
            self.complete("same", self.with_state(areas(before), before))
        self.complete("other rewriting", self.with_state(areas("none"), "in_place"))
        for now in (areas("in_place"), areas("none"), areas("scaled", "willshaw")):
            self.refused(self.with_state(now, "scaled"), 'with a factor of each unit there; set its normalisation to "scaled"')
        self.refused(self.with_state(areas("scaled"), "in_place"), "area A has weights without a factor of each unit")

    def test_a_run_does_not_replace_what_it_reads(self):
        self.complete("first", leabra(2))
        then = self.with_state(leabra(2), "first")
        (self.folder / "then.json").write_text(json.dumps({"schema": "engram/1", **then}))
        before = self.tensors("first")
        done = self.engram("run", "then.json", "--out", "first", "--force")
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("first/state.safetensors: is read by this experiment", done.stderr)
        self.assertEqual(self.tensors("first"), before)
        self.assertEqual(self.manifest("first")["status"], "complete")
        self.complete("then", then)
        self.assertEqual(self.engram("run", "then.json", "--out", "then", "--force").returncode, 0)

    def test_a_run_that_no_disk_holds_leaves_no_folder(self):
        (self.folder / "e.json").write_text(json.dumps({"schema": "engram/1", **leabra(2)}))
        there = self.folder / "there"
        there.mkdir()
        for out in (self.folder / "new", there):
            limited = ["bash", "-c", f"trap '' XFSZ; ulimit -f 0; exec '{PROGRAM}' run e.json --out '{out}'"]
            done = subprocess.run(limited, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 5, done.stderr)
        self.assertFalse((self.folder / "new").exists())
        self.assertEqual(list(there.iterdir()), [])

    def test_parameters_of_a_leabra_network_act_or_are_refused(self):
        self.complete("first", leabra(2))
        then = self.with_state(leabra(2), "first")
        self.complete("same", then)
        faster = copied(then)
        faster["model"]["projections"]["in"]["lrate"] = 0.2
        self.complete("faster", faster)
        self.assertNotEqual(self.tensors("faster"), self.tensors("same"))
        for key, value in (("low", 0.3), ("sparsity", 0.5), ("pre_mask", [True, False])):
            other = copied(then)
            other["model"]["projections"]["in"][key] = value
            self.refused(other, f"/model/projections/in/{key}: shapes new networks")
        other = copied(then)
        other["replicas"]["seeds"] = 3
        self.refused(other, "in is 2 x 4 x 2, the experiment has 3 x 4 x 2 (networks, senders, receivers)")

    def test_a_preset_acts_or_is_refused_where_it_would_shape_a_network(self):
        sorn = {"seed": 3, "model": {"type": "sorn", "ne": 40, "nu": 6}, "phases": [{"steps": 20}]}
        self.complete("first", sorn)
        then = self.with_state(sorn, "first")
        then["model"]["preset"] = "lazar2009"
        self.refused(then, "/model/preset: sets lambda_ee, network_type_ei, te_max, which shape new networks")
        then["model"]["preset"] = "package"
        self.complete("same", then)
        first = copied(sorn)
        first["model"] |= {"preset": "lazar2009", "h_ip": 0.3}
        self.complete("first", first)
        then = self.with_state(first, "first")
        self.complete("named", then)
        del then["model"]["h_ip"]
        self.complete("as before", then)  # the rates of the networks, and no others
        self.assertEqual(self.tensors("named"), self.tensors("as before"))

    def test_states_that_learn_together_go_on_as_many(self):
        pairs = copied(leabra(2))
        pairs["model"]["copies"] = 2
        self.complete("first", pairs)
        self.complete("then", self.with_state(pairs, "first"))
        pairs["model"]["copies"] = 4
        self.refused(self.with_state(pairs, "first"), "holds 2 states of each network; /model/copies is 4")

    def test_a_nef_network_from_a_state_is_what_one_long_run_is(self):
        self.complete("whole", nef(0.09))
        self.complete("first", nef(0.05))
        self.complete("then", self.with_state(nef(0.04), "first"))
        np.testing.assert_array_equal(self.column("then", "p/value"), self.column("whole", "p/value")[2 * 50 :])
        self.assertEqual(self.column("then", "p/step")[0], 1)  # steps count from the beginning of the run
        more = self.with_state(nef(0.04), "first")
        more["model"]["probes"]["q"] = {"of": "x"}
        self.complete("with another probe", more)
        other = self.with_state(nef(0.04), "first")
        other["model"]["ensembles"]["a"]["neurons"] = 30
        self.refused(other, "/model/ensembles/a: shapes new networks")
        self.refused({**self.with_state(nef(0.04), "first"), "seed": 4}, "the seeds, which must be the same")

    def test_a_memory_from_a_state_is_what_one_long_run_is(self):
        self.complete("whole", nef_memory(rounds=3))
        self.complete("first", nef_memory())
        then = self.with_state(nef_memory(rounds=2), "first")
        self.complete("then", then)
        self.assertEqual(self.tensors("then"), self.tensors("whole"))
        self.assertEqual(self.manifest("then")["began_from"]["first/state.safetensors"]["tick"], "200")
        both = [[r["value"] for r in self.rows(name)] for name in ("whole", "then")]
        self.assertEqual(both[0][-len(both[1]) :], both[1])
        self.assertEqual(self.results("then"), self.results("whole"))  # of the last round

    def test_parameters_of_a_memory_act_or_are_refused(self):
        self.complete("first", nef_memory())
        self.complete("same", self.with_state(nef_memory(), "first"))
        for key, value in (("voja", 0.5), ("speed", 5), ("cue_noise", 1)):
            self.complete("other", self.with_state(nef_memory(**{key: value}), "first"))
            self.assertNotEqual(self.tensors("other"), self.tensors("same"), key)
        for key, value in (("pairs", 6), ("neurons", 61), ("presentation", 0.04), ("intercept", 0.5), ("dt", 0.002)):
            other = self.with_state(nef_memory(**{key: value}), "first")
            self.refused(other, f"/model/{key}: shapes new networks")
        self.refused({**self.with_state(nef_memory(), "first"), "seed": 4}, "the seeds, which must be the same")
        self.complete("network", nef(0.05))
        self.refused(self.with_state(nef_memory(), "network"), "holds no memory of the family nef_memory")

    def test_a_memory_that_was_left_within_a_round_is_refused(self):
        self.stopped("part", {**nef_memory(rounds=10**6), "checkpoint": {"every": 130, "keep": 2}})
        checkpoints = (self.folder / "part" / "checkpoints").glob("*.safetensors")
        within = next(path for path in sorted(checkpoints) if int(path.stem.split("-")[-1]) % 200)
        document = nef_memory()
        document["model"]["state"] = str(within)
        self.refused(document, "was left within a round")

    def test_rows_of_the_former_last_tick_go_where_a_run_becomes_longer(self):
        record = [
            {"series": ["WEE"], "every": 10, "last": True},
            {"series": ["rate"], "every": 3, "last": True},
            {"series": ["EEConnectionCounts"], "every": 100, "last": True},
            {"series": ["EIConnectionCounts"], "every": 7},
        ]
        sorn = {"seed": 3, "model": {"type": "sorn", "ne": 40, "nu": 6}, "record": record}
        for steps in (35, 36, 41, 43):  # last ticks that some of these recorders, all or none keep anyway
            self.complete("whole", {**sorn, "phases": [{"steps": 5}, {"steps": 60}]})
            self.complete("run", {**sorn, "phases": [{"steps": 5}, {"steps": steps}]})
            last = str(4 + steps)
            self.assertIn((last, "EEConnectionCounts"), [(r["time"], r["attribute"]) for r in self.rows("run")])
            done = self.engram("resume", "run", "--set", "/phases/1/steps=60")
            self.assertEqual(done.returncode, 0, done.stderr)
            done = self.engram("compare", "run", "whole")
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_leabra_and_nef_runs_become_longer(self):
        for before, after, setting in (
            (leabra(4, evaluate_every=3), leabra(9, evaluate_every=3), "/protocol/0/epochs=9"),
            (nef_memory(), nef_memory(rounds=3), "/run/rounds=3"),
            (nef(0.05), nef(0.08), "/run/seconds=0.08"),
        ):
            self.complete("whole", after)
            self.complete("run", before)
            done = self.engram("resume", "run", "--set", setting)
            self.assertEqual(done.returncode, 0, done.stderr)
            for table in ("metrics.csv", "results.csv"):
                both = [(self.folder / name / table).read_bytes() for name in ("run", "whole")]
                self.assertEqual(*both)
            self.assertEqual(self.tensors("run"), self.tensors("whole"))
        added = copied(leabra(4))
        added["protocol"] += leabra(2)["protocol"]
        self.complete("whole", added)
        self.complete("run", leabra(4))
        one = leabra(2)["protocol"][0]
        self.assertEqual(self.engram("resume", "run", "--set", f"/protocol/2={json.dumps(one)}").returncode, 2)
        done = self.engram("resume", "run", "--set", f"/protocol/1={json.dumps(one)}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.tensors("run"), self.tensors("whole"))
        self.complete("run", nef(0.08))
        done = self.engram("resume", "run", "--set", "/run/seconds=0.01")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/run/seconds: found 0.01, but the run has done 0.08", done.stderr)


class Draws(Runs):
    def test_two_phases_of_training_share_no_order(self):
        train = {"do": "train", "steps": 3, "order": "random", "epochs": 24}
        attractor = {
            "seed": 5,
            "model": {"type": "attractor", "evidence": 5, "learning_rate": 0.05},
            "patterns": {"values": [[1, -1, 1, -1], [1, 1, -1, -1], [-1, 1, 1, 1]]},
        }
        half = {**train, "epochs": 12}
        self.complete("once", {**attractor, "protocol": [train]})
        self.complete("twice", {**attractor, "protocol": [half, half]})
        self.assertEqual(self.tensors("twice"), self.tensors("once"))
        self.complete("first", {**attractor, "protocol": [half]})
        self.complete("then", self.with_state({**attractor, "protocol": [half]}, "first"))
        self.assertEqual(self.tensors("then"), self.tensors("once"))
        twice = leabra(4)
        twice["protocol"] *= 2
        self.complete("once", leabra(8))
        self.complete("twice", twice)
        self.assertEqual(self.tensors("twice"), self.tensors("once"))

    def test_two_completions_begin_with_other_parts(self):
        part = {"do": "complete", "keep": 0.3, "rounds": 1}
        self.complete(
            "run",
            {
                "seed": 2,
                "model": {
                    "type": "assembly",
                    "stimuli": {"x": {"n": 100, "k": 10}},
                    "defaults": {"p_synapse": 0.2},
                    "stages": [{"A": {"inputs": ["x"], "n": 80, "k": 10}}],
                },
                "samples": 8,
                "protocol": [{"do": "simulate"}, {**part, "label": "one"}, {**part, "label": "two"}],
            },
        )
        one, two = ([r["value"] for r in self.rows("run") if r["attribute"] == label] for label in ("one", "two"))
        self.assertEqual(len(one), 8)
        self.assertNotEqual(one, two)


if __name__ == "__main__":
    unittest.main()
