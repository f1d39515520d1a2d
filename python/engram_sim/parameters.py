"""Parameters of the families, with their defaults. Values that differ from these are what a network is given; the
engine checks them, and its ranges stand in the docstrings.

Written by tools/python_parameters.py from `engram describe --schema`; a test compares.
"""

import dataclasses
import typing

__all__ = [
    "SornParameters",
    "AttractorParameters",
    "AreaParameters",
    "StimulusParameters",
    "BrainParameters",
    "BrainAreaParameters",
    "LeabraLayerParameters",
    "LeabraUnitParameters",
    "LeabraProjectionParameters",
]


@dataclasses.dataclass(frozen=True)
class SornParameters:
    """Of Sorn.

    preset: defaults of a paper (package, lazar2009, zheng2013, delpapa2017)
    ne: excitatory units; a fifth as many inhibitory ones (5 to 1e+08)
    nu: input units: the first ones of the excitatory pool (0 to 1e+08)
    lambda_ee: mean number of excitatory inputs of an excitatory unit, plus a half (0 to 1e+06)
    lambda_ei: mean number of excitatory targets of an inhibitory unit, plus a half (0 to 1e+06)
    lambda_ie: the same for excitatory inputs of an inhibitory unit; Sparse only (0 to 1e+06)
    network_type_ee: excitatory to excitatory (Sparse, Dense)
    network_type_ei: inhibitory to excitatory (Sparse, Dense)
    network_type_ie: excitatory to inhibitory (Sparse, Dense)
    eta_stdp: step of an excitatory weight (0 to 1)
    eta_inhib: step of an inhibitory weight (0 to 1)
    eta_ip: step of a threshold (0 to 1)
    mu_ip: rate that inhibitory plasticity balances at (1e-06 to 1)
    sigma_ip: spread of the target rates, unless they are fixed (0 to 10)
    te_min: least excitatory threshold, at the start and later (-1000 to 1000)
    te_max: largest excitatory threshold, at the start and later (-1000 to 1000)
    ti_min: least inhibitory threshold (-1000 to 1000)
    ti_max: largest inhibitory threshold (-1000 to 1000)
    h_ip: target rate; default, and -1: 2 nu / ne, as the package has it (0 to 10, or -1)
    h_ip_distribution: of the units' target rates: all alike, or with standard deviation sigma_ip (lognormal: of
        the logarithm) (fixed, normal, lognormal)
    noise: Gaussian noise on every unit in every step
    noise_sigma_e: its standard deviation, excitatory units (0 to 1000)
    noise_sigma_i: its standard deviation, inhibitory units (0 to 1000)
    noise_spikes_e: probability that noise makes an excitatory unit fire in a step, whatever its drive (0 to 1)
    noise_spikes_i: the same, inhibitory units (0 to 1)
    k_winners: so many excitatory units fire in each step, those whose drive is furthest above their thresholds,
        equal ones by lower index; 0: all that are above (0 to 1e+08)
    initial_thresholds: uniform between their bounds; or evenly spaced between them, over excitatory units in
        random order (random, ordered)
    input_weights: component k of the input is added to the drive of excitatory unit k; or each excitatory unit
        has synapses from random components, which STDP and scaling change as far as they are not frozen
        (direct, plastic)
    lambda_eu: plastic inputs: mean number of them to an excitatory unit, plus a half (0 to 1e+06)
    eta_input: plastic inputs: step of their weights (0 to 1)
    feed_forward_inhibition: the sum of the input, times this, is added to the drive of every inhibitory unit (0
        to 1e+06)
    w_max: plastic weights do not grow beyond this (1e-06 to 1000)
    wei_floor: inhibitory weights do not fall below this; 0 prunes, the papers have 0.001 (0 to 1)
    prune_at: excitatory weights that STDP leaves at or below this are pruned; the code of delpapa2017 has 1e-10
        (0 to 1)
    sp_rate: new synapses a step, on average (0 to 1e+06)
    sp_init: weight of a new synapse (1e-09 to 1)
    inclusive_threshold: a drive equal to the threshold fires, as in the papers
    fast_inhibition: inhibitory units read the new excitatory activity, as in Lazar 2009
    clamp_te: thresholds stay within te_min and te_max
    repair: rows left without synapses get two, from the first fifth of the units (the package) or from all of
        them; auto: the package's way where a fifth is at least one unit (auto, reference, uniform_rows)
    phase: training propagates activity and changes no weight and no threshold (plasticity, training)
    freeze: rules that do not act: STDP, intrinsic, structural, inhibitory STDP, scaling of both projections
    """

    preset: typing.Any = 'package'
    ne: int = 200
    nu: int = 10
    lambda_ee: float = 20.0
    lambda_ei: float = 40.0
    lambda_ie: float = 100.0
    network_type_ee: str = 'Sparse'
    network_type_ei: str = 'Sparse'
    network_type_ie: str = 'Dense'
    eta_stdp: float = 0.004
    eta_inhib: float = 0.001
    eta_ip: float = 0.01
    mu_ip: float = 0.1
    sigma_ip: float = 0.0
    te_min: float = 0.0
    te_max: float = 1.0
    ti_min: float = 0.0
    ti_max: float = 0.5
    h_ip: float = None
    h_ip_distribution: str = 'fixed'
    noise: bool = True
    noise_sigma_e: float = 0.04
    noise_sigma_i: float = 0.04
    noise_spikes_e: float = 0.0
    noise_spikes_i: float = 0.0
    k_winners: int = 0
    initial_thresholds: str = 'random'
    input_weights: str = 'direct'
    lambda_eu: float = 10.0
    eta_input: float = 0.001
    feed_forward_inhibition: float = 0.0
    w_max: float = 1.0
    wei_floor: float = 0.0
    prune_at: float = 0.0
    sp_rate: float = 0.1
    sp_init: float = 0.001
    inclusive_threshold: bool = False
    fast_inhibition: bool = False
    clamp_te: bool = True
    repair: str = 'auto'
    phase: str = 'plasticity'
    freeze: list = ()


