#include "recorder.hpp"

#include <nlohmann/json.hpp>
#include <fcntl.h>

#include <cctype>
#include <charconv>

#include "file.hpp"
#include "npy.hpp"

namespace engram::io {

namespace {

constexpr std::size_t most_buffered = std::size_t{16} << 20;
constexpr const char* metrics_file = "metrics.csv";

std::string cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

template <class T>
void put_number(std::string& out, T x) {
  char text[40];
  out.append(text, std::to_chars(text, text + sizeof text, x).ptr);  // the shortest form that reads back equal
}

}  // namespace

std::string safe_path(std::string_view name) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string path, part;
  const auto end_part = [&] {
    if (part.empty() || part == "." || part == "..") part += "%";
    path += (path.empty() ? "" : "/") + part;
    part.clear();
  };
  for (const char c : name) {
    if (c == '/') end_part();
    else if (std::isalnum(static_cast<unsigned char>(c)) || std::string_view("_-+=.").find(c) != std::string_view::npos) part += c;
    else part += {'%', digits[static_cast<unsigned char>(c) >> 4], digits[c & 15]};
  }
  end_part();
  return path;
}

RunRecorder::RunRecorder(fs::path folder, Selection selection, const std::vector<std::string>& grid_names)
    : folder_(std::move(folder)), selection_(std::move(selection)) {
  std::string header = "time,replica,layer,unit,attribute,value";
  for (const std::string& name : grid_names) header += "," + cell(name);
  header += "\n";
  grow(streams_[metrics_file], header.data(), header.size());
}

void RunRecorder::begin_point(const std::string& subfolder, const std::vector<std::string>& grid_values) {
  file_of_.clear();
  subfolder_ = subfolder;
  grid_cells_.clear();
  for (const std::string& value : grid_values) grid_cells_ += "," + cell(value);
  grid_cells_ += "\n";
}

bool RunRecorder::selected(std::string_view name) const {
  if (selection_.series.empty()) return true;
  for (const std::string& series : selection_.series)
    if (name == series || (name.starts_with(series) && name[series.size()] == '/')) {
      matched_.insert(series);
      return true;
    }
  return false;
}

std::vector<std::string> RunRecorder::unmatched() const {
  std::vector<std::string> all;
  for (const std::string& series : selection_.series)
    if (!matched_.contains(series)) all.push_back(series);
  return all;
}

void RunRecorder::metric(Tick time, Index replica, std::string_view layer, std::string_view attribute, double value, std::int64_t unit) {
  if (!wants(attribute)) return;
  std::string row;
  put_number(row, time);
  row += ',';
  put_number(row, replica);
  row += ',' + cell(layer) + ',';
  if (unit >= 0) put_number(row, unit);
  row += ',' + cell(attribute) + ',';
  put_number(row, value);
  row += grid_cells_.empty() ? "\n" : grid_cells_;
  grow(streams_[metrics_file], row.data(), row.size());
}

template <class T>
void RunRecorder::append_values(std::string_view name, std::span<const T> values, std::size_t width) {
  if (!wants(name)) return;
  auto found = file_of_.find(name);
  if (found == file_of_.end()) {
    const std::string file = subfolder_ + safe_path(name) + ".npy";
    found = file_of_.emplace(name, file).first;
    Stream& fresh = streams_[file];
    if (fresh.type.empty()) fresh.type = npy_type<T>(), fresh.width = width;
  }
  Stream& stream = streams_.at(found->second);
  if (stream.type != npy_type<T>() || stream.width != width || width == 0 || values.size() % width)
    throw Error("column \"" + std::string(name) + "\" takes rows of " + std::to_string(stream.width) + " values of type " + stream.type);
  grow(stream, values.data(), values.size_bytes());
}

void RunRecorder::append(std::string_view name, std::span<const std::uint64_t> values, std::size_t width) { append_values(name, values, width); }
void RunRecorder::append(std::string_view name, std::span<const std::uint32_t> values, std::size_t width) { append_values(name, values, width); }
void RunRecorder::append(std::string_view name, std::span<const double> values, std::size_t width) { append_values(name, values, width); }
void RunRecorder::append(std::string_view name, std::span<const float> values, std::size_t width) { append_values(name, values, width); }

void RunRecorder::grow(Stream& stream, const void* data, std::size_t bytes) {
  stream.buffer.append(static_cast<const char*>(data), bytes);
  stream.unsynced = true;
  buffered_ += bytes;
  if (buffered_ > most_buffered) flush();
}

void RunRecorder::write_out(const std::string& file, Stream& stream, bool durable) {
  if (!stream.unsynced) return;
  const fs::path path = folder_ / file;
  const bool fresh = stream.written == 0;
  if (fresh && path.parent_path() != folder_) make_folder(path.parent_path());
  Descriptor out(path, O_WRONLY | O_CREAT | (fresh ? O_TRUNC : 0));
  const std::uint64_t start = stream.type.empty() ? 0 : npy_header_bytes;
  out.write_at(start + stream.written, stream.buffer.data(), stream.buffer.size());
  stream.written += stream.buffer.size();
  stream.buffer.clear();
  if (!stream.type.empty()) {
    // After the data, so that the shape never promises what is not there.
    const std::uint64_t rows = stream.written / static_cast<std::uint64_t>(stream.type.back() - '0') / stream.width;
    const std::uint64_t shape[2] = {rows, stream.width};
    const std::string header = npy_header(stream.type, std::span(shape, stream.width == 1 ? 1u : 2u));
    out.write_at(0, header.data(), header.size());
  }
  if (durable) {
    out.sync();
    sync_folder(path.parent_path());
    stream.unsynced = false;
  }
  out.close();
}

void RunRecorder::flush() {
  for (auto& [file, stream] : streams_)
    if (!stream.buffer.empty()) write_out(file, stream, false);
  buffered_ = 0;
}

void RunRecorder::sync() {
  for (auto& [file, stream] : streams_) write_out(file, stream, true);
  buffered_ = 0;
}

nlohmann::json RunRecorder::position() const {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [file, stream] : streams_)
    all[file] = {{"type", stream.type}, {"width", stream.width}, {"bytes", stream.written + stream.buffer.size()}};
  return all;
}

void RunRecorder::restore(const nlohmann::json& position) {
  streams_.clear();
  file_of_.clear();
  buffered_ = 0;
  for (const auto& [file, at] : position.items()) {
    Stream& stream = streams_[file];
    stream.type = at.at("type");
    stream.width = at.at("width");
    stream.written = at.at("bytes");
    const std::uint64_t end = stream.written + (stream.type.empty() ? 0 : npy_header_bytes);
    Descriptor out(folder_ / file, O_RDWR);
    if (out.size() < end) throw IoError((folder_ / file).string() + ": shorter than the checkpoint says");
    out.truncate(end);
    out.close();
    stream.unsynced = true;  // its header has to be written anew
    write_out(file, stream, false);
  }
  for (const auto& entry : fs::recursive_directory_iterator(folder_))
    if (entry.path().extension() == ".npy" && !position.contains(fs::relative(entry.path(), folder_).generic_string())) fs::remove(entry.path());
}

std::vector<std::string> RunRecorder::files() const {
  std::vector<std::string> all;
  for (const auto& [file, stream] : streams_) all.push_back(file);
  return all;
}

}  // namespace engram::io
