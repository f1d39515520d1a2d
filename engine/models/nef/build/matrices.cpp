#include "engine/models/nef/build/matrices.hpp"

#include <eigen3/Eigen/Core>

namespace engram::nef {

namespace {

using RowsOfNumbers = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

auto as_matrix(std::span<const double> values, std::size_t columns) {
  return Eigen::Map<const RowsOfNumbers>(values.data(), static_cast<Eigen::Index>(values.size() / columns),
                                         static_cast<Eigen::Index>(columns));
}
auto as_matrix(std::vector<double>& values, std::size_t rows) {
  return Eigen::Map<RowsOfNumbers>(values.data(), static_cast<Eigen::Index>(rows),
                                   static_cast<Eigen::Index>(values.size() / rows));
}

}  // namespace

std::vector<double> product(std::span<const double> a, std::size_t rows, std::span<const double> b, std::size_t inner) {
  std::vector<double> result(rows * (b.size() / inner));
  as_matrix(result, rows).noalias() = as_matrix(a, inner) * as_matrix(b, b.size() / inner);
  return result;
}

std::vector<double> product_of_rows(std::span<const double> a, std::size_t rows, std::span<const double> b,
                                    std::size_t inner) {
  std::vector<double> result(rows * (b.size() / inner));
  as_matrix(result, rows).noalias() = as_matrix(a, inner) * as_matrix(b, inner).transpose();
  return result;
}

}  // namespace engram::nef
