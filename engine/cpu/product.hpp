// Products of dense matrices by Eigen, which takes the widest registers that a file is compiled for: so it is compiled
// once per instruction set, as whole files (product_*.cpp), each with a name of its own for Eigen's functions.
#pragma once

#include "engram/core/portable.hpp"

namespace engram::cpu {

/// out[b][i] = sum over j of weight[j][i] * x[b][j], on one thread. Rows lie `pitch`, `x_stride` and `out_stride`
/// values apart.
struct ProductJob {
  const real* weight;
  const real* x;
  real* out;
  Index n_pre, n_post, batches;
  std::size_t pitch, x_stride, out_stride;
};
void product_base(const ProductJob&);
void product_v3(const ProductJob&);
void product_v4(const ProductJob&);

}  // namespace engram::cpu
