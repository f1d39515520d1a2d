"""Indices of the k largest of n floats. The peers promise no order among equal scores; engram takes the lower index."""
import numpy as np

from libraries import Arrays, compiled
from timing import Peer


def scores(n, ties):
    s = np.random.default_rng(1).random(n, dtype=np.float32)
    return np.floor(s * 40).astype(np.float32) if ties else s


def checked(s, k, found):
    assert len(set(found.tolist())) == k and np.array_equal(np.sort(s[found]), np.sort(s)[len(s) - k:])


def selection(library, n, k, ties):
    def build(device):
        a, found = Arrays(library, device), []
        s = a.array(scores(n, ties))

        def step():
            winners = a.top(s, k)
            found[:] = [winners.sort().values if a.torch else a.lib.sort(winners)]

        return a.step(step), lambda: checked(a.host(s), k, a.host(found[0]))

    return build


def selection_jax(n, k, ties):
    def build(_):
        import jax

        def step(state):
            return {"s": state["s"], "winners": jax.numpy.sort(jax.lax.top_k(state["s"], k)[1])}

        call, state = compiled(step, {"s": scores(n, ties), "winners": np.zeros(k, np.int32)})
        return call, lambda: checked(np.asarray(state[0]["s"]), k, np.asarray(state[0]["winners"]))

    return build


PEERS = []
for n, k, ties in ((1000, 50, False), (10000, 100, False), (1000000, 1000, False), (1000000, 1000, True)):
    case = f"topk/n={n},k={k}" + (",ties=1" if ties else "")
    PEERS += [Peer(case, library, selection(library, n, k, ties), how)
              for library, how in (("numpy", "argpartition, then sort"), ("torch", "topk, then sort"), ("cupy", "argpartition, then sort"))]
    PEERS.append(Peer(case, "jax", selection_jax(n, k, ties), "top_k, then sort"))
