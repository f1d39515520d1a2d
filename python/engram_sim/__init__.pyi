"""What engram_sim offers, for editors and type checkers. Written by tools/python_stubs.py; a test compares."""

import builtins
import contextlib
import os
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from engram_sim import parameters as parameters


class Error(Exception):
    """Anything a user can cause: what was wanted, what was found, where, and what to do."""
    def __init__(self, text = '', exit_code = None) -> None: ...


class ConfigError(Error, ValueError):
    """All faults of an experiment or of parameters: `problems` holds (JSON pointer, text) of each."""
    def __init__(self, problems, text = None) -> None: ...


class NumericError(Error, FloatingPointError):
    """A value that no model may reach: not a number, or infinite."""


class MemoryError(Error, builtins.MemoryError):
    """More memory than there is, foreseen or met."""


class IoError(Error, OSError):
    """A file that cannot be read or written, or is not what it should be."""


class DeviceError(Error, RuntimeError):
    """The device refused."""


class RunError(Error):
    """A folder that cannot be read as a run; the message says why, and what to do."""


class Run:
    """Reads a run folder, whether the run is complete, going on, interrupted, failed or killed."""
    def __init__(self, folder: str | os.PathLike) -> None: ...
    @property
    def status(self):
        """complete, running, interrupted, failed, or killed: running by its manifest, but its process is gone."""
    def config_of(self, point):
        """The configuration as it ran at a point, with its swept values in their places."""
    def network_number(self, point, replica: int):
        """The position of a network among those that one run holds side by side, as its columns count them."""
    @property
    def curves(self):
        """{(layer, unit, attribute): Curve} of metrics.csv."""
    def curve(self, layer, attribute, unit = '', phase = None):
        """One metric, in all phases or in the one of this label, or None where it was not recorded."""
    def layers(self, attribute):
        """Layers of which this attribute was measured."""
    def place(self, given, number):
        """(point, replica) of a row: its swept values as text, and the number of its network."""
    @property
    def results(self):
        """{name: Result}"""
    @property
    def lists(self):
        """{name: [point] of [network][measurement]} of what was measured more than once under one name."""
    def column(self, name: str, point = 0):
        """A recorded column of a point, mapped into memory, or None."""
    def columns(self, names, point = 0):
        """Columns of one series, cut to the rows that all of them have; None where one is missing."""
    def column_names(self, pattern):
        """Names that column() takes, of those that fit a pattern such as "winners/*/unit"."""
    def state(self, point = 0):
        """{name: array} of all state at the end of a point, mapped into memory and not to be written."""
    def frame(self):
        """All of metrics.csv as a DataFrame of pandas, a row a value: point, replica, seed, layer, unit, attribute, time,
        value, and a column for each swept pointer."""
    def results_frame(self):
        """The results as a DataFrame of pandas, a row a result and point: point, result, mean, sd, networks, and a column
        for each swept pointer."""
    def plot(self, folder: str | os.PathLike = None, format = 'png', dpi = 110, only = None):
        """Draws all pictures that the records allow, as `engram plot` does, and returns their paths.

        folder: where to; default: "plots" within the run. format: "png", "pdf" or "svg". only: names of pictures, such as
        ["weights", "grid*"]."""
    def report(self, path: str | os.PathLike = None):
        """Writes the run as one HTML page, as `engram report` does, and returns its path; default: report.html within
        the run."""
    def resume(self, **how):
        """Goes on with a run that was cut short, to the bits of one that was not; the keywords are those of
        engram_sim.resume(). Returns the run anew."""


