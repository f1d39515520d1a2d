// A run of SORN networks: what goes to the device, and what comes back.
#include <algorithm>

#include "engram/sorn/sorn.hpp"

namespace engram::sorn {

namespace {

/// What the input adds to the drive of each inhibitory unit, [step][replica]: its sum, ascending, times the network's
/// gain.
std::vector<real> feed_of(const std::vector<Parameters>& parameters, std::span<const real> input, Index steps,
                          bool own) {
  std::vector<real> feed;
  const std::size_t nu = parameters[0].nu, n = parameters.size();
  for (std::size_t s = 0; s < steps; ++s)
    for (std::size_t r = 0; r < n; ++r) {
      real sum = 0;
      for (const real u : input.subspan((own ? s * n + r : s) * nu, nu)) sum += u;
      feed.push_back(static_cast<real>(parameters[r].feed_forward_inhibition) * sum);
    }
  return feed;
}

}  // namespace

Network::Recorded Network::run(Index steps, std::span<const real> input, const Record& record, const Draws* draws) {
  const View v = view();
  const std::size_t networks = std::size_t{steps} * v.replicas;
  const auto expect = [](const char* what, std::size_t found, std::size_t wanted) {
    if (found != wanted)
      throw Error(
          std::string("SORN: ") + what + " has " + std::to_string(found) + " values, wanted " + std::to_string(wanted),
          2);
  };
  Run run;
  run.first = tick_;
  run.steps = steps;
  Array<real> inputs, feed, noise_e, noise_i;
  Array<NewSynapse> synapses;
  if (!input.empty()) {
    const bool own = input.size() == networks * v.nu && v.replicas > 1;
    if (!own) expect("input", input.size(), std::size_t{steps} * v.nu);
    inputs = Array<real>(*backend_, input);
    run.input = inputs.view().data;
    run.input_replica_stride = own ? v.nu : 0;
    if (std::any_of(parameters_.begin(), parameters_.end(),
                    [](const Parameters& p) { return p.feed_forward_inhibition > 0; })) {
      feed = Array<real>(*backend_, feed_of(parameters_, input, steps, own));
      run.feed = feed.view().data;
    }
  }
  if (draws) {
    if (!draws->noise_e.empty()) expect("noise_e", draws->noise_e.size(), networks * v.ne);
    if (!draws->noise_i.empty()) expect("noise_i", draws->noise_i.size(), networks * v.ni);
    if (!draws->synapses.empty()) expect("synapses", draws->synapses.size(), networks);
    noise_e = Array<real>(*backend_, draws->noise_e);
    noise_i = Array<real>(*backend_, draws->noise_i);
    synapses = Array<NewSynapse>(*backend_, draws->synapses);
    run.noise_e = noise_e.view().data;
    run.noise_i = noise_i.view().data;
    run.synapse = synapses.view().data;
  }
  const auto room = [&]<class T>(bool wanted, std::size_t width, T*& to) {
    Array<T> array(*backend_, wanted ? networks * width : 0);
    to = array.view().data;
    return array;
  };
  const Array<std::uint32_t> x = room(record.x, v.words_e(), run.x), y = room(record.y, v.words_i(), run.y),
                             recurrent = room(record.recurrent, v.words_e(), run.recurrent);
  const Array<Counts> counts = room(record.counts, 1, run.counts);
  // Every event takes a block at most, so no step can run out of them.
  ee_->reserve(static_cast<Index>(std::min<std::size_t>(networks * v.max_events, no_block - 1)));
  View now = v;
  now.ee = ee_->view();
  if (steps > 0) steps_->run(now, run);
  tick_ += steps;
  return {x.download(), y.download(), recurrent.download(), counts.download(), v.words_e(), v.words_i()};
}

}  // namespace engram::sorn
