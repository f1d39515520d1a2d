// Rows of numbers that are read one after the other: written down in the experiment, or in a file of any length.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/io/numbers.hpp"
#include "engram/run/config_reader.hpp"

namespace engram {

/// Of an array in a file (NPY, safetensors) one block is in memory at a time; tables and what the experiment says
/// itself are held as a whole. One reader at a time.
class NumberRows {
 public:
  NumberRows() = default;
  /// Whether a file stands at this place; its keys count as known ones from then on, whatever else is wrong.
  static bool given_as_file(const ConfigReader& given) { return given.names_file() && (given.member("tensor"), true); }
  /// Reads and checks what stands at this place; without rows after a problem, or where nothing stands.
  static NumberRows read(const ConfigReader& given, Range range);

  std::uint64_t size() const { return rows_; }
  bool empty() const { return rows_ == 0; }
  std::uint64_t columns() const { return columns_; }
  /// Valid until the next call. Throws IoError where the file is not what it was when it was checked.
  std::span<const double> operator[](std::uint64_t row) const;
  /// Of memory.
  std::size_t bytes() const;

 private:
  struct Block;
  void hold(const ConfigReader& given, Range range);
  void read_file(const ConfigReader& given, const std::string& path, const std::string& tensor, Range range);

  std::uint64_t rows_ = 0, columns_ = 0;
  std::vector<double> held_;      ///< all rows
  std::shared_ptr<Block> block_;  ///< or the file, and some of its rows
};

}  // namespace engram
