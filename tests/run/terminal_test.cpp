// What is printed: a terminal obeys what it is sent, and a stream may be closed.
#include <gtest/gtest.h>

#include "tests/testing/stopped_run.hpp"

namespace engram::test {
namespace {

class Terminal : public StoppedRun {
 protected:
  /// The numbers of bytes that a terminal could take for orders.
  static bool is_plain(const std::string& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) return false;
      if (c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return false;  // C1
      if (c == 0xe2 && text.compare(i, 3, "\u202e") == 0) return false;
    }
    return true;
  }
};

TEST_F(Terminal, names_and_cells_are_printed_without_their_orders) {
  const std::string evil = "a\x1b]0;title\x07\x1b[2J\u009b31m\u202e\x7f";
  auto named = small_experiment();
  named["name"] = evil;
  named["protocol"][0]["label"] = evil;
  auto faulty = small_experiment();
  faulty[evil] = 1;
  faulty["protocol"][0]["area"] = evil;
  spit(folder_ / "named.json", named.dump());
  spit(folder_ / "faulty.json", faulty.dump());
  spit(folder_ / "cells.csv", "a,b\n" + evil + ",1\n");
  spit(
      folder_ / "cells.json",
      R"({"schema": "engram/1", "model": {"type": "attractor"}, "patterns": {"file": "cells.csv"}, "protocol": [{"do": "train"}]})");
  for (const char* name : {"named.json", "faulty.json", "cells.json", "none\x1b[2J.json", "none\xff.json"}) {
    const std::string path = (folder_ / name).string();
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"validate", path},
          {"run", path, "--out", (folder_ / "n").string(), "--force"},
          {"run", path, "--json", "--out", (folder_ / "n").string(), "--force"}}) {
      const Finished done = engram(words);
      EXPECT_TRUE(is_plain(done.out)) << done.out;
      EXPECT_TRUE(is_plain(done.error)) << done.error;
    }
  }
  EXPECT_NE(engram({"run", (folder_ / "named.json").string(), "--out", (folder_ / "n").string(), "--force"})
                .out.find("\\u001b]0;title"),
            std::string::npos);
}

TEST_F(Terminal, what_is_harmless_is_printed_as_it_is_and_json_stays_json) {
  auto document = small_experiment();
  document["protocol"][0]["label"] = "обучение 学习 \x1b\u009b";
  spit(file(), document.dump());
  EXPECT_NE(engram({"run", file(), "--out", run(), "--force"}).out.find("обучение 学习 \\u001b\\u009b"),
            std::string::npos);
  const Finished done = engram({"run", file(), "--json", "--out", run(), "--force"});
  EXPECT_NE(Json::parse(done.out).dump().find("\u009b"), std::string::npos) << done.out;
}

TEST_F(Terminal, a_line_end_in_a_name_makes_no_line_of_its_own) {
  auto document = small_experiment();
  document["x\nother.json: valid"] = 1;
  spit(file(), document.dump());
  EXPECT_EQ(engram({"validate", file()}).error.find("\nother.json"), std::string::npos);
}

TEST_F(Terminal, with_closed_streams_nothing_goes_into_a_file_of_the_run) {
  for (const int closed : {0, 1, 2}) {
    std::filesystem::remove_all(run());
    const Finished done = engram({"run", file(), "--out", run()}, [&] { ::close(closed); });
    EXPECT_EQ(done.code, closed == 1 ? 5 : 0) << closed << done.error;
    EXPECT_EQ(manifest()["status"], "complete");
    EXPECT_EQ(slurp(in_run(".lock")).find_first_not_of("0123456789"), std::string::npos);
  }
}

}  // namespace
}  // namespace engram::test
