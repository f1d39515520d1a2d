"""The published schema and the program judge the same documents alike: every example is valid in both, and every
document in which one value was given a wrong type, or one object an unknown key, is refused by both. Every key that the
schema, and with it docs/rules.md, documents is one that the program asks for, in each form that an object may take, and
the program asks for no other. What repeats itself is said once, under "$defs"."""
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


def plain(part):
    """The same with every reference replaced by what it refers to."""
    if isinstance(part, list):
        return [plain(one) for one in part]
    if not isinstance(part, dict):
        return part
    whole = {key: plain(value) for key, value in part.items() if key not in ("$ref", "$defs")}
    if "$ref" in part:
        whole |= plain(schema["$defs"][part["$ref"].removeprefix("#/$defs/")])
    if all("$ref" in one for one in part.get("allOf", [])):
        for one in whole.pop("allOf", []):
            whole |= one
    return whole


def long_parts(part):
    """Each form of an object in the published schema, as text."""
    if isinstance(part, dict):
        if "properties" in part and "if" not in part and len(json.dumps(part)) > 300:
            yield json.dumps(part, sort_keys=True)
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from long_parts(one)


forms = list(long_parts(schema))
failures += ["said more than once: " + form[:200] for form in set(forms) if forms.count(form) > 1]


def judge(files):
    """What the program says of each file."""
    lines = []
    for first in range(0, len(files), 500):
        lines += subprocess.run([program, "validate", "--json"] + files[first:first + 500], capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def instance(part):
    """A small value that the schema allows."""
    if "const" in part:
        return part["const"]
    if "enum" in part:
        return part["enum"][0]
    if "oneOf" in part:
        return instance(part["oneOf"][0])
    if part.get("type") == "object":
        value = {key: instance(part["properties"][key]) for key in part.get("required", [])}
        return value or {"N": instance(part["additionalProperties"])} if part.get("minProperties") else value
    if part.get("type") == "array":
        return [instance(part["items"])] * part.get("minItems", 1)
    if part.get("type") in ("integer", "number"):
        return max(1, part.get("minimum", 1)) if part.get("maximum", 1) >= 1 else part["maximum"]
    if "anyOf" in part and "type" not in part:
        return instance(part["anyOf"][0])
    return {"string": "x", "boolean": True}[part["type"]]


def objects(part, path, document_with):
    """Each form of each object below: its schema, its path, and a function that puts such an object into a document."""
    for option in part.get("oneOf", []) + part.get("anyOf", []):
        yield from objects(option, path, document_with)
    if "properties" in part:
        yield part, path, document_with
        base = instance(part)
        for key, below in part["properties"].items():
            if isinstance(below, dict):
                yield from objects(below, path + "/" + key, lambda v, key=key: document_with({**base, key: v}))
    if isinstance(part.get("additionalProperties"), dict):
        yield from objects(part["additionalProperties"], path + "/N", lambda v: document_with({"N": v}))
    if "items" in part:
        yield from objects(part["items"], path + "/0", lambda v: document_with([v]))


def keys_of_forms(folder):
    """Documents that ask the program for every documented key, and for the list of those that it knows."""
    stranger = "zzzzzzzzzzzzzzzzzzzzzzzz"
    questions = []
    expanded = plain(schema)
    for branch in expanded["allOf"]:
        family = dict(branch["then"], type="object", required=["schema", "model"])
        family["properties"] = {k: expanded["properties"][k] if v is True else v for k, v in family["properties"].items()}
        for form, path, document_with in objects(family, "", lambda v: v):
            for key in list(form["properties"]) + [stranger]:
                value = instance(form["properties"].get(key, {"const": 1}))
                questions.append((form, path, key, document_with({**instance(form), key: value})))
    files = []
    for i, (_, _, _, document) in enumerate(questions):
        files.append(os.path.join(folder, f"key{i}.json"))
        with open(files[-1], "w") as file:
            json.dump(document, file)
    for (form, path, key, document), said in zip(questions, judge(files)):
        text = [p["text"] for p in said["problems"] if p["path"] == path + "/" + key]
        where = f"{document['model'].get('type')} {path}/{key} in {instance(form)}"
        if key != stranger:
            if any(t.startswith("unknown key") for t in text):
                failures.append(where + ": documented, but the program does not know it")
        elif not text:
            failures.append(where + ": taken, or not looked for")
        else:
            for known in json.loads("[" + text[0].split("known are")[1] + "]"):
                if known not in form["properties"]:
                    failures.append(where + ": the program knows the key " + known + ", which is not documented")
    return len(questions)


def damaged(document):
    """One fault at a time, with a name."""

    replaced = document.get("replicas", {}).get("grid", {})  # a grid puts its own values in these places

    def visit(value, path):
        if "/" + "/".join(map(str, path)) in replaced:
            return
        wrong = 7 if isinstance(value, (str, dict)) else "seven"
        yield path, wrong
        if isinstance(value, dict):
            if path != ["patterns", "active"]:  # numbers by the names of layers, which only the program knows
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
          "record": {"every": 2, "series": []}, "output": "out", "checkpoint": {"every": 3, "keep": 2}}
examples = sorted(glob.glob(os.path.join(source, "examples", "**", "*.json"), recursive=True))
examples = [e for e in examples if json.load(open(e)).get("schema") == "engram/1"]
assert examples, "no examples"
for example, said in zip(examples, judge(examples)):
    if not said["valid"]:
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
    for (name, bad, _), said in zip(cases, judge([c[2] for c in cases])):
        if said["valid"]:
            failures.append(name + ": the program takes it")
        if validator.is_valid(bad):
            failures.append(name + ": the schema takes it")
    print(f"{len(examples)} examples, {len(cases)} faulty documents, {keys_of_forms(folder)} questions about keys")

for failure in failures[:40]:
    print(failure)
sys.exit(1 if failures else 0)
