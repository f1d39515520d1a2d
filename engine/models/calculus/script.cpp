#include "engram/models/calculus_script.hpp"

#include <algorithm>

#include "packing.hpp"

namespace engram::calculus {

namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

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

bool same_set(std::vector<Index> a, std::vector<Index> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

std::vector<std::string> targets_of(const Project& p) {
  std::vector<std::string> all;
  for (const Map* map : {&p.stimuli, &p.areas})
    for (const auto& [source, targets] : *map)
      for (const auto& target : targets)
        if (std::find(all.begin(), all.end(), target) == all.end()) all.push_back(target);
  return all;
}

}  // namespace

Player::Player(Brain brain, Script script) : brain_(std::move(brain)), script_(std::move(script)) {
  check(brain_, script_);
  for (std::size_t s = 0; s < script_.size(); ++s) {
    const auto* p = std::get_if<Project>(&script_[s]);
    for (int round = 0; round < (p ? p->rounds : 1); ++round) place_.push_back({s, round});
  }
}

void Player::check(const Brain& brain, const Script& script) {
  std::set<std::string> assemblies, saved;
  std::string where;
  const auto area = [&](const std::string& name) {
    if (brain.has_area(name)) return;
    std::string known;
    for (const auto& a : brain.areas()) known += (known.empty() ? "" : ", ") + a;
    throw Error(where + "there is no area \"" + name + "\"; known are " + known);
  };
  const auto stimulus = [&](const std::string& name) {
    if (!brain.has_stimulus(name)) throw Error(where + "there is no stimulus \"" + name + "\"");
  };
  const auto assembly = [&](const std::string& name) {
    if (!assemblies.contains(name)) throw Error(where + "no assembly \"" + name + "\" has been remembered at this point");
  };
  for (std::size_t s = 0; s < script.size(); ++s) {
    where = "step " + std::to_string(s) + ": ";
    std::visit(Overloaded{[&](const Project& p) {
                            if (p.rounds < 1) throw Error(where + "a projection of " + std::to_string(p.rounds) + " rounds; at least 1");
                            for (const auto& [source, targets] : p.stimuli) stimulus(source);
                            for (const auto& [source, targets] : p.areas) area(source);
                            for (const auto& target : targets_of(p)) area(target);
                          },
                          [&](const Fix& x) { area(x.area); }, [&](const Activate& x) { area(x.area); },
                          [&](const Fire& x) {
                            area(x.area);
                            assembly(x.assembly);
                            if (!(x.fraction >= 0 && x.fraction <= 1)) throw Error(where + "a fraction is from 0 to 1");
                          },
                          [&](const Winners& x) { area(x.area); }, [&](const Plasticity&) {},
                          [&](const Rate& x) {
                            if (!brain.has_stimulus(x.from)) area(x.from);
                            area(x.to);
                          },
                          [&](const Inhibition& x) { area(x.area); },
                          [&](const Remember& x) {
                            area(x.area);
                            assemblies.insert(x.name);
                          },
                          [&](const Measure& x) {
                            if (x.what == "overlap") {
                              assembly(x.a);
                              assembly(x.b);
                            } else if (x.what == "density" || x.what == "weight") {
                              area(x.a);
                              assembly(x.b);
                            } else if (x.what == "support" || x.what == "newcomers" || x.what == "input" || x.what == "block") {
                              area(x.a);
                            } else {
                              throw Error(where + "cannot measure \"" + x.what + "\"; known are overlap, support, newcomers, input, block, density and weight");
                            }
                          },
                          [&](const Save& x) { saved.insert(x.name); },
                          [&](const Restore& x) {
                            if (!saved.contains(x.name)) throw Error(where + "nothing has been saved as \"" + x.name + "\" at this point");
                          },
                          [&](const OrderedRecall& x) {
                            stimulus(x.stimulus);
                            area(x.area);
                            for (const auto& name : x.known) assembly(name);
                          }},
               script[s]);
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

std::vector<std::string> Player::project(const Project& p, int round) {
  if (round == 0) unchanged_ = 0;
  if (p.stable > 0 && unchanged_ >= p.stable) return {};
  const std::vector<std::string> targets = targets_of(p);
  std::vector<std::vector<Index>> before;
  for (const auto& target : targets) before.push_back(brain_.winners(target));
  brain_.project(p.stimuli, p.areas);
  bool changed = false;
  for (std::size_t i = 0; i < targets.size(); ++i)
    changed = changed || brain_.newcomers(targets[i]) > 0 || !same_set(before[i], brain_.winners(targets[i]));
  unchanged_ = changed ? 0 : unchanged_ + 1;
  return targets;
}

void Player::measure(const Measure& m) {
  if (m.what == "overlap") return put(m.label, relative_overlap(assembly(m.a), assembly(m.b)));
  if (m.what == "support") return put(m.label, brain_.support(m.a));
  if (m.what == "newcomers") return put(m.label, brain_.newcomers(m.a));
  if (m.what == "input") return put(m.label, brain_.total_input(m.a));
  if (m.what == "block") {
    const auto& winners = brain_.winners(m.a);
    const Index k = brain_.k(m.a);
    return put(m.label, static_cast<double>(std::count_if(winners.begin(), winners.end(), [&](Index i) { return i / k == m.index; })) / k);
  }
  const auto& members = assembly(m.b);
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
      if (const double o = relative_overlap(winners, assembly(r.known[i])); o > best) {
        best = o;
        which = i;
      }
    if (best < 0.3) return;
    put(r.label, static_cast<double>(which));
  }
}

std::vector<std::string> Player::tick(std::size_t t) {
  const auto [s, round] = place_.at(t);
  std::vector<std::string> projected;
  std::visit(Overloaded{[&, r = round](const Project& p) { projected = project(p, r); },
                        [&](const Fix& x) { x.on ? brain_.fix(x.area) : brain_.unfix(x.area); },
                        [&](const Activate& x) { brain_.activate(x.area, x.index); },
                        [&](const Fire& x) {
                          const auto& all = assembly(x.assembly);
                          const auto count = static_cast<std::size_t>(x.fraction * static_cast<double>(all.size()));
                          brain_.set_winners(x.area, random_subset(all, count, brain_.seed(), fired_++));
                        },
                        [&](const Winners& x) { brain_.set_winners(x.area, x.neurons); },
                        [&](const Plasticity& x) { brain_.set_plasticity(x.on); },
                        [&](const Rate& x) { brain_.set_beta(x.from, x.to, x.beta); },
                        [&](const Inhibition& x) {
                          brain_.set_inhibition(x.area, x.strength);
                          if (x.clear) brain_.clear_refraction(x.area);
                        },
                        [&](const Remember& x) { assemblies_[x.name] = brain_.winners(x.area); }, [&](const Measure& x) { measure(x); },
                        [&](const Save& x) { saved_.insert_or_assign(x.name, brain_.clone()); },
                        [&](const Restore& x) { brain_ = saved_.at(x.name).clone(); }, [&](const OrderedRecall& x) { recall(x); }},
             script_[s]);
  return projected;
}

nlohmann::json Player::state() const {
  nlohmann::json all{{"brain", brain_.state()}, {"unchanged", unchanged_}, {"fired", fired_}, {"results", results_}};
  all["assemblies"] = all["saved"] = nlohmann::json::object();
  for (const auto& [name, members] : assemblies_) all["assemblies"][name] = pack(members);
  for (const auto& [name, brain] : saved_) all["saved"][name] = brain.state();
  return all;
}

void Player::set_state(const nlohmann::json& all) {
  assemblies_.clear();
  saved_.clear();
  for (const auto& [name, state] : all.at("saved").items()) {
    Brain copy = brain_.clone();
    copy.set_state(state);
    saved_.insert_or_assign(name, std::move(copy));
  }
  for (const auto& [name, members] : all.at("assemblies").items()) assemblies_[name] = unpack<Index>(members);
  brain_.set_state(all.at("brain"));
  unchanged_ = all.at("unchanged").get<int>();
  fired_ = all.at("fired").get<std::uint64_t>();
  results_ = all.at("results").get<std::vector<std::pair<std::string, std::vector<double>>>>();
}

}  // namespace engram::calculus