@dataclasses.dataclass(frozen=True)
class AttractorParameters:
    """Of Attractor.

    learning_rate: learning rate of training phases (0 to 1000)
    update: which units see each other's new states within a step (synchronous, sequential, random_order)
    deterministic: units take their mean instead of a sample
    learn_self_weights: the diagonal learns as well
    predict_with_bias: the prediction is L(b + h) instead of L(h)
    prediction_uses_inverse_temperature: the prediction is L(beta h)
    unit_inverse_temperature: factors of the inverse temperature, of each unit; default 1
    precision_weighted: prediction errors weigh one over the unit's variance
    sums: fast: drives of several states on one matrix are products of a library, equal within rounding, not in
        every bit (exact, fast)
    clipped: states and draws keep 1e-7 away from their limits, as the later upstream variant does
    """

    learning_rate: float = 0.001
    update: str = 'synchronous'
    deterministic: bool = False
    learn_self_weights: bool = False
    predict_with_bias: bool = False
    prediction_uses_inverse_temperature: bool = False
    unit_inverse_temperature: list = ()
    precision_weighted: bool = False
    sums: str = 'exact'
    clipped: bool = False


@dataclasses.dataclass(frozen=True)
class AreaParameters:
    """Of an area of an Assembly.

    learning_rate: beta by its name in "engram/1" (0 to 1000)
    beta: learning rate (0 to 1000)
    w_max: weights do not grow beyond this; 0: no ceiling (0 to 500000)
    n: units (1 to 2.14748e+09)
    k: winners of a step (1 to 2.14748e+09)
    p_synapse: probability of a synapse at the start; 0: the classical Willshaw model (0 to 1)
    recurrent_coef: alpha, gain of the area's own previous winners (-1e+06 to 1e+06)
    rule: learning rule (hebb, hebb_additive, willshaw)
    sampler: initial weights: 1, or uniform on [0, 1) (bernoulli, uniform_masked)
    normalisation: of incoming weights: rewrite them, keep one factor a unit, or none (in_place, scaled, none)
    storage: all pairs, or existing synapses only (dense, sparse)
    recurrent_only: go on without any input; else the area is then inactive
    inputs: stimuli or areas, in the order in which their input is added
    """

    learning_rate: float = None
    beta: float = 0.1
    w_max: float = 0.0
    n: int = 1000
    k: int = 50
    p_synapse: float = 0.05
    recurrent_coef: float = 1.0
    rule: str = 'hebb'
    sampler: str = 'bernoulli'
    normalisation: str = 'in_place'
    storage: str = 'dense'
    recurrent_only: bool = False
    inputs: list = None


