// Twenty pairs of random patterns, learned through three hidden layers of 100 units, each layer driven from both sides.
// random_patterns.json is the same as an experiment.
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "engram/leabra/net.hpp"

namespace {

constexpr engram::Index units = 100, active = 20;
constexpr std::size_t pairs = 20;

std::vector<double> random_pattern(std::mt19937& generator) {
  std::vector<std::size_t> order(units);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), generator);
  std::vector<double> pattern(units);
  for (std::size_t k = 0; k < active; ++k) pattern[order[k]] = 1;
  return pattern;
}

/// How many of the most active units are those of the pattern.
std::size_t found(const std::vector<engram::real>& answer, const std::vector<double>& pattern) {
  std::vector<std::size_t> order(units);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return answer[a] > answer[b]; });
  return static_cast<std::size_t>(
      std::count_if(order.begin(), order.begin() + active, [&](std::size_t i) { return pattern[i] > 0; }));
}

}  // namespace

int main() {
  using namespace engram;
  using namespace engram::leabra;
  const auto backend = make_backend("auto");

  LayerSpec input = LayerSpec::of(Mode::standard);
  input.unit_spec.adapt_dt = input.unit_spec.vm_gain = input.unit_spec.spike_gain = 0;
  LayerSpec layer = input;
  layer.inhibition_type = Inhibition::kwta_avg;
  layer.kwta_pct = 0.2;
  ProjectionSpec up = ProjectionSpec::of(Mode::standard);
  up.dist = UniformWeights{0.25, 0.75};
  up.lrate = 0.2;
  ProjectionSpec down = up;
  down.wt_scale_rel = 0.3;

  Net net(*backend, 1);
  const std::vector<std::string> names{"input", "hidden1", "hidden2", "hidden3", "output"};
  for (const std::string& name : names) net.new_layer(name, units, name == "input" ? input : layer);
  for (std::size_t k = 1; k < names.size(); ++k) net.new_projection("up" + names[k], names[k - 1], names[k], up);
  for (std::size_t k = names.size() - 1; k > 1; --k)
    net.new_projection("down" + names[k], names[k], names[k - 1], down);

  std::mt19937 generator(1);
  std::vector<std::vector<double>> questions, answers;
  for (std::size_t k = 0; k < pairs; ++k) {
    questions.push_back(random_pattern(generator));
    answers.push_back(random_pattern(generator));
  }
  double share = 0;
  for (int epoch = 1; epoch <= 40 && share < 0.99; ++epoch) {
    for (std::size_t k = 0; k < pairs; ++k) {
      net.clamp_layer("input", questions[k]);
      net.minus_phase_cycle(50);
      net.clamp_layer("output", answers[k]);
      net.plus_phase_cycle(25);
      net.unclamp_layer("input");
      net.unclamp_layer("output");
      net.learn();
    }
    if (epoch % 5) continue;
    std::size_t right = 0;
    net.keep();  // predictions begin at rest and leave the network as it was
    for (std::size_t k = 0; k < pairs; ++k) {
      net.decay_state(1);
      net.clamp_layer("input", questions[k]);
      net.cycle(50);
      net.unclamp_layer("input");
      right += found(net.values("output", "unit_act"), answers[k]);
    }
    net.go_back();
    share = static_cast<double>(right) / (pairs * active);
    std::printf("epoch %2d: %.3f of the active units are found\n", epoch, share);
  }
  return share > 0.9 ? 0 : 1;
}
