"""python -m engram_sim.compat [--only sorn,assembly] SCRIPT [ARGUMENTS]: runs a script of the packages assembly,
simulation, sorn, leabra7 or nengo, unchanged, on the engine."""

import argparse
import ast
import importlib
import pathlib
import pkgutil
import runpy
import sys

PACKAGES = ("assembly", "simulation", "sorn", "leabra7", "nengo")


def offer(name):
    """Makes `import NAME`, and what lies below it, find the front end."""
    package = importlib.import_module(f"engram_sim.compat.{name}")
    sys.modules[name] = package
    parts = getattr(package, "parts", None)
    for part in [p.name for p in pkgutil.iter_modules(package.__path__)] if parts is None else parts:
        sys.modules[f"{name}.{part}"] = importlib.import_module(f"{package.__name__}.{part}")
    for alias, module in getattr(package, "aliases", {}).items():
        sys.modules[f"{name}.{alias}"] = module


def imported(text):
    """The front ends that a script imports. Of what is no Python, such as a notebook's magics, the words that occur."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return [p for p in PACKAGES if p in text]
    names = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return [p for p in PACKAGES if p in {name.split(".")[0] for name in names}]


def main():
    parser = argparse.ArgumentParser(prog="python -m engram_sim.compat", description=__doc__)
    parser.add_argument("--only", help="front ends to offer, with commas between, such as those that modules of the script import; default: all that the script imports")
    parser.add_argument("script")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    try:
        text = pathlib.Path(options.script).read_text()
    except (OSError, UnicodeDecodeError) as fault:
        parser.error(f"{options.script}: cannot be read as a script: {fault}")
    wanted = options.only.split(",") if options.only else imported(text)
    if unknown := set(wanted) - set(PACKAGES):
        parser.error(f"no front end is called {unknown.pop()!r}; there are {', '.join(PACKAGES)}")
    for name in wanted:
        offer(name)
    sys.argv = [options.script, *options.arguments]
    sys.path.insert(0, str(pathlib.Path(options.script).resolve().parent))
    runpy.run_path(options.script, run_name="__main__")


if __name__ == "__main__":
    main()
