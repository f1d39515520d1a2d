// What may be set of a SORN network: published variants, and what is refused.
#include <algorithm>
#include <cmath>

#include "engram/sorn/sorn.hpp"

namespace engram::sorn {

namespace {

void lazar2009(Parameters& p) {
  p.fast_inhibition = p.inclusive_threshold = true;
  p.noise = false;
  p.freeze = {"sp", "istdp"};
  p.network_type_ei = "Dense";
  p.te_min = p.ti_min = 0;
  p.te_max = p.ti_max = 0.5;
  p.clamp_te = false;
  p.lambda_ee = 10;
  p.eta_stdp = p.eta_ip = p.eta_inhib = 0.001;
  p.h_ip = 0.1;
}

void zheng2013(Parameters& p) {
  p.inclusive_threshold = true;
  p.noise_sigma_e = p.noise_sigma_i = std::sqrt(0.05);
  p.wei_floor = 0.001;
  p.clamp_te = false;
  p.h_ip = 0.1;
}

void delpapa2017(Parameters& p) {
  zheng2013(p);
  p.fast_inhibition = true;
  p.prune_at = 1e-10;
  p.sp_rate = 0.1 * p.ne * (p.ne - 1.0) / (200.0 * 199.0);
}

constexpr struct {
  const char* name;
  void (*apply)(Parameters&);
} presets[] = {
    {"package", [](Parameters&) {}}, {"lazar2009", lazar2009}, {"zheng2013", zheng2013}, {"delpapa2017", delpapa2017}};

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const auto& preset : presets) names.push_back(preset.name);
  return names;
}

Parameters preset_parameters(const std::string& name, Parameters p) {
  for (const auto& preset : presets)
    if (name == preset.name) return preset.apply(p), p;
  throw Error("unknown preset \"" + name + "\"; known are " + listed(preset_names()), 2);
}

void Parameters::check_together(const Report& wrong) const {
  if (nu > ne)
    wrong("nu", std::to_string(nu) + " input units, but there are " + std::to_string(ne) + " excitatory units");
  if (k_winners > ne)
    wrong("k_winners",
          "found " + std::to_string(k_winners) + "; there are " + std::to_string(ne) + " excitatory units");
  if (const double pairs = std::max(1.0, static_cast<double>(ne) * (ne - 1.0)); sp_rate > pairs)
    wrong("sp_rate", "found " + shown(sp_rate) + " new synapses a step; " + std::to_string(ne) +
                         " excitatory units have only " + shown(pairs) + " pairs");
  if (nu == 0 && plastic_inputs()) wrong("input_weights", "found \"plastic\", but nu is 0: there is no input");
  if (nu == 0 && feed_forward_inhibition > 0)
    wrong("feed_forward_inhibition", "found " + shown(feed_forward_inhibition) + ", but nu is 0: there is no input");
  if (te_min > te_max) wrong("te_min", "found " + shown(te_min) + " above te_max, " + shown(te_max));
  if (ti_min > ti_max) wrong("ti_min", "found " + shown(ti_min) + " above ti_max, " + shown(ti_max));
  if (prune_at >= w_max) wrong("prune_at", "found " + shown(prune_at) + ", not below w_max, " + shown(w_max));
  if (wei_floor >= w_max) wrong("wei_floor", "found " + shown(wei_floor) + ", not below w_max, " + shown(w_max));
  if (sp_init > w_max) wrong("sp_init", "found " + shown(sp_init) + " above w_max, " + shown(w_max));
}

}  // namespace engram::sorn
