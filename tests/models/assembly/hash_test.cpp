// One number for a whole association run: the same for any number of threads, compiler, optimisation and instruction
// set.
#include <gtest/gtest.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engram/assembly/simulator.hpp"

namespace engram::assembly {
namespace {

// tools/same_bits.sh builds this test in many ways; each must find these.
constexpr std::uint64_t recorded = sizeof(real) == 4 ? 7058103010253078210u : 7275615086105232236u;

std::uint64_t hash_of_association(int threads) {
  const auto backend = make_backend("cpu", {.threads = threads});
  const auto area = [](const char* name, std::vector<std::string> inputs, Index n) {
    AreaSpec a;
    a.name = name;
    a.inputs = std::move(inputs);
    a.n = n;
    return a;
  };
  AreaSpec c = area("C", {"A", "B"}, 1000);
  c.storage = "sparse";  // both storages take part
  Assembly network(*backend,
                   {{{"a", 1000, 50}, {"b", 500, 50}}, {{area("A", {"a"}, 2000), area("B", {"b"}, 1500)}, {c}}}, {19});
  std::vector<Sample> pairs, only[2];
  for (Tick s = 0; s < 5; ++s) {
    pairs.push_back({{"a", {sample_k_active(19, 0, s, 1000, 50)}}, {"b", {sample_k_active(19, 1, s, 500, 50)}}});
    for (int i = 0; i < 2; ++i) only[i].push_back({*std::next(pairs.back().begin(), i)});
  }
  Simulator simulator(network);
  XXH3_state_t* state = XXH3_createState();
  XXH3_64bits_reset(state);
  const auto add = [&](const auto& values) {
    XXH3_64bits_update(state, values.data(), values.size() * sizeof(values[0]));
  };
  const auto simulate = [&](const std::vector<Sample>& samples) {
    simulator.begin(samples);
    for (bool more = true; more;) {
      more = simulator.tick();
      for (const char* name : {"A", "B", "C"})
        if (simulator.state().active(name)) add(simulator.state().winners(name)[0]);
    }
  };
  simulate(only[0]);
  simulate(only[1]);
  add(simulator.associate_benchmark(pairs).parents);
  simulate(pairs);
  add(simulator.associate_benchmark(pairs).parents);
  for (const std::string& name : network.matrix_names()) add(network.matrix(name));
  const std::uint64_t hash = XXH3_64bits_digest(state);
  XXH3_freeState(state);
  return hash;
}

TEST(AssociationHash, IsTheRecordedOneForAnyNumberOfThreads) {
  for (const int threads : {1, 2, 3, 4, 7}) EXPECT_EQ(hash_of_association(threads), recorded) << threads << " threads";
}

}  // namespace
}  // namespace engram::assembly
