// The operations of a backend that runs kernels, whatever launches them: CUDA, or in tests the host.
#pragma once

#include <optional>
#include <tuple>

#include "kernels/core/signature.hpp"
#include "kernels/core/step_recorder.hpp"
#include "kernels/operations/gather.hpp"
#include "kernels/operations/joined_sweeps.hpp"
#include "kernels/operations/sample.hpp"
#include "kernels/operations/summarize.hpp"
#include "kernels/operations/sweep_dense.hpp"
#include "kernels/operations/sweep_incoming.hpp"
#include "kernels/operations/top_k.hpp"
#include "kernels/operations/update.hpp"

namespace engram::kernels {

/// Columns of a call that may run later than it returns: as many as there are, for most rules ask for few.
class KeptColumns {
 public:
  explicit KeptColumns(UnitColumns columns) : count_(columns.size()) {
    if (count_ > max_unit_columns)
      throw Error("update: found " + std::to_string(count_) + " columns; allowed are up to " +
                  std::to_string(max_unit_columns));
    std::copy(columns.begin(), columns.end(), at_);
  }
  KeptColumns(const KeptColumns& other) : KeptColumns(other.view()) {}
  KeptColumns& operator=(const KeptColumns&) = delete;
  UnitColumns view() const { return {at_, count_}; }

 private:
  std::size_t count_;
  Batch<real> at_[max_unit_columns];
};

/// Launcher: see launch.hpp; beside it `copy(to, from, bytes)`, and what StepRecorder asks of a device. The order of
/// operations is that of the calls; memory of the backend comes from the class derived from this.
template <class Launcher>
class KernelOperations : public Backend {
 public:
  void copy(void* to, const void* from, std::size_t bytes) override {
    operation(
        "copy", [=, this] { launch_.copy(to, from, bytes); }, to, from, bytes);
  }
  void zero(void* to, std::size_t bytes) override {
    joined_operation(
        "zero", [=, this] { joined_.zero(to, bytes); }, to, bytes);
  }

  void sweep(const Synapses& synapses, const Sweep& sweep) override {
    joined_operation(
        "sweep",
        [this, synapses, sweep, rule = sweep.learn ? std::optional(*sweep.learn) : std::nullopt] {
          Sweep own = sweep;
          own.learn = rule ? &*rule : nullptr;  // the caller's rule may be gone when this runs
          if (const auto* outgoing = std::get_if<OutgoingView>(&synapses)) return joined_.sweep(*outgoing, own);
          joined_.flush();
          if (const auto* dense = std::get_if<DenseView>(&synapses))
            sweep_dense(launch_, *dense, own);
          else
            sweep_incoming(launch_, std::get<IncomingView>(synapses), own);
        },
        synapses, sweep);
  }
  void multiply(const DenseView& weights, Batch<const real> x, Index group, Batch<real> out) override {
    bodies::check_product(weights, x, group, out);
    operation(
        "multiply", [=, this] { launch_.multiply(weights, x, group, out); }, weights, x, group, out);
  }
  void update(const UnitRule& rule, UnitColumns columns, const Segments& segments, Batch<const real> shared) override {
    operation(
        "update",
        [=, own = KeptColumns(columns), this] { kernels::update(launch_, rule, own.view(), segments, shared); }, rule,
        columns, segments, shared);
  }
  void update_in_order(const UnitRule& rule, UnitColumns columns, Batch<const real> shared, const DenseView& weights,
                       Batch<const Index> order, Index group) override {
    operation(
        "update_in_order",
        [=, own = KeptColumns(columns), this] {
          kernels::update_in_order(launch_, rule, own.view(), shared, weights, order, group);
        },
        rule, columns, shared, weights, order, group);
  }
  void summarize(Batch<const real> x, const Segments& segments, const Summary& summary, Batch<real> out) override {
    operation(
        "summarize", [=, this] { kernels::summarize(launch_, x, segments, summary, out); }, x, segments, summary, out);
  }
  void gather(Batch<const real> from, Span<const Index> at, Batch<real> to) override {
    operation(
        "gather", [=, this] { kernels::gather(launch_, from, at, to); }, from, at, to);
  }
  void select_top_k(Batch<const real> score, Index k, const Active& winners) override {
    operation(
        "select_top_k", [=, this] { kernels::select_top_k(launch_, score, k, winners); }, score, k, winners);
  }
  void collect(Batch<const real> x, real above, const Active& out) override {
    operation(
        "collect", [=, this] { kernels::collect(launch_, x, above, out); }, x, above, out);
  }
  void sample(const Distribution& distribution, Span<const std::uint64_t> seeds, Stream stream, Tick tick,
              Batch<real> out) override {
    const TickSource source = in_step_ ? TickSource{step_word(), tick - step_tick_} : TickSource{nullptr, tick};
    operation(
        "sample", [=, this] { kernels::sample(launch_, distribution, seeds.data, stream, source, out); }, distribution,
        seeds, stream, source.step, source.offset, out);
  }

