"""The package `leabra7`: `import leabra7 as lb`, then lb.Net(), lb.LayerSpec(...), lb.Uniform(...)."""

from engram_sim.compat import seed
from engram_sim.compat.leabra7 import events, net, rand, specs
from engram_sim.compat.leabra7.net import Logs, Net
from engram_sim.compat.leabra7.rand import Exponential, Gaussian, LogNormal, Scalar, Uniform
from engram_sim.compat.leabra7.specs import LayerSpec, ProjnSpec, UnitSpec, ValidationError

__all__ = [
    "Net", "Logs", "UnitSpec", "LayerSpec", "ProjnSpec", "Scalar", "Uniform", "Gaussian", "LogNormal", "Exponential",
    "ValidationError", "events", "net", "rand", "specs", "seed",
]  # fmt: skip
