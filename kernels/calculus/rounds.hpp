// Whole rounds of the assembly calculus as one sequence of launches, captured as a graph where there are more than a
// few.
#pragma once

#include <algorithm>

#include "kernels/calculus/merge_kernels.hpp"
#include "kernels/core/kernel_backend.hpp"
#include "kernels/operations/top_k.hpp"

namespace engram::kernels {

/// What rounds need beside the state they work on, and the order of their launches.
template <class Launcher>
class RoundsRun {
 public:
  RoundsRun(Backend& backend, Launcher& launcher, const RoundsView& view)
      : launch_(launcher), view_(view), done_(backend, 1), areas_(view.areas.size()), fibres_(view.fibres.size()) {
    std::size_t rows = 1, entries = 0;
    for (std::size_t a = 0; a < areas_.size(); ++a) {
      const RoundsView::Area& area = view.areas[a];
      areas_[a].now = Array<std::uint32_t>(backend, area.n / 32 + 1);
      mark(areas_[a].now, area.winners, true);
      if (!area.selects) continue;
      areas_[a].winners = Array<Index>(backend, area.k);
      areas_[a].count = Array<Index>(backend, 1);
    }
    for (std::size_t f = 0; f < fibres_.size(); ++f) {
      const RoundsView::Fibres& fibre = view.fibres[f];
      OwnFibre& own = fibres_[f];
      const std::size_t n_sources = view.areas[fibre.source].winners.size,
                        n_targets = view.areas[fibre.target].winners.size;
      own.changes = Array<Index>(backend, n_sources + fibre.counted.size);
      own.sizes = Array<Index>(backend, 2);
      rows = std::max<std::size_t>(rows, fibre.overlay.row_room);
      count_bytes_ = std::max(count_bytes_, CountSegment<Turnover>(fibre.fibre, {}, nullptr).shared_bytes());
      const FindSegment search{fibre.fibre, ChainWords(fibre.fibre), {}, {}, nullptr, nullptr, nullptr, 0};
      find_bytes_ = std::max(find_bytes_, search.shared_bytes());
      if (fibre.factor) own.raw = Array<real>(backend, view.areas[fibre.target].n);
      if (!learns(fibre.rule)) continue;
      own.words = static_cast<Index>(ceil_div<std::size_t>(n_sources, 32));
      own.hits = Array<std::uint32_t>(backend, checked_product(n_targets, own.words));
      own.added = Array<std::uint64_t>(backend, n_targets + 1);
      own.fresh_sources = Array<Index>(backend, n_sources);
      own.fresh_targets = Array<Index>(backend, n_targets);
      own.place = Array<Place>(backend, n_targets);
      own.grown = Array<Index>(backend, 2);
      entries = std::max<std::size_t>(entries, fibre.overlay.entry_room);
    }
    learned_ = Array<real>(backend, rows);
    unit_ = Array<Index>(backend, rows);
    start_ = Array<Index>(backend, rows);
    pre_ = Array<Index>(backend, entries);
    weight_ = Array<float>(backend, entries);
  }

  Index run(Index rounds) {
    constexpr Index few = 3;  // recording pays only where the graph is used again
    round();                  // scratch memory has its size from here on
    if (rounds > few && launch_.graphs()) {
      auto graph = launch_.capture({[this] { round(); }});
      for (Index r = 1; r < rounds; ++r) launch_.replay(graph);
      return finished();
    }
    for (Index r = 1; r < rounds; ++r) round();
    return finished();
  }

 private:
  struct OwnArea {
    Array<std::uint32_t> now;     ///< winners of the last round as bits
    Array<Index> winners, count;  ///< of this round
  };
  struct OwnFibre {
    Array<Index> changes, sizes, fresh_sources, fresh_targets, grown;
    Array<Place> place;
    Array<real> raw;
    Array<std::uint32_t> hits;
    Array<std::uint64_t> added;
    Index words = 0;
  };

  static bool learns(const Potentiation& rule) { return rule.factor != 1; }

  /// Before graphs may be destroyed their work must be done: the download waits for it.
  Index finished() { return done_.download()[0].rounds; }

  void round() {
    for (std::size_t a = 0; a < areas_.size(); ++a)
      if (view_.areas[a].selects) select(a);
    for (std::size_t f = 0; f < fibres_.size(); ++f)
      if (learns(view_.fibres[f].rule)) find(f);
    for (std::size_t f = 0; f < fibres_.size(); ++f)
      if (learns(view_.fibres[f].rule)) learn(f);
    for (const RoundsView::Stimulus& s : view_.stimuli)
      if (learns(s.rule))
        items("learn values", targets(s.target).size, LearnValues{s.weight.data, targets(s.target), s.rule});
    std::size_t left = selecting();
    if (left == 0) items("next round", 1, NextRound{done_.view().data});
    for (std::size_t a = 0; a < areas_.size(); ++a)
      if (view_.areas[a].selects) fire(a, --left == 0);
  }

