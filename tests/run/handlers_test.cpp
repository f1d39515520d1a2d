// What catches errors lets those of the machine pass.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "tests/testing/run_files.hpp"
#include "tests/testing/source_dir.hpp"

namespace engram::test {
namespace {

namespace fs = std::filesystem;

/// Whoever catches more than one kind of error must let those of memory, files and numbers pass: see
/// engine/run/plain_error.hpp.
TEST(Handlers, OfManyKindsLetErrorsOfTheMachinePass) {
  const std::set<std::string> reporting{"main.cpp", "command_validate.cpp",
                                        "driver.cpp"};  // these end with the code of the error
  int handlers = 0;
  for (const char* folder : {"engine", "apps"})
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(engram::test::source_dir()) / folder)) {
      if (!entry.is_regular_file() || reporting.contains(entry.path().filename().string())) continue;
      std::istringstream in(slurp(entry.path()));
      std::vector<std::string> lines;
      for (std::string line; std::getline(in, line);) lines.push_back(line);
      for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t at = lines[i].find("catch (");
        if (at == std::string::npos) continue;
        const std::string caught = lines[i].substr(at + 7);
        if (!caught.starts_with("const Error&") && !caught.starts_with("Error&") &&
            !caught.starts_with("const std::exception&") && !caught.starts_with("..."))
          continue;
        ++handlers;
        std::string near = lines[i - 1];
        for (std::size_t k = i; k < std::min(i + 4, lines.size()); ++k) near += lines[k];
        if (i >= 2) near += lines[i - 2];
        EXPECT_TRUE(near.find("throw") != std::string::npos || near.find("current_exception") != std::string::npos ||
                    near.find("refuse_checkpoint(") != std::string::npos)
            << entry.path() << ":" << i + 1;
      }
    }
  EXPECT_GE(handlers, 5);
}

}  // namespace
}  // namespace engram::test
