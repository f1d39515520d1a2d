// A Brain from outside: direct control, what can be read, copies and checkpoints.
#include <algorithm>

#include "engine/models/calculus/brain/brain_parts.hpp"
#include "engine/models/calculus/brain/packing.hpp"

namespace engram::calculus {

void Brain::activate(const std::string& name, Index index) {
  Area& a = area(name);
  const std::uint64_t first = std::uint64_t{index} * a.options.k;
  if (first + a.options.k > a.existing)
    throw Error("area \"" + name + "\" has " + std::to_string(a.existing) + " neurons, no block " +
                std::to_string(index) + " of " + std::to_string(a.options.k));
  std::vector<Index> block(a.options.k);
  for (Index i = 0; i < a.options.k; ++i) block[i] = static_cast<Index>(first) + i;
  a.firing.assign(*backend_, std::move(block));
  a.fixed = true;
}

void Brain::fix(const std::string& name) {
  Area& a = area(name);
  if (a.firing.ranked.empty()) throw Error("area \"" + name + "\" has no winners to fix");
  a.fixed = true;
}
void Brain::unfix(const std::string& name) { area(name).fixed = false; }
bool Brain::fixed(const std::string& name) const { return area(name).fixed; }

void Brain::set_winners(const std::string& name, std::vector<Index> winners) {
  Area& a = area(name);
  std::vector<Index> sorted = winners;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    throw Error("area \"" + name + "\": a neuron is listed twice among the winners");
  if (!sorted.empty() && sorted.back() >= a.existing)
    throw Error("area \"" + name + "\": neuron " + std::to_string(sorted.back()) + " does not exist; there are " +
                std::to_string(a.existing));
  a.firing.assign(*backend_, std::move(winners));
}

void Brain::clear_refraction(const std::string& name) {
  Area& a = area(name);
  a.recent.clear();
  a.bias.clear();
}
void Brain::set_inhibition(const std::string& name, double strength) {
  if (!(strength >= 0))
    throw Error("area \"" + name + "\": an inhibition of " + nlohmann::json(strength).dump() +
                "; allowed are 0 and more");
  area(name).options.inhibition_strength = strength;
}

const std::vector<Index>& Brain::winners(const std::string& name) const { return area(name).firing.ranked; }
Index Brain::size(const std::string& name) const { return area(name).options.n; }
Index Brain::k(const std::string& name) const { return area(name).options.k; }
Index Brain::support(const std::string& name) const { return area(name).support; }
Index Brain::newcomers(const std::string& name) const { return area(name).newcomers; }
Index Brain::without_input(const std::string& name) const { return area(name).without_input; }
double Brain::total_input(const std::string& name) const { return area(name).total_input; }
const std::vector<Index>& Brain::saved_support(const std::string& name) const { return area(name).saved_support; }
const std::vector<std::vector<Index>>& Brain::saved_winners(const std::string& name) const {
  return area(name).saved_winners;
}

std::vector<std::string> Brain::areas() const {
  std::vector<std::string> names;
  for (const auto& a : areas_) names.push_back(a->name);
  return names;
}
std::vector<std::string> Brain::stimuli() const {
  std::vector<std::string> names;
  for (const auto& s : stimuli_) names.push_back(s->name);
  return names;
}

Brain::Connection Brain::connection(const std::string& source, const std::vector<Index>& pre, const std::string& target,
                                    const std::vector<Index>& post) {
  std::vector<Index> from = pre, to = post;
  std::sort(from.begin(), from.end());
  std::sort(to.begin(), to.end());
  if ((!from.empty() && from.back() >= area(source).existing) || (!to.empty() && to.back() >= area(target).existing))
    throw Error("a neuron that is asked about does not exist");
  return fibres(source, target).connection(from, to);
}

std::vector<float> Brain::weights(const std::string& source, const std::string& target) {
  return fibres(source, target).weights();
}
void Brain::set_weights(const std::string& source, const std::string& target, std::span<const float> weights) {
  fibres(source, target).set_weights(weights);
}
std::vector<float> Brain::stimulus_weights(const std::string& stimulus, const std::string& target) {
  return fibres(stimulus, target).weights();
}
void Brain::set_stimulus_weights(const std::string& stimulus, const std::string& target,
                                 std::span<const float> weights) {
  fibres(stimulus, target).set_weights(weights);
}

std::vector<Place> Brain::places() {
  std::vector<Place> all;
  for (const auto& [names, f] : fibres_) {
    const MatrixView stored = f->stored();
    if (!stored.weight) continue;
    Place place{names.first + " to " + names.second, stored.weight, {stored.n_post}, {1}};
    if (!has_stimulus(names.first)) {
      place.shape.insert(place.shape.begin(), stored.n_pre);
      place.strides.insert(place.strides.begin(), stored.n_post);
    }
    all.push_back(std::move(place));
  }
  return all;
}

std::size_t Brain::bytes() const {
  std::size_t bytes = 0;
  for (const auto& a : areas_)
    bytes += a->input.bytes() + a->ever.host().size() * sizeof(std::uint32_t) + a->host_input.capacity() * sizeof(real);
  for (const auto& f : fibres_) bytes += f.second->bytes();
  return bytes;
}

std::size_t Brain::forecast(Connectome connectome, const std::vector<AreaOptions>& areas, const Shapes& area_fibres,
                            const Shapes& stimulus_fibres, std::size_t brains) {
  if (connectome == Connectome::lazy) return 0;  // grows with what fires
  std::size_t scratch = 0, weights = 0, largest = 0, largest_stimulus = 0;
  const auto add = [](std::size_t& sum, std::size_t more) {
    if (__builtin_add_overflow(sum, more, &sum))
      throw MemoryError("the memory of these areas and fibres overflows a number of 64 bits");
  };
  const auto add_weights = [&](std::size_t count) {
    const std::size_t bytes = checked_product(sizeof(float), count);
    add(weights, bytes);
    largest = std::max(largest, bytes);
  };
  for (const AreaOptions& a : areas)
    add(scratch, std::size_t{a.n} * (sizeof(real) + sizeof(Index)));  // input, who fired
  if (connectome == Connectome::dense)
    for (const auto& [pre, post] : area_fibres) add_weights(checked_product(pre, post));
  for (const auto& [pre, post] : stimulus_fibres) {
    add_weights(post);
    largest_stimulus = std::max(largest_stimulus, pre);
  }
  add(scratch, 2 * sizeof(Index) * largest_stimulus);  // its neurons, while their synapses are counted
  std::size_t bytes = scratch;
  add(bytes, weights);
  bytes = checked_product(bytes, brains);
  add(bytes, weights);  // of one brain, while it is saved
  add(bytes, largest);
  return bytes;
}

Brain Brain::clone() const {
  Brain copy(*backend_, seed_, options_, connectome_);
  copy.plasticity_ = plasticity_;
  copy.density_ = density_;
  copy.beta_ = beta_;
  copy.gates_ = gates_;
  copy.exclusive_ = exclusive_;
  *copy.draws_ = *draws_;
  for (const auto& s : stimuli_) copy.stimuli_.push_back(std::make_unique<Stimulus>(*s));
  for (const auto& a : areas_) {
    auto twin = std::make_unique<Area>();
    twin->name = a->name;
    twin->options = a->options;
    twin->firing.assign(*backend_, a->firing.ranked);
    twin->fixed = a->fixed;
    twin->ever = a->ever;
    twin->support = a->support;
    twin->newcomers = a->newcomers;
    twin->existing = a->existing;
    twin->total_input = a->total_input;
    twin->without_input = a->without_input;
    twin->saved_support = a->saved_support;
    twin->saved_winners = a->saved_winners;
    twin->recent = a->recent;
    twin->bias = a->bias;
    copy.areas_.push_back(std::move(twin));
  }
  for (const auto& [names, f] : fibres_) copy.fibres_[names] = f->clone();
  return copy;
}

nlohmann::json Brain::state() const {
  nlohmann::json all{{"plasticity", plasticity_}, {"draws", draws_->position()}};
  for (const auto& a : areas_) {
    nlohmann::json one{{"winners", pack(a->firing.ranked)},
                       {"fixed", a->fixed},
                       {"ever", pack(a->ever.host())},
                       {"support", a->support},
                       {"newcomers", a->newcomers},
                       {"existing", a->existing},
                       {"total_input", a->total_input},
                       {"without_input", a->without_input},
                       {"saved_support", pack(a->saved_support)},
                       {"inhibition", a->options.inhibition_strength}};
    one["saved_winners"] = one["recent"] = nlohmann::json::array();
    for (const auto& w : a->saved_winners) one["saved_winners"].push_back(pack(w));
    for (const auto& w : a->recent) one["recent"].push_back(pack(w));
    one["bias"] = a->bias;
    all["areas"][a->name] = one;
  }
  all["exclusive"] = exclusive_;
  all["gates"] = {{"areas", gates_.areas()}, {"fibres", gates_.fibres()}};
  all["fibres"] = all["density"] = all["beta"] = nlohmann::json::array();
  for (const auto& [names, f] : fibres_)
    all["fibres"].push_back({{"from", names.first}, {"to", names.second}, {"state", f->state()}});
  for (const auto& [names, p] : density_) all["density"].push_back({names.first, names.second, p});
  for (const auto& [names, b] : beta_) all["beta"].push_back({names.first, names.second, b});
  return all;
}

Index overlap(const std::vector<Index>& a, const std::vector<Index>& b) {
  std::vector<Index> x = a, y = b;
  std::sort(x.begin(), x.end());
  std::sort(y.begin(), y.end());
  return static_cast<Index>(intersection(x, y).size());
}

double relative_overlap(const std::vector<Index>& a, const std::vector<Index>& b) {
  return b.empty() ? 0 : static_cast<double>(overlap(a, b)) / static_cast<double>(b.size());
}

std::vector<Index> overlaps(const std::vector<std::vector<Index>>& history, const std::vector<Index>& base) {
  std::vector<Index> all;
  for (const auto& winners : history) all.push_back(overlap(winners, base));
  return all;
}

}  // namespace engram::calculus
