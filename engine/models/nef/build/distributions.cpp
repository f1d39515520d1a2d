#include "engram/nef/distributions.hpp"

#include <algorithm>
#include <cmath>

#include "engine/models/nef/build/matrices.hpp"
#include "engram/core/error.hpp"
#include "engram/nef/draws.hpp"

namespace engram::nef {

namespace {

using Points = std::vector<double>;  // [n][d]

Points shuffled(const Points& rows, std::size_t d, Draws& draws) {
  const std::vector<std::size_t> order = draws.shuffle(rows.size() / d);
  Points out(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(order[i] * d), d,
                out.begin() + static_cast<std::ptrdiff_t>(i * d));
  return out;
}

/// One dimension is divided evenly; more follow the powers of one over the root of x^(d+1) = x + 1.
Points quasirandom(std::size_t n, std::size_t d, Draws& draws) {
  double root = 2;
  for (int i = 0; i < 100; ++i) root = std::pow(1 + root, 1.0 / (static_cast<double>(d) + 1));
  const std::vector<double> offset = draws.uniforms(d);
  Points rows(n * d);
  for (std::size_t j = 0; j < d; ++j) {
    const double step = d == 1 ? 1.0 / static_cast<double>(n) : std::pow(1 / root, static_cast<double>(j) + 1);
    for (std::size_t i = 0; i < n; ++i) {
      const double x = offset[j] + static_cast<double>(d == 1 ? i : i + 1) * step;
      rows[i * d + j] = x - std::floor(x);
    }
  }
  return shuffled(rows, d, draws);
}

/// Points of d - 1 numbers of the unit cube as points of the sphere in d dimensions, by spherical coordinates: each
/// coordinate divides what the ones before it left, by the inverse of its distribution.
Points spherical_coordinates(const Points& cube, std::size_t d) {
  const std::size_t n = cube.size() / (d - 1);
  Points sphere(n * d);
  for (std::size_t i = 0; i < n; ++i) {
    double left = 1;
    double* x = &sphere[i * d];
    const double* u = &cube[i * (d - 1)];
    for (std::size_t j = 0; j + 2 < d; ++j) {
      const double m = static_cast<double>(d - 1 - j) / 2;
      const double square = inverse_incomplete_beta(m, 0.5, u[j] < 0.5 ? 2 * u[j] : 2 - 2 * u[j]);
      const double angle = std::asin(std::sqrt(square));
      x[j] = left * (u[j] < 0.5 ? std::cos(angle) : -std::cos(angle));
      left *= std::sin(angle);
    }
    const double turn = 2 * M_PI * u[d - 2];
    x[d - 2] = left * std::cos(turn);
    x[d - 1] = left * std::sin(turn);
  }
  return sphere;
}

/// The same by the transformation of Fang and Wang (1994), "Number-theoretic Methods in Statistics", 1.5.3.
Points number_theoretic(const Points& cube, std::size_t d) {
  const std::size_t n = cube.size() / (d - 1), m = d / 2;
  const bool odd = d % 2;
  Points sphere(n * d);
  std::vector<double> g(m + 1);
  for (std::size_t i = 0; i < n; ++i) {
    double* x = &sphere[i * d];
    const double* c = &cube[i * (d - 1)];
    g[m] = 1;
    g[0] = 0;
    for (std::size_t j = m - 1; j >= 1; --j) {
      const auto power = static_cast<double>(j);
      g[j] = g[j + 1] * std::pow(c[j - 1], odd ? 2 / (2 * power + 1) : 1 / power);
    }
    for (std::size_t l = 1; l <= m; ++l) {
      const double length = std::sqrt(g[l] - g[l - 1]);
      if (odd && l == 1) {
        const double across = 2 * std::sqrt(c[m - 1] * (1 - c[m - 1]));
        x[0] = length * (1 - 2 * c[m - 1]);
        x[1] = length * across * std::cos(2 * M_PI * c[m]);
        x[2] = length * across * std::sin(2 * M_PI * c[m]);
        continue;
      }
      const double turn = 2 * M_PI * c[odd ? m + l - 1 : m + l - 2];
      const std::size_t first = odd ? 2 * l - 1 : 2 * l - 2;
      x[first] = length * std::cos(turn);
      x[first + 1] = length * std::sin(turn);
    }
  }
  return sphere;
}

/// Every row turned by the orthogonal factor of a matrix of normal deviates.
void turn(Points& rows, std::size_t d, Draws& draws) {
  rows = product(rows, rows.size() / d, orthogonal_factor(draws.normals(d * d), d), d);
}

/// Uniform u becomes a length that fills the ball evenly from `least` on.
double ball_radius(double u, double least, std::size_t d) {
  const auto power = static_cast<double>(d);
  const double inner = std::pow(least, power);
  return std::pow(u * (1 - inner) + inner, 1 / power);
}

Points draw(const ScatteredHypersphere& s, std::size_t n, std::size_t d, Draws& draws) {
  if (d == 1) {
    if (s.surface) {
      Points rows = quasirandom(n, 1, draws);
      for (double& v : rows) v = v > 0.5 ? 1 : -1;
      return rows;
    }
    const std::size_t positive = n - n / 2;
    Points rows = positive ? quasirandom(positive, 1, draws) : Points(),
           below = n / 2 ? quasirandom(n / 2, 1, draws) : Points();
    for (double& v : rows) v = ball_radius(v, s.min_magnitude, 1);
    for (const double v : below) rows.push_back(-ball_radius(v, s.min_magnitude, 1));
    return shuffled(rows, 1, draws);
  }
  const std::size_t dimensions = s.surface ? d - 1 : d;
  const Points cube = quasirandom(n, dimensions, draws);
  Points angles(n * (d - 1));
  for (std::size_t i = 0; i < n; ++i)
    std::copy_n(cube.begin() + static_cast<std::ptrdiff_t>(i * dimensions), d - 1,
                angles.begin() + static_cast<std::ptrdiff_t>(i * (d - 1)));
  Points rows = s.method == SphereMethod::exact ? spherical_coordinates(angles, d) : number_theoretic(angles, d);
  if (!s.surface)
    for (std::size_t i = 0; i < n; ++i) {
      const double radius = ball_radius(cube[i * d + d - 1], s.min_magnitude, d);
      for (std::size_t j = 0; j < d; ++j) rows[i * d + j] *= radius;
    }
  turn(rows, d, draws);
  return rows;
}

Points draw(const UniformHypersphere& s, std::size_t n, std::size_t d, Draws& draws) {
  Points rows = draws.normals(n * d);
  for (std::size_t i = 0; i < n; ++i) {
    double square = 0;
    for (std::size_t j = 0; j < d; ++j) square += rows[i * d + j] * rows[i * d + j];
    for (std::size_t j = 0; j < d; ++j) rows[i * d + j] /= std::sqrt(square);
  }
  if (s.surface) return rows;
  const auto power = static_cast<double>(d);
  const double least = std::pow(s.min_magnitude, power);
  for (std::size_t i = 0; i < n; ++i) {
    const double radius = std::pow(least + (1 - least) * draws.uniform(), 1 / power);
    for (std::size_t j = 0; j < d; ++j) rows[i * d + j] *= radius;
  }
  return rows;
}

Points draw(const Choice& c, std::size_t n, std::size_t d, Draws& draws) {
  const std::size_t count = c.options.size() / d;
  if (count == 0 || c.options.size() % d)
    throw Error("a choice of " + std::to_string(c.options.size()) + " numbers holds no rows of " + std::to_string(d));
  if (!c.weights.empty() && c.weights.size() != count)
    throw Error("a choice among " + std::to_string(count) + " rows has " + std::to_string(c.weights.size()) +
                " weights");
  std::vector<double> up_to(count);
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) up_to[k] = sum += c.weights.empty() ? 1.0 : c.weights[k];
  Points rows(n * d);
  for (std::size_t i = 0; i < n; ++i) {
    const double u = draws.uniform() * sum;
    const auto k = std::min<std::ptrdiff_t>(std::upper_bound(up_to.begin(), up_to.end(), u) - up_to.begin(),
                                            static_cast<std::ptrdiff_t>(count) - 1);
    std::copy_n(c.options.begin() + k * static_cast<std::ptrdiff_t>(d), d,
                rows.begin() + static_cast<std::ptrdiff_t>(i * d));
  }
  return rows;
}

/// Each point holds its part of the whole, half of it on either side; straight lines between the points.
Points draw(const Pdf& density, std::size_t n, std::size_t d, Draws& draws) {
  const std::size_t points = density.x.size();
  std::vector<double> below(points);
  double sum = 0;
  for (std::size_t k = 0; k < points; ++k) {
    below[k] = sum + density.p[k] / 2;
    sum += density.p[k];
  }
  Points rows = draws.uniforms(n * d);
  for (double& v : rows) {
    const double u = v * sum;
    std::size_t k = 1;
    while (k + 1 < points && below[k] < u) ++k;
    const double rise = points > 1 ? below[k] - below[k - 1] : 0;
    const double part = rise > 0 ? std::clamp((u - below[k - 1]) / rise, 0.0, 1.0) : 0;
    v = points > 1 ? density.x[k - 1] + part * (density.x[k] - density.x[k - 1]) : density.x[0];
  }
  return rows;
}

Points draw(const Samples& s, std::size_t n, std::size_t d, Draws&) {
  if (s.values.size() != n * d)
    throw Error("found " + std::to_string(s.values.size()) + " values, needed are " + std::to_string(n) + " rows of " +
                std::to_string(d));
  return s.values;
}

template <class Function>
Points each(std::size_t count, Function&& value) {
  Points rows(count);
  for (double& v : rows) v = value();
  return rows;
}

Points draw(const Constant& c, std::size_t n, std::size_t d, Draws&) { return Points(n * d, c.value); }
Points draw(const UniformDistribution& u, std::size_t n, std::size_t d, Draws& draws) {
  return each(n * d, [&] { return u.low + (u.high - u.low) * draws.uniform(); });
}
Points draw(const Gaussian& g, std::size_t n, std::size_t d, Draws& draws) {
  return each(n * d, [&] { return g.mean + g.std * draws.normal(); });
}
Points draw(const Exponential& e, std::size_t n, std::size_t d, Draws& draws) {
  return each(n * d, [&] { return std::min(e.shift + draws.exponential(e.scale), e.high); });
}
Points draw(const QuasirandomSequence&, std::size_t n, std::size_t d, Draws& draws) { return quasirandom(n, d, draws); }

Points draw(const SqrtBeta& s, std::size_t n, std::size_t d, Draws& draws) {
  return each(n * d, [&] { return ppf(s, draws.uniform()); });
}
Points draw(const SubvectorLength& s, std::size_t n, std::size_t d, Draws& draws) {
  return each(n * d, [&] { return ppf(s, draws.uniform()); });
}
Points draw(const CosineSimilarity& s, std::size_t n, std::size_t d, Draws& draws) {
  return each(n * d, [&] { return ppf(s, draws.uniform()); });
}

/// As a SqrtBeta, whose square is a beta(m / 2, n / 2) variable; `symmetric`: with a random sign.
SqrtBeta as_beta(const DistributionType& distribution, bool& symmetric) {
  symmetric = false;
  if (const auto* beta = std::get_if<SqrtBeta>(&distribution)) return *beta;
  if (const auto* part = std::get_if<SubvectorLength>(&distribution))
    return {static_cast<double>(part->dimensions - part->subdimensions), static_cast<double>(part->subdimensions)};
  if (const auto* cosine = std::get_if<CosineSimilarity>(&distribution)) {
    symmetric = true;
    return {static_cast<double>(cosine->dimensions - 1), 1};
  }
  throw Error("this distribution has no distribution function");
}

}  // namespace

