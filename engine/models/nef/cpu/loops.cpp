#include "engine/models/nef/cpu/loops.hpp"

#include <algorithm>

#include "engram/nef/learning.hpp"
#include "kernels/nef/bodies.hpp"
#include "kernels/nef/product.hpp"

namespace engram::nef::loops {

ENGRAM_CLONES void add(real* __restrict to, const real* __restrict from, Index n) {
  for (Index i = 0; i < n; ++i) to[i] += from[i];
}
ENGRAM_CLONES void add_scaled(real* __restrict to, const real* __restrict from, real factor, Index n) {
  for (Index i = 0; i < n; ++i) to[i] += learning::outer(from[i], factor);
}
ENGRAM_CLONES void add_products(real* __restrict to, const real* __restrict a, const real* __restrict b, Index n) {
  for (Index i = 0; i < n; ++i) to[i] += a[i] * b[i];
}

namespace {

/// The sum of a chunk for rows side by side; false if all factors are 0.
ENGRAM_CLONES bool chunk_of_rows(real* __restrict sum, const real* a, std::ptrdiff_t col_step, const real* x,
                                 std::ptrdiff_t x_step, Index columns, Index rows) {
  bool any = false;
  for (Index j = 0; j < columns; ++j) {
    const real factor = x[j * x_step];
    if (factor == real(0)) continue;
    const real* __restrict column = a + j * col_step;
    if (!any)
      for (Index i = 0; i < rows; ++i) sum[i] = real(0) + column[i] * factor;
    else
      for (Index i = 0; i < rows; ++i) sum[i] += column[i] * factor;
    any = true;
  }
  return any;
}

}  // namespace

ENGRAM_CLONES bool all_zero(const real* x, Index n) {
  int any = 0;
  for (Index i = 0; i < n; ++i) any |= x[i] != real(0);
  return !any;
}

void product(const View& to, const View& a, const View& x, Index first, Index end, bool add_to) {
  constexpr Index rows_at_once = 1024;
  real sum[rows_at_once];
  for (Index begin = first; begin < end; begin += rows_at_once) {
    const Index rows = std::min(rows_at_once, end - begin);
    if (!add_to) std::fill_n(to.data + begin, rows, real(0));
    for (Index j = 0; j < a.cols; j += bodies::columns_of_chunk) {
      const Index columns = std::min(bodies::columns_of_chunk, a.cols - j);
      if (columns > 16 && x.contiguous() && all_zero(x.data + j, columns)) continue;
      if (chunk_of_rows(sum, a.column(j) + begin, a.col_step, x.data + j * x.row_step, x.row_step, columns, rows))
        add(to.data + begin, sum, rows);
    }
  }
}

namespace {

/// Charges neurons; whether any ends a refractory period or spikes.
ENGRAM_CLONES int charge(const real* __restrict current, real* __restrict voltage, real* __restrict refractory,
                         real* __restrict out, Index n, real dt, real whole, real least) {
  int care = 0;
  for (Index i = 0; i < n; ++i) {
    const real r = refractory[i] - dt;
    const real v = Lif::charged(current[i], voltage[i], r, whole);
    const bool partly = r > real(0) && r < dt;
    refractory[i] = r;
    voltage[i] = !partly && v < least ? least : v;
    out[i] = 0;
    care |= partly | (v > real(1));
  }
  return care;
}

}  // namespace

void lif(const Lif& type, const real* current, real* voltage, real* refractory, real* out, Index n, real dt) {
  constexpr Index at_once = 64;
  const real whole = type.whole_step(dt), least = static_cast<real>(type.min_voltage);
  for (Index begin = 0; begin < n; begin += at_once) {
    const Index count = std::min(at_once, n - begin);
    if (!charge(current + begin, voltage + begin, refractory + begin, out + begin, count, dt, whole, least)) continue;
    for (Index i = begin; i < begin + count; ++i) {
      if (!Lif::needs_care(voltage[i], refractory[i], dt)) continue;
      if (refractory[i] > real(0) && refractory[i] < dt)
        voltage[i] = type.partly_charged(current[i], voltage[i], refractory[i], dt);
      out[i] = type.fire(current[i], voltage[i], refractory[i], dt);
    }
  }
}

ENGRAM_CLONES void smooth(real* __restrict y, const real* __restrict u, Index n, real decay, real gain) {
  for (Index i = 0; i < n; ++i) y[i] = bodies::smoothed(y[i], u[i], decay, gain);
}

ENGRAM_CLONES void voja(real* __restrict column, const real* __restrict u, const real* __restrict scale, real x, real f,
                        Index first, Index end) {
  for (Index i = first; i < end; ++i) {
    const real w = column[i], next = w + learning::voja(f * u[i], scale[i], x, w);
    column[i] = u[i] == real(0) ? w : next;
  }
}

ENGRAM_CLONES void oja(real* __restrict column, const real* __restrict u, real a, real f, real beta, Index first,
                       Index end) {
  for (Index i = first; i < end; ++i) {
    const real w = column[i], next = w + learning::oja(f, beta, u[i], a, w);
    column[i] = u[i] == real(0) ? w : next;
  }
}

void voja_row(const View& w, Index row, real f_u, real scale, const View& x) {
  for (Index j = 0; j < w.cols; ++j) {
    real& weight = w(row, j);
    weight += learning::voja(f_u, scale, x(j), weight);
  }
}

const std::vector<Index>& not_zero(const View& x, std::vector<Index>& rows) {
  constexpr Index at_once = bodies::columns_of_chunk;
  rows.clear();
  for (Index begin = 0; begin < x.rows; begin += at_once) {
    const Index end = std::min(x.rows, begin + at_once);
    if (x.contiguous() && all_zero(x.data + begin, end - begin)) continue;
    for (Index i = begin; i < end; ++i)
      if (x(i) != real(0)) rows.push_back(i);
  }
  return rows;
}

}  // namespace engram::nef::loops
