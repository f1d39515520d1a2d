#include "engine/io/checkpoint_files.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>

#include "engine/io/safetensors.hpp"
#include "engram/core/error.hpp"

namespace engram::io {

namespace {

std::optional<CheckpointName> parse(const std::string& entry) {
  unsigned long long point = 0, tick = 0;
  if (std::sscanf(entry.c_str(), "point-%llu-tick-%llu.safetensors", &point, &tick) != 2) return {};
  const CheckpointName name{point, tick};
  if (name.file() != std::string(checkpoint_folder) + "/" + entry) return {};
  return name;
}

}  // namespace

std::string CheckpointName::file() const {
  return std::string(checkpoint_folder) + "/point-" + std::to_string(point) + "-tick-" + std::to_string(tick) +
         ".safetensors";
}

bool is_checkpoint_name(const std::string& entry) { return parse(entry).has_value(); }

std::vector<CheckpointName> list_checkpoints(const Folder& run) {
  std::vector<CheckpointName> all;
  for (const std::string& entry : run.list(checkpoint_folder))
    if (const auto name = parse(entry)) all.push_back(*name);
  std::sort(all.begin(), all.end(), std::greater());
  return all;
}

bool is_checkpoint(const Folder& run, const CheckpointName& name, const std::string& config) {
  try {
    const SafetensorsFile file(run.open(name.file()));
    const auto value = [&](const char* key) {
      const auto found = file.metadata().find(key);
      return found == file.metadata().end() ? "" : found->second;
    };
    return value("format").starts_with("engram-checkpoint/") && value("point") == std::to_string(name.point) &&
           value("tick") == std::to_string(name.tick) && (config.empty() || value("config") == config);
  } catch (const IoError&) {
    return false;  // whatever it is, nobody can continue from it
  }
}

void CheckpointFiles::prune(const Folder& run, std::size_t keep) {
  std::sort(own_.begin(), own_.end(), std::greater());
  own_.erase(std::unique(own_.begin(), own_.end()), own_.end());
  for (; own_.size() > keep; own_.pop_back()) run.remove(own_.back().file());
}

}  // namespace engram::io
