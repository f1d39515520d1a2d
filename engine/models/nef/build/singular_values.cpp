#include <eigen3/Eigen/SVD>

#include "engine/models/nef/build/matrices.hpp"

namespace engram::nef {

namespace {

using Numbers = Eigen::MatrixXd;

Numbers columns_of(std::span<const double> rows, std::size_t columns) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(rows.data(), static_cast<Eigen::Index>(rows.size() / columns),
                                    static_cast<Eigen::Index>(columns));
}
std::vector<double> rows_of(const Numbers& m) {
  std::vector<double> rows;
  rows.reserve(static_cast<std::size_t>(m.size()));
  for (Eigen::Index i = 0; i < m.rows(); ++i)
    for (Eigen::Index j = 0; j < m.cols(); ++j) rows.push_back(m(i, j));
  return rows;
}

}  // namespace

std::vector<double> orthogonal_factor(std::span<const double> square, std::size_t size) {
  const Eigen::BDCSVD<Numbers> svd(columns_of(square, size), Eigen::ComputeFullU | Eigen::ComputeFullV);
  return rows_of(svd.matrixU() * svd.matrixV().transpose());
}

std::vector<double> by_singular_values(std::span<const double> a, std::size_t columns, std::span<const double> y,
                                       std::size_t samples, double rcond) {
  Eigen::BDCSVD<Numbers> svd(columns_of(a, columns), Eigen::ComputeThinU | Eigen::ComputeThinV);
  svd.setThreshold(rcond);
  const Numbers x = svd.solve(columns_of(y, y.size() / samples));
  return rows_of(x);
}

}  // namespace engram::nef
