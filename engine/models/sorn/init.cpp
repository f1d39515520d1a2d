// How a new SORN network comes about: degrees, partners, weights, repair of empty rows, scaling, thresholds. Every draw
// belongs to one unit, so that threads may share the work.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/huge_pages.hpp"
#include "engine/core/transposed.hpp"
#include "engine/cpu/noise.hpp"
#include "engine/cpu/parallel.hpp"
#include "engram/sorn/sorn.hpp"

namespace engram::sorn {

namespace {

Random draws(std::uint64_t seed, Stream use, Index unit) { return {seed, use, 0, unit}; }

/// (0, 1), from 64 bits.
double open_uniform(const Words& x) {
  return (static_cast<double>((std::uint64_t{x.w[0]} << 21) ^ (x.w[1] >> 11)) + 0.5) * 0x1p-53;
}

/// Quantile of the standard normal distribution (Wichura 1988, algorithm AS 241, PPND16), to about 1e-16.
double normal_quantile(double p) {
  const auto ratio = [](const double(&a)[8], const double(&b)[7], double r) {
    double above = a[7], below = b[6];
    for (int i = 6; i >= 0; --i) above = above * r + a[i];
    for (int i = 5; i >= 0; --i) below = below * r + b[i];
    return above / (below * r + 1.0);
  };
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
                                  7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) return q * ratio(a, b, 0.180625 - q * q);
  const double r = std::sqrt(-math::log(q < 0 ? p : 1 - p));
  const double z = r <= 5 ? ratio(c, d, r - 1.6) : ratio(e, f, r - 5);
  return q < 0 ? -z : z;
}

/// The first `count` draws of a unit in their order, made in bulk: a new network of a million units takes 1.2 in place
/// of 1.5 s.
class Drawn {
 public:
  Drawn(const Random& random, Index count) : random_(&random), count_(count) {}
  const Words& operator()(Index k) {
    if (k % cpu::words_at_once == 0) cpu::fill_words(words_, k, std::min(cpu::words_at_once, count_ - k), *random_);
    return words_[k % cpu::words_at_once];
  }

 private:
  const Random* random_;
  Index count_;
  Words words_[cpu::words_at_once];
};

/// Number d of those that `distinct` draws, 0 .. last; one counter gives two.
struct Picks {
  Drawn drawn;
  Words words{};

  Picks(const Random& random, Index degree) : drawn(random, ceil_div<Index>(degree, 2)) {}
  Index operator()(Index d, Index last) {
    if (d % 2 == 0) words = drawn(d / 2);
    const std::uint64_t bits = (std::uint64_t{words.w[d % 2 * 2]} << 32) | words.w[d % 2 * 2 + 1];
    return static_cast<Index>((static_cast<unsigned __int128>(bits) * (std::uint64_t{last} + 1)) >> 64);
  }
};

constexpr Index few = 256;

/// A few distinct numbers, ascending. Comparing all with all vectorises; a search in a sorted list mispredicts.
ENGRAM_CLONES void distinct_few(const Random& random, Index n, Index degree, Index* out) {
  Index found[few];
  Picks next(random, degree);
  for (Index d = 0; d < degree; ++d) {
    const Index last = n - degree + d, pick = next(d, last);
    Index taken = 0;
    for (Index k = 0; k < d; ++k) taken |= found[k] == pick ? 1u : 0u;
    found[d] = taken ? last : pick;
  }
  for (Index d = 0; d < degree; ++d) {
    Index rank = 0;
    for (Index k = 0; k < degree; ++k) rank += found[k] < found[d] ? 1u : 0u;
    out[rank] = found[d];
  }
}

/// `degree` distinct numbers below n, ascending (Floyd's method: every set is equally likely).
void distinct(const Random& random, Index n, Index degree, Index* out) {
  if (degree <= few) return distinct_few(random, n, degree, out);
  std::vector<bool> taken(n);
  Picks next(random, degree);
  for (Index d = 0; d < degree; ++d) {
    const Index last = n - degree + d, pick = next(d, last);
    taken[taken[pick] ? last : pick] = true;
  }
  for (Index i = 0; i < n; ++i)
    if (taken[i]) *out++ = i;
}

real tenth(const Random& random, Index draw) {
  return static_cast<real>(0.1) * uniform_of(random.words(draw / 4).w[draw % 4]);
}

/// Rows of `n_post` units; row i gets `degree(i)` partners, or all. `self` keeps a unit from itself.
template <class Degree>
Rows random_rows(std::uint64_t seed, Stream partner, Stream weight, Index n_pre, Index n_post, bool all, bool self,
                 Degree&& degree) {
  Rows rows;
  rows.n_pre = n_pre;
  rows.start.resize(std::size_t{n_post} + 1);
  const Index most = self ? n_pre : n_pre - 1;
  cpu::parallel_for(cpu::default_threads(), n_post, std::size_t{n_post} * 32,
                    [&](std::size_t begin, std::size_t end, int) {
                      for (std::size_t i = begin; i < end; ++i)
                        rows.start[i + 1] = all ? most : std::min(most, degree(static_cast<Index>(i)));
                    });
  for (Index i = 0; i < n_post; ++i) rows.start[i + 1] += rows.start[i];
  resize_huge(rows.pre, rows.start.back());
  resize_huge(rows.weight, rows.start.back());
  cpu::parallel_for(cpu::default_threads(), n_post, rows.pre.size() * 8, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto unit = static_cast<Index>(i), count = static_cast<Index>(rows.start[i + 1] - rows.start[i]);
      Index* pre = rows.pre.data() + rows.start[i];
      real* w = rows.weight.data() + rows.start[i];
      if (all)
        std::iota(pre, pre + count, Index{0});
      else
        distinct(draws(seed, partner, unit), most, count, pre);
      for (Index s = 0; !self && s < count; ++s) pre[s] += pre[s] >= unit ? 1u : 0u;
      const Random weights = draws(seed, weight, unit);
      Drawn drawn(weights, ceil_div<Index>(count, 4));
      for (Index s = 0; s < count; s += 4) {
        const Words& x = drawn(s / 4);
        for (Index k = s; k < std::min(count, s + 4); ++k) w[k] = static_cast<real>(0.1) * uniform_of(x.w[k - s]);
      }
    }
  });
  return rows;
}

