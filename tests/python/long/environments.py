"""Environments of Python for tests that need packages of PyPI."""

import os
import subprocess
import venv

import pytest


def made(folder, *packages, system=False):
    """The interpreter of an environment that has these packages; skips where PyPI cannot be reached."""
    venv.create(folder, with_pip=True, system_site_packages=system)
    python = folder / "bin" / "python"
    if packages:
        asked = subprocess.run([python, "-m", "pip", "install", "-q", *packages], capture_output=True, text=True)
        if asked.returncode:
            pytest.skip("PyPI was not reached: " + asked.stderr.strip().splitlines()[-1])
    return python


def call(command, path="", **more):
    """What it printed; its PYTHONPATH is `path`."""
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, **more)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
