// The memory of many pairs: recorded runs of the reference, what Voja does where intercepts are too low, and size.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/nef/task.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using Json = nlohmann::ordered_json;

Json study_of(const Json& model, std::size_t seeds, int threads = 1) {
  Json document{{"model", {{"type", "nef_memory"}}}};
  document["model"].update(model);
  const auto backend = test::test_backend({threads});
  for (const Family& family : families()) {
    if (std::string(family.name) != "nef_memory") continue;
    ConfigReader reader(document);
    const auto plan = family.read(reader);
    reader.finish();
    TaskContext context{*backend, {}, 1};
    for (std::size_t i = 0; i < seeds; ++i) context.seeds.push_back(i + 1);
    const auto task = plan->build(context);
    test::KeptRecorder kept;
    for (Tick t = 0; t < task->ticks();) t += task->advance(t, task->ticks() - t, kept);
    return task->results();
  }
  throw Error("no family of memories");
}
double number(const Json& results, const char* name) { return results[name].get<double>(); }

TEST(NefMemory, RecallsEveryPairWhereInterceptsAreTheLargestProductOfKeys) {
  const Json results = study_of({{"pairs", 50}, {"dimensions", 32}, {"neurons", 500}, {"presentation", 0.1}}, 3);
  EXPECT_EQ(number(results, "share of values recalled"), 1);
  EXPECT_GT(number(results, "cosine to the value"), 0.98);
  EXPECT_LT(number(results, "length of the error"), 0.3);
}

/// With lower intercepts several keys share neurons; then encoders that follow the newest key harm recall.
TEST(NefMemory, VojaHarmsWhereInterceptsAreTooLow) {
  const Json low{{"pairs", 50},         {"dimensions", 32},     {"neurons", 1000},
                 {"presentation", 0.1}, {"encoders", "random"}, {"intercept", 0.29}};
  Json fixed = low;
  fixed["voja"] = 0.0;
  const double moving = number(study_of(low, 3), "cosine to the value"),
               still = number(study_of(fixed, 3), "cosine to the value");
  EXPECT_GT(still, moving);
  EXPECT_GT(still, 0.85);
}

TEST(NefMemory, FindsTheValueOfANoisyCue) {
  const Json clean{{"pairs", 30}, {"dimensions", 64}, {"neurons", 600}, {"presentation", 0.1}};
  Json noisy = clean;
  noisy["cue_noise"] = 3.0;
  EXPECT_LT(number(study_of(noisy, 2), "share of values recalled"),
            number(study_of(clean, 2), "share of values recalled"));
}

TEST(NefMemory, HoldsAThousandPairs) {
  const Json results =
      study_of({{"pairs", 1000}, {"dimensions", 128}, {"neurons", 10000}, {"presentation", 0.1}}, 1, 2);
  EXPECT_GE(number(results, "share of values recalled"), 0.999);
}

TEST(NefMemoryLong, HoldsTenThousandPairs) {
  const Json results =
      study_of({{"pairs", 10000}, {"dimensions", 256}, {"neurons", 50000}, {"presentation", 0.1}}, 1, 2);
  EXPECT_GE(number(results, "share of values recalled"), 0.999);
  EXPECT_GT(number(results, "cosine to the value"), 0.98);
}

}  // namespace
}  // namespace engram
