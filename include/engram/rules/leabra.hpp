// Rules of the Leabra family: rate-coded point neurons, the inhibition that their layer shares, and the bookkeeping of
// trials (O'Reilly & Munakata 2000, "Computational explorations in cognitive neuroscience"; equations in
// docs/families/leabra.md). All layers of a network are one population, each a segment.
#pragma once

#include "engram/core/fields.hpp"
#include "engram/core/math.hpp"

namespace engram {

/// The constants of a layer, which its units and its inhibition read; engine/models/leabra/constants.cpp fills them in.
namespace leabra_layer {
enum : int {
  clamped,     ///< 1: only learning averages move
  net_step,    ///< rate of the net input
  per_weight,  ///< 1 / sum of the relative scales of the projections of the last flush
  e_rev_e,
  e_rev_i,
  e_rev_l,
  gc_l,
  spk_thr,
  v_m_r,
  vm_gain,
  spike_gain,
  vm_step,
  adapt_dt,
  integ,
  syn_tr,
  act_gain,
  ss_step,
  s_step,
  m_step,
  l_up_inc,
  l_dn_dt,
  l_min,  ///< bounds of the long-term average
  l_max,
  l_relaxes,     ///< 1: it relaxes towards l_gain avg_m instead
  eq_from_i_r,   ///< 1: v_m_eq follows i_net_r
  silent_below,  ///< activations and averages below count as 0
  per_from_e,    ///< 1 / (spk_thr - e_rev_e)
  per_from_i,    ///< 1 / (spk_thr - e_rev_i)
  inhibition,    ///< leabra_inhibition
  ff,
  ff0,
  fb,
  fb_dt,
  gi,
  kwta_pt,
  winners,
  size,
  avg_dt,
  soft_clamp,    ///< what a unit's external input counts
  noise,         ///< standard deviation of the noise on the net input
  bias,          ///< 1: bias weights add to the net input
  table,         ///< where the layer's table of nxx1 begins among all
  clamp_silent,  ///< clamped activations below leave the potential at rest
  l_above,       ///< medium-term average above which the long-term one steps up
  act_p_avg_dt,  ///< rate of the expected activity
  count
};
}
/// Kinds of inhibition, as numbers.
namespace leabra_inhibition {
enum : int { fffb_product, fffb_sum, kwta, kwta_avg, none };
}

/// Net input from what the projections have summed up, from outside, from noise, and from a bias weight:
///     net <- net + dt (input / sum of relative scales + external + noise + bias - net)
/// and the inhibition g that would hold the unit at its threshold. A clamped layer discards its input.
struct LeabraNet {
  static constexpr const char* name = "leabra_net";
  static constexpr const char* help = "net input of a point neuron, and the inhibition that holds it at threshold";
  static constexpr int n_written = 3, n_columns = 6, n_shared = leabra_layer::count;
  enum : int { net, input, g, external, noise, bias };
  static constexpr auto fields = std::tuple{};

  ENGRAM_HD void operator()(real* c, const real* layer) const {
    namespace at = leabra_layer;
    const real met = c[input] * layer[at::per_weight] + c[external] * layer[at::soft_clamp] +
                     c[noise] * layer[at::noise] + c[bias] * layer[at::bias];
    const real moved = c[net] + layer[at::net_step] * (met - c[net]);
    c[net] = layer[at::clamped] != real(0) ? c[net] : moved;
    c[input] = 0;
    c[g] = ((layer[at::e_rev_e] - layer[at::spk_thr]) * c[net] +
            (layer[at::e_rev_l] - layer[at::spk_thr]) * layer[at::gc_l]) *
           layer[at::per_from_i];
  }
};

/// Inhibition of a layer, which is one unit here: feedforward and feedback, from the means of net input and activation,
/// or what lets the k strongest units cross their threshold (Leabra's FFFB and kWTA).
struct LeabraInhibition {
  static constexpr const char* name = "leabra_inhibition";
  static constexpr const char* help = "inhibition that a layer shares: feedforward and feedback, or k winners take all";
  static constexpr int n_written = 2, n_columns = 8, n_shared = leabra_layer::count;
  /// g_k, g_next: the k-th and next largest g of the layer; g_top: mean of the k largest; g_sum: sum of all.
  enum : int { gc_i, fbi, mean_net, mean_act, g_k, g_next, g_top, g_sum };
  static constexpr auto fields = std::tuple{};

