// Runs of many seeds, and their means.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/models/calculus/brains.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram::calculus {

using Values = std::vector<double>;

/// What several seeds gave, by the name of the quantity.
using Table = std::map<std::string, Values>;

inline double mean(const Values& x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}
inline double squares(const Values& x) {
  double sum = 0;
  for (const double v : x) sum += (v - mean(x)) * (v - mean(x));
  return sum;
}
inline double standard_error(const Values& x) {
  const auto n = static_cast<double>(x.size());
  return std::sqrt(squares(x) / (n - 1) / n);
}

/// As far out in Student's distribution of `df` degrees of freedom as 3 in the normal one (Cornish & Fisher 1938).
inline double three_sigma(double df) { return 3 + 7.5 / df + 17.25 / (df * df) + 30.2 / (df * df * df); }

/// Recorded values of other seeds, mostly two or three: the means may differ by three standard errors, the spread being
/// that of both sets together, which few values know badly.
inline void expect_like(const Table& found, const std::string& what, const Values& recorded) {
  ASSERT_TRUE(found.contains(what)) << what;
  const Values& own = found.at(what);
  const auto n = static_cast<double>(own.size()), m = static_cast<double>(recorded.size());
  const double variance = (squares(own) + squares(recorded)) / (n + m - 2),
               error = std::sqrt(variance * (1 / n + 1 / m));
  std::printf("%-44s %10.4g +- %-8.3g recorded %10.4g (%g), %5.2f errors\n", what.c_str(), mean(own),
              standard_error(own), mean(recorded), m, (mean(own) - mean(recorded)) / error);
  EXPECT_LE(std::abs(mean(own) - mean(recorded)), three_sigma(n + m - 2) * error)
      << what << ": " << mean(own) << ", recorded " << mean(recorded) << ", error " << error;
}

/// Plays a script on `seeds` brains; what it measures, the last value of each label, and what `read` adds.
inline Table over_seeds(int seeds, const std::function<Brain(Backend&, std::uint64_t)>& brain, const Script& script,
                        const std::function<void(Player&, Table&)>& read = {}) {
  const auto backend = test::test_backend({1});
  Table table;
  for (int seed = 1; seed <= seeds; ++seed) {
    Player player = played(brain(*backend, static_cast<std::uint64_t>(seed)), script);
    for (const auto& [label, values] : player.results()) table[label].push_back(values.back());
    if (read) read(player, table);
  }
  return table;
}

/// `names` as areas with a stimulus each, the latter in small letters.
inline auto brains(double p, double beta, const std::string& names, Connectome connectome = Connectome::procedural,
                   Index n = 100000, Index k = 317) {
  return [=](Backend& backend, std::uint64_t seed) {
    std::vector<std::string> areas, stimuli;
    for (const char c : names) {
      areas.push_back(std::string(1, c));
      stimuli.push_back(std::string(1, static_cast<char>(c - 'A' + 'a')));
    }
    return make(backend, seed, p, beta, areas, stimuli, connectome, n, k);
  };
}

/// Support after the rounds of the list, as "support 2", and at the end.
inline auto supports(const std::vector<std::size_t>& rounds, const std::string& area = "A") {
  return [=](Player& player, Table& table) {
    const auto& saved = player.brain().saved_support(area);
    for (const std::size_t round : rounds) table["support " + std::to_string(round)].push_back(saved.at(round - 1));
    table["newcomers at last"].push_back(player.brain().newcomers(area));
  };
}

}  // namespace engram::calculus
