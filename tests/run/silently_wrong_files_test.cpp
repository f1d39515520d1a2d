// What once ended with exit code 0 and was wrong: tables misread, files and checkpoints that changed.
#include "engine/io/safetensors.hpp"
#include "tests/run/silently_wrong.hpp"

namespace engram::test {
namespace {

const std::string rows = "1,-1,1\n-1,1,0\n", other_rows = "1,1,1\n-1,1,0\n";

Json with_table() {
  return experiment_of("attractor",
                       {{"patterns", {{"values", nullptr}, {"file", "d.csv"}}}, {"checkpoint", {{"every", 10}}}});
}
const Prepare stopped = shim("ENGRAM_SIGNALS", "/checkpoints/:2:15");

TEST_F(SilentlyWrong, the_label_column_is_left_out_of_any_table) {
  const std::vector<std::string> tables{
      "label,a,b\n3,1,0\n4,-1,1\n",       "\xEF\xBB\xBFlabel,a,b\n3,1,0\n4,-1,1\n",
      "a,b,label\r\n1,0,3\r\n-1,1,4\r\n", "\"a\",\"b\",\"label\"\n1,0,3\n-1,1,4\n",
      "a, b, label\n1, 0, 3\n-1, 1, 4\n", "\xEF\xBB\xBF\"label\", a, b\r\n\"3\", \"1\", 0\r\n4, -1, 1"};
  for (const std::string& table : tables) {
    spit(folder_ / "d.csv", table);
    ASSERT_EQ(run(with_table()).code, 0) << table;
    EXPECT_NE(slurp(folder_ / "run/patterns.npy").find("'shape': (2, 2,)"), std::string::npos) << table;
  }
}

TEST_F(SilentlyWrong, a_first_line_of_numbers_is_a_row) {
  for (const char* table : {"1,0\n-1,1\n",
                            "\xEF\xBB\xBF"
                            "1,0\r\n-1,1\r\n",
                            "\"1\", 0\n-1, \"1\""}) {
    spit(folder_ / "d.csv", table);
    ASSERT_EQ(run(with_table()).code, 0) << table;
    EXPECT_NE(slurp(folder_ / "run/patterns.npy").find("'shape': (2, 2,)"), std::string::npos) << table;
  }
}

TEST_F(SilentlyWrong, a_table_with_broken_cells_is_refused_with_the_line) {
  const auto refused = [&](const std::string& table, const std::string& words) {
    spit(folder_ / "d.csv", table);
    expect_refused(with_table(), words);
  };
  refused("a,b,c\n1,2\n", "d.csv:2: found 2 cells");
  refused("a,b\n1,x\n", "d.csv:2: found \"x\"");
  refused("a,b\n1,1e7\n", "d.csv:2: found \"1e7\"");
  refused("a,b\n1,\"0\n", "d.csv:2: a quote");
  refused("", "empty");
  refused("a,b\n", "no rows");
  refused("label\n1\n", "no column");
}

TEST_F(SilentlyWrong, an_error_of_reading_is_not_the_end_of_a_table) {
  std::string table = "a,b,c\n";
  for (int i = 0; i < 4000; ++i) table += rows;
  spit(folder_ / "d.csv", table);
  EXPECT_EQ(engram({"validate", path("e.json")}).code, 5);  // not there yet
  ASSERT_EQ(validate(with_table()).code, 0);
  for (int n = 1; n < 4; ++n) {
    const Finished done = engram({"validate", path("e.json")}, shim("ENGRAM_FAIL_READ", "d.csv:" + std::to_string(n)));
    EXPECT_EQ(done.code, 5) << n << done.error;
    EXPECT_NE(done.error.find("d.csv: cannot read"), std::string::npos) << done.error;
  }
}

TEST_F(SilentlyWrong, a_data_file_that_changed_before_a_resume_is_exit_code_5) {
  spit(folder_ / "d.csv", "a,b,c\n" + rows);
  ASSERT_EQ(run(with_table()).code, 0);
  const std::string whole = outcome(folder_ / "run");
  for (const std::string& changed : {"a,b,c\n" + other_rows, "a,b,c\n" + rows + rows, std::string("nonsense")}) {
    spit(folder_ / "d.csv", "a,b,c\n" + rows);
    ASSERT_EQ(run(with_table(), stopped).code, 128 + SIGTERM);
    EXPECT_TRUE(manifest()["inputs"].contains("d.csv"));
    spit(folder_ / "d.csv", changed);
    const Finished done = resume();
    EXPECT_EQ(done.code, 5) << done.error;
    EXPECT_NE(done.error.find("d.csv: is not what it was"), std::string::npos) << done.error;
    spit(folder_ / "d.csv", "a,b,c\n" + rows);
    ASSERT_EQ(resume().code, 0);
    EXPECT_EQ(outcome(folder_ / "run"), whole);
  }
}

TEST_F(SilentlyWrong, the_state_that_a_run_began_with_is_not_needed_to_go_on) {
  ASSERT_EQ(run(experiment_of("sorn")).code, 0);
  fs::copy(folder_ / "run/state.safetensors", folder_ / "begin.safetensors");
  const Json document =
      experiment_of("sorn", {{"model", {{"state", "begin.safetensors"}}}, {"checkpoint", {{"every", 10}}}});
  ASSERT_EQ(run(document).code, 0);
  const std::string whole = outcome(folder_ / "run");
  ASSERT_EQ(run(document, stopped).code, 128 + SIGTERM);
  fs::remove(folder_ / "begin.safetensors");
  const Finished done = resume();
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_EQ(outcome(folder_ / "run"), whole);
}

TEST_F(SilentlyWrong, a_checkpoint_of_another_version_or_format_is_refused_by_name) {
  const auto with = [&](const std::string& key, const std::string& value) {
    EXPECT_EQ(run(experiment_of("assembly", {{"checkpoint", {{"every", 5}}}}), stopped).code, 128 + SIGTERM);
    for (const auto& entry : fs::directory_iterator(folder_ / "run/checkpoints")) {
      reseal(entry.path(), key, value);
    }
    return resume();
  };
  ASSERT_EQ(run(experiment_of("assembly")).code, 0);
  const std::string version = manifest()["engram"]["version"];
  EXPECT_EQ(with("engram", version).code, 0);
  EXPECT_EQ(with("engram", "0.0.9").code, 0);  // of the same format
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{{"format", "engram-checkpoint/2"},
                                                                                   {"precision", "half"},
                                                                                   {"ticks done", "-1"},
                                                                                   {"points", "7"},
                                                                                   {"points", std::string(200000, '[')},
                                                                                   {"inputs", "{\"d.csv\":\"0\"}"},
                                                                                   {"point", "1"}}) {
    const Finished done = with(key, value);
    EXPECT_EQ(done.code, 5) << key << done.error;
  }
  for (const char* other : {"9.9.9", "0.99.0", "later", ""}) {
    const Finished done = with("engram", other);
    EXPECT_EQ(done.code, 5) << other << done.error;
    EXPECT_NE(done.error.find(std::string("written by engram ") + other), std::string::npos) << done.error;
    EXPECT_NE(done.error.find("this is engram " + version), std::string::npos) << done.error;
  }
}

}  // namespace
}  // namespace engram::test
