"""Finds the compiled modules, one a precision, and turns what users write into what these take."""

import dataclasses
import importlib.machinery
import importlib.util
import json
import math
import numbers
import os
import pathlib
import sys

import numpy as np

from engram_sim.errors import ConfigError, MemoryError

_here = pathlib.Path(__file__).parent
_loaded = {}
_chosen = None


def _places():
    """Where a module may lie: beside this file, on the path of Python, in the builds of a checkout."""
    builds = sorted((_here.parents[1] / "build").glob("*/python"), key=lambda p: p.parent.name != "release")
    return [str(_here), *sys.path, *map(str, builds)]


def find(precision):
    """The compiled module of a precision, or None."""
    name = f"_engram_{precision}"
    if name not in _loaded:
        spec = importlib.machinery.PathFinder.find_spec(name, _places())
        _loaded[name] = spec and importlib.util.module_from_spec(spec)
        if spec:
            spec.loader.exec_module(_loaded[name])
    return _loaded[name]


def module(precision=None, prefer=None):
    """The compiled module: of this precision, else of the one that use() chose, else one of the preferred precision,
    else whichever there is."""
    precision = _chosen if precision is None else precision
    if precision is not None and not (isinstance(precision, str) and precision in ("float", "double")):
        raise ConfigError("precision", f'found {precision!r}; allowed are "float", "double"')
    wanted = [precision] if precision else [prefer or "float", "float", "double"]
    for one in wanted:
        if found := find(one):
            return found
    raise ImportError(
        f"the compiled module of engram_sim ({' or '.join(dict.fromkeys(wanted))}) was not found. Build it (cmake "
        "--preset release, or cpu-double for double; then cmake --build --preset ... --target engram_python), and run "
        "from the checkout or add build/PRESET/python to PYTHONPATH"
    )


def use(precision):
    """Chooses "float" or "double" for everything that is made from now on and does not say its own; None: no choice."""
    global _chosen
    if precision is not None:
        module(precision)
    _chosen = precision


