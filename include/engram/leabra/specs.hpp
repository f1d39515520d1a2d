// Parameters of a Leabra network, with the names and defaults of the Python package Leabra7. Each is said once, here:
// the reader, the checks, the schema and the documents derive from these tables.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engram/core/field_kinds.hpp"
#include "engram/leabra/distributions.hpp"
#include "engram/leabra/rates.hpp"

namespace engram::leabra {

/// As the reference computes, or with its corrections (docs/families/leabra.md lists them).
enum class Mode { compatible, standard };
inline constexpr const char* mode_names = "compatible|standard";

/// Which current drives the membrane potential that does not spike.
enum class EqDriver { i_net, i_net_r };
/// How the long-term average moves: in steps up and down, or towards a multiple of the medium-term one.
enum class LongTerm { steps, relaxes };

struct UnitSpec {
  double integ = 1;
  double e_rev_e = 1, e_rev_i = 0.25, e_rev_l = 0.3;
  double gc_l = 0.1, spk_thr = 0.5, v_m_r = 0.3;
  double vm_gain = 0.04, spike_gain = 0.00805;
  double net_dt = 1 / 1.4, vm_dt = 1 / 3.3, adapt_dt = 1.0 / 144;
  double syn_tr = 1, act_gain = 100;
  double ss_dt = 0.5, s_dt = 0.5, m_dt = 0.1;
  double l_dn_dt = 2.5, l_up_inc = 0.2;
  EqDriver vm_eq_driver = EqDriver::i_net;
  LongTerm avg_l = LongTerm::steps;
  double avg_l_min = -largest, avg_l_max = largest;
  double silent_below = 1e-15, noise = 0;
  double nxx1_gain = 40, nxx1_noise = 0.01, clamp_silent = 1e-6, avg_l_above = 0.1;

