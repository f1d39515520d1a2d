#include <cmath>
#include <iostream>

#include "apps/commands.hpp"
#include "engine/models/sorn/report.hpp"

namespace engram::apps {

using Json = nlohmann::ordered_json;

namespace {

/// Each number of one grid point: its mean over the networks, and their standard deviation where there are several.
void print_table(const std::vector<Json>& reports) {
  for (std::size_t first = 0; first < reports.size();) {
    std::size_t last = first + 1;
    while (last < reports.size() && reports[last].value("grid", Json()) == reports[first].value("grid", Json())) ++last;
    if (reports[first].contains("grid")) std::cout << reports[first]["grid"].dump() << "\n";
    for (const auto& [name, value] : reports[first].items()) {
      if (!value.is_number() || name == "replica" || name == "seed") continue;
      double sum = 0, square = 0;
      const auto n = static_cast<double>(last - first);
      for (std::size_t r = first; r < last; ++r) sum += reports[r].at(name).get<double>();
      for (std::size_t r = first; r < last; ++r) square += std::pow(reports[r].at(name).get<double>() - sum / n, 2);
      std::printf("%-40s %12.6g", name.c_str(), sum / n);
      if (n > 1) std::printf("  sd %.3g", std::sqrt(square / (n - 1)));
      std::printf("\n");
    }
    std::fflush(stdout);
    first = last;
  }
}

}  // namespace

int analyse(const AnalyseOptions& options) {
  sorn::ReportOptions report;
  report.from = options.from;
  report.windows = options.windows;
  report.lag = options.lag;
  if (!options.against.empty()) report.against = options.against;
  const std::vector<Json> reports = sorn::report(options.folder, report);
  if (options.json) {
    for (const Json& one : reports) std::cout << one.dump() << "\n";
  } else {
    print_table(reports);
  }
  return 0;
}

}  // namespace engram::apps
