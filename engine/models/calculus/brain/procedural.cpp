#include <algorithm>
#include <functional>

#include "engine/models/calculus/brain/fibres.hpp"
#include "engine/models/calculus/brain/packing.hpp"

namespace engram::calculus {

std::vector<Index> difference(std::span<const Index> a, std::span<const Index> b) {
  std::vector<Index> out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

std::vector<Index> intersection(std::span<const Index> a, std::span<const Index> b) {
  std::vector<Index> out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

Graph::Graph(Backend& backend, std::uint64_t key, Index n_pre, Index n_post, double p, int exact_bits)
    : backend_(&backend), connections_(&backend.need_extension<Connections>()), n_pre_(n_pre) {
  SkipTable table(p, exact_bits);
  Array<std::uint32_t> narrow(backend, table.narrow());
  Array<std::uint64_t> wide(backend, table.wide());
  fibre_ = table.fibre(key, n_post);
  fibre_.skip.narrow = narrow.view().data;
  fibre_.skip.wide = wide.view().data;
  table_ = std::make_shared<const Table>(Table{std::move(table), std::move(narrow), std::move(wide)});
}

Array<Index> Graph::in_degrees() const {
  Array<Index> degrees(*backend_, fibre_.n_post);
  std::vector<Index> all(n_pre_);
  for (Index i = 0; i < n_pre_; ++i) all[i] = i;
  const Array<Index> sources(*backend_, all);
  connections_->count(fibre_, sources.view(), false, degrees.view());
  return degrees;
}

OverlayView ProceduralFibres::overlay() const {
  return {unit_.view().data, start_.view().data, pre_.view().data, weight_.view().data, rows_};
}

void ProceduralFibres::add_raw(const Firing& sources, Span<real> input) {
  Backend& backend = graph_.backend();
  Connections& ops = graph_.connections();
  if (counts_.size() == 0) counts_ = Array<Index>(backend, graph_.fibre().n_post);
  const auto come = difference(sources.sorted, counted_.list()), gone = difference(counted_.list(), sources.sorted);
  if (come.size() + gone.size() < sources.sorted.size()) {
    const Array<Index> add(backend, come), remove(backend, gone);
    ops.count(graph_.fibre(), add.view(), false, counts_.view());
    ops.count(graph_.fibre(), remove.view(), true, counts_.view());
  } else {
    counts_.zero();
    ops.count(graph_.fibre(), sources.sorted_device.view(), false, counts_.view());
  }
  counted_ = sources.sorted;
  ops.add_counts(counts_.view(), overlay(), sources.sorted_device.view(), graph_.n_pre(), input);
}

void ProceduralFibres::learn(const Firing& sources, const Firing& targets, const Potentiation& rule) {
  Backend& backend = graph_.backend();
  Connections& ops = graph_.connections();
  const auto come_sources = difference(sources.sorted, known_sources_.list()),
             come_targets = difference(targets.sorted, known_targets_.list());
  if (come_targets.size() == targets.sorted.size()) {
    ops.find(graph_.fibre(), sources.sorted_device.view(), targets.sorted_device.view(), found_);
  } else {
    const Array<Index> come(backend, come_sources);
    ops.find(graph_.fibre(), come.view(), targets.sorted_device.view(), found_);
    const Array<Index> stayed(backend, intersection(sources.sorted, known_sources_.list())),
        fresh(backend, come_targets);
    ops.find(graph_.fibre(), stayed.view(), fresh.view(), more_);
    const auto middle = static_cast<std::ptrdiff_t>(found_.size());
    found_.insert(found_.end(), more_.begin(), more_.end());
    std::inplace_merge(found_.begin(), found_.begin() + middle, found_.end());
  }
  if (!found_.empty()) insert(found_);
  known_sources_ = sources.sorted;
  known_targets_ = targets.sorted;
  ops.learn_overlay(overlay(), sources.sorted_device.view(), graph_.n_pre(), targets.sorted_device.view(), rule);
}

/// Adds those synapses, ordered by (post, pre), that are not there yet, with weight 1.
void ProceduralFibres::insert(const std::vector<Synapse>& found) {
  const Learned old = learned();
  Learned now;
  now.pre.reserve(old.pre.size() + found.size());
  now.weight.reserve(old.pre.size() + found.size());
  const auto put = [&](Index post, Index source, float w) {
    if (now.unit.empty() || now.unit.back() != post) {
      now.unit.push_back(post);
      now.start.push_back(static_cast<Index>(now.pre.size()));
    }
    now.pre.push_back(source);
    now.weight.push_back(w);
  };
  auto next = found.begin();
  const auto put_before = [&](Synapse limit) {
    for (; next != found.end() && *next < limit; ++next) put(next->post, next->pre, 1);
  };
  for (std::size_t row = 0; row < old.unit.size(); ++row)
    for (Index e = old.start[row]; e < old.start[row + 1]; ++e) {
      const Synapse here{old.unit[row], old.pre[e]};
      put_before(here);
      if (next != found.end() && *next == here) ++next;
      put(here.post, here.pre, old.weight[e]);
    }
  for (; next != found.end(); ++next) put(next->post, next->pre, 1);
  if (now.pre.size() == old.pre.size()) return;
  if (now.pre.size() >= 0xFFFFFFFFu) throw MemoryError("a fibre has learned more than 2^32 synapses");
  now.start.push_back(static_cast<Index>(now.pre.size()));
  set_overlay(now);
}

ProceduralFibres::Learned ProceduralFibres::learned() const {
  Backend& backend = graph_.backend();
  return {beginning(backend, unit_, rows_), beginning(backend, start_, rows_ ? std::size_t{rows_} + 1 : 0),
          beginning(backend, pre_, entries_), beginning(backend, weight_, entries_)};
}

void ProceduralFibres::set_overlay(const Learned& learned) {
  Backend& backend = graph_.backend();
  unit_ = Array<Index>(backend, learned.unit);
  start_ = Array<Index>(backend, learned.start);
  pre_ = Array<Index>(backend, learned.pre);
  weight_ = Array<float>(backend, learned.weight);
  rows_ = static_cast<Index>(learned.unit.size());
  entries_ = static_cast<Index>(learned.pre.size());
}

void ProceduralFibres::for_each_weight(const std::vector<Index>& pre, const std::vector<Index>& post, const Visit& f) {
  Backend& backend = graph_.backend();
  const Array<Index> sources(backend, pre), targets(backend, post);
  std::vector<Synapse> found;
  graph_.connections().find(graph_.fibre(), sources.view(), targets.view(), found);
  const auto [unit, start, learned, weight] = this->learned();
  std::size_t row = 0;
  for (const Synapse& s : found) {  // by target, as the rows are
    while (row < unit.size() && unit[row] < s.post) ++row;
    double w = 1;
    if (row < unit.size() && unit[row] == s.post) {
      const auto end = learned.begin() + start[row + 1],
                 at = std::lower_bound(learned.begin() + start[row], end, s.pre);
      if (at != end && *at == s.pre) w = static_cast<double>(weight[static_cast<std::size_t>(at - learned.begin())]);
    }
    f(s.post, w);
  }
}

std::vector<double> ProceduralFibres::incoming() {
  const std::vector<Index> degrees = graph_.in_degrees().download();
  const auto [unit, start, pre, weight] = learned();
  std::vector<double> sums(degrees.begin(), degrees.end());
  for (std::size_t row = 0; row < unit.size(); ++row)
    for (Index e = start[row]; e < start[row + 1]; ++e) sums[unit[row]] += static_cast<double>(weight[e]) - 1;
  return sums;
}

std::unique_ptr<Fibres> ProceduralFibres::clone() const {
  Backend& backend = graph_.backend();
  auto copy = std::make_unique<ProceduralFibres>(graph_);
  copy->unit_ = copy_of(backend, unit_);
  copy->start_ = copy_of(backend, start_);
  copy->pre_ = copy_of(backend, pre_);
  copy->weight_ = copy_of(backend, weight_);
  copy->rows_ = rows_;
  copy->entries_ = entries_;
  copy->counts_ = copy_of(backend, counts_);
  copy->counted_ = counted_;
  copy->known_sources_ = known_sources_;
  copy->known_targets_ = known_targets_;
  copy->copy_factor(*this);
  return copy;
}

std::size_t ProceduralFibres::bytes() const {
  return factor_bytes() + counts_.bytes() + sizeof(Index) * (2 * std::size_t{rows_} + (rows_ > 0)) +
         (sizeof(Index) + sizeof(float)) * entries_ +
         sizeof(Index) * (counted_.list().size() + known_sources_.list().size() + known_targets_.list().size());
}

nlohmann::json ProceduralFibres::state() const {
  const Learned now = learned();
  return {{"unit", pack(now.unit)},
          {"start", pack(now.start)},
          {"pre", pack(now.pre)},
          {"weight", pack(now.weight)},
          {"factor", factor_state()}};
}

void ProceduralFibres::set_state(const StateReader& state) {
  const auto unit = unpack(state["unit"]), start = unpack(state["start"]), pre = unpack(state["pre"]);
  const auto weight = unpack_reals(state["weight"]);
  const auto ascends = [](const Index* begin, const Index* end, Index limit) {
    return std::adjacent_find(begin, end, std::greater_equal<>()) == end && (begin == end || end[-1] < limit);
  };
  if (!ascends(unit.data(), unit.data() + unit.size(), graph_.fibre().n_post))
    state["unit"].fail("units are not ascending, or outside their area");
  const bool rows = unit.empty() ? start.empty()
                                 : start.size() == unit.size() + 1 && start.front() == 0 &&
                                       std::is_sorted(start.begin(), start.end());
  if (!rows || weight.size() != pre.size() || (start.empty() ? 0 : start.back()) != pre.size())
    state["start"].fail("rows of learned synapses do not fit their lengths");
  for (std::size_t row = 0; row < unit.size(); ++row)
    if (!ascends(pre.data() + start[row], pre.data() + start[row + 1], graph_.n_pre()))
      state["pre"].fail("sources of a unit are not ascending, or outside their area");
  set_overlay({unit, start, pre, weight});
  set_factor_state(state["factor"]);
  counted_ = known_sources_ = known_targets_ = std::vector<Index>{};
}

void ProceduralFibres::look_inside(StateVisitor& visitor, const std::string& name) const {
  look_at(visitor, name + ", learned weight", graph_.backend(), weight_, entries_);
  look_at_factor(visitor, name);
}

}  // namespace engram::calculus
