#include "engine/models/calculus/presets/preset_steps.hpp"

#include <algorithm>

#include "engine/models/calculus/presets/word_steps.hpp"

namespace engram::calculus::presets {

namespace {

void check_length(const Report& problem, const char* key, double steps) {
  if (steps > max_steps)
    problem(key, "this makes " + std::to_string(static_cast<std::uint64_t>(steps)) + " steps; allowed are " +
                     std::to_string(static_cast<int>(max_steps)));
}

}  // namespace

void Separate::check_together(const Report& problem) const {
  if (shared > size)
    problem("shared", "two inputs of " + std::to_string(size) + " neurons cannot share " + std::to_string(shared));
}

Script Separate::script() const {
  std::vector<Index> first(size), second(size);
  for (Index i = 0; i < size; ++i) {
    first[i] = i;
    second[i] = size - shared + i;
  }
  return separate(areas[0], first, second, areas[1], rounds, learning);
}

void Sequence::check_together(const Report& problem) const {
  check_length(problem, "repetitions", 3.0 * static_cast<double>(stimuli.size()) * repetitions);
}

void Capacity::check_together(const Report& problem) const {
  const auto count = static_cast<double>(stimuli.size());
  check_length(problem, "every", 4 * count * (every ? count / every + 1 : 1));
}

void LearnTransitions::check_together(const Report& problem) const {
  if (areas.size() != 3 && areas.size() != 4)
    problem("areas", "found " + std::to_string(areas.size()) +
                         " names, needed are state, symbol, via and next, or without symbol");
  const std::size_t width = areas.size() == 4 ? 3 : 2;
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].size() != width)
      problem("table/" + std::to_string(i), "found " + std::to_string(table[i].size()) + " numbers, needed are " +
                                                std::to_string(width) + ": from, " + (width == 3 ? "symbol, " : "") +
                                                "to");
  check_length(problem, "repetitions", 5.0 * static_cast<double>(table.size()) * repetitions);
}

Script LearnTransitions::script() const {
  const bool symbols = areas.size() == 4;
  std::vector<Transition> rows;
  for (const auto& row : table) rows.push_back({row.front(), symbols ? row[1] : 0, row.back()});
  return learn_transitions(areas[0], symbols ? areas[1] : "", areas[areas.size() - 2], areas.back(), rows, rounds,
                           repetitions);
}

WordAreas LearnWords::word_areas() const {
  return {areas[0], areas[1], areas[2], areas[3], areas[4], language, contexts.value_or(std::vector<std::string>{})};
}

WordLessons LearnWords::lessons() const {
  WordLessons o{.nouns = nouns, .verbs = verbs, .draw = draw, .rounds = rounds, .every = every};
  o.repetitions = repetitions.value_or(o.repetitions);
  o.sentences = sentences.value_or(0);
  o.single = single.value_or(0);
  o.languages = languages.value_or(o.languages);
  o.context_model = context_model.value_or(o.context_model);
  return o;
}

void LearnWords::check_together(const Report& problem) const {
  if (sentences && repetitions) problem("repetitions", "are of all sentences, \"sentences\" of random ones");
  if (!sentences && single) problem("single", "lone words come among random \"sentences\"");
  if (languages && language.empty()) problem("languages", "there is no area \"language\" for them");
  if (contexts.has_value() != context_model.has_value())
    problem("context_model", "\"contexts\" and which of them fire go together");
  const WordLessons o = lessons();
  if (contexts && context_model == "C" && contexts->size() != std::size_t{nouns} + verbs)
    problem("contexts", "found " + std::to_string(contexts->size()) + " names, needed is one for each word in model C");
  const double spoken = language.empty() ? 1 : o.languages, words = spoken * (1.0 * nouns + verbs),
               count = sentences ? *sentences : spoken * nouns * verbs * o.repetitions,
               steps = 10.0 + static_cast<double>(word_areas().contexts.size());
  check_length(problem, sentences ? "sentences" : "repetitions",
               steps * count + (every ? 6 * words * count / every : 0));
}

Script LearnWords::script() const { return learn_words(word_areas(), lessons()); }

void LearnOrder::check_together(const Report& problem) const {
  for (std::size_t i = 0; i < orders.size(); ++i) {
    std::string sorted = orders[i];
    std::sort(sorted.begin(), sorted.end());
    if (sorted != "OSV") problem("orders/" + std::to_string(i), "an order has the letters S, O and V, each once");
  }
  check_length(problem, "repetitions", 30.0 * static_cast<double>(orders.size()) * repetitions);
}

Script LearnOrder::script() const {
  const std::string letters = "SOV";
  std::vector<WordOrder> places;
  for (const std::string& order : orders)
    places.push_back({letters.find(order[0]), letters.find(order[1]), letters.find(order[2])});
  const auto three = [&](std::size_t first) {
    return std::vector<std::string>{areas[first], areas[first + 1], areas[first + 2]};
  };
  return learn_order({areas[0], areas[1], three(2), three(5), three(8)}, nouns, verbs, places, repetitions, rounds);
}

}  // namespace engram::calculus::presets
