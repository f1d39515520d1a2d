// How a new SORN network comes about: degrees, partners, weights, repair of empty rows, scaling, thresholds. Every draw
// belongs to one unit, so that threads may share the work.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/huge_pages.hpp"
#include "engine/core/transposed.hpp"
#include "engine/cpu/noise.hpp"
#include "engine/cpu/parallel.hpp"
#include "engine/models/sorn/new_rows.hpp"

namespace engram::sorn {

namespace {

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
    return pick_of(words, d, last);
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

/// The numbers of floyd_row.
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

/// Rows of the host; threads share the units.
struct HostRows {
  using Rows = engram::Rows;

  Rows draw(const RowDraws& of) {
    Rows rows;
    rows.n_pre = of.n_pre;
    rows.start.resize(std::size_t{of.n_post} + 1);
    cpu::parallel_for(cpu::default_threads(), of.n_post, std::size_t{of.n_post} * 32,
                      [&](std::size_t begin, std::size_t end, int) {
                        for (std::size_t i = begin; i < end; ++i)
                          rows.start[i + 1] = degree_of(of, static_cast<Index>(i));
                      });
    for (Index i = 0; i < of.n_post; ++i) rows.start[i + 1] += rows.start[i];
    resize_huge(rows.pre, rows.start.back());
    resize_huge(rows.weight, rows.start.back());
    cpu::parallel_for(cpu::default_threads(), of.n_post, rows.pre.size() * 8,
                      [&](std::size_t begin, std::size_t end, int) {
                        for (std::size_t i = begin; i < end; ++i) draw_row(of, static_cast<Index>(i), rows);
                      });
    return rows;
  }
  static void draw_row(const RowDraws& of, Index unit, Rows& rows) {
    const auto count = static_cast<Index>(rows.start[unit + 1] - rows.start[unit]);
    Index* pre = rows.pre.data() + rows.start[unit];
    real* w = rows.weight.data() + rows.start[unit];
    if (of.all)
      std::iota(pre, pre + count, Index{0});
    else
      distinct(of.of(of.partner, unit), of.most(), count, pre);
    for (Index s = 0; !of.self && s < count; ++s) pre[s] = but_self(pre[s], unit);
    const Random weights = of.of(of.weight, unit);
    Drawn drawn(weights, ceil_div<Index>(count, 4));
    for (Index s = 0; s < count; s += 4) {
      const Words& x = drawn(s / 4);
      for (Index k = s; k < std::min(count, s + 4); ++k) w[k] = weight_of(x.w[k - s]);
    }
  }

  Rows transposed(const Rows& rows) { return engram::transposed(rows); }

  /// Gives synapses to every row without one.
  void repair(Rows& rows, const RowRepair& how) {
    const auto silent = [&](Index i) {
      return is_silent(rows.weight.data() + rows.start[i], rows.start[i + 1] - rows.start[i]);
    };
    bool any = false;
    for (Index i = 0; i < rows.n_post() && !any; ++i) any = silent(i);
    if (!any) return;
    Rows repaired;
    repaired.n_pre = rows.n_pre;
    repaired.start.reserve(rows.start.size());
    repaired.pre.reserve(rows.pre.size() + rows.pre.size() / 64 + 2 * few);
    repaired.weight.reserve(repaired.pre.capacity());
    for (Index i = 0; i < rows.n_post(); ++i) {
      Index drawn[2];
      real weights[2];
      const bool as_it_is = !silent(i);
      const Index* const pre = as_it_is ? rows.pre.data() + rows.start[i] : drawn;
      const real* const weight = as_it_is ? rows.weight.data() + rows.start[i] : weights;
      const std::size_t count = as_it_is ? rows.start[i + 1] - rows.start[i] : how.row(i, drawn, weights);
      repaired.pre.insert(repaired.pre.end(), pre, pre + count);
      repaired.weight.insert(repaired.weight.end(), weight, weight + count);
      repaired.start.push_back(repaired.pre.size());
    }
    rows = std::move(repaired);
  }

  void normalize(Rows& rows) { normalize_rows(rows); }
};

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
                                             uniform_of(Random{seed, use, 0, i / 4}.words(0).w[i % 4]);
  return values;
}

}  // namespace

RowDraws draws_of(const Parameters& p, std::uint64_t seed, Projection which) {
  const Index ne = p.ne, ni = p.ni();
  switch (which) {
    case Projection::ee:
      return {seed,  Stream::sorn_ee_degree,      Stream::sorn_ee_partner, Stream::sorn_ee_weight, p.lambda_ee, ne, ne,
              false, p.network_type_ee == "Dense"};
    case Projection::ei:  // drawn by the inhibitory units
      return {seed, Stream::sorn_ei_degree,      Stream::sorn_ei_partner, Stream::sorn_ei_weight, p.lambda_ei, ne, ni,
              true, p.network_type_ei == "Dense"};
    case Projection::ie:
      return {seed, Stream::sorn_ie_degree,      Stream::sorn_ie_partner, Stream::sorn_ie_weight, p.lambda_ie, ne, ni,
              true, p.network_type_ie == "Dense"};
    case Projection::eu:
      break;
  }
  return {seed, Stream::sorn_eu_degree, Stream::sorn_eu_partner, Stream::sorn_eu_weight, p.lambda_eu, p.nu, ne, true,
          false};
}

RowRepair repair_of(const Parameters& p, std::uint64_t seed, Stream use, Index n_pre, bool self) {
  const auto fifth = static_cast<Index>(0.2 * n_pre);
  const bool reference = p.repair == "reference" || (p.repair == "auto" && fifth > 0);
  if (reference && fifth == 0)
    throw Error("repair \"reference\" draws from the first fifth of " + std::to_string(n_pre) +
                " units, which is none");
  return {seed, use, reference ? fifth : n_pre, !reference && !self && n_pre > 1};
}

void normalize_rows(Rows& rows) {
  cpu::parallel_for(cpu::default_threads(), rows.n_post(), rows.pre.size(),
                    [&](std::size_t begin, std::size_t end, int) {
                      for (std::size_t i = begin; i < end; ++i)
                        normalize_row(rows.weight.data() + rows.start[i], rows.start[i + 1] - rows.start[i]);
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
  State state = make_units(p, seed);
  HostRows host;
  NewRows<Rows> rows = make_rows(host, p, seed);
  state.wee = std::move(rows.ee);
  state.wei = std::move(rows.ei);
  state.wie = std::move(rows.ie);
  if (p.plastic_inputs()) state.weu = std::move(rows.eu);
  return state;
}

State make_units(const Parameters& p, std::uint64_t seed) {
  const Index ne = p.ne, ni = p.ni();
  State state;
  if (p.initial_thresholds == "ordered") {
    state.te = ordered_values(ne, p.te_min, p.te_max);
    for (Index i = ne - 1; i > 0; --i)
      std::swap(state.te[i], state.te[Random{seed, Stream::sorn_threshold_order, 0, i}.below(std::uint64_t{i} + 1)]);
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
    const double z = normal_quantile(open_uniform(Random{seed, Stream::sorn_target_rate, 0, i}.words(0)));
    const double h = p.target_rate(), s = p.sigma_ip;
    rates[i] = static_cast<real>(p.h_ip_distribution == "normal" ? std::max(0.0, h + s * z)
                                                                 : h * math::exp(s * z - s * s / 2));
  }
  return rates;
}

}  // namespace engram::sorn
