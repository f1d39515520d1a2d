// Where the sources are, with their examples and recorded data. One file knows the path, so that a checkout elsewhere
// shares the compiled objects of all others.
#pragma once

#include <filesystem>
#include <string>

namespace engram::test {

/// The root of the repository that the tests were built from, without a slash at the end.
std::string source_dir();
inline std::filesystem::path source() { return source_dir(); }

}  // namespace engram::test