std::vector<double> sample(const DistributionType& distribution, std::size_t n, std::size_t d, Draws& draws) {
  return std::visit([&](const auto& one) { return draw(one, n, d, draws); }, distribution);
}

double cdf(const DistributionType& distribution, double x) {
  bool symmetric = false;
  const SqrtBeta s = as_beta(distribution, symmetric);
  const double inside = incomplete_beta(s.m / 2, s.n / 2, x * x);
  if (symmetric) return 0.5 + (x < 0 ? -inside : inside) / 2;
  return x < 0 ? 0 : inside;
}

double pdf(const DistributionType& distribution, double x) {
  bool symmetric = false;
  const SqrtBeta s = as_beta(distribution, symmetric);
  if (std::abs(x) >= 1 || (!symmetric && x < 0)) return 0;
  const double a = s.m / 2, b = s.n / 2, square = x * x;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b));
  const double whole = 2 * front * std::pow(std::abs(x), s.m - 1) * std::pow(1 - square, b - 1);
  return symmetric ? whole / 2 : whole;
}

double ppf(const DistributionType& distribution, double probability) {
  bool symmetric = false;
  const SqrtBeta s = as_beta(distribution, symmetric);
  const auto root = [&](double p) { return std::sqrt(inverse_incomplete_beta(s.m / 2, s.n / 2, p)); };
  if (!symmetric) return root(probability);
  return probability < 0.5 ? -root(1 - 2 * probability) : root(2 * probability - 1);
}

}  // namespace engram::nef
