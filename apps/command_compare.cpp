// engram compare: whether two runs left the same bytes, and where they differ first.
#include <iostream>

#include "apps/commands.hpp"
#include "apps/printable.hpp"
#include "engine/run/compare_runs.hpp"

namespace engram::apps {

using Json = nlohmann::ordered_json;

int compare(const std::string& a, const std::string& b, bool json) {
  const RunComparison found = compare_runs(a, b);
  if (json) {
    Json differences = Json::array();
    for (const RunDifference& d : found.differences)
      differences.push_back({{"file", d.file}, {"where", d.where}, {"a", d.a}, {"b", d.b}});
    std::cout << Json{{"equal", found.differences.empty()}, {"files", found.files}, {"differences", differences}}.dump(
                     -1, ' ', false, Json::error_handler_t::replace)
              << "\n";
  } else if (found.differences.empty()) {
    std::cout << "equal: " << found.files << " files, byte for byte\n";
  }
  if (!json)
    for (const RunDifference& d : found.differences)
      std::cout << printable(d.file + (d.where.empty() ? "" : ", " + d.where) + ": " + d.a + " | " + d.b) << "\n";
  return found.differences.empty() ? 0 : 1;
}

}  // namespace engram::apps