class Network:
    """A network, or several replicas of it with weights of their own, one a seed.

    Families keep in `_given` the keywords that make one, as they are now (what a method sets later replaces them), and in
    `_calls` the methods that shaped it afterwards, so that files and forks can do the same again before they restore the
    state."""
    def state(self):
        """All that steps change: copies of arrays by name, and text. Parameters, and what a method set in their place, are
        no part of it; save() and fork() keep them as well."""
    def set_state(self, state: dict):
        """Restores what state() gave; names, types and shapes must fit. ConfigError where one does not, which leaves the
        network as it was."""
    def __getitem__(self, name: str):
        """A copy of one array of the state."""
    def check_finite(self):
        """Raises NumericError naming the first value of the state that is not finite."""
    @property
    def device(self):
        """{"kind", "name", "threads"} of where it runs."""
    @contextlib.contextmanager
    def borrow(self, write: bool = False):
        """`with net.borrow() as arrays:` gives arrays of the network without a copy, by name: numpy.asarray(),
        numpy.from_dlpack(), and __cuda_array_interface__ on a device. Nothing can run while they are out, and
        afterwards they refuse; a view that was kept reads later values, never freed memory."""
    def save(self, path: str | os.PathLike):
        """Writes all of it into a file (safetensors with checksums) that load() makes the same network of."""
    @classmethod
    def load(cls, path: str | os.PathLike, **changes):
        """The network that save() wrote; `changes` as in fork(), such as backend="cuda". Refuses pickles and foreign
        files."""
    def fork(self, **changes):
        """A copy that goes its own way from here; `changes` replace parameters, from its next step on. ConfigError at
        parameters that only shape new networks, such as the number of synapses."""


class Assembly(Network):
    """Networks of areas, one a seed, each with weights of its own.

    stimuli: {name: {"n": units, "k": active ones}}. stages: a list of {area: {"inputs": [...], "n": ..., "k": ...}},
    computed one after the other; see describe("assembly"). Vectors go in as [unit] or [replica][unit], winners come
    out as one list of units a replica."""
    def __init__(self, stimuli, stages, *, seeds: int | Sequence[int] = 1, backend: str = 'auto', threads: int = 0, precision: Literal["float", "double"] | None = None) -> None: ...
    @property
    def replicas(self):
        """How many networks stand side by side."""
    @property
    def areas(self):
        """In order of computation."""
    def step(self, inputs, learn: bool = True, latent = None, steps: int = 1):
        """Presents {stimulus: vector} and takes steps; stimuli that are not named are absent. Values of a vector are strengths,
        any finite numbers, that weights are multiplied by; 0 is a unit that does not fire. `latent`: {area: units of
        each replica} that recurrence sees, {} for none; by default the winners of the last step."""
    def winners(self, area: str):
        """Of each replica after the last step; None where the area was inactive."""
    def drive(self, area: str):
        """What each unit received in the last step, [replica][unit]."""
    def complete_pattern(self, area: str, latent, rounds: int = 1, apply_alpha = False):
        """Winners of the recurrent weights alone, from units of each replica."""
    def normalize(self):
        """Divides each unit's incoming weights by their sum, matrix by matrix."""
    def matrix_names(self):
        """Such as 0.A.weight_input0, 1.weight_recurrent."""
    def matrix(self, name: str):
        """Weights [replica][post][pre]: a copy."""
    def set_matrix(self, name: str, weights):
        """[post][pre] for all replicas, or [replica][post][pre]."""
    def memory_used(self):
        """{matrix: share of its weights that are not 0, of each replica}"""
    def samples(self, vectors):
        """{stimulus: vector} as lists of units of each replica: those that fire, where the vector is 1 and not 0."""
    def simulate(self, samples, epoch_size = 10, similarity_divisor = 0, recall = True, weights = False, learn: bool = True):
        """For each sample ({stimulus: vector}, 1 where a unit fires and 0 elsewhere): so many training steps that feed back
        the winners, then normalisation; learn=False: the same of a network that stays as it is. `recall` and `weights` say
        whether these are measured.
        Returns what was measured as columns: time, replica, layer, attribute, value."""
    def recall(self, samples):
        """What the areas answer to each sample without latent and learning: [sample][area][replica] of units."""
    def benchmark(self, samples, similarity_divisor = 0):
        """Overlap of what the last area recalls from one stimulus alone and from another; and from one alone and from
        all together; of each replica."""
    def dot(self):
        """The areas and what feeds them, as a graph in the DOT language."""


