// Unit rules of the Leabra family, the plain way.
#include <algorithm>
#include <cmath>

#include "engram/leabra/nxx1.hpp"
#include "tests/oracle/parts.hpp"

namespace engram::oracle {

namespace {

namespace at = leabra_layer;

struct LeabraSolver {
  long double* c;
  const real* layer;
  double* tolerance;

  void near(int column, long double value, long double magnitude) const {
    c[column] = value;
    tolerance[column] = static_cast<double>(std::abs(magnitude) + std::abs(value)) * 16 * epsilon + 1e-15;
  }
  bool clamped() const { return layer[at::clamped] != real(0); }

  void operator()(const LeabraNet&) const {
    using R = LeabraNet;
    const long double met = c[R::input] * layer[at::per_weight] + c[R::external] * layer[at::soft_clamp] +
                            c[R::noise] * layer[at::noise] + c[R::bias] * layer[at::bias];
    if (!clamped()) near(R::net, c[R::net] + layer[at::net_step] * (met - c[R::net]), 4);
    c[R::input] = 0;
    const long double thr = layer[at::spk_thr];
    near(
        R::g,
        ((layer[at::e_rev_e] - thr) * c[R::net] + (layer[at::e_rev_l] - thr) * layer[at::gc_l]) * layer[at::per_from_i],
        10);
  }
  void operator()(const LeabraInhibition&) const {
    using R = LeabraInhibition;
    namespace kind = leabra_inhibition;
    if (clamped()) return;
    const auto what = static_cast<int>(layer[at::inhibition]);
    if (what == kind::none) return near(R::gc_i, 0, 0);
    if (what <= kind::fffb_sum) {
      const long double ffi = layer[at::ff] * std::max<long double>(c[R::mean_net] - layer[at::ff0], 0);
      near(R::fbi, c[R::fbi] + layer[at::fb_dt] * (layer[at::fb] * c[R::mean_act] - c[R::fbi]), 4);
      return near(R::gc_i, layer[at::gi] * (what == kind::fffb_sum ? ffi + c[R::fbi] : ffi * c[R::fbi]), 10);
    }
    const long double n = layer[at::size], k = layer[at::winners], share = layer[at::kwta_pt];
    if (n == k) return near(R::gc_i, 0, 0);
    const long double rest = (c[R::g_sum] - k * c[R::g_top]) / (n - k);
    const long double low = what == kind::kwta ? c[R::g_next] : rest,
                      high = what == kind::kwta ? c[R::g_k] : c[R::g_top];
    near(R::gc_i, low + share * (high - low), 4 + 2 * k);
  }
  void operator()(const LeabraUnit&) const {
    using R = LeabraUnit;
    if (!clamped()) live();
    const auto follow = [&](int average, int of, int step) {
      near(average, c[average] + layer[step] * (c[of] - c[average]), 40);
      if (c[average] < layer[at::silent_below]) c[average] = 0;
    };
    follow(R::avg_ss, R::act, at::ss_step);
    follow(R::avg_s, R::avg_ss, at::s_step);
    follow(R::avg_m, R::avg_s, at::m_step);
  }
  void live() const {
    using R = LeabraUnit;
    const long double thr = layer[at::spk_thr], rate = layer[at::vm_step], old = c[R::v_m], eq = c[R::v_m_eq];
    const auto current = [&](long double v) {
      return c[R::net] * (layer[at::e_rev_e] - v) + layer[at::gc_l] * (layer[at::e_rev_l] - v) +
             c[R::gc_i] * (layer[at::e_rev_i] - v);
    };
    near(R::i_net, current(old), 8);
    near(R::i_net_r, current(eq), 8);
    const long double driver = layer[at::eq_from_i_r] != real(0) ? c[R::i_net_r] : c[R::i_net];
    near(R::v_m_eq, eq + rate * (driver - c[R::adapt]), 8);
    const long double v = old + rate * (c[R::i_net] - c[R::adapt]);
    const bool fires = v > thr;
    near(R::v_m, fires ? static_cast<long double>(layer[at::v_m_r]) : v, fires ? 0 : 8);
    c[R::spike] = fires;
    const long double held =
        (c[R::gc_i] * (layer[at::e_rev_i] - thr) + layer[at::gc_l] * (layer[at::e_rev_l] - thr) - c[R::adapt]) *
        layer[at::per_from_e];
    const long double x = c[R::v_m_eq] < thr ? c[R::v_m_eq] - thr : c[R::net] - held;
    const long double place = std::clamp<long double>((x - nxx1::first) / nxx1::resolution, 0, nxx1::points - 1);
    const auto low = std::min(static_cast<std::size_t>(place), static_cast<std::size_t>(nxx1::points - 2));
    static const std::vector<double> first = leabra::nxx1_table(), second = leabra::nxx1_table({100, 0.005});
    const std::vector<double>& table = layer[at::table] == real(0) ? first : second;
    const long double f = table[low] + (place - static_cast<long double>(low)) * (table[low + 1] - table[low]);
    near(R::act_nd, c[R::act_nd] + rate * (f - c[R::act_nd]), 100);  // the steepest slopes are 15 and 50
    if (c[R::act_nd] < layer[at::silent_below]) c[R::act_nd] = 0;
    near(R::act, c[R::act_nd] * layer[at::syn_tr], 40);
    near(R::adapt,
         c[R::adapt] + layer[at::integ] * (layer[at::adapt_dt] *
                                               (layer[at::vm_gain] * (c[R::v_m] - layer[at::e_rev_l]) - c[R::adapt]) +
                                           c[R::spike] * layer[at::spike_gain]),
         4);
  }
  void operator()(const LeabraScale& rule) const {
    const auto rounded = [](long double x) { return std::max(std::nearbyint(static_cast<double>(x)), 1.0); };
    const long double own = c[LeabraScale::connections];
    const double active = rounded(static_cast<long double>(layer[0]) * rule.senders), met = rounded(layer[0] * own);
    const long double shares =
        met == active ? active : std::min<long double>(std::min<long double>(own, active), met + rule.extra);
    near(LeabraScale::scale, own > 0 ? 1 / shares : 0, 0);
  }
  void operator()(const LeabraClamp&) const {
    using R = LeabraClamp;
    const long double a = c[R::given];
    c[R::act] = c[R::act_nd] = a;
    near(R::v_m,
         std::abs(a) < static_cast<long double>(layer[at::clamp_silent]) ? static_cast<long double>(layer[at::e_rev_l])
                                                                         : layer[at::spk_thr] + a / layer[at::act_gain],
         1);
    c[R::i_net] = 0;
  }
  void operator()(const LeabraLongTerm&) const {
    using R = LeabraLongTerm;
    const long double l = c[R::avg_l], m = c[R::avg_m];
    long double next = m > static_cast<long double>(layer[at::l_above]) ? l + layer[at::l_up_inc] * m
                                                                        : l + layer[at::l_dn_dt] * c[R::mean] * (m - l);
    if (layer[at::l_relaxes] != real(0)) next = l + 0.1L * (2.5L * m - l);
    near(R::avg_l, std::clamp<long double>(next, layer[at::l_min], layer[at::l_max]), 8);
  }
  void operator()(const LeabraMatch&) const {
    using R = LeabraMatch;
    const long double lengths = std::sqrt(c[R::plus]) * std::sqrt(c[R::minus]);
    const long double cosine = c[R::both] / std::max(lengths, 1e-8L), usual = c[R::cos_diff_avg];
    near(R::cos_diff, std::clamp(cosine, 0.01L, 0.99L), 0);
    near(R::cos_diff_avg, usual + layer[at::avg_dt] * (cosine - usual), 2 + std::abs(cosine));
    const long double d = c[R::cos_diff], mean = c[R::cos_diff_avg];
    const long double slope = d < mean ? d / mean : (1 - d) / (1 - mean);
    const long double steep =
        d < mean ? 1 / mean + d / mean / mean : 1 / (1 - mean) + (1 - d) / (1 - mean) / (1 - mean);
    near(R::rate, 0.01L + 0.99L * slope, 4 + std::abs(slope) + steep * (4 + std::abs(cosine)));
    near(R::act_p_avg, c[R::act_p_avg] + layer[at::act_p_avg_dt] * (c[R::mean_plus] - c[R::act_p_avg]), 4);
  }
  void operator()(const LeabraMix& rule) const {
    using R = LeabraMix;
    near(R::mix, rule.share * static_cast<long double>(c[R::avg_s]) + (1.0L - rule.share) * c[R::avg_m], 4);
  }
  void operator()(const LeabraBias& rule) const {
    using R = LeabraBias;
    const long double apart = c[R::plus] - c[R::minus];
    near(R::bias, c[R::bias] + (std::abs(apart) < rule.threshold ? 0 : rule.rate * layer[0] * apart), 4);
  }
  void operator()(const LeabraBalance& rule) const {
    using R = LeabraBalance;
    const long double mean = c[R::mean], missing = rule.low - std::max<long double>(mean, rule.threshold);
    long double decrease = 1;
    if (mean < rule.low) decrease = 1 / (1 + rule.low_gain * std::max(missing, 0.0L));
    if (mean > rule.high) decrease = 2 - 1 / (1 + rule.high_gain * (mean - rule.high));
    near(R::decrease, decrease, 4 + rule.low_gain + rule.high_gain);
  }
  void operator()(const Decay& rule) const { near(0, rule.keep * c[0], 0); }
  template <class Other>
  void operator()(const Other&) const {}
};

}  // namespace

bool solve_leabra(const UnitRule& any, long double* c, const real* shared, double* tolerance) {
  std::visit(LeabraSolver{c, shared, tolerance}, any);
  return std::visit(
      [](const auto& rule) {
        using Rule = std::decay_t<decltype(rule)>;
        return std::string_view(Rule::name).starts_with("leabra") || std::is_same_v<Rule, Decay>;
      },
      any);
}

}  // namespace engram::oracle