  static constexpr auto fields = std::tuple{
      Field{"integ", &UnitSpec::integ, "multiplies every rate", 0.0, largest},
      Field{"e_rev_e", &UnitSpec::e_rev_e, "reversal potential of excitation", -largest, largest},
      Field{"e_rev_i", &UnitSpec::e_rev_i, "reversal potential of inhibition", -largest, largest},
      Field{"e_rev_l", &UnitSpec::e_rev_l, "reversal potential of the leak", -largest, largest},
      Field{"gc_l", &UnitSpec::gc_l, "conductance of the leak", -largest, largest},
      Field{"spk_thr", &UnitSpec::spk_thr, "potential at which a unit fires", -largest, largest},
      Field{"v_m_r", &UnitSpec::v_m_r, "potential after a spike, below spk_thr", -largest, largest},
      Field{"vm_gain", &UnitSpec::vm_gain, "adaptation by the potential", -largest, largest},
      Field{"spike_gain", &UnitSpec::spike_gain, "adaptation by a spike", -largest, largest},
      Field{"net_dt", &UnitSpec::net_dt, "rate of the net input", 0.0, largest},
      Field{"vm_dt", &UnitSpec::vm_dt, "rate of the potential and of the activation", 0.0, largest},
      Field{"adapt_dt", &UnitSpec::adapt_dt, "rate of the adaptation", 0.0, largest},
      Field{"syn_tr", &UnitSpec::syn_tr, "multiplies the activation that is sent", 0.0, 1.0},
      Field{"act_gain", &UnitSpec::act_gain, "clamped activation over what its potential exceeds the threshold by",
            1e-9, largest},
      Field{"ss_dt", &UnitSpec::ss_dt, "rate of the super-short-term average", 0.0, largest},
      Field{"s_dt", &UnitSpec::s_dt, "rate of the short-term average", 0.0, largest},
      Field{"m_dt", &UnitSpec::m_dt, "rate of the medium-term average", 0.0, largest},
      Field{"l_dn_dt", &UnitSpec::l_dn_dt, "rate at which the long-term average falls in a trial", 0.0, largest},
      Field{"l_up_inc", &UnitSpec::l_up_inc, "share of the medium-term average that the long-term one gains in a trial",
            0.0, largest},
      Field{"vm_eq_driver", &UnitSpec::vm_eq_driver,
            "current that moves the potential without spikes: i_net as the reference has it, or its own, i_net_r", 0, 0,
            "i_net|i_net_r"},
      Field{"avg_l", &UnitSpec::avg_l, "long-term average: steps up and down, or relaxes towards 2.5 avg_m", 0, 0,
            "steps|relaxes"},
      Field{"avg_l_min", &UnitSpec::avg_l_min, "the long-term average does not fall below this", -largest, largest},
      Field{"avg_l_max", &UnitSpec::avg_l_max, "the long-term average does not rise above this", -largest, largest},
      Field{"silent_below", &UnitSpec::silent_below, "activations and averages below count as 0", 0.0, 1.0},
      Field{"noise", &UnitSpec::noise, "standard deviation of noise on the net input, drawn each cycle", 0.0, 1e3},
      Field{"nxx1_gain", &UnitSpec::nxx1_gain, "gain of the activation function, u / (u + 1) of gain times x", 1e-3,
            1e6},
      Field{"nxx1_noise", &UnitSpec::nxx1_noise, "width of the noise that smooths it: exp(-t^2 / nxx1_noise^2)", 0.0,
            0.01},
      Field{"clamp_silent", &UnitSpec::clamp_silent, "clamped activations below leave the potential at e_rev_l", 0.0,
            1.0},
      Field{"avg_l_above", &UnitSpec::avg_l_above,
            "avg_l \"steps\": medium-term average above which the long-term one steps up", -largest, largest},
  };
  void check_together(const Report& problem) const {
    if (!(v_m_r < spk_thr)) problem("v_m_r", "found " + shown(v_m_r) + "; must be below spk_thr " + shown(spk_thr));
    if (spk_thr == e_rev_e) problem("spk_thr", "must differ from e_rev_e");
    if (spk_thr == e_rev_i) problem("spk_thr", "must differ from e_rev_i");
    if (avg_l_min > avg_l_max) problem("avg_l_min", "must not exceed avg_l_max");
  }
};

enum class Inhibition { fffb, kwta, kwta_avg, none };
enum class Combine { product, sum };
/// What clamping does: it sets the activation, or adds to the net input.
enum class Clamping { hard, soft };
/// Which activity of the sending layer says how much a receiver makes of each of its connections.
enum class ActScale { current, running, fixed };

/// What can be recorded of a layer as a whole and of its units, and of connections.
inline constexpr const char* layer_attributes =
    "avg_act|avg_net|fbi|gc_i|cos_diff|cos_diff_avg|act_p_avg|unit_net|unit_net_raw|unit_gc_i|unit_act|"
    "unit_i_net|unit_i_net_r|unit_v_m|unit_v_m_eq|unit_adapt|unit_spike|unit_act_nd|unit_avg_ss|unit_avg_s|unit_avg_m|"
    "unit_avg_l|unit_acts_m|"
    "unit_acts_p|unit_input|unit_g_thr|unit_bias";
inline constexpr const char* projection_attributes = "conn_wt|conn_fwt";

/// How the units of a layer, or of a pool of one, inhibit each other.
struct InhibitionSpec {
  Inhibition inhibition_type = Inhibition::fffb;
  double kwta_pct = 0.1, kwta_pt = 0.5;
  double ff = 1, ff0 = 0.1, fb = 1, fb_dt = 1 / 1.4, gi = 1.8;
  Combine fffb_combine = Combine::product;

