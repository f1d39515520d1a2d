// What the cycles of a network need on the device, made anew after changes.
#include <algorithm>
#include <numeric>

#include "engine/models/leabra/parts.hpp"
#include "engram/leabra/net.hpp"
#include "engram/leabra/nxx1.hpp"

namespace engram::leabra {

namespace {

constexpr std::size_t line = 64 / sizeof(real);

}  // namespace

void Net::make_ready() {
  if (built_units_ != units_ || built_layers_ != layers_.size()) rebuild();
  if (!sends_current_) list_sends();
  if (!constants_current_) choose_constants();
}

bool Net::pooled() const {
  return std::any_of(layers_.begin(), layers_.end(), [](const auto& l) { return l->spec.pools > 1; });
}

/// Makes room for all layers; what the ones before had stays.
void Net::rebuild() {
  const std::size_t batches = states(), room = ceil_div<std::size_t>(units_, line) * line, old_room = view_.room;
  const Index old_layers = built_layers_, old_pools = built_pools_;
  list_pools();
  built_units_ = units_;
  built_layers_ = static_cast<Index>(layers_.size());
  const auto widened = [&](const Array<real>& old, std::size_t values, std::size_t from, std::size_t to,
                           std::size_t shared, std::size_t moved_to) {
    std::vector<real> all(checked_product(checked_product(batches, values), to));
    const std::vector<real> before = old.download();
    for (std::size_t row = 0; from && row < batches * values; ++row) {
      const auto own = before.begin() + static_cast<std::ptrdiff_t>(row * from);
      const auto part = own + static_cast<std::ptrdiff_t>(shared);
      std::copy(own, part, all.begin() + static_cast<std::ptrdiff_t>(row * to));
      std::copy(part, own + static_cast<std::ptrdiff_t>(from),
                all.begin() + static_cast<std::ptrdiff_t>(row * to + moved_to));
    }
    return Array<real>(*backend_, all);
  };
  const std::size_t groups = std::size_t{built_layers_} + built_pools_;
  unit_ = widened(unit_, unit_value::count, old_room, room, old_room, 0);
  layer_ = widened(layer_, layer_value::count, old_layers + old_pools, groups, old_layers, built_layers_);
  begin_values(old_layers);
  std::vector<Index> start{0}, layer_of, all_units(units_), each(groups + 1);
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
  winners_ = Array<Index>(*backend_, groups);
  winners_next_ = Array<Index>(*backend_, groups);
  constants_.clear();
  constants_current_ = false;
  view_ = {};
  view_.units = units_;
  view_.layers = built_layers_;
  view_.pools = built_pools_;
  view_.batches = states();
  view_.segments = {start_.view().data, built_layers_};
  view_.each_layer = {each_.view().data, built_layers_};
  view_.pool_segments = {pool_start_.view().data, built_pools_};
  view_.each_pool = {each_.view().data, built_pools_};
  view_.layer_of = layer_of_.view().data;
  view_.group_of = built_pools_ ? group_of_.view().data : view_.layer_of;
  view_.layer_of_pool = layer_of_pool_.view().data;
  if (built_pools_) {
    view_.pool_pairs = pool_pairs_.batch(2 * built_pools_, states());
    view_.each_pair = {pair_start_.view().data, built_pools_};
    view_.pair_of = pair_of_.view().data;
  }
  view_.unit = unit_.view().data;
  view_.layer = layer_.view().data;
  view_.room = room;
  view_.winners = winners_.view().data;
  view_.winners_next = winners_next_.view().data;
  sends_current_ = false;
}

/// What the values of new layers are that do not begin at 0.
void Net::begin_values(Index first_layer) {
  std::vector<real> units = unit_.download(), values = layer_.download();
  const std::size_t room = units.size() / (states() * unit_value::count), groups = built_layers_ + built_pools_;
  for (std::size_t s = 0; s < states(); ++s)
    for (std::size_t k = first_layer; k < layers_.size(); ++k) {
      const Layer& l = *layers_[k];
      const auto biases =
          units.begin() + static_cast<std::ptrdiff_t>((s * unit_value::count + unit_value::bias) * room + l.first);
      std::fill_n(biases, l.size, static_cast<real>(l.spec.bias_init));
      values[(s * layer_value::count + layer_value::act_p_avg) * groups + l.index] =
          static_cast<real>(l.spec.act_p_avg_init);
    }
  unit_.upload(units);
  layer_.upload(values);
}

/// The activation functions of all layers, each once, and what is expected of layers whose activity is fixed.
void Net::upload_tables() {
  std::vector<Nxx1> functions;
  for (const auto& l : layers_) {
    const Nxx1 own{l->spec.unit_spec.nxx1_gain, l->spec.unit_spec.nxx1_noise};
    if (std::find(functions.begin(), functions.end(), own) == functions.end()) functions.push_back(own);
  }
  if (functions != functions_) {
    std::vector<real> tables;
    for (const Nxx1& function : functions) {
      const std::vector<real> values = nxx1_values(function);
      tables.insert(tables.end(), values.begin(), values.end());
    }
    table_ = Array<real>(*backend_, tables);
    functions_ = std::move(functions);
  }
  view_.table = table_.view().data;
  for (const auto& l : layers_)
    for (std::size_t s = 0; l->spec.scale_by_act == ActScale::fixed && s < states(); ++s) {
      const real expected[] = {static_cast<real>(l->spec.act_p_avg_init)};
      layer_.upload(expected, (s * layer_value::count + layer_value::act_p_avg) * view_.groups() + l->index);
    }
}
Index Net::table_of(const UnitSpec& spec) const {
  const auto found = std::find(functions_.begin(), functions_.end(), Nxx1{spec.nxx1_gain, spec.nxx1_noise});
  return static_cast<Index>(found - functions_.begin());
}

/// The pools of all layers, one of each layer that is not divided; none where no layer is.
void Net::list_pools() {
  std::vector<Index> start{0}, group_of, layer_of_pool;
  built_pools_ = 0;
  if (!pooled()) return;
  const auto layers = static_cast<Index>(layers_.size());
  for (const auto& l : layers_) {
    const auto pools = static_cast<Index>(l->spec.pools), units = l->size / pools;
    l->first_pool = built_pools_;
    for (Index k = 0; k < pools; ++k) {
      start.push_back(l->first + (k + 1) * units);
      layer_of_pool.push_back(l->index);
      group_of.insert(group_of.end(), units, pools > 1 ? layers + built_pools_ + k : l->index);
    }
    built_pools_ += pools;
  }
  pool_start_ = Array<Index>(*backend_, start);
  group_of_ = Array<Index>(*backend_, group_of);
  layer_of_pool_ = Array<Index>(*backend_, layer_of_pool);
  std::vector<Index> pairs(std::size_t{built_pools_} + 1);
  for (std::size_t p = 0; p < pairs.size(); ++p) pairs[p] = static_cast<Index>(2 * p);
  pair_start_ = Array<Index>(*backend_, pairs);
  pair_of_ = Array<Index>(*backend_, 2 * std::size_t{built_pools_});
  pool_pairs_ = Array<real>(*backend_, checked_product(states(), 2 * std::size_t{built_pools_}));
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
    sends_.push_back({{},
                      {},
                      pre.index,
                      post.index,
                      pre.first,
                      post.first,
                      1,
                      p->connections.batch(post.size, states()),
                      p->scale.batch(post.size, states()),
                      copies_});
    p->synapses.put(sends_.back());
  }
  sends_current_ = true;
}

