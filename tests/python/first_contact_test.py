"""What a newcomer meets in the terminal: help, completion, pipes, memory that does not suffice, recorders' mistakes."""

import json
import os
import subprocess
import unittest

import numpy as np

from program import NEF, PROGRAM, Runs, copied, leabra, nef


def shell(command):
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True)


class Terminal(Runs):
    def test_a_pipe_that_is_closed_ends_the_program_without_a_word(self):
        # The schema is longer than a pipe holds, so the program is still writing when its reader has gone.
        done = shell(f"'{PROGRAM}' describe --schema | head -c 10")
        self.assertEqual((len(done.stdout), done.stderr), (10, ""))
        self.assertEqual(shell(f"'{PROGRAM}' describe | true").stderr, "")

    def test_help_has_examples_variables_and_exit_codes(self):
        text = self.engram("--help").stdout
        for part in (
            *("engram run", "engram resume", "--set /protocol/0/", "engram compare", "engram validate", "report"),
            *("Environment:", "ENGRAM_CROSSOVER", "OMP_NUM_THREADS", "Exit codes: 0 done", "engram completion bash"),
        ):
            self.assertIn(part, text)
        for command in "run resume validate compare analyse describe info check bench completion plot report".split():
            done = self.engram(command, "--help")
            self.assertEqual(done.returncode, 0, command)
            self.assertGreater(len(done.stdout), 60, command)

    def test_the_place_of_a_mistake_is_a_pointer_below_the_file_once(self):
        (self.folder / "twice.json").write_text('{"replicas": {"grid": {"/model/a": [1], "/model/a": [2]}}}')
        said = self.engram("validate", "twice.json").stderr
        self.assertEqual(said, "twice.json: /replicas/grid/~1model~1a: this key stands here twice\n")

    def test_forms_of_one_key_are_told_apart_by_their_type(self):
        said = self.engram("describe", "nef").stdout.splitlines()
        key = "model.nodes.NAME[output: filtered_noise].synapse[type: "
        forms = [line.split(key)[1] for line in said if key in line]
        self.assertEqual([form.split("]")[0] for form in forms if form.startswith("alpha].")], ["alpha"])
        self.assertEqual([form.split("]")[0] for form in forms if "  the default: " in form], ["lowpass"])

    def test_completion_scripts_know_commands_and_options(self):
        for name in ("bash", "zsh", "fish"):
            script = self.engram("completion", name).stdout
            for word in ("resume", "validate", "threads", "force"):
                self.assertIn(word, script, name)
        complete = "COMP_WORDS=(engram val); COMP_CWORD=1; _engram; echo ${COMPREPLY[@]}"
        done = shell(f"source <('{PROGRAM}' completion bash); {complete}")
        self.assertEqual((done.stdout.strip(), done.stderr), ("validate", ""))
        self.assertEqual(self.engram("completion", "tcsh").returncode, 2)

    def test_without_a_device_the_cpu_is_taken_and_said(self):
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        done = subprocess.run([PROGRAM, "info"], capture_output=True, text=True, env=environment)
        self.assertNotIn("insufficient", done.stdout + done.stderr)
        if not os.path.exists("/dev/nvidia0"):
            self.assertRegex(done.stdout, "no CUDA device|built without CUDA")
        done = self.run_it("x", {**nef(0.01), "backend": "auto"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("insufficient", done.stderr)

    def test_validate_takes_settings_and_forecasts(self):
        (self.folder / "e.json").write_text(json.dumps({"schema": "engram/1", **leabra(2)}))
        good = self.engram("validate", "e.json", "--set", "/protocol/0/epochs=5")
        self.assertEqual(good.returncode, 0, good.stderr)
        self.assertIn("MiB", good.stdout)
        bad = self.engram("validate", "e.json", "--set", "/protocol/0/epochs=0")
        self.assertEqual(bad.returncode, 2)
        self.assertIn("/protocol/0/epochs: found 0; allowed are", bad.stderr)

    def test_too_much_memory_is_said_with_array_key_and_what_fits(self):
        assembly = {"type": "assembly", "stimuli": {"x": {"n": 1000}}}
        assembly["stages"] = [{"A": {"inputs": ["x"], "n": 2000000, "k": 50}}]
        layers = {"a": {"size": 3000000}, "b": {"size": 400000}}
        for document, array, key in (
            (
                {"model": {"type": "sorn", "ne": 90000000, "network_type_ee": "Dense"}, "phases": [{}]},
                "the synapses WEE",
                "/model/ne: 90000000",
            ),
            (
                {"model": assembly, "protocol": [{"do": "simulate"}]},
                "weight_recurrent of area A, 2000000 x 2000000",
                "/model/stages/0/A/n: 2000000",
            ),
            (
                {
                    "model": {"type": "leabra", "layers": layers, "projections": {"p": {"pre": "a", "post": "b"}}},
                    "protocol": [{"do": "present", "clamp": {"a": [1]}}],
                },
                "the weights of p, 400000 x 3000000",
                "/model/layers/",
            ),
            (
                {
                    "model": {"type": "attractor"},
                    "patterns": {"random": 2, "units": 900000},
                    "protocol": [{"do": "train"}],
                },
                "the weights of 900000 x 900000 units",
                "/patterns/units: 900000",
            ),
            (
                {
                    "model": {
                        **NEF["model"],
                        "ensembles": {n: {"neurons": k, "dimensions": 1} for n, k in (("a", 40000000), ("b", 9))},
                        "connections": {"c": {"from": "a", "to": "b"}},
                    },
                    "run": {"seconds": 1},
                },
                "the matrices that decoders are solved from",
                "/model/ensembles/a/neurons: 40000000",
            ),
        ):
            with self.subTest(array=array):
                done = self.run_it("large", document)
                self.assertEqual(done.returncode, 4, done.stderr)
                for part in ("GiB", array, key, "is too much; about ", " fits"):
                    self.assertIn(part, done.stderr)
                self.assertFalse((self.folder / "large").exists())


class Recorders(Runs):
    def times(self, attribute, layer):
        return [r["time"] for r in self.rows("run") if (r["attribute"], r["layer"]) == (attribute, layer)]

    def two_phases(self):
        document = leabra(10, label="a", evaluate_every=5)
        document["replicas"] = {"seeds": 1}
        document["patterns"]["test"] = {"input": [[1, 1, 0, 0]], "output": [[1, 0]]}
        document["model"]["layers"]["input"]["log_on_epoch"] = ["avg_act"]
        document["protocol"] += [{"do": "test", "label": "b"}, leabra(4, label="c", evaluate_every=4)["protocol"][0]]
        return document

    def test_evaluations_of_leabra_stand_for_the_epochs_since_the_last_one(self):
        document = self.two_phases()
        self.complete("run", {**document, "record": {"every": 4}})
        self.assertEqual(self.times("loss", "a"), ["4", "9"])
        self.assertEqual(self.times("loss", "a (test)"), ["4", "9"])
        self.assertEqual(self.times("loss", "b"), ["10"])
        self.assertEqual(len(self.column("run", "input/epoch/time")), 4)  # epochs 0, 4, 8 and 12
        record = [{"series": ["loss"], "phases": ["c"]}, {"series": ["input/epoch"], "every": 100, "last": True}]
        self.complete("run", {**document, "record": record})
        self.assertEqual({(r["phase"], r["time"]) for r in self.rows("run")}, {("c", "14")})
        self.assertEqual(len(self.column("run", "input/epoch/time")), 3)  # the first, and the last of a and of c

    def test_names_that_leabra_and_nef_do_not_write_are_refused(self):
        document = self.two_phases()
        self.refused({**document, "record": {"series": ["weight/in"]}}, '(did you mean "weights/in"?)')
        self.refused({**document, "record": {"phases": ["d"]}}, 'this experiment has no phase "d"')
        self.refused({**nef(0.01), "record": {"series": ["pp"]}}, 'this experiment has no series "pp"')
        memory = {"model": {"type": "nef_memory", "pairs": 2}, "record": {"series": ["cosin"]}}
        self.refused(memory, '(did you mean "cosine"?)')

    def test_nef_keeps_the_last_step_and_the_units_that_are_asked_for(self):
        document = nef(0.1)
        document["model"]["nodes"]["x"] = {"output": "sine", "frequency": [5, 6, 7], "amplitude": [1, 1, 1]}
        document["model"]["connections"] = {}
        document["model"]["probes"] = {"p": {"of": "x"}}
        self.complete("run", {**document, "record": {"every": 30, "last": True, "units": [0, 2]}})
        np.testing.assert_array_equal(self.column("run", "p/step"), [1, 1, 31, 31, 61, 61, 91, 91, 100, 100])
        self.assertEqual(self.column("run", "p/value").shape, (10, 2))

    def test_units_that_no_family_has_are_refused(self):
        stimulus = {"x": {"inputs": ["s"], "n": 20, "k": 2}}
        assembly = {"type": "assembly", "stimuli": {"s": {"n": 9, "k": 2}}, "stages": [stimulus]}
        calculus = {"type": "calculus", "areas": {"A": {"n": 20, "k": 2}}, "stimuli": {"x": {"size": 2}}}
        for document, units in (
            ({"model": assembly, "samples": 1, "protocol": [{"do": "simulate"}]}, 20),
            ({"model": {"type": "sorn", "ne": 30, "nu": 4}, "phases": [{"steps": 2}]}, 30),
            (
                {
                    "model": {"type": "attractor"},
                    "patterns": {"values": [[1, -1, 1]]},
                    "protocol": [{"do": "run", "steps": 2, "record_states": True}],
                },
                3,
            ),
            ({"model": calculus, "protocol": [{"do": "project", "stimuli": {"x": ["A"]}}]}, 20),
            (leabra(1), 4),
            (nef(0.01), 1),
        ):
            self.complete("run", {**document, "record": [{"units": [units - 1]}]})
            self.refused({**document, "record": [{"units": [0, units]}]}, f"/record/0/units: found {units}; what is")

    def test_items_of_a_memory_stand_for_their_presentation(self):
        model = {"type": "nef_memory", "pairs": 4, "dimensions": 8, "neurons": 50, "presentation": 0.02}
        self.complete("run", {"model": model, "record": {"every": 7}})
        self.assertEqual(len(self.times("cosine", "memory")), 4)

    def test_measures_of_one_label_are_all_kept_and_those_of_nothing_undefined(self):
        document = nef(0.02)
        late = {"probe": "p", "from": 5, "label": "late"}
        document["run"]["measures"] = [{"probe": "p"}, {"probe": "p", "from": 0.01}, late]
        self.complete("run", document)
        results = self.results("run")
        self.assertIn("p (2), mean length", results)
        for what in ("root mean square", "mean length", "largest number"):
            self.assertIsNone(results[f"late, {what}"])
            self.assertIsNotNone(results[f"p, {what}"])

    def test_a_probe_differs_from_itself_by_nothing(self):
        document = nef(0.02)
        document["run"]["measures"] = [{"probe": "p", "versus": "p", "label": "same"}]
        self.complete("run", document)
        self.assertEqual(self.results("run")["same, largest number of the difference"], 0)

    def test_what_the_calculus_cannot_measure_is_an_empty_cell(self):
        model = {"type": "calculus", "p": 0.1, "areas": {"A": {"n": 100, "k": 5}}, "stimuli": {"x": {"size": 5}}}
        nothing = {"do": "remember", "name": "nothing", "area": "A"}
        of_nothing = {"do": "measure", "what": "overlap", "label": "share", "a": "nothing", "b": "nothing"}
        density = {"do": "measure", "what": "density", "label": "density", "area": "A", "assembly": "nothing"}
        self.complete("run", {"model": model, "protocol": [nothing, of_nothing, density]})
        self.assertEqual([r["value"] for r in self.rows("run", "results")], ["", ""])
        self.assertIsNone(self.results("run")["share"])

    def test_winners_without_input_are_counted_in_every_step(self):
        """Two units of the stimulus reach fewer than k units; later these units drive others."""
        area = {"inputs": ["x"], "n": 1000, "k": 30, "p_synapse": 0.01}
        document = {
            "model": {"type": "assembly", "stimuli": {"x": {"n": 50, "k": 2}}, "stages": [{"A": area}]},
            "samples": 1,
            "protocol": [{"do": "simulate", "label": "s"}],
        }
        self.complete("run", document)
        first = self.column("run", "winners/A/unit")[self.column("run", "winners/A/time") == 0]
        lowest = int(np.sum(first == np.arange(len(first))))  # those that receive nothing win from unit 0 on
        self.assertGreater(lowest, 2)
        counted = [r["value"] for r in self.rows("run") if r["attribute"] == "winners_without_input"]
        self.assertEqual(float(counted[0]), lowest)
        self.assertEqual(self.results("run")["s, A winners_without_input"], lowest)

    def test_results_of_test_patterns_are_not_those_of_another_phase(self):
        document = self.two_phases()
        document["protocol"][1]["label"] = "a (test)"
        self.complete("run", document)
        self.assertIn("a (test), loss", self.results("run"))
        self.assertIn("a (test) (2), loss", self.results("run"))

    def test_a_value_that_stands_twice_in_a_list_of_networks_is_refused(self):
        for key in ("evidence", "inverse_temperature"):
            document = {"model": {"type": "attractor", key: [1, 2, 1.0]}, "patterns": {"values": [[1, -1], [1, 1]]}}
            self.refused({**document, "protocol": [{"do": "train"}]}, f"/model/{key}: a value stands here twice")


if __name__ == "__main__":
    unittest.main()
