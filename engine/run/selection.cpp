#include "engram/run/selection.hpp"

#include <algorithm>

#include "engram/run/read_fields.hpp"
#include "engram/run/task.hpp"

namespace engram {

namespace {

bool overlap_in_series(const Selection& a, const Selection& b) {
  if (a.series.empty() || b.series.empty()) return true;
  return std::any_of(a.series.begin(), a.series.end(), [&](const std::string& x) {
    return std::any_of(b.series.begin(), b.series.end(),
                       [&](const std::string& y) { return is_or_lies_below(x, y) || is_or_lies_below(y, x); });
  });
}

/// The recorders of the document, each with its reader.
std::vector<ConfigReader> readers_of(const ConfigReader& experiment) {
  const ConfigReader record = experiment.member("record");
  if (record.is_array()) return record.items();
  return {experiment.optional_object("record")};
}

void report_unknown(const ConfigReader& reader, const char* key, const std::vector<std::string>& given,
                    const std::vector<std::string>& known, const char* what) {
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto has = [&](const std::string& name) {
      return is_or_lies_below(name, given[i]) || is_or_lies_below(given[i], name);
    };
    if (known.empty() || std::any_of(known.begin(), known.end(), has)) continue;
    const std::string near = nearest(given[i], known);
    std::string all = listed(known);
    if (all.size() > 600) all = all.substr(0, 600) + "...";
    reader.problem_at(std::string(key) + "/" + std::to_string(i),
                      "this experiment has no " + std::string(what) + " \"" + given[i] + "\"" +
                          (near.empty() ? "; known are " + all : " (did you mean \"" + near + "\"?)"));
  }
}

}  // namespace

bool is_or_lies_below(std::string_view name, std::string_view above) {
  return name == above || (name.starts_with(above) && name[above.size()] == '/');
}

bool Selection::names(std::string_view name) const {
  return series.empty() ||
         std::any_of(series.begin(), series.end(), [&](const std::string& one) { return is_or_lies_below(name, one); });
}

bool Selection::has_tick(Tick from, Tick to, Tick end) const {
  return has_multiple(from, to) || (last && to + 1 == end);
}

bool Selection::has_multiple(Tick from, Tick to) const { return from / every != to / every || from % every == 0; }

bool Selection::has_phase(std::string_view label) const {
  return phases.empty() || std::find(phases.begin(), phases.end(), label) != phases.end();
}

bool lists_recorders(const ConfigReader& experiment) { return experiment.member("record").is_array(); }

Selections read_selections(const ConfigReader& experiment) {
  Selections all;
  const std::vector<ConfigReader> readers = readers_of(experiment);
  if (readers.empty()) experiment.problem("record", "found no recorder, needed is at least one");
  for (const ConfigReader& reader : readers) {
    if (!reader.is_object() && reader.exists()) {
      reader.mismatch("an object");
      continue;
    }
    Selection one;
    read_fields(reader, one);
    std::sort(one.units.begin(), one.units.end());
    one.units.erase(std::unique(one.units.begin(), one.units.end()), one.units.end());
    for (std::size_t other = 0; other < all.size(); ++other)
      if (overlap_in_series(all[other], one) && all[other].units != one.units)
        reader.problem("units", "recorder " + std::to_string(other) +
                                    " has some of these series too, with other units; a column has one set of units");
    all.push_back(std::move(one));
  }
  if (all.empty()) all.emplace_back();
  return all;
}

void check_selections(const ConfigReader& experiment, const Selections& selections, const Plan& plan) {
  const std::vector<ConfigReader> readers = readers_of(experiment);
  if (readers.size() != selections.size()) return;  // that has been said
  const std::vector<std::string> series = plan.series(), phases = plan.phases();
  for (std::size_t i = 0; i < readers.size(); ++i) {
    report_unknown(readers[i], "series", selections[i].series, series, "series");
    report_unknown(readers[i], "phases", selections[i].phases, phases, "phase");
    const std::vector<Index>& units = selections[i].units;
    if (const std::size_t most = plan.max_units(); most > 0 && !units.empty() && units.back() >= most)
      readers[i].problem("units", "found " + std::to_string(units.back()) + "; what is recorded has units 0 to " +
                                      std::to_string(most - 1));
  }
}

}  // namespace engram
