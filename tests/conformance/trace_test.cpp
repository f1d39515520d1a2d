// Traces: recorded ones, those of a GPU, and that a trace sees what it should.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "conformance/compare.hpp"
#include "conformance/lockstep.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::conformance {
namespace {

void expect_same_as(const TraceFile& recorded, Backend& backend) {
  std::size_t found = 0;
  for (const Checked& c : everything()) {
    const TraceFile::Entry* entry = recorded.find(c.name);
    ASSERT_TRUE(entry) << c.name
                       << " is not recorded; after a look at what changed: engram check --trace-out data/traces/"
                       << precision_name << ".trace";
    EXPECT_EQ(first_difference(entry->lines, trace(backend, c, recorded.steps).lines), "") << c.name;
    ++found;
  }
  EXPECT_EQ(found, recorded.entries.size()) << "recorded cases are gone";
}

TraceFile committed() {
  return TraceFile::read(engram::test::source_dir() + "/data/traces/" + precision_name + ".trace");
}

TEST(RecordedTraces, AreWhatTheCpuGives) { expect_same_as(committed(), *make_backend("cpu", {1})); }

TEST(RecordedTraces, AreWhatCudaGives) {
  if (const std::string why = cuda_unavailable(); !why.empty()) GTEST_SKIP() << "no CUDA device: " << why;
  expect_same_as(committed(), *make_backend("cuda"));
}

TEST(Models, GiveTheSameStateWithAnyNumberOfThreads) {
  const auto one = make_backend("cpu", {1}), three = make_backend("cpu", {3});
  for (const Checked& c : everything()) {
    if (c.model) {
      EXPECT_EQ(first_difference(c.run(*one, 50), c.run(*three, 50)), "") << c.name;
    }
  }
}

/// So that a difference names the step that it arose in.
TEST(Models, TraceTheTickOfEveryStep) {
  const auto cpu = make_backend("cpu", {1});
  constexpr Tick steps = 20;
  for (const Checked& c : everything()) {
    if (!c.model) continue;
    const auto lines = trace(*cpu, c, steps).lines;
    ASSERT_FALSE(lines.empty()) << c.name;
    EXPECT_TRUE(std::is_sorted(lines.begin(), lines.end(), [](const TraceLine& a, const TraceLine& b) {
      return a.tick < b.tick;
    })) << c.name;
    EXPECT_GE(lines.back().tick, steps - 10) << c.name << ": rounds taken ten at a time bear the tick of the first";
  }
}

class Trace : public testing::Test {
 protected:
  std::unique_ptr<Backend> cpu = make_backend("cpu", {1});
  std::string path = (std::filesystem::temp_directory_path() / ("engram_trace_" + std::to_string(getpid()))).string();
  void TearDown() override { std::filesystem::remove(path); }
  std::string reading(const std::string& text) {
    std::ofstream(path) << text;
    try {
      TraceFile::read(path);
    } catch (const IoError& e) {
      return e.what();
    }
    return "accepted";
  }
};

TEST_F(Trace, NamesTickOperationAndArrayOfTheFirstDifference) {
  const auto record = [&](real poison) {
    TraceBackend traced(*cpu);
    Array<real> score(traced, 100), noise(traced, 100);
    Array<std::uint64_t> seeds(traced, 1);
    Array<Index> index(traced, 3), count(traced, 1);
    for (Tick t = 0; t < 4; ++t) {
      traced.begin_step(1, t);
      traced.sample(Uniform{}, seeds.view(), Stream::test, t, noise.batch(100));
      if (t == 2) score.upload(std::vector<real>(100, poison));
      traced.select_top_k(t < 2 ? noise.batch(100) : score.batch(100), 3,
                          {index.view().data, count.view().data, nullptr, 3, 100, 1});
      if (t == 3) traced.collect(score.batch(100), poison, {index.view().data, count.view().data, nullptr, 3, 100, 1});
      if (t == 3) traced.sample(Uniform{0, poison}, seeds.view(), Stream::test, t, noise.batch(100));
      traced.end_step();
    }
    return traced.lines();
  };
  const auto a = record(1), b = record(2);
  EXPECT_EQ(first_difference(a, a), "");
  // The winners of equal scores are the same ones whatever the score; only the last draw differs.
  EXPECT_EQ(first_difference(a, b).find("tick 3, operation sample, array out: hash"), 0u) << first_difference(a, b);
  EXPECT_NE(first_difference(a, {a.begin(), a.end() - 1}).find("the run ended before"), std::string::npos);
}

TEST_F(Trace, SeesAFlippedBitOfAWeight) {
  const SynapseRule rule = HebbAdditive{};
  const auto record = [&](real first) {
    TraceBackend traced(*cpu);
    Dense w(traced, 3, 5);
    std::vector<real> weight(15, real(0.5));
    weight[0] = first;
    w.upload(weight);
    Array<Index> index(traced, std::vector<Index>{2}), count(traced, std::vector<Index>{1});
    Sweep sweep;
    sweep.learn = &rule;
    sweep.pre = sweep.post = Active{index.view().data, count.view().data, nullptr, 1, 3, 1};
    traced.sweep(w.view(), sweep);
    return traced.lines();
  };
  EXPECT_EQ(first_difference(record(real(0.5)), record(real(0.5))), "");
  EXPECT_NE(first_difference(record(real(0.5)), record(std::nextafter(real(0.5), real(1)))), "");
}

TEST_F(Trace, SurvivesAFile) {
  TraceFile file;
  file.steps = 7;
  file.entries = {{"a/n=1", {{0, "sweep", "weight", 0x0123456789abcdefULL}, {3, "sample", "out", 1}}}, {"b", {}}};
  file.write(path);
  const TraceFile back = TraceFile::read(path);
  EXPECT_EQ(back.steps, 7u);
  ASSERT_EQ(back.entries.size(), 2u);
  EXPECT_EQ(back.find("a/n=1")->lines, file.entries[0].lines);
  EXPECT_EQ(back.find("c"), nullptr);
}

TEST_F(Trace, RefusesFilesOfAnotherPrecisionVersionOrShape) {
  const std::string other = sizeof(real) == 4 ? "double" : "float", mine = precision_name;
  EXPECT_NE(reading("engram-trace-1 " + other + " 200\n").find("recorded in " + other + " precision"),
            std::string::npos);
  EXPECT_NE(reading("engram-trace-9 " + mine + " 200\n").find("not a trace of this version"), std::string::npos);
  EXPECT_NE(reading("").find("not a trace of this version"), std::string::npos);
  EXPECT_NE(reading("engram-trace-1 " + mine + " 200\n0 sweep drive 12\n").find(":2: expected"), std::string::npos);
  EXPECT_NE(reading("engram-trace-1 " + mine + " 200\ncase a\n0 sweep drive xyz\n").find(":3: expected"),
            std::string::npos);
  EXPECT_EQ(reading("engram-trace-1 " + mine + " 200\ncase a\n0 sweep drive 12\n"), "accepted");
  EXPECT_THROW(TraceFile::read(path + "/absent"), IoError);
  EXPECT_THROW(TraceFile{}.write("/dev/full"), IoError);
}

}  // namespace
}  // namespace engram::conformance
