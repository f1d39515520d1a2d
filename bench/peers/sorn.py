"""A SORN step with all five rules. Plastic synapses are lists (pre, post, weight), a pruned one stays at weight 0.

E to I is dense below 10,000 units and sparse (in-degree 100) from there on, as in engram's cases. One structural event
happens every tenth step at 200 units, in proportion to the units in larger networks.
"""
import numpy as np

from timing import Peer

ETA_STDP, ETA_INHIB, ETA_IP, MU_IP, RATE, NOISE, NEW = 0.004, 0.001, 0.01, 0.1, 0.1, 0.04, 0.001


def random_synapses(sources, targets, degree, per_target, generator):
    count = np.maximum(np.trunc(degree + generator.standard_normal(targets if per_target else sources)), 1).astype(int)
    one = np.repeat(np.arange(len(count)), count)
    other = generator.integers(0, sources if per_target else targets, len(one))
    pre, post = (other, one) if per_target else (one, other)
    return pre.astype(np.int64), post.astype(np.int64), (generator.random(len(one)) * 0.1).astype(np.float32)


def network(ne, room):
    """Synapses and thresholds; the lists of plastic E to E synapses have room for `room` new ones at their end."""
    g = np.random.default_rng(1)
    ni = ne // 5
    pre, post, weight = random_synapses(ne, ne, 20, True, g)
    weight[pre == post] = 0
    ee = [np.concatenate([a, np.zeros(room, a.dtype)]) for a in (pre, post, weight)]
    ei = random_synapses(ni, ne, 40, False, g)
    ie = random_synapses(ne, ni, 100, True, g) if ne >= 10000 else g.random((ne, ni), dtype=np.float32)
    if ne >= 10000:
        ie[2][:] /= np.bincount(ie[1], ie[2], ni)[ie[1]]
    else:
        ie = ie / ie.sum(0)
    return ee, len(pre), ei, ie, g.random(ne, dtype=np.float32), g.random(ni, dtype=np.float32) * np.float32(0.5), g


def with_numpy(ne):
    events = 0.0005 * ne

    def build(_):
        room = 200000 + ne
        (pre, post, w), used, (ipre, ipost, iw), ie, te, ti, g = network(ne, room)
        ni = len(ti)
        s = {"used": used, "x": np.zeros(ne, np.float32), "y": np.zeros(ni, np.float32)}

        def scaled(weight, at):
            total = np.bincount(at, weight, ne).astype(np.float32)
            total[total == 0] = 1
            weight /= total[at]

        def step():
            nonlocal te
            u, x, y = s["used"], s["x"], s["y"]
            a, b, v = pre[:u], post[:u], w[:u]
            drive = np.bincount(b, v * x[a], ne) - np.bincount(ipost, iw * y[ipre], ne)
            inhibitory = np.bincount(ie[1], ie[2] * x[ie[0]], ni) if ne >= 10000 else x @ ie
            x1 = (drive + NOISE * g.standard_normal(ne, dtype=np.float32) - te > 0).astype(np.float32)
            y1 = (inhibitory + NOISE * g.standard_normal(ni, dtype=np.float32) - ti > 0).astype(np.float32)
            v += np.where(v > 0, np.float32(ETA_STDP) * (x1[b] * x[a] - x[b] * x1[a]), np.float32(0))
            np.clip(v, 0, 1, out=v)
            te = np.clip(te + np.float32(ETA_IP) * (x1 - np.float32(RATE)), 0, 1)
            new = g.poisson(events) if u + 10 * events < len(w) else 0
            if new:
                pre[u:u + new], post[u:u + new], w[u:u + new] = g.integers(0, ne, new), g.integers(0, ne, new), NEW
                s["used"] = u = u + new
            change = -np.float32(ETA_INHIB) * y[ipre] * (1 - x1[ipost] * np.float32(1 + 1 / MU_IP))
            iw[:] = np.clip(np.where(iw > 0, iw + change, iw), 0, 1)
            scaled(w[:u], post[:u])
            scaled(iw, ipost)
            s["x"], s["y"] = x1, y1

        def check():
            total = np.bincount(post[:s["used"]], w[:s["used"]], ne)
            assert np.all((abs(total - 1) < 1e-3) | (total == 0))

        for _ in range(200 if ne <= 1000 else 5):
            step()
        return step, check

    return build


def with_torch(ne):
    events = 0.0005 * ne

    def build(device):
        import torch

        from timing import captured

        (pre, post, w), used, (ipre, ipost, iw), ie, te, ti, _ = network(ne, ne)
        ni, dense = len(ti), ne < 10000
        to = lambda a: torch.from_numpy(np.ascontiguousarray(a)).to(device)  # noqa: E731
        pre, post, w, ipre, ipost, iw, te, ti = map(to, (pre, post, w, ipre, ipost, iw, te, ti))
        ie = to(ie) if dense else [to(a) for a in ie]
        x, y = torch.zeros(ne, device=device), torch.zeros(ni, device=device)
        most = max(1, int(2 * events))
        next_slot = torch.tensor(used, device=device)

        def added(at, values, n):
            return torch.zeros(n, device=device).index_add_(0, at, values)

        def scaled(weight, at):
            total = added(at, weight, ne)
            weight.div_(torch.where(total == 0, torch.ones_like(total), total)[at])

        def step():
            drive = added(post, w * x[pre], ne) - added(ipost, iw * y[ipre], ne)
            inhibitory = x @ ie if dense else added(ie[1], ie[2] * x[ie[0]], ni)
            x1 = (drive + NOISE * torch.randn_like(drive) - te > 0).float()
            y1 = (inhibitory + NOISE * torch.randn_like(inhibitory) - ti > 0).float()
            w.add_((w > 0) * ETA_STDP * (x1[post] * x[pre] - x[post] * x1[pre])).clamp_(0, 1)
            te.add_(ETA_IP * (x1 - RATE)).clamp_(0, 1)
            # Up to `most` new synapses in a ring of slots behind the first ones: shapes stay as they are.
            at = used + (next_slot - used + torch.arange(most, device=device)) % ne
            happens = (torch.rand(most, device=device) < events / most)
            pre[at] = torch.where(happens, torch.randint(0, ne, (most,), device=device), pre[at])
            post[at] = torch.where(happens, torch.randint(0, ne, (most,), device=device), post[at])
            w[at] = torch.where(happens, torch.full_like(w[at], NEW), w[at])
            next_slot.add_(most)
            change = -ETA_INHIB * y[ipre] * (1 - x1[ipost] * (1 + 1 / MU_IP))
            iw.add_((iw > 0) * change).clamp_(0, 1)
            scaled(w, post)
            scaled(iw, ipost)
            x.copy_(x1)
            y.copy_(y1)

        def check():
            total = added(post, w, ne)
            assert bool((((total - 1).abs() < 1e-3) | (total == 0)).all())

        for _ in range(200 if ne <= 1000 else 5):
            step()
        return (captured(step) if device == "cuda" else step), check

    return build


PEERS = []
for ne in (200, 400, 1000, 10000, 100000, 1000000):
    for library, make in (("numpy", with_numpy), ("torch", with_torch)):
        PEERS.append(Peer(f"sorn.step/ne={ne}", library, make(ne), "lists of synapses, unfused"))
