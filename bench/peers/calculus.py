"""A projection round of the assembly calculus: one stimulus of k neurons and recurrence, k winners, multiplicative Hebb.

`calculus.round`: the random graph is stored as lists of targets, padded to the largest out-degree (n = 100,000 only: a
million neurons would take 80 GB; engram draws the graph anew each round and stores what was learned). `calculus.lazy`:
neurons are drawn when they first fire, as in the published scheme, with a dense matrix of all that ever fired.
A step is the mean over rounds 1 to 25 of a fresh network in engram, and one round, cycling through these, here.
"""
import numpy as np

from timing import Peer

BETA, ROUNDS = 0.05, 25


def targets(n, rows, p, seed):
    """Targets of each of `rows` sources: Binomial(n, p) of them, padded with n. Repeated ones count as two synapses."""
    generator = np.random.default_rng(seed)
    degree = generator.binomial(n, p, rows)
    lists = generator.integers(0, n, (rows, degree.max()), dtype=np.int32)
    lists[np.arange(degree.max()) >= degree[:, None]] = n
    return lists


def round_numpy(n, k, p):
    def build(_):
        generator = np.random.default_rng(2)
        lists = targets(n, n, p, 1)
        weight = np.ones(lists.shape, np.float32)
        onset = generator.binomial(k, p, n).astype(np.float32)
        state = {"round": ROUNDS}

        def step():
            if state["round"] == ROUNDS:  # a fresh network; forgetting touches what was learned only
                for rows in state.get("fired", []):
                    weight[rows] = 1
                state.update(round=0, fired=[], stimulus=onset.copy(), winners=np.argpartition(onset, n - k)[n - k:])
            old, stimulus = state["winners"], state["stimulus"]
            drive = stimulus + np.bincount(lists[old].ravel(), weight[old].ravel(), n + 1)[:n].astype(np.float32)
            winners = np.argpartition(drive, n - k)[n - k:]
            wins = np.zeros(n + 1, bool)
            wins[winners] = True
            stimulus[winners] *= np.float32(1 + BETA)
            weight[old] = np.where(wins[lists[old]], weight[old] * np.float32(1 + BETA), weight[old])
            state["fired"].append(old)
            state["winners"], state["round"] = winners, state["round"] + 1

        def check():
            assert len(set(state["winners"].tolist())) == k

        return step, check

    return build


def lazy_numpy(n, k, p):
    def build(_):
        from scipy.stats import binom, truncnorm

        generator = np.random.default_rng(3)
        state = {"round": ROUNDS}

        def candidates(sources, unknown):
            quantile = (unknown - k) / unknown
            alpha, mean, sd = binom.ppf(quantile, sources, p), sources * p, np.sqrt(sources * p * (1 - p))
            draws = truncnorm.rvs((alpha - mean) / sd, np.inf, loc=mean, scale=sd, size=k, random_state=generator)
            return np.minimum(np.round(draws), sources).astype(np.float32)

        def step():
            if state["round"] == ROUNDS:
                room = 16 * k
                state.update(round=0, known=k, stimulus=np.zeros(room, np.float32), weight=np.zeros((room, room), np.float32), winners=np.arange(k))
                state["stimulus"][:k] = candidates(k, n)
                state["weight"][:k, :k] = generator.random((k, k)) < p
            known, old, w = state["known"], state["winners"], state["weight"]
            drive = state["stimulus"][:known] + w[old, :known].sum(0)
            new = candidates(2 * k, n - known)
            best = np.argpartition(-np.concatenate([drive, new]), k)[:k]
            first = best[best >= known]
            w[:known, known:known + len(first)] = generator.random((known, len(first))) < p
            w[known:known + len(first), :known + len(first)] = generator.random((len(first), known + len(first))) < p
            for at, m in enumerate(new[first - known], known):  # which of the firing sources made it fire
                chosen = generator.choice(2 * k, int(m), replace=False)
                state["stimulus"][at] = (chosen < k).sum()
                w[old, at] = 0
                w[old[chosen[chosen >= k] - k], at] = 1
            winners = np.concatenate([best[best < known], np.arange(known, known + len(first))])
            state["known"] = known + len(first)
            state["stimulus"][winners] *= np.float32(1 + BETA)
            w[np.ix_(old, winners)] *= np.float32(1 + BETA)
            state["winners"], state["round"] = winners, state["round"] + 1

        def check():
            assert len(set(state["winners"].tolist())) == k

        return step, check

    return build


def round_torch(n, k, p):
    def build(device):
        import torch

        lists = torch.from_numpy(targets(n, n, p, 1).astype(np.int64)).to(device)
        weight = torch.ones(lists.shape, device=device)
        onset = torch.from_numpy(np.random.default_rng(2).binomial(k, p, n).astype(np.float32)).to(device)
        state = {"round": ROUNDS}

        def step():
            if state["round"] == ROUNDS:
                for rows in state.get("fired", []):
                    weight[rows] = 1
                state.update(round=0, fired=[], stimulus=onset.clone(), winners=torch.topk(onset, k).indices)
            old, stimulus = state["winners"], state["stimulus"]
            at, values = lists[old], weight[old]
            drive = torch.zeros(n + 1, device=device).index_add_(0, at.ravel(), values.ravel())[:n] + stimulus
            winners = torch.topk(drive, k).indices
            factor = torch.ones(n + 1, device=device)
            factor[winners] = 1 + BETA
            stimulus[winners] *= 1 + BETA
            weight[old] = values * factor[at]
            state["fired"].append(old)
            state["winners"], state["round"] = winners, state["round"] + 1

        def check():
            assert len(set(state["winners"].tolist())) == k

        return step, check

    return build


PEERS = [Peer("calculus.round/n=100000,k=317,p=0.01", "numpy", round_numpy(100000, 317, 0.01), "stored graph"),
         Peer("calculus.round/n=100000,k=317,p=0.01", "torch", round_torch(100000, 317, 0.01), "stored graph")]
for n, k, p in ((100000, 317, 0.01), (1000000, 1000, 0.01), (1000000, 1000, 0.001)):
    PEERS.append(Peer(f"calculus.lazy/n={n},k={k},p={p:g}", "numpy", lazy_numpy(n, k, p), "dense matrix of all that fired"))
