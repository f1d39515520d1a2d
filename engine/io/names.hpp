// Names of a user's as names of files.
#pragma once

#include <string>
#include <string_view>

namespace engram::io {

/// A column's name as a path: parts between "/", anything but letters, digits and "_-+=." written %XX.
std::string safe_path(std::string_view name);

/// Why a name cannot be a part of a column's, such as that of an area in "winners/AREA/unit"; empty if it can.
std::string fault_of_column_part(std::string_view name);

}  // namespace engram::io
