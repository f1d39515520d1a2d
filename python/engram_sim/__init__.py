"""engram from Python: experiments, networks of all families, run folders.

What reads run folders is pure Python; what computes needs the compiled module, which is loaded when it is first used.
"""

import importlib

from engram_sim.errors import ConfigError, DeviceError, Error, IoError, MemoryError, NumericError
from engram_sim.run_folder import Run, RunError

_where = {
    "run": "experiments", "resume": "experiments", "validate": "experiments",
    "describe": "describing", "use": "native", "Progress": "progress",
    "Assembly": "assembly", "Attractor": "attractor", "Brain": "brain", "Leabra": "leabra", "Nef": "nef", "Sorn": "sorn",
    "parameters": None,
}  # fmt: skip
__all__ = ["ConfigError", "DeviceError", "Error", "IoError", "MemoryError", "NumericError", "Run", "RunError", *_where]


def __getattr__(name):
    if name not in _where:
        raise AttributeError(f"module 'engram_sim' has no attribute {name!r}")
    if _where[name] is None:
        return importlib.import_module(f"engram_sim.{name}")
    return getattr(importlib.import_module(f"engram_sim.{_where[name]}"), name)


def __dir__():
    return __all__