class Attractor(Network):
    """Networks of `units` units side by side, one a seed, each with `states` states on its weights.

    parameters: an AttractorParameters or a dict, or keywords such as learning_rate=0.001, update="sequential"; see
    describe("attractor"). inverse_temperature: one, or one a state. Values go in and out as [network][unit]. What an
    experiment calls weights and base_bias is set as net.weights and net.bias."""
    def __init__(self, parameters = None, *, units: int, states = 1, inverse_temperature = 1, seeds: int | Sequence[int] = 1, backend: str = 'auto', threads: int = 0, precision: Literal["float", "double"] | None = None, learning_rate: float = 0.001, update: str = 'synchronous', deterministic: bool = False, learn_self_weights: bool = False, predict_with_bias: bool = False, prediction_uses_inverse_temperature: bool = False, unit_inverse_temperature: list = (), precision_weighted: bool = False, sums: str = 'exact', clipped: bool = False) -> None: ...
    @property
    def tick(self):
        """Steps so far."""
    def run(self, steps: int = 1):
        """Updates of all units; with a learning rate the weights learn."""
    def record(self, steps: int):
        """Likewise; the states after each step, [step][state][unit]."""
    def watch(self, steps: int):
        """Likewise, with "states", "weight_change", "complexity", "accuracy" and "vfe" of each step."""
    def train(self, patterns, epochs: int, steps: int = 10, order = 'random', seed: int = 0):
        """Shows a pattern an epoch, for so many steps: in turn ("cyclic"), or drawn by NumPy from `seed`. Returns
        which were shown. While it is shown a pattern is the bias, which is 0 afterwards, as in the published code: set a bias
        of your own anew."""
    def relax(self, cues, bias = None, inverse_temperature = 1, deterministic = True, max_steps = 1000, tolerance = 1e-06, seed: int = 0):
        """Where copies of these states come to rest: "states", "steps" and "status" of each cue. The network stays as
        it is."""
    def free_energy(self):
        """{"complexity", "accuracy", "vfe"} of each state, at the present weights and bias."""
    @property
    def weights(self):
        """[network][i][j], from j to i: a copy. May be set, as one matrix for all or one each."""
    @weights.setter
    def weights(self, values): ...
    @property
    def activations(self):
        """[state][unit], within [-1, 1]: a copy. May be set."""
    @activations.setter
    def activations(self, values): ...
    @property
    def bias(self):
        """[state][unit]: a copy. May be set; train() leaves 0."""
    @bias.setter
    def bias(self, values): ...
    def set_inverse_temperature(self, values):
        """One, one a state, or one a unit of each."""
    def set_learning_rate(self, rate):
        """Of the weights from now on, 0 or more."""
    def set_deterministic(self, deterministic):
        """Whether units take their means in place of samples."""
    def asymmetry(self):
        """|J - J'| / |J| of each network, from 0 (symmetric) to 2."""


