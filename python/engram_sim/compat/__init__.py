"""Front ends with the names and arguments of five Python packages, on the engine. `python -m engram_sim.compat SCRIPT`
runs a script of theirs as it is."""

import numpy as np


class CompatWarning(UserWarning):
    """A call that the original would refuse, or take otherwise."""


_seeds = {}


def seed(value):
    """Seeds all front ends from here on, networks and samplers; without it they draw from NumPy's global generator, which
    np.random.seed() governs; None goes back to that. Nengo keeps its own seeds. The numbers drawn are not those of the
    originals, their distributions are."""
    _seeds["given"] = np.random if value is None else np.random.RandomState(value % 2**32)


def random():
    """What all front ends draw from that the engine does not: NumPy's global generator, or the one that seed() made."""
    return _seeds.get("given", np.random)


def fresh_seed():
    """Of a network that is made now."""
    return int(random().randint(0, 2**31 - 1))


def need(package, call):
    """An optional package, at the call that needs it."""
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError:
        raise ImportError(f"{call} needs {package}, which is not installed") from None
