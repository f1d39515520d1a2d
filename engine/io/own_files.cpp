#include "engine/io/own_files.hpp"

#include <fcntl.h>

#include <utility>

#include "engram/core/error.hpp"

namespace engram::io {

namespace {

constexpr const char* checkpoint_line = "checkpoints/";
constexpr std::uint64_t max_list_bytes = std::uint64_t{256} << 20;

std::string lines_of(const auto& names) {
  std::string lines;
  for (const std::string& name : names) lines += name + "\n";
  return lines;
}

}  // namespace

bool is_name_of_run(const std::string& name) {
  if (!is_beneath(name) || name.find('\n') != std::string::npos) return false;
  const std::string leaf = name.substr(name.rfind('/') + 1);
  return name == "metrics.csv" || name == "results.csv" || leaf.ends_with(".npy") || leaf == "state.safetensors" ||
         (leaf.starts_with("crash-") && leaf.ends_with(".safetensors"));
}

void OwnFiles::open(const fs::path& path) {
  folder_.emplace(path);
  listed_ = folder_->exists(list_name);
  if (!listed_) return;
  const std::string text = read_file(folder_->open(list_name, O_RDONLY), max_list_bytes);
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    if (const std::string name = text.substr(at, end - at); is_name_of_run(name))
      names_.insert(name);
    else
      checkpointed_ |= name == checkpoint_line;
    end_ = end + 1;
  }
}

void OwnFiles::check_free(const std::vector<std::string>& names) const {
  for (const std::string& name : names)
    if (!names_.contains(name) && folder_->exists(name))
      throw IoError(
          (folder_->path() / name).string() +
          ": this run would write it, but a file of this name is there that no run of engram wrote; move it away");
}

void OwnFiles::claim(const std::vector<std::string>& names) {
  check_free(names);
  std::vector<std::string> fresh;
  for (const std::string& name : names)
    if (!names_.contains(name)) fresh.push_back(name);
  if (fresh.empty()) return;
  append(lines_of(fresh));
  names_.insert(fresh.begin(), fresh.end());
}

void OwnFiles::note_checkpoint() {
  if (!std::exchange(checkpointed_, true)) append(std::string(checkpoint_line) + "\n");
}

void OwnFiles::append(const std::string& lines) {
  Descriptor list = folder_->open(list_name, O_WRONLY | O_CREAT);
  if (list.size() < end_) {  // somebody removed it or cut it
    save();
    list = folder_->open(list_name, O_WRONLY);
  }
  list.truncate(end_);  // a kill may have cut the last line short
  list.write_at(end_, lines.data(), lines.size());
  list.sync();
  list.close();
  if (!std::exchange(listed_, true)) folder_->sync_folder("");
  end_ += lines.size();
}

bool OwnFiles::adopt(const std::vector<std::string>& names) {
  const std::size_t before = names_.size();
  for (const std::string& name : names)
    if (is_name_of_run(name)) names_.insert(name);
  return names_.size() != before;
}

void OwnFiles::save() {
  const std::string lines = lines_of(names_) + (checkpointed_ ? std::string(checkpoint_line) + "\n" : "");
  folder_->write_whole(list_name, lines);
  end_ = lines.size();
  listed_ = true;
}

void OwnFiles::restart(const std::vector<std::string>& names) {
  names_ = {names.begin(), names.end()};
  checkpointed_ = false;
  save();
}

void OwnFiles::finish() {
  folder_->remove(list_name);
  listed_ = false;
}

Descriptor OwnFiles::create(const std::string& name) const {
  if (const std::string folder = folder_of_name(name); !folder.empty()) folder_->make_folder(folder, false);
  Descriptor file = folder_->open(name, O_WRONLY | O_CREAT);
  if (file.size() != 0) file.truncate(0);
  return file;
}

Descriptor OwnFiles::reopen(const std::string& name) const { return folder_->open(name, O_WRONLY); }

void OwnFiles::remove(const std::vector<std::string>& names) const {
  std::set<std::string> folders;
  for (const std::string& name : names) {
    folder_->remove(name);
    for (std::string above = folder_of_name(name); !above.empty(); above = folder_of_name(above)) folders.insert(above);
  }
  for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder)
    folder_->remove(*folder);  // those below first
}

}  // namespace engram::io