@dataclasses.dataclass(frozen=True)
class StimulusParameters:
    """Of a stimulus of an Assembly.

    n: units (1 to 2.14748e+09)
    k: active units of a random sample (1 to 2.14748e+09)
    """

    n: int = 1000
    k: int = 50


@dataclasses.dataclass(frozen=True)
class BrainParameters:
    """Of Brain.

    p: probability of a synapse (0 to 1)
    w_max: weights do not grow beyond this; 0: no ceiling (0 to 1e+30)
    exact_bits: bits of the draws that place synapses: 32 or 64 (32 to 64)
    save_winners: keep the winners of every round
    fix_new_block: lazy: join neurons that two areas recruit in the same round
    """

    p: float = 0.05
    w_max: float = 0.0
    exact_bits: int = 32
    save_winners: bool = False
    fix_new_block: bool = True


@dataclasses.dataclass(frozen=True)
class BrainAreaParameters:
    """Of an area of a Brain.

    n: neurons (1 to 4.29497e+09)
    k: winners of a round, at most n (1 to 4.29497e+09)
    beta: learning rate of fibres into this area (0 to 1e+06)
    explicit: lazy connectome: all neurons exist from the start
    p_inner: density of the recurrent fibre; default, and -1: that of the brain (0 to 1, or -1)
    p_in: density of fibres from areas declared before; default, and -1: that of the brain (0 to 1, or -1)
    p_out: density of fibres to areas declared before; default, and -1: that of the brain (0 to 1, or -1)
    winners: who fires: the k largest inputs, of these those at or above threshold, or a fraction of the largest
        (top_k, threshold, fraction)
    threshold: for winners threshold (an input) and fraction (of the largest input) (-1e+30 to 1e+30)
    min_winners: for winners fraction: at least so many (0 to 4.29497e+09)
    refractory_period: rounds that past winners are inhibited (0 to 10000)
    inhibition_strength: subtracted from the input of the last winners, falling over the period (0 to 1e+30)
    refracted_strength: subtracted once more after every win, without end (0 to 1e+30)
    """

    n: int = 1000
    k: int = 50
    beta: float = 0.05
    explicit: bool = False
    p_inner: float = None
    p_in: float = None
    p_out: float = None
    winners: str = 'top_k'
    threshold: float = 0.0
    min_winners: int = 0
    refractory_period: int = 0
    inhibition_strength: float = 0.0
    refracted_strength: float = 0.0