/// Gives two synapses to every row without one.
void repair_rows(Rows& rows, std::uint64_t seed, Stream use, const std::string& how, bool self) {
  const auto fifth = static_cast<Index>(0.2 * rows.n_pre);
  const bool reference = how == "reference" || (how == "auto" && fifth > 0);
  if (reference && fifth == 0)
    throw Error("repair \"reference\" draws from the first fifth of " + std::to_string(rows.n_pre) +
                " units, which is none");
  bool any = false;
  const auto empty = [&](Index i) {
    return std::all_of(rows.weight.begin() + static_cast<std::ptrdiff_t>(rows.start[i]),
                       rows.weight.begin() + static_cast<std::ptrdiff_t>(rows.start[i + 1]),
                       [](real w) { return w == real(0); });
  };
  for (Index i = 0; i < rows.n_post() && !any; ++i) any = empty(i);
  if (!any) return;
  Rows repaired;
  repaired.n_pre = rows.n_pre;
  repaired.start.reserve(rows.start.size());
  repaired.pre.reserve(rows.pre.size() + rows.pre.size() / 64 + 2 * few);
  repaired.weight.reserve(repaired.pre.capacity());
  for (Index i = 0; i < rows.n_post(); ++i) {
    if (empty(i)) {
      const Random random = draws(seed, use, i);
      Index pre[2];
      for (Index d = 0; d < 2; ++d) {
        const bool skip_self = !reference && !self && rows.n_pre > 1;
        pre[d] = static_cast<Index>(random.below(reference ? fifth : rows.n_pre - (skip_self ? 1 : 0), d));
        if (skip_self && pre[d] >= i) ++pre[d];
      }
      const real w[2] = {tenth(random, 8), tenth(random, 9)};
      const bool ordered = pre[0] < pre[1];
      if (pre[0] != pre[1]) {
        repaired.pre.push_back(ordered ? pre[0] : pre[1]);
        repaired.weight.push_back(ordered ? w[0] : w[1]);
      }
      repaired.pre.push_back(ordered ? pre[1] : pre[0] == pre[1] ? pre[1] : pre[0]);
      repaired.weight.push_back(ordered ? w[1] : pre[0] == pre[1] ? w[1] : w[0]);
    } else {
      repaired.pre.insert(repaired.pre.end(), rows.pre.data() + rows.start[i], rows.pre.data() + rows.start[i + 1]);
      repaired.weight.insert(repaired.weight.end(), rows.weight.data() + rows.start[i],
                             rows.weight.data() + rows.start[i + 1]);
    }
    repaired.start.push_back(repaired.pre.size());
  }
  rows = std::move(repaired);
}

/// Evenly spaced between the bounds, ascending.
std::vector<real> ordered_values(Index n, double low, double high) {
  std::vector<real> values(n);
  for (Index i = 0; i < n; ++i) values[i] = static_cast<real>(low + (i + 0.5) * (high - low) / n);
  return values;
}

std::vector<real> uniform_values(std::uint64_t seed, Stream use, Index n, double low, double high) {
  std::vector<real> values(n);
  for (Index i = 0; i < n; ++i)
    values[i] = static_cast<real>(low) + (static_cast<real>(high) - static_cast<real>(low)) *
                                             uniform_of(draws(seed, use, i / 4).words(0).w[i % 4]);
  return values;
}

}  // namespace

