// Any words as a command line, one a line: understood, or refused with a message and exit code 2. The commands
// themselves do nothing here, but what reaches them is what their options promise.
#include <algorithm>
#include <iostream>
#include <sstream>
#include <vector>

#include "apps/commands.hpp"
#include "engram/core/error.hpp"

namespace engram::apps {

namespace {

int need(bool promised) {
  if (!promised) std::abort();
  return 0;
}

}  // namespace

int run(const RunCommandOptions& o) { return need(o.progress >= ProgressStyle::automatic && !o.anew); }
int resume(const RunCommandOptions& o) { return need(!o.threads || (*o.threads >= 0 && *o.threads <= 4096)); }
int analyse(const AnalyseOptions&) { return 0; }
int validate(const std::vector<std::string>& files, const std::vector<std::string>&, bool) {
  return need(!files.empty());
}
int compare(const std::string&, const std::string&, bool) { return 0; }
int describe(const DescribeOptions& o) { return need(!(o.schema && o.markdown)); }
int info(bool) { return 0; }
int check(const CheckOptions&) { return 0; }
int bench(const BenchOptions& o) { return need(o.out.empty() || o.crossover); }
int python(const std::string& command, const std::vector<std::string>&) {
  return need(command == "plot" || command == "report");
}

}  // namespace engram::apps

// One program reads all of them, so that what a command line leaves behind would be met too.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static engram::apps::CommandLine program;  // its options take far longer to make than to read
  static std::ostringstream said;
  std::cout.rdbuf(said.rdbuf());
  std::cerr.rdbuf(said.rdbuf());
  said.str("");
  std::vector<std::string> words{"engram"};
  std::istringstream lines(std::string(reinterpret_cast<const char*>(data), size));
  for (std::string word; std::getline(lines, word);) {
    std::replace(word.begin(), word.end(), '\0', '0');  // no argument of a program holds one
    words.push_back(word);
  }
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  try {
    const int code = program.execute(static_cast<int>(words.size()), pointers.data());
    if (code != 0 && code != 2) std::abort();
    if (code == 2 && said.str().empty()) std::abort();
  } catch (const engram::Error&) {
  }
  return 0;
}