  static constexpr auto fields = std::tuple{
      Field{"inhibition_type", &InhibitionSpec::inhibition_type, "how units inhibit each other", 0, 0,
            "fffb|kwta|kwta_avg|none"},
      Field{"kwta_pct", &InhibitionSpec::kwta_pct, "kwta, kwta_avg: share of winners", 0.0, 1.0},
      Field{"kwta_pt", &InhibitionSpec::kwta_pt, "kwta, kwta_avg: where between losers and winners inhibition is put",
            0.0, 1.0},
      Field{"ff", &InhibitionSpec::ff, "fffb: feedforward inhibition", -largest, largest},
      Field{"ff0", &InhibitionSpec::ff0, "fffb: mean net input below which there is none", -largest, largest},
      Field{"fb", &InhibitionSpec::fb, "fffb: feedback inhibition", -largest, largest},
      Field{"fb_dt", &InhibitionSpec::fb_dt, "fffb: rate of the feedback", 0.0, largest},
      Field{"gi", &InhibitionSpec::gi, "fffb: strength of all", -largest, largest},
      Field{"fffb_combine", &InhibitionSpec::fffb_combine,
            "fffb: the product of both, as the reference has it, or their sum", 0, 0, "product|sum"},
  };
};

struct LayerSpec : InhibitionSpec {
  std::uint64_t pools = 1;
  InhibitionSpec pool_inhibition = {};
  double avg_dt = 0.01, clamp_max = 0.95;
  Clamping clamp_type = Clamping::hard;
  double clamp_gain = 0.2;
  ActScale scale_by_act = ActScale::current;
  double act_p_avg_init = 0.15, act_p_avg_dt = 0.01;
  bool bias = false;
  double bias_init = 0, bias_lrate = 0.02, bias_threshold = 0.1;
  UnitSpec unit_spec = {};
  std::vector<std::string> log_on_cycle, log_on_trial, log_on_epoch, log_on_batch;

  static constexpr auto fields = std::tuple_cat(
      InhibitionSpec::fields,
      std::tuple{
          Field{"pools", &LayerSpec::pools,
                "neighbouring groups of as many units each, which inhibit themselves; the larger of a pool's "
                "inhibition and "
                "the layer's acts, that of a layer without any (none) never",
                1, 1e8},
          Field{"pool_inhibition", &LayerSpec::pool_inhibition,
                "how the units of each of several pools inhibit each other"},
          Field{"avg_dt", &LayerSpec::avg_dt, "rate of cos_diff_avg in a trial", 0.0, 1.0},
          Field{"clamp_max", &LayerSpec::clamp_max, "clamped activations do not exceed this", 0.0, 1.0},
          Field{"clamp_type", &LayerSpec::clamp_type,
                "hard: a clamped layer has the given activations; soft: they add to its net input", 0, 0, "hard|soft"},
          Field{"clamp_gain", &LayerSpec::clamp_gain, "soft: what a given activation adds to the net input", 0.0, 1e3},
          Field{"scale_by_act", &LayerSpec::scale_by_act,
                "activity by which receivers scale what the layer sends: its current mean, as the reference has it, "
                "whose rounding makes net input jump; its running average over plus phases, act_p_avg; or fixed, at "
                "act_p_avg_init",
                0, 0, "current|running|fixed"},
          Field{"act_p_avg_init", &LayerSpec::act_p_avg_init, "mean activation that is expected at first", 0.0, 1.0},
          Field{"act_p_avg_dt", &LayerSpec::act_p_avg_dt, "running: rate of the average in a trial", 0.0, 1.0},
          Field{"bias", &LayerSpec::bias, "each unit has a bias weight, which adds to its net input and learns"},
          Field{"bias_init", &LayerSpec::bias_init, "bias: initial weight", -1e3, 1e3},
          Field{"bias_lrate", &LayerSpec::bias_lrate,
                "bias: learning rate, of the difference between plus and minus phase", 0.0, 1e3},
          Field{"bias_threshold", &LayerSpec::bias_threshold, "bias: smaller differences change nothing", 0.0, 1.0},
          Field{"unit_spec", &LayerSpec::unit_spec, "parameters of the units"},
          Field{"log_on_cycle", &LayerSpec::log_on_cycle, "what the cycle log keeps", 0, 0, layer_attributes},
          Field{"log_on_trial", &LayerSpec::log_on_trial, "what the trial log keeps", 0, 0, layer_attributes},
          Field{"log_on_epoch", &LayerSpec::log_on_epoch, "what the epoch log keeps", 0, 0, layer_attributes},
          Field{"log_on_batch", &LayerSpec::log_on_batch, "what the batch log keeps", 0, 0, layer_attributes},
      });
  /// Defaults of a mode.
  static LayerSpec of(Mode);
};

enum class Pattern { full, one_to_one };
/// How the synapses of a projection are stored.
enum class Storage { automatic, dense, sparse };
/// From what a projection learns: running averages; the same with normalised changes that carry on; the activations of
/// two phases; or not at all.
enum class Learning { xcal, momentum, contrast, none };
/// Whether short-term and medium-term averages are mixed as products of two units, or of each unit.
enum class Mixing { products, units };

/// What makes the weights of a receiver large or small, and what that does to its learning.
struct BalanceSpec {
  double threshold = 0.25, high = 0.4, high_gain = 4, low = 0.4, low_gain = 6;

