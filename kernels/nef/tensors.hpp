// NEF networks as kernels: a launch an operation, a thread an element; products of long rows take a thread a chunk of
// columns, whose sums are then added in order.
#pragma once

#include "kernels/core/kernel_backend.hpp"
#include "kernels/nef/bodies.hpp"
#include "kernels/nef/product.hpp"

namespace engram::kernels {

/// A chunk's sum, and behind it whether it has any term.
struct ChunkOfRow {
  nef::View a, x;
  real* sums;  ///< [replica][chunk][row][2]
  Index chunks;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const Index row = i % a.rows, chunk = i / a.rows;
    const nef::bodies::ChunkSum s = nef::bodies::chunk_sum(a.of(r), x.of(r), row, chunk);
    real* to = sums + ((replica * chunks + chunk) * a.rows + row) * 2;
    to[0] = s.sum;
    to[1] = s.any ? real(1) : real(0);
  }
};
struct AddChunks {
  nef::View to;
  bool add;
  const real* sums;
  Index chunks;
  ENGRAM_HD void operator()(Index row, std::size_t replica) const {
    real& target = to.of(static_cast<Index>(replica))(row);
    real sum = add ? target : real(0);
    for (Index chunk = 0; chunk < chunks; ++chunk) {
      const real* from = sums + ((replica * chunks + chunk) * to.rows + row) * 2;
      if (from[1] != real(0)) sum += from[0];
    }
    target = sum;
  }
};

/// Launches the operations of one step.
template <class Launcher>
class LaunchTensors {
 public:
  LaunchTensors(Launcher& launch, Scratch scratch, Index replicas, Tick tick)
      : launch_(launch), scratch_(scratch), replicas_(replicas), tick_(tick) {}

  void operator()(const nef::Clock& op) const { items("nef_clock", 1, nef::bodies::AdvanceClock{op, tick_}); }
  void operator()(const nef::Fill& op) const { elements("nef_fill", op.to, nef::bodies::FillElement{op}); }
  void operator()(const nef::Copy& op) const { elements("nef_copy", op.to, nef::bodies::CopyElement{op}); }
  void operator()(const nef::Scale& op) const { elements("nef_scale", op.to, nef::bodies::ScaleElement{op}); }
  void operator()(const nef::Product& op) const {
    const Index chunks = ceil_div(op.a.cols, nef::bodies::columns_of_chunk);
    if (chunks < 4 || std::size_t{op.to.rows} * replicas_ >= enough_threads)
      return items("nef_product", op.to.rows, nef::bodies::ProductRow{op});
    real* sums = launch_.template scratch<real>(scratch_, std::size_t{chunks} * op.to.rows * 2 * replicas_);
    items("nef_product", op.to.rows * chunks, ChunkOfRow{op.a, op.x, sums, chunks});
    items("nef_product", op.to.rows, AddChunks{op.to, op.add, sums, chunks});
  }
  void operator()(const nef::HeldProduct& op) const {
    items("nef_held_product", 1, nef::bodies::LookAtInput{op});
    items("nef_held_product", op.to.rows, nef::bodies::HeldRow{op});
    items("nef_held_product", op.x.rows + 1, nef::bodies::KeepInput{op});
  }
  void operator()(const nef::Gather& op) const { items("nef_gather", op.count, nef::bodies::GatherElement{op}); }
  void operator()(const nef::Table& op) const { items("nef_table", op.to.rows, nef::bodies::TableElement{op, tick_}); }
  void operator()(const nef::Map& op) const { items("nef_function", op.to.rows, nef::bodies::MapElement{op}); }
  void operator()(const nef::Neurons& op) const {
    std::visit(
        [&]<class Type>(const Type& type) {
          if constexpr (!std::is_same_v<Type, nef::Direct>)
            items("nef_neurons", op.out.rows, nef::bodies::StepNeuron<Type>{type, op, tick_});
        },
        op.type);
  }
  void operator()(const nef::Smooth& op) const { items("nef_filter", op.y.rows, nef::bodies::SmoothElement{op}); }
  void operator()(const nef::Filter& op) const { items("nef_filter", op.y.rows, nef::bodies::FilterElement{op}); }
  void operator()(const nef::Falling& op) const {
    items("nef_filter", op.y.rows, nef::bodies::FallingElement{op, tick_});
  }
  void operator()(const nef::Draw& op) const {
    items("nef_noise", ceil_div<Index>(op.to.rows, 4), nef::bodies::DrawFour{op, tick_});
  }
  void operator()(const nef::Learn& op) const { elements("nef_learn", op.matrix, nef::bodies::LearnElement{op}); }
  void operator()(const nef::Change& op) const { elements("nef_change", op.matrix, nef::bodies::ChangeElement{op}); }
  void operator()(const nef::RlsGain& op) const { items("nef_gain", 1, nef::bodies::GainOfRls{op}); }
  void operator()(const nef::Record& op) const {
    const nef::bodies::RecordElement record{op, tick_};
    if (record.due()) items("nef_record", op.x.rows * op.x.cols, record);
  }

 private:
  template <class Body>
  void items(const char* name, Index count, const Body& body) const {
    launch_.items(name, count, replicas_, body);
  }
  template <class Body>
  void elements(const char* name, const nef::View& of, const Body& body) const {
    items(name, of.rows * of.cols, body);
  }

  Launcher& launch_;
  Scratch scratch_;
  Index replicas_;
  Tick tick_;
};

template <class Launcher>
void run_tensors(Launcher& launch, Scratch scratch, std::span<const nef::Operation> operations, Index replicas,
                 Tick first, Tick steps) {
  for (Tick t = first; t < first + steps; ++t) {
    const LaunchTensors<Launcher> step(launch, scratch, replicas, t);
    for (const nef::Operation& operation : operations) std::visit(step, operation);
  }
}

}  // namespace engram::kernels
