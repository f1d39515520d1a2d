#include "engram/nef/synapses.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <eigen3/Eigen/LU>
#include <eigen3/unsupported/Eigen/MatrixFunctions>

#include "engram/core/error.hpp"

namespace engram::nef {

namespace {

using Matrix = Eigen::MatrixXd;

/// Leading zeros say nothing.
std::vector<double> trimmed(const std::vector<double>& polynomial) {
  auto first = std::find_if(polynomial.begin(), polynomial.end(), [](double c) { return c != 0; });
  return {first, polynomial.end()};
}

std::vector<double> multiplied(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> product(a.size() + b.size() - 1);
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j) product[i + j] += a[i] * b[j];
  return product;
}

LinearFilter transfer_function(const SynapseType& synapse) {
  LinearFilter h;
  if (const auto* lowpass = std::get_if<Lowpass>(&synapse)) {
    if (lowpass->tau > 0) h.den = {lowpass->tau, 1};
  } else if (const auto* alpha = std::get_if<Alpha>(&synapse)) {
    if (alpha->tau > 0) h.den = {alpha->tau * alpha->tau, 2 * alpha->tau, 1};
  } else if (const auto* linear = std::get_if<LinearFilter>(&synapse)) {
    h = *linear;
  } else if (std::holds_alternative<Triangle>(synapse)) {
    throw Error("a triangle filter has no transfer function of finite order");
  }
  return h;
}

struct Matrices {
  Matrix a, b, c;
  double d;
};

/// Controllable canonical form.
Matrices canonical(const LinearFilter& h) {
  const std::vector<double> den = trimmed(h.den);
  std::vector<double> num = trimmed(h.num);
  if (den.empty()) throw Error("a filter's denominator is 0");
  if (num.size() > den.size()) throw Error("a filter's numerator has a higher power than its denominator");
  const auto n = static_cast<Eigen::Index>(den.size() - 1);
  if (n > max_filter_order)
    throw Error("a filter has " + std::to_string(n) + " states; allowed are up to " + std::to_string(max_filter_order));
  num.insert(num.begin(), den.size() - num.size(), 0.0);
  Matrices m{Matrix::Zero(n, n), Matrix::Zero(n, 1), Matrix::Zero(1, n), num[0] / den[0]};
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i) + 1;
    m.a(0, i) = -den[k] / den[0];
    m.c(0, i) = num[k] / den[0] - m.d * (den[k] / den[0]);
    if (i + 1 < n) m.a(i + 1, i) = 1;
  }
  if (n > 0) m.b(0, 0) = 1;
  return m;
}

Matrices hold_input(const Matrices& m, double dt) {
  const Eigen::Index n = m.a.rows();
  Matrix block = Matrix::Zero(n + 1, n + 1);
  block.topLeftCorner(n, n) = m.a * dt;
  block.topRightCorner(n, 1) = m.b * dt;
  const Matrix e = block.exp();
  return {e.topLeftCorner(n, n), e.topRightCorner(n, 1), m.c, m.d};
}

Matrices bilinear(const Matrices& m, double dt, double alpha) {
  const Eigen::Index n = m.a.rows();
  const Matrix one = Matrix::Identity(n, n), left = one - alpha * dt * m.a;
  const Eigen::PartialPivLU<Matrix> lu(left), transposed(left.transpose());
  const Matrix b = lu.solve(dt * m.b);
  return {lu.solve(one + (1 - alpha) * dt * m.a), b, transposed.solve(m.c.transpose()).transpose(),
          m.d + alpha * (m.c * b)(0, 0)};
}

}  // namespace

void LinearFilter::check_together(const Report& problem) const {
  const std::vector<double> above = trimmed(num), below = trimmed(den);
  if (below.empty()) return problem("den", "a denominator of 0 divides nothing");
  if (above.size() > below.size())
    problem("num", "found " + std::to_string(above.size()) + " coefficients over " + std::to_string(below.size()) +
                       "; a filter cannot have a higher power above than below");
  if (below.size() > max_filter_order + 1)
    problem("den", "found " + std::to_string(below.size() - 1) + " states; allowed are up to " +
                       std::to_string(max_filter_order));
}

double StateSpace::steady_gain() const {
  if (order == 0) return d;
  const auto n = static_cast<Eigen::Index>(order);
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Matrix left = Matrix::Identity(n, n) - Eigen::Map<const RowMajor>(a.data(), n, n);
  const Eigen::FullPivLU<Matrix> lu(left);
  if (!lu.isInvertible()) return INFINITY;
  const Eigen::VectorXd x = lu.solve(Eigen::Map<const Eigen::VectorXd>(b.data(), n));
  return Eigen::Map<const Eigen::VectorXd>(c.data(), n).dot(x) + d;
}

StateSpace discretize(const SynapseType& synapse, double dt) {
  const LinearFilter h = transfer_function(synapse);
  Matrices m = canonical(h);
  if (h.analog && m.a.rows() > 0) {
    constexpr double alpha[] = {0, 0.5, 0, 1};
    m = h.method == Discretization::zoh ? hold_input(m, dt)
                                        : bilinear(m, dt, alpha[static_cast<std::size_t>(h.method)]);
  }
  StateSpace s;
  s.order = static_cast<int>(m.a.rows());
  for (Eigen::Index i = 0; i < m.a.rows(); ++i) {
    for (Eigen::Index j = 0; j < m.a.cols(); ++j) s.a.push_back(m.a(i, j));
    s.b.push_back(m.b(i, 0));
    s.c.push_back(m.c(0, i));
  }
  s.d = m.d;
  return s;
}

TriangleTaps triangle_taps(const Triangle& triangle, double dt) {
  TriangleTaps t;
  t.taps = static_cast<int>(std::nearbyint(triangle.t / dt)) + 1;
  const double sum = t.taps * (t.taps + 1.0) / 2;
  t.first = t.taps / sum;
  t.last = 1 / sum;
  return t;
}

