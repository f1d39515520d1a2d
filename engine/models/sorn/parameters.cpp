// What may be set of a SORN network: published variants, and what is refused.
#include <algorithm>
#include <cmath>

#include "engram/sorn/sorn.hpp"

namespace engram::sorn {

Parameters preset_parameters(const std::string& name, Parameters p) {
  if (name == "lazar2009") {
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
  } else if (name == "zheng2013" || name == "delpapa2017") {
    p.inclusive_threshold = true;
    p.noise_sigma_e = p.noise_sigma_i = std::sqrt(0.05);
    p.wei_floor = 0.001;
    p.clamp_te = false;
    p.h_ip = 0.1;
    if (name == "delpapa2017") {
      p.fast_inhibition = true;
      p.prune_at = 1e-10;
      p.sp_rate = 0.1 * p.ne * (p.ne - 1.0) / (200.0 * 199.0);
    }
  } else {
    throw Error("unknown preset \"" + name + "\"; known are lazar2009, zheng2013 and delpapa2017", 2);
  }
  return p;
}

std::vector<Problem> check_parameters(const Parameters& p) {
  std::vector<Problem> problems;
  const auto wrong = [&](const std::string& key, const std::string& text) { problems.push_back({key, text}); };
  for_each_field<Parameters>([&](const auto& field) {
    const auto& value = p.*field.member;
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
      if (!(value >= field.min && value <= field.max))
        wrong(field.name, "found " + std::to_string(value) + "; allowed are " + std::to_string(field.min) + " to " +
                              std::to_string(field.max));
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (("|" + std::string(field.choices) + "|").find("|" + value + "|") == std::string::npos || value.empty())
        wrong(field.name, "found \"" + value + "\"; allowed are " + field.choices);
    }
  });
  if (p.nu > p.ne)
    wrong("nu", std::to_string(p.nu) + " input units, but there are " + std::to_string(p.ne) + " excitatory units");
  if (p.k_winners > p.ne)
    wrong("k_winners",
          "found " + std::to_string(p.k_winners) + "; there are " + std::to_string(p.ne) + " excitatory units");
  if (p.nu == 0 && p.plastic_inputs()) wrong("input_weights", "found \"plastic\", but nu is 0: there is no input");
  if (p.nu == 0 && p.feed_forward_inhibition > 0)
    wrong("feed_forward_inhibition",
          "found " + std::to_string(p.feed_forward_inhibition) + ", but nu is 0: there is no input");
  if (p.te_min > p.te_max)
    wrong("te_min", "found " + std::to_string(p.te_min) + " above te_max, " + std::to_string(p.te_max));
  if (p.ti_min > p.ti_max)
    wrong("ti_min", "found " + std::to_string(p.ti_min) + " above ti_max, " + std::to_string(p.ti_max));
  if (p.h_ip < 0 && p.h_ip != -1)
    wrong("h_ip", "found " + std::to_string(p.h_ip) + "; allowed are -1 (from nu and ne) and 0 to 10");
  if (p.prune_at >= p.w_max)
    wrong("prune_at", "found " + std::to_string(p.prune_at) + ", not below w_max, " + std::to_string(p.w_max));
  if (p.wei_floor >= p.w_max)
    wrong("wei_floor", "found " + std::to_string(p.wei_floor) + ", not below w_max, " + std::to_string(p.w_max));
  if (p.sp_init > p.w_max)
    wrong("sp_init", "found " + std::to_string(p.sp_init) + " above w_max, " + std::to_string(p.w_max));
  for (std::size_t i = 0; i < p.freeze.size(); ++i)
    if (std::find(std::begin(rule_names), std::end(rule_names), p.freeze[i]) == std::end(rule_names))
      wrong("freeze/" + std::to_string(i),
            "unknown rule \"" + p.freeze[i] + "\"; known are stdp, ip, sp, istdp and ss");
  return problems;
}

}  // namespace engram::sorn
