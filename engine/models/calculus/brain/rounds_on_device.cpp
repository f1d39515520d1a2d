// A procedural fibre that is lent to whole rounds on a device, and comes back with what they learned.
#include <algorithm>
#include <cmath>

#include "engine/models/calculus/brain/fibres.hpp"

namespace engram::calculus {

namespace {

/// Makes room for `size` values, the first `kept` of which stay.
template <class T>
void make_room(Backend& backend, Array<T>& array, std::size_t kept, std::size_t size) {
  Array<T> to(backend, size);
  if (kept > 0) backend.copy(to.view().data, array.view().data, kept * sizeof(T));
  array = std::move(to);
}

}  // namespace

RoundsView::Fibres ProceduralFibres::begin(Index n_sources, Index n_targets, const Potentiation& rule) {
  // Room for some rounds, and for as much again as there is: whoever learns for long comes by seldom. Winners are those
  // with the most synapses, so it is not the mean that counts. Too little room ends a call early.
  constexpr double rounds = 8;
  const double mean = graph_.p() * n_sources, per_round = n_targets * (mean + 4 * std::sqrt(mean) + 1);
  const bool learns = rule.factor != 1;
  const auto room = [&](Index now, double spare, double most) {
    return static_cast<Index>(learns ? std::min({now + spare, most, 4294967294.0}) : now);
  };
  const double new_rows = rounds * n_targets, new_entries = rounds * per_round, n_post = graph_.fibre().n_post,
               all = n_post * graph_.n_pre();
  Backend& backend = graph_.backend();
  // Room that was made earlier does as long as half of the new rounds fit.
  if (start_.size() == 0 || unit_.size() < room(rows_, new_rows / 2, n_post) ||
      pre_.size() < room(entries_, new_entries / 2, all)) {
    const Index row_room = room(rows_, rows_ + new_rows, n_post),
                entry_room = room(entries_, entries_ + new_entries, all);
    make_room(backend, unit_, rows_, row_room);
    make_room(backend, start_, rows_ ? std::size_t{rows_} + 1 : 0, std::size_t{row_room} + 1);
    make_room(backend, pre_, entries_, entry_room);
    make_room(backend, weight_, entries_, entry_room);
  }
  const std::vector<Index> size{rows_, entries_};
  if (size_.size())
    size_.upload(size);
  else
    size_ = Array<Index>(backend, size);
  if (counts_.size() == 0) counts_ = Array<Index>(backend, graph_.fibre().n_post);
  RoundsView::Fibres view;
  view.fibre = graph_.fibre();
  view.counts = counts_.view();
  view.counted = counted_.begin(backend, n_sources);
  view.overlay = {unit_.view().data,
                  start_.view().data,
                  pre_.view().data,
                  weight_.view().data,
                  size_.view().data,
                  static_cast<Index>(unit_.size()),
                  static_cast<Index>(pre_.size())};
  view.factor = factor();
  view.rule = rule;
  view.known_sources = known_sources_.begin(backend, n_sources);
  view.known_targets = known_targets_.begin(backend, n_targets);
  return view;
}

void ProceduralFibres::end() {
  const std::vector<Index> size = size_.download();
  rows_ = size[0];
  entries_ = size[1];
}

}  // namespace engram::calculus
