// NEF networks on the CPU: a thread takes its replicas through all steps of a call; a single large network shares its
// larger operations among all threads. The hot loops walk over columns that lie side by side.
#include "engram/nef/tensors.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "engine/cpu/of_thread.hpp"
#include "engine/cpu/parallel.hpp"
#include "engine/models/cpu_extensions.hpp"
#include "engine/models/nef/cpu/loops.hpp"
#include "kernels/nef/learn.hpp"
#include "kernels/nef/product.hpp"

namespace engram::nef {

namespace {

using namespace bodies;

/// Runs operations of one replica at one tick.
class Runner {
 public:
  Runner(int threads, Index replica, Tick tick) : threads_(threads), replica_(replica), tick_(tick) {}

  void operator()(const Clock& op) const { AdvanceClock{op}(0, replica_, tick_); }
  void operator()(const Fill& op) const {
    const View to = op.to.of(replica_);
    if (!to.contiguous()) return elements(op.to, FillElement{op});
    for (Index j = 0; j < to.cols; ++j) std::fill_n(to.column(j), to.rows, op.value);
  }
  void operator()(const Copy& op) const {
    const View to = op.to.of(replica_), from = op.from.of(replica_);
    if (!to.contiguous() || !from.contiguous()) return elements(op.to, CopyElement{op});
    split_columns(to, to.rows / side_by_side, [&](Index j, Index first, Index end) {
      if (op.add)
        loops::add(to.column(j) + first, from.column(j) + first, end - first);
      else
        std::copy_n(from.column(j) + first, end - first, to.column(j) + first);
    });
  }
  void operator()(const Scale& op) const {
    const View to = op.to.of(replica_), a = op.a.of(replica_), x = op.x.of(replica_);
    // Gains of neurons times one value, or times one value each.
    if (op.add && to.cols == 1 && to.contiguous() && a.contiguous() && a.rows == to.rows &&
        (x.rows == 1 || x.contiguous()))
      return x.rows == 1 ? loops::add_scaled(to.data, a.data, x(0), to.rows)
                         : loops::add_products(to.data, a.data, x.data, to.rows);
    elements(op.to, ScaleElement{op});
  }
  void operator()(const Product& op) const {
    product(op.to.of(replica_), op.a.of(replica_), op.x.of(replica_), op.add);
  }
  void operator()(const HeldProduct& op) const {
    const View to = op.to.of(replica_), a = op.a.of(replica_), x = op.x.of(replica_), sum = op.sum.of(replica_),
               seen = op.seen.of(replica_);
    const bool changed = has_changed(x, seen, 0, x.rows);
    for (Index j = changed ? 0 : x.rows; j <= x.rows; ++j) keep_input(x, seen, j, changed);
    if (changed) {
      product(sum, a, x, false);
    } else if (op.touched) {
      // A row by itself costs as much as several among others.
      const std::span<const Index> touched = loops::not_zero(op.touched.of(replica_), marked_);
      if (touched.size() * 8 > sum.rows)
        product(sum, a, x, false);
      else
        for (const Index i : touched) sum(i) = add_row(real(0), a, x, i);
    }
    if (to.contiguous()) return loops::add(to.data, sum.data, to.rows);
    for (Index i = 0; i < to.rows; ++i) to(i) += sum(i);
  }
  void operator()(const Gather& op) const { items(op.count, op.count * 4, GatherElement{op}); }
  void operator()(const Table& op) const {
    const TableElement table{op};
    const Index at = table.column(tick_);
    for (Index i = 0; i < op.to.rows; ++i) table.show(i, replica_, at);
  }
  void operator()(const Map& op) const { items(op.to.rows, op.to.rows, MapElement{op}); }
  void operator()(const Neurons& op) const {
    const View current = op.current.of(replica_), out = op.out.of(replica_);
    const auto* lif = std::get_if<Lif>(&op.type);
    if (lif && current.contiguous() && out.contiguous()) {
      real *voltage = op.state[0].of(replica_).data, *refractory = op.state[1].of(replica_).data;
      return cpu::parallel_for(threads_, out.rows, std::size_t{out.rows} * 8,
                               [&](std::size_t begin, std::size_t end, int) {
                                 loops::lif(*lif, current.data + begin, voltage + begin, refractory + begin,
                                            out.data + begin, static_cast<Index>(end - begin), op.dt);
                               });
    }
    std::visit(
        [&]<class Type>(const Type& type) {
          if constexpr (!std::is_same_v<Type, Direct>)
            items(out.rows, std::size_t{out.rows} * 16, StepNeuron<Type>{type, op});
        },
        op.type);
  }
  void operator()(const Smooth& op) const {
    const View y = op.y.of(replica_), u = op.u.of(replica_);
    if (!y.contiguous() || !u.contiguous()) return items(y.rows, y.rows, SmoothElement{op});
    cpu::parallel_for(threads_, y.rows, y.rows / side_by_side, [&](std::size_t begin, std::size_t end, int) {
      loops::smooth(y.data + begin, u.data + begin, static_cast<Index>(end - begin), op.decay, op.gain);
    });
  }
  void operator()(const Filter& op) const { items(op.y.rows, std::size_t{op.y.rows} * 16, FilterElement{op}); }
  void operator()(const Falling& op) const {
    items(op.y.rows, std::size_t{op.y.rows} * op.ring.cols, FallingElement{op});
  }
  void operator()(const Draw& op) const {
    const Index blocks = ceil_div<Index>(op.to.rows, 4);
    items(blocks, std::size_t{blocks} * 64, DrawFour{op});
  }
  void operator()(const Learn& op) const {
    const View matrix = op.matrix.of(replica_);
    if (op.count == 1 && matrix.contiguous() && learn_fast(matrix, op.terms[0])) return;
    elements(op.matrix, [&](Index i, std::size_t) {
      at_element(matrix, i, [&](Index row, Index col) { learn_value(op, matrix, replica_, row, col); });
    });
  }
  void operator()(const Change& op) const { elements(op.matrix, ChangeElement{op}); }
  void operator()(const RlsGain& op) const { GainOfRls{op}(0, replica_); }
  void operator()(const Record& op) const {
    const RecordElement record{op};
    if (record.due(tick_)) elements(op.x, [&](Index i, std::size_t replica) { record.keep(i, replica, tick_); });
  }