class Brain(Network):
    """Brains side by side, one a seed, each with a graph of its own; what is called does the same to all of them, and what
    tells of one takes its number as `replica`.

    parameters: a BrainParameters or a dict, or keywords such as p=0.01, save_winners=True; see describe("calculus").
    connectome: "procedural" (nothing stored but what was learned), "explicit", "lazy"."""
    def __init__(self, parameters = None, *, connectome = 'procedural', seeds: int | Sequence[int] = 1, backend: str = 'auto', threads: int = 0, precision: Literal["float", "double"] | None = None, p: float = 0.05, w_max: float = 0.0, exact_bits: int = 32, save_winners: bool = False, fix_new_block: bool = True) -> None: ...
    @property
    def replicas(self):
        """How many brains stand side by side."""
    def add_stimulus(self, name: str, size: int):
        """`size` neurons that always fire together."""
    def add_area(self, name: str, parameters = None, *, n: int = 1000, k: int = 50, beta: float = 0.05, explicit: bool = False, p_inner: float = None, p_in: float = None, p_out: float = None, winners: str = 'top_k', threshold: float = 0.0, min_winners: int = 0, refractory_period: int = 0, inhibition_strength: float = 0.0, refracted_strength: float = 0.0):
        """An area; a BrainAreaParameters, or keywords such as n=10000, k=100, beta=0.05."""
    def set_density(self, source, target, p):
        """Of one fibre, before it is first used."""
    def set_beta(self, source, target, beta):
        """Learning rate of one fibre from now on."""
    def project(self, stimuli = None, areas = None, rounds: int = 1):
        """Synchronous rounds: {source: target or targets} of stimuli and of areas fire together."""
    def winners(self, area: str, replica: int = 0):
        """Who fires, best first."""
    def set_winners(self, area: str, neurons: Iterable[int], replica: int = None):
        """Who is taken to have fired in the last round, in one brain or in all: neurons, each once."""
    def connection(self, source, pre, target, post, replica: int = 0):
        """(number, summed weight) of the synapses among two lists of neurons."""
    def inhibit(self, area: str, other = '', reason = 0):
        """Closes an area, or the fibres between two, for one reason of several."""
    def disinhibit(self, area: str, other = '', reason = 0):
        """Takes one reason away; without any, they are open."""
    def set_weights(self, source, target, weights):
        """Of a fibre of an explicit connectome, [pre][post] for all brains, or [replica][pre][post]. They act as they are
        given, also where normalise() was called before."""
    def normalise(self, area: str, total = 0.0):
        """Divides the weights onto each neuron of an area by their sum and multiplies them by `total`, for each fibre
        that has been used so far; 0 stands for the synapses that a neuron of the fibre has on average, n p."""
    def activate(self, area: str, index):
        """Fires neurons index * k .. index * k + k - 1 of an area, and fixes it."""
    def fix(self, area: str):
        """Keeps the winners of an area as they are."""
    def unfix(self, area: str):
        """Lets them change again."""
    def fixed(self, area: str):
        """Whether an area keeps its winners."""
    def clear_refraction(self, area: str):
        """Forgets who of an area fired lately."""
    def set_inhibition(self, area: str, strength):
        """What is subtracted from the input of the last winners of an area, 0 or more."""
    def clear_beta(self, source, target):
        """Gives a fibre the learning rate of its target area again."""
    def exclude(self, areas):
        """Of these areas the one whose winners receive most fires, the others fall silent."""
    def include(self, areas):
        """Such a group no longer is one."""
    def saved_support(self, area: str, replica: int = 0):
        """Neurons that had won, after each round of an area (save_winners)."""
    def saved_winners(self, area: str, replica: int = 0):
        """Winners of each round of an area (save_winners)."""
    def size(self, area: str):
        """Neurons of an area."""
    def k(self, area: str):
        """Winners of an area."""
    def support(self, area: str, replica: int = 0):
        """Neurons of an area that ever won."""
    def newcomers(self, area: str, replica: int = 0):
        """Neurons that won their first round in the last one."""
    def total_input(self, area: str, replica: int = 0):
        """Of the winners of the last round."""
    def without_input(self, area: str, replica: int = 0):
        """Winners of the last round whose input was not above 0."""
    def areas(self):
        """Names of the areas."""
    def stimuli(self):
        """Names of the stimuli."""
    def weights(self, source, target, replica: int = 0):
        """Of a fibre of an explicit connectome, [pre][post], as they act: a copy."""
    def stimulus_weights(self, stimulus, target, replica: int = 0):
        """Summed weights of a stimulus onto each neuron of an area."""
    def bytes(self):
        """Memory of fibres and areas of all brains."""
    @property
    def plasticity(self):
        """Whether synapses learn. May be set."""
    @plasticity.setter
    def plasticity(self, on): ...


