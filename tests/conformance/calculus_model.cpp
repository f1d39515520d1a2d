// The assembly calculus as users run it: two areas and a stimulus, with feedback, refraction and normalised columns.
#include "engram/models/calculus.hpp"
#include "models.hpp"

namespace engram::conformance {

namespace {

Result run(Backend& backend, Tick steps, calculus::Connectome connectome) {
  using namespace calculus;
  Brain brain(backend, 12, {}, connectome);
  AreaOptions area;
  area.n = 1100;
  area.k = 25;
  area.beta = 0.1;
  brain.add_area("A", area);
  area.n = 700;
  area.refractory_period = 2;
  area.inhibition_strength = 1.5;
  brain.add_area("B", area);
  brain.add_stimulus("s", 30);
  std::vector<Index> winners, newcomers;
  for (Tick t = 0; t < steps; ++t) {
    backend.begin_step(1, t);
    const bool driven = t % 10 < 7;  // then the areas go on alone
    brain.project(driven ? Map{{"s", {"A"}}} : Map{}, t == 0   ? Map{}
                                                      : t == 1 ? Map{{"A", {"A", "B"}}}
                                                               : Map{{"A", {"A", "B"}}, {"B", {"A", "B"}}});
    backend.end_step();
    if (t % 25 == 24) brain.normalise("A");
    for (const char* name : {"A", "B"}) {
      const auto& now = brain.winners(name);
      winners.insert(winners.end(), now.begin(), now.end());
      newcomers.push_back(brain.newcomers(name));
    }
  }
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

}  // namespace

Result run_calculus(Backend& backend, Tick steps) { return run(backend, steps, calculus::Connectome::procedural); }
Result run_calculus_explicit(Backend& backend, Tick steps) { return run(backend, steps, calculus::Connectome::dense); }

}  // namespace engram::conformance
