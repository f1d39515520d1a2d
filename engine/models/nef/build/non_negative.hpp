// Least squares with weights of at least 0.
#pragma once

#include <eigen3/Eigen/Core>

namespace engram::nef {

/// The x >= 0 that makes |A x - y| least, by the active set method (Lawson and Hanson 1974, "Solving Least Squares
/// Problems", chapter 23).
Eigen::VectorXd non_negative_least_squares(const Eigen::MatrixXd& a, const Eigen::VectorXd& y);

}  // namespace engram::nef
