// Tables of numbers as spreadsheets and pandas write them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/io/content_error.hpp"

namespace engram::io {

/// Rows of equal length under names.
struct Table {
  std::vector<std::string> names;
  std::vector<double> values;  ///< row by row
  std::size_t rows() const { return values.size() / names.size(); }
};

/// Reads comma-separated cells (RFC 4180): names in the first line, unless it is a row of numbers, then numbers of a
/// magnitude up to `largest`. A byte order mark, line ends of Windows, quotes and spaces around cells are no part of
/// them. Columns of a table without a line of names are called by their numbers, from 0. The column called `left_out`
/// is not read: it may hold text. A first line of names and numbers is refused, as either reading could lose a row.
/// Throws TableError for what the text holds, IoError for a file that cannot be read.
Table read_table(const std::filesystem::path& path, double largest, const std::string& left_out = {});

}  // namespace engram::io
