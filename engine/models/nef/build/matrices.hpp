// Products and decompositions of matrices, row after row, as plain numbers. The templates of Eigen are what compiles
// longest, so each decomposition is made in one file behind a header like this.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace engram::nef {

/// a [rows][inner] times b [inner][...].
std::vector<double> product(std::span<const double> a, std::size_t rows, std::span<const double> b, std::size_t inner);
/// a [rows][inner] times the transpose of b [...][inner].
std::vector<double> product_of_rows(std::span<const double> a, std::size_t rows, std::span<const double> b,
                                    std::size_t inner);
/// The orthogonal factor of the polar decomposition of a square matrix.
std::vector<double> orthogonal_factor(std::span<const double> square, std::size_t size);
/// x [columns][...] with the least |a x - y|; singular values below `rcond` of the largest count as 0.
std::vector<double> by_singular_values(std::span<const double> a, std::size_t columns, std::span<const double> y,
                                       std::size_t samples, double rcond);

}  // namespace engram::nef
