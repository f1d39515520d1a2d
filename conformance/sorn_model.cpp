// SORN as users run it: small networks, each with rules of its own, with all options, and one too large for a block of
// a GPU; one step a call, and many, for which a GPU keeps small networks in shared memory and records a step of others
// as a graph.
#include <algorithm>

#include "conformance/models.hpp"
#include "engram/sorn/sorn.hpp"

namespace engram::conformance {

namespace {

/// With input; calls of several steps have some in every other one, for a graph with input belongs to its call alone.
Result run(Backend& backend, const std::vector<sorn::Parameters>& parameters, Tick steps, Tick at_once) {
  std::vector<std::uint64_t> seeds;
  for (std::size_t r = 0; r < parameters.size(); ++r) seeds.push_back(20 + r);
  sorn::Network net(backend, parameters, seeds);
  const std::vector<real> input(at_once * parameters[0].nu, static_cast<real>(0.2));
  for (Tick t = 0; t < steps; t += at_once) {
    const Index some = static_cast<Index>(std::min(at_once, steps - t));
    const bool silent = t / at_once % 2 == 1 && at_once > 1;
    net.run(some, std::span(input).first(silent ? 0 : std::size_t{some} * parameters[0].nu));
  }
  Result result{{"drive of E", net.drives()}, {"drive of I", net.drives_to_inhibitory()}, {"te", net.thresholds()}};
  for (const sorn::State& s : net.states(0, net.replicas())) {
    result.push_back({"wee", s.wee.weight});
    result.push_back({"wei", s.wei.weight});
    if (!s.weu.weight.empty()) result.push_back({"weu", s.weu.weight});
  }
  return result;
}

std::vector<sorn::Parameters> small() {
  std::vector<sorn::Parameters> parameters(3);
  parameters[1] = sorn::preset_parameters("delpapa2017");
  parameters[2] = sorn::preset_parameters("zheng2013");
  parameters[2].sp_rate = 3.3;
  return parameters;
}

std::vector<sorn::Parameters> options() {
  sorn::Parameters p;
  p.ne = 120;
  p.nu = 12;
  p.k_winners = 12;
  p.input_weights = "plastic";
  p.lambda_eu = 3;
  p.feed_forward_inhibition = 0.05;
  p.noise_spikes_e = 0.01;
  p.noise_spikes_i = 0.02;
  p.initial_thresholds = "ordered";
  p.h_ip_distribution = "lognormal";
  p.sigma_ip = 0.5;
  p.prune_at = 0.02;
  std::vector<sorn::Parameters> parameters(2, p);
  parameters[1].fast_inhibition = true;
  return parameters;
}

std::vector<sorn::Parameters> large_networks() {
  sorn::Parameters p;
  p.ne = 1100;
  p.nu = 55;
  p.network_type_ie = "Sparse";
  p.sp_rate = 0.55;
  return {p};
}

constexpr Tick many = 20;

}  // namespace

Result run_sorn_small(Backend& backend, Tick steps) { return run(backend, small(), steps, 1); }
Result run_sorn_options(Backend& backend, Tick steps) { return run(backend, options(), steps, 1); }
Result run_sorn_large(Backend& backend, Tick steps) { return run(backend, large_networks(), steps, 1); }
Result run_sorn_small_at_once(Backend& backend, Tick steps) { return run(backend, small(), steps, many); }
Result run_sorn_options_at_once(Backend& backend, Tick steps) { return run(backend, options(), steps, many); }
Result run_sorn_large_at_once(Backend& backend, Tick steps) { return run(backend, large_networks(), steps, many); }

}  // namespace engram::conformance
