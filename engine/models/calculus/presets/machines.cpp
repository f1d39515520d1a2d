// Scripts in which assemblies carry the state of a machine.
#include "engine/models/calculus/script/script_parts.hpp"

namespace engram::calculus {

namespace {

/// A stimulus drives `a` until hardly a neuron is new, then with `b` too, in both directions; rates as published.
void tie(Script& script, const std::string& stimulus, const std::string& a, const std::string& b, int most) {
  script.push_back(Project{{{stimulus, {a}}}, {{a, {a, b}}}, 1});
  script.push_back(Project{{{stimulus, {a}}}, {{a, {a, b}}, {b, {b, a}}}, most, 0, 1});
}

void drive(Script& script, const std::string& stimulus, const std::string& a, int most) {
  script.push_back(Project{{{stimulus, {a}}}, {}, 1});
  script.push_back(Project{{{stimulus, {a}}}, {{a, {a}}}, most, 0, 1});
}

constexpr double strong = 0.8;

}  // namespace

Script larger_k(const std::string& stimulus, const std::string& a, const std::string& b, int most) {
  Script script{Rate{b, a, strong}, Rate{a, a, 0}, Rate{a, b, strong}, Rate{b, b, strong}};
  drive(script, stimulus, a, most);
  script.push_back(Remember{"A before", a});
  tie(script, stimulus, a, b, most);
  script.push_back(Remember{"A after", a});
  script.push_back(Measure{"support of A", measures::Support{a}});
  script.push_back(Measure{"support of B", measures::Support{b}});
  script.push_back(Measure{"A before and after", measures::Overlap{"A after", "A before"}});
  return script;
}

Script erase(const std::string& stimulus, const std::string& a, const std::string& b, const std::string& c, int most) {
  Script script{Rate{b, a, strong}, Rate{c, a, strong}, Rate{a, a, 0.01},  Rate{a, b, strong},
                Rate{b, b, strong}, Rate{a, c, strong}, Rate{c, c, strong}};
  drive(script, stimulus, a, most);
  tie(script, stimulus, a, b, most);
  script.push_back(Remember{"B", b});
  script.push_back(Remember{"A with B", a});
  tie(script, stimulus, a, c, most);
  script.push_back(Remember{"A with C", a});
  script.push_back(Project{{}, {{a, {b}}}, 1});
  script.push_back(Remember{"B again", b});
  script.push_back(Measure{"B after", measures::Overlap{"B again", "B"}});
  script.push_back(Measure{"A after", measures::Overlap{"A with C", "A with B"}});
  return script;
}

Script learn_transitions(const std::string& state, const std::string& symbol, const std::string& via,
                         const std::string& next, const std::vector<Transition>& table, int rounds, int repetitions) {
  Script script;
  Map sources{{state, {via}}};
  if (!symbol.empty()) sources.push_back({symbol, {via}});
  Map all = sources;
  all.push_back({via, {next}});
  for (int repetition = 0; repetition < repetitions; ++repetition)
    for (const auto& [from, read, to] : table) {
      script.push_back(Activate{state, from});
      if (!symbol.empty()) script.push_back(Activate{symbol, read});
      script.push_back(Activate{next, to});
      // No recurrence in `via`: arcs that share their state or their symbol would grow into one.
      phase(script, {}, sources, all, rounds);
    }
  return script;
}

}  // namespace engram::calculus
