// engram plot and engram report: the Python package that stands beside the program does the work.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "apps/commands.hpp"
#include "engram/core/error.hpp"

namespace engram::apps {

namespace fs = std::filesystem;

namespace {

fs::path own_path() {
  std::error_code unknown;
  return fs::read_symlink("/proc/self/exe", unknown);
}

/// The folder that holds the package engram_sim: installed beside the program, or in the source tree above a build.
fs::path package_folder() {
  const fs::path program = own_path().parent_path();
  for (const char* below : {"../share/engram/python", "python", "../python", "../../python", "../../../python"}) {
    const fs::path folder = (program / below).lexically_normal();
    std::error_code unseen;
    if (fs::exists(folder / "engram_sim/__init__.py", unseen)) return folder;
  }
  return {};
}

bool draws(const std::string& interpreter) {
  const std::string asked = interpreter +
                            " -c 'import sys, importlib.util as u; sys.exit(not all(map(u.find_spec, (\"numpy\", "
                            "\"matplotlib\"))))' >/dev/null 2>&1";
  return std::system(asked.c_str()) == 0;
}

/// The first Python that can draw; ENGRAM_PYTHON decides where it is set.
std::string interpreter() {
  if (const char* chosen = std::getenv("ENGRAM_PYTHON")) return chosen;
  for (const char* one : {"python3", "/usr/bin/python3"})
    if (draws(one)) return one;
  throw Error(
      "no python3 with numpy and matplotlib was found: apt-get install python3-matplotlib, or name one in "
      "ENGRAM_PYTHON");
}

}  // namespace

int python(const std::string& command, const std::vector<std::string>& arguments) {
  const std::string chosen = interpreter();
  if (const fs::path folder = package_folder(); !folder.empty()) {
    const char* before = std::getenv("PYTHONPATH");
    ::setenv("PYTHONPATH", (folder.string() + (before ? ":" + std::string(before) : "")).c_str(), 1);
  }
  ::setenv("PYTHONSAFEPATH", "1", 1);  // modules of the folder where it is called stay out
  ::setenv("ENGRAM_PROGRAM", own_path().c_str(), 1);
  std::vector<std::string> words{chosen, "-m", "engram_sim", command};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execvp(pointers[0], pointers.data());
  throw Error(chosen + ": cannot be started");
}

}  // namespace engram::apps
