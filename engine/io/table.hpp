// Tables of numbers as spreadsheets and pandas write them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engram/core/error.hpp"

namespace engram::io {

/// Rows of equal length under names.
struct Table {
  std::vector<std::string> names;
  std::vector<double> values;  ///< row by row
  std::size_t rows() const { return values.size() / names.size(); }
  /// Takes the column of this name out, if there is one.
  void leave_out(const std::string& name);
};

/// A table whose text is not what it should be; a file that cannot be read is an IoError.
class TableError : public Error {
 public:
  using Error::Error;
};

/// Reads comma-separated cells (RFC 4180): names in the first line, unless it is a row of numbers, then numbers of a
/// magnitude up to `largest`. A byte order mark, line ends of Windows, quotes and spaces around cells are no part of
/// them. Columns without names are called by their numbers, from 0.
Table read_table(const std::filesystem::path& path, double largest);

}  // namespace engram::io