@dataclasses.dataclass(frozen=True)
class LeabraLayerParameters:
    """Of a layer of Leabra.

    inhibition_type: how units inhibit each other (fffb, kwta, kwta_avg, none)
    kwta_pct: kwta, kwta_avg: share of winners (0 to 1)
    kwta_pt: kwta, kwta_avg: where between losers and winners inhibition is put (0 to 1)
    ff: fffb: feedforward inhibition (-1e+30 to 1e+30)
    ff0: fffb: mean net input below which there is none (-1e+30 to 1e+30)
    fb: fffb: feedback inhibition (-1e+30 to 1e+30)
    fb_dt: fffb: rate of the feedback (0 to 1e+30)
    gi: fffb: strength of all (-1e+30 to 1e+30)
    fffb_combine: fffb: the product of both, as the reference has it, or their sum (product, sum)
    pools: neighbouring groups of as many units each, which inhibit themselves; the larger of a pool's
        inhibition and the layer's acts, that of a layer without any (none) never (1 to 1e+08)
    pool_inhibition: how the units of each of several pools inhibit each other
    avg_dt: rate of cos_diff_avg in a trial (0 to 1)
    clamp_max: clamped activations do not exceed this (0 to 1)
    clamp_type: hard: a clamped layer has the given activations; soft: they add to its net input (hard, soft)
    clamp_gain: soft: what a given activation adds to the net input (0 to 1000)
    scale_by_act: activity by which receivers scale what the layer sends: its current mean, as the reference has
        it, whose rounding makes net input jump; its running average over plus phases, act_p_avg; or fixed, at
        act_p_avg_init (current, running, fixed)
    act_p_avg_init: mean activation that is expected at first (0 to 1)
    act_p_avg_dt: running: rate of the average in a trial (0 to 1)
    bias: each unit has a bias weight, which adds to its net input and learns
    bias_init: bias: initial weight (-1000 to 1000)
    bias_lrate: bias: learning rate, of the difference between plus and minus phase (0 to 1000)
    bias_threshold: bias: smaller differences change nothing (0 to 1)
    unit_spec: parameters of the units
    log_on_cycle: what the cycle log keeps
    log_on_trial: what the trial log keeps
    log_on_epoch: what the epoch log keeps
    log_on_batch: what the batch log keeps
    """

    inhibition_type: str = 'fffb'
    kwta_pct: float = 0.1
    kwta_pt: float = 0.5
    ff: float = 1.0
    ff0: float = 0.1
    fb: float = 1.0
    fb_dt: float = 0.7142857142857143
    gi: float = 1.8
    fffb_combine: str = 'product'
    pools: int = 1
    pool_inhibition: dict = None
    avg_dt: float = 0.01
    clamp_max: float = 0.95
    clamp_type: str = 'hard'
    clamp_gain: float = 0.2
    scale_by_act: str = 'current'
    act_p_avg_init: float = 0.15
    act_p_avg_dt: float = 0.01
    bias: bool = False
    bias_init: float = 0.0
    bias_lrate: float = 0.02
    bias_threshold: float = 0.1
    unit_spec: dict = None
    log_on_cycle: list = ()
    log_on_trial: list = ()
    log_on_epoch: list = ()
    log_on_batch: list = ()


