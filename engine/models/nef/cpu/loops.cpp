#include "engine/models/nef/cpu/loops.hpp"

#include <algorithm>

#include "engram/nef/learning.hpp"
#include "kernels/nef/learn.hpp"
#include "kernels/nef/product.hpp"

namespace engram::nef::loops {

ENGRAM_CLONES void add(real* __restrict to, const real* __restrict from, Index n) {
  for (Index i = 0; i < n; ++i) to[i] += from[i];
}
ENGRAM_CLONES void add_scaled(real* __restrict to, const real* __restrict from, real factor, Index n) {
  for (Index i = 0; i < n; ++i) to[i] += learning::outer(from[i], factor);
}
ENGRAM_CLONES void add_outer(const View& w, const real* __restrict factors, const View& v,
                             std::span<const Index> columns) {
  for (const Index j : columns) {
    real* __restrict column = w.column(j);
    const real factor = v(j);
    for (Index i = 0; i < w.rows; ++i) column[i] += learning::outer(factors[i], factor);
  }
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

/// Neurons that end a refractory period or spike, side by side. Their exponentials and logarithms take most of the time
/// of a small network, and a loop over them alone has no branches.
struct Careful {
  static constexpr Index most = 512, lanes = 16;
  Index count = 0, at[most];
  real current[most], voltage[most], refractory[most], out[most];
};

/// Charges neurons and marks those that need care; whether there are any.
ENGRAM_CLONES std::int32_t charge(const real* __restrict current, real* __restrict voltage, real* __restrict refractory,
                                  real* __restrict out, std::int32_t* __restrict marked, Index n, real dt, real whole,
                                  real least) {
  std::int32_t any = 0;
  for (Index i = 0; i < n; ++i) {
    const real r = refractory[i] - dt;
    const real v = Lif::charged(current[i], voltage[i], r, whole);
    const bool partly = r > real(0) && r < dt;
    refractory[i] = r;
    voltage[i] = !partly && v < least ? least : v;
    out[i] = 0;
    marked[i] = partly | (v > real(1));
    any |= marked[i];
  }
  return any;
}

/// Lif::partly_charged and Lif::fire without branches.
ENGRAM_CLONES void fire(const Lif& type, Careful& some, Index n, real dt) {
  const Lif lif = type;
  const auto least = static_cast<real>(lif.min_voltage), pause = static_cast<real>(lif.tau_ref),
             spike = static_cast<real>(lif.amplitude) / dt;
  for (Index i = 0; i < n; ++i) {
    const real current = some.current[i], before = some.voltage[i], r = some.refractory[i];
    const real part = lif.partly_charged(current, before, r, dt);
    const bool partly = (r > real(0)) & (r < dt);
    const real v = partly ? part : before;
    const real since = lif.since_spike(current, v, dt);
    const bool fires = v > real(1);
    some.out[i] = fires ? spike : real(0);
    some.refractory[i] = fires ? pause + since : r;
    some.voltage[i] = fires ? real(0) : (v < least ? least : v);
  }
}

/// Takes those that are marked into `some`.
void gather(Careful& some, const std::int32_t* marked, const real* current, const real* voltage, const real* refractory,
            Index begin, Index count) {
  Index k = some.count;
  for (Index i = 0; i < count; ++i) {
    some.at[k] = begin + i;
    k += static_cast<Index>(marked[i]);
  }
  for (Index c = some.count; c < k; ++c) {
    const Index i = some.at[c];
    some.current[c] = current[i];
    some.voltage[c] = voltage[i];
    some.refractory[c] = refractory[i];
  }
  some.count = k;
}

void settle(const Lif& type, Careful& some, real* voltage, real* refractory, real* out, real dt) {
  // Whole vectors: what is left over would be computed one by one.
  const Index whole = ceil_div(some.count, Careful::lanes) * Careful::lanes;
  for (Index c = some.count; c < whole; ++c) some.current[c] = some.voltage[c] = some.refractory[c] = 0;
  fire(type, some, whole, dt);
  for (Index c = 0; c < some.count; ++c) {
    const Index i = some.at[c];
    voltage[i] = some.voltage[c];
    refractory[i] = some.refractory[c];
    out[i] = some.out[c];
  }
  some.count = 0;
}

}  // namespace

void lif(const Lif& type, const real* current, real* voltage, real* refractory, real* out, Index n, real dt) {
  constexpr Index at_once = 64;
  const real whole = type.whole_step(dt), least = static_cast<real>(type.min_voltage);
  std::int32_t marked[at_once];
  Careful some;
  for (Index begin = 0; begin < n; begin += at_once) {
    const Index count = std::min(at_once, n - begin);
    if (!charge(current + begin, voltage + begin, refractory + begin, out + begin, marked, count, dt, whole, least))
      continue;
    gather(some, marked, current, voltage, refractory, begin, count);
    if (some.count + at_once > Careful::most) settle(type, some, voltage, refractory, out, dt);
  }
  if (some.count) settle(type, some, voltage, refractory, out, dt);
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

std::span<const Index> not_zero(const View& x, std::vector<Index>& rows) {
  constexpr Index at_once = bodies::columns_of_chunk;
  if (rows.size() < x.rows) rows.resize(x.rows);
  Index* to = rows.data();
  for (Index begin = 0; begin < x.rows; begin += at_once) {
    const Index end = std::min(x.rows, begin + at_once);
    if (x.contiguous() && all_zero(x.data + begin, end - begin)) continue;
    for (Index i = begin; i < end; ++i) {
      *to = i;
      to += x(i) != real(0);
    }
  }
  return {rows.data(), to};
}

}  // namespace engram::nef::loops
