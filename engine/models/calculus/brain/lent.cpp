// A procedural fibre that is lent to whole rounds on a device, and comes back with what they learned.
#include <algorithm>

#include "engine/models/calculus/brain/fibres.hpp"

namespace engram::calculus {

namespace {

/// An array of `size` values that begins as another one does.
template <class T>
Array<T> resized(Backend& backend, const Array<T>& from, std::size_t size) {
  Array<T> to(backend, size);
  if (const std::size_t kept = std::min(size, from.size()); kept > 0)
    backend.copy(to.view().data, from.view().data, kept * sizeof(T));
  return to;
}

Array<Index> padded(Backend& backend, std::vector<Index> list, Index room) {
  list.resize(std::max<std::size_t>(list.size(), room), no_unit);
  return Array<Index>(backend, list);
}

std::vector<Index> unpadded(const Array<Index>& array) {
  std::vector<Index> list = array.download();
  list.erase(std::lower_bound(list.begin(), list.end(), no_unit), list.end());
  return list;
}

}  // namespace

RoundsView::Fibres ProceduralFibres::lend(Index n_sources, Index n_targets, const Potentiation& rule) {
  // Room for some rounds of chance hits, and for as much again as there is: whoever learns for long comes by seldom.
  // Too little room costs one round that the host takes part in.
  constexpr double rounds = 16;
  const double per_round = graph_.p() * n_sources * n_targets;
  const std::size_t rows = unit_.size(), entries = pre_.size();
  const bool learns = rule.factor != 1;
  const auto room = [&](std::size_t now, double more, double most) {
    if (!learns) return static_cast<Index>(now);
    return static_cast<Index>(std::min({2.0 * static_cast<double>(now) + more, most, 4294967294.0}));
  };
  const Index n_post = graph_.fibre().n_post;
  const Index row_room = room(rows, rounds * n_targets, n_post),
              entry_room = room(entries, rounds * per_round, static_cast<double>(graph_.n_pre()) * n_post);
  Backend& backend = graph_.backend();
  unit_ = resized(backend, unit_, row_room);
  start_ = resized(backend, start_, std::size_t{row_room} + 1);
  pre_ = resized(backend, pre_, entry_room);
  weight_ = resized(backend, weight_, entry_room);
  lent_.counted = padded(backend, counted_, n_sources);
  lent_.known_sources = padded(backend, known_sources_, n_sources);
  lent_.known_targets = padded(backend, known_targets_, n_targets);
  lent_.size = Array<Index>(backend, std::vector{static_cast<Index>(rows), static_cast<Index>(entries)});
  RoundsView::Fibres view;
  view.fibre = graph_.fibre();
  view.counts = counts_.view();
  view.counted = lent_.counted.view();
  view.overlay = {unit_.view().data,      start_.view().data, pre_.view().data, weight_.view().data,
                  lent_.size.view().data, row_room,           entry_room};
  view.factor = factor();
  view.rule = rule;
  view.known_sources = lent_.known_sources.view();
  view.known_targets = lent_.known_targets.view();
  return view;
}

void ProceduralFibres::take_back() {
  Backend& backend = graph_.backend();
  const std::vector<Index> size = lent_.size.download();
  unit_ = resized(backend, unit_, size[0]);
  start_ = resized(backend, start_, size[0] ? std::size_t{size[0]} + 1 : 0);
  pre_ = resized(backend, pre_, size[1]);
  weight_ = resized(backend, weight_, size[1]);
  counted_ = unpadded(lent_.counted);
  known_sources_ = unpadded(lent_.known_sources);
  known_targets_ = unpadded(lent_.known_targets);
  lent_ = {};
}

}  // namespace engram::calculus