  ENGRAM_HD void operator()(real* c, const real* layer) const {
    namespace at = leabra_layer;
    namespace kind = leabra_inhibition;
    const int what = static_cast<int>(layer[at::inhibition]);
    const real above = c[mean_net] - layer[at::ff0];
    const real ffi = layer[at::ff] * (above > real(0) ? above : real(0));
    const real fbi_next = c[fbi] + layer[at::fb_dt] * (layer[at::fb] * c[mean_act] - c[fbi]);
    const real n = layer[at::size], k = layer[at::winners], share = layer[at::kwta_pt];
    const real rest = n > k ? (c[g_sum] - k * c[g_top]) / (n - k) : real(0);
    const real of_k = c[g_next] + share * (c[g_k] - c[g_next]), of_mean = rest + share * (c[g_top] - rest);
    const bool fffb = what <= kind::fffb_sum;
    const real both = what == kind::fffb_sum ? ffi + fbi_next : ffi * fbi_next;
    const real ranked = n > k ? (what == kind::kwta ? of_k : of_mean) : real(0);
    const real chosen = fffb ? layer[at::gi] * both : (what == kind::none ? real(0) : ranked);
    const bool free = layer[at::clamped] == real(0);
    c[fbi] = free && fffb ? fbi_next : c[fbi];
    c[gc_i] = free ? chosen : c[gc_i];
  }
};

/// The noisy X-over-X-plus-1 function: a table with linear interpolation, constant outside (leabra/nxx1.hpp makes it).
namespace nxx1 {
inline constexpr int points = 1031;
inline constexpr double first = -0.03, resolution = 0.001;

ENGRAM_HD real at(const real* table, real x) {
  const real place = (x - static_cast<real>(first)) * static_cast<real>(1 / resolution);
  const real raised = place > real(0) ? place : real(0);
  const real inside = raised < real(points - 1) ? raised : real(points - 1);
  const int whole = static_cast<int>(inside), lower = whole < points - 2 ? whole : points - 2;
  const real low = table[lower], high = table[lower + 1];
  return low + (inside - static_cast<real>(lower)) * (high - low);
}
}  // namespace nxx1

/// Membrane, spike, rate and adaptation of a point neuron, then the running averages that its synapses learn from.
struct LeabraUnit {
  static constexpr const char* name = "leabra_unit";
  static constexpr const char* help = "point neuron: membrane, spike, rate-coded activation, adaptation, averages";
  static constexpr int n_written = 11, n_columns = 13, n_shared = leabra_layer::count;
  enum : int { act_nd, act, i_net, i_net_r, v_m, v_m_eq, adapt, spike, avg_ss, avg_s, avg_m, net, gc_i };
  const real* table = nullptr;  ///< tables of nxx1, one after the other, on the device
  static constexpr auto fields = std::tuple{};

  ENGRAM_HD void operator()(real* c, const real* layer) const {
    real moved[avg_ss];
    live(c, layer, table_of(table, layer), moved);
    const bool clamped = layer[leabra_layer::clamped] != real(0);
    for (int k = 0; k < avg_ss; ++k) c[k] = clamped ? c[k] : moved[k];  // no branch, so that loops vectorise
    average(c, layer);
  }

  /// The table of a layer among all.
  ENGRAM_HD static const real* table_of(const real* tables, const real* layer) {
    return tables + static_cast<int>(layer[leabra_layer::table]);
  }

  /// The running averages, which move in clamped layers as well.
  ENGRAM_HD static void average(real* c, const real* layer) {
    namespace at = leabra_layer;
    c[avg_ss] = audible(c[avg_ss] + layer[at::ss_step] * (c[act] - c[avg_ss]), layer);
    c[avg_s] = audible(c[avg_s] + layer[at::s_step] * (c[avg_ss] - c[avg_s]), layer);
    c[avg_m] = audible(c[avg_m] + layer[at::m_step] * (c[avg_s] - c[avg_m]), layer);
  }

