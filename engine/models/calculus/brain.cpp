#include <algorithm>
#include <cmath>

#include "brain_parts.hpp"

namespace engram::calculus {

const char* name_of(Connectome c) {
  return c == Connectome::procedural ? "procedural" : c == Connectome::dense ? "explicit" : "lazy";
}

namespace {

template <class Items>
std::string known_names(const Items& items) {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "" : ", ") + item->name;
  return all.empty() ? "none" : all;
}

template <class Items>
auto* find_named(const Items& items, const std::string& name) {
  const auto at = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item->name == name; });
  return at == items.end() ? nullptr : at->get();
}

std::string shown(double x) { return nlohmann::json(x).dump(); }

void check_probability(const std::string& what, double p) {
  if (!(p >= 0 && p <= 1)) throw Error(what + " is " + shown(p) + "; allowed are 0 to 1");
}

}  // namespace

void Firing::assign(Backend& backend, std::vector<Index> winners) {
  ranked = std::move(winners);
  sorted = ranked;
  std::sort(sorted.begin(), sorted.end());
  ranked_device = Array<Index>(backend, ranked);
  sorted_device = Array<Index>(backend, sorted);
}

Brain::Brain(Backend& backend, std::uint64_t seed, BrainOptions options, Connectome connectome)
    : backend_(&backend), seed_(seed), options_(std::move(options)), connectome_(connectome), draws_(std::make_unique<Draws>(seed)) {
  check_probability("the density p", options_.p);
  if (!(options_.w_max >= 0)) throw Error("the ceiling w_max is " + shown(options_.w_max) + "; allowed are 0 (none) and more");
  if (options_.exact_bits != 32 && options_.exact_bits != 64) throw Error("exact_bits is " + std::to_string(options_.exact_bits) + "; allowed are 32 and 64");
}
Brain::Brain(Brain&&) noexcept = default;
Brain& Brain::operator=(Brain&&) noexcept = default;
Brain::~Brain() = default;

Brain::Area& Brain::area(const std::string& name) {
  if (Area* a = find_named(areas_, name)) return *a;
  throw Error("there is no area \"" + name + "\"; known are " + known_names(areas_));
}
const Brain::Area& Brain::area(const std::string& name) const { return const_cast<Brain*>(this)->area(name); }
bool Brain::has_area(const std::string& name) const { return find_named(areas_, name); }
bool Brain::has_stimulus(const std::string& name) const { return find_named(stimuli_, name); }

void Brain::add_stimulus(const std::string& name, Index size) {
  if (name.empty() || has_area(name) || has_stimulus(name)) throw Error("the name \"" + name + "\" of a stimulus is empty or taken");
  if (size == 0) throw Error("stimulus \"" + name + "\" has no neurons");
  stimuli_.push_back(std::make_unique<Stimulus>(Stimulus{name, size}));
}

void Brain::add_area(const std::string& name, const AreaOptions& o) {
  if (name.empty() || has_area(name) || has_stimulus(name)) throw Error("the name \"" + name + "\" of an area is empty or taken");
  if (o.k == 0 || o.k > o.n) throw Error("area \"" + name + "\" has k = " + std::to_string(o.k) + " of n = " + std::to_string(o.n) + " neurons; allowed are 1 to n");
  if (!(o.beta >= 0)) throw Error("area \"" + name + "\": beta is " + shown(o.beta) + "; allowed are 0 and more");
  for (double p : {o.p_inner, o.p_in, o.p_out})
    if (p != -1) check_probability("area \"" + name + "\": a density", p);
  if (o.winners != "top_k" && o.winners != "threshold" && o.winners != "fraction")
    throw Error("area \"" + name + "\": winners \"" + o.winners + "\"; allowed are top_k, threshold and fraction");
  if (o.min_winners > o.k) throw Error("area \"" + name + "\": min_winners " + std::to_string(o.min_winners) + " exceeds k = " + std::to_string(o.k));
  auto area = std::make_unique<Area>();
  area->name = name;
  area->options = o;
  const bool lazy = area->lazy(connectome_);
  area->existing = lazy ? 0 : o.n;
  if (!lazy) area->ever.resize(std::size_t{o.n} / 32 + 1);
  for (const auto& other : areas_) {
    if (o.p_in >= 0) density_[{other->name, name}] = o.p_in;
    if (o.p_out >= 0) density_[{name, other->name}] = o.p_out;
  }
  if (o.p_inner >= 0) density_[{name, name}] = o.p_inner;
  areas_.push_back(std::move(area));
}

double Brain::density(const std::string& source, const std::string& target) const {
  const auto own = density_.find({source, target});
  return own == density_.end() ? options_.p : own->second;
}

