// The NPY format of NumPy (version 1.0 written; 1.0 to 3.0 read): a padded text header and raw little-endian values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/io/content_error.hpp"
#include "engine/io/file.hpp"
#include "engram/core/error.hpp"

namespace engram::io {

/// "<f4", "<f8", "<u4", "<u8", "<i8", ...
template <class T>
std::string npy_type() {
  static_assert(std::is_arithmetic_v<T>);
  const char kind = std::is_floating_point_v<T> ? 'f' : std::is_signed_v<T> ? 'i' : 'u';
  return {sizeof(T) == 1 ? '|' : '<', kind, static_cast<char>('0' + sizeof(T))};
}

inline constexpr std::size_t npy_header_bytes = 128;
/// A header of npy_header_bytes whatever the shape, so that a growing file can have it rewritten in place.
std::string npy_header(const std::string& type, std::span<const std::uint64_t> shape);

struct NpyArray {
  std::string type;
  std::vector<std::uint64_t> shape;  ///< row-major
  std::string bytes;

  template <class T>
  std::vector<T> as() const {
    if (type != npy_type<T>()) throw IoError("values of type " + type + " where " + npy_type<T>() + " are expected");
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty()) __builtin_memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
};

/// What the header of a file says, and where its values begin.
struct NpyLayout {
  std::string type;
  std::vector<std::uint64_t> shape;  ///< row-major
  std::uint64_t begin = 0, bytes = 0;
};
/// Throws MalformedFile on anything but a well-formed, row-major, little-endian array of numbers whose size is exactly
/// that of its shape.
NpyLayout read_npy_layout(const Descriptor& file);
/// Reads a whole file of up to `max_bytes`.
NpyArray read_npy(const Descriptor& file, std::uint64_t max_bytes = std::uint64_t{1} << 34);
NpyArray read_npy(const std::filesystem::path& path, std::uint64_t max_bytes = std::uint64_t{1} << 34);
void write_npy(const std::filesystem::path& path, const std::string& type, std::span<const std::uint64_t> shape,
               const void* data);

}  // namespace engram::io