@dataclasses.dataclass(frozen=True)
class LeabraUnitParameters:
    """Of the units of a layer.

    integ: multiplies every rate (0 to 1e+30)
    e_rev_e: reversal potential of excitation (-1e+30 to 1e+30)
    e_rev_i: reversal potential of inhibition (-1e+30 to 1e+30)
    e_rev_l: reversal potential of the leak (-1e+30 to 1e+30)
    gc_l: conductance of the leak (-1e+30 to 1e+30)
    spk_thr: potential at which a unit fires (-1e+30 to 1e+30)
    v_m_r: potential after a spike, below spk_thr (-1e+30 to 1e+30)
    vm_gain: adaptation by the potential (-1e+30 to 1e+30)
    spike_gain: adaptation by a spike (-1e+30 to 1e+30)
    net_dt: rate of the net input (0 to 1e+30)
    vm_dt: rate of the potential and of the activation (0 to 1e+30)
    adapt_dt: rate of the adaptation (0 to 1e+30)
    syn_tr: multiplies the activation that is sent (0 to 1)
    act_gain: clamped activation over what its potential exceeds the threshold by (1e-09 to 1e+30)
    ss_dt: rate of the super-short-term average (0 to 1e+30)
    s_dt: rate of the short-term average (0 to 1e+30)
    m_dt: rate of the medium-term average (0 to 1e+30)
    l_dn_dt: rate at which the long-term average falls in a trial (0 to 1e+30)
    l_up_inc: share of the medium-term average that the long-term one gains in a trial (0 to 1e+30)
    vm_eq_driver: current that moves the potential without spikes: i_net as the reference has it, or its own,
        i_net_r (i_net, i_net_r)
    avg_l: long-term average: steps up and down, or relaxes towards 2.5 avg_m (steps, relaxes)
    avg_l_min: the long-term average does not fall below this (-1e+30 to 1e+30)
    avg_l_max: the long-term average does not rise above this (-1e+30 to 1e+30)
    silent_below: activations and averages below count as 0 (0 to 1)
    noise: standard deviation of noise on the net input, drawn each cycle (0 to 1000)
    nxx1_gain: gain of the activation function, u / (u + 1) of gain times x (0.001 to 1e+06)
    nxx1_noise: width of the noise that smooths it: exp(-t^2 / nxx1_noise^2) (0 to 0.01)
    clamp_silent: clamped activations below leave the potential at e_rev_l (0 to 1)
    avg_l_above: avg_l "steps": medium-term average above which the long-term one steps up (-1e+30 to 1e+30)
    """

    integ: float = 1.0
    e_rev_e: float = 1.0
    e_rev_i: float = 0.25
    e_rev_l: float = 0.3
    gc_l: float = 0.1
    spk_thr: float = 0.5
    v_m_r: float = 0.3
    vm_gain: float = 0.04
    spike_gain: float = 0.00805
    net_dt: float = 0.7142857142857143
    vm_dt: float = 0.30303030303030304
    adapt_dt: float = 0.006944444444444444
    syn_tr: float = 1.0
    act_gain: float = 100.0
    ss_dt: float = 0.5
    s_dt: float = 0.5
    m_dt: float = 0.1
    l_dn_dt: float = 2.5
    l_up_inc: float = 0.2
    vm_eq_driver: str = 'i_net'
    avg_l: str = 'steps'
    avg_l_min: float = -1e+30
    avg_l_max: float = 1e+30
    silent_below: float = 1e-15
    noise: float = 0.0
    nxx1_gain: float = 40.0
    nxx1_noise: float = 0.01
    clamp_silent: float = 1e-06
    avg_l_above: float = 0.1


