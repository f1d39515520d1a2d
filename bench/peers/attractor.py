"""Inference and learning of an attractor network: x drawn from the continuous Bernoulli, J += rate (x - L(h)) x', h = J x.

numpy and torch walk over J twice a step (outer product, product), engram once. `relax` is the product and L alone.
"""
import numpy as np

from timing import Peer


def langevin(h, lib):
    small = lib.abs(h) < 0.3
    safe = lib.where(small, lib.ones_like(h), h)
    return lib.where(small, h / 3 - h * h * h / 45, 1 / lib.tanh(safe) - 1 / safe)


def sample(h, u, lib):
    """Inverse of the distribution function of the continuous Bernoulli on [-1, 1] with log-odds h at u."""
    small = lib.abs(h) < 1e-3
    b = lib.where(small, lib.ones_like(h), lib.abs(h))
    x = 1 + lib.log(u + (1 - u) * lib.exp(-2 * b)) / b
    return lib.where(small, 2 * u - 1, lib.where(h > 0, x, -x))


def start(n, networks):
    generator = np.random.default_rng(1)
    j = (generator.standard_normal((networks, n, n)) * 0.1 / n).astype(np.float32)
    j[:, np.arange(n), np.arange(n)] = 0
    bias = generator.choice(np.array([-5, 5], np.float32), (networks, n))
    return j, bias


def with_numpy(n, networks, learn):
    rate = np.float32(0.064 / n)

    def build(_):
        generator = np.random.default_rng(2)
        j, bias = start(n, networks)
        h = bias.copy()
        diagonal = np.arange(n)
        update = np.empty_like(j)

        def step():
            if learn:
                x = sample(h, generator.random((networks, n), dtype=np.float32), np)
                y = rate * (x - langevin(h, np))
                np.multiply(y[:, :, None], x[:, None, :], out=update)
                update[:, diagonal, diagonal] = 0
                np.add(j, update, out=j)
            else:
                x = langevin(h, np)
            for r in range(networks):  # a product a network: the batched one does not reach BLAS
                h[r] = bias[r] + j[r] @ x[r]

        def check():
            assert np.isfinite(h).all()

        return step, check

    return build


def with_torch(n, networks, learn):
    rate = 0.064 / n

    def build(device):
        import torch

        from timing import captured

        j, bias = (torch.from_numpy(a).to(device) for a in start(n, networks))
        h = bias.clone()
        keep = (1 - torch.eye(n, device=device)) if networks > 1 else None

        def step():
            x = sample(h, torch.rand_like(h), torch) if learn else langevin(h, torch)
            if networks == 1:
                if learn:
                    kept = j[0].diagonal().clone()
                    j[0].addr_(rate * (x[0] - langevin(h, torch)[0]), x[0])
                    j[0].diagonal().copy_(kept)
                h[0] = torch.addmv(bias[0], j[0], x[0])
            else:
                j.add_(rate * (x - langevin(h, torch))[:, :, None] * x[:, None, :] * keep)
                h.copy_(torch.baddbmm(bias[:, :, None], j, x[:, :, None])[:, :, 0])

        def check():
            assert bool(torch.isfinite(h).all())

        return (captured(step) if device == "cuda" else step), check

    return build


def shared(n, states, library):
    """Stochastic updates of many states on one J, without learning."""

    def build(device):
        j, bias = start(n, 1)
        generator = np.random.default_rng(2)
        if library == "torch":
            import torch

            weights, b = (torch.from_numpy(a[0]).to(device) for a in (j, bias))
            h = b.expand(states, n).clone()
        else:
            weights, b = j[0], bias[0]
            h = np.repeat(bias, states, axis=0)

        def step():
            if library == "torch":
                h.copy_(torch.addmm(b, sample(h, torch.rand_like(h), torch), weights.T))
            else:
                np.matmul(sample(h, generator.random((states, n), dtype=np.float32), np), weights.T, out=h)
                np.add(h, b, out=h)

        def check():
            assert bool(np.isfinite(np.asarray(h.cpu() if library == "torch" else h)).all())

        if library == "torch" and device == "cuda":
            from timing import captured

            return captured(step), check
        return step, check

    return build


PEERS = []
for what, sizes in (("learn", (64, 256, 1024, 4096, 16384)), ("relax", (64, 1024, 4096))):
    for n in sizes:
        for library, make in (("numpy", with_numpy), ("torch", with_torch)):
            PEERS.append(Peer(f"attractor.{what}/n={n}", library, make(n, 1, what == "learn"), "two walks over J"))
for library, make in (("numpy", with_numpy), ("torch", with_torch)):
    PEERS.append(Peer("attractor.replicas/n=64,R=380", library, make(64, 380, True), "two walks over J"))
    for n, states in ((64, 10000), (1024, 256)):
        PEERS.append(Peer(f"attractor.infer/n={n},states={states}", library, shared(n, states, library), "a matrix product"))