namespace {

std::vector<double> filter_triangle(const Triangle& triangle, double dt, std::span<const double> signal,
                                    std::size_t channels, double y0) {
  const TriangleTaps t = triangle_taps(triangle, dt);
  const auto taps = static_cast<std::size_t>(t.taps);
  std::vector<double> ring(taps * channels, y0 * t.last), y(channels, y0), out(signal.size());
  for (std::size_t k = 0; k < signal.size() / channels; ++k)
    for (std::size_t i = 0; i < channels; ++i) {
      const double u = signal[k * channels + i];
      double leaving = 0;
      for (std::size_t tap = 0; tap < taps; ++tap) leaving += ring[tap * channels + i];
      y[i] += t.first * u - leaving;
      ring[k % taps * channels + i] = t.last * u;
      out[k * channels + i] = y[i];
    }
  return out;
}

}  // namespace

std::vector<double> filter_signal(const SynapseType& synapse, double dt, std::span<const double> signal,
                                  std::size_t channels, double y0, std::vector<double>* state) {
  if (const auto* triangle = std::get_if<Triangle>(&synapse))
    return filter_triangle(*triangle, dt, signal, channels, y0);
  const StateSpace s = discretize(synapse, dt);
  const auto n = static_cast<std::size_t>(s.order);
  std::vector<double> x(n * channels), next(n), out(signal.size());
  if (y0 != 0 && n > 0) {
    const double gain = s.steady_gain();
    if (!std::isfinite(gain) || gain == 0)
      throw Error("a filter whose answer to a constant is " + std::string(gain == 0 ? "0" : "infinite") +
                  " cannot start from an output that is not 0");
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const auto size = static_cast<Eigen::Index>(n);
    const Matrix left = Matrix::Identity(size, size) - Eigen::Map<const RowMajor>(s.a.data(), size, size);
    const Eigen::VectorXd steady =
        left.fullPivLu().solve(Eigen::Map<const Eigen::VectorXd>(s.b.data(), size)) * (y0 / gain);
    for (std::size_t j = 0; j < n; ++j)
      std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(j * channels), channels,
                  s.one_state() ? y0 : steady[static_cast<Eigen::Index>(j)]);
  }
  for (std::size_t k = 0; k < signal.size() / channels; ++k)
    for (std::size_t i = 0; i < channels; ++i) {
      const double u = signal[k * channels + i];
      double& y = out[k * channels + i];
      const auto output = [&] {
        y = s.d * u;
        for (std::size_t j = 0; j < n; ++j) y += s.c[j] * x[j * channels + i];
      };
      if (s.one_state()) {
        y = x[i] = s.a[0] * x[i] + s.b[0] * s.c[0] * u;
        continue;
      }
      if (s.d != 0) output();
      for (std::size_t j = 0; j < n; ++j) {
        next[j] = s.b[j] * u;
        for (std::size_t l = 0; l < n; ++l) next[j] += s.a[j * n + l] * x[l * channels + i];
      }
      for (std::size_t j = 0; j < n; ++j) x[j * channels + i] = next[j];
      if (s.d == 0) output();
    }
  if (state) *state = x;
  return out;
}

std::vector<double> filter_both_ways(const SynapseType& synapse, double dt, std::span<const double> signal,
                                     std::size_t channels) {
  const auto reversed = [&](std::vector<double> rows) {
    const std::size_t n = rows.size() / channels;
    for (std::size_t k = 0; k < n / 2; ++k)
      std::swap_ranges(rows.begin() + static_cast<std::ptrdiff_t>(k * channels),
                       rows.begin() + static_cast<std::ptrdiff_t>((k + 1) * channels),
                       rows.begin() + static_cast<std::ptrdiff_t>((n - 1 - k) * channels));
    return rows;
  };
  const std::vector<double> back = reversed(filter_signal(synapse, dt, signal, channels));
  return reversed(filter_signal(synapse, dt, back, channels));
}

LinearFilter series(const SynapseType& one, const SynapseType& other) {
  const LinearFilter a = transfer_function(one), b = transfer_function(other);
  if (a.analog != b.analog) throw Error("an analog and a digital filter have no common transfer function");
  LinearFilter both = a;
  both.num = multiplied(a.num, b.num);
  both.den = multiplied(a.den, b.den);
  return both;
}

std::vector<Response> frequency_response(const SynapseType& synapse, double dt, std::span<const double> frequencies) {
  const StateSpace s = discretize(synapse, dt);
  const auto n = static_cast<Eigen::Index>(s.order);
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::MatrixXcd a = Eigen::Map<const RowMajor>(s.a.data(), n, n).cast<std::complex<double>>();
  const Eigen::VectorXcd b = Eigen::Map<const Eigen::VectorXd>(s.b.data(), n).cast<std::complex<double>>(),
                         c = Eigen::Map<const Eigen::VectorXd>(s.c.data(), n).cast<std::complex<double>>();
  std::vector<Response> all;
  for (const double f : frequencies) {
    const std::complex<double> z = std::polar(1.0, 2 * M_PI * f * dt);
    std::complex<double> h = s.d;
    if (n > 0) {
      const Eigen::MatrixXcd left = z * Eigen::MatrixXcd::Identity(n, n) - a;
      const Eigen::VectorXcd x = left.partialPivLu().solve(b);
      // Where the new state answers in the same step, the output is ahead of C x by one.
      h += (s.d == 0 ? z : std::complex<double>(1)) * (c.transpose() * x)(0, 0);
    }
    all.push_back({std::abs(h), std::arg(h)});
  }
  return all;
}

}  // namespace engram::nef
