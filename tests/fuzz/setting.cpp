// Any text as settings of the command line, one a line, on an example: the first byte says on which. What they make of
// it is read whole, with the memory it would need, or refused with an Error.
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "engram/run/experiment.hpp"
#include "tests/testing/source_dir.hpp"

namespace {

struct Example {
  std::string folder;
  nlohmann::ordered_json document;
};

const std::vector<Example>& all_examples() {
  static const std::vector<Example> all = [] {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(engram::test::source_dir() + "/examples"))
      if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<Example> read;
    for (const auto& file : files)
      read.push_back({file.parent_path().string(), engram::read_config_file(file.string())});
    return read;
  }();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const Example& example = all_examples()[data[0] % all_examples().size()];
  std::istringstream lines(std::string(reinterpret_cast<const char*>(data + 1), size - 1));
  try {
    nlohmann::ordered_json document = example.document;
    for (std::string setting; std::getline(lines, setting);) engram::apply_setting(document, setting);
    const engram::Experiment experiment = engram::read_experiment(document, example.folder, "fuzz");
    engram::memory_needed(experiment);
  } catch (const engram::Error&) {
  }
  return 0;
}
