// Steps that stand for whole scripts.
#include <algorithm>

#include "engine/models/calculus/script/read_script.hpp"

namespace engram::calculus {

namespace {

/// Scripts are lists in memory; a preset may not make an absurd one.
constexpr double most_steps = 1e6;
void check_length(const ConfigReader& step, const char* key, double steps) {
  if (steps > most_steps)
    step.problem(key, "this makes " + std::to_string(static_cast<std::uint64_t>(steps)) + " steps; allowed are " +
                          std::to_string(static_cast<int>(most_steps)));
}

}  // namespace

std::vector<std::string> names(const ConfigReader& step, const char* key, std::size_t count) {
  auto all = step.get<std::vector<std::string>>(key);
  if (count && step.ok() && all.size() != count)
    step.problem(key, "found " + std::to_string(all.size()) + " names, needed are " + std::to_string(count));
  if (!count && step.ok() && all.empty()) step.problem(key, "found no names, needed is at least one");
  all.resize(std::max(count, std::max<std::size_t>(all.size(), 1)));
  return all;
}

namespace {

int rounds(const ConfigReader& step, const char* key, int fallback, Range range = rounds_range) {
  return step.get_or<int>(key, fallback, range);
}

double fraction(const ConfigReader& step) { return step.get_or<double>("fraction", 0.5, {0, 1}); }

Script read_separate(const ConfigReader& step) {
  const auto a = names(step, "areas", 2);
  const auto size = step.get<Index>("size", {1, 1e6}), shared = step.get_or<Index>("shared", 0, {0, 1e6});
  if (shared > size)
    step.problem("shared", "two inputs of " + std::to_string(size) + " neurons cannot share " + std::to_string(shared));
  std::vector<Index> first(size), second(size);
  for (Index i = 0; i < size; ++i) {
    first[i] = i;
    second[i] = size - std::min(size, shared) + i;
  }
  return separate(a[0], first, second, a[1], rounds(step, "rounds", 11), step.get_or<bool>("learning", false));
}

Script read_words(const ConfigReader& step) {
  const auto a = names(step, "areas", 5);
  WordAreas areas{a[0], a[1], a[2], a[3], a[4], step.get_or("language", "")};
  WordLessons o;
  o.nouns = step.get<Index>("nouns", {1, 1e6});
  o.verbs = step.get<Index>("verbs", {1, 1e6});
  o.rounds = rounds(step, "rounds", 2);
  o.every = rounds(step, "every", 0, {0, 1e9});
  o.draw = step.get_or<std::uint64_t>("draw", 0);
  if (step.has("sentences")) {
    o.sentences = rounds(step, "sentences", 1);
    o.single = rounds(step, "single", 0);
    if (step.has("repetitions")) step.problem("repetitions", "are of all sentences, \"sentences\" of random ones");
  } else {
    o.repetitions = rounds(step, "repetitions", 10);
    if (step.has("single")) step.problem("single", "lone words come among random \"sentences\"");
  }
  if (!areas.language.empty()) o.languages = step.get_or<Index>("languages", 2, {1, 1e6});
  if (step.has("contexts")) {
    areas.contexts = names(step, "contexts", 0);
    o.context_model = step.choice("context_model", context_models);
    if (o.context_model == "C" && areas.contexts.size() != std::size_t{o.nouns} + o.verbs)
      step.problem("contexts",
                   "found " + std::to_string(areas.contexts.size()) + " names, needed is one for each word in model C");
  }
  const double languages = areas.language.empty() ? 1 : o.languages, words = languages * (1.0 * o.nouns + o.verbs),
               lessons = o.sentences ? o.sentences : languages * o.nouns * o.verbs * o.repetitions;
  check_length(
      step, o.sentences ? "sentences" : "repetitions",
      (10.0 + static_cast<double>(areas.contexts.size())) * lessons + (o.every ? 6 * words * lessons / o.every : 0));
  return step.ok() ? learn_words(areas, o) : Script{};
}

Script read_order(const ConfigReader& step) {
  const auto a = names(step, "areas", 11);
  const auto nouns = step.get<Index>("nouns", {1, 1e6}), verbs = step.get<Index>("verbs", {1, 1e6});
  std::vector<WordOrder> orders;
  for (const ConfigReader& reader : step.list("orders").items()) {
    const std::string text = reader.as<std::string>(), letters = "SOV";
    std::string sorted = text;
    std::sort(sorted.begin(), sorted.end());
    if (sorted != "OSV") {
      reader.problem("an order has the letters S, O and V, each once");
      continue;
    }
    orders.push_back({letters.find(text[0]), letters.find(text[1]), letters.find(text[2])});
  }
  if (step.ok() && orders.empty()) step.problem("orders", "found none, needed is at least one");
  const int repetitions = rounds(step, "repetitions", 10), each = rounds(step, "rounds", 10);
  check_length(step, "repetitions", 30.0 * static_cast<double>(orders.size()) * repetitions);
  const auto three = [&](std::size_t first) {
    return std::vector<std::string>(a.begin() + static_cast<std::ptrdiff_t>(first),
                                    a.begin() + static_cast<std::ptrdiff_t>(first) + 3);
  };
  return step.ok() ? learn_order({a[0], a[1], three(2), three(5), three(8)}, nouns, verbs, orders, repetitions, each)
                   : Script{};
}

Script read_sequence(const ConfigReader& step) {
  const auto s = names(step, "stimuli", 0), a = names(step, "areas", 1);
  const int repetitions = rounds(step, "repetitions", 5);
  check_length(step, "repetitions", 3.0 * static_cast<double>(s.size()) * repetitions);
  const auto each = rounds(step, "rounds", 3), recurrent = rounds(step, "recurrent", 1, {0, 1e9}),
             most = rounds(step, "max_steps", 20, {1, 1e6});
  const auto strength = step.get_or<double>("strength", 100, {0, 1e30}),
             beta = step.get_or<double>("recurrent_beta", -1, {0, 1e6});
  return step.ok() ? memorize_sequence(s, a[0], each, recurrent, repetitions, strength, most, beta) : Script{};
}

Script read_capacity(const ConfigReader& step) {
  const auto s = names(step, "stimuli", 0), a = names(step, "areas", 1);
  const int every = rounds(step, "every", 0, {0, 1e9});
  const auto count = static_cast<double>(s.size());
  check_length(step, "every", 4 * count * (every ? count / every + 1 : 1));
  const int form = rounds(step, "form", 10), each = rounds(step, "rounds", 5);
  const double part = fraction(step);
  return step.ok() ? capacity(s, a[0], form, part, each, every) : Script{};
}

Script read_transitions(const ConfigReader& step) {
  const auto a = step.get<std::vector<std::string>>("areas");
  if (step.ok() && a.size() != 3 && a.size() != 4)
    step.problem("areas", "found " + std::to_string(a.size()) +
                              " names, needed are state, symbol, via and next, or without symbol");
  std::vector<Transition> table;
  const std::size_t width = a.size() == 4 ? 3 : 2;
  for (const ConfigReader& row : step.list("table").items()) {
    const auto values = row.as<std::vector<Index>>();
    if (step.ok() && values.size() != width)
      row.problem("found " + std::to_string(values.size()) + " numbers, needed are " + std::to_string(width) +
                  ": from, " + (width == 3 ? "symbol, " : "") + "to");
    if (step.ok()) table.push_back({values[0], width == 3 ? values[1] : 0, values[width - 1]});
  }
  const int repetitions = rounds(step, "repetitions", 5), each = rounds(step, "rounds", 3);
  check_length(step, "repetitions", 5.0 * static_cast<double>(table.size()) * repetitions);
  return step.ok()
             ? learn_transitions(a[0], width == 3 ? a[1] : "", a[a.size() - 2], a.back(), table, each, repetitions)
             : Script{};
}

}  // namespace

Script read_preset(const ConfigReader& step, const std::string& action) {
  if (action == "separate") return read_separate(step);
  if (action == "learn_words") return read_words(step);
  if (action == "learn_order") return read_order(step);
  if (action == "sequence") return read_sequence(step);
  if (action == "capacity") return read_capacity(step);
  if (action == "learn_transitions") return read_transitions(step);
  if (action == "assemble" || action == "complete" || action == "density") {
    const auto s = names(step, "stimuli", 1), a = names(step, "areas", 1);
    if (action == "assemble")
      return project(s[0], a[0], rounds(step, "rounds", 30), rounds(step, "stable", 0, {0, 1e9}));
    if (action == "complete")
      return complete(s[0], a[0], rounds(step, "form", 25), fraction(step),
                      rounds(step, "rounds", 5, {1, most_steps / 3}));
    return density(s[0], a[0], rounds(step, "rounds", 21));
  }
  if (action == "reciprocal" || action == "larger_k") {
    const auto s = names(step, "stimuli", 1), a = names(step, "areas", 2);
    if (action == "larger_k") return larger_k(s[0], a[0], a[1], rounds(step, "rounds", 100));
    return reciprocal_project(s[0], a[0], a[1], rounds(step, "rounds", 21), rounds(step, "settle", 20));
  }
  if (action == "erase") {
    const auto s = names(step, "stimuli", 1), a = names(step, "areas", 3);
    return erase(s[0], a[0], a[1], a[2], rounds(step, "rounds", 100));
  }
  if (action == "preserve_overlap") {
    const auto s = names(step, "stimuli", 2), a = names(step, "areas", 4);
    return preserve_overlap(s[0], a[0], s[1], a[1], a[2], a[3], rounds(step, "rounds", 10));
  }
  const auto s = names(step, "stimuli", 2), a = names(step, "areas", 3);
  if (action == "merge") return merge(s[0], a[0], s[1], a[1], a[2], rounds(step, "rounds", 50));
  return associate(s[0], a[0], s[1], a[1], a[2], rounds(step, "rounds", 10), rounds(step, "together", 10));
}

}  // namespace engram::calculus
