// Products of many batches with the matrices of a projection, by Eigen.
#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/parallel.hpp"
#include "engine/cpu/product.hpp"
#include "kernels/operations/dispatch.hpp"

namespace engram::cpu {

namespace {

/// A tile of the result. Whatever the threads, tiles are these, so they change no bit: a library may add the terms of a
/// large matrix in another order than those of a small one.
constexpr Index tile_units = 256, tile_batches = 256;

using Product = void (*)(const ProductJob&);

Product best() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(ENGRAM_NO_CLONES)
  if (__builtin_cpu_supports("x86-64-v4")) return product_v4;
  if (__builtin_cpu_supports("x86-64-v3")) return product_v3;
#endif
  return product_base;
}

}  // namespace

void CpuBackend::multiply(const DenseView& w, Batch<const real> x, Index group, Batch<real> out) {
  bodies::check_product(w, x, group, out);
  if (x.batches == 0) return;
  const Index across = ceil_div(w.n_post, tile_units), along = ceil_div(group, tile_batches);
  const std::size_t tiles = std::size_t{w.replicas} * across * along;
  const std::size_t work = std::size_t{x.batches} * w.n_pre * w.n_post / 8;  // eight and more in one instruction
  static const Product product = best();
  parallel_for(info_.threads, tiles, work, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t t = begin; t < end; ++t) {
      const auto replica = static_cast<Index>(t / across / along);
      const Index unit = static_cast<Index>(t % across) * tile_units,
                  batch = static_cast<Index>(t / across % along) * tile_batches, first = replica * group + batch;
      product({w.row(replica, 0) + unit, x.at(first), out.at(first) + unit, w.n_pre,
               std::min(tile_units, w.n_post - unit), std::min(tile_batches, group - batch), w.pitch, x.stride,
               out.stride});
    }
  });
}

}  // namespace engram::cpu
