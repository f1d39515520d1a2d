// Layers, projections, clamping and cycles.
#include "engram/leabra/net.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/models/leabra/parts.hpp"
#include "engram/leabra/nxx1.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::leabra {

namespace {

template <class Spec>
void check_spec(const std::string& name, const Spec& spec) {
  std::vector<Problem> problems = problems_of(spec);
  for (Problem& p : problems) p.path = name + "/" + p.path;
  if (!problems.empty()) throw ConfigError(std::move(problems));
}

template <class Objects>
auto& find(const Objects& objects, const std::string& name, const char* kind) {
  for (const auto& object : objects)
    if (object->name == name) return *object;
  std::vector<std::string> names;
  for (const auto& object : objects) names.push_back(object->name);
  const std::string near = nearest(name, names);
  throw ConfigError(name, std::string("there is no ") + kind + " of this name" +
                              (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

constexpr std::size_t line = 64 / sizeof(real);

/// [replica][receiver][sender] as [replica][sender][receiver], or back with the sizes swapped.
template <class T>
std::vector<T> transposed(const std::vector<T>& values, std::size_t rows, std::size_t columns) {
  std::vector<T> turned(values.size());
  const std::size_t all = rows * columns;
  for (std::size_t r = 0; all && r < values.size() / all; ++r)
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) turned[r * all + j * rows + i] = values[r * all + i * columns + j];
  return turned;
}

}  // namespace

Net::Net(Backend& backend, std::span<const std::uint64_t> seeds)
    : backend_(&backend),
      fused_(backend.extension<Cycles>()),
      seeds_(seeds.begin(), seeds.end()),
      rate_factors_(seeds.size(), real(1)) {
  if (seeds.empty()) throw ConfigError("seeds", "found no seed; a network needs one");
}
Net::Net(Net&&) noexcept = default;
Net& Net::operator=(Net&&) noexcept = default;
Net::~Net() = default;

const Net::Layer& Net::layer(const std::string& name) const { return find(layers_, name, "layer"); }
Net::Layer& Net::layer(const std::string& name) { return find(layers_, name, "layer"); }
const Net::Projection& Net::projection(const std::string& name) const { return find(projections_, name, "projection"); }
Net::Projection& Net::projection(const std::string& name) { return find(projections_, name, "projection"); }

void Net::check_name(const std::string& name) const {
  const auto taken = [&](const auto& object) { return object->name == name; };
  if (name.empty()) throw ConfigError("name", "a layer or projection needs a name");
  if (std::any_of(layers_.begin(), layers_.end(), taken) ||
      std::any_of(projections_.begin(), projections_.end(), taken))
    throw ConfigError(name, "this name is taken by another layer or projection");
}

void Net::new_layer(const std::string& name, Index size, const LayerSpec& spec) {
  check_name(name);
  if (size < 1) throw ConfigError(name + "/size", "found 0; a layer needs at least one unit");
  check_spec(name, spec);
  if (units_ + std::uint64_t{size} > 0x7fffffffu) throw MemoryError(name + ": more units than a network can have");
  layers_.push_back(std::make_unique<Layer>(Layer{name, size, spec, static_cast<Index>(layers_.size()), units_}));
  units_ += size;
}

void Net::new_projection(const std::string& name, const std::string& pre, const std::string& post,
                         const ProjectionSpec& spec) {
  check_name(name);
  check_spec(name, spec);
  const Layer &from = layer(pre), &to = layer(post);
  const std::uint64_t number = projections_.size();
  const std::vector<char> pattern = pattern_of(spec, from.size, to.size);
  const Index planes = spec.learning == Learning::momentum ? 4 : 2;
  auto made = std::make_unique<Projection>(
      Projection{name, from.index, to.index, spec, Dense(*backend_, from.size, to.size, replicas(), planes),
                 Array<real>(*backend_, checked_product(replicas(), to.size)),
                 Array<real>(*backend_, checked_product(replicas(), to.size)),
                 Array<real>(*backend_, std::vector<real>(3 * seeds_.size(), real(1))), Array<Index>(*backend_, 2)});
  projections_.push_back(std::move(made));
  sends_current_ = false;
  set_rate_factors(std::vector<real>(rate_factors_));
  std::vector<real> weights;
  std::vector<bool> connected;
  for (const std::uint64_t seed : seeds_) {
    std::vector<char> own = pattern;
    thin(own, spec.sparsity, seed, number);
    for (const double w : draw_weights(own, spec.dist, seed, number)) weights.push_back(static_cast<real>(w));
    connected.insert(connected.end(), own.begin(), own.end());
  }
  set_weights(name, weights, connected);
}

const LayerSpec& Net::layer_spec(const std::string& name) const { return layer(name).spec; }
void Net::set_layer_spec(const std::string& name, const LayerSpec& spec) {
  Layer& own = layer(name);
  check_spec(name, spec);
  own.spec = spec;
  constants_current_ = false;
}
const ProjectionSpec& Net::projection_spec(const std::string& name) const { return projection(name).spec; }
void Net::set_projection_spec(const std::string& name, const ProjectionSpec& spec) {
  Projection& own = projection(name);
  check_spec(name, spec);
  if (spec.learning == Learning::momentum && own.planes < 4)
    throw ConfigError(name + "/learning", "a projection that was made without momentum has no room for it");
  own.spec = spec;
}

void Net::set_weights(const std::string& name, std::span<const real> given, const std::vector<bool>& connected) {
  Projection& p = projection(name);
  const Index pre = layers_[p.pre]->size, post = layers_[p.post]->size;
  const std::size_t one = std::size_t{pre} * post, all = one * seeds_.size();
  const auto fits = [&](std::size_t found, const char* what) {
    if (found != one && found != all)
      throw ConfigError(name, "found " + std::to_string(found) + " " + what + "; " + std::to_string(post) +
                                  " receivers of " + std::to_string(pre) + " senders need " + std::to_string(one) +
                                  ", or " + std::to_string(all) + " for " + std::to_string(seeds_.size()) +
                                  " replicas");
  };
  fits(given.size(), "weights");
  if (!connected.empty()) fits(connected.size(), "connections");
  const std::vector<bool> before = connected.empty() ? connections(name) : std::vector<bool>();
  std::vector<real> linear(all), effective(all);
  for (std::size_t at = 0; at < all; ++at) {
    const bool here = connected.empty() ? before[at] : connected[at % connected.size()];
    const real w = given[at % given.size()];
    if (!std::isfinite(w)) throw ConfigError(name, "weight " + std::to_string(at) + " is not a finite number");
    linear[at] = here ? w : contrast::absent;
    effective[at] = here ? (p.spec.initial_contrast ? effective_weight(p.spec, w) : w) : real(0);
  }
  p.weights.upload(transposed(effective, post, pre), 0);
  p.weights.upload(transposed(linear, post, pre), 1);
  count_connections(p);
}

/// Linear weights of pairs that are connected, [replica][receiver][sender]; the effective ones follow.
void Net::set_linear(Projection& p, const std::vector<real>& linear) {
  const std::vector<bool> here = connections(p.name);
  std::vector<real> own(linear.size()), effective(linear.size());
  for (std::size_t at = 0; at < linear.size(); ++at) {
    own[at] = here[at] ? linear[at] : contrast::absent;
    effective[at] = here[at] ? effective_weight(p.spec, linear[at]) : real(0);
  }
  const std::size_t pre = layers_[p.pre]->size, post = layers_[p.post]->size;
  p.weights.upload(transposed(effective, post, pre), 0);
  p.weights.upload(transposed(own, post, pre), 1);
}

void Net::count_connections(Projection& p) {
  const std::size_t pre = layers_[p.pre]->size, post = layers_[p.post]->size;
  const std::vector<real> linear = p.weights.download(1);
  std::vector<real> count(seeds_.size() * post);
  for (std::size_t at = 0; at < linear.size(); ++at)
    count[at / (pre * post) * post + at % post] += real(linear[at] != contrast::absent);
  p.connections.upload(count);
}

std::vector<real> Net::weights(const std::string& name) const {
  const Projection& p = projection(name);
  return transposed(p.weights.download(0), layers_[p.pre]->size, layers_[p.post]->size);
}
std::vector<real> Net::linear_weights(const std::string& name) const {
  const Projection& p = projection(name);
  std::vector<real> linear = transposed(p.weights.download(1), layers_[p.pre]->size, layers_[p.post]->size);
  for (real& w : linear) w = w == contrast::absent ? real(0) : w;
  return linear;
}
std::vector<bool> Net::connections(const std::string& name) const {
  const Projection& p = projection(name);
  const std::vector<real> linear = transposed(p.weights.download(1), layers_[p.pre]->size, layers_[p.post]->size);
  std::vector<bool> connected;
  for (const real w : linear) connected.push_back(w != contrast::absent);
  return connected;
}

double Net::relative_sum(std::size_t index) const {
  double sum = 0;
  for (const auto& p : projections_)
    if (p->post == index && p->on) sum += p->spec.wt_scale_rel;
  return sum;
}
double Net::relative_scale(const std::string& name) const { return layer(name).relative; }
bool Net::clamped(const std::string& name) const { return layer(name).clamped; }
bool Net::hidden(const std::string& name) const { return layer(name).hidden; }
Index Net::size(const std::string& name) const { return layer(name).size; }

std::vector<std::string> Net::layers() const {
  std::vector<std::string> names;
  for (const auto& l : layers_) names.push_back(l->name);
  return names;
}
std::vector<std::string> Net::projections() const {
  std::vector<std::string> names;
  for (const auto& p : projections_) names.push_back(p->name);
  return names;
}

void Net::make_ready() {
  if (built_units_ != units_ || built_layers_ != layers_.size()) rebuild();
  if (!sends_current_) list_sends();
  if (!constants_current_) upload_constants();
}

/// Makes room for all layers; what the ones before had stays.
void Net::rebuild() {
  const std::size_t replicas = seeds_.size(), room = ceil_div<std::size_t>(units_, line) * line, old_room = view_.room,
                    layers = layers_.size(), old_layers = built_layers_;
  const auto widened = [&](const Array<real>& old, std::size_t values, std::size_t from, std::size_t to) {
    std::vector<real> all(checked_product(checked_product(replicas, values), to));
    const std::vector<real> before = old.download();
    for (std::size_t row = 0; from && row < replicas * values; ++row)
      std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(row * from), from,
                  all.begin() + static_cast<std::ptrdiff_t>(row * to));
    return Array<real>(*backend_, all);
  };
  unit_ = widened(unit_, unit_value::count, old_room, room);
  layer_ = widened(layer_, layer_value::count, old_layers, layers);
  if (table_.size() == 0) table_ = Array<real>(*backend_, nxx1_values());
  std::vector<Index> start{0}, layer_of, all_units(units_), each(layers + 1);
  for (const auto& l : layers_) {
    start.push_back(l->first + l->size);
    layer_of.insert(layer_of.end(), l->size, l->index);
  }
  std::iota(all_units.begin(), all_units.end(), Index{0});
  std::iota(each.begin(), each.end(), Index{0});
  start_ = Array<Index>(*backend_, start);
  each_ = Array<Index>(*backend_, each);
  layer_of_ = Array<Index>(*backend_, layer_of);
  all_units_ = Array<Index>(*backend_, all_units);
  winners_ = Array<Index>(*backend_, layers);
  winners_next_ = Array<Index>(*backend_, layers);
  constants_ = Array<real>(*backend_, layers * leabra_layer::count);
  constants_current_ = false;
  built_units_ = units_;
  built_layers_ = static_cast<Index>(layers);
  view_ = {units_,
           built_layers_,
           static_cast<Index>(replicas),
           {start_.view().data, built_layers_},
           {each_.view().data, built_layers_},
           layer_of_.view().data,
           unit_.view().data,
           layer_.view().data,
           room,
           constants_.view().data,
           table_.view().data,
           winners_.view().data,
           winners_next_.view().data,
           false};
  sends_current_ = false;
}

/// The projections that transmit, and where learning finds the values of their receiving layers.
void Net::list_sends() {
  sends_.clear();
  for (const auto& p : projections_) {
    const Layer &pre = *layers_[p->pre], &post = *layers_[p->post];
    const Index at[] = {layer_value::cos_diff_avg * built_layers_ + post.index,
                        layer_value::rate * built_layers_ + post.index};
    p->signals_at.upload(at);
    if (!p->on) continue;
    sends_.push_back({p->weights.view(), pre.index, post.index, pre.first, post.first, 1,
                      p->connections.batch(post.size, replicas()), p->scale.batch(post.size, replicas())});
  }
  sends_current_ = true;
}

void Net::upload_constants() {
  std::vector<real> constants(layers_.size() * leabra_layer::count);
  std::vector<Index> winners, next;
  view_.ranked = false;
  for (const auto& l : layers_) {
    put_constants(l->spec, l->size, {l->clamped, l->driven, l->relative, !testing_},
                  constants.data() + std::size_t{l->index} * leabra_layer::count);
    winners.push_back(winners_of(l->spec, l->size));
    next.push_back(winners.back() + 1);
    view_.ranked |= l->spec.inhibition_type == Inhibition::kwta || l->spec.inhibition_type == Inhibition::kwta_avg;
  }
  constants_.upload(constants);
  winners_.upload(winners);
  winners_next_.upload(next);
  constants_current_ = true;
}

void Net::clamp_layer(const std::string& name, std::span<const double> activations) {
  const Layer& l = layer(name);
  if (activations.empty())
    throw ConfigError(name, "found no activations to clamp; give one for each of its " + std::to_string(l.size) +
                                " units, or fewer that repeat");
  std::vector<double> all;
  for (std::size_t r = 0; r < seeds_.size(); ++r)
    for (std::size_t i = 0; i < l.size; ++i) all.push_back(activations[i % activations.size()]);
  for (std::size_t i = 0; i < activations.size(); ++i)  // also those that are cut off
    if (!(activations[i] >= 0 && activations[i] <= 1))
      throw ConfigError(name, "activation " + std::to_string(i) + " is " + shown(activations[i]) +
                                  "; clamped ones lie between 0 and 1");
  clamp_each(name, all);
}

void Net::clamp_each(const std::string& name, std::span<const double> activations) {
  Layer& l = layer(name);
  if (activations.size() != l.size * seeds_.size())
    throw ConfigError(name, "found " + std::to_string(activations.size()) + " activations; " +
                                std::to_string(seeds_.size()) + " replicas of " + std::to_string(l.size) +
                                " units need as many");
  std::vector<real> given;
  for (std::size_t i = 0; i < activations.size(); ++i) {
    if (!(activations[i] >= 0 && activations[i] <= 1))
      throw ConfigError(name, "activation " + std::to_string(i) + " is " + shown(activations[i]) +
                                  "; clamped ones lie between 0 and 1");
    given.push_back(static_cast<real>(std::min(activations[i], l.spec.clamp_max)));
  }
  const bool hard = l.spec.clamp_type == Clamping::hard;
  constants_current_ = constants_current_ && l.clamped == hard && l.driven == !hard;
  l.clamped = hard;
  l.driven = !hard;
  l.hidden = false;
  make_ready();
  namespace u = unit_value;
  for (std::size_t r = 0; r < seeds_.size(); ++r)
    unit_.upload(std::span(given).subspan(r * l.size, l.size), (r * u::count + u::given) * view_.room + l.first);
  if (!hard) return;
  const auto of = [&](int value) { return view_.of_unit(value, l.first, l.size); };
  const Batch<real> columns[] = {of(u::act), of(u::act_nd), of(u::v_m), of(u::i_net), of(u::given)};
  backend_->update(LeabraClamp{}, columns, {},
                   Batch<const real>{constants_.view().data + std::size_t{l.index} * leabra_layer::count,
                                     leabra_layer::count, view_.batches, 0});
}

void Net::unclamp_layer(const std::string& name) {
  Layer& l = layer(name);
  constants_current_ = constants_current_ && !l.clamped && !l.driven;
  l.clamped = l.driven = false;
}

void Net::switch_projection(const std::string& name, bool on) {
  Projection& p = projection(name);
  if (p.on == on) return;
  p.on = on;
  sends_current_ = false;
}

void Net::set_test_mode(bool on) {
  constants_current_ = constants_current_ && testing_ == on;
  testing_ = on;
}

void Net::decay_state(double share) {
  if (!(share >= 0 && share <= 1)) throw ConfigError("decay", "found " + shown(share) + "; allowed are 0 to 1");
  namespace u = unit_value;
  namespace v = layer_value;
  make_ready();
  const Decay decay{static_cast<real>(1 - share)};
  for (const int value :
       {u::net, u::act_nd, u::act, u::i_net, u::i_net_r, u::v_m, u::v_m_eq, u::adapt, u::spike, u::input}) {
    const Batch<real> column[] = {view_.of_unit(value)};
    backend_->update(decay, column, {}, {});
  }
  for (const int value : {v::gc_i, v::fbi}) {
    const Batch<real> column[] = {view_.of_layer(value)};
    backend_->update(decay, column, {}, {});
  }
}

void Net::run(std::uint64_t cycles) {
  make_ready();
  auto send = sends_.begin();
  for (const auto& p : projections_)
    if (p->on) (send++)->gain = static_cast<real>(p->spec.wt_scale_abs * p->spec.wt_scale_rel);
  // What a cycle takes in was sent under the relative scales of the cycle before.
  bool as_before = true;
  for (const auto& l : layers_) as_before = as_before && l->relative == relative_sum(l->index);
  if (!as_before) {
    run_ready(1);
    for (const auto& l : layers_) l->relative = relative_sum(l->index);
    upload_constants();
    --cycles;
  }
  if (cycles) run_ready(cycles);
}

void Net::run_ready(std::uint64_t cycles) {
  const auto is_noisy = [](const auto& l) { return l->spec.unit_spec.noise > 0; };
  if (std::any_of(layers_.begin(), layers_.end(), is_noisy)) {
    if (seeds_on_device_.size() == 0) seeds_on_device_ = Array<std::uint64_t>(*backend_, seeds_);
    for (; cycles > 1; --cycles) run_ready(1);  // each has noise of its own
    backend_->sample(Normal{}, {seeds_on_device_.view().data, seeds_.size()}, Stream::leabra_noise, cycles_,
                     view_.of_unit(unit_value::noise));
  }
  const Run run{cycles_, cycles};
  if (fused_ && fused_->takes(view_, sends_.size()))
    fused_->run(view_, sends_, run);
  else
    run_cycles(*backend_, view_, sends_, run);
  cycles_ += cycles;
}

void Net::cycle(std::uint64_t cycles) {
  if (cycles < 1) throw ConfigError("cycles", "found 0; at least one cycle is needed");
  if (!logs_anything(Frequency::cycle)) {
    run(cycles);
    time_[static_cast<int>(Frequency::cycle)] += cycles;
    return;
  }
  for (std::uint64_t c = 0; c < cycles; ++c) {
    run(1);
    log(Frequency::cycle);
  }
}

}  // namespace engram::leabra
