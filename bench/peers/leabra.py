"""A cycle and an update of Leabra networks: five layers of n units, four projections up and three down.

A cycle is seven products and some twenty walks over the units; an update walks over each matrix some fifteen times, engram
once.
"""
import numpy as np

from libraries import Arrays
from timing import Peer

LAYERS = 5
PROJECTIONS = [(k, k + 1, 1.0) for k in range(4)] + [(k, k - 1, 0.3) for k in (4, 3, 2)]
POINTS, FIRST, RESOLUTION = 1031, -0.03, 0.001


def nxx1_table():
    """x / (x + 1) of 40 max(x, 0), smoothed."""
    x = np.arange(-0.06, 1.031, RESOLUTION)
    u = 40 * np.maximum(x, 0)
    t = np.arange(-0.03, 0.0301, RESOLUTION)
    kernel = np.exp(-(t / 0.01) ** 2)
    return np.convolve(u / (u + 1), kernel / kernel.sum(), "same")[30:30 + POINTS].astype(np.float32)


def start(n):
    generator = np.random.default_rng(1)
    weights = [generator.uniform(0.25, 0.75 if scale == 1 else 0.5, (n, n)).astype(np.float32) for _, _, scale in PROJECTIONS]
    clamped = np.zeros(n, np.float32)
    clamped[np.arange(n // 6) * 7 % n] = 0.95
    return weights, clamped


def averages(n, seed):
    generator = np.random.default_rng(seed)
    return [(generator.random(n, dtype=np.float32) ** 4).astype(np.float32) for _ in range(LAYERS)]


def cycle(library, n):
    def build(device):
        a = Arrays(library, device)
        lib = a.lib
        weights, clamped = start(n)
        weights, table = [a.array(w) for w in weights], a.array(nxx1_table())
        zero = lambda: [a.zeros(n) for _ in range(LAYERS)]
        net, act, v, v_eq, adapt, ss, s, m, given = (zero() for _ in range(9))
        fbi = [0.0] * LAYERS
        act[0] = a.array(clamped)

        def nxx1(x):
            place = lib.clip((x - FIRST) / RESOLUTION, 0, POINTS - 1)
            low = a.lib.clip(place.long() if a.torch else place.astype(np.int64), 0, POINTS - 2)
            return table[low] + (place - low) * (table[low + 1] - table[low])

        def step():
            for k in range(1, LAYERS):
                net[k] += (given[k] - net[k]) / 1.4
                fbi[k] += (float(act[k].mean()) - fbi[k]) / 1.4
                g = 1.8 * (max(float(net[k].mean()) - 0.1, 0) + fbi[k])
                i = net[k] * (1 - v[k]) + 0.1 * (0.3 - v[k]) + g * (0.25 - v[k])
                i_eq = net[k] * (1 - v_eq[k]) + 0.1 * (0.3 - v_eq[k]) + g * (0.25 - v_eq[k])
                v[k] += (i - adapt[k]) / 3.3
                v_eq[k] += (i_eq - adapt[k]) / 3.3
                fires = v[k] > 0.5
                v[k] = lib.where(fires, a.zeros(n) + 0.3, v[k])
                held = (g * -0.25 + 0.1 * -0.2 - adapt[k]) / -0.5
                act[k] += (nxx1(lib.where(v_eq[k] < 0.5, v_eq[k] - 0.5, net[k] - held)) - act[k]) / 3.3
                adapt[k] += (0.04 * (v[k] - 0.3) - adapt[k]) / 144 + a.floats(fires) * 0.00805
            for k in range(LAYERS):
                ss[k] += 0.5 * (act[k] - ss[k])
                s[k] += 0.5 * (ss[k] - s[k])
                m[k] += 0.1 * (s[k] - m[k])
                given[k] = a.zeros(n)
            for (pre, post, scale), w in zip(PROJECTIONS, weights):
                active = max(round(float(act[pre].mean()) * n), 1)
                given[post] += scale / active * (w @ act[pre])

        return step, lambda: checked(a.host(act[LAYERS - 1]))

    return build


def learn(library, n):
    def build(device):
        a = Arrays(library, device)
        lib = a.lib
        effective = [a.array(w) for w in start(n)[0]]
        linear = [a.array(w) for w in start(n)[0]]
        s, m, long = ([a.array(x) for x in averages(n, seed)] for seed in (1, 2, 3))

        def step():
            for p, (pre, post, _) in enumerate(PROJECTIONS):
                medium = m[post][:, None] * m[pre][None, :]
                now = 0.9 * (s[post][:, None] * s[pre][None, :]) + 0.1 * medium
                threshold = 0.1 * (long[post][:, None] * m[pre][None, :]) + 0.9 * medium
                d = lib.where(now > 0.1 * threshold, now - threshold, -9 * now)
                d = 0.02 * lib.where(now < 0.0001, lib.zeros_like(d), d)
                linear[p] += d * lib.where(d > 0, 1 - linear[p], linear[p])
                effective[p] = 1 / (1 + ((1 - linear[p]) / linear[p]) ** 6)

        return step, lambda: checked(a.host(effective[0]))

    return build


def checked(values):
    assert np.isfinite(values).all()


PEERS = []
for n in (512, 1024, 2048):
    for library in ("numpy", "torch"):
        PEERS.append(Peer(f"leabra.cycle/layers=5,n={n}", library, cycle(library, n), "seven products"))
        PEERS.append(Peer(f"leabra.learn/layers=5,n={n}", library, learn(library, n), "fifteen walks a matrix"))
