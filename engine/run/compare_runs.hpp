// Whether two runs left the same: tables, columns, states.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace engram {

/// Where two files differ first.
struct RunDifference {
  std::string file;   ///< its name in both folders
  std::string where;  ///< "row 12 (tick 40), column value", "tensor te, value 3"; empty: the file as a whole
  std::string a, b;   ///< what stands there in each
};

struct RunComparison {
  std::size_t files = 0;  ///< that both have
  std::vector<RunDifference> differences;
};

/// Compares all that two run folders hold apart from their manifests, which name times and machines. Throws IoError
/// where one is no run that has ended.
RunComparison compare_runs(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace engram
