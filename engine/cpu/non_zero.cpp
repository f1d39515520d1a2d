#include "engine/cpu/non_zero.hpp"

#include <algorithm>

#include "engine/cpu/avx512.hpp"

namespace engram::cpu {

namespace {

/// Every value is written and those that are 0 are overwritten: a branch would be mispredicted at each of the others.
std::size_t portable(std::span<const real> values, const real* factor, real* to) {
  std::size_t kept = 0;
  for (std::size_t s = 0; s < values.size(); ++s) {
    to[kept] = factor ? factor[s] * values[s] : values[s];
    kept += values[s] != real(0);
  }
  return kept;
}

#if defined(ENGRAM_HAS_AVX512)
ENGRAM_AVX512 std::size_t wide(std::span<const real> values, const real* factor, real* to) {
  using namespace avx512;
  const Reals zero = spread(0);
  std::size_t kept = 0;
  for (std::size_t s = 0; s < values.size(); s += lanes) {
    const Mask inside = first_lanes(static_cast<Index>(std::min<std::size_t>(values.size() - s, lanes)));
    const Reals x = load(values.data() + s, inside);
    const Mask found = test<_CMP_NEQ_UQ>(inside, x, zero);
    pack(to + kept, found, factor ? x * load(factor + s, inside) : x);
    kept += count_of(found);
  }
  return kept;
}
#endif

}  // namespace

std::size_t copy_non_zero(std::span<const real> values, const real* factor, real* to) {
#if defined(ENGRAM_HAS_AVX512)
  if (avx512::in_processor()) return wide(values, factor, to);
#endif
  return portable(values, factor, to);
}

}  // namespace engram::cpu
