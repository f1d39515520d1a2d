"""A training or recall step of one recurrent area: rows of active sources added up, k winners, multiplicative Hebb.

Weights are stored by source, so that both the drive and learning touch the rows of active sources only.
"""
import numpy as np

from timing import Peer

BETA, W_MAX, P = 0.1, 1.0, 0.05


def matrix(n, seed):
    """n x n by source, columns (the incoming weights of a unit) of sum 1."""
    generator = np.random.default_rng(seed)
    w = (generator.random((n, n), dtype=np.float32) < P).astype(np.float32)
    return w / np.maximum(w.sum(0), 1)


def with_numpy(n, k, learn):
    def build(_):
        fibres = [matrix(n, 1), matrix(n, 2)]
        active = [np.arange(k), np.arange(k)]  # of the stimulus, of the area itself
        drive = np.empty(n, np.float32)

        def step():
            np.add(fibres[0][active[0]].sum(0), fibres[1][active[1]].sum(0), out=drive)
            winners = np.sort(np.argpartition(drive, n - k)[n - k:])
            if learn:
                for w, sources in zip(fibres, active):
                    at = np.ix_(sources, winners)
                    w[at] = np.minimum(w[at] * np.float32(1 + BETA), np.float32(W_MAX))
            active[1] = winners

        def check():
            assert len(set(active[1])) == k and np.isfinite(drive).all()

        return step, check

    return build


def with_scipy(n, k, learn):
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
            winners = np.sort(np.argpartition(drive, n - k)[n - k:])
            if learn:
                is_winner[:] = False
                is_winner[winners] = True
                for w, at in zip(fibres, synapses):
                    hit = at[is_winner[w.indices[at]]]
                    w.data[hit] = np.minimum(w.data[hit] * np.float32(1 + BETA), np.float32(W_MAX))
            active[1] = winners

        def check():
            assert len(set(active[1])) == k and np.isfinite(drive).all()

        return step, check

    return build


def with_torch(n, k, learn):
    def build(device):
        import torch

        from timing import captured

        fibres = [torch.from_numpy(matrix(n, seed)).to(device) for seed in (1, 2)]
        active = [torch.arange(k, device=device) for _ in range(2)]

        def step():
            drive = fibres[0][active[0]].sum(0) + fibres[1][active[1]].sum(0)
            winners = torch.topk(drive, k).indices
            if learn:
                for w, sources in zip(fibres, active):
                    at = (sources[:, None], winners[None, :])
                    w[at] = torch.clamp(w[at] * (1 + BETA), max=W_MAX)
            active[1].copy_(winners)

        def check():
            assert len(set(active[1].tolist())) == k

        return (captured(step) if device == "cuda" else step), check

    return build


PEERS = []
for what, learn in (("train", True), ("recall", False)):
    for n, k in ((1000, 50), (4000, 63), (10000, 100)):
        case = f"assembly.{what}/n={n},k={k}"
        PEERS += [Peer(case, "scipy", with_scipy(n, k, learn), "sparse rows by source"),
                  Peer(case + ",storage=dense", "numpy", with_numpy(n, k, learn), "dense rows by source"),
                  Peer(case + ",storage=dense", "torch", with_torch(n, k, learn), "dense rows by source")]