@dataclasses.dataclass(frozen=True)
class LeabraProjectionParameters:
    """Of a projection of Leabra.

    dist: distribution of the initial weights (scalar, uniform, gaussian, log_normal, exponential)
    value: the weight (-1e+30 to 1e+30)
    projn_type: all pairs of units that take part, or the first with the first, the second with the second and
        so on (full, one_to_one)
    pre_mask: senders that take part; repeated or cut to the size of the layer
    post_mask: receivers that take part; repeated or cut to the size of the layer
    sparsity: share of the connections that is kept, drawn from all of them (0 to 1)
    storage: dense: all pairs; sparse: those that are connected; the numbers are the same. auto: sparse where at
        most one pair in 16 is connected and all pairs of a network would take more than 1 MiB (auto, dense,
        sparse)
    wt_scale_abs: strength (0 to 1e+30)
    wt_scale_rel: strength relative to the other projections of the receiving layer (0 to 1e+30)
    sem_extra: active senders beyond the expected ones that a partly connected receiver allows for (0 to 1e+06)
    lrate: learning rate (0 to 1000)
    lrate_schedule: how the learning rate changes from epoch to epoch: of a phase, from its beginning and of all
        projections; of a projection, from the first epoch that it was trained; both multiply (fixed, step,
        exponential, cosine, plateau)
    lrate_every: step: epochs between two changes; exponential: epochs in which the rate falls by the factor;
        cosine: half a period (1 to 1e+09)
    lrate_factor: step, exponential, plateau: factor of one change (0 to 1)
    lrate_floor: rates are not multiplied by less than this (0 to 1)
    lrate_patience: plateau: epochs without a better loss before a change (1 to 1e+09)
    lrate_cooldown: plateau: epochs after a change that do not count (0 to 1e+09)
    thr_l_mix: Hebbian share of learning (0 to 1000)
    cos_diff_thr_l_mix: the receiver's cos_diff_avg scales the Hebbian share
    cos_diff_lrate: the learning rate depends on how well the phases agree; the reference computes this and
        drops it
    cos_diff_lrate_acts: cos_diff_lrate has its effect
    sig_gain: gain of the contrast enhancement (0 to 1000)
    sig_offset: offset of the contrast enhancement (0 to 1000)
    s_mix: weight of the short-term averages beside the medium-term ones (0 to 1)
    s_mix_of: products: the averages of a pair are multiplied, then mixed, as the reference has it; units:
        mixed, then multiplied, as emergent does (products, units)
    d_rev: share of the threshold at which the change turns back to 0 (1e-06 to 1)
    d_thr: products of averages below change nothing (0 to 1)
    initial_contrast: initial weights pass the contrast enhancement; otherwise they do at the first learning
        step
    bounded_contrast: linear weights outside 0 to 1 count as the nearer end for the effective weight
    learning: xcal: from running averages; momentum: the same with changes that are normalised and carry on;
        contrast: from the activations of two phases; none (xcal, momentum, contrast, none)
    plus_phase: contrast: the phase whose activations are learned
    minus_phase: contrast: the phase whose activations are unlearned
    hebbian: contrast: Hebbian share (0 to 1)
    momentum: momentum: what is left of earlier changes (0 to 1)
    momentum_rate: momentum: makes up for the size of carried changes (0 to 1000)
    normalize_changes: momentum: changes are divided by the running maximum of their magnitude
    norm_keep: momentum: what is left of the running maximum after an update (0 to 1)
    norm_rate: momentum: makes up for the size of normalised changes (0 to 1000)
    norm_min: momentum: changes are not divided by less (1e-09 to 1000)
    balance_weights: momentum: receivers whose weights are large learn increases more slowly and decreases
        faster, and the other way round
    balance_every: balance_weights: updates between two looks at the weights (1 to 1e+09)
    balance: balance_weights: what makes weights large or small
    log_on_cycle: what the cycle log keeps
    log_on_trial: what the trial log keeps
    log_on_epoch: what the epoch log keeps
    log_on_batch: what the batch log keeps
    low: least weight (-1e+30 to 1e+30)
    high: weights stay below this (-1e+30 to 1e+30)
    mean: mean (-1e+30 to 1e+30)
    var: variance (0 to 1e+30)
    rate: one over the mean (1e-09 to 1e+30)
    """

    dist: str = 'scalar'
    value: float = 0.5
    projn_type: str = 'full'
    pre_mask: list = (True,)
    post_mask: list = (True,)
    sparsity: float = 1.0
    storage: str = 'auto'
    wt_scale_abs: float = 1.0
    wt_scale_rel: float = 1.0
    sem_extra: float = 2.0
    lrate: float = 0.02
    lrate_schedule: str = 'fixed'
    lrate_every: int = 100
    lrate_factor: float = 0.5
    lrate_floor: float = 0.0
    lrate_patience: int = 100
    lrate_cooldown: int = 0
    thr_l_mix: float = 0.1
    cos_diff_thr_l_mix: bool = False
    cos_diff_lrate: bool = False
    cos_diff_lrate_acts: bool = False
    sig_gain: float = 6.0
    sig_offset: float = 1.0
    s_mix: float = 0.9
    s_mix_of: str = 'products'
    d_rev: float = 0.1
    d_thr: float = 0.0001
    initial_contrast: bool = False
    bounded_contrast: bool = False
    learning: str = 'xcal'
    plus_phase: str = 'plus'
    minus_phase: str = 'minus'
    hebbian: float = 0.0
    momentum: float = 0.9
    momentum_rate: float = 0.1
    normalize_changes: bool = True
    norm_keep: float = 0.999
    norm_rate: float = 0.15
    norm_min: float = 0.001
    balance_weights: bool = False
    balance_every: int = 10
    balance: dict = None
    log_on_cycle: list = ()
    log_on_trial: list = ()
    log_on_epoch: list = ()
    log_on_batch: list = ()
    low: float = 0.0
    high: float = 1.0
    mean: float = 0.5
    var: float = 0.01
    rate: float = 2.0
