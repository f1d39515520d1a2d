"""The configuration as a tree. Where the program is at hand, what equals its default is told from what does not."""

import html
import json
import os
import shutil
import subprocess

from engram_sim.schema import expanded


def section(run):
    program = os.environ.get("ENGRAM_PROGRAM") or shutil.which("engram")
    schema = _schema(program, run.family) if program else None
    legend = " Values that equal their default are grey." if schema else ""
    return f"<h2>Configuration</h2><p class='quiet'>The experiment as it ran.{legend}</p><div class='tree'>{_tree(run.config, schema)}</div>"


def _schema(program, family):
    """The part of the schema for a family, or None where the program does not answer."""
    try:
        said = subprocess.run([program, "describe", "--schema"], capture_output=True, timeout=20, check=True).stdout
        whole = json.loads(said)
        whole = expanded(whole)
        for branch in whole["allOf"]:
            if branch["if"]["properties"]["model"]["properties"]["type"].get("const") == family:
                return {
                    "properties": {
                        k: whole["properties"].get(k, v) if v is True else v
                        for k, v in branch["then"]["properties"].items()
                    }
                }
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        pass
    return None


def _below(schema, key, value):
    """The schema of a member; of several forms, the first that has the key."""
    if not isinstance(schema, dict):
        return None
    if isinstance(key, int):
        return schema.get("items")
    for form in [schema] + schema.get("oneOf", []) + schema.get("anyOf", []):
        if key in form.get("properties", {}):
            fixed = {k: v["const"] for k, v in form["properties"].items() if isinstance(v, dict) and "const" in v}
            if all(value.get(k, c) == c for k, c in fixed.items()):
                return form["properties"][key]
    more = schema.get("additionalProperties")
    return more if isinstance(more, dict) else None


def _tree(value, schema, name=None, depth=0):
    label = f"<b>{html.escape(str(name))}</b>" if name is not None else ""
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, (dict, list)) for v in value)):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        inner = "".join(f"<li>{_tree(v, _below(schema, k, value), k, depth + 1)}</li>" for k, v in members)
        if name is None:
            return f"<ul>{inner}</ul>"
        hint = _hint(value)
        return f"<details{' open' if depth < 3 and len(value) <= 20 else ''}><summary>{label} <i>{html.escape(hint)}</i></summary><ul>{inner}</ul></details>"
    shown = json.dumps(value, ensure_ascii=False)
    shown = shown if len(shown) <= 300 else shown[:300] + " ..."
    default = isinstance(schema, dict) and "default" in schema and schema["default"] == value
    return f"{label}: <span class='{'default' if default else 'value'}'>{html.escape(shown)}</span>"


def _hint(value):
    """What tells one member of a list from the next."""
    if isinstance(value, list):
        return "1 entry" if len(value) == 1 else f"{len(value)} entries"
    return ", ".join(str(value[k]) for k in ("do", "what", "label", "text", "rule") if isinstance(value.get(k), str))
