#include <iostream>

#include "apps/commands.hpp"
#include "engine/models/sorn/report.hpp"
#include "engine/run/results.hpp"

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
      if (!(value.is_number() || value.is_null()) || name == "replica" || name == "seed") continue;
      std::vector<double> values;
      for (std::size_t r = first; r < last; ++r)
        if (const Json& one = reports[r].at(name); one.is_number()) values.push_back(one.get<double>());
      const Moments networks = moments_of(values);
      if (networks.count > 0)
        std::printf("%-40s %12.6g", name.c_str(), networks.mean);
      else
        std::printf("%-40s %12s", name.c_str(), "undefined");
      if (networks.count > 1) std::printf("  sd %.3g", networks.sd());
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
