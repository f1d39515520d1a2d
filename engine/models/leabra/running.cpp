// Layers that are held, projections that are switched, and cycles.
#include <algorithm>

#include "engine/models/leabra/parts.hpp"
#include "engram/leabra/net.hpp"

namespace engram::leabra {

double Net::relative_sum(std::size_t index) const {
  double sum = 0;
  for (const auto& p : projections_)
    if (p->post == index && p->on) sum += p->spec.wt_scale_rel;
  return sum;
}

namespace {

/// Activations at which a layer may be held.
void check_activations(const std::string& layer, std::span<const double> activations) {
  for (std::size_t i = 0; i < activations.size(); ++i)
    if (!(activations[i] >= 0 && activations[i] <= 1))
      throw ConfigError(layer, "activation " + std::to_string(i) + " is " + shown(activations[i]) +
                                   "; clamped ones lie between 0 and 1");
}

}  // namespace

void Net::clamp_layer(const std::string& name, std::span<const double> activations) {
  const Layer& l = layer(name);
  if (activations.empty())
    throw ConfigError(name, "found no activations to clamp; give one for each of its " + std::to_string(l.size) +
                                " units, or fewer that repeat");
  check_activations(name, activations);  // also those that are cut off
  std::vector<double> all;
  for (std::size_t r = 0; r < states(); ++r)
    for (std::size_t i = 0; i < l.size; ++i) all.push_back(activations[i % activations.size()]);
  clamp_each(name, all);
}

void Net::clamp_each(const std::string& name, std::span<const double> activations) {
  Layer& l = layer(name);
  if (activations.size() != std::size_t{l.size} * states())
    throw ConfigError(name, "found " + std::to_string(activations.size()) + " activations; " +
                                std::to_string(states()) + " states of " + std::to_string(l.size) +
                                " units need as many");
  check_activations(name, activations);
  std::vector<real> given;
  for (const double a : activations) given.push_back(static_cast<real>(std::min(a, l.spec.clamp_max)));
  if (given_.size() < given.size()) given_ = Array<real>(*backend_, given.size());
  given_.upload(given, 0);  // of all states at once: a device takes longer to begin an upload than to spread it
  clamp_on_device(name, {given_.view().data, l.size, states(), l.size});
}

void Net::clamp_on_device(const std::string& name, Batch<const real> activations) {
  Layer& l = layer(name);
  if (activations.units != l.size || activations.batches != states())
    throw ConfigError(name, "found activations of " + std::to_string(activations.batches) + " states of " +
                                std::to_string(activations.units) + " units; there are " + std::to_string(states()) +
                                " of " + std::to_string(l.size));
  make_ready();
  backend_->gather(activations, {all_units_.view().data, l.size}, view_.of_unit(unit_value::given, l.first, l.size));
  hold(l, l.spec.clamp_type == Clamping::hard);
}

/// Holds a layer at the activations that it was given, or drives it by them.
void Net::hold(Layer& l, bool hard) {
  constants_current_ = constants_current_ && l.clamped == hard && l.driven == !hard;
  l.clamped = hard;
  l.driven = !hard;
  l.hidden = false;
  make_ready();
  if (!hard) return;
  namespace u = unit_value;
  const auto of = [&](int value) { return view_.of_unit(value, l.first, l.size); };
  const Batch<real> columns[] = {of(u::act), of(u::act_nd), of(u::v_m), of(u::i_net), of(u::given)};
  backend_->update(LeabraClamp{}, columns, {},
                   Batch<const real>{view_.constants + std::size_t{l.index} * leabra_layer::count, leabra_layer::count,
                                     view_.batches, 0});
}

void Net::copy_activations(const std::string& name, Batch<real> to) {
  const Layer& l = layer(name);
  if (to.units != l.size || to.batches != states())
    throw ConfigError(name, "found room for " + std::to_string(to.batches) + " states of " + std::to_string(to.units) +
                                " units; there are " + std::to_string(states()) + " of " + std::to_string(l.size));
  make_ready();
  backend_->gather(view_.of_unit(unit_value::act, l.first, l.size), {all_units_.view().data, l.size}, to);
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
    const Batch<real> column[] = {view_.of_group(value)};
    backend_->update(decay, column, {}, {});
  }
}

void Net::run(std::uint64_t cycles) {
  make_ready();
  auto send = sends_.begin();
  for (const auto& p : projections_) {
    if (!p->on) continue;
    send->gain = static_cast<real>(p->spec.wt_scale_abs * p->spec.wt_scale_rel);
    send->sem_extra = static_cast<real>(p->spec.sem_extra);
    send->activity =
        layers_[p->pre]->spec.scale_by_act == ActScale::current ? layer_value::mean_act : layer_value::act_p_avg;
    ++send;
  }
  // What a cycle takes in was sent under the relative scales of the cycle before.
  bool as_before = true;
  for (const auto& l : layers_) as_before = as_before && l->relative == relative_sum(l->index);
  if (!as_before) {
    run_ready(1);
    for (const auto& l : layers_) l->relative = relative_sum(l->index);
    choose_constants();
    --cycles;
  }
  if (cycles) run_ready(cycles);
}

/// Copies have noise of their own; the first has that of the seed.
std::vector<std::uint64_t> Net::noise_seeds() const {
  std::vector<std::uint64_t> all;
  for (const std::uint64_t seed : seeds_)
    for (std::uint32_t copy = 0; copy < copies_; ++copy) {
      const Words x = Random{seed, Stream::leabra_noise, 0, copy}.words(0);
      all.push_back(copy ? (std::uint64_t{x.w[0]} << 32) | x.w[1] : seed);
    }
  return all;
}

void Net::run_ready(std::uint64_t cycles) {
  const auto is_noisy = [](const auto& l) { return l->spec.unit_spec.noise > 0; };
  if (std::any_of(layers_.begin(), layers_.end(), is_noisy)) {
    if (seeds_on_device_.size() == 0) seeds_on_device_ = Array<std::uint64_t>(*backend_, noise_seeds());
    for (; cycles > 1; --cycles) run_ready(1);  // each has noise of its own
    backend_->sample(Normal{}, {seeds_on_device_.view().data, states()}, Stream::leabra_noise, cycles_,
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
