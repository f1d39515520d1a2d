// One projection round of the assembly calculus with learning, one stimulus and recurrence. Rounds differ: the first
// ones recruit, later ones repeat themselves. So a call runs rounds 1 to 25 of a fresh brain, and a step is their mean.
#include "bench/cases.hpp"
#include "engram/calculus/brain.hpp"

namespace engram::bench {

namespace {

using namespace calculus;

constexpr int rounds = 25;

Case round_case(const char* name, Connectome connectome, Index n, Index k, double p) {
  Case c;
  char text[96];
  std::snprintf(text, sizeof text, "%s/n=%u,k=%u,p=%g", name, n, k, p);
  c.name = text;
  c.question = "one round, mean over rounds 1 to 25 from the first onset of the stimulus";
  c.build = [=](Backend& backend, Index replicas) {
    struct State {
      std::vector<Brain> brains;
      std::vector<Brain> fresh;
    };
    auto state = std::make_shared<State>();
    for (Index r = 0; r < replicas; ++r) {
      BrainOptions options;
      options.p = p;
      Brain brain(backend, r + 1, options, connectome);
      AreaOptions area;
      area.n = n;
      area.k = k;
      area.beta = 0.05;
      brain.add_area("A", area);
      brain.add_stimulus("s", k);
      brain.project({{"s", {"A"}}}, {});  // round 0: also generates the stimulus
      state->fresh.push_back(std::move(brain));
    }
    Runnable run;
    // Each array of a neuron once a round: input (written, added to twice, selected from), stimulus, counts.
    run.bytes_per_step =
        static_cast<double>(replicas) *
        (connectome == Connectome::lazy ? 0 : static_cast<double>(n) * (5.0 * sizeof(real) + 2 * sizeof(float)));
    run.synapses_per_step = static_cast<double>(replicas) * 2 * k *
                            (connectome == Connectome::lazy ? static_cast<double>(k) : static_cast<double>(n)) * p;
    run.steps_per_call = rounds;
    run.step = [state] {
      state->brains.clear();
      for (const Brain& brain : state->fresh) state->brains.push_back(brain.clone());
      for (Brain& brain : state->brains) brain.project({{"s", {"A"}}}, {{"A", {"A"}}}, rounds);
    };
    run.check = [state, n, k, p]() -> std::string {
      for (const Brain& brain : state->brains) {
        const auto& support = brain.saved_support("A");
        if (support.size() != rounds + 1 || support[0] != k) return "other rounds were run than meant";
        if (support.back() <= k || support.back() > 10 * k)
          return "a support of " + std::to_string(support.back()) + " neurons is out of all proportion";
        if (p == 0.01 && n == 1000000 && (support[1] < 1600 || support[1] > 1760))
          return "the second round recruits as in no other run: " + std::to_string(support[1]);
      }
      return "";
    };
    return run;
  };
  return c;
}

}  // namespace

std::vector<Case> calculus_cases() {
  std::vector<Case> list;
  for (const auto& [name, connectome] :
       {std::pair{"calculus.round", Connectome::procedural}, {"calculus.lazy", Connectome::lazy}}) {
    list.push_back(round_case(name, connectome, 100000, 317, 0.01));
    list.push_back(round_case(name, connectome, 1000000, 1000, 0.01));
    list.push_back(round_case(name, connectome, 1000000, 1000, 0.001));
    list.push_back(round_case(name, connectome, 10000000, 3162, 0.001));
  }
  for (Case& c : list) c.host_only = c.name.starts_with("calculus.lazy");
  return list;
}

}  // namespace engram::bench
