// The operations of the assembly calculus as kernels. Counts are integers, added by atomics in any order; found synapses
// are sorted on the host; sums of input have one thread a unit, which takes the terms in the order of the CPU.
// Not tuned: no GPU has run them yet.
#pragma once

#include <algorithm>

#include "engram/backend.hpp"
#include "kernels/cooperate.hpp"
#include "kernels/fibre_bodies.hpp"
#include "kernels/launch.hpp"

namespace engram::kernels {

using namespace bodies;

/// One chain of gaps: the synapses of a unit in a segment.
struct CountChain {
  Fibre fibre;
  Span<const Index> sources;
  Index change;  ///< 1, or 2^32 - 1 to remove
  Index* counts;

  ENGRAM_HD void operator()(Index source, std::size_t segment) const {
    for_each_target(fibre, sources[source], static_cast<Index>(segment), [&](Index post) {
      atomic_add(counts + post, change);
      return true;
    });
  }
};

/// All sources in one segment, counted in memory of the block, so that the device's counts are touched once a unit.
struct CountSegment {
  static constexpr Index threads = 256, most_units = 8192;
  struct Shared {
    Index counts[most_units];
  };
  Fibre fibre;
  Span<const Index> sources;
  Index change;
  Index* counts;

  ENGRAM_HD void operator()(const Block& block, std::size_t at, Shared& s) const {
    const auto segment = static_cast<Index>(at);
    const Index first = segment << fibre.width_log2, length = fibre.length(segment);
    block.each([&](Index t) {
      for (Index i = t; i < length; i += threads) s.counts[i] = 0;
    });
    block.each([&](Index t) {
      for (std::size_t source = t; source < sources.size; source += threads)
        for_each_target(fibre, sources[source], segment, [&](Index post) {
          atomic_add(s.counts + (post - first), Index{1});
          return true;
        });
    });
    block.each([&](Index t) {
      for (Index i = t; i < length; i += threads) counts[first + i] += change * s.counts[i];
    });
  }
};

/// Whether that pays: where the segment fits, and visits are no fewer than a quarter of its units, for an atomic of the
/// device moves 32 bytes and a count 8. An estimate; not measured.
inline bool count_in_blocks(const Fibre& fibre, std::size_t sources) {
  return fibre.width() <= CountSegment::most_units && sources * 128 >= fibre.width();
}

struct SetMarks {
  Span<const Index> units;
  std::uint32_t* bits;
  bool on;

  ENGRAM_HD void operator()(Index i, std::size_t) const {
    std::uint32_t* const word = bits + (units[i] >> 5);
    const std::uint32_t bit = 1u << (units[i] & 31);
    if (on)
      atomic_or(word, bit);
    else
      atomic_and(word, ~bit);
  }
};

struct FindChain {
  Fibre fibre;
  Span<const Index> sources;
  const std::uint32_t* targets;
  Synapse* found;
  Index capacity;
  Index* count;

  ENGRAM_HD void operator()(Index source, std::size_t segment) const {
    const Index pre = sources[source];
    for_each_target(fibre, pre, static_cast<Index>(segment), [&](Index post) {
      if (bit_at(targets, post)) {
        const Index at = next();
        if (at < capacity) found[at] = {post, pre};
      }
      return true;
    });
  }
  ENGRAM_HD Index next() const {
#if defined(__CUDA_ARCH__)
    return atomicAdd(count, 1u);
#else
    return std::atomic_ref<Index>(*count).fetch_add(1, std::memory_order_relaxed);
#endif
  }
};

struct RowInput {
  OverlayView overlay;
  const std::uint32_t* firing;
  const Index* counts;
  const real* input;
  real* learned;

  ENGRAM_HD void operator()(Index row, std::size_t) const {
    const Index unit = overlay.unit[row];
    learned[row] = add_float(input[unit], row_input(overlay, row, firing, counts[unit]));
  }
};

struct AddCounts {
  const Index* counts;
  real* input;
  ENGRAM_HD void operator()(Index i, std::size_t) const { input[i] = add_float(input[i], static_cast<float>(static_cast<std::int32_t>(counts[i]))); }
};

struct PutRows {
  OverlayView overlay;
  const real* learned;
  real* input;
  ENGRAM_HD void operator()(Index row, std::size_t) const { input[overlay.unit[row]] = learned[row]; }
};

struct LearnOverlay {
  OverlayView overlay;
  const std::uint32_t* firing;
  Span<const Index> targets;
  Potentiation rule;
  ENGRAM_HD void operator()(Index t, std::size_t) const {
    if (const Index row = find_row(overlay, targets[t]); row < overlay.rows) learn_row(overlay, row, firing, rule);
  }
};

struct AddValues {
  const float* values;
  real* input;
  ENGRAM_HD void operator()(Index i, std::size_t) const { input[i] = add_float(input[i], values[i]); }
};

struct AddScaled {
  const real* values;
  const float* factor;
  real* input;
  ENGRAM_HD void operator()(Index i, std::size_t) const { input[i] = add_float(input[i], static_cast<float>(values[i]) * factor[i]); }
};

struct LearnValues {
  float* values;
  Span<const Index> targets;
  Potentiation rule;
  ENGRAM_HD void operator()(Index t, std::size_t) const { values[targets[t]] = rule(values[targets[t]]); }
};

struct AddRows {
  MatrixView matrix;
  Span<const Index> sources;
  real* input;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    real sum = input[i];
    for (std::size_t s = 0; s < sources.size; ++s) sum = add_float(sum, matrix.row(sources[s])[i]);
    input[i] = sum;
  }
};