class Leabra(Network):
    """A network, or replicas of it, one a seed. mode: "compatible" computes as Leabra7 does, "standard" with its faults
    mended. Values come out as [replica][unit], weights as [replica][receiver][sender]."""
    def __init__(self, *, mode = 'compatible', seeds: int | Sequence[int] = 1, backend: str = 'auto', threads: int = 0, precision: Literal["float", "double"] | None = None) -> None: ...
    def new_layer(self, name: str, size: int, spec = None, *, inhibition_type: str = 'fffb', kwta_pct: float = 0.1, kwta_pt: float = 0.5, ff: float = 1.0, ff0: float = 0.1, fb: float = 1.0, fb_dt: float = 0.7142857142857143, gi: float = 1.8, fffb_combine: str = 'product', pools: int = 1, pool_inhibition: dict = None, avg_dt: float = 0.01, clamp_max: float = 0.95, clamp_type: str = 'hard', clamp_gain: float = 0.2, scale_by_act: str = 'current', act_p_avg_init: float = 0.15, act_p_avg_dt: float = 0.01, bias: bool = False, bias_init: float = 0.0, bias_lrate: float = 0.02, bias_threshold: float = 0.1, unit_spec: dict = None, log_on_cycle: list = (), log_on_trial: list = (), log_on_epoch: list = (), log_on_batch: list = ()):
        """spec: a LeabraLayerParameters or a dict, or keywords such as gi=1.5, unit_spec={"vm_dt": 0.3}."""
    def new_projection(self, name: str, pre, post, spec = None, *, dist: str = 'scalar', value: float = 0.5, projn_type: str = 'full', pre_mask: list = (True,), post_mask: list = (True,), sparsity: float = 1.0, storage: str = 'auto', wt_scale_abs: float = 1.0, wt_scale_rel: float = 1.0, sem_extra: float = 2.0, lrate: float = 0.02, lrate_schedule: str = 'fixed', lrate_every: int = 100, lrate_factor: float = 0.5, lrate_floor: float = 0.0, lrate_patience: int = 100, lrate_cooldown: int = 0, thr_l_mix: float = 0.1, cos_diff_thr_l_mix: bool = False, cos_diff_lrate: bool = False, cos_diff_lrate_acts: bool = False, sig_gain: float = 6.0, sig_offset: float = 1.0, s_mix: float = 0.9, s_mix_of: str = 'products', d_rev: float = 0.1, d_thr: float = 0.0001, initial_contrast: bool = False, bounded_contrast: bool = False, learning: str = 'xcal', plus_phase: str = 'plus', minus_phase: str = 'minus', hebbian: float = 0.0, momentum: float = 0.9, momentum_rate: float = 0.1, normalize_changes: bool = True, norm_keep: float = 0.999, norm_rate: float = 0.15, norm_min: float = 0.001, balance_weights: bool = False, balance_every: int = 10, balance: dict = None, log_on_cycle: list = (), log_on_trial: list = (), log_on_epoch: list = (), log_on_batch: list = (), low: float = 0.0, high: float = 1.0, mean: float = 0.5, var: float = 0.01, rate: float = 2.0):
        """spec: a LeabraProjectionParameters or a dict, or keywords such as lrate=0.02, dist="uniform", low=0.25."""
    def change(self, name: str, **keywords):
        """Parameters of a layer or projection from now on; what was drawn or built from them before stays."""
    def spec(self, name: str):
        """All parameters of a layer or projection."""
    @property
    def layers(self):
        """Names, in the order in which they were made."""
    @property
    def projections(self):
        """Names, in the order in which they were made."""
    @property
    def replicas(self):
        """How many networks stand side by side."""
    def clamp(self, layer, acts, each = False):
        """Holds a layer at these activations, one row for all replicas that is repeated or cut to its size, or a picture of as
        many points as it has units; each=True: [replica][unit]."""
    def unclamp(self, layer):
        """Lets its activations change again."""
    def cycle(self, cycles: int = 1):
        """Steps of all units."""
    def minus_phase(self, cycles: int = 50):
        """The guess: cycles, then the activations are kept for learning."""
    def plus_phase(self, cycles: int = 25):
        """The answer, likewise."""
    def learn(self):
        """All projections, from the two phases that were last."""
    def end_epoch(self, loss = None):
        """Ends an epoch: logs of epochs get a row, and schedules of learning rates go on. Projections whose schedule waits for a
        plateau need the `loss` of the epoch, 0 or more, as one number or one a replica; without it their rates stay."""
    def values(self, layer, attribute = 'unit_act'):
        """[replica][unit] of a unit attribute, [replica][1] of a layer's."""
    def weights(self, projection, linear = False):
        """Effective weights, or the linear ones that learn; 0 where there is no connection."""
    def set_weights(self, projection, weights):
        """[receiver][sender] for all replicas, or [replica][receiver][sender]."""
    def observe(self, name: str, attribute):
        """Columns by name: one row for a whole attribute, a row a unit or connection for others."""
    def logs(self, freq, name: str):
        """(whole, parts) of "cycle", "trial", "epoch" or "batch", as columns by name."""