  void begin_step(std::uint64_t key, Tick tick) override {
    step_tick_ = tick;
    in_step_ = true;
    step_word_ = nullptr;
    joined_.flush();  // of a step that was abandoned
    joined_.wait(true);
    recorder_.begin(key);
  }
  void end_step() override {
    operation("end_step", [] {});  // nothing waits beyond it
    in_step_ = false;
    recorder_.end();
    joined_.wait(false);
  }

  // For extensions.
  Launcher& launcher() { return launch_; }
  /// Before anything that is no operation touches memory.
  void settle() {
    recorder_.settle();
    joined_.flush();
    joined_.wait(false);  // what follows in this step runs at once
  }
  /// Runs `call`, now or with the step that is being recorded. The name and the arguments tell two calls apart.
  template <class F, class... Arguments>
  void operation(const char* name, F&& call, const Arguments&... arguments) {
    joined_operation(
        name,
        [this, call = std::forward<F>(call)] {
          joined_.flush();
          call();
        },
        arguments...);
  }
  /// The same of a call that tells joined_ itself.
  template <class F, class... Arguments>
  void joined_operation(const char* name, F&& call, const Arguments&... arguments) {
    signature_.words.assign(1, 0);
    signature_.add_all(name, arguments...);
    signature_.words[0] = signature_.words.size();
    recorder_.operation(signature_.words, std::forward<F>(call));
  }
  /// Where a kernel of the present step finds its tick; null outside a step.
  Tick* step_word() {
    if (!in_step_) return nullptr;
    if (!step_word_) {  // set where it is first asked for: most steps read no tick
      step_word_ = launch_.template scratch<Tick>(Scratch::tick, 1);
      launch_.items("begin_step", 1, 1, SetTick{step_word_, step_tick_});
    }
    return step_word_;
  }

 protected:
  template <class... Arguments>
  explicit KernelOperations(Arguments&&... arguments)
      : launch_(std::forward<Arguments>(arguments)...), recorder_(launch_), joined_(launch_) {
    launch_.before_scratch_moves = [this] { recorder_.forget_graphs(); };
  }

  Launcher launch_;

 private:
  StepRecorder<Launcher> recorder_;
  JoinedSweeps<Launcher> joined_;
  Signature signature_;
  bool in_step_ = false;
  Tick* step_word_ = nullptr;  ///< null until a step asks for its tick
  Tick step_tick_ = 0;
};

/// With what families offer beyond; kernels/extensions.hpp has their list.
template <class Launcher, template <class> class... Extensions>
class KernelBackend : public KernelOperations<Launcher> {
 public:
  Extension* find_extension(ExtensionId id) override {
    Extension* found = nullptr;
    std::apply([&](auto&... all) { ((found = found || all.id != id ? found : &all), ...); }, extensions_);
    return found;
  }

 protected:
  template <class... Arguments>
  explicit KernelBackend(Arguments&&... arguments)
      : KernelOperations<Launcher>(std::forward<Arguments>(arguments)...),
        extensions_{Extensions<Launcher>(static_cast<KernelOperations<Launcher>&>(*this))...} {}

 private:
  std::tuple<Extensions<Launcher>...> extensions_;
};

}  // namespace engram::kernels