/// The constants of all layers as they are at the moment: which of them are held, and the scales of the last flush. A
/// trial goes through the same few conditions again and again, so each is uploaded once.
void Net::choose_constants() {
  constexpr std::size_t most = 64;  // scales may change with every cycle
  std::vector<double> condition{double(testing_)};
  for (const auto& l : layers_) condition.insert(condition.end(), {double(l->clamped), double(l->driven), l->relative});
  if (constants_.empty()) upload_winners(), upload_tables();
  if (constants_.size() == most) constants_.clear();
  Array<real>& own = constants_[condition];
  if (own.size() == 0) {
    constexpr std::size_t each = leabra_layer::count;
    std::vector<real> constants((std::size_t{built_layers_} + built_pools_) * each);
    for (const auto& l : layers_) {
      real* const of_layer = constants.data() + l->index * each;
      put_constants(l->spec, l->size, {l->clamped, l->driven, l->relative, !testing_, table_of(l->spec.unit_spec)},
                    of_layer);
      for (std::size_t k = 0; built_pools_ && k < l->spec.pools; ++k) {
        real* const of_pool = constants.data() + (built_layers_ + l->first_pool + k) * each;
        std::copy_n(of_layer, each, of_pool);
        put_inhibition(l->spec.pool_inhibition, l->size / static_cast<Index>(l->spec.pools), of_pool);
      }
    }
    own = Array<real>(*backend_, constants);
  }
  view_.constants = own.view().data;
  constants_current_ = true;
}

/// What the groups have of their parameters that is no constant of their rules.
void Net::upload_winners() {
  std::vector<Index> winners;
  std::vector<Index> pairs;
  view_.ranked = view_.pools_ranked = false;
  for (const auto& l : layers_) {
    winners.push_back(winners_of(l->spec, l->size));
    view_.ranked |= is_ranked(l->spec);
  }
  for (const auto& l : layers_)
    for (std::size_t k = 0; built_pools_ && k < l->spec.pools; ++k) {
      winners.push_back(winners_of(l->spec.pool_inhibition, l->size / static_cast<Index>(l->spec.pools)));
      const auto own = static_cast<Index>(built_layers_ + l->first_pool + k);
      pairs.insert(pairs.end(), {own, l->spec.inhibition_type == Inhibition::none ? own : l->index});
      view_.pools_ranked |= l->spec.pools > 1 && is_ranked(l->spec.pool_inhibition);
    }
  std::vector<Index> next(winners);
  for (Index& k : next) ++k;
  winners_.upload(winners);
  winners_next_.upload(next);
  if (built_pools_) pair_of_.upload(pairs);
}

}  // namespace engram::leabra
