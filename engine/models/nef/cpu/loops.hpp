// Hot loops of NEF networks on the CPU, compiled for each instruction set.
#pragma once

#include <span>
#include <vector>

#include "engram/nef/tensors.hpp"

namespace engram::nef::loops {

/// to += from; to += from * factor; to += a * b.
void add(real* to, const real* from, Index n);
void add_scaled(real* to, const real* from, real factor, Index n);
void add_products(real* to, const real* a, const real* b, Index n);

/// w(i, j) += factors[i] * v(j) for these columns j; rows lie side by side.
void add_outer(const View& w, const real* factors, const View& v, std::span<const Index> columns);

/// Rows [first, end) of to = a x, or to += a x; rows lie side by side.
void product(const View& to, const View& a, const View& x, Index first, Index end, bool add);

void lif(const Lif& type, const real* current, real* voltage, real* refractory, real* out, Index n, real dt);
void smooth(real* y, const real* u, Index n, real decay, real gain);

/// Oja's rule on rows [first, end) of one column, whose source has the activity a.
void oja(real* column, const real* u, real a, real f, real beta, Index first, Index end);
/// Voja's rule on rows [first, end) of one column; on one row.
void voja(real* column, const real* u, const real* scale, real x, real f, Index first, Index end);
void voja_row(const View& w, Index row, real f_u, real scale, const View& x);

bool all_zero(const real* x, Index n);
/// Rows where a vector is not 0, ascending, in memory that is used again.
std::span<const Index> not_zero(const View& x, std::vector<Index>& rows);

}  // namespace engram::nef::loops
