// What learning rules do to the matrices of NEF networks, as the kernels and the loops of the CPU take it.
#pragma once

#include "engram/nef/learning.hpp"
#include "kernels/nef/bodies.hpp"

namespace engram::nef::bodies {

/// rate * gate * scale of one replica.
ENGRAM_HD real factor_of(const Term& term, Index replica) {
  real f = term.rate;
  if (term.gate) f *= term.gate.of(replica)(0);
  if (term.scale) f *= term.scale.of(replica)(0);
  return f;
}

/// Whether a term leaves value (i, j) alone, whatever it is.
ENGRAM_HD bool rests(Learning rule, real u, real v) {
  return rule == Learning::outer || rule == Learning::bcm ? v == real(0) : u == real(0);
}

/// What a term adds to value w at row i, column j.
ENGRAM_HD real change_of(const Term& term, Index replica, real f, Index i, Index j, real w) {
  const real u = term.u.of(replica)(i), v = term.v.of(replica)(j);
  switch (term.rule) {
    case Learning::outer:
      return learning::outer(f * u, v);
    case Learning::bcm:
      return learning::outer(learning::bcm(f, u, term.other.of(replica)(i)), v);
    case Learning::oja:
      return learning::oja(f, term.beta, u, v, w);
    case Learning::voja:
      return learning::voja(f * u, term.other.of(replica)(i), v, w);
  }
  return 0;
}

/// All terms for one value of the matrix, which is neither read nor written where all rest.
ENGRAM_HD void learn_value(const Learn& op, const View& matrix, Index replica, Index row, Index col) {
  bool changes = false;
  real before = 0, w = 0;
  for (int k = 0; k < op.count; ++k) {
    const Term& term = op.terms[k];
    const real f = factor_of(term, replica);
    if (f == real(0) || rests(term.rule, term.u.of(replica)(row), term.v.of(replica)(col))) continue;
    if (!changes) w = before = matrix(row, col);
    changes = true;
    w += change_of(term, replica, f, row, col, before);
  }
  if (changes) matrix(row, col) = w;
}

/// Learning by a thread for some values of a row (`by_row`, where rows rest) or of a column (where columns do): what
/// rests is neither read nor written, and is found out once for all of them. Neighbouring threads have neighbouring
/// rows.
template <bool by_row>
struct LearnPart {
  static constexpr Index most = 16;  ///< values of a thread
  Learn op;
  ENGRAM_HD static Index parts(const View& matrix) { return ceil_div(by_row ? matrix.cols : matrix.rows, most); }
  ENGRAM_HD static Index count(const View& matrix) { return parts(matrix) * (by_row ? matrix.rows : matrix.cols); }
  /// Whether most rows rest, or else most columns.
  static bool fits(const Learn& op) {
    return by_row == (op.terms[0].rule == Learning::oja || op.terms[0].rule == Learning::voja);
  }
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const View matrix = op.matrix.of(r);
    const Index step = parts(matrix), row = by_row ? i % matrix.rows : i % step,
                col = by_row ? i / matrix.rows : i / step;
    const auto each = [&](auto&& f) {
      if constexpr (by_row)
        for (Index j = col; j < matrix.cols; j += step) f(row, j);
      else
        for (Index k = row; k < matrix.rows; k += step) f(k, col);
    };
    if (op.count == 1) return learn_one(matrix, op.terms[0], r, row, col, each);
    each([&](Index k, Index j) { learn_value(op, matrix, r, k, j); });
  }

 private:
  template <class Each>
  ENGRAM_HD static void learn_one(const View& matrix, const Term& term, Index r, Index row, Index col,
                                  const Each& each) {
    const real u = by_row ? term.u.of(r)(row) : real(0), v = by_row ? real(0) : term.v.of(r)(col);
    const bool of_row = term.rule == Learning::oja || term.rule == Learning::voja;
    if (of_row == by_row && (by_row ? u : v) == real(0)) return;
    const real f = factor_of(term, r);
    if (f == real(0)) return;
    each([&](Index k, Index j) {
      if (rests(term.rule, by_row ? u : term.u.of(r)(k), by_row ? term.v.of(r)(j) : v)) return;
      real& w = matrix(k, j);
      w += change_of(term, r, f, k, j, w);
    });
  }
};
using LearnRow = LearnPart<true>;
using LearnColumn = LearnPart<false>;

struct ChangeElement {
  Change op;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const View matrix = op.matrix.of(r), to = op.to.of(r);
    at_element(matrix, i, [&](Index row, Index col) {
      const real f = factor_of(op.term, r);
      const bool rest = f == real(0) || rests(op.term.rule, op.term.u.of(r)(row), op.term.v.of(r)(col));
      to(row, col) = rest ? real(0) : change_of(op.term, r, f, row, col, matrix(row, col));
    });
  }
};

}  // namespace engram::nef::bodies
