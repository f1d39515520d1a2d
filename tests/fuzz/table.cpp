// Any bytes as a table of patterns: an experiment with so many rows, or a ConfigError that says which line is wrong.
#include <nlohmann/json.hpp>

#include "engram/run/experiment.hpp"
#include "tests/fuzz/file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const Folder folder;
  folder.write("table.csv", data, size);
  try {
    engram::read_experiment({{"schema", engram::experiment_schema_id},
                             {"model", {{"type", "attractor"}}},
                             {"patterns", {{"file", "table.csv"}, {"standardize", true}}},
                             {"protocol", {{{"do", "train"}, {"epochs", 1}}}}},
                            folder.path(), "fuzz");
  } catch (const engram::Error&) {
  }
  return 0;
}
