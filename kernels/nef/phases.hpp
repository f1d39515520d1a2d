// What a step of a NEF network does on a device, said once for the launches of large networks and the blocks of small
// ones: a list of phases, each of so many independent elements, of which each sees what the ones before it wrote.
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "engram/backend.hpp"
#include "kernels/nef/learn.hpp"
#include "kernels/nef/product.hpp"

namespace engram::kernels {

/// The sums of chunks between two phases: [replica][chunk][row][2], a sum and behind it whether it has any term.
struct ChunkSums {
  real* sums;
  Index chunks, rows;
  ENGRAM_HD real* at(std::size_t replica, Index chunk, Index row) const {
    return sums + ((replica * chunks + chunk) * rows + row) * 2;
  }
  ENGRAM_HD void put(std::size_t replica, Index chunk, Index row, const nef::bodies::ChunkSum& s) const {
    real* to = at(replica, chunk, row);
    to[0] = s.sum;
    to[1] = s.any ? real(1) : real(0);
  }
  ENGRAM_HD real add_to(real start, std::size_t replica, Index row) const {
    for (Index chunk = 0; chunk < chunks; ++chunk) {
      const real *from = at(replica, chunk, row), sum = from[0];
      start = from[1] != real(0) ? start + sum : start;
    }
    return start;
  }
};

/// A chunk of a row of a product.
struct ProductChunk {
  nef::View a, x;
  ChunkSums sums;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const Index row = i % a.rows, chunk = i / a.rows;
    sums.put(replica, chunk, row, nef::bodies::chunk_sum(a.of(r), x.of(r), row, chunk));
  }
};
struct AddChunks {
  nef::View to;
  bool add;
  ChunkSums sums;
  ENGRAM_HD void operator()(Index row, std::size_t replica) const {
    real& target = to.of(static_cast<Index>(replica))(row);
    target = sums.add_to(add ? target : real(0), replica, row);
  }
};

/// Whether a part of the input of a held product is another than in the last step: `changes` is [replica][part].
struct LookAtInput {
  static constexpr Index part = 64;
  nef::HeldProduct op;
  real* changes;
  Index parts;
  ENGRAM_HD void operator()(Index p, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const Index end = (p + 1) * part < op.x.rows ? (p + 1) * part : op.x.rows;
    const bool changed = nef::bodies::has_changed(op.x.of(r), op.seen.of(r), p * part, end);
    changes[replica * parts + p] = changed ? real(1) : real(0);
  }
  ENGRAM_HD bool changed(std::size_t replica) const {
    real any = 0;
    for (Index p = 0; p < parts; ++p) any = changes[replica * parts + p] != real(0) ? real(1) : any;
    return any != real(0);
  }
  /// Whether the sum of a row must be made anew.
  ENGRAM_HD bool stale(std::size_t replica, Index row) const {
    return (op.touched && op.touched.of(static_cast<Index>(replica))(row) != real(0)) || changed(replica);
  }
};
/// A chunk of a row that is summed anew.
struct HeldChunk {
  LookAtInput look;
  ChunkSums sums;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const Index row = i % sums.rows, chunk = i / sums.rows;
    if (look.stale(replica, row))
      sums.put(replica, chunk, row, nef::bodies::chunk_sum(look.op.a.of(r), look.op.x.of(r), row, chunk));
  }
};
/// Rows of a held product, from the sums of chunks or, where there are few, at once; then what the next step asks for.
struct HeldRow {
  LookAtInput look;
  ChunkSums sums;  ///< null: there are few
  ENGRAM_HD Index count() const { return look.op.to.rows > look.op.x.rows ? look.op.to.rows : look.op.x.rows + 1; }
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const nef::View x = look.op.x.of(r);
    const bool changed = look.changed(replica);
    nef::bodies::keep_input(x, look.op.seen.of(r), i, changed);
    if (i >= look.op.to.rows) return;
    real& sum = look.op.sum.of(r)(i);
    if (changed || (look.op.touched && look.op.touched.of(r)(i) != real(0)))
      sum = sums.sums ? sums.add_to(real(0), replica, i) : nef::bodies::add_row(real(0), look.op.a.of(r), x, i);
    look.op.to.of(r)(i) += sum;
  }
};

/// Neurons that are no neurons have no phase.
struct NoElement {
  ENGRAM_HD void operator()(Index, std::size_t) const {}
};
template <class Type>
using NeuronBody = std::conditional_t<std::is_same_v<Type, nef::Direct>, NoElement, nef::bodies::StepNeuron<Type>>;

template <class Types>
struct BodiesWith;
template <class... Types>
struct BodiesWith<std::variant<Types...>> {
  using Body =
      std::variant<nef::bodies::AdvanceClock, nef::bodies::FillElement, nef::bodies::CopyElement,
                   nef::bodies::ScaleElement, nef::bodies::ProductRow, ProductChunk, AddChunks, LookAtInput, HeldChunk,
                   HeldRow, nef::bodies::GatherElement, nef::bodies::TableElement, nef::bodies::MapElement,
                   nef::bodies::SmoothElement, nef::bodies::FilterElement, nef::bodies::FallingElement,
                   nef::bodies::DrawFour, nef::bodies::LearnRow, nef::bodies::LearnColumn, nef::bodies::ChangeElement,
                   nef::bodies::GainOfRls, nef::bodies::RecordElement, NeuronBody<Types>...>;
};

