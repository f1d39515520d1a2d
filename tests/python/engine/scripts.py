"""The seed programs, and what they need."""

import importlib.util
import pathlib

import pytest

SEEDS = pathlib.Path(__file__).parents[1] / "seeds"


def needs(*packages):
    missing = [p for p in packages if importlib.util.find_spec(p) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not installed")
