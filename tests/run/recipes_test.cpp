// Every experiment and command of docs/recipes.md runs.
#include <gtest/gtest.h>

#include "tests/testing/run_files.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::test {
namespace {

namespace fs = std::filesystem;

/// The words of a command line; none of these has a quoted blank.
std::vector<std::string> words_in(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream in(line);
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::vector<std::vector<double>> steps_of(std::size_t steps, std::size_t channels) {
  std::vector<std::vector<double>> rows(steps, std::vector<double>(channels));
  for (std::size_t t = 0; t < steps; ++t) rows[t][t % channels] = 1;
  return rows;
}

TEST(Recipes, Run) {
  const Scratch folder;
  std::vector<std::vector<double>> stimuli(3, std::vector<double>(20));
  for (std::size_t s = 0; s < 3; ++s)
    for (std::size_t i = 0; i < 20; ++i) stimuli[s][i] = static_cast<double>(s * 50 + i);
  write_matrix(folder / "stimuli.npy", stimuli);
  write_matrix(folder / "series.npy", steps_of(5000, 10));
  std::string table;
  for (const auto& row : stimuli)
    for (std::size_t i = 0; i < row.size(); ++i)
      table += std::to_string(int(row[i])) + (i + 1 < row.size() ? "," : "\n");
  spit(folder / "stimuli.csv", table);

  std::istringstream page(slurp(fs::path(test::source_dir()) / "docs/recipes.md"));
  std::string language, block, file;
  int commands = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("```")) {
      if (language.empty() && line.starts_with('`') && line.ends_with(".json`")) file = line.substr(1, line.size() - 2);
      if (!language.empty()) block += line + "\n";
      continue;
    }
    if (language.empty()) {
      language = line.substr(3);
      block.clear();
      continue;
    }
    if (language == "json") spit(folder / file, block);
    std::istringstream lines(language == "sh" ? block : "");
    for (std::string command; std::getline(lines, command);) {
      std::vector<std::string> words = words_in(command);
      ASSERT_EQ(words.at(0), "engram");
      words.erase(words.begin());
      const Finished done = engram(words, [&] {
        if (::chdir(folder.path().c_str()) != 0) ::_exit(126);
      });
      EXPECT_EQ(done.code, 0) << command << "\n" << done.error << done.out;
      ++commands;
    }
    language.clear();
  }
  EXPECT_GE(commands, 12);
  EXPECT_EQ(npy<std::uint32_t>(folder / "out/recorded/WEE/replica.npy").empty(), false);
}

}  // namespace
}  // namespace engram::test
