#include "engine/models/nef/build/state_space.hpp"

#include <algorithm>
#include <cmath>
#include <eigen3/Eigen/LU>
#include <eigen3/unsupported/Eigen/MatrixFunctions>
#include <limits>

#include "engram/core/error.hpp"

namespace engram::nef {

std::vector<double> trimmed(const std::vector<double>& polynomial) {
  auto first = std::find_if(polynomial.begin(), polynomial.end(), [](double c) { return c != 0; });
  return {first, polynomial.end()};
}

namespace {

using Matrix = Eigen::MatrixXd;

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

Matrix transition(const StateSpace& s) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(s.a.data(), s.order, s.order);
}

}  // namespace

StateSpace state_space_of(const LinearFilter& h, double dt) {
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

/// One real system of twice the size: (x - A) u - y v = B, y u + (x - A) v = 0.
std::vector<std::complex<double>> answer(const StateSpace& s, std::complex<double> z) {
  const Eigen::Index n = s.order;
  Matrix both = Matrix::Zero(2 * n, 2 * n), right = Matrix::Zero(2 * n, 1);
  const Matrix a = transition(s);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < n; ++j) both(i, j) = both(n + i, n + j) = (i == j ? z.real() : 0) - a(i, j);
    both(i, n + i) = -z.imag();
    both(n + i, i) = z.imag();
    right(i, 0) = s.b[static_cast<std::size_t>(i)];
  }
  const Matrix found = Eigen::PartialPivLU<Matrix>(both).solve(right);
  std::vector<std::complex<double>> x;
  for (Eigen::Index i = 0; i < n; ++i) x.emplace_back(found(i, 0), found(n + i, 0));
  return x;
}

bool answers_constants(const StateSpace& s) {
  const Matrix left = Matrix::Identity(s.order, s.order) - transition(s);
  const Matrix factors = Eigen::PartialPivLU<Matrix>(left).matrixLU();
  double least = 1e300, most = 0;
  for (Eigen::Index i = 0; i < factors.rows(); ++i) {
    least = std::min(least, std::abs(factors(i, i)));
    most = std::max(most, std::abs(factors(i, i)));
  }
  return least > most * s.order * std::numeric_limits<double>::epsilon();
}

}  // namespace engram::nef
