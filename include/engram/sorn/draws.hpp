// What the draws of a new SORN network say: how long each row is, its partners and weights, and what rows without a
// synapse get. Every draw belongs to one unit, so the host may share units out among threads and a device among its
// own; both give the same rows.
#pragma once

#include "engram/core/random.hpp"

namespace engram::sorn {

/// Where the rows of a projection come from.
struct RowDraws {
  std::uint64_t seed = 0;
  Stream degree{}, partner{}, weight{};
  double lambda = 0;  ///< mean number of partners
  Index n_pre = 0, n_post = 0;
  bool self = true;  ///< whether a unit may be its own partner
  bool all = false;  ///< every row has all partners

  ENGRAM_HD Index most() const { return self ? n_pre : n_pre - 1; }
  ENGRAM_HD Random of(Stream use, Index unit) const { return {seed, use, 0, unit}; }
};

/// (0, 1), from 64 bits.
ENGRAM_HD double open_uniform(const Words& x) {
  return (static_cast<double>((std::uint64_t{x.w[0]} << 21) ^ (x.w[1] >> 11)) + 0.5) * 0x1p-53;
}

/// A quotient of polynomials of degree 7; the constant term below is 1.
ENGRAM_HD double ratio_of(const double (&a)[8], const double (&b)[7], double r) {
  double above = a[7], below = b[6];
  for (int i = 6; i >= 0; --i) above = above * r + a[i];
  for (int i = 5; i >= 0; --i) below = below * r + b[i];
  return above / (below * r + 1.0);
}

/// Quantile of the standard normal distribution (Wichura 1988, algorithm AS 241, PPND16), to about 1e-16.
ENGRAM_HD double normal_quantile(double p) {
  static constexpr double a[8] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                                  1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                                  3.3430575583588128105e4, 2.5090809287301226727e3};
  static constexpr double b[7] = {4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
                                  2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
                                  5.2264952788528545610e3};
  static constexpr double c[8] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                  3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                  2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr double d[7] = {2.05319162663775882187e0,  1.67638483018380384940e0,  6.89767334985100004550e-1,
                                  1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
                                  1.05075007164441684324e-9};
  static constexpr double e[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                  2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                  2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr double f[7] = {5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
                                  7.86869131745613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};
  const double q = p - 0.5;
  if (q <= 0.425 && q >= -0.425) return q * ratio_of(a, b, 0.180625 - q * q);
  const double r = math::square_root(-math::log(q < 0 ? p : 1 - p));
  const double z = r <= 5 ? ratio_of(c, d, r - 1.6) : ratio_of(e, f, r - 5);
  return q < 0 ? -z : z;
}

/// trunc(lambda + quantile of the standard normal at u), u in (0, 1).
ENGRAM_HD Index in_degree(double lambda, double u) {
  const double degree = lambda + normal_quantile(u);
  return degree < 1 ? 0 : static_cast<Index>(degree < 4e9 ? degree : 4e9);
}

/// Partners of a unit: one at least where there is any.
ENGRAM_HD Index degree_of(const RowDraws& rows, Index unit) {
  const Index most = rows.most();
  if (rows.all) return most;
  const Index degree = in_degree(rows.lambda, open_uniform(rows.of(rows.degree, unit).words(0)));
  return degree > most ? most : degree < 1 && most > 0 ? 1 : degree;
}

/// Pick d of a row, 0 .. last, as Floyd's method asks for it (see floyd_row); one counter gives two.
ENGRAM_HD Index pick_of(const Words& words, Index d, Index last) {
  const std::uint64_t bits = (std::uint64_t{words.w[d % 2 * 2]} << 32) | words.w[d % 2 * 2 + 1];
  return static_cast<Index>(scaled_down(bits, std::uint64_t{last} + 1));
}

/// Partner number k of a unit among all but itself.
ENGRAM_HD Index but_self(Index partner, Index unit) { return partner + (partner >= unit ? 1u : 0u); }

ENGRAM_HD real weight_of(std::uint32_t word) { return static_cast<real>(0.1) * uniform_of(word); }

/// `degree` distinct numbers below n, ascending (Floyd's method: every set is equally likely): pick d is one of the
/// numbers up to n - degree + d, and that number itself if the pick is taken already.
ENGRAM_HD void floyd_row(const Random& random, Index n, Index degree, Index* out) {
  Words words{};
  for (Index d = 0; d < degree; ++d) {
    const Index last = n - degree + d;
    if (d % 2 == 0) words = random.words(d / 2);
    const Index pick = pick_of(words, d, last);
    Index below = 0, beyond = d;  // the place of the pick among those that there are
    while (below < beyond) {
      const Index middle = (below + beyond) / 2;
      if (out[middle] < pick)
        below = middle + 1;
      else
        beyond = middle;
    }
    if (below < d && out[below] == pick) {
      out[d] = last;
      continue;
    }
    for (Index k = d; k > below; --k) out[k] = out[k - 1];
    out[below] = pick;
  }
}

/// What a row without a synapse gets: two of all units, or of the first ones.
struct RowRepair {
  std::uint64_t seed = 0;
  Stream use{};
  Index from = 0;  ///< how many units are drawn from
  bool skip_self = false;

  /// Up to two partners, ascending, and their weights; how many.
  ENGRAM_HD Index row(Index unit, Index (&pre)[2], real (&weight)[2]) const {
    const Random random{seed, use, 0, unit};
    for (Index d = 0; d < 2; ++d) {
      pre[d] = static_cast<Index>(random.below(from - (skip_self ? 1 : 0), d));
      if (skip_self) pre[d] = but_self(pre[d], unit);
      weight[d] = weight_of(random.words(2).w[d]);
    }
    if (pre[0] == pre[1]) {
      weight[0] = weight[1];
      return 1;
    }
    if (pre[0] > pre[1]) {
      const Index first = pre[1];
      const real its = weight[1];
      pre[1] = pre[0], weight[1] = weight[0];
      pre[0] = first, weight[0] = its;
    }
    return 2;
  }
};

/// Whether no synapse of a row transmits anything.
ENGRAM_HD bool is_silent(const real* weight, std::size_t count) {
  for (std::size_t s = 0; s < count; ++s)
    if (weight[s] != real(0)) return false;
  return true;
}

/// Divides a row by its sum, added left to right; one without a sum stays.
ENGRAM_HD void normalize_row(real* weight, std::size_t count) {
  real total = 0;
  for (std::size_t s = 0; s < count; ++s) total += weight[s];
  if (total != real(0))
    for (std::size_t s = 0; s < count; ++s) weight[s] = weight[s] / total;
}

}  // namespace engram::sorn
