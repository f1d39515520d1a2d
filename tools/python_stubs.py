#!/usr/bin/env python3
"""Writes python/engram_sim/__init__.pyi on standard output: what `import engram_sim as eg` offers, with the keywords that
parameters.py has from the engine's table. A test compares.

  tools/python_stubs.py >python/engram_sim/__init__.pyi
"""

import ast
import pathlib
import textwrap

PACKAGE = pathlib.Path(__file__).parents[1] / "python" / "engram_sim"
MODULES = {
    "errors": None, "run_folder": ["Run", "RunError"], "network": None, "assembly": None, "attractor": None, "brain": None,
    "leabra": None, "nef": None, "sorn": None, "experiments": ["run", "resume", "validate"], "describing": ["describe"],
    "native": ["use"], "progress": ["Progress"],
}  # fmt: skip
# Whose `**keywords` are the fields of which parameter class.
KEYWORDS = {
    "Sorn.__init__": "SornParameters", "Attractor.__init__": "AttractorParameters",
    "Brain.__init__": "BrainParameters", "Brain.add_area": "BrainAreaParameters",
    "Leabra.new_layer": "LeabraLayerParameters", "Leabra.new_projection": "LeabraProjectionParameters",
}  # fmt: skip
TYPES = {
    "seeds": "int | Sequence[int]", "seed": "int", "backend": "str", "threads": "int", "steps": "int", "units": "int",
    "precision": 'Literal["float", "double"] | None', "path": "str | os.PathLike", "folder": "str | os.PathLike",
    "name": "str", "size": "int", "area": "str", "replica": "int", "rounds": "int", "write": "bool", "learn": "bool", "cycles": "int", "epochs": "int",
    "neurons": "Iterable[int]", "freeze": "str | Iterable[str]", "record": "str | Iterable[str]", "state": "dict",
}  # fmt: skip
HEAD = '''"""What engram_sim offers, for editors and type checkers. Written by tools/python_stubs.py; a test compares."""

import builtins
import contextlib
import os
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from engram_sim import parameters as parameters
'''


def fields(tree):
    """{class: [(name, type, default)]} of parameters.py."""
    return {node.name: [(f.target.id, ast.unparse(f.annotation).replace("typing.", ""), ast.unparse(f.value))
                        for f in node.body if isinstance(f, ast.AnnAssign)]
            for node in tree.body if isinstance(node, ast.ClassDef)}  # fmt: skip


def arguments(node, known):
    """A signature, with types of what is always called the same, and with the keywords of a parameter class."""
    def one(arg, default=None):
        kind = ast.unparse(arg.annotation) if arg.annotation else TYPES.get(arg.arg)
        return f"{arg.arg}{f': {kind}' if kind else ''}{f' = {ast.unparse(default)}' if default else ''}"

    a = node.args
    plain = a.posonlyargs + a.args
    defaults = [None] * (len(plain) - len(a.defaults)) + a.defaults
    said = [one(*pair) for pair in zip(plain, defaults)]
    if a.vararg:
        said.append(f"*{a.vararg.arg}")
    elif a.kwonlyargs or (a.kwarg and known):
        said.append("*")
    said += [one(*pair) for pair in zip(a.kwonlyargs, a.kw_defaults)]
    taken = {arg.arg for arg in plain + a.kwonlyargs}
    if a.kwarg and known:
        said += [f"{name}: {kind} = {default}" for name, kind, default in known if name not in taken]
    elif a.kwarg:
        said.append(f"**{a.kwarg.arg}")
    return ", ".join(said)


def function(node, owner, parameters, indent):
    """Its head and its documentation."""
    if node.name.startswith("_") and node.name not in ("__init__", "__getitem__", "__len__", "__iter__"):
        return []
    known = parameters.get(KEYWORDS.get(f"{owner}.{node.name}"))
    lines = [f"@{ast.unparse(d)}" for d in node.decorator_list]
    back = f" -> {ast.unparse(node.returns)}" if node.returns else " -> None" if node.name == "__init__" else ""
    head = f"def {node.name}({arguments(node, known)}){back}:"
    text = ast.get_docstring(node)
    if text is None:
        lines.append(f"{head} ...")
    else:
        lines += [head, *documentation(text, "    ")]
    return [indent + line if line else line for line in lines]


def documentation(text, indent):
    return [line.rstrip() for line in textwrap.indent(f'"""{text}"""', indent).splitlines()]


def of_class(node, parameters):
    bases = f"({', '.join(map(ast.unparse, node.bases))})" if node.bases else ""
    lines = [f"class {node.name}{bases}:"]
    if text := ast.get_docstring(node):
        lines += documentation(text, "    ")
    for part in node.body:
        if isinstance(part, ast.FunctionDef):
            lines += function(part, node.name, parameters, "    ")
        elif isinstance(part, ast.AnnAssign) and not part.target.id.startswith("_"):
            lines.append(f"    {ast.unparse(part)}")
    return [*lines, "    ..."] if len(lines) == 1 else lines


def main():
    parameters = fields(ast.parse((PACKAGE / "parameters.py").read_text()))
    print(HEAD)
    for module, wanted in MODULES.items():
        for node in ast.parse((PACKAGE / f"{module}.py").read_text()).body:
            name = getattr(node, "name", "_")
            if name.startswith("_") or (wanted is not None and name not in wanted):
                continue
            if isinstance(node, ast.ClassDef):
                print("\n" + "\n".join(of_class(node, parameters)) + "\n")
            elif isinstance(node, ast.FunctionDef) and wanted is not None:
                print("\n" + "\n".join(function(node, "", parameters, "")) + "\n")


if __name__ == "__main__":
    main()