 private:
  /// Values that a loop without branches takes at once, so that a second thread pays for longer vectors only.
  static constexpr Index side_by_side = 4;

  template <class Body>
  void items(Index count, std::size_t work, const Body& body) const {
    cpu::parallel_for(threads_, count, work, [&](std::size_t begin, std::size_t end, int) {
      for (std::size_t i = begin; i < end; ++i) take(body, static_cast<Index>(i), replica_, tick_);
    });
  }
  template <class Body>
  void elements(const View& of, const Body& body) const {
    items(of.rows * of.cols, std::size_t{of.rows} * of.cols, body);
  }

  /// f(column, first row, end of rows): by columns, or by rows where there are few columns.
  template <class F>
  void split_columns(const View& of, std::size_t work_of_column, F&& f) const {
    if (of.cols >= static_cast<Index>(threads_)) {
      cpu::parallel_for(threads_, of.cols, of.cols * work_of_column, [&](std::size_t begin, std::size_t end, int) {
        for (std::size_t j = begin; j < end; ++j) f(static_cast<Index>(j), 0, of.rows);
      });
    } else {
      cpu::parallel_for(threads_, of.rows, of.cols * work_of_column, [&](std::size_t begin, std::size_t end, int) {
        for (Index j = 0; j < of.cols; ++j) f(j, static_cast<Index>(begin), static_cast<Index>(end));
      });
    }
  }

  void product(const View& to, const View& a, const View& x, bool add) const {
    const bool fast = to.contiguous() && a.contiguous();
    cpu::parallel_for(threads_, to.rows, std::size_t{to.rows} * a.cols / 4,
                      [&](std::size_t begin, std::size_t end, int) {
                        if (fast)
                          return loops::product(to, a, x, static_cast<Index>(begin), static_cast<Index>(end), add);
                        for (auto i = static_cast<Index>(begin); i < end; ++i)
                          to(i) = add_row(add ? to(i) : real(0), a, x, i);
                      });
  }

  /// One term, where its vectors lie side by side.
  bool learn_fast(const View& w, const Term& term) const {
    const View u = term.u.of(replica_), v = term.v.of(replica_), other = term.other.of(replica_);
    const real f = factor_of(term, replica_);
    if (f == real(0)) return true;
    if (!u.contiguous() || (other && !other.contiguous())) return false;
    if (term.rule == Learning::voja) {
      const std::span<const Index> active = loops::not_zero(u, marked_);
      if (active.size() * 8 < w.rows) {
        cpu::parallel_for(threads_, active.size(), active.size() * w.cols * 8,
                          [&](std::size_t begin, std::size_t end, int) {
                            for (std::size_t k = begin; k < end; ++k)
                              loops::voja_row(w, active[k], f * u(active[k]), other(active[k]), v);
                          });
        return true;
      }
      split_columns(w, w.rows, [&](Index j, Index first, Index end) {
        loops::voja(w.column(j), u.data, other.data, v(j), f, first, end);
      });
      return true;
    }
    if (term.rule == Learning::oja) {
      split_columns(w, w.rows, [&](Index j, Index first, Index end) {
        loops::oja(w.column(j), u.data, v(j), f, term.beta, first, end);
      });
      return true;
    }
    factors_.resize(w.rows);
    for (Index i = 0; i < w.rows; ++i)
      factors_[i] = term.rule == Learning::outer ? f * u(i) : learning::bcm(f, u(i), other(i));
    const real* factors = factors_.data();
    const std::span<const Index> active = loops::not_zero(v, marked_);
    cpu::parallel_for(threads_, active.size(), active.size() * w.rows, [&](std::size_t begin, std::size_t end, int) {
      loops::add_outer(w, factors, v, active.subspan(begin, end - begin));
    });
    return true;
  }

  int threads_;
  Index replica_;
  Tick tick_;
  std::vector<real>& factors_ = cpu::of_thread<std::vector<real>, struct LearningFactors>();
  std::vector<Index>& marked_ = cpu::of_thread<std::vector<Index>, struct MarkedRows>();
};

class CpuTensors final : public Tensors {
 public:
  explicit CpuTensors(int threads) : threads_(threads) {}
  void run(std::span<const Operation> operations, Index replicas, Tick first, Tick steps) override {
    const auto steps_of = [&](int threads, Index replica) {
      for (Tick t = first; t < first + steps; ++t) {
        const Runner runner(threads, replica, t);
        for (const Operation& operation : operations) std::visit(runner, operation);
      }
    };
    if (replicas == 1) return steps_of(threads_, 0);
    constexpr std::size_t work_of_operation = 200;  // of a small one
    cpu::parallel_for_each(threads_, replicas, replicas * steps * operations.size() * work_of_operation,
                           [&](std::size_t r, int) { steps_of(1, static_cast<Index>(r)); });
  }
  Extension* traced(Tracer& tracer) override { return tracer.keep(traced_tensors(*this, tracer)); }

 private:
  int threads_;
};

}  // namespace

}  // namespace engram::nef

namespace engram::cpu {

std::unique_ptr<Extension> nef_tensors(const CpuBackend& backend) {
  return std::make_unique<nef::CpuTensors>(backend.info().threads);
}

}  // namespace engram::cpu
