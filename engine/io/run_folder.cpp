#include "run_folder.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "engram/config_reader.hpp"

namespace engram::io {

RunFolder::RunFolder(const fs::path& path, Mode mode) : path_(path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_directory(status)) throw IoError(path.string() + ": exists and is not a folder");
  const bool there = fs::is_directory(status), locked_once = fs::exists(path / ".lock", error);
  if (mode == Mode::existing && !fs::exists(path / "manifest.json", error)) throw IoError(path.string() + ": not a run folder (no manifest.json)");
  const bool empty = !there || fs::is_empty(path, error);
  if (error) throw IoError(path.string() + ": cannot look into the folder: " + error.message());
  if (!empty && !locked_once && !fs::exists(path / "manifest.json"))
    throw IoError(path.string() + ": holds other files and no run of engram; name a new or empty folder");
  if (!there) make_folder(path);
  made_ = !there;
  lock_.emplace(path);
  const bool has_run = fs::exists(path / "manifest.json");
  if (mode == Mode::fresh && has_run) throw IoError(path.string() + ": holds a run already; --force replaces it, another --out keeps it");
  if (mode == Mode::replace && has_run && manifest().value("schema", "") != run_schema_id)
    throw IoError(path.string() + ": its manifest.json is not of engram; nothing was removed");
}

RunFolder::~RunFolder() {
  if (!made_ || begun_) return;
  ::unlink((path_ / ".lock").c_str());
  ::rmdir(path_.c_str());  // does nothing unless empty
}

void RunFolder::begin() {
  begun_ = true;
  try {
    std::vector<fs::path> files, folders;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      const auto extension = entry.path().extension();
      if (entry.is_directory() && !entry.is_symlink()) folders.push_back(entry.path());
      else if (extension == ".npy" || extension == ".safetensors" || extension == ".tmp") files.push_back(entry.path());
    }
    for (const char* name : {"manifest.json", "metrics.csv"}) files.push_back(path_ / name);
    for (const fs::path& file : files) fs::remove(file);
    std::sort(folders.begin(), folders.end());
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder)
      if (fs::is_empty(*folder)) fs::remove(*folder);
  } catch (const fs::filesystem_error& error) {
    throw IoError(path_.string() + ": cannot remove the old run: " + error.code().message());
  }
  make_folder(path_ / "checkpoints");
}

nlohmann::ordered_json RunFolder::manifest() const {
  const fs::path file = path_ / "manifest.json";
  try {
    constexpr std::size_t most = std::size_t{256} << 20;  // it holds the results of every grid point
    auto json = parse_config(read_file(file, most), file.string(), most);
    if (!json.is_object()) throw IoError(file.string() + ": not an object");
    return json;
  } catch (const ConfigError& error) {
    throw IoError(error.what());
  }
}

void RunFolder::write_manifest(const nlohmann::ordered_json& manifest) const { replace_file(path_ / "manifest.json", manifest.dump(1) + "\n"); }

fs::path RunFolder::checkpoint_file(std::size_t point, std::uint64_t tick) const {
  return path_ / "checkpoints" / ("point-" + std::to_string(point) + "-tick-" + std::to_string(tick) + ".safetensors");
}

std::vector<RunFolder::Checkpoint> RunFolder::checkpoints() const {
  std::vector<Checkpoint> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_ / "checkpoints", error)) {
    unsigned long long point = 0, tick = 0;
    const std::string name = entry.path().filename().string();
    if (std::sscanf(name.c_str(), "point-%llu-tick-%llu.safetensors", &point, &tick) == 2 && checkpoint_file(point, tick).filename() == name)
      all.push_back({point, tick, entry.path()});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return std::pair(a.point, a.tick) > std::pair(b.point, b.tick); });
  return all;
}

void RunFolder::prune_checkpoints(std::size_t keep) const {
  const auto all = checkpoints();
  for (std::size_t i = keep; i < all.size(); ++i) ::unlink(all[i].file.c_str());
}

}  // namespace engram::io
