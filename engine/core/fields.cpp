#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "engram/core/field_kinds.hpp"

namespace engram {

std::string shown(double x) {
  char text[32];
  for (const int digits : {15, 17}) {
    std::snprintf(text, sizeof text, "%.*g", digits, x);
    if (std::strtod(text, nullptr) == x) break;
  }
  return text;
}

std::string shown_range(double min, double max) {
  const bool below = min > -no_limit, above = max < no_limit;
  if (below && above) return shown(min) + " to " + shown(max);
  if (below) return shown(min) + " or more";
  return above ? shown(max) + " or less" : "all numbers";
}

std::vector<std::string> split_choices(std::string_view choices) {
  std::vector<std::string> words;
  while (!choices.empty()) {
    const std::size_t bar = choices.find('|');
    words.emplace_back(choices.substr(0, bar));
    choices.remove_prefix(bar == std::string_view::npos ? choices.size() : bar + 1);
  }
  return words;
}

std::string listed(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + ("\"" + word + "\"");
  return all;
}

void check_number(double value, double min, double max, const std::string& key, const Report& report) {
  if (!(value >= min && value <= max)) report(key, "found " + shown(value) + "; allowed are " + shown_range(min, max));
}

void check_choice(const std::string& word, const char* choices, const std::string& key, const Report& report) {
  const auto known = split_choices(choices);
  if (std::find(known.begin(), known.end(), word) == known.end())
    report(key, "found \"" + word + "\"; allowed are " + listed(known));
}

Report fields::below(const std::string& key, const Report& report) {
  return [&](const std::string& at, const std::string& text) { report(at.empty() ? key : key + "/" + at, text); };
}

}  // namespace engram
