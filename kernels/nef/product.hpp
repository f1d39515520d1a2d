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

/// Whether x is not what it was in the last step, or there was none; see HeldProduct::seen.
ENGRAM_HD bool has_changed(const View& x, const View& seen, Index first, Index end) {
  bool changed = seen(x.rows) != real(1);
  for (Index j = first; j < end; ++j) changed |= !(seen(j) == x(j));
  return changed;
}
/// Keeps x for the next step, and behind it that there was a step, and whether x had changed.
ENGRAM_HD void keep_input(const View& x, const View& seen, Index j, bool changed) {
  if (changed && j < x.rows) seen(j) = x(j);
  if (j == x.rows) {
    seen(j) = real(1);
    seen(j + 1) = changed ? real(1) : real(0);
  }
}

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
