// What a run folder holds, as tests compare it.
#pragma once

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tests/testing/process.hpp"

namespace engram::test {

/// Everything a run leaves that must not depend on how often it was interrupted.
inline std::string outcome(const std::filesystem::path& run) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run))
    if (entry.path().extension() == ".npy" || entry.path().extension() == ".csv" ||
        entry.path().filename() == "state.safetensors")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::string all;
  for (const std::filesystem::path& file : files)
    all += std::filesystem::relative(file, run).string() + "\n" + slurp(file) + "\n";
  const nlohmann::json manifest = nlohmann::json::parse(slurp(run / "manifest.json"));
  return all + manifest.value("status", "") + manifest["points"].dump() + manifest["ticks"].dump() +
         manifest["files"].dump();
}

/// Tick of the newest checkpoint, by its name; 0 without one.
inline std::uint64_t last_checkpoint(const std::filesystem::path& run) {
  std::uint64_t last = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints", error)) {
    unsigned long long point = 0, tick = 0;
    if (std::sscanf(entry.path().filename().c_str(), "point-%llu-tick-%llu.safetensors", &point, &tick) == 2 &&
        entry.path().extension() == ".safetensors")
      last = std::max<std::uint64_t>(last, point * 1000000 + tick);
  }
  return last;
}

}  // namespace engram::test