  /// All the rest: to[0 .. avg_ss) from the columns c, with the layer's own table.
  ENGRAM_HD static void live(const real* c, const real* layer, const real* own_table, real* to) {
    namespace at = leabra_layer;
    const real thr = layer[at::spk_thr], rate = layer[at::vm_step];
    to[i_net] = current(c, layer, c[v_m]);
    const real v = c[v_m] + limited(rate * (to[i_net] - c[adapt]));
    to[i_net_r] = current(c, layer, c[v_m_eq]);
    const real driver = layer[at::eq_from_i_r] != real(0) ? to[i_net_r] : to[i_net];
    to[v_m_eq] = c[v_m_eq] + limited(rate * (driver - c[adapt]));
    const real held = c[gc_i] * (layer[at::e_rev_i] - thr) + layer[at::gc_l] * (layer[at::e_rev_l] - thr) - c[adapt];
    const bool fires = v > thr;
    to[v_m] = fires ? layer[at::v_m_r] : v;
    to[spike] = fires ? real(1) : real(0);
    const real x = to[v_m_eq] < thr ? to[v_m_eq] - thr : c[net] - held * layer[at::per_from_e];
    to[act_nd] = audible(c[act_nd] + rate * (nxx1::at(own_table, x) - c[act_nd]), layer);
    to[act] = to[act_nd] * layer[at::syn_tr];
    to[adapt] = c[adapt] + layer[at::integ] *
                               (layer[at::adapt_dt] * (layer[at::vm_gain] * (to[v_m] - layer[at::e_rev_l]) - c[adapt]) +
                                to[spike] * layer[at::spike_gain]);
  }

 private:
  ENGRAM_HD static real audible(real x, const real* layer) {
    return x < layer[leabra_layer::silent_below] ? real(0) : x;
  }
  ENGRAM_HD static real current(const real* c, const real* layer, real v) {
    namespace at = leabra_layer;
    return c[net] * (layer[at::e_rev_e] - v) + layer[at::gc_l] * (layer[at::e_rev_l] - v) +
           c[gc_i] * (layer[at::e_rev_i] - v);
  }
  ENGRAM_HD static real limited(real step) {
    const real below = step > real(100) ? real(100) : step;
    return below < real(-100) ? real(-100) : below;
  }
};

/// How much a receiver makes of each of its connections, from the activity that senders have at the moment: one over
/// the number of those that are active among its own. Columns: scale, connections of the receiver. Shared: mean
/// activation of the sending layer. A receiver without connections gets 0.
struct LeabraScale {
  static constexpr const char* name = "leabra_scale";
  static constexpr const char* help = "scale of a receiver's net input: one over the expected number of active senders";
  static constexpr int n_written = 1, n_columns = 2, n_shared = 1;
  enum : int { scale, connections };
  real senders = 1;  ///< units of the sending layer
  real extra = 2;    ///< standard errors that a partly connected receiver allows for

  static constexpr auto fields = std::tuple{
      Field{"senders", &LeabraScale::senders, "units of the sending layer", 1.0, 1e9},
      Field{"extra", &LeabraScale::extra, "active senders more than expected, for a partly connected receiver", 0.0,
            1e6},
  };

  ENGRAM_HD void operator()(real* c, const real* shared) const {
    const double mean = static_cast<double>(shared[0]), own = static_cast<double>(c[connections]);
    const double active = at_least_one(mean * static_cast<double>(senders)), met = at_least_one(mean * own);
    const double few = own < active ? own : active, most = met + static_cast<double>(extra);
    const double shares = met == active ? active : (few < most ? few : most);
    c[scale] = own > 0 ? static_cast<real>(1 / shares) : real(0);
  }

 private:
  /// Rounded half to even.
  ENGRAM_HD static double at_least_one(double x) {
    const double whole = (x + 6755399441055744.0) - 6755399441055744.0;  // 1.5 * 2^52
    return whole > 1 ? whole : 1;
  }
};

/// A unit that is held at a given activation. Columns: act, act_nd, v_m, i_net, the activation.
struct LeabraClamp {
  static constexpr const char* name = "leabra_clamp";
  static constexpr const char* help = "a unit that is held at a given activation";
  static constexpr int n_written = 4, n_columns = 5, n_shared = leabra_layer::count;
  enum : int { act, act_nd, v_m, i_net, given };
  static constexpr auto fields = std::tuple{};