class Nef(Network):
    """network: a dict of "nodes", "ensembles", "connections" and "probes" by name; see describe("nef"). One replica a
    seed. Spikes equal Nengo's where the network was built by it (engram_sim.compat.nengo) and the engine is double. What
    probes recorded is no part of the state: forks, pickles, files and a state that is set begin with none."""
    def __init__(self, network, *, seeds: int | Sequence[int] = 1, backend: str = 'auto', threads: int = 0, precision: Literal["float", "double"] | None = None) -> None: ...
    @property
    def steps(self):
        """Taken so far."""
    @property
    def dt(self):
        """Seconds of a step."""
    @property
    def time(self):
        """Seconds so far."""
    @property
    def probes(self):
        """Their names."""
    def run(self, seconds):
        """For so many seconds of the network, rounded to steps."""
    def run_steps(self, steps: int):
        """Steps of dt seconds each."""
    def data(self, probe):
        """What a probe recorded, [replica][sample][...]."""
    def clear_probes(self):
        """Forgets what was recorded; the network stays as it is."""
    def values(self, array, replica: int = 0):
        """An array by name, such as "memory.voltage", "conn_out.weights"."""
    def arrays(self):
        """Names that values() takes."""
    def reset(self):
        """Starts again from step 0 with the same numbers."""
    def set_state(self, state: dict):
        """Restores what state() gave, with nothing recorded; ConfigError where it does not fit, which leaves the network and
        what its probes recorded as they were."""


