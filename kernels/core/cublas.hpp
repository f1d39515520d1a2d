// cuBLAS, opened when something is first multiplied: it is half a gigabyte, and nobody who sums exactly needs it.
#pragma once

#include <cuda_runtime_api.h>

#include "engram/core/array.hpp"
#include "engram/synapses/synapses.hpp"

namespace engram::kernels {

class Cublas {
 public:
  /// Its products run in this stream and use this memory, of so many bytes. Throws LibraryError where it is absent.
  Cublas(cudaStream_t stream, void* workspace, std::size_t bytes);
  ~Cublas();
  Cublas(const Cublas&) = delete;

  void multiply(const DenseView& weights, Batch<const real> x, Index group, Batch<real> out);

  /// What its developers recommend for a Hopper; recorded graphs need memory that stays.
  static constexpr std::size_t workspace_bytes = std::size_t{32} << 20;

 private:
  void* handle_ = nullptr;
};

}  // namespace engram::kernels