  ENGRAM_HD void operator()(real* c, const real* layer) const {
    const real a = c[given];
    c[act] = a;
    c[act_nd] = a;
    const real least = layer[leabra_layer::clamp_silent];
    c[v_m] = a < least && a > -least ? layer[leabra_layer::e_rev_l]
                                     : layer[leabra_layer::spk_thr] + a / layer[leabra_layer::act_gain];
    c[i_net] = 0;
  }
};

/// What is left of a value after some decay. Columns: the value.
struct Decay {
  static constexpr const char* name = "decay";
  static constexpr const char* help = "x <- keep x";
  static constexpr int n_written = 1, n_columns = 1;
  real keep = static_cast<real>(0.5);

  static constexpr auto fields = std::tuple{
      Field{"keep", &Decay::keep, "share that is left", 0.0, 1.0},
  };

  ENGRAM_HD void operator()(real* c, const real*) const { c[0] = keep * c[0]; }
};

/// The long-term average of a unit, once a trial: it grows while the unit is active and falls with the layer's mean
/// activation p otherwise. Columns: avg_l, avg_m, p.
struct LeabraLongTerm {
  static constexpr const char* name = "leabra_long_term";
  static constexpr const char* help = "long-term average of a unit's activation, the floating threshold of learning";
  static constexpr int n_written = 1, n_columns = 3, n_shared = leabra_layer::count;
  enum : int { avg_l, avg_m, mean };
  static constexpr auto fields = std::tuple{};

  ENGRAM_HD void operator()(real* c, const real* layer) const {
    namespace at = leabra_layer;
    const real grown = c[avg_l] + layer[at::l_up_inc] * c[avg_m];
    const real fallen = c[avg_l] + layer[at::l_dn_dt] * c[mean] * (c[avg_m] - c[avg_l]);
    const real relaxed = c[avg_l] + real(0.1) * (real(2.5) * c[avg_m] - c[avg_l]);
    const real stepped = c[avg_m] > layer[at::l_above] ? grown : fallen;
    const real next = layer[at::l_relaxes] != real(0) ? relaxed : stepped;
    const real raised = next < layer[at::l_min] ? layer[at::l_min] : next;
    c[avg_l] = raised > layer[at::l_max] ? layer[at::l_max] : raised;
  }
};

/// How alike the activations of the two phases of a trial are, of a layer, which is one unit here. Columns: cos_diff,
/// its running average, what it makes of a learning rate, the activity to be expected of it; then the products
/// plus.minus, plus.plus, minus.minus and the mean activation of the plus phase.
struct LeabraMatch {
  static constexpr const char* name = "leabra_match";
  static constexpr const char* help = "cosine of a layer's activations in the two phases of a trial, and its average";
  static constexpr int n_written = 4, n_columns = 8, n_shared = leabra_layer::count;
  enum : int { cos_diff, cos_diff_avg, rate, act_p_avg, both, plus, minus, mean_plus };
  static constexpr auto fields = std::tuple{};

  ENGRAM_HD void operator()(real* c, const real* layer) const {
    const double lengths =
        math::square_root(static_cast<double>(c[plus])) * math::square_root(static_cast<double>(c[minus]));
    const real cosine = static_cast<real>(static_cast<double>(c[both]) / (lengths > 1e-8 ? lengths : 1e-8));
    const real raised = cosine > real(0.01) ? cosine : real(0.01);
    c[cos_diff] = raised < real(0.99) ? raised : real(0.99);
    c[cos_diff_avg] = c[cos_diff_avg] + layer[leabra_layer::avg_dt] * (cosine - c[cos_diff_avg]);
    const real d = c[cos_diff], usual = c[cos_diff_avg];
    const real slope = d < usual ? d / usual : (real(1) - d) / (real(1) - usual);
    c[rate] = d <= real(0) || d >= real(1) ? real(0.01) : real(0.01) + real(0.99) * slope;
    c[act_p_avg] = c[act_p_avg] + layer[leabra_layer::act_p_avg_dt] * (c[mean_plus] - c[act_p_avg]);
  }
};

}  // namespace engram
