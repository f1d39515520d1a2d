"""A training or recall step of one recurrent area: rows of active sources added up, k winners, multiplicative Hebb.

Weights are stored by source, so that both the drive and learning touch the rows of active sources only.
"""
import numpy as np

from libraries import Arrays, compiled
from timing import Peer

BETA, W_MAX, P = 0.1, 1.0, 0.05


def matrix(n, seed):
    """n x n by source, columns (the incoming weights of a unit) of sum 1."""
    generator = np.random.default_rng(seed)
    w = (generator.random((n, n), dtype=np.float32) < P).astype(np.float32)
    return w / np.maximum(w.sum(0), 1)


def checked(winners, k):
    assert len(set(winners.tolist())) == k


def dense(library, n, k, learn):
    def build(device):
        a = Arrays(library, device)
        fibres = [a.array(matrix(n, seed)) for seed in (1, 2)]
        stimulus, own = a.indices(range(k)), a.indices(range(k))

        def step():
            winners = a.top(fibres[0][stimulus].sum(0) + fibres[1][own].sum(0), k)
            if learn:
                for w, sources in zip(fibres, (stimulus, own)):
                    at = (sources[:, None], winners[None, :])
                    w[at] = (w[at] * (1 + BETA)).clip(None, W_MAX)
            own[:] = winners

        return a.step(step), lambda: checked(a.host(own), k)

    return build


def dense_jax(n, k, learn):
    def build(_):
        import jax

        def step(state):
            w, sources = state["w"], state["active"]
            winners = jax.lax.top_k(w[0][sources[0]].sum(0) + w[1][sources[1]].sum(0), k)[1]
            if learn:
                at = [(s[:, None], winners[None, :]) for s in sources]
                w = [one.at[i].set(jax.numpy.minimum(one[i] * (1 + BETA), W_MAX)) for one, i in zip(w, at)]
            return {"w": w, "active": [sources[0], winners]}

        call, state = compiled(step, {"w": [matrix(n, 1), matrix(n, 2)], "active": [np.arange(k), np.arange(k)]})
        return call, lambda: checked(np.asarray(state[0]["active"][1]), k)

    return build


def sparse(n, k, learn):
    def build(_):
        import scipy.sparse

        fibres = [scipy.sparse.csr_matrix(matrix(n, seed)) for seed in (1, 2)]
        active = [np.arange(k), np.arange(k)]
        drive = np.empty(n, np.float32)
        is_winner = np.zeros(n, bool)

        def step():
            drive[:] = 0
            synapses = []
            for w, sources in zip(fibres, active):
                at = np.concatenate([np.arange(w.indptr[j], w.indptr[j + 1]) for j in sources])
                synapses.append(at)
                drive[:] += np.bincount(w.indices[at], w.data[at], n)
            winners = np.argpartition(drive, n - k)[n - k:]
            if learn:
                is_winner[:] = False
                is_winner[winners] = True
                for w, at in zip(fibres, synapses):
                    hit = at[is_winner[w.indices[at]]]
                    w.data[hit] = np.minimum(w.data[hit] * np.float32(1 + BETA), np.float32(W_MAX))
            active[1] = winners

        return step, lambda: checked(active[1], k)

    return build


PEERS = []
for what, learn in (("train", True), ("recall", False)):
    for n, k in ((1000, 50), (4000, 63), (10000, 100)):
        case = f"assembly.{what}/n={n},k={k}"
        PEERS.append(Peer(case, "scipy", sparse(n, k, learn), "sparse rows by source"))
        PEERS += [Peer(case + ",storage=dense", library, dense(library, n, k, learn), "dense rows by source") for library in ("numpy", "torch", "cupy")]
        PEERS.append(Peer(case + ",storage=dense", "jax", dense_jax(n, k, learn), "dense rows by source"))
