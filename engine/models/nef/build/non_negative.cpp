#include "engine/models/nef/build/non_negative.hpp"

#include <algorithm>
#include <eigen3/Eigen/QR>
#include <limits>
#include <vector>

namespace engram::nef {

Eigen::VectorXd non_negative_least_squares(const Eigen::MatrixXd& a, const Eigen::VectorXd& y) {
  const Eigen::Index n = a.cols();
  Eigen::VectorXd x = Eigen::VectorXd::Zero(n);
  std::vector<bool> free(static_cast<std::size_t>(n), false);
  const double scale = a.cwiseAbs().maxCoeff() * std::max(y.cwiseAbs().maxCoeff(), 1e-300);
  const double tolerance = 10 * std::numeric_limits<double>::epsilon() * scale * static_cast<double>(n);
  const auto solve_free = [&] {
    std::vector<Eigen::Index> columns;
    for (Eigen::Index i = 0; i < n; ++i)
      if (free[static_cast<std::size_t>(i)]) columns.push_back(i);
    Eigen::MatrixXd part(a.rows(), static_cast<Eigen::Index>(columns.size()));
    for (std::size_t j = 0; j < columns.size(); ++j) part.col(static_cast<Eigen::Index>(j)) = a.col(columns[j]);
    const Eigen::VectorXd z = part.colPivHouseholderQr().solve(y);
    Eigen::VectorXd whole = Eigen::VectorXd::Zero(n);
    for (std::size_t j = 0; j < columns.size(); ++j) whole[columns[j]] = z[static_cast<Eigen::Index>(j)];
    return whole;
  };
  for (Eigen::Index round = 0; round < 3 * n; ++round) {
    const Eigen::VectorXd gradient = a.transpose() * (y - a * x);
    Eigen::Index steepest = -1;
    for (Eigen::Index i = 0; i < n; ++i)
      if (!free[static_cast<std::size_t>(i)] && gradient[i] > tolerance &&
          (steepest < 0 || gradient[i] > gradient[steepest]))
        steepest = i;
    if (steepest < 0) break;
    free[static_cast<std::size_t>(steepest)] = true;
    for (;;) {
      const Eigen::VectorXd z = solve_free();
      double step = 1;
      for (Eigen::Index i = 0; i < n; ++i)
        if (free[static_cast<std::size_t>(i)] && z[i] <= 0) step = std::min(step, x[i] / (x[i] - z[i]));
      if (step >= 1) {
        x = z;
        break;
      }
      x += step * (z - x);
      bool left = false;
      for (Eigen::Index i = 0; i < n; ++i)
        if (free[static_cast<std::size_t>(i)] && z[i] <= 0 && x[i] <= 1e-14 * x.maxCoeff()) {
          free[static_cast<std::size_t>(i)] = false;
          x[i] = 0;
          left = true;
        }
      if (!left) break;
    }
  }
  return x;
}

}  // namespace engram::nef
