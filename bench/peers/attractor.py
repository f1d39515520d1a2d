"""Inference and learning of an attractor network: x drawn from the continuous Bernoulli, J += rate (x - L(h)) x', h = J x.

The peers walk over J twice a step (outer product, product), engram once. `relax` is the product and L alone, `infer` many
states on one J without learning.
"""
import numpy as np

from libraries import Arrays, compiled
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


def checked(h):
    assert np.isfinite(h).all()


def separate(library, n, networks, learn):
    """Each network with a J of its own."""
    rate = 0.064 / n

    def build(device):
        a = Arrays(library, device)
        j, bias = map(a.array, start(n, networks))
        h, update = a.array(start(n, networks)[1]), a.zeros((networks, n, n) if learn and not a.torch else 0)
        diagonal = a.indices(range(n))
        keep = (1 - a.lib.eye(n, device=device)) if a.torch and learn and networks > 1 else None

        def learn_in_place(y, x):
            if a.torch and networks == 1:  # the rank-1 update of its BLAS
                kept = j[0].diagonal().clone()
                j[0].addr_(y[0], x[0])
                j[0].diagonal().copy_(kept)
            elif a.torch:
                j.add_(y[:, :, None] * x[:, None, :] * keep)
            else:
                a.lib.multiply(y[:, :, None], x[:, None, :], out=update)
                update[:, diagonal, diagonal] = 0
                a.lib.add(j, update, out=j)

        def step():
            x = sample(h, a.uniform((networks, n)), a.lib) if learn else langevin(h, a.lib)
            if learn:
                learn_in_place(rate * (x - langevin(h, a.lib)), x)
            if library == "numpy":  # a product a network: the batched one does not reach BLAS
                for r in range(networks):
                    h[r] = bias[r] + j[r] @ x[r]
            elif networks == 1:
                h[0] = bias[0] + j[0] @ x[0]
            else:
                h[:] = bias + a.lib.matmul(j, x[:, :, None])[:, :, 0]

        return a.step(step), lambda: checked(a.host(h))

    return build


def shared(library, n, states):
    """Stochastic updates of many states on one J."""

    def build(device):
        a = Arrays(library, device)
        j, bias = start(n, 1)
        weights, b = a.array(j[0]), a.array(bias[0])
        h = a.zeros((states, n)) + b

        def step():
            a.lib.matmul(sample(h, a.uniform((states, n)), a.lib), weights.T, out=h)
            a.lib.add(h, b, out=h)

        return a.step(step), lambda: checked(a.host(h))

    return build


def with_jax(n, networks, states, learn, draw):
    """All of the above: `states` on each J of `networks`."""
    rate = 0.064 / n

    def build(_):
        import jax
        from jax import numpy as jnp

        def step(state):
            j, h = state["j"], state["h"]
            key, now = jax.random.split(state["key"])
            x = sample(h, jax.random.uniform(now, h.shape), jnp) if draw else langevin(h, jnp)
            if learn:
                y = rate * (x - langevin(h, jnp))
                j = j + jnp.einsum("rsi,rsj->rij", y, x) * (1 - jnp.eye(n))
            return {"j": j, "bias": state["bias"], "h": state["bias"][:, None] + jnp.einsum("rij,rsj->rsi", j, x), "key": key}

        j, bias = start(n, networks)
        call, state = compiled(step, {"j": j, "bias": bias, "h": np.repeat(bias[:, None], states, 1), "key": jax.random.key(2)})
        return call, lambda: checked(np.asarray(state[0]["h"]))

    return build


PEERS = []


def add(case, make, jax, note):
    PEERS.extend(Peer(case, library, make(library), note) for library in ("numpy", "torch", "cupy"))
    PEERS.append(Peer(case, "jax", jax, note))


for what, sizes in (("learn", (64, 256, 1024, 4096, 16384)), ("relax", (64, 1024, 4096))):
    for n in sizes:
        learn = what == "learn"
        add(f"attractor.{what}/n={n}", lambda library, n=n, learn=learn: separate(library, n, 1, learn),
            with_jax(n, 1, 1, learn, learn), "two walks over J" if learn else "a product")
add("attractor.replicas/n=64,R=380", lambda library: separate(library, 64, 380, True), with_jax(64, 380, 1, True, True), "two walks over J")
for n, states in ((64, 10000), (1024, 256)):
    for sums in ("", ",sums=fast"):  # engram's choice: peers have but one
        add(f"attractor.infer/n={n},states={states}{sums}",
            lambda library, n=n, states=states: shared(library, n, states), with_jax(n, 1, states, False, True),
            "a matrix product")
