// Arrays of numbers from files of users: NPY, and comma-separated tables.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/io/npy.hpp"
#include "engine/io/table.hpp"

namespace engram::io {

struct Numbers {
  std::vector<std::uint64_t> shape;  ///< row-major
  std::vector<double> values;
};

/// The values of an array of any type of numbers. Throws IoError for integers that no double holds.
std::vector<double> to_doubles(const NpyArray& array, const std::string& name);

/// Numbers of a magnitude up to `largest`, by the ending of the name: ".npy", or else a table, without its column
/// "label". Throws TableError for numbers and text that are not what they should be, IoError for a file that cannot be
/// read or is damaged.
Numbers read_numbers(const std::filesystem::path& path, double largest = 1e300);

}  // namespace engram::io
