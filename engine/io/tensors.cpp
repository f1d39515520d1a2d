#include "engine/io/tensors.hpp"

#include <algorithm>
#include <map>

#include "engine/io/content_error.hpp"
#include "engram/core/field_kinds.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::io {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::uint64_t max_foreign_header = std::uint64_t{100} << 20;  // what the format allows

const std::map<std::string, std::string> types{
    {"F64", "f8"}, {"F32", "f4"}, {"F16", "f2"}, {"BF16", "bf"}, {"I64", "i8"}, {"I32", "i4"}, {"I16", "i2"},
    {"I8", "i1"},  {"U64", "u8"}, {"U32", "u4"}, {"U16", "u2"},  {"U8", "u1"},  {"BOOL", "b1"}};

ForeignTensor read_entry(const Json& entry, std::uint64_t data, std::uint64_t data_bytes) {
  const auto type = types.find(entry.at("dtype").get<std::string>());
  if (type == types.end()) throw MalformedFile("is of the unknown type " + entry.at("dtype").dump());
  ForeignTensor tensor{type->second, entry.at("shape").get<std::vector<std::uint64_t>>(), 0};
  const auto offsets = entry.at("data_offsets").get<std::vector<std::uint64_t>>();
  std::uint64_t bytes = bytes_of_type(tensor.type);
  for (const std::uint64_t extent : tensor.shape)
    if (__builtin_mul_overflow(bytes, extent, &bytes)) throw MalformedFile("has a shape that overflows");
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_bytes || offsets[1] - offsets[0] != bytes)
    throw MalformedFile("is not where its shape says");
  tensor.begin = data + offsets[0];
  return tensor;
}

/// The only one, where no name was said.
std::string chosen(const std::vector<std::string>& names, const std::string& name, const std::string& path) {
  if (name.empty() && names.size() == 1) return names.front();
  const std::string known =
      "; it holds " + (names.size() > 20 ? std::to_string(names.size()) + " tensors, among them " +
                                               listed({names.begin(), names.begin() + 20})
                                         : listed(names));
  if (name.empty()) throw TableError(path + ": \"tensor\" has to say which tensor is meant" + known);
  if (std::find(names.begin(), names.end(), name) != names.end()) return name;
  const std::string near = nearest(name, names);
  throw TableError(path + ": has no tensor \"" + name + "\"" +
                   (near.empty() ? known : " (did you mean \"" + near + "\"?)"));
}

}  // namespace

std::uint64_t bytes_of_type(const std::string& type) {
  return type == "bf" ? 2 : static_cast<std::uint64_t>(type.back() - '0');
}

ForeignTensor find_tensor(const Descriptor& file, const std::string& name) {
  const std::string path = file.path().string();
  const std::uint64_t size = file.size();
  std::uint64_t length = 0;
  if (size < sizeof length) throw MalformedFile(path + ": too short for a safetensors file");
  file.read_at(0, &length, sizeof length);
  if (length > max_foreign_header || length > size - sizeof length)
    throw MalformedFile(path + ": not a safetensors file: the header goes beyond the file or 100 MiB");
  std::string text(length, '\0');
  file.read_at(sizeof length, text.data(), length);
  Json header;
  try {
    header = parse_config(text, path, max_foreign_header);
  } catch (const ConfigError& error) {
    throw MalformedFile(path + ": malformed header: " + error.what());
  }
  std::vector<std::string> names;
  for (const auto& [key, value] : header.items())
    if (key != "__metadata__") names.push_back(key);
  if (names.empty()) throw TableError(path + ": holds no tensor");
  const std::string which = chosen(names, name, path);
  const std::uint64_t data = sizeof length + length;
  try {
    return read_entry(header.at(which), data, size - data);
  } catch (const Json::exception& error) {
    throw MalformedFile(path + ": malformed header: " + error.what());
  } catch (const MalformedFile& error) {
    throw MalformedFile(path + ": tensor \"" + which + "\" " + error.what());
  }
}

}  // namespace engram::io
