#include "engine/io/safetensors.hpp"

#include <algorithm>
#include <utility>

#include "engram/run/config_reader.hpp"

namespace engram::io {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::uint64_t max_header_bytes = std::uint64_t{256} << 20;  // histories of the host are in it
constexpr const char* own_checksum = "xxh3 header";                   // of the header with this value set to zeros
const std::string zeros(16, '0');

std::uint64_t value_bytes(const std::string& type) {
  return type == "F32" || type == "U32" ? 4 : type == "F64" || type == "I64" || type == "U64" ? 8 : 0;
}

std::uint64_t bytes_of(const TensorLayout& tensor) {
  std::uint64_t bytes = value_bytes(tensor.type);
  for (const std::uint64_t extent : tensor.shape) bytes *= extent;
  return bytes;
}

std::string seal(const std::string& hash) { return '"' + std::string(own_checksum) + "\":\"" + hash + '"'; }

}  // namespace

std::string words_of_shape(const std::vector<std::uint64_t>& shape) {
  std::string text;
  for (const std::uint64_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text.empty() ? "one value" : text;
}

SafetensorsWriter::SafetensorsWriter(Replacement& file, std::vector<TensorLayout> tensors,
                                     std::map<std::string, std::string> metadata)
    : file_(file), tensors_(std::move(tensors)), metadata_(std::move(metadata)) {
  std::uint64_t end = 0;
  for (const TensorLayout& tensor : tensors_) ends_.push_back(end += bytes_of(tensor));
  const std::string text = header();
  if (text.size() > max_header_bytes) throw IoError(file_.target().string() + ": the header would exceed 256 MiB");
  const std::uint64_t length = text.size();
  file_.write(&length, sizeof length);
  file_.write(text.data(), text.size());
  close_full();
}

/// Zeros stand for checksums that are not known yet; they have the same length.
std::string SafetensorsWriter::header() const {
  Json meta{{own_checksum, zeros}}, header;
  for (const auto& [key, value] : metadata_) meta[key] = value;
  for (std::size_t i = 0; i < tensors_.size(); ++i)
    meta["xxh3 " + tensors_[i].name] = i < checksums_.size() ? checksums_[i] : zeros;
  header["__metadata__"] = std::move(meta);
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < tensors_.size(); begin = ends_[i++])
    header[tensors_[i].name] = {
        {"dtype", tensors_[i].type}, {"shape", tensors_[i].shape}, {"data_offsets", {begin, ends_[i]}}};
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // tensors begin aligned
  return text;
}

void SafetensorsWriter::close_full() {
  while (checksums_.size() < ends_.size() && written_ == ends_[checksums_.size()])
    checksums_.push_back(running_.take());
}

void SafetensorsWriter::write(const void* data, std::size_t bytes) {
  const char* from = static_cast<const char*>(data);
  while (bytes > 0) {
    if (checksums_.size() == ends_.size()) throw Error(file_.target().string() + ": more bytes than its tensors have");
    const std::size_t part = std::min<std::uint64_t>(bytes, ends_[checksums_.size()] - written_);
    file_.write(from, part);
    running_.add(from, part);
    written_ += part;
    from += part;
    bytes -= part;
    close_full();
  }
}

void SafetensorsWriter::commit() {
  if (checksums_.size() < ends_.size()) throw Error(file_.target().string() + ": fewer bytes than its tensors have");
  std::string text = header();
  const std::string hash = checksum(text.data(), text.size());
  text.replace(text.find(seal(zeros)), seal(zeros).size(), seal(hash));
  file_.rewrite(sizeof(std::uint64_t), text.data(), text.size());
  file_.commit();
}

SafetensorsFile::SafetensorsFile(Descriptor file) : file_(std::move(file)) {
  const auto fail = [&](const std::string& text) { throw IoError(path().string() + ": " + text); };
  const std::uint64_t size = file_.size();
  std::uint64_t length = 0;
  if (size < sizeof length) fail("too short for a safetensors file");
  file_.read_at(0, &length, sizeof length);
  if (length > max_header_bytes || length > size - sizeof length) fail("the header goes beyond the file or 256 MiB");
  data_start_ = sizeof length + length;
  std::string text(length, '\0');
  file_.read_at(sizeof length, text.data(), length);

  const std::string lead = '"' + std::string(own_checksum) + "\":\"";
  const auto at = text.find(lead);
  if (at == std::string::npos || text.size() - at - lead.size() < 16)
    fail("no checksum of the header; not a checkpoint of engram");
  const std::string hash = text.substr(at + lead.size(), 16);
  text.replace(at + lead.size(), 16, zeros);
  if (checksum(text.data(), text.size()) != hash) fail("the header is damaged (checksum)");

  // From here on the header is as it was written, which does not make it a good one.
  try {
    const Json header = parse_config(text, path().string(), max_header_bytes);
    std::uint64_t expected = 0;
    for (const auto& [key, value] : header.at("__metadata__").items()) metadata_[key] = value.get<std::string>();
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__") continue;
      Entry entry{{name, value.at("dtype").get<std::string>(), value.at("shape").get<std::vector<std::uint64_t>>()},
                  metadata_.at("xxh3 " + name),
                  value.at("data_offsets").at(0).get<std::uint64_t>(),
                  value.at("data_offsets").at(1).get<std::uint64_t>()};
      std::uint64_t bytes = value_bytes(entry.layout.type);
      if (bytes == 0) fail("tensor \"" + name + "\" has the unknown type " + entry.layout.type);
      for (const std::uint64_t extent : entry.layout.shape)
        if (__builtin_mul_overflow(bytes, extent, &bytes)) fail("the shape of tensor \"" + name + "\" overflows");
      if (entry.begin != expected || entry.end < entry.begin || entry.end - entry.begin != bytes)
        fail("tensor \"" + name + "\" is not where its shape says");
      expected = entry.end;
      entries_.emplace(name, std::move(entry));
    }
    if (expected != size - data_start_)
      fail("the tensors take " + std::to_string(expected) + " bytes, the file has " +
           std::to_string(size - data_start_));
    for (const auto& [name, entry] : entries_) metadata_.erase("xxh3 " + name);
    metadata_.erase(own_checksum);
  } catch (const ConfigError& error) {
    fail(error.what());
  } catch (const Json::exception& error) {
    fail(std::string("malformed header: ") + error.what());
  } catch (const std::out_of_range&) {
    fail("malformed header: a tensor has no checksum");
  }
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> all;
  for (const auto& [name, entry] : entries_) all.push_back(name);
  return all;
}

const SafetensorsFile::Entry& SafetensorsFile::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) throw IoError(file_.path().string() + ": has no tensor \"" + name + "\"");
  return found->second;
}

void SafetensorsFile::read(const std::string& name, void* to) const {
  const Entry& entry = this->entry(name);
  file_.read_at(data_start_ + entry.begin, to, entry.end - entry.begin);
  if (checksum(to, entry.end - entry.begin) != entry.checksum)
    throw IoError(file_.path().string() + ": tensor \"" + name + "\" is damaged (checksum)");
}

Tensor SafetensorsFile::read(const std::string& name) const {
  const Entry& entry = this->entry(name);
  Tensor tensor{entry.layout, std::string(entry.end - entry.begin, '\0')};
  read(name, tensor.bytes.data());
  return tensor;
}

}  // namespace engram::io
