"""A SORN step with all five rules. Plastic synapses are lists (pre, post, weight), a pruned one stays at weight 0.

E to I is dense below 10,000 units and sparse (in-degree 100) from there on, as in engram's cases. One structural event
happens every tenth step at 200 units, in proportion to the units in larger networks: new synapses go to a ring of one slot
a unit behind the first ones, so that shapes stay as they are. Several networks are one whose units lie side by side.
"""
import numpy as np

from libraries import Arrays, compiled
from timing import Peer

ETA_STDP, ETA_INHIB, ETA_IP, MU_IP, RATE, NOISE, NEW = 0.004, 0.001, 0.01, 0.1, 0.1, 0.04, 0.001


def random_synapses(sources, targets, degree, per_target, generator):
    count = np.maximum(np.trunc(degree + generator.standard_normal(targets if per_target else sources)), 1).astype(int)
    one = np.repeat(np.arange(len(count)), count)
    other = generator.integers(0, sources if per_target else targets, len(one))
    pre, post = (other, one) if per_target else (one, other)
    return pre.astype(np.int64), post.astype(np.int64), (generator.random(len(one)) * 0.1).astype(np.float32)


def network(ne, replicas=1):
    """Synapses and thresholds; the lists of plastic E to E synapses have room for a new one a unit at their end."""
    g = np.random.default_rng(1)
    ni, dense = ne // 5, ne < 10000

    def drawn(sources, targets, *how):
        one = [random_synapses(sources, targets, *how, g) for _ in range(replicas)]
        return [np.concatenate([part[i] + first * r for r, part in enumerate(one)]) for i, first in enumerate((sources, targets, np.float32(0)))]

    pre, post, weight = drawn(ne, ne, 20, True)
    weight[pre == post] = 0
    ee = [np.concatenate([a, np.zeros(ne * replicas, a.dtype)]) for a in (pre, post, weight)]
    ei = drawn(ni, ne, 40, False)
    ie = g.random((replicas, ne, ni), dtype=np.float32) if dense else drawn(ne, ni, 100, True)
    if dense:
        ie /= ie.sum(1, keepdims=True)
    else:
        ie[2] /= np.bincount(ie[1], ie[2], ni * replicas)[ie[1]]
    return ee, len(pre), ei, ie, g.random(ne * replicas, dtype=np.float32), g.random(ni * replicas, dtype=np.float32) * np.float32(0.5)


def checked(post, w, units):
    """Incoming weights add up to 1, or there are none."""
    total = np.bincount(post, w, units)
    assert np.all((abs(total - 1) < 1e-3) | (total == 0))


