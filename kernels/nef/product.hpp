// Sums over the columns of a matrix, in the order that tensors.hpp promises.
#pragma once

#include "engram/nef/tensors.hpp"

namespace engram::nef::bodies {

inline constexpr Index columns_of_chunk = 64;

/// A chunk's sum, and whether any of its factors is not 0.
struct ChunkSum {
  real sum = 0;
  bool any = false;
};
ENGRAM_HD ChunkSum chunk_sum(const View& a, const View& x, Index row, Index chunk) {
  ChunkSum s;
  const Index first = chunk * columns_of_chunk;
  const Index end = first + columns_of_chunk < a.cols ? first + columns_of_chunk : a.cols;
  for (Index j = first; j < end; ++j) {
    const real factor = x(j);
    if (factor == real(0)) continue;
    s.sum += a(row, j) * factor;
    s.any = true;
  }
  return s;
}

/// `start` plus the row of the product.
ENGRAM_HD real add_row(real start, const View& a, const View& x, Index row) {
  for (Index chunk = 0; chunk * columns_of_chunk < a.cols; ++chunk) {
    const ChunkSum s = chunk_sum(a, x, row, chunk);
    if (s.any) start += s.sum;
  }
  return start;
}

struct ProductRow {
  Product op;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    real& to = op.to.of(r)(i);
    to = add_row(op.add ? to : real(0), op.a.of(r), op.x.of(r), i);
  }
};

/// The two values behind x in HeldProduct::seen: whether there was a last step, and whether x has changed since.
struct LookAtInput {
  HeldProduct op;
  ENGRAM_HD void operator()(Index, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const View x = op.x.of(r), seen = op.seen.of(r);
    bool same = seen(x.rows) == real(1);
    for (Index j = 0; same && j < x.rows; ++j) same = seen(j) == x(j);
    seen(x.rows + 1) = same ? real(0) : real(1);
  }
};
struct HeldRow {
  HeldProduct op;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    real& sum = op.sum.of(r)(i);
    const bool changed = op.seen.of(r)(op.x.rows + 1) != real(0);
    if (changed || (op.touched && op.touched.of(r)(i) != real(0))) sum = add_row(real(0), op.a.of(r), op.x.of(r), i);
    op.to.of(r)(i) += sum;
  }
};
struct KeepInput {
  HeldProduct op;
  ENGRAM_HD void operator()(Index j, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    op.seen.of(r)(j) = j < op.x.rows ? op.x.of(r)(j) : real(1);
  }
};

struct GainOfRls {
  RlsGain op;
  ENGRAM_HD void operator()(Index, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    View row = op.a.of(r);  // the row vector a'
    row.cols = row.rows;
    row.col_step = row.row_step;
    op.gain.of(r)(0) = real(1) / (real(1) + add_row(real(0), row, op.q.of(r), 0));
  }
};

}  // namespace engram::nef::bodies
