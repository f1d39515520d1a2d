#include "engine/io/numbers.hpp"

#include <cmath>
#include <cstring>

#include "engram/core/field_kinds.hpp"

namespace engram::io {

namespace {

template <class T>
std::vector<double> converted(const NpyArray& array, const std::string& name) {
  std::vector<double> all(array.bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < all.size(); ++i) {
    T value;
    std::memcpy(&value, array.bytes.data() + i * sizeof(T), sizeof(T));
    all[i] = static_cast<double>(value);
    if constexpr (sizeof(T) == 8 && std::is_integral_v<T>)
      if (all[i] >= 9007199254740992.0 || all[i] <= -9007199254740992.0)
        throw IoError(name + ": value " + std::to_string(i) + ", " + std::to_string(value) +
                      ", is beyond 2^53, which a double does not hold");
  }
  return all;
}

}  // namespace

std::vector<double> to_doubles(const NpyArray& array, const std::string& name) {
  const std::string kind = array.type.substr(1);
  if (kind == "f4") return converted<float>(array, name);
  if (kind == "f8") return converted<double>(array, name);
  if (kind == "i1") return converted<std::int8_t>(array, name);
  if (kind == "i2") return converted<std::int16_t>(array, name);
  if (kind == "i4") return converted<std::int32_t>(array, name);
  if (kind == "i8") return converted<std::int64_t>(array, name);
  if (kind == "u1" || kind == "b1") return converted<std::uint8_t>(array, name);
  if (kind == "u2") return converted<std::uint16_t>(array, name);
  if (kind == "u4") return converted<std::uint32_t>(array, name);
  if (kind == "u8") return converted<std::uint64_t>(array, name);
  throw IoError(name + ": values of type " + array.type + "; known are floats of 4 and 8 bytes, integers and bool");
}

Numbers read_numbers(const std::filesystem::path& path, double largest) {
  if (path.extension() == ".npy") {
    const NpyArray array = read_npy(path);
    Numbers numbers{array.shape, to_doubles(array, path.string())};
    for (std::size_t i = 0; i < numbers.values.size(); ++i)
      if (!(std::abs(numbers.values[i]) <= largest))
        throw TableError(path.string() + ": value " + std::to_string(i) + " is " + shown(numbers.values[i]) +
                         ", expected are " +
                         (largest < 1e300 ? "magnitudes up to " + shown(largest) : "finite numbers"));
    return numbers;
  }
  Table table = read_table(path, largest);
  table.leave_out("label");
  if (table.names.empty()) throw TableError(path.string() + ": has no column but \"label\"");
  const std::size_t columns = table.names.size();
  return {{table.values.size() / columns, columns}, std::move(table.values)};
}

}  // namespace engram::io