class Sorn(Network):
    """SORN networks of equal size side by side, one a seed.

    parameters: a SornParameters or a dict, or keywords such as ne=400, preset="zheng2013", eta_ip=0.02; see
    describe("sorn"). states: matrices() of other networks to go on from, one a seed."""
    def __init__(self, parameters = None, *, seeds: int | Sequence[int] = 1, states = (), tick = 0, backend: str = 'auto', threads: int = 0, precision: Literal["float", "double"] | None = None, preset: Any = 'package', ne: int = 200, nu: int = 10, lambda_ee: float = 20.0, lambda_ei: float = 40.0, lambda_ie: float = 100.0, network_type_ee: str = 'Sparse', network_type_ei: str = 'Sparse', network_type_ie: str = 'Dense', eta_stdp: float = 0.004, eta_inhib: float = 0.001, eta_ip: float = 0.01, mu_ip: float = 0.1, sigma_ip: float = 0.0, te_min: float = 0.0, te_max: float = 1.0, ti_min: float = 0.0, ti_max: float = 0.5, h_ip: float = None, h_ip_distribution: str = 'fixed', noise: bool = True, noise_sigma_e: float = 0.04, noise_sigma_i: float = 0.04, noise_spikes_e: float = 0.0, noise_spikes_i: float = 0.0, k_winners: int = 0, initial_thresholds: str = 'random', input_weights: str = 'direct', lambda_eu: float = 10.0, eta_input: float = 0.001, feed_forward_inhibition: float = 0.0, w_max: float = 1.0, wei_floor: float = 0.0, prune_at: float = 0.0, sp_rate: float = 0.1, sp_init: float = 0.001, inclusive_threshold: bool = False, fast_inhibition: bool = False, clamp_te: bool = True, repair: str = 'auto', phase: str = 'plasticity', freeze: list = ()) -> None: ...
    @property
    def tick(self):
        """Steps so far."""
    @property
    def units(self):
        """(excitatory, inhibitory)"""
    @property
    def replicas(self):
        """How many networks stand side by side."""
    def run(self, steps: int = 1, input = None, record: str | Iterable[str] = ()):
        """Steps, with input [step][nu] or [step][replica][nu]. `record` names what comes back, [step][replica][unit]:
        "x" and "y" (activity), "recurrent" (what would fire without input), "counts" (synapses, as "ee" and "ei")."""
    def set_rules(self, freeze: str | Iterable[str] = (), phase = 'plasticity', noise = True):
        """Which rules act from now on: `freeze` some of stdp, ip, sp, istdp, ss; phase "training" freezes all."""
    def matrices(self, replica: int = 0):
        """One network as matrices [pre][post] and vectors: wee, wei, wie, te, ti, x, x_before, y, y_before."""
    def set_matrices(self, states, tick = None):
        """Networks from what matrices() gave, one a replica."""


def run(experiment, out = None, *, set = None, seeds: int | Sequence[int] = None, backend: str = None, threads: int = None, progress = 'auto', force = False, precision: Literal["float", "double"] | None = None):
    """Runs an experiment (a dict, a path or JSON text) into a folder and returns its Run.

    out: the folder; default: the experiment's "output", else out/NAME.
    set: {JSON pointer: value} in place of what the experiment says, such as {"/model/ne": 400}.
    seeds, backend, threads: the same for "/replicas/seeds", "/backend" and "/threads".
    progress: "auto", "tqdm", "text", None, or a function that is called with a Progress at most every 50 ms, and where
        a point is complete.
    force: replace a run that the folder holds.

    Raises ConfigError with all problems, or another Error. After Ctrl-C the run has a checkpoint, and the
    KeyboardInterrupt has it as `.run`: `stop.run.resume()` goes on to the same bits."""


def resume(folder: str | os.PathLike, *, set = None, backend: str = None, threads: int = None, anew = False, progress = 'auto', precision: Literal["float", "double"] | None = None):
    """Continues a run that was cut short, or makes a complete one longer ({"/protocol/0/steps": 2000} in `set`)."""


def validate(experiment, *, set = None, precision: Literal["float", "double"] | None = None):
    """Checks an experiment without running it: raises ConfigError with all problems; returns what a run would be,
    {"family", "seeds", "points", "bytes", "free"}: bytes of memory that it takes and that are free here, and a "remedy" where
    they are not enough. Raises MemoryError for what no memory holds."""


def describe(name: str = None):
    """What can be set of a family ("assembly", "attractor", "calculus", "leabra", "nef", "sorn"), or which there are."""


def use(precision: Literal["float", "double"] | None):
    """Chooses "float" or "double" for everything that is made from now on and does not say its own; None: no choice."""


class Progress:
    """How far the current point of a run is, in ticks; `began` is where this call took it up."""
    point: int
    began: int
    done: int
    total: int
    seconds: float

