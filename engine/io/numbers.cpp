#include "engine/io/numbers.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "engine/io/tensors.hpp"
#include "engram/core/field_kinds.hpp"

namespace engram::io {

namespace {

/// IEEE 754, 16 bits.
double of_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double magnitude = exponent == 31  ? (fraction ? NAN : INFINITY)
                           : exponent == 0 ? std::ldexp(fraction, -24)
                                           : std::ldexp(fraction + 1024, exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

/// The upper half of a single.
double of_brain_float(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

template <class T>
double of_number(T value) {
  return static_cast<double>(value);
}

template <class T, double (*convert)(T)>
void append_as(const char* bytes, std::size_t count, std::uint64_t first, const std::string& name,
               std::vector<double>& to) {
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
    to.push_back(convert(value));
    if constexpr (sizeof(T) == 8 && std::is_integral_v<T>)
      if (std::abs(to.back()) >= 9007199254740992.0)
        throw MalformedFile(name + ": value " + std::to_string(first + i) + ", " + std::to_string(value) +
                            ", is beyond 2^53, which a double does not hold");
  }
}

using Append = void (*)(const char*, std::size_t, std::uint64_t, const std::string&, std::vector<double>&);

/// How values of a type become doubles; null for an unknown one.
Append append_of(const std::string& type) {
  if (type == "f2") return append_as<std::uint16_t, of_half>;
  if (type == "bf") return append_as<std::uint16_t, of_brain_float>;
  if (type == "f4") return append_as<float, of_number>;
  if (type == "f8") return append_as<double, of_number>;
  if (type == "i1") return append_as<std::int8_t, of_number>;
  if (type == "i2") return append_as<std::int16_t, of_number>;
  if (type == "i4") return append_as<std::int32_t, of_number>;
  if (type == "i8") return append_as<std::int64_t, of_number>;
  if (type == "u1" || type == "b1") return append_as<std::uint8_t, of_number>;
  if (type == "u2") return append_as<std::uint16_t, of_number>;
  if (type == "u4") return append_as<std::uint32_t, of_number>;
  if (type == "u8") return append_as<std::uint64_t, of_number>;
  return nullptr;
}

Append need_append(const std::string& type, const std::string& name) {
  if (const Append append = append_of(type)) return append;
  throw MalformedFile(name + ": values of type " + type + "; known are floats of 2, 4 and 8 bytes, integers and bool");
}

}  // namespace

std::vector<double> to_doubles(const NpyArray& array, const std::string& name) {
  const std::string type = array.type.substr(1);
  const std::size_t width = bytes_of_type(type);
  std::vector<double> all;
  all.reserve(array.bytes.size() / width);
  need_append(type, name)(array.bytes.data(), array.bytes.size() / width, 0, name, all);
  return all;
}

bool NumberFile::is_one(const fs::path& path) {
  return path.extension() == ".npy" || path.extension() == ".safetensors";
}

NumberFile::NumberFile(const fs::path& path, const std::string& tensor) : file_(open_regular(path)) {
  if (path.extension() == ".safetensors") {
    const ForeignTensor found = find_tensor(file_, tensor);
    type_ = found.type;
    shape_ = found.shape;
    begin_ = found.begin;
  } else {
    if (!tensor.empty()) throw TableError(name() + ": an NPY file holds one array, without a name");
    const NpyLayout layout = read_npy_layout(file_);
    type_ = layout.type.substr(1);
    shape_ = layout.shape;
    begin_ = layout.begin;
  }
  need_append(type_, name());
  value_bytes_ = bytes_of_type(type_);
  size_ = 1;
  for (const std::uint64_t extent : shape_) size_ *= extent;  // that it does not overflow was seen with the header
}

void NumberFile::read(std::uint64_t first, std::uint64_t count, std::vector<double>& to) const {
  constexpr std::uint64_t most = 1 << 16;
  std::string bytes;
  for (std::uint64_t at = first, end = first + count; at < end;) {
    const std::uint64_t now = std::min(most, end - at);
    bytes.resize(now * value_bytes_);
    file_.read_at(begin_ + at * value_bytes_, bytes.data(), bytes.size());
    need_append(type_, name())(bytes.data(), now, at, name(), to);
    at += now;
  }
}

void check_magnitude(double value, std::uint64_t place, double largest, const std::string& name) {
  if (std::abs(value) <= largest) return;
  throw TableError(name + ": value " + std::to_string(place) + " is " + shown(value) + ", expected are " +
                   (largest < 1e300 ? "magnitudes up to " + shown(largest) : "finite numbers"));
}

Numbers read_numbers(const fs::path& path, double largest, const std::string& tensor) {
  if (NumberFile::is_one(path)) {
    const NumberFile file(path, tensor);
    Numbers numbers{file.shape(), {}};
    numbers.values.reserve(file.size());
    file.read(0, file.size(), numbers.values);
    for (std::size_t i = 0; i < numbers.values.size(); ++i)
      check_magnitude(numbers.values[i], i, largest, path.string());
    return numbers;
  }
  if (path.extension() == ".npz")
    throw TableError(path.string() + ": is an archive of several arrays; numpy.save writes one of them as NPY");
  if (!tensor.empty()) throw TableError(path.string() + ": a table has no tensors");
  Table table = read_table(path, largest, "label");
  const std::size_t columns = table.names.size();
  return {{table.values.size() / columns, columns}, std::move(table.values)};
}

}  // namespace engram::io
