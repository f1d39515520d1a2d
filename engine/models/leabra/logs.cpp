// Logs: what layers and projections keep at the end of cycles, trials, epochs and batches.
#include <algorithm>

#include "engine/models/leabra/observe.hpp"
#include "engine/models/leabra/parts.hpp"

namespace engram::leabra {

namespace {

std::vector<std::string> some_of(const std::vector<std::string>& wanted, bool parts) {
  std::vector<std::string> some;
  for (const std::string& name : wanted)
    if (is_part(name) == parts) some.push_back(name);
  return some;
}

}  // namespace

bool Net::logs_anything(Frequency f) const {
  const auto does = [&](const auto& object) { return !logged_of(object->spec, f).empty(); };
  return !paused_[static_cast<int>(f)] && (std::any_of(layers_.begin(), layers_.end(), does) ||
                                           std::any_of(projections_.begin(), projections_.end(), does));
}

void Net::log(Frequency f) {
  const auto which = static_cast<std::size_t>(f);
  const std::uint64_t time = time_[which]++;
  if (paused_[which]) return;
  const auto keep = [&](std::vector<double>& to, Parts seen) {
    seen.columns.emplace_back(seen.seen_in.size(), static_cast<double>(time));
    add_origin(seen);
    Table rows;
    add_rows(rows, seen.columns);
    to.insert(to.end(), rows.values.begin(), rows.values.end());
  };
  const auto begin = [&](Log& log, const std::vector<std::string>& wanted) {
    if (log.wanted == wanted) return;  // rows of other columns would not fit
    log = {wanted, {}, {}};
  };
  for (const auto& l : layers_) {
    const auto& wanted = logged_of(l->spec, f);
    if (wanted.empty()) continue;
    Log& log = l->log[which];
    begin(log, wanted);
    keep(log.whole, whole_parts(*l, some_of(wanted, false)));
    if (const auto parts = some_of(wanted, true); !parts.empty()) keep(log.parts, unit_parts(*l, parts));
  }
  for (const auto& p : projections_) {
    const auto& wanted = logged_of(p->spec, f);
    if (wanted.empty()) continue;
    Log& log = p->log[which];
    begin(log, wanted);
    keep(log.whole, replica_parts());
    keep(log.parts, connection_parts(*p, wanted));
  }
}

Logs Net::logs(Frequency f, const std::string& name) const {
  const auto which = static_cast<std::size_t>(f);
  const auto tables = [&](const auto& object, std::vector<std::string> first, bool of_states) {
    const auto& wanted = logged_of(object.spec, f);
    if (wanted.empty())
      throw ConfigError(name, "nothing is logged at the end of each " + split_choices(frequency_names)[which] +
                                  "; set log_on_" + split_choices(frequency_names)[which]);
    Logs logs;
    logs.whole.names = some_of(wanted, false);
    logs.parts.names = std::move(first);
    for (const std::string& attribute : some_of(wanted, true)) logs.parts.names.push_back(column_name(attribute));
    for (Table* table : {&logs.whole, &logs.parts}) {
      table->names.emplace_back("time");
      for (const std::string& origin : origin_names(of_states)) table->names.push_back(origin);
    }
    const Log& log = object.log[which];
    if (log.wanted == wanted) {
      logs.whole.values = log.whole;
      logs.parts.values = log.parts;
    }
    return logs;
  };
  const auto is_it = [&](const auto& p) { return p->name == name; };
  if (std::any_of(projections_.begin(), projections_.end(), is_it))
    return tables(projection(name), {"pre_unit", "post_unit"}, false);
  return tables(layer(name), {"unit"}, true);
}

void Net::pause_logging(std::optional<Frequency> f) {
  for (std::size_t which = 0; which < 4; ++which)
    if (!f || static_cast<std::size_t>(*f) == which) paused_[which] = true;
}
void Net::resume_logging(std::optional<Frequency> f) {
  for (std::size_t which = 0; which < 4; ++which)
    if (!f || static_cast<std::size_t>(*f) == which) paused_[which] = false;
}

}  // namespace engram::leabra
