"""What the peers share: a peer is one step of a model, rewritten in an array library the straightforward way.

A module of this folder lists its peers as `PEERS`, each a `Peer`. `build` returns the step as a function without
arguments, and a check that raises where what was timed is not what it claims.
"""
import dataclasses
import time
from typing import Callable

from libraries import wait


@dataclasses.dataclass
class Peer:
    case: str  # the case of `engram bench` that does the same work: same step, size, density and activity
    library: str  # numpy, scipy, torch, cupy, jax or nengo
    build: Callable  # device ("cpu" or "cuda") -> (step, check)
    note: str  # what is done another way than in engram


def measure(peer, device, min_time):
    """Median, smallest and 90th percentile of the seconds of a step, over batches that are long enough for the clock."""
    step, check = peer.build(device)
    wait(peer.library, device, step())  # the first compiles, and touches memory

    def seconds(calls):
        start = time.perf_counter()
        for _ in range(calls):
            last = step()
        wait(peer.library, device, last)
        return time.perf_counter() - start

    calls = 1
    while seconds(calls) < min(2e-4, min_time / 20):
        calls *= 2
    times, total = [], 0.0
    while total < min_time or len(times) < 5:
        spent = seconds(calls)
        total += spent
        times.append(spent / calls)
        if len(times) >= 3 and total > 20 * min_time:
            break
    check()
    times.sort()
    return {"seconds_per_step": times[len(times) // 2], "min": times[0], "p90": times[len(times) * 9 // 10]}
