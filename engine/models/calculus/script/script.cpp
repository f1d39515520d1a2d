#include "engram/calculus/script.hpp"

#include <algorithm>
#include <numeric>

#include "engine/models/calculus/script/script_parts.hpp"

namespace engram::calculus {

namespace {

/// `count` elements of a list, every subset being as likely, in the order of the list.
std::vector<Index> random_subset(const std::vector<Index>& all, std::size_t count, std::uint64_t seed, Tick draw) {
  std::vector<Index> chosen;
  std::size_t left = count;
  for (std::size_t i = 0; i < all.size() && left > 0; ++i) {
    const Random random{seed, Stream::calculus_stimulus, draw, static_cast<std::uint32_t>(i)};
    if (random.below(all.size() - i) < left) {
      chosen.push_back(all[i]);
      --left;
    }
  }
  return chosen;
}

double share_of_block(const std::vector<Index>& winners, Index k, Index block) {
  return static_cast<double>(std::count_if(winners.begin(), winners.end(), [&](Index i) { return i / k == block; })) /
         k;
}

/// The block of k neurons with most winners, the first of equals, or -1; and its share.
std::pair<double, double> best_block(const std::vector<Index>& winners, Index k) {
  std::map<Index, Index> hits;
  for (const Index i : winners) ++hits[i / k];
  const auto best =
      std::max_element(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (best == hits.end()) return {-1, 0};
  return {best->first, static_cast<double>(best->second) / k};
}

/// Whether what a round did decides about the next.
bool watched(const Project& p) { return p.stable > 0 || p.few >= 0; }

bool same_set(std::vector<Index> a, std::vector<Index> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

}  // namespace

Player::Player(Brain brain, Script script) : brain_(std::move(brain)), script_(std::move(script)) {
  check(brain_, script_);
  std::size_t end = 0;
  for (const Step& step : script_) {
    const auto* p = std::get_if<Project>(&step);
    ends_.push_back(end += p ? static_cast<std::size_t>(p->rounds) : 1);
  }
}

void Player::put(const std::string& label, double value) {
  for (auto& [name, values] : results_)
    if (name == label) return values.push_back(value);
  results_.push_back({label, {value}});
}

double Player::result(const std::string& label) const {
  for (const auto& [name, values] : results_)
    if (name == label) return values.back();
  throw Error("nothing was measured as \"" + label + "\"");
}

const std::vector<Index>& Player::assembly(const std::string& name) const {
  const auto at = assemblies_.find(name);
  if (at == assemblies_.end()) throw Error("no assembly \"" + name + "\" has been remembered");
  return at->second;
}

const std::vector<Index>& Player::remembered(const std::string& name) const {
  if (!assemblies_.contains(name)) lacks("the assembly", name);
  return assembly(name);
}

/// The script was checked before it began, so what it needs can only be missing where a state was restored.
void Player::lacks(const char* what, const std::string& name) {
  throw IoError(std::string("the state that this run goes on from lacks ") + what + " \"" + name + "\"");
}

std::vector<std::string> Player::project(const Project& p, int round) {
  if (round == 0) {
    unchanged_ = 0;
    settled_ = false;
  }
  if (settled_) return {};
  if (!watched(p)) return brain_.project(p.stimuli, p.areas);
  std::map<std::string, std::vector<Index>> before;
  for (const auto& target : targets_of(p)) before[target] = brain_.winners(target);
  const std::vector<std::string> targets = brain_.project(p.stimuli, p.areas);
  bool changed = false;
  Index most = 0;
  for (const auto& target : targets) {
    most = std::max(most, brain_.newcomers(target));
    changed = changed || brain_.newcomers(target) > 0 || !same_set(before[target], brain_.winners(target));
  }
  unchanged_ = changed ? 0 : unchanged_ + 1;
  settled_ = (p.stable > 0 && unchanged_ >= p.stable) || (p.few >= 0 && most <= static_cast<Index>(p.few));
  return targets;
}

void Player::measure(const Measure& m) {
  if (m.what == "overlap") return put(m.label, relative_overlap(remembered(m.a), remembered(m.b)));
  if (m.what == "support") return put(m.label, brain_.support(m.a));
  if (m.what == "newcomers") return put(m.label, brain_.newcomers(m.a));
  if (m.what == "input") return put(m.label, brain_.total_input(m.a));
  if (m.what == "block") return put(m.label, share_of_block(brain_.winners(m.a), brain_.k(m.a), m.index));
  if (m.what == "best_block") return put(m.label, best_block(brain_.winners(m.a), brain_.k(m.a)).first);
  if (m.what == "active") {
    const auto fires = [&](const std::string& area) { return !brain_.winners(area).empty(); };
    const auto at = std::find_if(m.areas.begin(), m.areas.end(), fires);
    return put(m.label, at == m.areas.end() ? -1 : static_cast<double>(at - m.areas.begin()));
  }
  const auto values_of = [&](const std::string& label) -> const std::vector<double>& {
    const auto at = std::find_if(results_.begin(), results_.end(), [&](const auto& r) { return r.first == label; });
    if (at == results_.end()) lacks("values of", label);
    return at->second;
  };
  if (m.what == "mean") {
    const auto& values = values_of(m.a);
    return put(m.label, std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size()));
  }
  if (m.what == "passed") {
    const auto passes = [&](const std::string& label) { return values_of(label).back() >= m.least; };
    return put(m.label, static_cast<double>(std::count_if(m.areas.begin(), m.areas.end(), passes)));
  }
  if (m.what == "first") {
    const auto& values = values_of(m.a);
    const auto at = std::find_if(values.begin(), values.end(), [&](double value) { return value >= m.least; });
    return put(m.label, at == values.end() ? 0 : static_cast<double>(at - values.begin() + 1));
  }
  const auto& members = remembered(m.b);
  const auto inside = brain_.connection(m.a, members, m.a, members);
  const double pairs = static_cast<double>(members.size()) * static_cast<double>(members.size());
  if (m.what == "density")
    put(m.label, pairs > 0 ? inside.synapses / pairs : 0);
  else
    put(m.label, inside.synapses > 0 ? inside.weight / inside.synapses : 0);
}

void Player::recall(const OrderedRecall& r) {
  brain_.clear_refraction(r.area);
  std::vector<std::vector<Index>> seen;
  for (int step = 0; step < r.max_steps; ++step) {
    if (step == 0)
      brain_.project({{r.stimulus, {r.area}}}, {});
    else
      brain_.project({}, {{r.area, {r.area}}});
    const auto& winners = brain_.winners(r.area);
    for (const auto& earlier : seen)
      if (relative_overlap(winners, earlier) > 0.9) return;
    seen.push_back(winners);
    double best = 0;
    std::size_t which = 0;
    for (std::size_t i = 0; i < r.known.size(); ++i)
      if (const double o = relative_overlap(winners, remembered(r.known[i])); o > best) {
        best = o;
        which = i;
      }
    if (best < 0.3) return;
    put(r.label, static_cast<double>(which));
  }
}

void Player::walk(const Walk& w) {
  Index present = w.start;
  const std::size_t steps = w.symbol.empty() ? static_cast<std::size_t>(w.steps) : w.symbols.size();
  for (std::size_t step = 0; step < steps; ++step) {
    Map map{{w.state, {w.via}}};
    brain_.activate(w.state, present);
    if (!w.symbol.empty()) {
      brain_.activate(w.symbol, w.symbols[step]);
      map.push_back({w.symbol, {w.via}});
    }
    brain_.unfix(w.next);
    brain_.project({}, map);
    brain_.project({}, {{w.via, {w.next}}});
    const auto [block, share] = best_block(brain_.winners(w.next), brain_.k(w.next));
    if (block < 0 || share < w.least) return;
    put(w.label, block);
    present = static_cast<Index>(block);
  }
}

std::size_t Player::step_at(std::size_t t) const {
  return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), t) - ends_.begin());
}

