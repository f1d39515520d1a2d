// Constants that the rules read, from the parameters of layers and projections.
#include <cmath>

#include "engine/models/leabra/parts.hpp"

namespace engram::leabra {

namespace {

real inhibition_of(const InhibitionSpec& spec) {
  namespace kind = leabra_inhibition;
  switch (spec.inhibition_type) {
    case Inhibition::fffb:
      return real(spec.fffb_combine == Combine::sum ? kind::fffb_sum : kind::fffb_product);
    case Inhibition::kwta:
      return real(kind::kwta);
    case Inhibition::kwta_avg:
      return real(kind::kwta_avg);
    case Inhibition::none:
      break;
  }
  return real(kind::none);
}

}  // namespace

Index winners_of(const InhibitionSpec& spec, Index size) {
  const double k = std::nearbyint(static_cast<double>(size) * spec.kwta_pct);  // half to even
  return k > 1 ? static_cast<Index>(k) : 1;
}

bool is_ranked(const InhibitionSpec& spec) {
  return spec.inhibition_type == Inhibition::kwta || spec.inhibition_type == Inhibition::kwta_avg;
}

void put_inhibition(const InhibitionSpec& spec, Index size, real* to) {
  namespace at = leabra_layer;
  const auto put = [&](int where, double value) { to[where] = static_cast<real>(value); };
  to[at::inhibition] = inhibition_of(spec);
  put(at::ff, spec.ff);
  put(at::ff0, spec.ff0);
  put(at::fb, spec.fb);
  put(at::fb_dt, spec.fb_dt);
  put(at::gi, spec.gi);
  put(at::kwta_pt, spec.kwta_pt);
  put(at::winners, winners_of(spec, size));
  put(at::size, size);
}

void put_constants(const LayerSpec& spec, Index size, const LayerNow& now, real* to) {
  namespace at = leabra_layer;
  const UnitSpec& u = spec.unit_spec;
  const auto put = [&](int where, double value) { to[where] = static_cast<real>(value); };
  put(at::clamped, now.clamped ? 1 : 0);
  put(at::net_step, u.integ * u.net_dt);
  put(at::per_weight, now.relative > 0 ? 1 / now.relative : 1);
  put(at::e_rev_e, u.e_rev_e);
  put(at::e_rev_i, u.e_rev_i);
  put(at::e_rev_l, u.e_rev_l);
  put(at::gc_l, u.gc_l);
  put(at::spk_thr, u.spk_thr);
  put(at::v_m_r, u.v_m_r);
  put(at::vm_gain, u.vm_gain);
  put(at::spike_gain, u.spike_gain);
  put(at::vm_step, u.integ * u.vm_dt);
  put(at::adapt_dt, u.adapt_dt);
  put(at::integ, u.integ);
  put(at::syn_tr, u.syn_tr);
  put(at::act_gain, u.act_gain);
  put(at::ss_step, now.averages ? u.integ * u.ss_dt : 0);
  put(at::s_step, now.averages ? u.integ * u.s_dt : 0);
  put(at::m_step, now.averages ? u.integ * u.m_dt : 0);
  put(at::l_up_inc, u.l_up_inc);
  put(at::l_dn_dt, u.l_dn_dt);
  put(at::l_min, u.avg_l_min);
  put(at::l_max, u.avg_l_max);
  put(at::l_relaxes, u.avg_l == LongTerm::relaxes ? 1 : 0);
  put(at::eq_from_i_r, u.vm_eq_driver == EqDriver::i_net_r ? 1 : 0);
  put(at::silent_below, u.silent_below);
  put(at::per_from_e, 1 / (u.spk_thr - u.e_rev_e));
  put(at::per_from_i, 1 / (u.spk_thr - u.e_rev_i));
  put_inhibition(spec, size, to);
  put(at::avg_dt, spec.avg_dt);
  put(at::soft_clamp, now.driven ? spec.clamp_gain : 0);
  put(at::noise, u.noise);
  put(at::bias, spec.bias ? 1 : 0);
  put(at::table, now.table * nxx1::points);
  put(at::clamp_silent, u.clamp_silent);
  put(at::l_above, u.avg_l_above);
  put(at::act_p_avg_dt, spec.scale_by_act == ActScale::running ? spec.act_p_avg_dt : 0);
}

namespace {

/// What all rules have: a rate, a Hebbian share and the contrast of weights.
template <class Rule>
Rule rule_with(const ProjectionSpec& spec, double hebbian) {
  Rule rule;
  rule.rate = static_cast<real>(spec.lrate);
  rule.hebbian = static_cast<real>(hebbian);
  rule.gain = static_cast<real>(spec.sig_gain);
  rule.offset = static_cast<real>(spec.sig_offset);
  rule.bounded = real(spec.bounded_contrast);
  return rule;
}

template <class Rule>
Rule xcal_of(const ProjectionSpec& spec, bool hidden) {
  Rule rule = rule_with<Rule>(spec, hidden ? spec.thr_l_mix : 0);
  rule.by_match = real(spec.cos_diff_thr_l_mix);
  rule.rate_by_match = real(spec.cos_diff_lrate && spec.cos_diff_lrate_acts);
  rule.s_mix = static_cast<real>(spec.s_mix_of == Mixing::units ? 1 : spec.s_mix);  // units have mixed theirs
  rule.d_rev = static_cast<real>(spec.d_rev);
  rule.d_thr = static_cast<real>(spec.d_thr);
  return rule;
}

}  // namespace

Index planes_of(const ProjectionSpec& spec) {
  return spec.learning == Learning::momentum ? XcalMomentum::n_values : Xcal::n_values;
}

SynapseRule plasticity_of(const ProjectionSpec& spec, bool hidden) {
  if (spec.learning == Learning::contrast) return rule_with<PhaseContrast>(spec, spec.hebbian);
  if (spec.learning == Learning::momentum) {
    XcalMomentum rule;
    rule.xcal = xcal_of<XcalAnyGain>(spec, hidden);
    rule.norm_keep = static_cast<real>(spec.norm_keep);
    rule.norm_rate = static_cast<real>(spec.norm_rate);
    rule.norm_min = static_cast<real>(spec.norm_min);
    rule.momentum = static_cast<real>(spec.momentum);
    rule.momentum_rate = static_cast<real>(spec.momentum_rate);
    rule.normalized = real(spec.normalize_changes);
    return rule;
  }
  return spec.sig_gain == 6 ? SynapseRule(xcal_of<Xcal>(spec, hidden))
                            : SynapseRule(xcal_of<XcalAnyGain>(spec, hidden));
}

real effective_weight(const ProjectionSpec& spec, real linear) {
  return spec.sig_gain == 6 ? xcal_of<Xcal>(spec, true).effective(linear)
                            : xcal_of<XcalAnyGain>(spec, true).effective(linear);
}

}  // namespace engram::leabra