void Brain::set_density(const std::string& source, const std::string& target, double p) {
  if (!has_stimulus(source)) area(source);
  area(target);
  check_probability("the density from \"" + source + "\" to \"" + target + "\"", p);
  if (fibres_.contains({source, target})) throw Error("the fibre from \"" + source + "\" to \"" + target + "\" has been used; its density stays");
  density_[{source, target}] = p;
}

double Brain::beta(const std::string& source, const Area& target) const {
  const auto own = beta_.find({source, target.name});
  return own == beta_.end() ? target.options.beta : own->second;
}

void Brain::set_beta(const std::string& source, const std::string& target, double beta) {
  if (!has_stimulus(source)) area(source);
  area(target);
  if (!(beta >= 0)) throw Error("the learning rate from \"" + source + "\" to \"" + target + "\" is " + shown(beta) + "; allowed are 0 and more");
  beta_[{source, target}] = beta;
}

Fibres& Brain::fibres(const std::string& source, const std::string& target) {
  auto& found = fibres_[{source, target}];
  if (found) return *found;
  const Area& to = area(target);
  const Stimulus* stimulus = find_named(stimuli_, source);
  const double p = density(source, target);
  if (connectome_ == Connectome::lazy) {
    if (stimulus)
      found = std::make_unique<LazyStimulus>(p, stimulus->size, to.existing, *draws_);
    else
      found = std::make_unique<LazyFibres>(p, area(source).existing, to.existing, *draws_);
    return *found;
  }
  const Index n_pre = stimulus ? stimulus->size : area(source).options.n;
  Graph graph(*backend_, fibre_key(seed_, source, target), n_pre, to.options.n, p, options_.exact_bits);
  if (stimulus)
    found = std::make_unique<StimulusFibres>(graph);
  else if (connectome_ == Connectome::dense)
    found = std::make_unique<DenseFibres>(graph);
  else
    found = std::make_unique<ProceduralFibres>(std::move(graph));
  return *found;
}

std::vector<Brain::Round> Brain::plan(const Map& stimuli, const Map& areas) {
  // Everything is checked before anything is made.
  std::map<const Area*, Round> rounds;
  for (const auto& [source, targets] : stimuli) {
    const Stimulus* stimulus = find_named(stimuli_, source);
    if (!stimulus) throw Error("there is no stimulus \"" + source + "\"; known are " + known_names(stimuli_));
    for (const auto& name : targets) {
      Round& round = rounds[&area(name)];
      for (const auto& known : round.stimuli)
        if (known.first == stimulus) throw Error("stimulus \"" + source + "\" projects to \"" + name + "\" twice in one round");
      round.stimuli.push_back({stimulus, nullptr});
    }
  }
  for (const auto& [source, targets] : areas) {
    Area& from = area(source);
    if (!targets.empty() && from.firing.ranked.empty()) throw Error("area \"" + source + "\" has no winners to project from");
    for (const auto& name : targets) {
      Round& round = rounds[&area(name)];
      for (const auto& known : round.sources)
        if (known.first == &from) throw Error("area \"" + source + "\" projects to \"" + name + "\" twice in one round");
      round.sources.push_back({&from, nullptr});
    }
  }
  std::vector<Round> ordered;  // in the order in which areas were declared
  for (const auto& a : areas_)
    if (auto at = rounds.find(a.get()); at != rounds.end()) {
      at->second.target = a.get();
      at->second.existing_before = a->existing;
      ordered.push_back(std::move(at->second));
    }
  for (Round& round : ordered) {
    for (auto& [stimulus, f] : round.stimuli) f = &fibres(stimulus->name, round.target->name);
    for (auto& [source, f] : round.sources) f = &fibres(source->name, round.target->name);
  }
  return ordered;
}

void Brain::project(const Map& stimuli, const Map& areas) {
  std::vector<Round> rounds = plan(stimuli, areas);
  for (Round& round : rounds)
    if (!round.target->fixed) {
      if (round.target->lazy(connectome_))
        select_lazily(round);
      else
        select(round);
    }
  if (connectome_ == Connectome::lazy) recruit(rounds);
  // Winners are replaced when all targets are done; sources of one target may be targets of another.
  std::vector<Firing> next(rounds.size());
  for (std::size_t r = 0; r < rounds.size(); ++r)
    if (!rounds[r].target->fixed) next[r].assign(*backend_, std::move(rounds[r].next));
  if (plasticity_)
    for (std::size_t r = 0; r < rounds.size(); ++r) {
      const Round& round = rounds[r];
      const Firing& targets = round.target->fixed ? round.target->firing : next[r];
      const auto potentiation = [&](const std::string& source) { return Potentiation{1 + beta(source, *round.target), static_cast<float>(options_.w_max)}; };
      static const Firing whole_stimulus;
      for (const auto& [stimulus, f] : round.stimuli)
        if (const auto rule = potentiation(stimulus->name); rule.factor != 1) f->learn(whole_stimulus, targets, rule);
      for (const auto& [source, f] : round.sources)
        if (const auto rule = potentiation(source->name); rule.factor != 1) f->learn(source->firing, targets, rule);
    }
  for (std::size_t r = 0; r < rounds.size(); ++r) {
    if (!rounds[r].target->fixed) rounds[r].target->firing = std::move(next[r]);
    finish(rounds[r]);
  }
}