def plain(value):
    """What JSON does not know, as what it knows."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if dataclasses.is_dataclass(value):
        return given(value)
    if isinstance(value, pathlib.PurePath):
        return str(value)
    if said := sparse(value):
        raise TypeError(said)
    if isinstance(value, (range, set, frozenset)) or hasattr(value, "__iter__"):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot stand in an experiment")


def given(parameters):
    """The values of a parameter class that differ from its defaults."""
    all_fields = {f.name: (f.default, getattr(parameters, f.name)) for f in dataclasses.fields(parameters)}
    return {name: value for name, (default, value) in all_fields.items() if not (value is None or value == default)}


def text(value, name=""):
    """As JSON. ConfigError with the JSON pointer below `name` of each number that is not finite, and of what JSON has not."""
    try:
        return json.dumps(value, default=plain, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as fault:
        problems = list(_unwritable(value, name))
        raise ConfigError(problems or [(name, f"cannot be written as JSON: {fault}")]) from None


def _unwritable(value, pointer, within=()):
    """(JSON pointer, text) of what keeps a value from being JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        yield pointer, f"found {value}; needed is a finite number"
    elif any(value is above for above in within) or len(within) > 100:
        yield pointer, "holds itself, or lies too deep"
    elif isinstance(value, (dict, list, tuple)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            if key is None or isinstance(key, (str, int, float)):
                step = str(key).replace("~", "~0").replace("/", "~1")
                yield from _unwritable(part, f"{pointer}/{step}", (*within, value))
            else:
                yield pointer, f"found the key {key!r}; needed is a text"
    elif not (value is None or isinstance(value, (str, int, float))):
        try:
            yield from _unwritable(plain(value), pointer, (*within, value))
        except (ValueError, TypeError) as fault:
            yield pointer, str(fault)


def read(values, name):
    """An array of numbers for the engine. What is none goes through: the engine says so."""
    if said := sparse(values):
        raise ConfigError(name, said)
    try:
        found = np.from_dlpack(values) if only_dlpack(values) else np.asarray(values)
    except Exception:  # whatever an object raises that should give an array
        return values
    return found if numeric(found) else values


def shaped(values, name, *shapes):
    """Likewise, for an engine that counts values only: ConfigError where their shape is none of these; None in a shape
    stands for any extent."""
    found = read(values, name)
    if numeric(found) and not any(
        len(shape) == found.ndim and all(a in (None, b) for a, b in zip(shape, found.shape)) for shape in shapes
    ):
        wanted = " or ".join(str(shape).replace("None", "any") for shape in dict.fromkeys(shapes))
        raise ConfigError(name, f"found the shape {found.shape}, needed is {wanted}")
    return found


def sparse(values):
    """What to say of a sparse array of SciPy, or one alike; "" of all else."""
    if not (hasattr(values, "toarray") and hasattr(values, "nnz")):
        return ""
    return f"found a {type(values).__name__} of the shape {values.shape}; sparse arrays are not taken: give its .toarray()"


def only_dlpack(values):
    """Whether an array says what it holds by DLPack alone."""
    return hasattr(values, "__dlpack__") and not hasattr(values, "__array__")


def rows(values, name, width):
    """Likewise a row or several of `width` numbers, as a matrix."""
    found = shaped(values, name, (width,), (None, width))
    return found.reshape(-1, width) if numeric(found) else found


def several(values, name):
    """A list of what may be one word, or several in whatever holds them."""
    if isinstance(values, (str, bytes)):
        return [values]
    if not hasattr(values, "__iter__"):
        raise ConfigError(name, f"found {values!r}; needed is a list")
    return list(values)


def named(values, name, what):
    """A dict, such as {stimulus: vector}."""
    if not hasattr(values, "items"):
        raise ConfigError(name, f"found a {type(values).__name__}; needed is {what}")
    return values


def flag(value, name):
    """ConfigError where this is neither True nor False; returns it."""
    if not isinstance(value, (bool, np.bool_)):
        raise ConfigError(name, f"found {value!r}; needed is True or False")
    return value


def word(value, name):
    """ConfigError where this is no text; returns it."""
    if not isinstance(value, str):
        raise ConfigError(name, f"found {value!r}; needed is a text")
    return value


def numeric(values):
    """Whether shaped() made an array of numbers of it."""
    return isinstance(values, np.ndarray) and values.dtype.kind in "biuf"


def folder(value, name):
    """ConfigError where this is no path; returns it as a pathlib.Path."""
    try:
        if isinstance(value, (str, os.PathLike)) and str(value) and b"\0" not in os.fsencode(value):
            return pathlib.Path(str(value).encode("utf-8").decode())
    except UnicodeError:
        pass
    raise ConfigError(name, f"found {value!r}; needed is a path")


def whole(value, name, end=2**64):
    """ConfigError where this is no whole number below `end`, a power of 2."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or not 0 <= value < end:
        raise ConfigError(name, f"found {value!r}; needed is a whole number from 0 to 2^{end.bit_length() - 1} - 1")


def need_room(name, count, size):
    """MemoryError where `count` steps that leave `size` bytes each cannot be kept by this machine."""
    if not isinstance(count, numbers.Integral) or count < 0:
        return  # the engine's to refuse
    room = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if count * size > room:
        raise MemoryError(f"{name}: {count} steps leave {count * size / 2**30:.3g} GiB, this machine has {room / 2**30:.3g}; "
                          "take fewer steps a call, or eg.run(), which records into files")  # fmt: skip


def seeds_of(seeds):
    """One seed a network, of a number or of several."""
    if isinstance(seeds, numbers.Integral):
        seeds = [seeds]
    if not hasattr(seeds, "__iter__"):
        raise ConfigError("seeds", f"found {seeds!r}; allowed are one whole number, or one a network")
    all_seeds = []
    for seed in seeds:
        whole(seed, "seeds")
        all_seeds.append(int(seed))
    if not all_seeds:
        raise ConfigError("seeds", "found no seed, needed is at least one")
    return all_seeds
