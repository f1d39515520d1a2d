"""The published schema and the program judge the same documents alike: every example is valid in both, and every
document in which one value was given a wrong type, or one object an unknown key, is refused by both."""
import copy
import glob
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

program, source = sys.argv[1:]
schema = json.loads(subprocess.run([program, "describe", "--schema"], check=True, capture_output=True).stdout)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
failures = []


def judge(files):
    """Which of the files the program finds valid."""
    lines = []
    for first in range(0, len(files), 500):
        lines += subprocess.run([program, "validate", "--json"] + files[first:first + 500], capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line)["valid"] for line in lines]


def damaged(document):
    """One fault at a time, with a name."""

    replaced = document.get("replicas", {}).get("grid", {})  # a grid puts its own values in these places

    def visit(value, path):
        if "/" + "/".join(map(str, path)) in replaced:
            return
        wrong = 7 if isinstance(value, (str, dict)) else "seven"
        yield path, wrong
        if isinstance(value, dict):
            yield path + ["unknown key"], 7
            for key in value:
                yield from visit(value[key], path + [key])
        elif isinstance(value, list) and path[:2] != ["replicas", "grid"]:  # only the program knows what a grid's values stand for
            for i in range(len(value)):
                yield from visit(value[i], path + [i])

    for path, wrong in visit(document, []):
        bad = copy.deepcopy(document)
        if not path:
            yield "/", wrong
            continue
        at = bad
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = wrong
        yield "/" + "/".join(map(str, path)) + " = " + json.dumps(wrong), bad
    for key in ("schema", "model"):
        yield "without " + key, {k: v for k, v in document.items() if k != key}


common = {"name": "x", "seed": 2, "backend": "cpu", "threads": 1, "replicas": {"seeds": 2},
          "record": {"every": 2, "series": ["a"]}, "output": "out", "checkpoint": {"every": 3, "keep": 2}}
examples = sorted(glob.glob(os.path.join(source, "examples", "**", "*.json"), recursive=True))
examples = [e for e in examples if json.load(open(e)).get("schema") == "engram/1"]
assert examples, "no examples"
for example, valid in zip(examples, judge(examples)):
    if not valid:
        failures.append(example + ": the program refuses it")
    for error in validator.iter_errors(json.load(open(example))):
        failures.append(f"{example}: the schema refuses it: {error.message[:200]}")

with tempfile.TemporaryDirectory() as folder:
    cases = []
    seen = set()
    for example in examples:
        document = json.load(open(example))
        family = document["model"]["type"]
        if family not in seen:
            document = {**document, **common}
            seen.add(family)
        for name, bad in damaged(document):
            path = os.path.join(folder, f"{len(cases)}.json")
            with open(path, "w") as file:
                json.dump(bad, file)
            cases.append((f"{os.path.relpath(example, source)} {name}", bad, path))
    for (name, bad, _), valid in zip(cases, judge([c[2] for c in cases])):
        if valid:
            failures.append(name + ": the program takes it")
        if validator.is_valid(bad):
            failures.append(name + ": the schema takes it")
    print(f"{len(examples)} examples, {len(cases)} faulty documents")

for failure in failures[:40]:
    print(failure)
sys.exit(1 if failures else 0)