Index in_degree(double lambda, double u) {
  const double degree = lambda + normal_quantile(u);
  return degree < 1 ? 0 : static_cast<Index>(std::min(degree, 4e9));
}

void normalize_rows(Rows& rows) {
  cpu::parallel_for(cpu::default_threads(), rows.n_post(), rows.pre.size(),
                    [&](std::size_t begin, std::size_t end, int) {
                      for (std::size_t i = begin; i < end; ++i) {
                        real total = 0;
                        for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s) total += rows.weight[s];
                        if (total != real(0))
                          for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s)
                            rows.weight[s] = rows.weight[s] / total;
                      }
                    });
}

NewSynapse absent_pair(const Rows& rows, std::uint64_t rank) {
  std::vector<std::vector<Index>> targets(rows.n_pre);
  for (Index i = 0; i < rows.n_post(); ++i)
    for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s)
      if (rows.weight[s] > real(0)) targets[rows.pre[s]].push_back(i);
  for (Index pre = 0; pre < rows.n_pre; ++pre) {
    auto next = targets[pre].begin();
    for (Index post = 0; post < rows.n_post(); ++post) {
      if (next != targets[pre].end() && *next == post)
        ++next;
      else if (pre != post && rank-- == 0)
        return {pre, post};
    }
  }
  throw Error("there are fewer absent pairs than that");
}

State make_state(const Parameters& p, std::uint64_t seed) {
  const Index ne = p.ne, ni = p.ni();
  const auto degree = [&](Stream use, double lambda, Index most) {
    return [=](Index i) {
      return std::clamp<Index>(in_degree(lambda, open_uniform(draws(seed, use, i).words(0))), 1, most);
    };
  };
  State state;
  state.wee = random_rows(seed, Stream::sorn_ee_partner, Stream::sorn_ee_weight, ne, ne, p.network_type_ee == "Dense",
                          false, degree(Stream::sorn_ee_degree, p.lambda_ee, ne - 1));
  state.wei =
      transposed(random_rows(seed, Stream::sorn_ei_partner, Stream::sorn_ei_weight, ne, ni,
                             p.network_type_ei == "Dense", true, degree(Stream::sorn_ei_degree, p.lambda_ei, ne)));
  state.wie = random_rows(seed, Stream::sorn_ie_partner, Stream::sorn_ie_weight, ne, ni, p.network_type_ie == "Dense",
                          true, degree(Stream::sorn_ie_degree, p.lambda_ie, ne));
  repair_rows(state.wee, seed, Stream::sorn_ee_repair, p.repair, false);
  repair_rows(state.wei, seed, Stream::sorn_ei_repair, p.repair, true);
  repair_rows(state.wie, seed, Stream::sorn_ie_repair, p.repair, true);
  if (p.plastic_inputs())
    state.weu = random_rows(seed, Stream::sorn_eu_partner, Stream::sorn_eu_weight, p.nu, ne, false, true,
                            degree(Stream::sorn_eu_degree, p.lambda_eu, p.nu));
  for (Rows* rows : {&state.wee, &state.wei, &state.wie, &state.weu}) normalize_rows(*rows);
  if (p.initial_thresholds == "ordered") {
    state.te = ordered_values(ne, p.te_min, p.te_max);
    for (Index i = ne - 1; i > 0; --i)
      std::swap(state.te[i], state.te[draws(seed, Stream::sorn_threshold_order, i).below(std::uint64_t{i} + 1)]);
    state.ti = ordered_values(ni, p.ti_min, p.ti_max);
  } else {
    state.te = uniform_values(seed, Stream::sorn_threshold_e, ne, p.te_min, p.te_max);
    state.ti = uniform_values(seed, Stream::sorn_threshold_i, ni, p.ti_min, p.ti_max);
  }
  state.x.assign(ne, 0);
  state.x_before.assign(ne, 0);
  state.y.assign(ni, 0);
  state.y_before.assign(ni, 0);
  return state;
}

std::vector<real> sorn_target_rates(const Parameters& p, std::uint64_t seed) {
  std::vector<real> rates(p.ne, static_cast<real>(p.target_rate()));
  if (p.h_ip_distribution == "fixed" || p.sigma_ip == 0) return rates;
  for (Index i = 0; i < p.ne; ++i) {
    const double z = normal_quantile(open_uniform(draws(seed, Stream::sorn_target_rate, i).words(0)));
    const double h = p.target_rate(), s = p.sigma_ip;
    rates[i] = static_cast<real>(p.h_ip_distribution == "normal" ? std::max(0.0, h + s * z)
                                                                 : h * math::exp(s * z - s * s / 2));
  }
  return rates;
}

}  // namespace engram::sorn
