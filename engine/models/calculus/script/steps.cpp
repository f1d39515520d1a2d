// Steps of a script that are more than one call of the brain.
#include "engram/calculus/steps.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace engram::calculus {

namespace {

/// `count` elements of a list, every subset being as likely, in the order of the list.
std::vector<Index> random_subset(const std::vector<Index>& all, std::size_t count, std::uint64_t seed, Tick draw) {
  std::vector<Index> chosen;
  std::size_t left = count;
  for (std::size_t i = 0; i < all.size() && left > 0; ++i) {
    const Random random{seed, Stream::calculus_subset, draw, static_cast<std::uint32_t>(i)};
    if (random.below(all.size() - i) < left) {
      chosen.push_back(all[i]);
      --left;
    }
  }
  return chosen;
}

bool same_set(std::vector<Index> a, std::vector<Index> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

}  // namespace

void Project::check_together(const Report& problem) const {
  if (stimuli.empty() && areas.empty()) problem("", "a projection needs stimuli or areas");
}

void Project::check(Expected& e) const {
  if (rounds < 1) e.fail("a projection of " + std::to_string(rounds) + " rounds; at least 1");
  for (const auto& [source, targets] : stimuli) e.stimulus(source);
  for (const auto& [source, targets] : areas) targets.empty() ? e.area(source) : e.fires(source, "to project from");
  std::set<std::pair<std::string, std::string>> fibres;
  for (const Map* map : {&stimuli, &areas})
    for (const auto& [source, targets] : *map)
      for (const auto& target : targets)
        if (!fibres.emplace(source, target).second)
          e.fail("\"" + source + "\" projects to \"" + target + "\" twice in one round");
  for (const auto& target : targets()) {
    e.area(target);
    e.firing.insert(target);
  }
}

std::vector<std::string> Project::targets() const {
  std::vector<std::string> all;
  for (const Map* map : {&stimuli, &areas})
    for (const auto& [source, targets] : *map)
      for (const auto& target : targets)
        if (std::find(all.begin(), all.end(), target) == all.end()) all.push_back(target);
  return all;
}

std::vector<std::string> Project::run(Stage& s, int round) const {
  if (round == 0) {
    s.unchanged = 0;
    s.settled = false;
  }
  if (s.settled) return {};
  if (!watched()) return s.brain.project(stimuli, areas);
  std::map<std::string, std::vector<Index>> before;
  for (const auto& target : targets()) before[target] = s.brain.winners(target);
  const std::vector<std::string> projected = s.brain.project(stimuli, areas);
  bool changed = false;
  Index most = 0;
  for (const auto& target : projected) {
    most = std::max(most, s.brain.newcomers(target));
    changed = changed || s.brain.newcomers(target) > 0 || !same_set(before[target], s.brain.winners(target));
  }
  s.unchanged = changed ? 0 : s.unchanged + 1;
  s.settled = (stable > 0 && s.unchanged >= stable) || (few && most <= static_cast<Index>(*few));
  return projected;
}

std::vector<std::string> Project::run_many(Stage& s, Index count) const {
  s.unchanged = 0;
  s.settled = false;
  return s.brain.project(stimuli, areas, count);
}

void Fire::check(Expected& e) const {
  e.area(area);
  e.assembly(assembly);
  if (!(fraction >= 0 && fraction <= 1)) e.fail("a fraction is from 0 to 1");
  e.firing.insert(area);
}

void Fire::run(Stage& s) const {
  const auto& all = s.remembered(assembly);
  const auto count = static_cast<std::size_t>(fraction * static_cast<double>(all.size()));
  std::vector<Index> part = random_subset(all, count, s.brain.seed(), s.fired++);
  if (join)
    for (const Index i : s.brain.winners(area))
      if (std::find(part.begin(), part.end(), i) == part.end()) part.push_back(i);
  s.brain.set_winners(area, std::move(part));
}

void Winners::check(Expected& e) const {
  e.area(area);
  for (const Index i : neurons)
    if (i >= e.brain.size(area))
      e.fail("area \"" + area + "\" has " + std::to_string(e.brain.size(area)) + " neurons, no neuron " +
             std::to_string(i));
  if (neurons.empty())
    e.firing.erase(area);
  else
    e.firing.insert(area);
}

void OrderedRecall::check(Expected& e) const {
  e.stimulus(stimulus);
  e.area(area);
  e.firing.insert(area);
  for (const auto& assembly : known) e.assembly(assembly);
}

void OrderedRecall::run(Stage& s) const {
  s.brain.clear_refraction(area);
  std::vector<std::vector<Index>> seen;
  for (int step = 0; step < max_steps; ++step) {
    if (step == 0)
      s.brain.project({{stimulus, {area}}}, {});
    else
      s.brain.project({}, {{area, {area}}});
    const auto& winners = s.brain.winners(area);
    for (const auto& earlier : seen)
      if (relative_overlap(winners, earlier) > 0.9) return;
    seen.push_back(winners);
    double best = 0;
    std::size_t which = 0;
    for (std::size_t i = 0; i < known.size(); ++i)
      if (const double o = relative_overlap(winners, s.remembered(known[i])); o > best) {
        best = o;
        which = i;
      }
    if (best < 0.3) return;
    s.put(label, static_cast<double>(which));
  }
}

void Walk::check_together(const Report& problem) const {
  if (symbol.empty() != symbols.empty()) problem("symbols", "an area \"symbol\" and its \"symbols\" go together");
  if (!symbol.empty() && steps) problem("steps", "there are as many steps as symbols");
}

void Walk::check(Expected& e) const {
  e.block(state, start);
  e.area(via);
  e.area(next);
  e.firing.insert({state, via, next});
  if (!symbol.empty())
    for (const Index i : symbols) e.block(symbol, i);
  if (steps.value_or(1) < 1 || e.brain.size(next) / e.brain.k(next) > e.brain.size(state) / e.brain.k(state))
    e.fail("a walk has 1 step or more, and \"" + state + "\" a block for each of \"" + next + "\"");
}

void Walk::run(Stage& s) const {
  Index present = start;
  const std::size_t count = symbol.empty() ? static_cast<std::size_t>(steps.value_or(1)) : symbols.size();
  for (std::size_t step = 0; step < count; ++step) {
    Map map{{state, {via}}};
    s.brain.activate(state, present);
    if (!symbol.empty()) {
      s.brain.activate(symbol, symbols[step]);
      map.push_back({symbol, {via}});
    }
    s.brain.unfix(next);
    s.brain.project({}, map);
    s.brain.project({}, {{via, {next}}});
    const auto [block, share] = best_block(s.brain.winners(next), s.brain.k(next));
    if (block < 0 || share < least) return;
    s.put(label, block);
    present = static_cast<Index>(block);
  }
}

}  // namespace engram::calculus