  std::size_t selecting() const {
    const auto selects = [](const RoundsView::Area& area) { return area.selects; };
    return static_cast<std::size_t>(std::count_if(view_.areas.begin(), view_.areas.end(), selects));
  }

  void select(std::size_t a) {
    const RoundsView::Area& area = view_.areas[a];
    Terms terms;
    bool written = false;  // else the input is that of the terms
    const auto write = [&] {
      if (!written) items("fill input", area.n, FillInput{terms, area.input.data});
      written = true;
    };
    for (const RoundsView::Stimulus& s : view_.stimuli)
      if (s.target == a) {
        if (terms.count == Terms::most) write();
        if (written)
          items("add values", area.n, AddValues{s.weight.data, area.input.data});
        else
          terms.values[terms.count++] = s.weight.data;
      }
    for (std::size_t f = 0; f < fibres_.size(); ++f) {
      const RoundsView::Fibres& fibre = view_.fibres[f];
      if (fibre.target != a) continue;
      count(f);
      if (fibre.factor) {
        write();
        fill(f, Terms{}, fibres_[f].raw.view());
        items("add scaled", area.n, AddScaled{fibres_[f].raw.view().data, fibre.factor.data, area.input.data});
      } else if (written) {
        add(f, area.input);
      } else {
        fill(f, terms, area.input);
        written = true;
      }
    }
    write();
    Active chosen{areas_[a].winners.view().data, areas_[a].count.view().data, nullptr, area.k, area.n, 1};
    select_top_k(launch_, Batch<const real>{area.input.data, area.n, 1, area.n}, area.k, chosen);
  }

  void count(std::size_t f) {
    const RoundsView::Fibres& fibre = view_.fibres[f];
    const Span<const Index> sources = view_.areas[fibre.source].winners;
    const Span<Index> changes = fibres_[f].changes.view();
    Index* const sizes = fibres_[f].sizes.view().data;
    items("who changed", changes.size, SetDifference{sources, fibre.counted, changes.data, sizes});
    if (fibre.fibre.density != Density::none)
      launch_.blocks("count synapses", fibre.fibre.segments(),
                     guarded_block(CountSegment<Turnover>{
                         fibre.fibre, {changes, sources, sizes}, fibre.counts.data, count_bytes_}));
  }
  KeepCounted keep(std::size_t f) {
    const RoundsView::Fibres& fibre = view_.fibres[f];
    return {view_.areas[fibre.source].winners, fibre.counted, fibres_[f].sizes.view().data};
  }
  /// All that a fibre gives on top of the terms, written to `input`.
  void fill(std::size_t f, const Terms& terms, Span<real> input) {
    const RoundsView::Fibres& fibre = view_.fibres[f];
    items("fill counts", std::max<std::size_t>({input.size, fibre.counted.size, 2}),
          FillCounts{terms, fibre.counts.data, input, keep(f)});
    items("fill rows", fibre.overlay.row_room,
          FillRows{fibre.overlay, terms, areas_[fibre.source].now.view().data, fibre.counts.data, input.data});
  }
  /// The same, added to what is there.
  void add(std::size_t f, Span<real> input) {
    const RoundsView::Fibres& fibre = view_.fibres[f];
    real* learned = learned_.view().data;
    items("row input", fibre.overlay.row_room,
          RowInput<GrowingOverlay>{fibre.overlay, areas_[fibre.source].now.view().data, fibre.counts.data, input.data,
                                   learned});
    items("add counts", input.size, AddCounts{fibre.counts.data, input.data});
    items("put rows", fibre.overlay.row_room, PutRows<GrowingOverlay>{fibre.overlay, learned, input.data});
    items("who is counted", std::max<std::size_t>(fibre.counted.size, 2), keep(f));
  }

