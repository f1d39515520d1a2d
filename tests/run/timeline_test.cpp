// Which phase holds a tick.
#include "engine/run/timeline.hpp"

#include <gtest/gtest.h>

#include "engram/run/config_reader.hpp"

namespace engram::test {
namespace {

TEST(Timeline, EveryTickHasItsPhase) {
  const ConfigReader reader(nlohmann::ordered_json::object());
  Timeline timeline;
  EXPECT_EQ(timeline.ticks(), 0u);
  const std::vector<Tick> lengths{3, 1, 4};
  for (const Tick length : lengths) timeline.add(reader, length);
  EXPECT_EQ(timeline.ticks(), 8u);
  Tick t = 0;
  for (std::size_t p = 0; p < lengths.size(); ++p)
    for (const Tick begin = t; t < begin + lengths[p]; ++t) {
      const Timeline::Place place = timeline.at(t);
      EXPECT_EQ(place.phase, p) << t;
      EXPECT_EQ(place.begin, begin) << t;
      EXPECT_EQ(place.end, begin + lengths[p]) << t;
    }
}

TEST(Timeline, MoreTicksThanCanBeCountedAreAProblem) {
  const ConfigReader reader(nlohmann::ordered_json::object());
  Timeline timeline;
  timeline.add(reader, max_ticks);
  EXPECT_TRUE(reader.ok());
  timeline.add(reader, 1);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace engram::test
