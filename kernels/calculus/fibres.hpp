// The operations of the assembly calculus, one after the other; found synapses are sorted on the host.
#pragma once

#include <algorithm>

#include "kernels/calculus/fibre_kernels.hpp"
#include "kernels/core/kernel_backend.hpp"

namespace engram::kernels {

template <class Launcher>
class KernelFibres final : public calculus::Connections {
 public:
  explicit KernelFibres(KernelOperations<Launcher>& backend)
      : backend_(backend),
        launch_(backend.launcher()),
        mark_words_(launch_.new_scratch()),
        rows_(launch_.new_scratch()) {}

  void count(const Fibre& fibre, Span<const Index> sources, bool remove, Span<Index> counts) override {
    if (fibre.density == Density::none || sources.size == 0) return;
    backend_.settle();
    const auto n = static_cast<Index>(sources.size);
    const Counted counted{sources, remove ? 0 : n, remove ? n : 0};
    if (count_in_blocks(fibre, sources.size))
      launch_.blocks("count synapses", fibre.segments(), CountSegment<Counted>{fibre, counted, counts.data});
    else
      run("count synapses", sources.size, fibre.segments(), CountChain{fibre, counted, counts.data});
  }

  void find(const Fibre& fibre, Span<const Index> sources, Span<const Index> targets,
            std::vector<Synapse>& found) override {
    found.clear();
    if (fibre.density == Density::none || sources.size == 0 || targets.size == 0) return;
    const std::uint32_t* marks = mark(targets, fibre.n_post);
    Array<Index> count(backend_, 1);
    // As many as are to be expected and a margin; once more where there were more.
    Index capacity = 4096 + static_cast<Index>(std::min<std::size_t>(sources.size * targets.size / 8, 1u << 24));
    for (;;) {
      Array<Synapse> list(backend_, capacity);
      count.zero();
      run("find synapses", sources.size, fibre.segments(),
          FindChain{fibre, sources, marks, list.view().data, capacity, count.view().data});
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

  void add_counts(Span<const Index> counts, const OverlayView& overlay, Span<const Index> sources, Index n_pre,
                  Span<real> input) override {
    const std::uint32_t* firing = mark(sources, n_pre);
    real* learned = launch_.template scratch<real>(rows_, std::max<Index>(overlay.rows, 1));
    run("row input", overlay.rows, 1, RowInput<OverlayView>{overlay, firing, counts.data, input.data, learned});
    run("add counts", input.size, 1, AddCounts{counts.data, input.data});
    run("put rows", overlay.rows, 1, PutRows<OverlayView>{overlay, learned, input.data});
    unmark(sources);
  }

  void learn_overlay(const OverlayView& overlay, Span<const Index> sources, Index n_pre, Span<const Index> targets,
                     Potentiation rule) override {
    const std::uint32_t* firing = mark(sources, n_pre);
    run("learn overlay", lanes_wide, lanes_high(targets.size),
        LearnOverlay<OverlayView, SearchedRows>{overlay, {}, firing, targets, rule});
    unmark(sources);
  }

  void add(Span<const float> values, Span<real> input) override {
    run("add values", input.size, 1, AddValues{values.data, input.data});
  }
  void add_scaled(Span<const real> values, Span<const float> factor, Span<real> input) override {
    run("add scaled", input.size, 1, AddScaled{values.data, factor.data, input.data});
  }
  void learn(Span<float> values, Span<const Index> targets, Potentiation rule) override {
    run("learn values", targets.size, 1, LearnValues{values.data, targets, rule});
  }
  void add_rows(const MatrixView& matrix, Span<const Index> sources, Span<real> input) override {
    run("add rows", input.size, 1, AddRows{matrix, sources, input.data});
  }
  void learn_rows(const MatrixView& matrix, Span<const Index> sources, Span<const Index> targets,
                  Potentiation rule) override {
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
    backend_.settle();
    if (nx > 0 && ny > 0) launch_.items(operation, static_cast<Index>(nx), ny, f);
  }
  const std::uint32_t* mark(Span<const Index> units, Index n) {
    backend_.settle();
    marks_ = launch_.template scratch<std::uint32_t>(mark_words_, n / 32 + 1);
    run("mark", units.size, 1, SetMarks{units, marks_, true});
    return marks_;
  }
  void unmark(Span<const Index> units) { run("unmark", units.size, 1, SetMarks{units, marks_, false}); }

  KernelOperations<Launcher>& backend_;
  Launcher& launch_;
  Scratch mark_words_, rows_;  ///< marks are all zero between operations
  std::uint32_t* marks_ = nullptr;
};

}  // namespace engram::kernels