  void find(std::size_t f) {
    const RoundsView::Fibres& fibre = view_.fibres[f];
    OwnFibre& own = fibres_[f];
    const Span<const Index> from = view_.areas[fibre.source].winners, to = targets(fibre.target);
    Index *fresh_from = own.fresh_sources.view().data, *fresh_to = own.fresh_targets.view().data;
    const Place* place = own.place.view().data;
    const Span<std::uint32_t> hits = own.hits.view();
    std::uint64_t* added = own.added.view().data;
    items("look", std::max({from.size, to.size, hits.size}),
          Look{fibre.overlay, from, to, fibre.known_sources, fibre.known_targets, fresh_from, fresh_to,
               own.place.view().data, added, hits},
          Look::parts);
    if (fibre.fibre.density != Density::none)
      launch_.blocks("find synapses", fibre.fibre.segments(),
                     guarded_block(FindSegment{fibre.fibre, ChainWords(fibre.fibre), from, to, fresh_from, fresh_to,
                                               hits.data, own.words, find_bytes_}));
    const auto n = static_cast<Index>(to.size);
    items("count new synapses", lanes_wide, CountNew{fibre.overlay, from, n, place, hits.data, own.words, added},
          lanes_high(n));
    launch_.blocks("place new synapses", 1,
                   guarded_block(PlaceNew{fibre.overlay, place, added, n, own.grown.view().data, done_.view().data}));
  }

  void learn(std::size_t f) {
    const RoundsView::Fibres& fibre = view_.fibres[f];
    const GrowingOverlay& overlay = fibre.overlay;
    OwnFibre& own = fibres_[f];
    const Span<const Index> from = view_.areas[fibre.source].winners, to = targets(fibre.target);
    const std::uint64_t* added = own.added.view().data;
    Index *unit = unit_.view().data, *start = start_.view().data, *pre = pre_.view().data;
    float* weight = weight_.view().data;
    const Place* place = own.place.view().data;
    items("merge rows", lanes_wide,
          MergeRows{{overlay.unit, overlay.start, overlay.pre, overlay.weight, 0},
                    overlay.size,
                    overlay.row_room,
                    from,
                    to,
                    own.hits.view().data,
                    own.words,
                    place,
                    added,
                    unit,
                    start,
                    pre,
                    weight},
          lanes_high(overlay.row_room + to.size));
    items("take rows",
          std::max<std::size_t>(
              {overlay.row_room, overlay.entry_room, fibre.known_sources.size, fibre.known_targets.size, 1}),
          UngroupRows{overlay,
                      {from, fibre.known_sources},
                      {to, fibre.known_targets},
                      added + to.size,
                      own.grown.view().data,
                      unit,
                      start,
                      pre,
                      weight});
    items("learn overlay", lanes_wide,
          LearnOverlay<GrowingOverlay, MovedRows>{
              overlay, {place, added}, areas_[fibre.source].now.view().data, to, fibre.rule},
          lanes_high(to.size));
  }

  void fire(std::size_t a, bool last) {
    const RoundsView::Area& area = view_.areas[a];
    const Span<const Index> next = areas_[a].winners.view();
    std::uint32_t* const now = areas_[a].now.view().data;
    items("tell", std::max(area.winners.size, next.size),
          Tell{area.winners, next, now, area.ever.data, area.input.data, area.value.data, done_.view().data,
               view_.newcomers.data + a, areas_.size()});
    items("fire", next.size, Fire{next, now, area.winners, last ? done_.view().data : nullptr});
  }

  /// Who learns to be reached in this round.
  Span<const Index> targets(std::size_t area) const {
    return view_.areas[area].selects ? areas_[area].winners.view() : view_.areas[area].winners;
  }
  void mark(const Array<std::uint32_t>& bits, Span<const Index> units, bool on) {
    items("mark", units.size, SetMarks{units, bits.view().data, on});
  }

  template <class F>
  void items(const char* operation, std::size_t nx, const F& f, std::size_t ny = 1) {
    if (nx > 0 && ny > 0)
      launch_.items(operation, static_cast<Index>(nx), ny, WhileThereIsRoom<F>{done_.view().data, f});
  }
  template <class F>
  BlockWhileThereIsRoom<F> guarded_block(const F& f) const {
    return {done_.view().data, f};
  }

  Launcher& launch_;
  const RoundsView& view_;
  Array<RoundsDone> done_;
  std::vector<OwnArea> areas_;
  std::vector<OwnFibre> fibres_;
  // The overlay that is being written, and inputs of its rows; one fibre after the other.
  Array<Index> unit_, start_, pre_;
  Array<float> weight_;
  Array<real> learned_;
  std::size_t count_bytes_ = 0, find_bytes_ = 0;
};

template <class Launcher>
Index run_rounds(Backend& backend, Launcher& launch, const RoundsView& view, Index rounds) {
  return rounds == 0 ? 0 : RoundsRun<Launcher>(backend, launch, view).run(rounds);
}

template <class Launcher>
class KernelRounds final : public calculus::Rounds {
 public:
  explicit KernelRounds(KernelOperations<Launcher>& backend) : backend_(backend) {}
  Index run(const RoundsView& view, Index rounds) override {
    backend_.settle();
    return run_rounds(backend_, backend_.launcher(), view, rounds);
  }

 private:
  KernelOperations<Launcher>& backend_;
};

}  // namespace engram::kernels
