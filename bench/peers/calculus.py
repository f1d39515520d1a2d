"""A projection round of the assembly calculus: one stimulus of k neurons and recurrence, k winners, multiplicative Hebb.

`calculus.round`: the random graph is stored as lists of targets, padded to the largest out-degree (n = 100,000 only: a
million neurons would take 80 GB; engram draws the graph anew each round and stores what was learned). `calculus.lazy`:
neurons are drawn when they first fire, as in the published scheme, with a dense matrix of all that ever fired.
A step is the mean over rounds 1 to 25 of a fresh network in engram, and one round, cycling through these, here.
"""
import numpy as np

from libraries import Arrays, compiled
from timing import Peer

BETA, ROUNDS = 0.05, 25


def targets(n, rows, p, seed):
    """Targets of each of `rows` sources: Binomial(n, p) of them, padded with n. Repeated ones count as two synapses."""
    generator = np.random.default_rng(seed)
    degree = generator.binomial(n, p, rows)
    lists = generator.integers(0, n, (rows, degree.max()), dtype=np.int32)
    lists[np.arange(degree.max()) >= degree[:, None]] = n
    return lists


def first_winners(n, k, p):
    """Inputs from the stimulus, and who fires at first."""
    onset = np.random.default_rng(2).binomial(k, p, n).astype(np.float32)
    return onset, np.argpartition(onset, n - k)[n - k:]


def checked(winners, k):
    assert len(set(winners.tolist())) == k


def stored(library, n, k, p):
    def build(device):
        a = Arrays(library, device)
        onset, first = first_winners(n, k, p)
        onset, first, lists = a.array(onset), a.indices(first), a.indices(targets(n, n, p, 1))
        weight, stimulus, winners = a.ones(lists.shape), a.zeros(n), a.indices(range(k))
        fired, count = [a.indices(range(k)) for _ in range(ROUNDS)], [ROUNDS]

        def one_round():
            at, values = lists[winners], weight[winners]
            best = a.top(a.added(at, values, n + 1)[:n] + stimulus, k)
            factor = a.ones(n + 1)
            factor[best] = 1 + BETA
            stimulus[best] *= 1 + BETA
            weight[winners] = values * factor[at]
            winners[:] = best

        run = a.step(one_round)

        def step():
            if count[0] == ROUNDS:  # a fresh network; forgetting touches what was learned only
                for rows in fired:
                    weight[rows] = 1
                stimulus[:], winners[:], count[0] = onset, first, 0
            fired[count[0]][:] = winners
            count[0] += 1
            run()

        return step, lambda: checked(a.host(winners), k)

    return build


def stored_jax(n, k, p):
    def build(_):
        import jax
        from jax import numpy as jnp

        onset, first = first_winners(n, k, p)

        def one_round(s):
            weight, stimulus, round = s["weight"], s["stimulus"], s["round"]
            fresh = round == ROUNDS
            weight = jax.lax.cond(fresh, lambda w: w.at[s["fired"].ravel()].set(1), lambda w: w, weight)
            stimulus, old = jnp.where(fresh, s["onset"], stimulus), jnp.where(fresh, s["first"], s["winners"])
            round = jnp.where(fresh, 0, round)
            at, values = s["lists"][old], weight[old]
            best = jax.lax.top_k(jnp.zeros(n + 1).at[at].add(values)[:n] + stimulus, k)[1]
            factor = jnp.ones(n + 1).at[best].set(1 + BETA)
            return s | {"weight": weight.at[old].set(values * factor[at]), "stimulus": stimulus.at[best].multiply(1 + BETA), "winners": best,
                        "fired": s["fired"].at[round].set(old), "round": round + 1}

        lists = targets(n, n, p, 1)
        call, state = compiled(one_round, {"lists": lists, "weight": np.ones(lists.shape, np.float32), "onset": onset, "stimulus": onset,
                                           "first": first.astype(np.int32), "winners": first.astype(np.int32),
                                           "fired": np.zeros((ROUNDS, k), np.int32), "round": np.int32(ROUNDS)})
        return call, lambda: checked(np.asarray(state[0]["winners"]), k)

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

        return step, lambda: checked(state["winners"], k)

    return build


PEERS = [Peer("calculus.round/n=100000,k=317,p=0.01", library, stored(library, 100000, 317, 0.01), "stored graph") for library in ("numpy", "torch", "cupy")]
PEERS.append(Peer("calculus.round/n=100000,k=317,p=0.01", "jax", stored_jax(100000, 317, 0.01), "stored graph"))
for n, k, p in ((100000, 317, 0.01), (1000000, 1000, 0.01), (1000000, 1000, 0.001)):
    PEERS.append(Peer(f"calculus.lazy/n={n},k={k},p={p:g}", "numpy", lazy_numpy(n, k, p), "dense matrix of all that fired"))
