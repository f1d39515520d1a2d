#include "engine/run/timeline.hpp"

#include <algorithm>

#include "engram/run/config_reader.hpp"

namespace engram {

void Timeline::add(const ConfigReader& phase, Tick length) {
  const Tick before = ticks();
  const bool countable = length <= max_ticks && before <= max_ticks - length;
  if (!countable) phase.problem("the run would be longer than 2^62 ticks with this phase");
  ends_.push_back(countable ? before + length : before);
}

Timeline::Place Timeline::at(Tick t) const {
  const auto end = std::upper_bound(ends_.begin(), ends_.end(), t);
  return {static_cast<std::size_t>(end - ends_.begin()), end == ends_.begin() ? 0 : *std::prev(end), *end};
}

std::string ResultNames::take(const std::string& label, const Names& names) {
  for (int n = 1;; ++n) {
    const std::string wanted = n == 1 ? label : label + " (" + std::to_string(n) + ")";
    const std::vector<std::string> all = names(wanted);
    if (std::any_of(all.begin(), all.end(), [&](const std::string& name) { return taken_.contains(name); })) continue;
    taken_.insert(all.begin(), all.end());
    return wanted;
  }
}

}  // namespace engram
