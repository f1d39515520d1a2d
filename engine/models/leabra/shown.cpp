#include "engine/models/leabra/shown.hpp"

#include <algorithm>

namespace engram::leabra {

void Order::set(Backend& backend, const Config& config, std::vector<std::uint32_t> rows, std::size_t states) {
  if (states_ == states && rows_ == rows) return;
  states_ = states;
  rows_ = std::move(rows);
  places_.clear();
  for (const std::string& name : config.shown) {
    const auto units = static_cast<Index>(config.layer(name).size);
    std::vector<Index> places;
    places.reserve(rows_.size() * units);
    for (const std::uint32_t row : rows_)
      for (Index i = 0; i < units; ++i) places.push_back(row * units + i);
    places_.emplace_back(backend, places);
  }
}

Span<const Index> Order::places(std::size_t layer, std::size_t step) const {
  const Span<Index> all = places_[layer].view();
  const std::size_t one = all.size / steps();
  return {all.data + step * one, one};
}

ShownPatterns::ShownPatterns(Backend& backend, const Config& config, std::size_t states)
    : backend_(backend), config_(config), states_(states) {
  std::size_t widest = 0;
  for (std::size_t k = 0; k < config.shown.size(); ++k) {
    const LayerFields& layer = config.layer(config.shown[k]);
    std::vector<real> table;
    table.reserve(config.patterns.of_layer[k].size());
    for (const double a : config.patterns.of_layer[k])
      table.push_back(static_cast<real>(std::min(a, layer.spec.clamp_max)));
    tables_.emplace_back(backend, table);
    widest = std::max<std::size_t>(widest, layer.size);
  }
  met_ = Array<real>(backend, checked_product(widest, states));
}

void ShownPatterns::show(Net& net, std::size_t layer, const Order& order, std::size_t step) {
  const Span<const Index> places = order.places(layer, step);
  const auto all = static_cast<Index>(places.size), units = static_cast<Index>(all / states_);
  const Array<real>& table = tables_[layer];
  backend_.gather(table.batch(static_cast<Index>(table.size())), places, {met_.view().data, all, 1, all});
  net.clamp_on_device(config_.shown[layer], Batch<real>{met_.view().data, units, static_cast<Index>(states_), units});
}

void ShownPatterns::begin_answers(std::size_t steps) {
  answers_.resize(config_.targets.size());
  for (std::size_t k = 0; k < answers_.size(); ++k) {
    const std::size_t all = checked_product(checked_product(steps, states_), config_.layer(config_.targets[k]).size);
    if (answers_[k].size() != all) answers_[k] = Array<real>(backend_, all);
  }
}

void ShownPatterns::keep_answer(Net& net, std::size_t step) {
  for (std::size_t k = 0; k < answers_.size(); ++k) {
    const auto units = static_cast<Index>(config_.layer(config_.targets[k]).size);
    net.copy_activations(config_.targets[k],
                         {answers_[k].view().data + step * states_ * units, units, static_cast<Index>(states_), units});
  }
}

std::vector<std::vector<real>> ShownPatterns::answers() const {
  std::vector<std::vector<real>> all;
  for (const Array<real>& one : answers_) all.push_back(one.download());
  return all;
}

std::size_t ShownPatterns::bytes(const Config& config, std::size_t states) {
  std::size_t all = 0, widest = 0;
  for (const std::string& name : config.shown) {
    const std::size_t units = config.layer(name).size, met = checked_product(config.patterns.count, states);
    all += units * config.patterns.count * sizeof(real);     // the table
    all += checked_product(met, units) * 2 * sizeof(Index);  // orders of training and of its evaluation
    widest = std::max(widest, units);
  }
  for (const std::string& name : config.targets)
    all += checked_product(checked_product(config.patterns.count, states), config.layer(name).size) * sizeof(real);
  return all + widest * states * sizeof(real);
}

}  // namespace engram::leabra
