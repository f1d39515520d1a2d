"""The glossary defines what runs print and record, and the page of keys lists what the schema knows."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from engram_sim import Run
from engram_sim.plot import album_of, draw
from engram_sim.plot.figures import Selection

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ENGRAM_PROGRAM")
RUNS = {  # small runs that together measure most of what there is
    "assembly/associate": ["/samples=2", "/simulator/epoch_size=2"],
    "assembly/kwta_inverse": ["/samples=2"],
    "sorn/counting_static": [],
    "sorn/perturbation": [
        "/phases/0/steps=50",
        "/replicas/seeds=2",
        '/callbacks={"series":["ExcitatoryActivation","WEE"],"every":2}',
    ],
    "sorn/cart_pole": ["/phases/1/steps=200"],
    "attractor/bars": ["/protocol/0/epochs=20"],
    "attractor/forgetting": ["/protocol/0/epochs=5"],
    "calculus/complete": ["/model/defaults/n=2000", "/model/defaults/k=50", "/model/stimuli/s/size=50"],
    "calculus/project": ["/model/defaults/n=2000", "/model/defaults/k=50", "/model/stimuli/s/size=50"],
    "calculus/parser_english": ["/replicas/seeds=1"],
    "leabra/iris": ["/protocol/0/epochs=2", "/protocol/0/evaluate_every=1"],
    "leabra/pattern_association": [
        "/replicas/seeds=2",
        "/protocol/0/epochs=2",
        "/protocol/0/record_outputs=true",
        '/model/layers/output/log_on_cycle=["unit_act"]',
        '/model/layers/output/log_on_epoch=["avg_act"]',
        '/model/layers/output/log_on_trial=["avg_act"]',
    ],
    "nef/learning_new_associations": ["/run/seconds=0.4"],
    "nef/memory": ["/model/pairs=5", "/model/neurons=100"],
}


def defined():
    """What stands in the first column of the tables of the glossary, and what it names in code there."""
    rows = re.findall(r"^\| (.+?) \| .* \|$", (SOURCE / "docs/glossary.md").read_text(), re.M)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def shortened(example, settings):
    """The settings, and for what is long in an example a tenth of its steps."""
    config = json.loads((SOURCE / f"examples/{example}.json").read_text())
    given = {s.split("=")[0] for s in settings}
    for i, phase in enumerate(config.get("phases", [])):
        if phase.get("steps", 0) > 400 and f"/phases/{i}/steps" not in given:
            settings = settings + [f"/phases/{i}/steps=400"]
    if isinstance(config.get("sentences"), list) and len(config["sentences"]) > 1:
        settings = settings + [f"/sentences={json.dumps(config['sentences'][:1])}"]
    return settings + ["/replicas/grid={}"] if config.get("replicas", {}).get("grid") else settings


def undocumented_pictures(run):
    """Names of pictures that the page about pictures does not know."""
    album = album_of(run, selection=Selection(only=["none of them"]))
    draw(run, album)
    known = re.findall(r"`([^`]+)`", (SOURCE / "docs/pictures.md").read_text())
    kinds = {re.sub(r" [A-Z]+$", "", name) for name in known}
    return [name for name in album.offered if not any(name == k or name.startswith(k + " ") for k in kinds)]


def unlabelled(name, run):
    """A result without the label of its phase and the name of its area."""
    labels = {p.get("label") for part in ("protocol", "phases") for p in run.config.get(part, [])} | {
        "train 1",
        "run 1",
        "train 1 (test)",
    }
    labels |= {m.get("label") or m["probe"] for m in run.config.get("run", {}).get("measures", [])}
    for label in sorted(filter(None, labels), key=len, reverse=True):
        if name == label:
            return None  # named by the experiment
        name = name.removeprefix(label + ", ")
    areas = [a for stage in run.config["model"].get("stages", []) for a in stage]
    return next((name.removeprefix(a + " ") for a in areas if name.startswith(a + " ")), name)


@unittest.skipUnless(PROGRAM, "ENGRAM_PROGRAM names no program")
class Glossary(unittest.TestCase):
    def test_every_quantity_of_small_runs_is_defined(self):
        known = defined()
        self.assertGreater(len(known), 80)
        seen = set()
        with tempfile.TemporaryDirectory() as folder:
            for example, settings in RUNS.items():
                with self.subTest(example=example):
                    out = pathlib.Path(folder) / example.replace("/", "_")
                    words = [w for s in shortened(example, settings) for w in ("--set", s)]
                    done = subprocess.run(
                        [
                            PROGRAM,
                            "run",
                            str(SOURCE / f"examples/{example}.json"),
                            "--out",
                            str(out),
                            "--quiet",
                            *words,
                        ],
                        capture_output=True,
                        text=True,
                    )
                    self.assertEqual(done.returncode, 0, done.stderr)
                    run = Run(out)
                    self.assertEqual(undocumented_pictures(run), [])
                    quantities = {unlabelled(n, run) for n in run.results} | {
                        unlabelled(a, run) for _, _, a in run.curves
                    }
                    quantities = {re.sub(r", with the pair$|, noise \S+$|, all$", "", q) for q in quantities - {None}}
                    self.assertEqual(sorted(q for q in quantities - known if run.family != "parser"), [])
                    seen |= quantities
            analysed = subprocess.run(
                [PROGRAM, "analyse", "--json", str(pathlib.Path(folder) / "sorn_perturbation")],
                capture_output=True,
                text=True,
            )
            self.assertEqual(analysed.returncode, 0, analysed.stderr)
            names = set(json.loads(analysed.stdout.splitlines()[0])) - {"replica", "seed"}
            self.assertEqual(sorted(names - known), [])
        self.assertGreater(len(seen), 40)

    def test_keys_by_do_are_those_of_the_schema(self):
        schema = json.loads(subprocess.run([PROGRAM, "describe", "--schema"], capture_output=True, check=True).stdout)
        page = (SOURCE / "docs/keys.md").read_text()
        for family, protocol in (
            ("assembly", "protocol"),
            ("sorn", "phases"),
            ("attractor", "protocol"),
            ("leabra", "protocol"),
        ):
            branch = next(
                b["then"]
                for b in schema["allOf"]
                if b["if"]["properties"]["model"]["properties"]["type"]["const"] == family
            )
            known = branch["properties"][protocol]["items"]["properties"]
            rows = re.findall(
                r"^\| `(\w+)` \| .* \| (.*) \|$", page.split(f"## {family}\n")[1].split("\n## ")[0], re.M
            )[1:]
            self.assertEqual({do for do, _ in rows}, set(known["do"]["enum"]), family)
            keys = {k for _, cell in rows for k in re.findall(r"`(\w+)`", cell)}
            self.assertEqual(keys, set(known) - {"do", "label"}, family)

    def test_steps_of_the_calculus_are_those_of_the_generated_page(self):
        """docs/rules.md, which is compared with the program, has an entry for each key of each step."""
        entries = re.findall(
            r"^\| `protocol\[\]\[do: (\w+)(?:, what: (\w+))?\](?:\.(\w+))?`",
            (SOURCE / "docs/rules.md").read_text().split("### calculus\n")[1].split("\n### ")[0],
            re.M,
        )
        steps = {}
        for do, what, key in entries:
            steps.setdefault((do, what), set()).update({key} - {"", "label"})
        page = (SOURCE / "docs/keys.md").read_text().split("## calculus\n")[1].split("\n## ")[0]
        rows = re.findall(r"^\| `(\w+)`(?:, `what: (\w+)`)? \| .* \| (.*) \|$", page, re.M)[1:]
        self.assertGreater(len(rows), 40)
        self.assertEqual({(do, what): set(re.findall(r"`(\w+)`", keys)) for do, what, keys in rows}, steps)


if __name__ == "__main__":
    unittest.main()
