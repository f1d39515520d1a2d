#include "engram/nef/solvers.hpp"

#include <algorithm>
#include <cmath>
#include <eigen3/Eigen/Cholesky>

#include "engine/models/nef/build/matrices.hpp"
#include "engine/models/nef/build/non_negative.hpp"
#include "engram/core/error.hpp"
#include "engram/nef/draws.hpp"

namespace engram::nef {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A'B, and X with gram X = right: the two that all solutions are made of, each compiled once.
[[gnu::noinline]] Matrix across(const Matrix& a, const Matrix& b) { return a.transpose() * b; }
[[gnu::noinline]] Matrix solved(const Matrix& gram, const Matrix& right) { return gram.llt().solve(right); }

/// (A'A + m sigma^2) X = A'Y, where fewer samples than neurons in its dual form.
Matrix penalized(const Matrix& a, const Matrix& y, double sigma) {
  const double penalty = static_cast<double>(a.rows()) * sigma * sigma;
  if (a.rows() < a.cols()) {
    const Matrix transposed = a.transpose();
    Matrix gram = across(transposed, transposed);
    gram.diagonal().array() += penalty;
    return across(a, solved(gram, y));
  }
  Matrix gram = across(a, a);
  gram.diagonal().array() += penalty;
  return solved(gram, across(a, y));
}

/// A penalty for each neuron by the part of the samples in which it is active; silent ones take the largest.
Vector penalties(const Matrix& a, double reg) {
  const double most = a.cwiseAbs().maxCoeff();
  Vector sigma = reg * most * (a.array() > 0).cast<double>().colwise().mean().sqrt().transpose();
  const double largest = sigma.maxCoeff();
  return (sigma.array() == 0).select(Vector::Constant(sigma.size(), largest), sigma);
}

Matrix normal_equations(const Matrix& a, const Vector& sigma) {
  Matrix gram = across(a, a);
  gram.diagonal().array() += static_cast<double>(a.rows()) * sigma.array().square();
  return gram;
}

Matrix solution(const LstsqL2& s, const Matrix& a, const Matrix& y, Draws&) {
  return penalized(a, y, s.reg * a.maxCoeff());
}
Matrix solution(const LstsqL2nz& s, const Matrix& a, const Matrix& y, Draws&) {
  return solved(normal_equations(a, penalties(a, s.reg)), across(a, y));
}
Matrix solution(const Lstsq& s, const Matrix& a, const Matrix& y, Draws&) {
  const auto rows = [](const Matrix& m) {
    const RowMajor all = m;
    return std::vector<double>(all.data(), all.data() + all.size());
  };
  const std::vector<double> x = by_singular_values(rows(a), static_cast<std::size_t>(a.cols()), rows(y),
                                                   static_cast<std::size_t>(a.rows()), s.rcond);
  return Eigen::Map<const RowMajor>(x.data(), a.cols(), y.cols());
}

Matrix noise_like(const Matrix& a, Draws& draws) {
  const std::vector<double> deviates = draws.normals(static_cast<std::size_t>(a.size()));
  return Eigen::Map<const RowMajor>(deviates.data(), a.rows(), a.cols());
}
Matrix solution(const LstsqNoise& s, const Matrix& a, const Matrix& y, Draws& draws) {
  return penalized(a + s.noise * a.maxCoeff() * noise_like(a, draws), y, 0);
}
Matrix solution(const LstsqMultNoise& s, const Matrix& a, const Matrix& y, Draws& draws) {
  return penalized(a.cwiseProduct(Matrix(1 + (s.noise * noise_like(a, draws)).array())), y, 0);
}

/// Coordinate descent (Friedman, Hastie and Tibshirani 2010) on |y - A x|^2 / (2 m) + l1 |x| + l2 |x|^2 / 2.
Matrix solution(const LstsqL1& s, const Matrix& a, const Matrix& y, Draws&) {
  const double most = a.maxCoeff(), l1 = s.l1 * most, l2 = s.l2 * most * most, m = static_cast<double>(a.rows());
  const Vector square = a.colwise().squaredNorm().transpose() / m;
  Matrix x = Matrix::Zero(a.cols(), y.cols());
  for (Eigen::Index k = 0; k < y.cols(); ++k) {
    Vector rest = y.col(k);
    for (int round = 0; round < s.max_rounds; ++round) {
      double moved = 0, largest = 0;
      for (Eigen::Index i = 0; i < a.cols(); ++i) {
        if (square[i] == 0) continue;
        const double old = x(i, k), wanted = a.col(i).dot(rest) / m + square[i] * old;
        const double shrunk = std::max(std::abs(wanted) - l1, 0.0);
        x(i, k) = std::copysign(shrunk, wanted) / (square[i] + l2);
        if (x(i, k) != old) rest -= (x(i, k) - old) * a.col(i);
        moved = std::max(moved, std::abs(x(i, k) - old));
        largest = std::max(largest, std::abs(x(i, k)));
      }
      if (moved <= 1e-6 * largest) break;
    }
  }
  return x;
}

Matrix solution(const LstsqDrop& s, const Matrix& a, const Matrix& y, Draws&) {
  Matrix x = penalized(a, y, s.reg_first * a.maxCoeff());
  std::vector<double> sizes(x.data(), x.data() + x.size());
  for (double& v : sizes) v = std::abs(v);
  std::sort(sizes.begin(), sizes.end());
  const auto dropped = static_cast<std::size_t>(std::nearbyint(s.drop * static_cast<double>(sizes.size())));
  const double limit = dropped < sizes.size() ? sizes[dropped] : INFINITY;
  for (Eigen::Index k = 0; k < x.cols(); ++k) {
    std::vector<Eigen::Index> kept;
    for (Eigen::Index i = 0; i < x.rows(); ++i)
      if (std::abs(x(i, k)) >= limit) kept.push_back(i);
    x.col(k).setZero();
    if (kept.empty()) continue;
    Matrix part(a.rows(), static_cast<Eigen::Index>(kept.size()));
    for (std::size_t j = 0; j < kept.size(); ++j) part.col(static_cast<Eigen::Index>(j)) = a.col(kept[j]);
    const Matrix again = penalized(part, y.col(k), s.reg * part.maxCoeff());
    for (std::size_t j = 0; j < kept.size(); ++j) x(kept[j], k) = again(static_cast<Eigen::Index>(j), 0);
  }
  return x;
}

Matrix each_column(const Matrix& a, const Matrix& y) {
  Matrix x(a.cols(), y.cols());
  for (Eigen::Index k = 0; k < y.cols(); ++k) x.col(k) = non_negative_least_squares(a, y.col(k));
  return x;
}
Matrix solution(const Nnls&, const Matrix& a, const Matrix& y, Draws&) { return each_column(a, y); }
Matrix solution(const NnlsL2& s, const Matrix& a, const Matrix& y, Draws&) {
  return each_column(normal_equations(a, Vector::Constant(a.cols(), s.reg * a.maxCoeff())), across(a, y.cwiseMax(0)));
}
Matrix solution(const NnlsL2nz& s, const Matrix& a, const Matrix& y, Draws&) {
  return each_column(normal_equations(a, penalties(a, s.reg)), across(a, y.cwiseMax(0)));
}

Matrix solution(const NoSolver& s, const Matrix& a, const Matrix& y, Draws&) {
  const auto wanted = static_cast<std::size_t>(a.cols() * y.cols());
  if (s.values.empty()) return Matrix::Zero(a.cols(), y.cols());
  if (s.values.size() != wanted)
    throw Error("found " + std::to_string(s.values.size()) + " decoder values, needed are " + std::to_string(a.cols()) +
                " neurons times " + std::to_string(y.cols()) + " dimensions");
  return Eigen::Map<const RowMajor>(s.values.data(), a.cols(), y.cols());
}

}  // namespace

