"""Operators of a built model as operations of the engine. Each function adds one, or raises NotNative."""

import nengo
import numpy as np
from nengo.builder import learning_rules, neurons, operator, probe, processes, transforms

from engram_sim import native
from engram_sim.compat.nengo.places import NotNative, whole

# Neuron types by what the engine calls them, with the attributes that are parameters, and states in their order.
_LIF = {"tau_rc": "tau_rc", "tau_ref": "tau_ref", "amplitude": "amplitude"}
_ADAPTIVE = {"tau_n": "tau_n", "inc_n": "inc_n"}
NEURONS = {
    nengo.LIF: ("lif", {**_LIF, "min_voltage": "min_voltage"}, ("voltage", "refractory_time")),
    nengo.LIFRate: ("lif_rate", _LIF, ()),
    nengo.AdaptiveLIF: (
        "adaptive_lif", {**_LIF, "min_voltage": "min_voltage", **_ADAPTIVE}, ("voltage", "refractory_time", "adaptation"),
    ),
    nengo.AdaptiveLIFRate: ("adaptive_lif_rate", {**_LIF, **_ADAPTIVE}, ("adaptation",)),
    nengo.RectifiedLinear: ("relu", {"amplitude": "amplitude"}, ()),
    nengo.SpikingRectifiedLinear: ("spiking_relu", {"amplitude": "amplitude"}, ("voltage",)),
    nengo.Sigmoid: ("sigmoid", {"tau_ref": "tau_ref"}, ()),
    nengo.Tanh: ("tanh", {"tau_ref": "tau_ref"}, ()),
    nengo.Izhikevich: (
        "izhikevich", {name: name for name in ("tau_recovery", "coupling", "reset_voltage", "reset_recovery")},
        ("voltage", "recovery"),
    ),
    nengo.RegularSpiking: ("regular_spiking", {"spike_amplitude": "amplitude"}, ("voltage",)),
}  # fmt: skip


def time_update(model, op):
    model.net.clock(model.number(op.step), model.number(op.time))


def reset(model, op):
    if np.ndim(op.value):
        raise NotNative
    model.net.fill(model.name(op), model.place(op.dst), float(op.value))


def _chosen(signal, which):
    """(signal, None), or the indices of a list."""
    if which is None or which is Ellipsis:
        return signal, None
    if isinstance(which, slice):
        return signal[which], None
    indices = np.arange(signal.shape[0])[np.asarray(which)]
    if signal.ndim != 1:
        raise NotNative
    return signal, indices


def copy(model, op):
    source, from_list = _chosen(op.src, op.src_slice)
    target, to_list = _chosen(op.dst, op.dst_slice)
    mode = "inc" if op.inc else "set"
    if from_list is None and to_list is None:
        if source.shape != target.shape:
            raise NotNative
        return model.net.copy(model.name(op), model.place(target), model.place(source), mode)
    from_list = np.arange(source.size) if from_list is None else from_list
    to_list = np.arange(target.size) if to_list is None else to_list
    if len(from_list) != len(to_list) or (not op.inc and len(set(to_list.tolist())) < len(to_list)):
        raise NotNative
    model.net.gather(
        model.name(op), model.place(target), None, model.place(source), to_list.tolist(), list(range(len(to_list) + 1)),
        from_list.tolist(), [], mode,
    )  # fmt: skip


def dot_inc(model, op):
    if op.A.ndim != 2 or op.X.ndim != 1 or op.Y.ndim != 1:
        raise NotNative
    model.net.product(model.name(op), model.place(op.Y), model.place(op.A), model.place(op.X))


def _add_products(model, op, weight, rows, cols, at):
    """Y[rows[k]] += weight[at[k]] X[cols[k]] for every k."""
    order = np.lexsort((cols, rows))
    rows, cols, at = (np.asarray(each)[order] for each in (rows, cols, at))
    target, start = np.unique(rows, return_index=True)
    model.net.gather(
        model.name(op), model.place(op.Y), weight, model.place(op.X), target.tolist(), [*start.tolist(), len(rows)],
        cols.tolist(), at.tolist(), "inc",
    )  # fmt: skip


def sparse_dot_inc(model, op):
    matrix = op.A.initial_value
    if hasattr(matrix, "tocoo"):  # of scipy
        matrix = matrix.tocoo()
        rows, cols = matrix.row, matrix.col
    else:
        rows, cols = np.transpose(matrix.indices)
    values = np.broadcast_to(matrix.data, len(rows))
    if len(values):
        _add_products(model, op, model.own(values), rows, cols, np.arange(len(values)))


def conv_inc(model, op):
    """A convolution is linear in input and kernel, and an element of the kernel takes at most one input to an output.
    Which one it is, nengo says, asked for each element of the kernel with inputs that are numbered."""
    if op.W.is_view:
        raise NotNative
    arrays = {op.W: np.zeros(op.W.shape), op.X: np.arange(1.0, op.X.size + 1), op.Y: np.zeros(op.Y.shape)}
    step = op.make_step(arrays, model.dt, None)
    rows, cols, at = [], [], []
    for element in range(op.W.size):
        arrays[op.W].flat[element] = 1
        arrays[op.Y][...] = 0
        step()
        arrays[op.W].flat[element] = 0
        (reached,) = np.nonzero(arrays[op.Y])
        rows.append(reached)
        cols.append(np.rint(arrays[op.Y][reached]).astype(int) - 1)
        at.append(np.full(len(reached), element))
    kernel = whole(op.W.base, model.number(op.W))
    _add_products(model, op, kernel, *(np.concatenate(each) for each in (rows, cols, at)))