struct LearnRows {
  MatrixView matrix;
  Span<const Index> sources, targets;
  Potentiation rule;
  ENGRAM_HD void operator()(Index t, std::size_t s) const {
    float& weight = matrix.row(sources[s])[targets[t]];
    weight = rule(weight);
  }
};

struct SubtractAt {
  Span<const Index> units;
  const float* values;
  real* input;
  ENGRAM_HD void operator()(Index i, std::size_t) const { input[units[i]] = add_float(input[units[i]], -values[i]); }
};

struct Gather {
  const real* input;
  Span<const Index> units;
  float* values;
  ENGRAM_HD void operator()(Index i, std::size_t) const { values[i] = static_cast<float>(input[units[i]]); }
};

template <class Launcher>
class KernelFibres final : public FibreOperations {
 public:
  KernelFibres(Backend& backend, Launcher& launcher) : backend_(backend), launch_(launcher) {}

  void count(const Fibre& fibre, Span<const Index> sources, bool remove, Span<Index> counts) override {
    if (fibre.density == Density::none || sources.size == 0) return;
    const Index change = remove ? ~Index{0} : Index{1};
    if (count_in_blocks(fibre, sources.size))
      launch_.blocks("count synapses", fibre.segments(), CountSegment{fibre, sources, change, counts.data});
    else
      run("count synapses", sources.size, fibre.segments(), CountChain{fibre, sources, change, counts.data});
  }

  void find(const Fibre& fibre, Span<const Index> sources, Span<const Index> targets, std::vector<Synapse>& found) override {
    found.clear();
    if (fibre.density == Density::none || sources.size == 0 || targets.size == 0) return;
    const std::uint32_t* marks = mark(targets, fibre.n_post);
    Array<Index> count(backend_, 1);
    // As many as are to be expected and a margin; once more where there were more.
    Index capacity = 4096 + static_cast<Index>(std::min<std::size_t>(sources.size * targets.size / 8, 1u << 24));
    for (;;) {
      Array<Synapse> list(backend_, capacity);
      count.zero();
      run("find synapses", sources.size, fibre.segments(), FindChain{fibre, sources, marks, list.view().data, capacity, count.view().data});
      const Index there = count.download()[0];
      if (there <= capacity) {
        found.resize(there);
        if (there) backend_.download(found.data(), list.view().data, there * sizeof(Synapse));
        break;
      }
      capacity = there;
    }
    unmark(targets);
    std::sort(found.begin(), found.end());
  }

  void add_counts(Span<const Index> counts, const OverlayView& overlay, Span<const Index> sources, Index n_pre, Span<real> input) override {
    const std::uint32_t* firing = mark(sources, n_pre);
    real* learned = launch_.template scratch<real>(Scratch::fibre_rows, std::max<Index>(overlay.rows, 1));
    run("row input", overlay.rows, 1, RowInput{overlay, firing, counts.data, input.data, learned});
    run("add counts", input.size, 1, AddCounts{counts.data, input.data});
    run("put rows", overlay.rows, 1, PutRows{overlay, learned, input.data});
    unmark(sources);
  }

  void learn_overlay(const OverlayView& overlay, Span<const Index> sources, Index n_pre, Span<const Index> targets, Potentiation rule) override {
    const std::uint32_t* firing = mark(sources, n_pre);
    run("learn overlay", targets.size, 1, LearnOverlay{overlay, firing, targets, rule});
    unmark(sources);
  }

  void add(Span<const float> values, Span<real> input) override { run("add values", input.size, 1, AddValues{values.data, input.data}); }
  void add_scaled(Span<const real> values, Span<const float> factor, Span<real> input) override {
    run("add scaled", input.size, 1, AddScaled{values.data, factor.data, input.data});
  }
  void learn(Span<float> values, Span<const Index> targets, Potentiation rule) override {
    run("learn values", targets.size, 1, LearnValues{values.data, targets, rule});
  }
  void add_rows(const MatrixView& matrix, Span<const Index> sources, Span<real> input) override {
    run("add rows", input.size, 1, AddRows{matrix, sources, input.data});
  }
  void learn_rows(const MatrixView& matrix, Span<const Index> sources, Span<const Index> targets, Potentiation rule) override {
    run("learn rows", targets.size, sources.size, LearnRows{matrix, sources, targets, rule});
  }
  void subtract_at(Span<const Index> units, Span<const float> values, Span<real> input) override {
    run("subtract", units.size, 1, SubtractAt{units, values.data, input.data});
  }
  void gather(Span<const real> input, Span<const Index> units, std::vector<float>& values) override {
    Array<float> gathered(backend_, units.size);
    run("gather", units.size, 1, Gather{input.data, units, gathered.view().data});
    values = gathered.download();
  }

 private:
  template <class F>
  void run(const char* operation, std::size_t nx, std::size_t ny, const F& f) {
    if (nx > 0 && ny > 0) launch_.items(operation, static_cast<Index>(nx), ny, f);
  }
  const std::uint32_t* mark(Span<const Index> units, Index n) {
    marks_ = launch_.template scratch<std::uint32_t>(Scratch::fibre_marks, n / 32 + 1);
    run("mark", units.size, 1, SetMarks{units, marks_, true});
    return marks_;
  }
  void unmark(Span<const Index> units) { run("unmark", units.size, 1, SetMarks{units, marks_, false}); }

  Backend& backend_;
  Launcher& launch_;
  std::uint32_t* marks_ = nullptr;
};

}  // namespace engram::kernels
