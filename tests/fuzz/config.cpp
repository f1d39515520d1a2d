// Any text as an experiment: read whole, or refused with a ConfigError.
#include <nlohmann/json.hpp>

#include "engram/run/experiment.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  try {
    const std::string text(reinterpret_cast<const char*>(data), size);
    engram::read_experiment(engram::parse_config(text, "fuzz.json"), ".", "fuzz");
  } catch (const engram::Error&) {
  }
  return 0;
}
