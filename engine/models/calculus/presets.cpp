// The operations of the calculus as scripts; the round counts of the published simulations are parameters.
#include "engram/models/calculus_script.hpp"

namespace engram::calculus {

namespace {

/// One round of `first`, then the others of `later`.
void phase(Script& script, const Map& stimuli, const Map& first, const Map& later, int rounds, int stable = 0) {
  script.push_back(Project{stimuli, first, 1, 0});
  if (rounds > 1) script.push_back(Project{stimuli, later, rounds - 1, stable});
}

}  // namespace

Script project(const std::string& stimulus, const std::string& area, int rounds, int stable) {
  Script script;
  phase(script, {{stimulus, {area}}}, {}, {{area, {area}}}, rounds, stable);
  script.push_back(Remember{"assembly", area});
  script.push_back(Measure{"support", "support", area, ""});
  return script;
}

Script reciprocal_project(const std::string& stimulus, const std::string& a, const std::string& b, int rounds) {
  Script script = project(stimulus, a, rounds);
  script.push_back(Remember{"before", a});
  // A is held while B forms, then B alone brings A back; the recurrent synapses of A help from the second round on.
  script.push_back(Fix{a, true});
  phase(script, {}, {{a, {b}}}, {{a, {b}}, {b, {b, a}}}, rounds);
  script.push_back(Fix{a, false});
  script.push_back(Project{{}, {{b, {a}}}, 1, 0});
  script.push_back(Remember{"restored", a});
  script.push_back(Measure{"overlap", "restored", "restored", "before"});
  script.push_back(Project{{}, {{b, {a}}, {a, {a}}}, 5, 0});
  script.push_back(Remember{"settled", a});
  script.push_back(Measure{"overlap", "settled", "settled", "before"});
  return script;
}

Script associate(const std::string& sa, const std::string& a, const std::string& sb, const std::string& b, const std::string& c, int rounds,
                 int together) {
  Script script;
  phase(script, {{sa, {a}}, {sb, {b}}}, {}, {{a, {a}}, {b, {b}}}, rounds);
  phase(script, {{sa, {a}}}, {{a, {a, c}}}, {{a, {a, c}}, {c, {c}}}, rounds);
  script.push_back(Remember{"A", c});
  script.push_back(Measure{"support", "support of C after A", c, ""});
  phase(script, {{sb, {b}}}, {{b, {b, c}}}, {{b, {b, c}}, {c, {c}}}, rounds);
  script.push_back(Remember{"B", c});
  phase(script, {{sa, {a}}, {sb, {b}}}, {{a, {a, c}}, {b, {b, c}}}, {{a, {a, c}}, {b, {b, c}}, {c, {c}}}, together);
  script.push_back(Remember{"both", c});
  phase(script, {{sb, {b}}}, {{b, {b, c}}}, {{b, {b, c}}, {c, {c}}}, rounds);
  script.push_back(Remember{"B after", c});
  script.push_back(Measure{"overlap", "A with B", "A", "B"});
  script.push_back(Measure{"overlap", "A with both", "A", "both"});
  script.push_back(Measure{"overlap", "B with both", "B", "both"});
  script.push_back(Measure{"overlap", "A with B after", "A", "B after"});
  script.push_back(Measure{"support", "support of C", c, ""});
  return script;
}

Script merge(const std::string& sa, const std::string& a, const std::string& sb, const std::string& b, const std::string& c, int rounds) {
  Script script{Project{{{sa, {a}}}, {}, 1, 0}, Project{{{sb, {b}}}, {}, 1, 0}};
  phase(script, {{sa, {a}}, {sb, {b}}}, {{a, {a, c}}, {b, {b, c}}}, {{a, {a, c}}, {b, {b, c}}, {c, {c, a, b}}}, rounds + 1);
  for (const auto& [label, area] : {std::pair{"support of A", a}, {"support of B", b}, {"support of C", c}})
    script.push_back(Measure{"support", label, area, ""});
  script.push_back(Measure{"newcomers", "newcomers of C", c, ""});
  return script;
}

Script complete(const std::string& stimulus, const std::string& area, int form, double fraction, int rounds) {
  Script script = project(stimulus, area, form);
  script.push_back(Fire{area, "assembly", fraction});
  for (int r = 0; r < rounds; ++r) {
    script.push_back(Project{{}, {{area, {area}}}, 1, 0});
    script.push_back(Remember{"completed", area});
    script.push_back(Measure{"overlap", "completion", "completed", "assembly"});
  }
  script.push_back(Measure{"support", "support after", area, ""});
  return script;
}

Script preserve_overlap(const std::string& sa, const std::string& a, const std::string& sb, const std::string& b, const std::string& c,
                        const std::string& d, int rounds) {
  Script script = associate(sa, a, sb, b, c, rounds, rounds);
  script.push_back(Measure{"overlap", "overlap in C", "A", "B after"});
  // Each assembly of C, alone, onto an untouched D.
  script.push_back(Save{"untouched"});
  for (const auto& [assembly, name] : {std::pair{"A", "A in D"}, {"B after", "B in D"}}) {
    script.push_back(Restore{"untouched"});
    script.push_back(Fire{c, assembly, 1});
    script.push_back(Fix{c, true});
    phase(script, {}, {{c, {d}}}, {{c, {d}}, {d, {d}}}, rounds);
    script.push_back(Remember{name, d});
  }
  script.push_back(Measure{"overlap", "overlap in D", "A in D", "B in D"});
  return script;
}

Script density(const std::string& stimulus, const std::string& area, int rounds) {
  Script script = project(stimulus, area, rounds);
  script.push_back(Measure{"density", "density", area, "assembly"});
  script.push_back(Measure{"weight", "weight", area, "assembly"});
  return script;
}

Script separate(const std::string& input, const std::vector<Index>& first, const std::vector<Index>& second, const std::string& area,
                int rounds) {
  Script script;
  const auto drive = [&](const std::vector<Index>& neurons) {
    script.push_back(Winners{input, neurons});
    script.push_back(Fix{input, true});
    phase(script, {}, {{input, {area}}}, {{input, {area}}, {area, {area}}}, rounds);
  };
  drive(first);
  script.push_back(Remember{"first", area});
  drive(second);
  script.push_back(Remember{"second", area});
  script.push_back(Measure{"overlap", "overlap", "first", "second"});
  script.push_back(Plasticity{false});
  for (const auto& [neurons, name] : {std::pair{&first, "first"}, {&second, "second"}}) {
    script.push_back(Winners{input, *neurons});
    script.push_back(Project{{}, {{input, {area}}}, 1, 0});
    script.push_back(Remember{"again", area});
    script.push_back(Measure{"overlap", std::string("restored ") + name, "again", name});
  }
  script.push_back(Plasticity{true});
  script.push_back(Fix{input, false});
  return script;
}

Script memorize_sequence(const std::vector<std::string>& stimuli, const std::string& area, int rounds, int recurrent, int repetitions,
                         double inhibition, int max_steps) {
  Script script{Inhibition{area, 0, true}};
  for (int repetition = 0; repetition < repetitions; ++repetition)
    for (std::size_t i = 0; i < stimuli.size(); ++i) {
      // Recurrence comes first, while the element before still fires: this is what ties the two. Nothing fires yet
      // before the very first.
      const int tied = repetition == 0 && i == 0 ? 0 : recurrent;
      if (tied > 0) script.push_back(Project{{{stimuli[i], {area}}}, {{area, {area}}}, tied, 0});
      if (rounds > tied) script.push_back(Project{{{stimuli[i], {area}}}, {}, rounds - tied, 0});
      script.push_back(Remember{stimuli[i], area});
    }
  script.push_back(Plasticity{false});
  script.push_back(Inhibition{area, inhibition, true});
  script.push_back(OrderedRecall{"order", stimuli.front(), area, stimuli, max_steps});
  script.push_back(Plasticity{true});
  return script;
}

Script capacity(const std::vector<std::string>& stimuli, const std::string& area, int form, double fraction, int rounds) {
  Script script;
  for (const auto& stimulus : stimuli) {
    phase(script, {{stimulus, {area}}}, {}, {{area, {area}}}, form);
    script.push_back(Remember{stimulus, area});
  }
  script.push_back(Plasticity{false});
  for (const auto& stimulus : stimuli) {
    script.push_back(Fire{area, stimulus, fraction});
    script.push_back(Project{{}, {{area, {area}}}, rounds, 0});
    script.push_back(Remember{"recalled", area});
    script.push_back(Measure{"overlap", "recall", "recalled", stimulus});
  }
  script.push_back(Plasticity{true});
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