def unfused(library, ne, replicas=1):
    units, dense = ne * replicas, ne < 10000
    events, most = 0.0005 * units, max(1, int(0.001 * units))

    def build(device):
        a = Arrays(library, device)
        ee, used, ei, ie, te, ti = network(ne, replicas)
        (pre, post, w), (ipre, ipost, iw), te, ti = [a.array(v) for v in ee], [a.array(v) for v in ei], a.array(te), a.array(ti)
        ie = a.array(ie) if dense else [a.array(v) for v in ie]
        x, y, ring, next_slot = a.zeros(units), a.zeros(len(ti)), a.indices(range(most)), a.indices([0])

        def scaled(weight, at):
            total = a.added(at, weight, units)
            total += total == 0
            weight /= total[at]

        def step():
            drive = a.added(post, w * x[pre], units) - a.added(ipost, iw * y[ipre], units)
            inhibitory = (x.reshape(replicas, 1, ne) @ ie).reshape(-1) if dense else a.added(ie[1], ie[2] * x[ie[0]], len(y))
            x1 = a.floats(drive + NOISE * a.normal(units) - te > 0)
            y1 = a.floats(inhibitory + NOISE * a.normal(len(y)) - ti > 0)
            w[:] += (w > 0) * (ETA_STDP * (x1[post] * x[pre] - x[post] * x1[pre]))
            a.clip(w, 0, 1)
            te[:] += ETA_IP * (x1 - RATE)
            a.clip(te, 0, 1)
            slots = used + (next_slot + ring) % units
            happens = a.uniform(most) < events / most
            to = cast(a, a.uniform(most) * units, post)
            for values, fresh in ((pre, to // ne * ne + a.uniform(most) * ne), (post, to), (w, NEW + 0 * slots)):
                values[slots] = a.lib.where(happens, cast(a, fresh, values), values[slots])
            next_slot[:] += most
            change = -ETA_INHIB * y[ipre] * (1 - x1[ipost] * (1 + 1 / MU_IP))
            iw[:] += (iw > 0) * change
            a.clip(iw, 0, 1)
            scaled(w, post)
            scaled(iw, ipost)
            x[:], y[:] = x1, y1

        for _ in range(200 if ne <= 1000 else 5):
            step()
        return a.step(step), lambda: checked(a.host(post), a.host(w), units)

    return build


def once(pre, post, weight, units):
    _, kept = np.unique(post * units + pre, return_index=True)
    return pre[kept], post[kept], weight[kept]


def built(ne):
    """From nothing to the lists of synapses of a network, by target, each pair once."""

    def build(_):
        made = []

        def step():
            ee, used, ei, ie, *_ = network(ne)
            made[:] = [once(ee[0][:used], ee[1][:used], ee[2][:used], ne), once(*ei, ne), once(*ie, ne)]

        def check():
            (pre, post, w), *_ = made
            assert abs(len(pre) / ne - 19.5) < 0.05 and np.all(np.diff(post) >= 0) and np.all(w >= 0)

        return step, check

    return build


def cast(a, values, like):
    return values.to(like.dtype) if a.torch else values.astype(like.dtype)


def with_jax(ne, replicas=1):
    units, dense = ne * replicas, ne < 10000
    events, most = 0.0005 * units, max(1, int(0.001 * units))

    def build(_):
        import jax
        from jax import numpy as jnp

        (pre, post, w), used, ei, ie, te, ti = network(ne, replicas)
        ni = len(ti)

        def added(at, values, n):
            return jnp.zeros(n).at[at].add(values)

        def scaled(weight, at):
            total = added(at, weight, units)
            return weight / jnp.where(total == 0, 1, total)[at]

        def step(s):
            pre, post, w, (ipre, ipost, iw), ie, te, x, y = (s[k] for k in ("pre", "post", "w", "ei", "ie", "te", "x", "y"))
            key, *keys = jax.random.split(s["key"], 6)
            drive = added(post, w * x[pre], units) - added(ipost, iw * y[ipre], units)
            inhibitory = (x.reshape(replicas, 1, ne) @ ie).reshape(-1) if dense else added(ie[1], ie[2] * x[ie[0]], ni)
            x1 = (drive + NOISE * jax.random.normal(keys[0], (units,)) - te > 0).astype(jnp.float32)
            y1 = (inhibitory + NOISE * jax.random.normal(keys[1], (ni,)) - s["ti"] > 0).astype(jnp.float32)
            w = jnp.clip(w + (w > 0) * (ETA_STDP * (x1[post] * x[pre] - x[post] * x1[pre])), 0, 1)
            slots = used + (s["next"] + jnp.arange(most)) % units
            happens = jax.random.uniform(keys[2], (most,)) < events / most
            to = jax.random.randint(keys[4], (most,), 0, units)
            pre = pre.at[slots].set(jnp.where(happens, to // ne * ne + jax.random.randint(keys[3], (most,), 0, ne), pre[slots]))
            post = post.at[slots].set(jnp.where(happens, to, post[slots]))
            w = w.at[slots].set(jnp.where(happens, NEW, w[slots]))
            change = -ETA_INHIB * y[ipre] * (1 - x1[ipost] * (1 + 1 / MU_IP))
            iw = scaled(jnp.clip(iw + (iw > 0) * change, 0, 1), ipost)
            return s | {"pre": pre, "post": post, "w": scaled(w, post), "ei": (ipre, ipost, iw), "x": x1, "y": y1, "key": key,
                        "te": jnp.clip(te + ETA_IP * (x1 - RATE), 0, 1), "next": s["next"] + most}

        ints = lambda v: v.astype(np.int32) if v.dtype == np.int64 else v  # noqa: E731
        call, state = compiled(step, {"pre": ints(pre), "post": ints(post), "w": w, "ei": tuple(map(ints, ei)),
                                      "ie": ie if dense else tuple(map(ints, ie)), "te": te, "ti": ti, "x": np.zeros(units, np.float32),
                                      "y": np.zeros(ni, np.float32), "next": np.int32(0), "key": jax.random.key(2)})
        for _ in range(200 if ne <= 1000 else 5):
            call()
        return call, lambda: checked(np.asarray(state[0]["post"]), np.asarray(state[0]["w"]), units)

    return build


PEERS = [Peer("sorn.build/ne=1000000", "numpy", built(1000000), "lists of synapses, of pairs drawn twice one dropped")]
for case, ne, replicas in [(f"sorn.step/ne={ne}", ne, 1) for ne in (200, 400, 1000, 10000, 100000, 1000000)] + [("sorn.replicas/ne=200,R=64", 200, 64)]:
    note = "lists of synapses, unfused" + (", all networks at once" if replicas > 1 else "")
    PEERS += [Peer(case, library, unfused(library, ne, replicas), note) for library in ("numpy", "torch", "cupy")]
    PEERS.append(Peer(case, "jax", with_jax(ne, replicas), note))
