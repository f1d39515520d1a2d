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

/// Makes room for all layers; what the ones before had stays.
void Net::rebuild() {
  const std::size_t batches = states(), room = ceil_div<std::size_t>(units_, line) * line, old_room = view_.room,
                    layers = layers_.size(), old_layers = built_layers_;
  const auto widened = [&](const Array<real>& old, std::size_t values, std::size_t from, std::size_t to) {
    std::vector<real> all(checked_product(checked_product(batches, values), to));
    const std::vector<real> before = old.download();
    for (std::size_t row = 0; from && row < batches * values; ++row)
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
  constants_.clear();
  constants_current_ = false;
  built_units_ = units_;
  built_layers_ = static_cast<Index>(layers);
  view_ = {units_,
           built_layers_,
           states(),
           {start_.view().data, built_layers_},
           {each_.view().data, built_layers_},
           layer_of_.view().data,
           unit_.view().data,
           layer_.view().data,
           room,
           nullptr,  // choose_constants
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
                      p->connections.batch(post.size, states()), p->scale.batch(post.size, states()), copies_});
  }
  sends_current_ = true;
}

/// The constants of all layers as they are at the moment: which of them are held, and the scales of the last flush. A
/// trial goes through the same few conditions again and again, so each is uploaded once.
void Net::choose_constants() {
  constexpr std::size_t most = 64;  // scales may change with every cycle
  std::vector<double> condition{double(testing_)};
  for (const auto& l : layers_) condition.insert(condition.end(), {double(l->clamped), double(l->driven), l->relative});
  if (constants_.empty()) upload_winners();
  if (constants_.size() == most) constants_.clear();
  Array<real>& own = constants_[condition];
  if (own.size() == 0) {
    std::vector<real> constants(layers_.size() * leabra_layer::count);
    for (const auto& l : layers_)
      put_constants(l->spec, l->size, {l->clamped, l->driven, l->relative, !testing_},
                    constants.data() + std::size_t{l->index} * leabra_layer::count);
    own = Array<real>(*backend_, constants);
  }
  view_.constants = own.view().data;
  constants_current_ = true;
}

void Net::upload_winners() {
  std::vector<Index> winners, next;
  view_.ranked = false;
  for (const auto& l : layers_) {
    winners.push_back(winners_of(l->spec, l->size));
    next.push_back(winners.back() + 1);
    view_.ranked |= l->spec.inhibition_type == Inhibition::kwta || l->spec.inhibition_type == Inhibition::kwta_avg;
  }
  winners_.upload(winners);
  winners_next_.upload(next);
}

}  // namespace engram::leabra
