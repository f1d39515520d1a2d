"""The package `assembly`: areas of k winners that learn, stacks and sequences of them, and their simulator."""

from engram_sim.compat import seed
from engram_sim.compat.assembly.areas import (
    AreaRNNHebb,
    AreaRNNWillshaw,
    AreaSequential,
    AreaStack,
    KWinnersTakeAll,
)
from engram_sim.compat.assembly.monitor import Monitor, expected_random_overlap, pairwise_similarity
from engram_sim.compat.assembly.simulate import Simulator
from engram_sim.compat.assembly.vectors import use

__all__ = [
    "Monitor", "expected_random_overlap", "pairwise_similarity", "AreaRNNHebb", "AreaRNNWillshaw", "AreaStack",
    "AreaSequential", "KWinnersTakeAll", "Simulator", "seed", "use",
]  # fmt: skip
