#include <algorithm>
#include <cmath>

#include "engine/models/calculus/brain/brain_parts.hpp"

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

constexpr std::uint64_t max_firing = (std::uint64_t{1} << 31) - 1;  // onto one area in one round

/// The lazy scheme is lists that grow and draws in sequence: no work for a device, and its explicit areas read them.
Backend& home_of(Connectome connectome, Backend& backend) {
  if (connectome != Connectome::lazy || backend.info().kind == "cpu") return backend;
  static const std::unique_ptr<Backend> host = make_backend("cpu", {1});
  return *host;
}

void check_probability(const std::string& what, double p) {
  if (!(p >= 0 && p <= 1)) throw Error(what + " is " + shown(p) + "; allowed are 0 to 1");
}

template <class Options>
void throw_problems(const std::string& of, const Options& options) {
  for (const Problem& problem : problems_of(options)) throw Error(of + problem.path + ": " + problem.text);
}

}  // namespace

void BrainOptions::check_together(const Report& problem) const {
  if (exact_bits != 32 && exact_bits != 64)
    problem("exact_bits", "found " + std::to_string(exact_bits) + "; allowed are 32 and 64");
}

void AreaOptions::check_together(const Report& problem) const {
  if (k > n) problem("k", "found " + std::to_string(k) + "; allowed are 1 to n = " + std::to_string(n));
  if (min_winners > k)
    problem("min_winners", "found " + std::to_string(min_winners) + "; allowed are 0 to k = " + std::to_string(k));
}

void Firing::assign(Backend& backend, std::vector<Index> winners) {
  assign(std::move(winners));
  sorted_device = Array<Index>(backend, sorted);
}

void Firing::assign(std::vector<Index> winners) {
  ranked = std::move(winners);
  sorted = ranked;
  std::sort(sorted.begin(), sorted.end());
}

Brain::Brain(Backend& backend, std::uint64_t seed, BrainOptions options, Connectome connectome)
    : backend_(&home_of(connectome, backend)),
      connections_(&backend_->need_extension<Connections>()),
      rounds_(backend_->extension<Rounds>()),
      seed_(seed),
      options_(std::move(options)),
      connectome_(connectome),
      draws_(std::make_unique<Draws>(seed)) {
  throw_problems("", options_);
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
  if (name.empty() || has_area(name) || has_stimulus(name))
    throw Error("the name \"" + name + "\" of a stimulus is empty or taken");
  if (size == 0) throw Error("stimulus \"" + name + "\" has no neurons");
  stimuli_.push_back(std::make_unique<Stimulus>(Stimulus{name, size}));
}

void Brain::add_area(const std::string& name, const AreaOptions& o) {
  if (name.empty() || has_area(name) || has_stimulus(name))
    throw Error("the name \"" + name + "\" of an area is empty or taken");
  throw_problems("area \"" + name + "\": ", o);
  auto area = std::make_unique<Area>();
  area->name = name;
  area->options = o;
  const bool lazy = area->lazy(connectome_);
  area->existing = lazy ? 0 : o.n;
  for (const auto& other : areas_) {
    if (o.p_in) density_[{other->name, name}] = *o.p_in;
    if (o.p_out) density_[{name, other->name}] = *o.p_out;
  }
  if (o.p_inner) density_[{name, name}] = *o.p_inner;
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
  if (fibres_.contains({source, target}))
    throw Error("the fibre from \"" + source + "\" to \"" + target + "\" has been used; its density stays");
  density_[{source, target}] = p;
}

double Brain::beta(const std::string& source, const Area& target) const {
  const auto own = beta_.find({source, target.name});
  return own == beta_.end() ? target.options.beta : own->second;
}

void Brain::set_beta(const std::string& source, const std::string& target, double beta) {
  if (!has_stimulus(source)) area(source);
  area(target);
  if (!(beta >= 0))
    throw Error("the learning rate from \"" + source + "\" to \"" + target + "\" is " + shown(beta) +
                "; allowed are 0 and more");
  beta_[{source, target}] = beta;
}

void Brain::clear_beta(const std::string& source, const std::string& target) {
  if (!has_stimulus(source)) area(source);
  area(target);
  beta_.erase({source, target});
}

void Brain::normalise(const std::string& name, double total) {
  area(name);
  if (!(total >= 0))
    throw Error("area \"" + name + "\": incoming weights cannot sum to " + shown(total) + "; allowed are 0 and more");
  for (auto& [names, f] : fibres_)
    if (names.second == name) f->normalise(total);
}

