"""NEF networks: a memory that learns encoders and decoders, a full matrix under PES, and the published example.

`memory` and `pes` are rewrites in array libraries: in NumPy, encoders and decoders are read and moved in the rows of
neurons that spiked; the others pass over all of them, for a shape that stays is what they compile. Nengo, where it is
installed, runs the same networks as it builds them.
"""
import numpy as np

from libraries import Arrays, compiled
from timing import Peer

DT, TAU_RC, TAU_REF, HELD, ITEMS = 0.001, 0.02, 0.002, 50, 20
DECAY = float(np.exp(-DT / 0.005))


def unit(count, d, generator):
    rows = generator.standard_normal((count, d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def tuned(intercept, n, generator):
    """Gain and bias of neurons that begin to fire at the intercept."""
    x = 1 / (1 - np.exp((TAU_REF - 1 / generator.uniform(200, 400, n)) / TAU_RC))
    gain = (1 - x) / (intercept - 1)
    return gain, 1 - gain * intercept


def start(n, d):
    """Keys, values, encoders, gains and biases, such that a hundredth of the neurons answer a key."""
    generator = np.random.default_rng(1)
    keys, values, encoders = unit(ITEMS, d, generator), unit(ITEMS, d, generator), unit(n, d, generator)
    intercept = np.quantile(encoders @ keys.T, 0.99)
    gain, bias = tuned(intercept, n, generator)
    numbers = [x.astype(np.float32) for x in (keys, values, encoders * gain[:, None], gain, bias, generator.random(n))]
    return intercept, numbers


def spiking(current, voltage, refractory, lib, at_once):
    """Leaky integrate-and-fire neurons: spikes, voltages and refractory times after a step."""
    refractory = refractory - DT
    charged = lib.clip(DT - refractory, 0, DT)
    voltage = voltage - (current - voltage) * lib.expm1(-charged / TAU_RC)
    fires = voltage > 1
    late = DT + TAU_RC * lib.log1p(-(voltage - 1) / lib.where(fires, current - 1, at_once))
    voltage = lib.where(fires, 0 * voltage, lib.where(voltage < 0, 0 * voltage, voltage))
    return fires, voltage, lib.where(fires, TAU_REF + late, refractory)


def settled(step):
    """Neurons fire and matrices hold numbers before a step is timed."""
    for _ in range(60):
        step()
    return step


def memory(library, n, d):
    pes, voja = 0.01 * n / 1000 * DT / n, 0.05

    def build(device):
        a = Arrays(library, device)
        keys, values, e, gain, bias, voltage = (a.array(x) for x in start(n, d)[1])
        decoders, refractory, smooth = a.zeros((n, d)), a.zeros(n), a.zeros(n)
        recalled, error, ones, index, tick = a.zeros(d), a.zeros(d), a.ones(n), [0], a.indices([0])

        def step():
            if library == "numpy":
                item = index[0] // HELD % ITEMS
                index[0] += 1
                x, y = keys[item], values[item]
            else:
                item = tick // HELD % ITEMS
                tick[:] = tick + 1
                x, y = keys[item][0], values[item][0]
            decoders.__isub__((pes * smooth)[:, None] * error)
            fires, voltage[:], refractory[:] = spiking(bias + e @ x, voltage, refractory, a.lib, ones)
            smooth[:] = DECAY * smooth + (1 - DECAY) * a.floats(fires) / DT
            if library == "numpy":
                rows = np.flatnonzero(fires)
                decoded = decoders[rows].sum(0) / np.float32(DT)
                e[rows] += voja * (gain[rows, None] * x - e[rows])
            else:
                spikes = a.floats(fires)
                decoded = spikes @ decoders / DT
                e.__iadd__((voja * spikes)[:, None] * (gain[:, None] * x - e))
            error[:] = recalled - y
            recalled[:] = DECAY * recalled + (1 - DECAY) * decoded

        def check():
            assert np.isfinite(a.host(decoders)).all() and np.abs(a.host(decoders)).sum() > 0

        return settled(a.step(step)), check

    return build


def memory_jax(n, d):
    pes, voja = 0.01 * n / 1000 * DT / n, 0.05

    def build(_):
        from jax import numpy as jnp

        def step(s):
            item = s["tick"] // HELD % ITEMS
            x, y = s["keys"][item], s["values"][item]
            decoders = s["decoders"] - (pes * s["smooth"])[:, None] * s["error"]
            fires, voltage, refractory = spiking(s["bias"] + s["e"] @ x, s["voltage"], s["refractory"], jnp, 1.0)
            spikes = fires.astype(jnp.float32)
            return {**s, "tick": s["tick"] + 1, "decoders": decoders, "voltage": voltage, "refractory": refractory,
                    "smooth": DECAY * s["smooth"] + (1 - DECAY) * spikes / DT, "error": s["recalled"] - y,
                    "e": s["e"] + (voja * spikes)[:, None] * (s["gain"][:, None] * x - s["e"]),
                    "recalled": DECAY * s["recalled"] + (1 - DECAY) * (spikes @ decoders) / DT}

        names = ("keys", "values", "e", "gain", "bias", "voltage")
        zeros = {"decoders": (n, d), "refractory": n, "smooth": n, "error": d, "recalled": d}
        call, state = compiled(step, {**dict(zip(names, start(n, d)[1])), "tick": np.int32(0),
                                      **{name: np.zeros(shape, np.float32) for name, shape in zeros.items()}})

        def check():
            assert np.isfinite(np.asarray(state[0]["decoders"])).all()

        return call, check

    return build


def full(library, n):
    """PES on a matrix from n neurons to n, whose error reaches neurons through their encoders."""

    def build(device):
        a = Arrays(library, device)
        generator = np.random.default_rng(1)
        sides = []
        for _ in range(2):
            gain, bias = tuned(generator.uniform(-1, 0.9, n), n, generator)
            sides.append([a.array(x.astype(np.float32)) for x in (unit(n, 2, generator) * gain[:, None], gain, bias, generator.random(n), np.zeros(n))])
        (e_pre, _, bias_pre, v_pre, r_pre), (e_post, gain_post, bias_post, v_post, r_post) = sides
        w, smooth, delivered, local, ones = a.zeros((n, n)), a.zeros(n), a.zeros(n), a.zeros(n), a.ones(n)
        x = a.array(np.array([0.6, -0.5], np.float32))

        def step():
            w.__isub__((1e-6 * DT / n * local)[:, None] * smooth)
            fires, v_pre[:], r_pre[:] = spiking(bias_pre + e_pre @ x, v_pre, r_pre, a.lib, ones)
            _, v_post[:], r_post[:] = spiking(bias_post + gain_post * delivered, v_post, r_post, a.lib, ones)
            activity = a.floats(fires) / DT
            smooth[:] = DECAY * smooth + (1 - DECAY) * activity
            local[:] = e_post @ x
            delivered[:] = DECAY * delivered + (1 - DECAY) * (w @ activity)

        def check():
            assert np.isfinite(a.host(w)).all() and np.abs(a.host(w)).sum() > 0

        return settled(a.step(step)), check

    return build


def nengo_memory(nengo, n, d):
    intercept, (keys, values, *_) = start(n, d)
    with nengo.Network(seed=1) as net:
        key = nengo.Node(nengo.processes.PresentInput(keys, HELD * DT))
        value = nengo.Node(nengo.processes.PresentInput(values, HELD * DT))
        store = nengo.Ensemble(n, d, intercepts=[intercept] * n, n_eval_points=10)
        recall = nengo.Node(size_in=d)
        nengo.Connection(key, store, synapse=None, learning_rule_type=nengo.Voja(5e-2, post_synapse=None))
        out = nengo.Connection(store, recall, solver=nengo.solvers.NoSolver(np.zeros((n, d))), learning_rule_type=nengo.PES(0.01 * n / 1000))
        nengo.Connection(value, out.learning_rule, synapse=None, transform=-1)
        nengo.Connection(recall, out.learning_rule, synapse=None)
    return net


def nengo_example(nengo, n):
    generator = np.random.default_rng(1)
    keys, values = unit(5, 2, generator), unit(5, 4, generator)
    with nengo.Network(seed=1) as net:
        key, value = (nengo.Node(nengo.processes.PresentInput(x, 0.3)) for x in (keys, values))
        learning, recall = nengo.Node([0]), nengo.Node(size_in=4)
        store = nengo.Ensemble(n, 2, intercepts=[0.7] * n)
        error = nengo.Ensemble(n, 4)
        into = nengo.Connection(key, store, synapse=None, learning_rule_type=nengo.Voja(5e-2, post_synapse=None))
        nengo.Connection(learning, into.learning_rule, synapse=None)
        out = nengo.Connection(store, recall, function=lambda x: np.zeros(4), learning_rule_type=nengo.PES(1e-3))
        nengo.Connection(learning, error.neurons, synapse=None, transform=[[10]] * n)
        nengo.Connection(value, error, synapse=None, transform=-1)
        nengo.Connection(recall, error, synapse=None)
        nengo.Connection(error, out.learning_rule)
    return net


def with_nengo(make, *sizes):
    def build(_):
        import nengo

        nengo.rc["precision"]["bits"] = "32"
        simulator = nengo.Simulator(make(nengo, *sizes), progress_bar=False)
        simulator.run_steps(100, progress_bar=False)

        def check():
            assert simulator.n_steps > 100

        return simulator.step, check

    return build


PEERS = [Peer("nef.example/n=200", "nengo", with_nengo(nengo_example, 200), "its own simulator in NumPy, 32 bits")]
for n, d in ((1000, 64), (10000, 64), (2000, 512), (20000, 256)):
    case = f"nef.memory/n={n},d={d}"
    PEERS.append(Peer(case, "numpy", memory("numpy", n, d), "PES over all decoders, the rest over spiking rows"))
    PEERS += [Peer(case, library, memory(library, n, d), "passes over all encoders and decoders") for library in ("torch", "cupy")]
    PEERS.append(Peer(case, "jax", memory_jax(n, d), "passes over all encoders and decoders"))
    PEERS.append(Peer(case, "nengo", with_nengo(nengo_memory, n, d), "its own simulator in NumPy, 32 bits"))
PEERS += [Peer("nef.pes/n=2000", library, full(library, 2000), "two walks over the matrix, all columns") for library in ("numpy", "torch", "cupy")]
