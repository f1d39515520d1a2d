"""What can be set of a family, from the table that the engine itself reads by."""

import functools
import html
import json

from engram_sim import native
from engram_sim.errors import ConfigError


@functools.cache
def families():
    """{name: {"help": ..., "schema": keys at the top of an experiment, "series": what a run can write down}}"""
    return {f["name"]: f for f in json.loads(native.module().families())}


def limits(schema):
    """What is allowed, in words."""
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    forms = schema.get("anyOf", [])
    if len(forms) == 2 and "const" in forms[1]:
        return f"{limits(forms[0])}, or {forms[1]['const']}"
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return f"{low:g} or more" if low is not None else f"{high:g} or less" if high is not None else ""


def kind(schema):
    """The type of a value, in a word."""
    if "const" in schema:
        return json.dumps(schema["const"])
    forms = schema.get("anyOf", [])
    if len(forms) == 2 and forms[1].get("$ref", "").endswith("numbers of a file"):
        return f"{kind(forms[0])} or file"
    return schema.get("type", "one of several")


def forms_of(schema):
    """The forms that an object may take, each a schema with properties."""
    return schema.get("oneOf") or schema.get("anyOf") or [schema]


def rows_of(schema, path=""):
    """(key, type, allowed, default, help) of all that an object may hold, objects within it included."""
    rows, seen = [], set()
    for form in forms_of(schema):
        for key, value in form.get("properties", {}).items():
            if not isinstance(value, dict):
                continue
            here = f"{path}.{key}" if path else key
            needed = "required" if key in form.get("required", []) else ""
            row = (here, kind(value), limits(value), json.dumps(value["default"]) if "default" in value else needed,
                   value.get("description", ""))  # fmt: skip
            if row in seen:
                continue
            seen.add(row)
            rows.append(row)
            for part, mark in ((value, ""), (value.get("additionalProperties"), ".NAME"), (value.get("items"), "[]")):
                if isinstance(part, dict) and part.keys() & {"properties", "oneOf", "additionalProperties", "items"}:
                    below = rows_of(part, here + mark) if mark or "properties" in part or "oneOf" in part else []
                    rows += [r for r in below if r not in seen]
                    seen.update(below)
    return rows


class Description:
    """A table that prints as text, and as HTML in notebooks; with the series that "record" may name, if any."""

    columns = ("key", "type", "allowed", "default", "")
    columns_of_series = ("series", "of phases", "")

    def __init__(self, name, text, rows, series=()):
        self.name, self.help, self.rows, self.series = name, text, rows, list(series)

    def __repr__(self):
        width = max((len(r[0]) for r in self.rows), default=0)
        lines = [f"{self.name}: {self.help}"]
        for key, what, allowed, default, text in self.rows:
            said = [what, allowed, default and (default if default == "required" else f"default {default}")]
            lines.append(f"  {key:<{width}}  {', '.join(filter(None, said))}{': ' + text if text else ''}")
        if self.series:
            lines.append("  series that a run can write down")
        for series, phases, text in self.series:
            lines.append(f"    {series}{f' ({phases})' if phases else ''}: {text}")
        return "\n".join(lines)

    def _repr_html_(self):
        def cells(tag, values):
            return "<tr>" + "".join(f"<{tag}>{html.escape(v)}</{tag}>" for v in values) + "</tr>"

        def table(columns, rows):
            return f"<table>{cells('th', columns)}{''.join(cells('td', r) for r in rows)}</table>" if rows else ""

        return (f"<p><b>{html.escape(self.name)}</b>: {html.escape(self.help)}</p>"
                + table(self.columns, self.rows) + table(self.columns_of_series, self.series))  # fmt: skip


def describe(name=None):
    """What can be set of a family ("assembly", "attractor", "calculus", "leabra", "nef", "sorn"), or which there are."""
    known = families()
    if name is None:
        return Description("families", "describe(NAME) says what can be set",
                           [(n, "", "", "", f["help"]) for n, f in known.items()])  # fmt: skip
    if not isinstance(name, str) or name not in known:
        raise ConfigError("name", f"no family is called {name!r}; there are {', '.join(known)}")
    series = [(s["name"], s["phases"].replace("|", ", "), s["help"]) for s in known[name]["series"]]
    return Description(name, known[name]["help"], rows_of({"properties": known[name]["schema"]}), series)