void Brain::inhibit(const std::string& name, const std::string& other, int reason) {
  area(name);
  if (!other.empty() && !has_stimulus(other)) area(other);
  gates_.inhibit(name, other, reason);
}

void Brain::disinhibit(const std::string& name, const std::string& other, int reason) {
  area(name);
  if (!other.empty() && !has_stimulus(other)) area(other);
  gates_.disinhibit(name, other, reason);
}

void Brain::exclude(const std::vector<std::string>& names) {
  const std::set<std::string> group(names.begin(), names.end());
  if (group.size() < 2 || group.size() < names.size())
    throw Error("areas that exclude each other are two or more, each named once");
  for (const auto& name : names) {
    area(name);
    if (excludable(name)) throw Error("area \"" + name + "\" is in two groups of areas that exclude each other");
  }
  exclusive_.push_back(group);
}

void Brain::include(const std::vector<std::string>& names) {
  const auto group = std::find(exclusive_.begin(), exclusive_.end(), std::set<std::string>(names.begin(), names.end()));
  if (group == exclusive_.end()) throw Error("these areas do not exclude each other");
  exclusive_.erase(group);
}

bool Brain::excludable(const std::string& name) const {
  return std::any_of(exclusive_.begin(), exclusive_.end(), [&](const auto& group) { return group.contains(name); });
}

Fibres& Brain::fibres(const std::string& source, const std::string& target) {
  if (const auto found = fibres_.find({source, target}); found != fibres_.end()) return *found->second;
  const Area& to = area(target);
  const Stimulus* stimulus = find_named(stimuli_, source);
  const double p = density(source, target);
  // What cannot be made leaves no place behind that nothing stands in.
  const auto keep = [&](std::unique_ptr<Fibres> made) -> Fibres& {
    return *(fibres_[{source, target}] = std::move(made));
  };
  if (connectome_ == Connectome::lazy) {
    if (stimulus) return keep(std::make_unique<LazyStimulus>(p, stimulus->size, to.existing, *draws_));
    return keep(std::make_unique<LazyFibres>(p, area(source).existing, to.existing, *draws_));
  }
  const Index n_pre = stimulus ? stimulus->size : area(source).options.n;
  Graph graph(*backend_, fibre_key(seed_, source, target), n_pre, to.options.n, p, options_.exact_bits);
  if (stimulus) return keep(std::make_unique<StimulusFibres>(graph));
  if (connectome_ == Connectome::dense) return keep(std::make_unique<DenseFibres>(std::move(graph)));
  return keep(std::make_unique<ProceduralFibres>(std::move(graph)));
}

std::vector<Brain::Round> Brain::plan(const Map& stimuli, const Map& areas) {
  // Everything is checked before anything is made.
  std::map<const Area*, Round> rounds;
  const auto passes = [&](const std::string& source, const std::string& target) {
    return gates_.open(target) && gates_.open(source, target);
  };
  for (const auto& [source, targets] : stimuli) {
    const Stimulus* stimulus = find_named(stimuli_, source);
    if (!stimulus) throw Error("there is no stimulus \"" + source + "\"; known are " + known_names(stimuli_));
    for (const auto& name : targets) {
      const Area& to = area(name);
      if (!passes(source, name)) continue;
      Round& round = rounds[&to];
      for (const auto& known : round.stimuli)
        if (known.first == stimulus)
          throw Error("stimulus \"" + source + "\" projects to \"" + name + "\" twice in one round");
      round.stimuli.push_back({stimulus, nullptr});
    }
  }
  for (const auto& [source, targets] : areas) {
    Area& from = area(source);
    for (const auto& name : targets) {
      const Area& to = area(name);
      if (!gates_.open(source) || !passes(source, name)) continue;
      if (from.firing.ranked.empty()) {
        if (excludable(source)) continue;
        throw Error("area \"" + source + "\" has no winners to project from");
      }
      Round& round = rounds[&to];
      for (const auto& known : round.sources)
        if (known.first == &from)
          throw Error("area \"" + source + "\" projects to \"" + name + "\" twice in one round");
      round.sources.push_back({&from, nullptr});
    }
  }
  for (const auto& [target, round] : rounds) {
    std::uint64_t firing = 0;
    for (const auto& s : round.stimuli) firing += s.first->size;
    for (const auto& s : round.sources) firing += s.first->firing.ranked.size();
    if (firing > max_firing)
      throw Error(std::to_string(firing) + " neurons project to \"" + target->name + "\"; counts of synapses reach " +
                  std::to_string(max_firing));
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

}  // namespace engram::calculus
