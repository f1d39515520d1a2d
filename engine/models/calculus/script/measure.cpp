#include "engram/calculus/measure.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace engram::calculus {

std::pair<double, double> best_block(const std::vector<Index>& winners, Index k) {
  std::map<Index, Index> hits;
  for (const Index i : winners) ++hits[i / k];
  const auto best =
      std::max_element(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (best == hits.end()) return {-1, 0};
  return {best->first, static_cast<double>(best->second) / k};
}

namespace measures {

double Block::value(const Stage& s) const {
  const auto& winners = s.brain.winners(area);
  const Index k = s.brain.k(area);
  const auto inside = [&](Index i) { return i / k == index; };
  return static_cast<double>(std::count_if(winners.begin(), winners.end(), inside)) / k;
}

double Active::value(const Stage& s) const {
  const auto fires = [&](const std::string& area) { return !s.brain.winners(area).empty(); };
  const auto at = std::find_if(areas.begin(), areas.end(), fires);
  return at == areas.end() ? -1 : static_cast<double>(at - areas.begin());
}

double Mean::value(const Stage& s) const {
  const auto& values = s.measured(of);
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double Passed::value(const Stage& s) const {
  const auto passes = [&](const std::string& label) { return s.measured(label).back() >= least; };
  return static_cast<double>(std::count_if(labels.begin(), labels.end(), passes));
}

double First::value(const Stage& s) const {
  const auto& values = s.measured(of);
  const auto at = std::find_if(values.begin(), values.end(), [&](double value) { return value >= least; });
  return at == values.end() ? 0 : static_cast<double>(at - values.begin() + 1);
}

double Density::value(Stage& s) const {
  const auto& members = s.remembered(assembly);
  const double pairs = static_cast<double>(members.size()) * static_cast<double>(members.size());
  return pairs > 0 ? s.brain.connection(area, members, area, members).synapses / pairs : NAN;
}

double Weight::value(Stage& s) const {
  const auto& members = s.remembered(assembly);
  const auto inside = s.brain.connection(area, members, area, members);
  return inside.synapses > 0 ? inside.weight / inside.synapses : NAN;
}

}  // namespace measures

}  // namespace engram::calculus
