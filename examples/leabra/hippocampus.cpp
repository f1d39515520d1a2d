// A hippocampus learns pairs of a cue and an item: in each trial CA1 is driven by the entorhinal cortex, then by CA3,
// then the answer is shown, and projections learn from the two of these theta phases that they contrast. Afterwards the
// cue alone recalls the item. hippocampus.json is the same network as an experiment.
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "engram/leabra/net.hpp"

namespace {

using namespace engram;
using namespace engram::leabra;

constexpr Index groups = 6, pairs = 10;  // a pattern has one active unit in each group of six

std::vector<double> pattern(Index pair, Index shift) {
  std::vector<double> units(groups * groups);
  for (Index g = 0; g < groups; ++g) units[g * groups + (pair * (g + shift) + pair / groups + g) % groups] = 1;
  return units;
}
std::vector<double> cue(Index pair) { return pattern(pair, 1); }
std::vector<double> item(Index pair) { return pattern(pair, 3); }

void add_layers(Net& net) {
  const auto add = [&](const char* name, Index size, double winners) {
    LayerSpec spec = LayerSpec::of(Mode::standard);
    spec.unit_spec.adapt_dt = spec.unit_spec.vm_gain = spec.unit_spec.spike_gain = 0;
    if (winners > 0) spec.inhibition_type = Inhibition::kwta_avg;
    spec.kwta_pct = winners;
    net.new_layer(name, size, spec);
  };
  add("cue", 36, 0);
  add("item", 36, 0.167);
  add("dg", 200, 0.03);
  add("ca3", 120, 0.08);
  add("ca1", 120, 0.1);
  add("ec_out", 36, 0.167);
}

void connect(Net& net) {
  const auto add = [&](const std::string& pre, const std::string& post, double scale, double sparsity,
                       const std::function<void(ProjectionSpec&)>& set) {
    ProjectionSpec spec = ProjectionSpec::of(Mode::standard);
    spec.dist = UniformWeights{0.25, 0.75};
    spec.wt_scale_rel = scale;
    spec.sparsity = sparsity;
    set(spec);
    net.new_projection(pre + "_" + post, pre, post, spec);
  };
  const auto fixed = [](ProjectionSpec& spec) { spec.learning = Learning::none; };
  const auto strong = [](ProjectionSpec& spec) {
    spec.learning = Learning::none;
    spec.dist = Scalar{0.9};
  };
  const auto hebbian = [](ProjectionSpec& spec) {
    spec.lrate = 0.5;
    spec.thr_l_mix = 1;
  };
  const auto against = [](const char* phase) {
    return [phase](ProjectionSpec& spec) {
      spec.learning = Learning::contrast;
      spec.minus_phase = phase;
      spec.lrate = 0.3;
    };
  };
  for (const char* half : {"cue", "item"}) {
    add(half, "dg", 1, 0.25, fixed);
    add(half, "ca3", 1, 0.5, hebbian);
    add(half, "ca1", 1, 0.5, against("minus"));
  }
  add("dg", "ca3", 4, 0.1, strong);
  add("ca3", "ca3", 1, 1, hebbian);
  add("ca3", "ca1", 2, 1, against("recall"));
  add("ca1", "ec_out", 1, 1, against("minus"));
  add("ec_out", "ca1", 0.5, 1, against("minus"));
  add("ec_out", "item", 1, 1, [](ProjectionSpec& spec) {
    spec.projn_type = Pattern::one_to_one;
    spec.dist = Scalar{0.9};
    spec.learning = Learning::none;
  });
}

void theta_phase(Net& net, const char* name, std::uint64_t cycles, const std::vector<std::string>& off) {
  for (const std::string& projection : off) net.switch_projection(projection, false);
  net.phase_cycle(name, cycles);
  for (const std::string& projection : off) net.switch_projection(projection, true);
}

void learn(Net& net, Index pair) {
  net.clamp_layer("cue", cue(pair));
  net.clamp_layer("item", item(pair));
  theta_phase(net, "minus", 50, {"ca3_ca1"});
  theta_phase(net, "recall", 50, {"cue_ca1", "item_ca1"});
  net.clamp_layer("ec_out", item(pair));
  theta_phase(net, "plus", 25, {"ca3_ca1"});
  for (const char* layer : {"cue", "item", "ec_out"}) net.unclamp_layer(layer);
  net.learn();
}

/// Units of all items that the cues recall wrongly.
int errors_of(Net& net) {
  int errors = 0;
  net.keep();
  for (Index pair = 0; pair < pairs; ++pair) {
    net.decay_state(1);  // no pair before it is still active
    net.clamp_layer("cue", cue(pair));
    net.cycle(75);
    const std::vector<real> found = net.values("ec_out", "unit_act");
    const std::vector<double> wanted = item(pair);
    for (std::size_t i = 0; i < wanted.size(); ++i)
      errors += std::abs(static_cast<double>(found[i]) - wanted[i]) >= 0.5;
  }
  net.go_back();
  return errors;
}

}  // namespace

int main() {
  const auto backend = make_backend("auto");
  Net net(*backend, 1);
  add_layers(net);
  connect(net);
  int errors = 0, before = errors_of(net);
  std::printf("epoch  0: %d units wrong of the %d that are active\n", before, int(pairs * groups));
  for (int epoch = 1; epoch <= 14; ++epoch) {
    for (Index pair = 0; pair < pairs; ++pair) learn(net, pair);
    if (epoch % 2 == 0) {
      errors = errors_of(net);
      std::printf("epoch %2d: %d\n", epoch, errors);
    }
  }
  return errors < before / 2 ? 0 : 1;
}
