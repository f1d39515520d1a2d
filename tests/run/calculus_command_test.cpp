// Assembly calculus experiments from outside: what is too large or wrong ends at once, with its exit code and place.
#include <gtest/gtest.h>

#include "tests/testing/process.hpp"

namespace engram::test {
namespace {

Finished run(const std::string& model, const std::string& step, const std::string& size = "50") {
  const Scratch folder;
  const std::string file = (folder / "e.json").string();
  spit(
      file,
      R"({"schema": "engram/1", "name": "e", "backend": "cpu", "model": {"type": "calculus", "stimuli": {"s": {"size": )" +
          size + R"(}}, )" + model + R"(}, "protocol": [)" + step + "]}");
  const Finished done = engram({"run", file, "--out", (folder / "run").string()});
  EXPECT_TRUE(done.code <= 1 || !std::filesystem::exists(folder / "run")) << done.error;
  return done;
}

const std::string onto_a = R"({"do": "project", "stimuli": {"s": ["A"]}})";
const std::string round_of_a = onto_a + R"(, {"do": "project", "areas": {"A": ["A"]}})";

TEST(CalculusCommand, MoreMemoryThanIsFreeIsRefusedBeforeAnythingIsMade) {
  for (const char* model : {R"("areas": {"A": {"n": 4000000000, "k": 1000}})",
                            R"("connectome": "explicit", "areas": {"A": {"n": 1000000}})",
                            R"("connectome": "explicit", "areas": {"A": {"n": 4000000000}})"}) {
    const Finished done = run(model, round_of_a);
    EXPECT_EQ(done.code, 4) << model << done.error;
    EXPECT_TRUE(done.error.find("are free") != std::string::npos || done.error.find("overflow") != std::string::npos)
        << done.error;
    EXPECT_LT(done.seconds, 30);  // it did not hang
    EXPECT_LT(done.peak_kib, 200 * 1024);
  }
}

TEST(CalculusCommand, FaultsAreExitCode2WithTheirPlace) {
  const std::string area = R"("areas": {"A": {"n": 300, "k": 20}})";
  for (const auto& [model, step, expected] :
       {std::tuple{area, std::string(R"({"do": "project", "stimuli": {"s": ["X"]}})"),
                   R"(there is no area "X"; known are A)"},
        {area, R"({"do": "project", "areas": {"A": ["A"]}})", R"(step 0: area "A" has no winners to project from)"},
        {area, R"({"do": "fix", "area": "A"})", R"(step 0: area "A" has no winners to fix)"},
        {R"("areas": {"A": {"n": 300, "k": 301}})", onto_a, "/model/areas/A/k: found 301; allowed are 1 to n = 300"},
        {area + R"(, "fibres": [{"from": "A", "to": "B"}])", onto_a, R"(/model/fibres/0/to: no area is called "B")"},
        {area, R"({"do": "project", "stimuli": {"s": ["A"]}, "rounds": 2000000000})", "/protocol/0/rounds"}}) {
    const Finished done = run(model, step);
    EXPECT_EQ(done.code, 2) << expected;
    EXPECT_NE(done.error.find(expected), std::string::npos) << done.error;
  }
}

TEST(CalculusCommand, CountersThatWouldOverflowAreRefused) {
  const Finished done = run(R"("connectome": "lazy", "areas": {"A": {"n": 300, "k": 20}})", onto_a, "3221225472");
  EXPECT_EQ(done.code, 1);
  EXPECT_NE(done.error.find("3221225472 neurons project to \"A\"; counts of synapses reach 2147483647"),
            std::string::npos)
      << done.error;
  EXPECT_LT(done.seconds, 30);  // it did not hang
}

TEST(CalculusCommand, DensitiesOf0And1AreValid) {
  for (const char* p : {"0", "1"})
    EXPECT_EQ(run(std::string(R"("p": )") + p + R"(, "areas": {"A": {"n": 300, "k": 20}})", round_of_a).code, 0);
}

}  // namespace
}  // namespace engram::test
