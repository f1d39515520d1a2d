"""Reads, draws and reports the run folders of engram."""

from engram_sim.run import Run, RunError

__all__ = ["Run", "RunError"]
