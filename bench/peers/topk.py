"""Indices of the k largest of n floats. The peers promise no order among equal scores; engram takes the lower index."""
import numpy as np

from timing import Peer


def scores(n, ties):
    s = np.random.default_rng(1).random(n, dtype=np.float32)
    return np.floor(s * 40).astype(np.float32) if ties else s


def with_numpy(n, k, ties):
    def build(_):
        s, found = scores(n, ties), []

        def step():
            found[:] = [np.sort(np.argpartition(s, n - k)[n - k:])]

        def check():
            assert np.array_equal(np.sort(s[found[0]]), np.sort(s)[n - k:])

        return step, check

    return build


def with_torch(n, k, ties):
    def build(device):
        import torch

        s, found = torch.from_numpy(scores(n, ties)).to(device), []

        def step():
            found[:] = [torch.topk(s, k).indices.sort().values]

        def check():
            assert torch.equal(s[found[0]].sort().values, s.sort().values[n - k:])

        return step, check

    return build


PEERS = []
for n, k, ties in ((1000, 50, False), (10000, 100, False), (1000000, 1000, False), (1000000, 1000, True)):
    case = f"topk/n={n},k={k}" + (",ties=1" if ties else "")
    PEERS += [Peer(case, "numpy", with_numpy(n, k, ties), "argpartition, then sort"),
              Peer(case, "torch", with_torch(n, k, ties), "topk, then sort")]