void Brain::finish(Round& round) {
  Area& a = *round.target;
  a.newcomers = 0;
  if (!a.fixed) {
    if (a.lazy(connectome_)) {
      a.newcomers = a.existing - round.existing_before;
    } else {
      for (const Index i : a.firing.ranked) {
        std::uint32_t& word = a.ever[i / 32];
        const std::uint32_t bit = 1u << (i % 32);
        a.newcomers += !(word & bit);
        word |= bit;
      }
    }
    a.support += a.newcomers;
    if (a.options.refractory_period > 0) {
      a.recent.push_front(a.firing.ranked);
      if (a.recent.size() > a.options.refractory_period) a.recent.pop_back();
    }
    if (a.options.refracted_strength > 0)
      for (const Index i : a.firing.ranked) a.bias[i] += static_cast<float>(a.options.refracted_strength);
  }
  a.saved_support.push_back(a.support);
  if (options_.save_winners) a.saved_winners.push_back(a.firing.ranked);
}

/// Long-range inhibition of the winners of the last rounds, and refraction.
void Brain::inhibit(const Area& a, Span<real> input) {
  const auto subtract = [&](const std::vector<Index>& units, const std::vector<float>& values) {
    const Array<Index> at(*backend_, units);
    const Array<float> by(*backend_, values);
    backend_->fibres().subtract_at(at.view(), by.view(), input);
  };
  for (std::size_t s = 0; s < a.recent.size() && a.options.inhibition_strength != 0; ++s) {
    const double share = 1 - static_cast<double>(s) / static_cast<double>(a.options.refractory_period);
    subtract(a.recent[s], std::vector<float>(a.recent[s].size(), static_cast<float>(a.options.inhibition_strength * share)));
  }
  if (!a.bias.empty()) {
    std::vector<Index> units;
    std::vector<float> values;
    for (const auto& [unit, value] : a.bias) {
      units.push_back(unit);
      values.push_back(value);
    }
    subtract(units, values);
  }
}

/// Who of the ranked candidates (at most k) fires, and the sum of their inputs.
std::vector<Index> Brain::cut(const Area& a, const std::vector<std::pair<float, Index>>& ranked, double& total) const {
  const AreaOptions& o = a.options;
  std::size_t count = std::min<std::size_t>(ranked.size(), o.k);
  if (o.winners != "top_k" && count > 0) {
    const double least = o.winners == "threshold" ? o.threshold : o.threshold * static_cast<double>(ranked[0].first);
    std::size_t reached = 0;
    while (reached < count && static_cast<double>(ranked[reached].first) >= least) ++reached;
    count = std::max<std::size_t>(reached, std::min<std::size_t>(count, o.winners == "fraction" ? o.min_winners : 0));
  }
  std::vector<Index> winners(count);
  total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    winners[i] = ranked[i].second;
    total += static_cast<double>(ranked[i].first);
  }
  return winners;
}

void Brain::select(Round& round) {
  Area& a = *round.target;
  if (a.input.size() == 0) {
    a.input = Array<real>(*backend_, a.options.n);
    a.chosen = Array<Index>(*backend_, a.options.k);
    a.chosen_count = Array<Index>(*backend_, 1);
  }
  a.input.zero();
  for (const auto& [stimulus, f] : round.stimuli) f->add_input({}, a.input.view());
  for (const auto& [source, f] : round.sources) f->add_input(source->firing, a.input.view());
  inhibit(a, a.input.view());
  Active chosen;
  chosen.index = a.chosen.view().data;
  chosen.count = a.chosen_count.view().data;
  chosen.stride = a.options.k;
  chosen.units = a.options.n;
  backend_->select_top_k(a.input.batch(a.options.n), a.options.k, chosen);
  const std::vector<Index> units = a.chosen.download();
  std::vector<float> values;
  backend_->fibres().gather(a.input.view(), a.chosen.view(), values);
  std::vector<std::pair<float, Index>> ranked(units.size());
  for (std::size_t i = 0; i < units.size(); ++i) ranked[i] = {values[i], units[i]};
  std::sort(ranked.begin(), ranked.end(), [](const auto& x, const auto& y) { return x.first > y.first || (x.first == y.first && x.second < y.second); });
  round.next = cut(a, ranked, a.total_input);
}

}  // namespace engram::calculus
