"""The package `simulation` of fep-attractor-network: `from simulation.network import AttractorNetwork, ...`."""

from engram_sim.compat import seed
from engram_sim.compat.simulation.network import *  # noqa: F403
from engram_sim.compat.simulation.network import __all__ as _network
from engram_sim.compat.simulation.utils import *  # noqa: F403
from engram_sim.compat.simulation.utils import __all__ as _utils

__all__ = [*_network, *_utils, "seed"]
