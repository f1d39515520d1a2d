// How recordings reach their files, and where those end for a run that goes on.
#include <algorithm>
#include <utility>

#include "engine/io/names.hpp"
#include "engine/io/npy.hpp"
#include "engine/io/recorder.hpp"

namespace engram::io {

namespace {

constexpr std::size_t kept_buffer = std::size_t{256} << 10;  // of each column
constexpr std::size_t max_buffered = std::size_t{4} << 20;
/// So many files are written before the first of them is synced: one commit of a journal then serves them all, where
/// each file by itself waits for its own, some milliseconds long.
constexpr std::size_t synced_at_once = 32;

/// Whether a recording is a table of text; the others are columns.
bool is_table(const std::string& file) {
  return file == RunRecorder::metrics_file || file == RunRecorder::results_file;
}

}  // namespace

void RunRecorder::grow(Stream& stream, const void* data, std::size_t bytes) {
  if (buffered_ > 0 && buffered_ + bytes > max_buffered) flush();
  const std::size_t size = stream.buffer.size() + bytes;
  if (size > kept_buffer) stream.buffer.reserve(std::max(size, max_buffered));  // growing step by step litters the heap
  stream.buffer.append(static_cast<const char*>(data), bytes);
  stream.unsynced = true;
  buffered_ += bytes;
  if (buffered_ > max_buffered) flush();
}

/// Lists the files that are to be made, all at once.
void RunRecorder::claim_new(bool durable) {
  std::vector<std::string> names;
  for (const auto& [file, stream] : streams_)
    if (!stream.made && (durable || !stream.buffer.empty())) names.push_back(file);
  files_.claim(names);
}

/// A file that was made before must be as this run left it: whoever removed, cut or lengthened it took rows away that
/// nothing gives back.
Descriptor RunRecorder::open(const std::string& file, Stream& stream) {
  if (!stream.made) {
    for (std::string above = file; !above.empty();) folders_.insert(above = folder_of_name(above));
    Descriptor made = files_.create(file);
    stream.made = stream.torn = true;
    return made;
  }
  Descriptor there = files_.reopen(file);
  const std::uint64_t size = there.size(), end = stream.end();
  const bool cut = size < end && !(stream.torn && stream.written == 0), longer = size > end && !stream.torn;
  if (cut || longer)
    throw IoError(there.path().string() + ": was changed while the run went on: it has " + std::to_string(size) +
                  " bytes, the run wrote " + std::to_string(end));
  return there;
}

Descriptor RunRecorder::write_out(const std::string& file, Stream& stream) {
  Descriptor out = open(file, stream);
  stream.torn = true;
  out.write_at(stream.end(), stream.buffer.data(), stream.buffer.size());
  if (!stream.type.empty()) {
    // After the data, so that the shape never promises what is not there.
    const std::uint64_t rows = (stream.written + stream.buffer.size()) / stream.row_bytes();
    const std::uint64_t shape[2] = {rows, stream.width};
    const std::string header = npy_header(stream.type, std::span(shape, stream.width == 1 ? 1u : 2u));
    out.write_at(0, header.data(), header.size());
  }
  stream.written += stream.buffer.size();
  if (stream.buffer.capacity() > kept_buffer) stream.buffer = {};  // columns that come once would keep much
  stream.buffer.clear();
  stream.torn = false;
  return out;
}

void RunRecorder::flush() {
  claim_new(false);
  for (auto& [file, stream] : streams_)
    if (!stream.buffer.empty()) write_out(file, stream).close();
  buffered_ = 0;
}

void RunRecorder::sync() {
  write_late();
  claim_new(true);
  std::vector<std::pair<Stream*, Descriptor>> written;
  const auto sync_written = [&] {
    for (auto& [stream, out] : written) {
      out.sync();
      stream->unsynced = false;
      out.close();
    }
    written.clear();
  };
  for (auto& [file, stream] : streams_) {
    if (!stream.unsynced) continue;
    written.emplace_back(&stream, write_out(file, stream));
    if (written.size() == synced_at_once) sync_written();
  }
  sync_written();
  buffered_ = 0;
  for (const std::string& folder : folders_) files_.folder().sync_folder(folder);
  folders_.clear();
}

nlohmann::json RunRecorder::position() const {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [file, stream] : streams_)
    all[file] = {{"type", stream.type},
                 {"width", stream.width},
                 {"bytes", stream.written + stream.buffer.size() + (file == metrics_file ? late_.size() : 0)}};
  return all;
}

RunRecorder::Stream RunRecorder::read_stream(const std::string& file, const nlohmann::ordered_json& at) {
  const auto fail = [&](const char* text) { throw IoError("its place in the file \"" + file + "\" " + text); };
  if (!is_name_of_run(file) || !(is_table(file) || file.ends_with(".npy")))
    fail("is none: a recording has no such name");
  if (!at.is_object() || !at.contains("type") || !at["type"].is_string() || !at.contains("width") ||
      !at["width"].is_number_unsigned() || !at.contains("bytes") || !at["bytes"].is_number_unsigned())
    fail("is no type, width and number of bytes");
  Stream stream{at["type"], at["width"], at["bytes"], "", true, true, false};
  const std::string types[] = {npy_type<std::uint64_t>(), npy_type<std::uint32_t>(), npy_type<double>(),
                               npy_type<float>()};
  const bool text = is_table(file);
  if (text ? !stream.type.empty() : std::find(std::begin(types), std::end(types), stream.type) == std::end(types))
    fail("is of a type that no recording has");
  constexpr std::uint64_t most = std::uint64_t{1} << 62;
  if (stream.width == 0 || stream.width > most / 8 || stream.written > most)
    fail("has a width or an end that no recording has");
  if (!text && stream.written % stream.row_bytes() != 0) fail("is not the end of a row");
  return stream;
}

void RunRecorder::restore(const nlohmann::ordered_json& position) {
  std::map<std::string, Stream> streams;
  std::vector<std::string> names, later;
  for (const auto& [file, at] : position.items()) {
    names.push_back(file);
    const Stream& stream = streams[file] = read_stream(file, at);
    if (const Descriptor there = files_.reopen(file); there.size() < stream.end())
      throw IoError(there.path().string() + ": shorter than the checkpoint says");
  }
  for (const char* table : {metrics_file, results_file})
    if (!streams.contains(table)) throw IoError(std::string("it does not say where ") + table + " ends");
  if (files_.adopt(names)) files_.save();

  streams_ = std::move(streams);
  file_of_.clear();
  late_.clear();
  before_last_.clear();
  buffered_ = 0;
  for (auto& [file, stream] : streams_) {
    files_.reopen(file).truncate(stream.end());
    write_out(file, stream).close();  // its header anew
    stream.unsynced = true;
  }
  for (const std::string& name : files_.names())
    if (name.ends_with(".npy") && !streams_.contains(name)) later.push_back(name);
  files_.remove(later);
}

std::map<std::string, std::uint64_t> RunRecorder::files() const {
  std::map<std::string, std::uint64_t> all;
  for (const auto& [file, stream] : streams_) all[file] = stream.end();
  return all;
}

}  // namespace engram::io
