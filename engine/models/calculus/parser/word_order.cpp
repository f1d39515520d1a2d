// A script that learns the order of words.
#include "engine/models/calculus/script/script_parts.hpp"

namespace engram::calculus {

namespace {

/// Areas of one constituent: subject, object or verb.
struct Constituent {
  std::string role, helper, syntax;
};

std::vector<Constituent> constituents(const OrderAreas& x) {
  std::vector<Constituent> all;
  for (std::size_t c = 0; c < 3; ++c) all.push_back({x.roles[c], x.helpers[c], x.syntax[c]});
  return all;
}

/// Fires a word and lets the role that it plays, and the helper of that role, form.
void fill_role(Script& script, const OrderAreas& x, const Constituent& c, Index word, int rounds) {
  script.push_back(Activate{x.sound, word});
  script.push_back(Project{{}, {{x.sound, {c.role}}}, 1});
  script.push_back(Project{{}, {{x.sound, {c.role}}, {c.role, {c.helper, c.role}}}, 1});
  script.push_back(
      Project{{}, {{x.sound, {c.role}}, {c.role, {c.helper, c.role}}, {c.helper, {c.role, c.helper}}}, rounds});
}

/// One constituent of a sentence that is heard, after `previous`; the mood leads to the first one.
void hear(Script& script, const OrderAreas& x, const Constituent& c, const Constituent* previous, Index word,
          int rounds) {
  constexpr int lingering = 3;  // rounds in which the syntax area of the one before still fires
  Map map{{x.sound, {c.role}},
          {c.role, {c.helper, c.role}},
          {c.helper, {c.helper, c.role, c.syntax}},
          {x.mood, {c.syntax}}};
  if (!previous) map.back().second.push_back(c.helper);
  script.push_back(Activate{x.sound, word});
  Map first = map, later = map;
  later.push_back({c.syntax, {c.syntax}});
  Map both = later;
  if (previous) {
    first.push_back({previous->syntax, {c.helper}});
    both.push_back({previous->syntax, {c.helper}});
  }
  script.push_back(Project{{}, first, 1});
  script.push_back(Project{{}, both, lingering - 1});
  script.push_back(Project{{}, later, rounds});
}

}  // namespace

Script learn_order(const OrderAreas& x, Index nouns, Index verbs, const std::vector<WordOrder>& orders, int repetitions,
                   int rounds) {
  const std::vector<Constituent> all = constituents(x);
  Script script;
  for (int repetition = 0; repetition < repetitions; ++repetition)
    for (Index mood = 0; mood < orders.size(); ++mood) {
      // Every noun is subject and object in turn, with every verb in turn.
      const auto turn = static_cast<Index>(repetition);
      const std::array<Index, 3> word{turn % nouns, (turn / nouns + turn + 1) % nouns, nouns + turn % verbs};
      script.push_back(Activate{x.mood, mood});
      for (std::size_t c = 0; c < 3; ++c) fill_role(script, x, all[c], word[c], rounds);
      const Constituent* previous = nullptr;
      for (const std::size_t c : orders[mood]) {
        hear(script, x, all[c], previous, word[c], rounds);
        previous = &all[c];
      }
    }
  script.push_back(Plasticity{false});
  // The mood fires one helper, that its syntax area, and that the helper of what follows: of helpers, as of syntax
  // areas, only the one that receives most fires. Roles stay silent: what they send differs more between words than
  // between places.
  Map to_syntax, settle{{x.mood, x.syntax}}, onward;
  for (std::size_t c = 0; c < 3; ++c) {
    to_syntax.push_back({all[c].helper, {all[c].syntax}});
    settle.push_back({all[c].syntax, {all[c].syntax}});
    onward.push_back({all[c].syntax, {all[(c + 1) % 3].helper, all[(c + 2) % 3].helper}});
  }
  settle.insert(settle.end(), to_syntax.begin(), to_syntax.end());
  const auto silence = [&](const std::vector<std::string>& areas) {
    for (const auto& area : areas) script.push_back(Winners{area, {}});
  };
  for (Index mood = 0; mood < orders.size(); ++mood) {
    script.push_back(Activate{x.mood, mood});
    for (int place = 0; place < 3; ++place) {
      if (place > 0) {
        silence(x.syntax);
        script.push_back(Project{{}, to_syntax, 1});
        script.push_back(Project{{}, settle, 1});
        silence(x.helpers);
      }
      script.push_back(Project{{}, place == 0 ? Map{{x.mood, x.helpers}} : onward, 1});
      script.push_back(
          Measure{"mood " + std::to_string(mood) + ", place " + std::to_string(place), measures::Active{x.helpers}});
    }
  }
  script.push_back(Plasticity{true});
  return script;
}

}  // namespace engram::calculus
