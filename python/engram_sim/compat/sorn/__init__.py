"""The package `sorn`: `from sorn import Simulator, Trainer`, and the helpers of sorn.utils."""

import sys

from engram_sim.compat import seed
from engram_sim.compat.sorn.plotting import Plotter
from engram_sim.compat.sorn.running import Plasticity, Simulator, Trainer
from engram_sim.compat.sorn.utils import Initializer, Statistics

__all__ = ["Simulator", "Trainer", "Plasticity", "Initializer", "Plotter", "Statistics", "seed"]

aliases = {"sorn": sys.modules[__name__]}  # `import sorn.sorn`, by either name
sorn = sys.modules[f"{__name__}.sorn"] = sys.modules[__name__]


def __getattr__(name):
    if name in ("simulate_sorn", "train_sorn"):
        raise AttributeError(f"{name} went before sorn 0.7; use Simulator.run or Trainer.run")
    raise AttributeError(f"module 'sorn' has no attribute {name!r}")
