// The operations of the calculus as scripts; the round counts of the published simulations are parameters.
#include "engine/models/calculus/script/script_parts.hpp"

namespace engram::calculus {

void phase(Script& script, const Map& stimuli, const Map& first, const Map& later, int rounds, int stable) {
  script.push_back(Project{stimuli, first, 1});
  if (rounds > 1) script.push_back(Project{stimuli, later, rounds - 1, stable});
}

Script project(const std::string& stimulus, const std::string& area, int rounds, int stable) {
  Script script;
  phase(script, {{stimulus, {area}}}, {}, {{area, {area}}}, rounds, stable);
  script.push_back(Remember{"assembly", area});
  script.push_back(Measure{"support", measures::Support{area}});
  return script;
}

Script reciprocal_project(const std::string& stimulus, const std::string& a, const std::string& b, int rounds,
                          int settle) {
  Script script = project(stimulus, a, rounds);
  script.push_back(Remember{"before", a});
  // A is held while B forms, then B alone brings A back; the recurrent synapses of A help from the second round on.
  script.push_back(Fix{a});
  phase(script, {}, {{a, {b}}}, {{a, {b}}, {b, {b, a}}}, rounds);
  script.push_back(Unfix{a});
  script.push_back(Project{{}, {{b, {a}}}, 1, 0});
  script.push_back(Remember{"restored", a});
  script.push_back(Measure{"restored", measures::Overlap{"restored", "before"}});
  script.push_back(Project{{}, {{b, {a}}, {a, {a}}}, settle, 0});
  script.push_back(Remember{"settled", a});
  script.push_back(Measure{"settled", measures::Overlap{"settled", "before"}});
  return script;
}

Script associate(const std::string& sa, const std::string& a, const std::string& sb, const std::string& b,
                 const std::string& c, int rounds, int together) {
  Script script;
  phase(script, {{sa, {a}}, {sb, {b}}}, {}, {{a, {a}}, {b, {b}}}, rounds);
  phase(script, {{sa, {a}}}, {{a, {a, c}}}, {{a, {a, c}}, {c, {c}}}, rounds);
  script.push_back(Remember{"A", c});
  script.push_back(Measure{"support of C after A", measures::Support{c}});
  phase(script, {{sb, {b}}}, {{b, {b, c}}}, {{b, {b, c}}, {c, {c}}}, rounds);
  script.push_back(Remember{"B", c});
  phase(script, {{sa, {a}}, {sb, {b}}}, {{a, {a, c}}, {b, {b, c}}}, {{a, {a, c}}, {b, {b, c}}, {c, {c}}}, together);
  script.push_back(Remember{"both", c});
  phase(script, {{sb, {b}}}, {{b, {b, c}}}, {{b, {b, c}}, {c, {c}}}, rounds);
  script.push_back(Remember{"B after", c});
  script.push_back(Measure{"A with B", measures::Overlap{"A", "B"}});
  script.push_back(Measure{"A with both", measures::Overlap{"A", "both"}});
  script.push_back(Measure{"B with both", measures::Overlap{"B", "both"}});
  script.push_back(Measure{"A with B after", measures::Overlap{"A", "B after"}});
  script.push_back(Measure{"support of C", measures::Support{c}});
  return script;
}

Script merge(const std::string& sa, const std::string& a, const std::string& sb, const std::string& b,
             const std::string& c, int rounds) {
  Script script{Project{{{sa, {a}}}, {}, 1, 0}, Project{{{sb, {b}}}, {}, 1, 0}};
  phase(script, {{sa, {a}}, {sb, {b}}}, {{a, {a, c}}, {b, {b, c}}}, {{a, {a, c}}, {b, {b, c}}, {c, {c, a, b}}},
        rounds + 1);
  for (const auto& [label, area] : {std::pair{"support of A", a}, {"support of B", b}, {"support of C", c}})
    script.push_back(Measure{label, measures::Support{area}});
  script.push_back(Measure{"newcomers of C", measures::Newcomers{c}});
  return script;
}

Script complete(const std::string& stimulus, const std::string& area, int form, double fraction, int rounds) {
  Script script = project(stimulus, area, form);
  script.push_back(Fire{area, "assembly", fraction});
  for (int r = 0; r < rounds; ++r) {
    script.push_back(Project{{}, {{area, {area}}}, 1, 0});
    script.push_back(Remember{"completed", area});
    script.push_back(Measure{"completion", measures::Overlap{"completed", "assembly"}});
  }
  script.push_back(Measure{"support after", measures::Support{area}});
  return script;
}

Script preserve_overlap(const std::string& sa, const std::string& a, const std::string& sb, const std::string& b,
                        const std::string& c, const std::string& d, int rounds) {
  Script script;
  phase(script, {{sa, {a}}, {sb, {b}}}, {}, {{a, {a}}, {b, {b}}}, rounds);
  phase(script, {{sa, {a}}}, {{a, {a, c}}}, {{a, {a, c}}, {c, {c}}}, rounds);
  script.push_back(Remember{"A in C", c});
  phase(script, {{sb, {b}}}, {{b, {b, c}}}, {{b, {b, c}}, {c, {c}}}, rounds);
  phase(script, {{sa, {a}}, {sb, {b}}}, {{a, {a, c}}, {b, {b, c}}}, {{a, {a, c}}, {b, {b, c}}, {c, {c}}}, rounds + 1);
  script.push_back(Rate{c, d, 0});
  const auto project_on = [&](const std::string& stimulus, const std::string& source, const std::string& name) {
    script.push_back(Project{{{stimulus, {source}}}, {{source, {source, c}}}, 1});
    script.push_back(Remember{name + " in C after", c});
    script.push_back(Project{{}, {{c, {d}}}, 1});
    script.push_back(Remember{name + " in D", d});
  };
  project_on(sb, b, "B");
  project_on(sa, a, "A");
  script.push_back(Measure{"overlap in C", measures::Overlap{"B in C after", "A in C"}});
  script.push_back(Measure{"overlap in D", measures::Overlap{"A in D", "B in D"}});
  return script;
}

Script density(const std::string& stimulus, const std::string& area, int rounds) {
  Script script = project(stimulus, area, rounds);
  script.push_back(Measure{"density", measures::Density{area, "assembly"}});
  script.push_back(Measure{"weight", measures::Weight{area, "assembly"}});
  return script;
}

Script separate(const std::string& input, const std::vector<Index>& first, const std::vector<Index>& second,
                const std::string& area, int rounds, bool learning) {
  Script script;
  const auto drive = [&](const std::vector<Index>& neurons) {
    script.push_back(Winners{input, neurons});
    script.push_back(Fix{input});
    phase(script, {}, {{input, {area}}}, {{input, {area}}, {area, {area}}}, rounds);
  };
  drive(first);
  script.push_back(Remember{"first", area});
  drive(second);
  script.push_back(Remember{"second", area});
  script.push_back(Measure{"overlap", measures::Overlap{"first", "second"}});
  script.push_back(Plasticity{learning});
  for (const auto& [neurons, name] : {std::pair{&first, "first"}, {&second, "second"}}) {
    script.push_back(Winners{input, *neurons});
    script.push_back(Project{{}, {{input, {area}}}, 1, 0});
    script.push_back(Remember{"again", area});
    script.push_back(Measure{std::string("restored ") + name, measures::Overlap{"again", name}});
  }
  script.push_back(Plasticity{true});
  script.push_back(Unfix{input});
  return script;
}

Script memorize_sequence(const std::vector<std::string>& stimuli, const std::string& area, int rounds, int recurrent,
                         int repetitions, double inhibition, int max_steps, std::optional<double> recurrent_beta) {
  Script script{Inhibition{area, 0, true}};
  if (recurrent_beta) script.push_back(Rate{area, area, recurrent_beta});
  for (int repetition = 0; repetition < repetitions; ++repetition)
    for (std::size_t i = 0; i < stimuli.size(); ++i) {
      // Recurrence comes first, while the element before still fires: this is what ties the two. Nothing fires yet
      // before the very first.
      const int tied = repetition == 0 && i == 0 ? 0 : recurrent;
      if (tied > 0) script.push_back(Project{{{stimuli[i], {area}}}, {{area, {area}}}, tied, 0});
      if (rounds > tied) script.push_back(Project{{{stimuli[i], {area}}}, {}, rounds - tied, 0});
      script.push_back(Remember{stimuli[i], area});
    }
  if (recurrent_beta) script.push_back(Rate{area, area});
  script.push_back(Plasticity{false});
  script.push_back(Inhibition{area, inhibition, true});
  script.push_back(OrderedRecall{"order", stimuli.front(), area, stimuli, max_steps});
  script.push_back(Plasticity{true});
  return script;
}

Script capacity(const std::vector<std::string>& stimuli, const std::string& area, int form, double fraction, int rounds,
                int every) {
  Script script;
  const auto recall_all = [&](std::size_t stored, const std::string& label) {
    script.push_back(Plasticity{false});
    for (std::size_t i = 0; i < stored; ++i) {
      script.push_back(Fire{area, stimuli[i], fraction});
      script.push_back(Project{{}, {{area, {area}}}, rounds});
      script.push_back(Remember{"recalled", area});
      script.push_back(Measure{label, measures::Overlap{"recalled", stimuli[i]}});
    }
    script.push_back(Measure{"mean recall of " + std::to_string(stored), measures::Mean{label}});
    script.push_back(Plasticity{true});
  };
  for (std::size_t i = 0; i < stimuli.size(); ++i) {
    phase(script, {{stimuli[i], {area}}}, {}, {{area, {area}}}, form);
    script.push_back(Remember{stimuli[i], area});
    if (i + 1 == stimuli.size())
      recall_all(i + 1, "recall");
    else if (every > 0 && (i + 1) % static_cast<std::size_t>(every) == 0)
      recall_all(i + 1, "recall of " + std::to_string(i + 1));
  }
  return script;
}

}  // namespace engram::calculus