std::size_t Player::together(std::size_t t, std::size_t most) const {
  const std::size_t s = step_at(t);
  const auto* p = std::get_if<Project>(&script_.at(s));
  return p && !watched(*p) && brain_.many_at_once() ? std::min(most, ends_[s] - t) : 1;
}

std::vector<std::string> Player::advance(std::size_t t, std::size_t count) {
  if (count == 1) return tick(t);
  const auto& p = std::get<Project>(script_.at(step_at(t)));
  unchanged_ = 0;
  settled_ = false;
  return brain_.project(p.stimuli, p.areas, static_cast<Index>(count));
}

std::vector<std::string> Player::tick(std::size_t t) {
  const std::size_t s = step_at(t);
  const auto round = static_cast<int>(s == 0 ? t : t - ends_[s - 1]);
  std::vector<std::string> projected;
  std::visit(
      Overloaded{
          [&](const Project& p) { projected = project(p, round); },
          [&](const Fix& x) { x.on ? brain_.fix(x.area) : brain_.unfix(x.area); },
          [&](const Activate& x) { brain_.activate(x.area, x.index); },
          [&](const Fire& x) {
            const auto& all = remembered(x.assembly);
            const auto count = static_cast<std::size_t>(x.fraction * static_cast<double>(all.size()));
            std::vector<Index> part = random_subset(all, count, brain_.seed(), fired_++);
            if (x.join)
              for (const Index i : brain_.winners(x.area))
                if (std::find(part.begin(), part.end(), i) == part.end()) part.push_back(i);
            brain_.set_winners(x.area, std::move(part));
          },
          [&](const Winners& x) { brain_.set_winners(x.area, x.neurons); },
          [&](const Plasticity& x) { brain_.set_plasticity(x.on); },
          [&](const Rate& x) { x.beta < 0 ? brain_.clear_beta(x.from, x.to) : brain_.set_beta(x.from, x.to, x.beta); },
          [&](const Gate& x) {
            x.inhibit ? brain_.inhibit(x.area, x.other, x.reason) : brain_.disinhibit(x.area, x.other, x.reason);
          },
          [&](const Exclude& x) { x.on ? brain_.exclude(x.areas) : brain_.include(x.areas); },
          [&](const Normalise& x) { brain_.normalise(x.area, x.total); },
          [&](const Inhibition& x) {
            brain_.set_inhibition(x.area, x.strength);
            if (x.clear) brain_.clear_refraction(x.area);
          },
          [&](const Remember& x) { assemblies_[x.name] = brain_.winners(x.area); },
          [&](const Measure& x) { measure(x); },
          [&](const Save& x) { saved_.insert_or_assign(x.name, brain_.clone()); },
          [&](const Restore& x) {
            const auto at = saved_.find(x.name);
            if (at == saved_.end()) lacks("the brain", x.name);
            brain_ = at->second.clone();
          },
          [&](const OrderedRecall& x) { recall(x); }, [&](const Walk& x) { walk(x); }},
      script_.at(s));
  return projected;
}

}  // namespace engram::calculus
