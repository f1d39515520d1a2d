"""The package `leabra7`: `import leabra7 as lb`, then lb.Net(), lb.LayerSpec(...), lb.Uniform(...)."""

from engram_sim.compat import seed
from engram_sim.compat.leabra7 import events, layer, log, net, projn, rand, specs, unit
from engram_sim.compat.leabra7.log import Logs
from engram_sim.compat.leabra7.net import Net
from engram_sim.compat.leabra7.rand import Exponential, Gaussian, LogNormal, Scalar, Uniform
from engram_sim.compat.leabra7.specs import LayerSpec, ProjnSpec, UnitSpec, ValidationError

__all__ = [
    "Net", "Logs", "UnitSpec", "LayerSpec", "ProjnSpec", "Scalar", "Uniform", "Gaussian", "LogNormal", "Exponential",
    "ValidationError", "events", "layer", "log", "net", "projn", "rand", "specs", "unit", "seed",
]  # fmt: skip
