// Arrays of numbers from files of users: NPY, tensors of safetensors files, and comma-separated tables.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/io/file.hpp"
#include "engine/io/npy.hpp"
#include "engine/io/table.hpp"

namespace engram::io {

/// An array that lies in a file as it lies in memory, of which rows are read when they are needed.
class NumberFile {
 public:
  /// Of an NPY file, or of the tensor of this name in a safetensors file of any program; "" where that holds one alone.
  /// Throws MalformedFile for what is damaged or of no known type, TableError for a tensor that is not there.
  explicit NumberFile(const std::filesystem::path&, const std::string& tensor = "");
  /// Whether files of this name are such arrays; others are tables.
  static bool is_one(const std::filesystem::path&);

  const std::vector<std::uint64_t>& shape() const { return shape_; }
  std::uint64_t rows() const { return shape_.empty() ? 1 : shape_[0]; }
  /// Values in a row.
  std::uint64_t columns() const { return rows() ? size_ / rows() : 0; }
  std::uint64_t size() const { return size_; }
  /// Appends values first .. first + count - 1, row by row.
  void read(std::uint64_t first, std::uint64_t count, std::vector<double>& to) const;
  std::string name() const { return file_.path().string(); }

 private:
  Descriptor file_;
  std::string type_;  ///< "f4", "i8", "b1" and the like; "bf" for the other float of 2 bytes
  std::vector<std::uint64_t> shape_;
  std::uint64_t begin_ = 0, value_bytes_ = 0, size_ = 0;
};

struct Numbers {
  std::vector<std::uint64_t> shape;  ///< row-major
  std::vector<double> values;
};

/// The values of an array of any type of numbers. Throws MalformedFile for integers that no double holds.
std::vector<double> to_doubles(const NpyArray& array, const std::string& name);

/// Numbers of a magnitude up to `largest`, by the ending of the name: an array, or else a table, without its column
/// "label". Throws TableError for numbers and text that are not what they should be, MalformedFile for an array that is
/// damaged, IoError for a file that cannot be read.
Numbers read_numbers(const std::filesystem::path& path, double largest = 1e300, const std::string& tensor = "");
/// Throws TableError unless the value, which stands at this place, is of such a magnitude.
void check_magnitude(double value, std::uint64_t place, double largest, const std::string& name);

}  // namespace engram::io
