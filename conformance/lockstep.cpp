#include "conformance/lockstep.hpp"

#include <iomanip>
#include <sstream>

#include "conformance/models.hpp"

namespace engram::conformance {

std::vector<Checked> everything() {
  std::vector<Checked> all;
  for (const Case& c : cases())
    all.push_back({c.name, false, false, [&c](Backend& backend, Tick) { return run(backend, c.make()); }});
  for (const Model& m : models()) all.push_back({std::string("model/") + m.name, true, m.recorded, m.run});
  return all;
}

Traced trace(Backend& backend, const Checked& checked, Tick steps) {
  TraceBackend traced(backend);
  Result result = checked.run(traced, steps);
  return {traced.lines(), std::move(result)};
}

std::string first_difference(const std::vector<TraceLine>& expected, const std::vector<TraceLine>& found) {
  std::ostringstream text;
  const auto where = [&](const TraceLine& line) -> std::ostream& {
    return text << "tick " << line.tick << ", operation " << line.operation << ", array " << line.array << ": ";
  };
  for (std::size_t i = 0; i < std::min(expected.size(), found.size()); ++i) {
    const TraceLine &a = expected[i], &b = found[i];
    if (a == b) continue;
    if (a.tick != b.tick || a.operation != b.operation || a.array != b.array)
      where(a) << "expected here, found are tick " << b.tick << ", operation " << b.operation << ", array " << b.array;
    else
      where(a) << std::hex << std::setfill('0') << "hash " << std::setw(16) << a.hash << " expected, " << std::setw(16)
               << b.hash << " found";
    return text.str();
  }
  if (expected.size() > found.size()) where(expected[found.size()]) << "expected, but the run ended before";
  if (found.size() > expected.size()) where(found[expected.size()]) << "found, but nothing more was expected";
  return text.str();
}

}  // namespace engram::conformance