  static constexpr auto fields = std::tuple{
      Field{"threshold", &BalanceSpec::threshold, "weights below, and those that are 0, do not count in the mean", 0.0,
            1.0},
      Field{"high", &BalanceSpec::high, "a mean above this slows increases down and speeds decreases up", 0.0, 1.0},
      Field{"high_gain", &BalanceSpec::high_gain, "how much it does", 0.0, 1e3},
      Field{"low", &BalanceSpec::low, "a mean below this does the opposite", 0.0, 1.0},
      Field{"low_gain", &BalanceSpec::low_gain, "how much it does", 0.0, 1e3},
  };
  void check_together(const Report& problem) const {
    if (low > high) problem("low", "found " + shown(low) + "; must not exceed high " + shown(high));
  }
};

struct ProjectionSpec : RateSchedule {
  WeightDistribution dist = Scalar{};
  Pattern projn_type = Pattern::full;
  std::vector<bool> pre_mask{true}, post_mask{true};
  double sparsity = 1;
  Storage storage = Storage::automatic;
  double wt_scale_abs = 1, wt_scale_rel = 1, sem_extra = 2;
  double lrate = 0.02, thr_l_mix = 0.1;
  bool cos_diff_thr_l_mix = false, cos_diff_lrate = false, cos_diff_lrate_acts = false;
  double sig_gain = 6, sig_offset = 1;
  double s_mix = 0.9, d_rev = 0.1, d_thr = 0.0001;
  Mixing s_mix_of = Mixing::products;
  bool initial_contrast = false, bounded_contrast = false;
  Learning learning = Learning::xcal;
  std::string plus_phase = "plus", minus_phase = "minus";
  double hebbian = 0;
  double momentum = 0.9, momentum_rate = 0.1, norm_keep = 0.999, norm_rate = 0.15, norm_min = 0.001;
  bool normalize_changes = true;
  bool balance_weights = false;
  std::uint64_t balance_every = 10;
  BalanceSpec balance = {};
  std::vector<std::string> log_on_cycle, log_on_trial, log_on_epoch, log_on_batch;

