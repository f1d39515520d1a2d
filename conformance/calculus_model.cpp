// The assembly calculus as users run it: two areas and a stimulus, with feedback and normalised columns; round by round
// with refraction, or many rounds in a call.
#include <algorithm>

#include "conformance/models.hpp"
#include "engram/calculus/brain.hpp"

namespace engram::conformance {

namespace {

using namespace calculus;

Brain two_areas(Backend& backend, Connectome connectome, Index refractory_period) {
  Brain brain(backend, 12, {}, connectome);
  AreaOptions area;
  area.n = 1100;
  area.k = 25;
  area.beta = 0.1;
  brain.add_area("A", area);
  area.n = 700;
  area.refractory_period = refractory_period;
  area.inhibition_strength = 1.5;
  brain.add_area("B", area);
  brain.add_stimulus("s", 30);
  return brain;
}

/// Who fired, as it was seen, and what is left in the brain.
struct Seen {
  std::vector<Index> winners, newcomers;

  void look(const Brain& brain) {
    for (const char* name : {"A", "B"}) {
      const auto& now = brain.winners(name);
      winners.insert(winners.end(), now.begin(), now.end());
      newcomers.push_back(brain.newcomers(name));
    }
  }
  Result result(Brain& brain) const {
    const auto weights = brain.stimulus_weights("s", "A");
    std::vector<real> learned;
    for (const char* from : {"A", "B"})
      for (const char* to : {"A", "B"})
        learned.push_back(static_cast<real>(brain.connection(from, brain.winners(from), to, brain.winners(to)).weight));
    return {{"winners", winners},
            {"newcomers", newcomers},
            {"weights of s", std::vector<real>(weights.begin(), weights.end())},
            {"learned", learned}};
  }
};

Map one_stimulus(bool driven) { return driven ? Map{{"s", {"A"}}} : Map{}; }

Result run(Backend& backend, Tick steps, Connectome connectome) {
  Brain brain = two_areas(backend, connectome, 2);
  Seen seen;
  for (Tick t = 0; t < steps; ++t) {
    backend.begin_step(1, t);
    brain.project(one_stimulus(t % 10 < 7),  // then the areas go on alone
                  t == 0   ? Map{}
                  : t == 1 ? Map{{"A", {"A", "B"}}}
                           : Map{{"A", {"A", "B"}}, {"B", {"A", "B"}}});
    backend.end_step();
    if (t % 25 == 24) brain.normalise("A");
    seen.look(brain);
  }
  return seen.result(brain);
}

}  // namespace

Result run_calculus(Backend& backend, Tick steps) { return run(backend, steps, Connectome::procedural); }
Result run_calculus_explicit(Backend& backend, Tick steps) { return run(backend, steps, Connectome::dense); }

Result run_calculus_together(Backend& backend, Tick steps) {
  constexpr Tick bunch = 10;
  Brain brain = two_areas(backend, Connectome::procedural, 0);
  Seen seen;
  brain.project({{"s", {"A", "B"}}}, {});
  for (Tick t = 0; t < steps; t += bunch) {
    backend.begin_step(1, t);
    brain.project(one_stimulus(t % (3 * bunch) < 2 * bunch), {{"A", {"A", "B"}}, {"B", {"A", "B"}}},
                  static_cast<Index>(std::min(bunch, steps - t)));
    backend.end_step();
    if (t == 2 * bunch) brain.normalise("B");
    seen.look(brain);
  }
  return seen.result(brain);
}

}  // namespace engram::conformance
