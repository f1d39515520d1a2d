// The operations of a backend that runs kernels, whatever launches them: CUDA, or in tests the host.
#pragma once

#include "kernels/attractor/attractor.hpp"
#include "kernels/calculus/fibres.hpp"
#include "kernels/calculus/rounds.hpp"
#include "kernels/core/signature.hpp"
#include "kernels/core/step_recorder.hpp"
#include "kernels/operations/sample.hpp"
#include "kernels/operations/sweep_outgoing.hpp"
#include "kernels/operations/top_k.hpp"
#include "kernels/operations/update.hpp"
#include "kernels/sorn/sorn.hpp"

namespace engram::kernels {

/// Launcher: see launch.hpp; beside it `copy(to, from, bytes)`, and what StepRecorder asks of a device. The order of
/// operations is that of the calls; memory of the backend comes from the class derived from this.
template <class Launcher>
class KernelBackend : public Backend, public WholeRounds {
 public:
  void copy(void* to, const void* from, std::size_t bytes) override {
    operation(
        Operation::copy, [=, this] { launch_.copy(to, from, bytes); }, to, from, bytes);
  }
  void zero(void* to, std::size_t bytes) override {
    operation(
        Operation::zero, [=, this] { launch_.zero(to, bytes); }, to, bytes);
  }

  void sweep(const Synapses& synapses, const Sweep& sweep) override {
    operation(
        Operation::sweep,
        [this, synapses, sweep, rule = sweep.learn ? std::optional(*sweep.learn) : std::nullopt] {
          Sweep own = sweep;
          own.learn = rule ? &*rule : nullptr;  // the caller's rule may be gone when this runs
          if (const auto* dense = std::get_if<DenseView>(&synapses))
            sweep_dense(launch_, *dense, own);
          else
            sweep_outgoing(launch_, std::get<OutgoingView>(synapses), own);
        },
        synapses, sweep);
  }
  void update(const UnitRule& rule, const UnitColumns& columns, Batch<const real> shared) override {
    operation(
        Operation::update, [=, this] { kernels::update(launch_, rule, columns, shared); }, rule, columns, shared);
  }
  void update_in_order(const UnitRule& rule, const UnitColumns& columns, Batch<const real> shared,
                       const DenseView& weights, Batch<const Index> order, Index group) override {
    operation(
        Operation::update_in_order,
        [=, this] { kernels::update_in_order(launch_, rule, columns, shared, weights, order, group); }, rule, columns,
        shared, weights, order, group);
  }
  void select_top_k(Batch<const real> score, Index k, const Active& winners) override {
    operation(
        Operation::select_top_k, [=, this] { kernels::select_top_k(launch_, score, k, winners); }, score, k, winners);
  }
  void collect(Batch<const real> x, real above, const Active& out) override {
    operation(
        Operation::collect, [=, this] { kernels::collect(launch_, x, above, out); }, x, above, out);
  }
  void sample(const Distribution& distribution, Span<const std::uint64_t> seeds, Stream stream, Tick tick,
              Batch<real> out) override {
    const TickSource source = step_word_ ? TickSource{step_word_, tick - step_tick_} : TickSource{nullptr, tick};
    operation(
        Operation::sample, [=, this] { kernels::sample(launch_, distribution, seeds.data, stream, source, out); },
        distribution, seeds, stream, source.step, source.offset, out);
  }

  /// Many steps in a call, so never part of a recorded one; those of large networks are recorded themselves.
  void run_sorn(const SornView& net, const SornRun& run) override {
    const std::optional<SornRun> one = repeated_step(net, run);
    if (!one || step_word_) {
      recorder_.settle();
      return kernels::run_sorn(launch_, net, run);
    }
    for (Index s = 0; s < run.steps; ++s) {
      begin_step(reinterpret_cast<std::uintptr_t>(net.x), run.first + s);
      operation(
          Operation::sorn_step, [this, step = SornStep{net, *one, 0, step_word_}] { take_sorn_step(launch_, step, 0); },
          net, *one);
      end_step();
    }
  }

  void run_attractor(const AttractorView& net, const AttractorRun& run) override {
    if (!fits_block(net, run, launch_.shared_memory())) return Backend::run_attractor(net, run);
    recorder_.settle();
    kernels::run_attractor(launch_, net, run);
  }

  /// Not recorded: a lone round of the calculus asks the host who won.
  FibreOperations& fibres() override {
    settle();
    return fibres_;
  }
  Index run_rounds(const RoundsView& view, Index rounds) override {
    settle();
    return kernels::run_rounds(*this, launch_, view, rounds);
  }

  void begin_step(std::uint64_t key, Tick tick) override {
    step_tick_ = tick;
    step_word_ = launch_.template scratch<Tick>(Scratch::tick, 1);
    launch_.items("begin_step", 1, 1, SetTick{step_word_, tick});
    recorder_.begin(key);
  }
  void end_step() override {
    step_word_ = nullptr;
    recorder_.end();
  }

 protected:
  template <class... Arguments>
  explicit KernelBackend(Arguments&&... arguments)
      : launch_(std::forward<Arguments>(arguments)...), recorder_(launch_) {
    launch_.before_scratch_moves = [this] { recorder_.forget_graphs(); };
  }
  /// Before anything that is no operation touches memory.
  void settle() { recorder_.settle(); }

  Launcher launch_;

 private:
  enum class Operation : std::uint32_t {
    copy,
    zero,
    sweep,
    update,
    update_in_order,
    select_top_k,
    collect,
    sample,
    sorn_step
  };

  template <class F, class... Arguments>
  void operation(Operation name, F&& call, const Arguments&... arguments) {
    signature_.words.assign(1, 0);
    signature_.add_all(name, arguments...);
    signature_.words[0] = signature_.words.size();
    recorder_.operation(signature_.words, std::forward<F>(call));
  }

  StepRecorder<Launcher> recorder_;
  KernelFibres<Launcher> fibres_{*this, launch_};
  Signature signature_;
  Tick* step_word_ = nullptr;
  Tick step_tick_ = 0;
};

}  // namespace engram::kernels