/// One launch, or one phase of a block.
struct NefPhase {
  BodiesWith<nef::NeuronType>::Body body;
  Index count;
  const char* name;  ///< for the host's errors
};

/// Calls f(body) where the host or a device finds a phase: std::visit is no device code.
template <std::size_t k = 0, class F>
ENGRAM_HD void with_body(const NefPhase& phase, F&& f) {
  if constexpr (k < std::variant_size_v<decltype(NefPhase::body)>) {
    if (const auto* body = std::get_if<k>(&phase.body)) return f(*body);
    with_body<k + 1>(phase, f);
  }
}

/// Splits operations into phases. The sums between them lie behind each other in `sums`, whose size is `values`
/// afterwards; without it nothing but that size is of use.
class NefPhases {
 public:
  NefPhases(std::span<const nef::Operation> operations, Index replicas, real* sums) : replicas_(replicas), sums_(sums) {
    for (const nef::Operation& operation : operations) std::visit(*this, operation);
  }
  std::vector<NefPhase> all;
  std::size_t values = 0;

  void operator()(const nef::Clock& op) { add("nef_clock", 1, nef::bodies::AdvanceClock{op}); }
  void operator()(const nef::Fill& op) { elements("nef_fill", op.to, nef::bodies::FillElement{op}); }
  void operator()(const nef::Copy& op) { elements("nef_copy", op.to, nef::bodies::CopyElement{op}); }
  void operator()(const nef::Scale& op) { elements("nef_scale", op.to, nef::bodies::ScaleElement{op}); }
  void operator()(const nef::Product& op) {
    const ChunkSums sums = chunks_of(op.a);
    if (!sums.chunks) return add("nef_product", op.to.rows, nef::bodies::ProductRow{op});
    add("nef_product", sums.rows * sums.chunks, ProductChunk{op.a, op.x, sums});
    add("nef_product", op.to.rows, AddChunks{op.to, op.add, sums});
  }
  void operator()(const nef::HeldProduct& op) {
    const Index parts = ceil_div(op.x.rows, LookAtInput::part);
    const LookAtInput look{op, take(std::size_t{parts} * replicas_), parts};
    add("nef_held_product", parts, look);
    const ChunkSums sums = chunks_of(op.a);
    if (sums.chunks) add("nef_held_product", sums.rows * sums.chunks, HeldChunk{look, sums});
    const HeldRow rows{look, sums};
    add("nef_held_product", rows.count(), rows);
  }
  void operator()(const nef::Gather& op) { add("nef_gather", op.count, nef::bodies::GatherElement{op}); }
  void operator()(const nef::Table& op) { add("nef_table", op.to.rows, nef::bodies::TableElement{op}); }
  void operator()(const nef::Map& op) { add("nef_function", op.to.rows, nef::bodies::MapElement{op}); }
  void operator()(const nef::Neurons& op) {
    std::visit(
        [&]<class Type>(const Type& type) {
          if constexpr (!std::is_same_v<Type, nef::Direct>)
            add("nef_neurons", op.out.rows, nef::bodies::StepNeuron<Type>{type, op});
        },
        op.type);
  }
  void operator()(const nef::Smooth& op) { add("nef_filter", op.y.rows, nef::bodies::SmoothElement{op}); }
  void operator()(const nef::Filter& op) { add("nef_filter", op.y.rows, nef::bodies::FilterElement{op}); }
  void operator()(const nef::Falling& op) { add("nef_filter", op.y.rows, nef::bodies::FallingElement{op}); }
  void operator()(const nef::Draw& op) { add("nef_noise", ceil_div<Index>(op.to.rows, 4), nef::bodies::DrawFour{op}); }
  void operator()(const nef::Learn& op) {
    if (nef::bodies::LearnRow::fits(op))
      add("nef_learn", nef::bodies::LearnRow::count(op.matrix), nef::bodies::LearnRow{op});
    else
      add("nef_learn", nef::bodies::LearnColumn::count(op.matrix), nef::bodies::LearnColumn{op});
  }
  void operator()(const nef::Change& op) { elements("nef_change", op.matrix, nef::bodies::ChangeElement{op}); }
  void operator()(const nef::RlsGain& op) { add("nef_gain", 1, nef::bodies::GainOfRls{op}); }
  void operator()(const nef::Record& op) { add("nef_record", op.x.rows * op.x.cols, nef::bodies::RecordElement{op}); }

 private:
  template <class Body>
  void add(const char* name, Index count, const Body& body) {
    all.push_back({body, count, name});
  }
  template <class Body>
  void elements(const char* name, const nef::View& of, const Body& body) {
    add(name, of.rows * of.cols, body);
  }
  real* take(std::size_t count) {
    real* const place = sums_ ? sums_ + values : nullptr;
    values += count;
    return place;
  }
  /// Few chunks, or so many rows that a thread a row fills the device, need no sums between phases.
  ChunkSums chunks_of(const nef::View& a) {
    const Index chunks = ceil_div(a.cols, nef::bodies::columns_of_chunk);
    if (chunks < 4 || std::size_t{a.rows} * replicas_ >= enough_threads) return {nullptr, 0, a.rows};
    return {take(std::size_t{chunks} * a.rows * 2 * replicas_), chunks, a.rows};
  }

  Index replicas_;
  real* sums_;
};

}  // namespace engram::kernels
