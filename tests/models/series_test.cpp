// What runs write is what their family says that they can write, so that "record" and the documents know every name.
#include "engine/run/series.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engram/run/selection.hpp"
#include "tests/models/crafted_states.hpp"

namespace engram::test {
namespace {

/// Names of what a run of the whole experiment writes.
std::set<std::string> written(const Plan& plan) {
  const auto backend = make_backend("cpu", {.threads = 1});
  const auto task = plan.build({*backend, {1, 2}});
  KeptRecorder recorder;
  for (Tick t = 0; t < task->ticks();) t += task->advance(t, task->ticks() - t, recorder);
  task->finish(recorder);
  std::set<std::string> names;
  for (const Metric& metric : recorder.metrics) names.insert(metric.attribute);
  for (const auto& [name, values] : recorder.columns) names.insert(name);
  return names;
}

TEST(Series, NameAllThatRunsWrite) {
  std::set<std::string> families_seen;
  for (const crafted::Example& example : crafted::examples()) {
    SCOPED_TRACE(example.name);
    ConfigReader reader(example.document, ".");
    for (const Family& family : families()) {
      if (example.document["model"]["type"] != family.name) continue;
      families_seen.insert(family.name);
      const auto plan = family.read(reader);
      ASSERT_TRUE(plan);
      const std::vector<std::string> known = plan->series();
      for (const std::string& name : written(*plan))
        EXPECT_TRUE(std::any_of(known.begin(), known.end(), [&](const auto& k) { return is_or_lies_below(name, k); }))
            << name;
    }
  }
  EXPECT_EQ(families_seen.size(), families().size());
}

TEST(Series, PutNamesOfAnExperimentInThePlacesOfATable) {
  const Series table[] = {
      {"everywhere", ""}, {"winners/<area>", ""}, {"<phase>/state", "", "run"}, {"late", "", "test"}};
  const SeriesPlaces places{{{"area", {"A", "B"}}}, {{"run", "first"}, {"train", "second"}, {"run", "third"}}};
  EXPECT_EQ(names_of(table, places),
            (std::vector<std::string>{"everywhere", "winners/A", "winners/B", "first/state", "third/state"}));
  EXPECT_EQ(table[0].of("A"), "everywhere");
}

TEST(Series, OfEveryFamilyHaveNamesOfTheirOwnAndSayWhatTheyAre) {
  for (const Family& family : families()) {
    SCOPED_TRACE(family.name);
    EXPECT_FALSE(family.series.empty());
    std::set<std::string> names;
    for (const Series& one : family.series) {
      EXPECT_TRUE(names.insert(one.name).second) << one.name;
      EXPECT_GT(std::string(one.help).size(), 5u) << one.name;
    }
  }
}

}  // namespace
}  // namespace engram::test
