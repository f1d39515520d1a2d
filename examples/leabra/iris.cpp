// Fisher's iris flowers: four measures, each as one of ten bins of its quantiles, name the species through a hidden
// layer that the answer drives too. iris.json is the same network as an experiment. Called with the table, or in the
// root of the sources.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "engram/leabra/net.hpp"

namespace {

using namespace engram;
using namespace engram::leabra;

constexpr std::size_t measures = 4, bins = 10, species = 3;

struct Flower {
  std::vector<double> measured;  ///< [measure]
  std::size_t kind;
};

std::vector<Flower> read_flowers(const std::string& path) {
  std::ifstream file(path);
  std::vector<Flower> flowers;
  std::string line;
  std::getline(file, line);  // names of the columns
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::vector<double> numbers;
    for (std::string word; std::getline(words, word, ',');) numbers.push_back(std::stod(word));
    flowers.push_back({{numbers.begin(), numbers.begin() + measures}, static_cast<std::size_t>(numbers[measures])});
  }
  return flowers;
}

/// One active unit for each measure, which says how large a share of all flowers measures less. Equal ones share the
/// mean of their places; the last bin holds the largest alone.
std::vector<double> code(const std::vector<Flower>& flowers, const Flower& flower) {
  std::vector<double> units(measures * bins);
  for (std::size_t m = 0; m < measures; ++m) {
    double less = 0, most = -1;
    for (const Flower& other : flowers) {
      less += other.measured[m] < flower.measured[m];
      most += other.measured[m] <= flower.measured[m];
    }
    const auto last = static_cast<double>(flowers.size() - 1);
    const double quantile = less == 0 ? 0 : most == last ? 1 : (less + most) / 2 / last;
    units[m * bins + static_cast<std::size_t>(quantile * (bins - 1))] = 1;
  }
  return units;
}

Net make_network(Backend& backend) {
  LayerSpec layer = LayerSpec::of(Mode::standard);
  layer.gi = 1.5;
  layer.unit_spec.adapt_dt = layer.unit_spec.vm_gain = layer.unit_spec.spike_gain = 0;
  ProjectionSpec up = ProjectionSpec::of(Mode::standard), down = up;
  up.dist = UniformWeights{0.25, 0.75};
  up.lrate_schedule = Schedule::step;  // calms the last epochs
  up.lrate_every = 60;
  down.dist = UniformWeights{0.25, 0.5};
  down.wt_scale_rel = 0.3;
  Net net(backend, 1);
  net.new_layer("input", measures * bins, layer);
  net.new_layer("hidden", 23, layer);
  net.new_layer("output", species, layer);
  net.new_projection("input_to_hidden", "input", "hidden", up);
  net.new_projection("hidden_to_output", "hidden", "output", up);
  net.new_projection("output_to_hidden", "output", "hidden", down);
  return net;
}

void learn(Net& net, const std::vector<double>& input, std::size_t kind) {
  std::vector<double> answer(species);
  answer[kind] = 1;
  net.clamp_layer("input", input);
  net.minus_phase_cycle(50);
  net.clamp_layer("output", answer);
  net.plus_phase_cycle(25);
  net.unclamp_layer("input");
  net.unclamp_layer("output");
  net.learn();
}

/// What the network says from rest.
bool is_right(Net& net, const std::vector<double>& input, std::size_t kind) {
  net.decay_state(1);
  net.clamp_layer("input", input);
  net.cycle(50);
  net.unclamp_layer("input");
  const std::vector<real> output = net.values("output", "unit_act");
  return static_cast<std::size_t>(std::max_element(output.begin(), output.end()) - output.begin()) == kind;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string table = argc > 1 ? argv[1] : "examples/leabra/iris.csv";
  const std::vector<Flower> flowers = read_flowers(table);
  if (flowers.empty()) {
    std::fprintf(stderr, "%s: found no flowers; call this with the path of iris.csv\n", table.c_str());
    return 1;
  }
  std::vector<std::vector<double>> inputs;
  for (const Flower& flower : flowers) inputs.push_back(code(flowers, flower));
  const auto backend = make_backend("auto");
  Net net = make_network(*backend);
  // The table is sorted by species: steps of 7 rows mix them, and of those each fifth flower only tests.
  const auto row = [&](std::size_t k) { return k * 7 % flowers.size(); };
  const auto tests = [](std::size_t k) { return k % 5 == 0; };
  double right = 0, right_tests = 0, trained = 0, tested = 0;
  for (int epoch = 1; epoch <= 120; ++epoch) {
    for (std::size_t k = 0; k < flowers.size(); ++k)
      if (!tests(k)) learn(net, inputs[row(k)], flowers[row(k)].kind);
    net.end_epoch();
    if (epoch % 20 != 0) continue;
    right = right_tests = trained = tested = 0;
    net.keep();
    for (std::size_t k = 0; k < flowers.size(); ++k) {
      const bool here = is_right(net, inputs[row(k)], flowers[row(k)].kind);
      (tests(k) ? right_tests : right) += here;
      (tests(k) ? tested : trained) += 1;
    }
    net.go_back();
    std::printf("epoch %3d: %3.0f of %.0f that train are right, %2.0f of %.0f that test\n", epoch, right, trained,
                right_tests, tested);
  }
  return right >= 0.9 * trained && right_tests >= 0.8 * tested ? 0 : 1;
}