  static constexpr auto fields = std::tuple_cat(
      std::tuple{
          Field{"dist", &ProjectionSpec::dist, "distribution of the initial weights"},
          Field{"projn_type", &ProjectionSpec::projn_type,
                "all pairs of units that take part, or the first with the first, the second with the second and so on",
                0, 0, "full|one_to_one"},
          Field{"pre_mask", &ProjectionSpec::pre_mask,
                "senders that take part; repeated or cut to the size of the layer"},
          Field{"post_mask", &ProjectionSpec::post_mask,
                "receivers that take part; repeated or cut to the size of the layer"},
          Field{"sparsity", &ProjectionSpec::sparsity, "share of the connections that is kept, drawn from all of them",
                0.0, 1.0},
          Field{"storage", &ProjectionSpec::storage,
                "dense: all pairs; sparse: those that are connected; the numbers are the same. auto: sparse where at "
                "most one pair in 16 is connected and all pairs of a network would take more than 1 MiB",
                0, 0, "auto|dense|sparse"},
          Field{"wt_scale_abs", &ProjectionSpec::wt_scale_abs, "strength", 0.0, largest},
          Field{"wt_scale_rel", &ProjectionSpec::wt_scale_rel,
                "strength relative to the other projections of the receiving layer", 0.0, largest},
          Field{"sem_extra", &ProjectionSpec::sem_extra,
                "active senders beyond the expected ones that a partly connected receiver allows for", 0.0, 1e6},
          Field{"lrate", &ProjectionSpec::lrate, "learning rate", 0.0, 1e3},
      },
      RateSchedule::fields,
      std::tuple{
          Field{"thr_l_mix", &ProjectionSpec::thr_l_mix, "Hebbian share of learning", 0.0, 1e3},
          Field{"cos_diff_thr_l_mix", &ProjectionSpec::cos_diff_thr_l_mix,
                "the receiver's cos_diff_avg scales the Hebbian share"},
          Field{"cos_diff_lrate", &ProjectionSpec::cos_diff_lrate,
                "the learning rate depends on how well the phases agree; the reference computes this and drops it"},
          Field{"cos_diff_lrate_acts", &ProjectionSpec::cos_diff_lrate_acts, "cos_diff_lrate has its effect"},
          Field{"sig_gain", &ProjectionSpec::sig_gain, "gain of the contrast enhancement", 0.0, 1e3},
          Field{"sig_offset", &ProjectionSpec::sig_offset, "offset of the contrast enhancement", 0.0, 1e3},
          Field{"s_mix", &ProjectionSpec::s_mix, "weight of the short-term averages beside the medium-term ones", 0.0,
                1.0},
          Field{"s_mix_of", &ProjectionSpec::s_mix_of,
                "products: the averages of a pair are multiplied, then mixed, as the reference has it; units: mixed, "
                "then multiplied, as emergent does",
                0, 0, "products|units"},
          Field{"d_rev", &ProjectionSpec::d_rev, "share of the threshold at which the change turns back to 0", 1e-6,
                1.0},
          Field{"d_thr", &ProjectionSpec::d_thr, "products of averages below change nothing", 0.0, 1.0},
          Field{"initial_contrast", &ProjectionSpec::initial_contrast,
                "initial weights pass the contrast enhancement; otherwise they do at the first learning step"},
          Field{"bounded_contrast", &ProjectionSpec::bounded_contrast,
                "linear weights outside 0 to 1 count as the nearer end for the effective weight"},
          Field{"learning", &ProjectionSpec::learning,
                "xcal: from running averages; momentum: the same with changes that are normalised and carry on; "
                "contrast: "
                "from the activations of two phases; none",
                0, 0, "xcal|momentum|contrast|none"},
          Field{"plus_phase", &ProjectionSpec::plus_phase, "contrast: the phase whose activations are learned"},
          Field{"minus_phase", &ProjectionSpec::minus_phase, "contrast: the phase whose activations are unlearned"},
          Field{"hebbian", &ProjectionSpec::hebbian, "contrast: Hebbian share", 0.0, 1.0},
          Field{"momentum", &ProjectionSpec::momentum, "momentum: what is left of earlier changes", 0.0, 1.0},
          Field{"momentum_rate", &ProjectionSpec::momentum_rate, "momentum: makes up for the size of carried changes",
                0.0, 1e3},
          Field{"normalize_changes", &ProjectionSpec::normalize_changes,
                "momentum: changes are divided by the running maximum of their magnitude"},
          Field{"norm_keep", &ProjectionSpec::norm_keep,
                "momentum: what is left of the running maximum after an update", 0.0, 1.0},
          Field{"norm_rate", &ProjectionSpec::norm_rate, "momentum: makes up for the size of normalised changes", 0.0,
                1e3},
          Field{"norm_min", &ProjectionSpec::norm_min, "momentum: changes are not divided by less", 1e-9, 1e3},
          Field{"balance_weights", &ProjectionSpec::balance_weights,
                "momentum: receivers whose weights are large learn increases more slowly and decreases faster, and the "
                "other way round"},
          Field{"balance_every", &ProjectionSpec::balance_every,
                "balance_weights: updates between two looks at the weights", 1, 1e9},
          Field{"balance", &ProjectionSpec::balance, "balance_weights: what makes weights large or small"},
          Field{"log_on_cycle", &ProjectionSpec::log_on_cycle, "what the cycle log keeps", 0, 0, projection_attributes},
          Field{"log_on_trial", &ProjectionSpec::log_on_trial, "what the trial log keeps", 0, 0, projection_attributes},
          Field{"log_on_epoch", &ProjectionSpec::log_on_epoch, "what the epoch log keeps", 0, 0, projection_attributes},
          Field{"log_on_batch", &ProjectionSpec::log_on_batch, "what the batch log keeps", 0, 0, projection_attributes},
      });
  void check_together(const Report& problem) const {
    if (balance_weights && learning != Learning::momentum)
      problem("balance_weights",
              "needs learning \"momentum\"; with momentum 0 and normalize_changes false that is xcal");
  }
  /// Defaults of a mode.
  static ProjectionSpec of(Mode);
};

}  // namespace engram::leabra
