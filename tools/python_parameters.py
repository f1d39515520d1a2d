#!/usr/bin/env python3
"""Writes python/engram_sim/parameters.py from `engram describe --schema` on standard input; a test compares.

  build/release/engram describe --schema | tools/python_parameters.py >python/engram_sim/parameters.py
"""

import json
import keyword
import pathlib
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "python"))
from engram_sim.describing import forms_of, limits  # noqa: E402
from engram_sim.schema import expanded  # noqa: E402

TYPES = {"boolean": "bool", "integer": "int", "number": "float", "string": "str", "array": "list", "object": "dict"}

HEAD = '''"""Parameters of the families, with their defaults. Values that differ from these are what a network is given; the
engine checks them, and its ranges stand in the docstrings.

Written by tools/python_parameters.py from `engram describe --schema`; a test compares.
"""

import dataclasses
import typing

__all__ = {names}
'''


def model_of(schema, family):
    """The schema of /model of a family."""
    return next(b["then"] for b in schema["allOf"] if b["then"]["title"] == family)["properties"]["model"]


def below(schema, *keys):
    """The object at a place below; "NAME" stands for names of the user."""
    for key in keys:
        forms = forms_of(schema)
        schema = forms[0]["additionalProperties"] if key == "NAME" else forms[0]["properties"][key]
        if schema.get("type") == "array":
            schema = schema["items"]
    return schema


def merged(schema):
    """One property a name, of all forms: choices are put together."""
    properties = {}
    for form in forms_of(schema):
        for key, value in form.get("properties", {}).items():
            if not isinstance(value, dict):
                continue
            known = properties.setdefault(key, dict(value))
            if "const" in value:
                known.setdefault("enum", []).append(value["const"])
                known.pop("const", None)
                known["type"] = "string"
                if "default" in value:
                    known["default"] = value["default"]
                known["enum"] = list(dict.fromkeys(known["enum"]))
    return properties


def typed(value):
    forms = value.get("anyOf", [])
    name = value.get("type") or (forms[0].get("type") if forms else None)
    return TYPES.get(name, "typing.Any")


def write_class(name, text, properties, left_out):
    lines = ["@dataclasses.dataclass(frozen=True)", f"class {name}:", f'    """{text}', ""]
    kept = {k: v for k, v in properties.items() if k not in left_out}
    for key, value in kept.items():
        allowed = limits(value)
        said = f"{key}: {value.get('description', '')}{f' ({allowed})' if allowed else ''}"
        lines += textwrap.wrap(said, 112, initial_indent="    ", subsequent_indent="        ")
    lines += ['    """', ""]
    for key, value in kept.items():
        if keyword.iskeyword(key):
            raise SystemExit(f"{name}.{key}: a word of Python")
        default = value.get("default")
        if isinstance(default, list):
            default = tuple(default)
        lines.append(f"    {key}: {typed(value)} = {default!r}")
    return "\n".join(lines) + "\n"


def classes(schema):
    model = lambda family: model_of(schema, family)  # noqa: E731
    yield "SornParameters", "Of Sorn.", merged(model("sorn")), {"type", "state", "target_rates"}
    yield "AttractorParameters", "Of Attractor.", merged(model("attractor")), {
        "type", "state", "units", "evidence", "inverse_temperature", "weights", "bias", "base_bias"}  # fmt: skip
    yield "AreaParameters", "Of an area of an Assembly.", merged(below(model("assembly"), "stages", "NAME")), set()
    yield "StimulusParameters", "Of a stimulus of an Assembly.", merged(below(model("assembly"), "stimuli", "NAME")), set()
    yield "BrainParameters", "Of Brain.", merged(model("calculus")), {
        "type", "connectome", "areas", "stimuli", "fibres", "exclusive", "state", "preset", "defaults"}  # fmt: skip
    yield "BrainAreaParameters", "Of an area of a Brain.", merged(below(model("calculus"), "areas", "NAME")), set()
    layer = below(model("leabra"), "layers", "NAME")
    yield "LeabraLayerParameters", "Of a layer of Leabra.", merged(layer), {"size"}
    yield "LeabraUnitParameters", "Of the units of a layer.", merged(below(layer, "unit_spec")), set()
    yield "LeabraProjectionParameters", "Of a projection of Leabra.", merged(
        below(model("leabra"), "projections", "NAME")), {"pre", "post"}  # fmt: skip


def main():
    schema = expanded(json.load(sys.stdin))
    written = {name: write_class(name, *rest) for name, *rest in classes(schema)}
    names = json.dumps(list(written), indent=4).replace('"\n]', '",\n]')
    sys.stdout.write(HEAD.format(names=names) + "\n\n" + "\n\n".join(written.values()))


if __name__ == "__main__":
    main()
