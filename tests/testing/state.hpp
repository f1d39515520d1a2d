// The state of a task in memory, and files of states that no run has written.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "engine/io/safetensors.hpp"
#include "engine/run/checkpoint.hpp"
#include "tests/testing/scratch.hpp"

namespace engram::test {

inline void write_safetensors(const std::filesystem::path& path, const std::vector<io::Tensor>& tensors,
                              const std::map<std::string, std::string>& metadata) {
  io::Replacement file(path);
  io::SafetensorsWriter writer(file, {tensors.begin(), tensors.end()}, metadata);
  for (const io::Tensor& tensor : tensors) writer.write(tensor.bytes.data(), tensor.bytes.size());
  writer.commit();
}

/// All tensors and metadata of a file.
inline std::vector<io::Tensor> read_safetensors(const std::filesystem::path& path,
                                                std::map<std::string, std::string>& metadata) {
  const io::SafetensorsFile file(path);
  metadata = file.metadata();
  std::vector<io::Tensor> tensors;
  for (const std::string& name : file.names()) tensors.push_back(file.read(name));
  return tensors;
}

/// What a run would save of a task.
inline std::vector<io::Tensor> collect_state(Task& task, std::map<std::string, std::string>& metadata) {
  const bool memory = std::filesystem::is_directory("/dev/shm");  // saves the syncs
  const Scratch folder(memory ? "/dev/shm" : std::filesystem::temp_directory_path());
  io::Replacement file(folder / "state");
  save_state(task, file, metadata);
  return read_safetensors(folder / "state", metadata);
}

}  // namespace engram::test