def elementwise_inc(model, op):
    if max(op.A.ndim, op.X.ndim) != op.Y.ndim or op.Y.ndim > 1:
        raise NotNative
    for factor in (op.A, op.X):
        if factor.size not in (1, op.Y.size):
            raise NotNative
    model.net.scale(model.name(op), model.place(op.Y), model.place(op.A), model.place(op.X))


def sim_neurons(model, op):
    if type(op.neurons) not in NEURONS or op.state_extra:
        raise NotNative
    kind, parameters, states = NEURONS[type(op.neurons)]
    if set(op.state) != set(states):
        raise NotNative
    # JSON has no infinity, which min_voltage may be; no voltage falls below this.
    fields = {ours: max(float(getattr(op.neurons, theirs)), -1e30) for ours, theirs in parameters.items()}
    model.net.neurons(
        model.name(op), native.text({"type": kind, **fields}), model.place(op.J), model.place(op.output),
        [model.place(op.state[s]) for s in states],
    )  # fmt: skip


def _filter(process):
    if type(process) is nengo.Lowpass:
        return {"type": "lowpass", "tau": float(process.tau)}
    if type(process) is nengo.Alpha:
        return {"type": "alpha", "tau": float(process.tau)}
    if type(process) is nengo.Triangle:
        return {"type": "triangle", "t": float(process.t)}
    if type(process) is nengo.LinearFilter and process.method == "zoh":
        num, den = (np.asarray(c, float).tolist() for c in (process.num, process.den))
        return {"type": "linear", "num": num, "den": den, "analog": bool(process.analog)}
    raise NotNative


def sim_py_func(model, op):
    if op.t is None or op.x is not None or op.output is None:
        raise NotNative
    model.ahead(op, model.place(op.output))


def _source(model, op):
    """A process without input."""
    if op.mode == "set":
        return model.ahead(op, model.place(op.output))
    if op.mode != "inc" or op.output.ndim != 1:
        raise NotNative
    own = model.own(np.zeros(op.output.size))
    model.ahead(op, own)
    model.net.copy(model.name(op), model.place(op.output), own, "inc")


def sim_process(model, op):
    if op.input is None:
        return _source(model, op)
    if op.mode == "inc" or op.input.ndim != 1:
        raise NotNative
    if any(np.any(signal.initial_value) for signal in op.state.values()):
        raise NotNative
    fields = native.text(_filter(op.process))
    model.net.filter(model.name(op), model.place(op.output), model.place(op.input), fields, op.mode)


def _change(model, op, matrix, rule, u, v, other=None, gate=None, scale=None, rate=0.0, beta=0.0):
    places = [None if s is None else model.place(s) for s in (other, gate, scale)]
    model.net.change(
        model.name(op), model.place(op.delta), model.place(matrix), rule, model.place(u), model.place(v), *places,
        float(rate), float(beta),
    )  # fmt: skip


def sim_pes(model, op):
    rate = -op.learning_rate * model.dt / op.pre_filtered.shape[0]
    _change(model, op, op.delta, "outer", op.error, op.pre_filtered, rate=rate)


def sim_voja(model, op):
    scale = model.own(op.scale)
    _change(model, op, op.scaled_encoders, "voja", op.post_filtered, op.pre_decoded, scale, op.learning_signal,
            rate=op.learning_rate * model.dt)  # fmt: skip


def sim_bcm(model, op):
    _change(model, op, op.delta, "bcm", op.post_filtered, op.pre_filtered, op.theta, rate=op.learning_rate * model.dt)


def sim_oja(model, op):
    _change(model, op, op.weights, "oja", op.post_filtered, op.pre_filtered, rate=op.learning_rate * model.dt,
            beta=op.beta)  # fmt: skip


def sim_rls(model, op):
    if op.inv_gamma.is_view or op.delta.is_view:
        raise NotNative
    places = [model.place(s) for s in (op.delta, op.inv_gamma, op.pre_filtered, op.error)]
    model.net.rls(model.name(op), *places)


def sim_probe(model, op):
    """Marks a signal as read; what is recorded is said with the probes."""


TABLE = {
    operator.TimeUpdate: time_update, operator.Reset: reset, operator.Copy: copy, operator.DotInc: dot_inc,
    operator.ElementwiseInc: elementwise_inc, neurons.SimNeurons: sim_neurons, processes.SimProcess: sim_process,
    probe.SimProbe: sim_probe, learning_rules.SimPES: sim_pes, learning_rules.SimVoja: sim_voja,
    learning_rules.SimBCM: sim_bcm, learning_rules.SimOja: sim_oja, learning_rules.SimRLS: sim_rls,
    operator.SimPyFunc: sim_py_func, operator.SparseDotInc: sparse_dot_inc, transforms.ConvInc: conv_inc,
    transforms.ConvTransposeInc: conv_inc,
}  # fmt: skip