std::vector<double> solve(const SolverType& solver, std::span<const double> activities, std::size_t neurons,
                          std::span<const double> targets, std::size_t samples, Draws& draws) {
  const auto m = static_cast<Eigen::Index>(samples), n = static_cast<Eigen::Index>(neurons),
             d = static_cast<Eigen::Index>(targets.size() / samples);
  const Matrix a = Eigen::Map<const RowMajor>(activities.data(), m, n);
  const Matrix y = Eigen::Map<const RowMajor>(targets.data(), m, d);
  if (!std::holds_alternative<NoSolver>(solver) && (a.array() == 0).all())
    throw Error(
        "the activities are zero at all evaluation points, so there is nothing to decode from; lower the "
        "intercepts or give other evaluation points");
  std::vector<double> decoders(neurons * static_cast<std::size_t>(d));
  Eigen::Map<RowMajor>(decoders.data(), n, d) =
      std::visit([&](const auto& one) { return solution(one, a, y, draws); }, solver);
  return decoders;
}

std::vector<double> solution_errors(std::span<const double> activities, std::size_t neurons,
                                    std::span<const double> targets, std::size_t samples,
                                    std::span<const double> decoders) {
  const std::vector<double> found = product(activities, samples, decoders, neurons);
  const std::size_t d = targets.size() / samples;
  std::vector<double> errors(d);
  for (std::size_t k = 0; k < found.size(); ++k) errors[k % d] += (targets[k] - found[k]) * (targets[k] - found[k]);
  for (double& e : errors) e = std::sqrt(e / static_cast<double>(samples));
  return errors;
}

}  // namespace engram::nef
