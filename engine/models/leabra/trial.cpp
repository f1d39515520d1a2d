// Phases, the averages of a trial, and learning.
#include "engine/models/leabra/parts.hpp"

namespace engram::leabra {

void Net::copy_activations(Batch<real> to) {
  backend_->gather(view_.of_unit(unit_value::act), {all_units_.view().data, units_}, to);
}

Batch<real> Net::activations_of(const std::string& phase) const {
  if (phase == "minus") return view_.of_unit(unit_value::acts_m);
  if (phase == "plus") return view_.of_unit(unit_value::acts_p);
  const auto found = phases_.find(phase);
  if (found == phases_.end() || found->second.size() != std::size_t{units_} * states())
    throw ConfigError(phase, "no phase of this name has ended");
  return found->second.batch(units_, states());
}

void Net::phase_cycle(const std::string& name, std::uint64_t cycles) {
  if (name == "minus") return minus_phase_cycle(cycles);
  if (name == "plus") return plus_phase_cycle(cycles);
  cycle(cycles);
  Array<real>& to = phases_[name];
  if (to.size() != std::size_t{units_} * states()) to = Array<real>(*backend_, std::size_t{units_} * states());
  copy_activations(to.batch(units_, states()));
}

void Net::minus_phase_cycle(std::uint64_t cycles) {
  cycle(cycles);
  end_minus();
}

void Net::end_minus() {
  make_ready();
  copy_activations(view_.of_unit(unit_value::acts_m));
}

void Net::plus_phase_cycle(std::uint64_t cycles) {
  cycle(cycles);
  end_plus();
  end_trial();
}

void Net::end_trial() { log(Frequency::trial); }

void Net::end_plus() {
  namespace u = unit_value;
  namespace l = layer_value;
  make_ready();
  const Batch<real> plus = view_.of_unit(u::acts_p), minus = view_.of_unit(u::acts_m);
  backend_->begin_step(reinterpret_cast<std::uintptr_t>(view_.layer), cycles_);
  copy_activations(plus);
  backend_->summarize(plus, view_.segments, Dot{minus}, view_.of_layer(l::both));
  backend_->summarize(plus, view_.segments, Dot{plus}, view_.of_layer(l::plus));
  backend_->summarize(minus, view_.segments, Dot{minus}, view_.of_layer(l::minus));
  backend_->summarize(plus, view_.segments, Mean{}, view_.of_layer(l::mean_plus));
  const Batch<real> layers[] = {view_.of_layer(l::cos_diff),  view_.of_layer(l::cos_diff_avg), view_.of_layer(l::rate),
                                view_.of_layer(l::act_p_avg), view_.of_layer(l::both),         view_.of_layer(l::plus),
                                view_.of_layer(l::minus),     view_.of_layer(l::mean_plus)};
  backend_->update(LeabraMatch{}, layers, view_.each_layer, view_.shared());
  backend_->gather(view_.of_layer(l::mean_plus), {view_.layer_of, units_}, view_.of_unit(u::of_layer));
  const Batch<real> units[] = {view_.of_unit(u::avg_l), view_.of_unit(u::avg_m), view_.of_unit(u::of_layer)};
  backend_->update(LeabraLongTerm{}, units, view_.segments, view_.shared());
  backend_->end_step();
}

void Net::learn() {
  namespace u = unit_value;
  make_ready();
  if (!rates_current_) upload_rates();
  const Batch<const real> values{view_.layer, view_.groups() * layer_value::count, view_.batches,
                                 std::size_t{view_.groups()} * layer_value::count};
  for (const auto& p : projections_) {
    if (p->spec.learning == Learning::none) continue;
    const Layer &pre = *layers_[p->pre], &post = *layers_[p->post];
    const Batch<real> signals = p->signals.batch(3, view_.batches);  // the third is the rates'
    backend_->gather(values, {p->signals_at.view().data, 2}, {signals.data, 2, signals.batches, signals.stride});
    const SynapseRule rule = plasticity_of(p->spec, post.hidden);
    Sweep walk;
    walk.learn = &rule;
    walk.group = copies_;
    const auto part = [](Batch<real> all, const Layer& l) {
      return Batch<const real>{all.data + l.first, l.size, all.batches, all.stride};
    };
    const auto of = [&](const Layer& l, int value) { return part(view_.of_unit(value), l); };
    if (p->spec.learning == Learning::contrast) {
      const Batch<real> plus = activations_of(p->spec.plus_phase), minus = activations_of(p->spec.minus_phase);
      walk.pre = Columns{{part(plus, pre), part(minus, pre)}};
      walk.post = Columns{{part(plus, post), part(minus, post)}};
    } else {
      const bool mixes = p->spec.s_mix_of == Mixing::units;
      const auto short_term = [&](const Layer& l, Array<real>& to) {
        return mixes ? mixed(l, p->spec.s_mix, to) : of(l, u::avg_s);
      };
      walk.pre = Columns{{short_term(pre, mixed_pre_), of(pre, u::avg_m)}};
      walk.post = Columns{{short_term(post, mixed_post_), of(post, u::avg_m), of(post, u::avg_l)}};
    }
    if (p->spec.learning == Learning::momentum)
      std::get<Columns>(walk.post).at[3] =
          p->spec.balance_weights ? p->balance.batch(post.size, view_.batches) : ones(post.size);
    walk.shared = signals;
    backend_->sweep(p->synapses.view(), walk);
    if (p->spec.balance_weights && ++p->updates >= p->spec.balance_every) balance(*p);
  }
  for (const auto& l : layers_)
    if (l->spec.bias && l->spec.bias_lrate > 0) learn_bias(*l);
}

/// The averages of a layer's units, mixed.
Batch<const real> Net::mixed(const Layer& l, double share, Array<real>& to) {
  namespace u = unit_value;
  const std::size_t needed = checked_product(states(), l.size);
  if (to.size() < needed) to = Array<real>(*backend_, needed);
  LeabraMix rule;
  rule.share = static_cast<real>(share);
  const Batch<real> columns[] = {to.batch(l.size, states()), view_.of_unit(u::avg_s, l.first, l.size),
                                 view_.of_unit(u::avg_m, l.first, l.size)};
  backend_->update(rule, columns, {}, {});
  return columns[0];
}

/// The bias weights of a layer. Copies have the same, which learn from all of them.
void Net::learn_bias(const Layer& l) {
  namespace u = unit_value;
  LeabraBias rule;
  rule.rate = static_cast<real>(l.spec.bias_lrate);
  rule.threshold = static_cast<real>(l.spec.bias_threshold);
  const auto of_copy = [&](int value, Index copy) {
    const Batch<real> all = view_.of_unit(value, l.first, l.size);
    return Batch<real>{all.at(copy), l.size, replicas(), all.stride * copies_};
  };
  for (Index copy = 0; copy < copies_; ++copy) {
    const Batch<real> columns[] = {of_copy(u::bias, 0), of_copy(u::acts_p, copy), of_copy(u::acts_m, copy)};
    backend_->update(rule, columns, {}, Batch<const real>{rates_.view().data, 1, replicas(), 1});
  }
  for (Index copy = 1; copy < copies_; ++copy)
    backend_->gather(of_copy(u::bias, 0), {all_units_.view().data, l.size}, of_copy(u::bias, copy));
}

Batch<const real> Net::ones(Index units) {
  if (ones_.size() < units) ones_ = Array<real>(*backend_, std::vector<real>(units, real(1)));
  return {ones_.view().data, units, view_.batches, 0};
}

void Net::restart_balance() {
  for (const auto& p : projections_) p->updates = 0;
}

/// Looks at the weights of all receivers of a projection: the mean of those that reach the threshold says how fast
/// weights rise and fall from now on. Copies have the same.
void Net::balance(Projection& p) {
  const BalanceSpec& b = p.spec.balance;
  const Index post = layers_[p.post]->size;
  if (strong_.size() < std::size_t{replicas()} * post) strong_ = Array<real>(*backend_, std::size_t{replicas()} * post);
  const Batch<real> mean = strong_.batch(post, replicas()), decrease = p.balance.batch(post, states());
  Sweep look;
  look.strong = {static_cast<real>(b.threshold), mean};
  backend_->sweep(p.synapses.view(), look);
  LeabraBalance rule;
  rule.threshold = static_cast<real>(b.threshold);
  rule.high = static_cast<real>(b.high);
  rule.high_gain = static_cast<real>(b.high_gain);
  rule.low = static_cast<real>(b.low);
  rule.low_gain = static_cast<real>(b.low_gain);
  for (Index copy = 0; copy < copies_; ++copy) {
    const Batch<real> columns[] = {{decrease.at(copy), post, replicas(), std::size_t{post} * copies_}, mean};
    backend_->update(rule, columns, {}, {});
  }
  p.updates = 0;
}

void Net::set_rate_factors(std::span<const real> factors) {
  if (factors.size() != seeds_.size())
    throw ConfigError("rate factors", "found " + std::to_string(factors.size()) + "; needed is one for each of " +
                                          std::to_string(seeds_.size()) + " replicas");
  rate_factors_.assign(factors.begin(), factors.end());
  rates_current_ = false;
}

/// What the rates of each projection are multiplied by in the present epoch, to where its rule reads it.
void Net::upload_rates() {
  if (rates_.size() == 0) rates_ = Array<real>(*backend_, rate_factors_.size());
  rates_.upload(rate_factors_);
  for (const auto& p : projections_) {
    std::vector<real> rates;
    for (std::size_t s = 0; s < states(); ++s) {
      const std::size_t r = s / copies_;
      const double own = rate_factor(p->spec, trained_[r].epochs, p->plateaus[r]);
      rates.push_back(static_cast<real>(static_cast<double>(rate_factors_[r]) * own));
    }
    if (p->rates.size() == 0) p->rates = Array<real>(*backend_, rates.size());
    p->rates.upload(rates);
    backend_->gather(p->rates.batch(1, states()), {each_.view().data, 1},
                     {p->signals.view().data + 2, 1, view_.batches, 3});
  }
  rates_current_ = true;
}

void Net::report_loss(std::span<const double> losses) {
  if (losses.size() != seeds_.size())
    throw ConfigError("losses", "found " + std::to_string(losses.size()) + "; needed is one for each of " +
                                    std::to_string(seeds_.size()) + " replicas");
  for (std::size_t r = 0; r < losses.size(); ++r) {
    if (losses[r] < 0) throw ConfigError("losses", "found " + shown(losses[r]) + "; a loss is 0 or more");
    for (const auto& p : projections_)
      p->plateaus[r].judge(p->spec, losses[r], trained_[r].epochs - trained_[r].reported);
    trained_[r].reported = trained_[r].epochs;
  }
  rates_current_ = false;
}

void Net::end_epoch() {
  for (Trained& t : trained_) ++t.epochs;
  rates_current_ = false;
  log(Frequency::epoch);
}
void Net::end_batch() { log(Frequency::batch); }

}  // namespace engram::leabra
