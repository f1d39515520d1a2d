"""What would end a run on its way, or give it a meaning that nobody wrote down, is refused before it starts, where it stands."""

import json
import unittest

from program import LEABRA, NEF, Runs, copied

CALCULUS = {
    "model": {
        "type": "calculus",
        "areas": {"A": {"n": 200, "k": 10}, "B": {"n": 200, "k": 10}},
        "stimuli": {"x": {"size": 10}, "y": {"size": 10}},
    },
}


class Refused(Runs):
    def leabra(self, words, **patterns):
        document = copied(LEABRA, protocol=[{"do": "train", "epochs": 1}])
        document["patterns"].update(patterns)
        self.refused(document, words)

    def test_a_layer_of_patterns_is_shown_once(self):
        self.leabra('/patterns/inputs/1: "input" is shown already, as /patterns/inputs/0', inputs=["input", "input"])
        self.leabra('/patterns/targets/1: "output" is shown already', targets=["output", "output"])
        self.leabra('/patterns/targets/0: "input" is shown already, as /patterns/inputs/0', targets=["input", "output"])
        code = {"input": {"columns": ["a"], "as": "quantile_bins"}, "output": {"columns": ["b"], "as": "classes"}}
        (self.folder / "t.csv").write_text("a,b\n" + "".join(f"{i},{'pq'[i % 2]}\n" for i in range(20)))
        document = copied(LEABRA, protocol=[{"do": "train", "epochs": 1}])
        for shown in ({"inputs": ["input", "input"]}, {"targets": ["input", "output"]}):
            document["patterns"] = {"inputs": ["input"], "targets": ["output"], "file": "t.csv", "code": code, **shown}
            self.refused(document, "is shown already")

    def test_names_of_layers_are_reported_where_they_stand(self):
        self.leabra('/patterns/inputs/0: there is no layer "nope"', inputs=["nope"])
        document = copied(LEABRA, protocol=[{"do": "train", "epochs": 1}])
        document["model"]["projections"]["in"]["pre"] = ""
        self.refused(document, '/model/projections/in/pre: there is no layer ""')
        document["patterns"]["inputs"] = [1]
        said = self.run_it("bad", document).stderr
        self.assertEqual(said.count("/patterns/inputs/0"), 1, said)

    def nef(self, words, **model):
        self.refused(copied(NEF, model={**NEF["model"], **model}, run={"seconds": 0.01}), words)

    def test_nodes_of_nef_have_numbers_that_fit(self):
        sine = {"output": "sine", "frequency": [5, 6, 7]}
        self.nef("/model/nodes/x/amplitude: found 0 numbers", nodes={"x": {**sine, "amplitude": []}})
        self.nef("/model/nodes/x/phase: found 2 numbers", nodes={"x": {**sine, "phase": [0, 0.5]}})
        signal = {"output": "white_signal", "period": 0.1}
        self.nef("/model/nodes/x/high: a period of 0.1 s, 100 steps, with", nodes={"x": {**signal, "high": 5}})
        self.nef("some above half the rate of steps", nodes={"x": {**signal, "high": 600}})

    def test_weights_of_nef_are_solved_for_as_many_numbers_as_are_taken(self):
        ensembles = {"a": {"neurons": 20, "dimensions": 1}, "b": {"neurons": 20, "dimensions": 3}}
        wired = {"c": {"from": "a", "to": "b", "solver": {"weights": True}}}
        words = '/model/connections/c: "a" delivers 1 numbers to "b", which takes 3'
        self.nef(words, ensembles=ensembles, connections=wired)

    def test_points_that_decoders_are_solved_for_are_rows_of_the_ensemble(self):
        ensembles = {"a": {"neurons": 20, "dimensions": 1}, "b": {"neurons": 20, "dimensions": 1}}
        for points in ([[0.1, 7], [0.2, 7]], [[0.1], [0.2, 0.3]]):
            wired = {"c": {"from": "a", "to": "b", "eval_points": points}}
            self.nef('numbers, needed are 1 of "a"', ensembles=ensembles, connections=wired)

    def test_nothing_projects_twice_in_one_round(self):
        for step in (
            {"do": "project", "stimuli": {"x": ["A", "A"]}},
            {"do": "reciprocal", "stimuli": ["x"], "areas": ["A", "A"]},
            {"do": "separate", "areas": ["A", "A"], "size": 10},
            {"do": "associate", "stimuli": ["x", "y"], "areas": ["A", "B", "B"]},
        ):
            with self.subTest(step=step["do"]):
                self.refused(copied(CALCULUS, protocol=[step]), "twice in one round")

    def test_inverse_needs_a_stimulus(self):
        stages = [{"A": {"inputs": ["x"]}}, {"B": {"inputs": ["A"]}}]
        model = {"type": "assembly", "stimuli": {"x": {"n": 60, "k": 6}}, "defaults": {"n": 50, "k": 5}, "stages": stages}
        document = {"model": model, "samples": 2, "protocol": [{"do": "simulate"}, {"do": "inverse"}]}
        self.refused(document, '/protocol/1/area: "B" has the area "A" as its first input')
        document["protocol"][1]["area"] = "A"
        self.complete("fine", document)

    def test_new_synapses_of_sorn_are_not_more_than_pairs(self):
        document = {"model": {"type": "sorn", "ne": 50, "sp_rate": 2451}, "phases": [{"steps": 3}]}
        self.refused(document, "/model/sp_rate: found 2451 new synapses a step; 50 excitatory units have only 2450 pairs")
        self.complete("all", json.loads(json.dumps(document).replace("2451", "2450")))

    def test_cells_of_a_table_are_as_many_in_each_line(self):
        model = {"type": "attractor", "learning_rate": 0.01}
        document = {"model": model, "patterns": {"file": "t.csv"}, "protocol": [{"do": "train", "epochs": 1, "steps": 2}]}
        for text, words in (
            ("1,0,1\n0,1,1,\n", "t.csv:2: found 4 cells, the first line has 3"),
            ("a,b,c,\n1,0,1\n", "t.csv:2: the first line ends with a comma, this one does not"),
            ("1,0,1\n0,+-1,1\n", 't.csv:2: found "+-1", expected'),
            ("1,0,1\n0,1\0,1\n", 't.csv:2: found "1\\0", expected'),
        ):
            (self.folder / "t.csv").write_text(text)
            self.refused(document, words)
        results = []
        for text in ("a,b,c,\n1,0,+1,\n0,1,1,\n", "1,0,1\n0,1,1\n"):
            (self.folder / "t.csv").write_text(text)
            self.complete("fine", document)
            results.append(self.tensors("fine"))
        self.assertEqual(*results)

    def test_steps_of_analyse_are_whole_numbers(self):
        sorn = {"model": {"type": "sorn", "ne": 40}, "callbacks": {"series": ["ExcitatoryActivation"]}, "phases": [{"steps": 50}]}
        self.complete("run", sorn)
        for option in ("--from", "--windows", "--lag"):
            for value in ("-1", "18446744073709551615", "99999999999999999999"):
                done = self.engram("analyse", "run", option, value)
                self.assertEqual(done.returncode, 2, f"{option} {value}: {done.stdout}")
                self.assertIn(option, done.stderr)


if __name__ == "__main__":
    unittest.main()
