// Scripts in which assemblies carry symbols: machines, tapes and words.
#include "script_parts.hpp"

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
  script.push_back(Measure{"support", "support of A", a, ""});
  script.push_back(Measure{"support", "support of B", b, ""});
  script.push_back(Measure{"overlap", "A before and after", "A after", "A before"});
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
  script.push_back(Measure{"overlap", "B after", "B again", "B"});
  script.push_back(Measure{"overlap", "A after", "A with C", "A with B"});
  return script;
}

Script learn_transitions(const std::string& state, const std::string& symbol, const std::string& via, const std::string& next,
                         const std::vector<Transition>& table, int rounds, int repetitions) {
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

Script learn_words(const WordAreas& x, Index nouns, Index verbs, int repetitions, int rounds) {
  Script script;
  const Map first{{x.sound, {x.noun, x.verb}}, {x.seen, {x.noun}}, {x.moved, {x.verb}}};
  const Map later{{x.sound, {x.noun, x.verb}}, {x.seen, {x.noun}}, {x.moved, {x.verb}},
                  {x.noun, {x.noun, x.sound, x.seen}}, {x.verb, {x.verb, x.sound, x.moved}}};
  for (int repetition = 0; repetition < repetitions; ++repetition)
    for (Index noun = 0; noun < nouns; ++noun)
      for (Index verb = 0; verb < verbs; ++verb) {
        script.push_back(Activate{x.seen, noun});
        script.push_back(Activate{x.moved, verb});
        for (const Index word : {noun, nouns + verb}) {
          script.push_back(Activate{x.sound, word});
          phase(script, {}, first, later, rounds + 1);
        }
      }
  script.push_back(Plasticity{false});
  for (Index word = 0; word < nouns + verbs; ++word) {
    const bool noun = word < nouns;
    const std::string label = "word " + std::to_string(word), context = noun ? x.seen : x.moved, home = noun ? x.noun : x.verb;
    script.push_back(Activate{context, noun ? word : word - nouns});
    script.push_back(Project{{}, {{context, {home}}}, 1, 0});
    script.push_back(Fix{x.sound, false});
    script.push_back(Project{{}, {{home, {x.sound}}}, 1, 0});
    script.push_back(Measure{"block", label, x.sound, "", word});
    script.push_back(Activate{x.sound, word});
    script.push_back(Project{{}, {{x.sound, {x.noun, x.verb}}}, 1, 0});
    for (const auto& area : {x.noun, x.verb}) {
      script.push_back(Measure{"input", label + ", input of " + area, area, ""});
      script.push_back(Remember{"heard in " + area, area});
    }
    script.push_back(Project{{}, {{x.sound, {x.noun, x.verb}}, {x.noun, {x.noun}}, {x.verb, {x.verb}}}, 1, 0});
    for (const auto& area : {x.noun, x.verb}) {
      script.push_back(Remember{"settled in " + area, area});
      script.push_back(Measure{"overlap", label + ", stability of " + area, "settled in " + area, "heard in " + area});
    }
  }
  script.push_back(Plasticity{true});
  return script;
}

}  // namespace engram::calculus
