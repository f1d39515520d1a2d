#include "engine/run/compare_runs.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "engine/io/npy.hpp"
#include "engine/io/numbers.hpp"
#include "engine/io/run_folder.hpp"
#include "engine/io/safetensors.hpp"
#include "engram/core/field_kinds.hpp"

namespace engram {

namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr std::uint64_t max_table_bytes = std::uint64_t{8} << 30;

/// A folder of a run, and the files that its manifest lists.
struct Ended {
  io::Folder folder;
  std::set<std::string> files;

  explicit Ended(const fs::path& path) : folder(path) {
    const Json manifest = io::read_manifest(folder);
    if (!manifest.contains("files"))
      throw IoError(path.string() + ": this run has not ended (" + manifest["status"].get<std::string>() + ")");
    for (const auto& [name, file] : manifest["files"].items()) files.insert(name);
  }
};

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

RunDifference table_difference(const std::string& name, const std::string& a, const std::string& b) {
  std::istringstream left(a), right(b);
  std::string x, y;
  std::vector<std::string> header;
  for (std::size_t row = 0;; ++row) {
    const bool more_x = static_cast<bool>(std::getline(left, x)), more_y = static_cast<bool>(std::getline(right, y));
    const std::string place = row == 0 ? "line of names" : "row " + std::to_string(row - 1);
    if (!more_x || !more_y) return {name, place, more_x ? x : "(no such row)", more_y ? y : "(no such row)"};
    const std::vector<std::string> ours = cells_of(x), theirs = cells_of(y);
    if (row == 0) header = ours;
    if (x == y) continue;
    for (std::size_t i = 0; i < std::min({ours.size(), theirs.size(), header.size()}); ++i)
      if (ours[i] != theirs[i]) {
        const std::string tick = header[0] == "time" && row > 0 ? " (tick " + ours[0] + ")" : "";
        return {name, place + tick + ", column " + header[i], ours[i], theirs[i]};
      }
    return {name, place, x, y};
  }
}

/// The tick of a row of a column, where its folder has a column of ticks.
std::string tick_of(const io::Folder& folder, const std::string& name, std::size_t row) {
  const std::string beside = io::folder_of_name(name);
  for (const char* ticks : {"step.npy", "time.npy"}) {
    const std::string file = beside.empty() ? ticks : beside + "/" + ticks;
    if (beside.empty() || !folder.exists(file)) continue;
    const std::vector<double> all = io::to_doubles(io::read_npy(folder.open(file)), file);
    if (row < all.size()) return " (tick " + shown(all[row]) + ")";
  }
  return "";
}

std::size_t first_difference(const std::string& a, const std::string& b, std::size_t bytes) {
  const auto at = std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin();
  return static_cast<std::size_t>(at) / bytes;
}

RunDifference column_difference(const std::string& name, const io::Folder& a, const io::Folder& b) {
  const io::NpyArray x = io::read_npy(a.open(name)), y = io::read_npy(b.open(name));
  if (x.type != y.type) return {name, "type", x.type, y.type};
  const std::size_t bytes = static_cast<std::size_t>(x.type[2] - '0');
  const std::vector<std::uint64_t> row_x(x.shape.begin() + !x.shape.empty(), x.shape.end()),
      row_y(y.shape.begin() + !y.shape.empty(), y.shape.end());
  if (row_x != row_y) return {name, "shape", io::words_of_shape(x.shape), io::words_of_shape(y.shape)};
  std::size_t width = 1;
  for (const std::uint64_t extent : row_x) width *= extent;
  const std::size_t common = std::min(x.bytes.size(), y.bytes.size());
  const std::size_t i = first_difference(x.bytes.substr(0, common), y.bytes.substr(0, common), bytes);
  if (i * bytes >= common) return {name, "rows", io::words_of_shape(x.shape), io::words_of_shape(y.shape)};
  const std::vector<double> left = io::to_doubles(x, name), right = io::to_doubles(y, name);
  const std::string value = width > 1 ? ", value " + std::to_string(i % width) : "";
  return {name, "row " + std::to_string(i / width) + tick_of(a, name, i / width) + value, shown(left[i]),
          shown(right[i])};
}

std::string value_text(const io::Tensor& tensor, std::size_t i) {
  const std::string type = tensor.type == "F32"   ? "<f4"
                           : tensor.type == "F64" ? "<f8"
                           : tensor.type == "U32" ? "<u4"
                           : tensor.type == "U64" ? "<u8"
                                                  : "<i8";
  const std::size_t bytes = static_cast<std::size_t>(type[2] - '0');
  return shown(io::to_doubles({type, {1}, tensor.bytes.substr(i * bytes, bytes)}, tensor.name).front());
}

RunDifference state_difference(const std::string& name, const io::Folder& a, const io::Folder& b) {
  const io::SafetensorsFile x(a.open(name)), y(b.open(name));
  if (x.names() != y.names())
    return {name, "tensors", std::to_string(x.names().size()), std::to_string(y.names().size())};
  for (const std::string& tensor : x.names()) {
    const io::Tensor left = x.read(tensor), right = y.read(tensor);
    if (left.type != right.type || left.shape != right.shape)
      return {name, "tensor " + tensor, left.type + " " + io::words_of_shape(left.shape),
              right.type + " " + io::words_of_shape(right.shape)};
    if (left.bytes == right.bytes) continue;
    const std::size_t bytes = left.type.ends_with("32") ? 4 : 8;
    const std::size_t i = first_difference(left.bytes, right.bytes, bytes);
    return {name, "tensor " + tensor + ", value " + std::to_string(i), value_text(left, i), value_text(right, i)};
  }
  for (const auto& [key, value] : x.metadata()) {
    const auto other = y.metadata().find(key);
    const std::string theirs = other == y.metadata().end() ? "(nothing)" : other->second;
    if (value != theirs) return {name, "\"" + key + "\"", value.substr(0, 80), theirs.substr(0, 80)};
  }
  return {name, "", "", ""};
}

std::optional<RunDifference> difference(const std::string& name, const Ended& a, const Ended& b) {
  const io::Descriptor left = a.folder.open(name), right = b.folder.open(name);
  if (left.size() == right.size() && io::checksum_of_file(left) == io::checksum_of_file(right)) return std::nullopt;
  if (name.ends_with(".csv"))
    return table_difference(name, io::read_file(left, max_table_bytes), io::read_file(right, max_table_bytes));
  if (name.ends_with(".npy")) return column_difference(name, a.folder, b.folder);
  return state_difference(name, a.folder, b.folder);
}

}  // namespace

RunComparison compare_runs(const fs::path& a, const fs::path& b) {
  const Ended left(a), right(b);
  RunComparison all;
  for (const std::string& name : left.files) {
    if (!right.files.contains(name)) {
      all.differences.push_back({name, "", "a file", "(no such file)"});
      continue;
    }
    ++all.files;
    if (auto found = difference(name, left, right)) all.differences.push_back(std::move(*found));
  }
  for (const std::string& name : right.files)
    if (!left.files.contains(name)) all.differences.push_back({name, "", "(no such file)", "a file"});
  return all;
}

}  // namespace engram
