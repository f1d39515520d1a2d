// Included by one file per instruction set, which names its function in ENGRAM_PRODUCT. The name of Eigen's namespace
// says for which one its functions are compiled: the linker keeps one copy of functions of equal names.
#define Eigen ENGRAM_JOINED(Eigen_of_, ENGRAM_PRODUCT)
#define ENGRAM_JOINED(a, b) ENGRAM_JOINED_AS_THEY_ARE(a, b)
#define ENGRAM_JOINED_AS_THEY_ARE(a, b) a##b
#define EIGEN_DONT_PARALLELIZE  // threads are ours: multiply.cpp
#define EIGEN_NO_DEBUG
#include <eigen3/Eigen/Core>

#include "engine/cpu/product.hpp"

namespace engram::cpu {

void ENGRAM_PRODUCT(const ProductJob& job) {
  // Rows in memory are columns to Eigen: [pre][post] is the matrix of post times pre.
  using Matrix = Eigen::Matrix<real, Eigen::Dynamic, Eigen::Dynamic>;
  using Stride = Eigen::OuterStride<>;
  const auto at = [](std::size_t distance) { return Stride(static_cast<Eigen::Index>(distance)); };
  const Eigen::Map<const Matrix, 0, Stride> weight(job.weight, job.n_post, job.n_pre, at(job.pitch));
  const Eigen::Map<const Matrix, 0, Stride> x(job.x, job.n_pre, job.batches, at(job.x_stride));
  Eigen::Map<Matrix, 0, Stride>(job.out, job.n_post, job.batches, at(job.out_stride)).noalias() = weight * x;
}

}  // namespace engram::cpu
