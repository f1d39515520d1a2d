#include "engine/io/names.hpp"

#include <cctype>

namespace engram::io {

std::string safe_path(std::string_view name) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string path, part;
  const auto end_part = [&] {
    if (part.empty() || part == "." || part == "..") part += "%";
    path += (path.empty() ? "" : "/") + part;
    part.clear();
  };
  for (const char c : name) {
    if (c == '/')
      end_part();
    else if (std::isalnum(static_cast<unsigned char>(c)) || std::string_view("_-+=.").find(c) != std::string_view::npos)
      part += c;
    else
      part += {'%', digits[static_cast<unsigned char>(c) >> 4], digits[c & 15]};
  }
  end_part();
  return path;
}

std::string fault_of_column_part(std::string_view name) {
  constexpr std::size_t most = 240;  // file systems take 255 bytes, endings among them
  if (name.find('/') != std::string_view::npos) return "columns are named after it, so no \"/\" may stand in it";
  if (const std::size_t length = safe_path(name).size(); length > most)
    return "columns are named after it: their files would have names of " + std::to_string(length) + " bytes, where " +
           std::to_string(most) + " are allowed (letters, digits and _-+=. count once, any other byte three times)";
  bool taken = name.starts_with('.') || name == "checkpoints" || name.starts_with("grid-");
  for (const char* ending : {".npy", ".csv", ".json", ".safetensors", ".tmp"}) taken |= name.ends_with(ending);
  return taken ? "columns are named after it, and the run folder has files of its own by such names" : "";
}

}  // namespace engram::io
