// Two stimuli, presented together, associate: after learning, either alone makes area C fire an overlapping set.
#include <cstdio>

#include "engram/assembly/simulator.hpp"

int main() {
  using namespace engram;
  using namespace engram::assembly;
  const auto backend = make_backend("auto");
  const std::uint64_t seed = 19;

  Assembly brain(*backend,
                 {.stimuli = {{"a", 1000}, {"b", 500}},
                  .stages = {{{.name = "A", .inputs = {"a"}, .n = 2000}, {.name = "B", .inputs = {"b"}, .n = 1500}},
                             {{.name = "C", .inputs = {"A", "B"}, .n = 1000}}}},
                 {seed});
  std::vector<Sample> only_a, only_b, pairs;
  for (Tick s = 0; s < 5; ++s) {
    const Winners a{sample_k_active(seed, 0, s, 1000, 50)}, b{sample_k_active(seed, 1, s, 500, 50)};
    only_a.push_back({{"a", a}});
    only_b.push_back({{"b", b}});
    pairs.push_back({{"a", a}, {"b", b}});
  }

  Simulator simulator(brain, {.epoch_size = 10});
  simulator.simulate(only_a);
  simulator.simulate(only_b);
  const double before = simulator.associate_benchmark(pairs).parents[0];
  simulator.simulate(pairs);
  const double after = simulator.associate_benchmark(pairs).parents[0];
  std::printf("overlap in C of what a and b recall alone: %.3f before, %.3f after (chance %.3f)\n", before, after,
              expected_overlap(1000, 50) / 50);
  for (const char* area : {"A", "B", "C"})
    std::printf("%s: recall %.1f of 50, similarity of learned outputs %.3f\n", area,
                simulator.last().at(std::string(area) + "/recall")[0],
                simulator.last().at(std::string(area) + "/similarity")[0]);
}
