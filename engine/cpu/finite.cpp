#include "engine/cpu/finite.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "engram/core/portable.hpp"

namespace engram::cpu {

namespace {

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

template <class T>
constexpr bool is_finite(T x) {
  constexpr auto exponent = static_cast<Bits<T>>(sizeof(T) == 4 ? 0x7F800000u : 0x7FF0000000000000u);
  return (std::bit_cast<Bits<T>>(x) & exponent) != exponent;
}

/// By their bits, without a branch.
template <class T>
ENGRAM_CLONES bool all_finite(const T* values, std::size_t count) {
  Bits<T> wrong = 0;
  for (std::size_t i = 0; i < count; ++i) wrong |= Bits<T>{!is_finite(values[i])};
  return wrong == 0;
}

template <class T>
std::size_t first(std::span<const T> values) {
  constexpr std::size_t block = 4096;
  for (std::size_t begin = 0; begin < values.size(); begin += block) {
    const std::size_t end = std::min(values.size(), begin + block);
    if (all_finite(values.data() + begin, end - begin)) continue;
    for (std::size_t i = begin; i < end; ++i)
      if (!is_finite(values[i])) return i;
  }
  return values.size();
}

}  // namespace

std::size_t first_not_finite(std::span<const float> values) { return first(values); }
std::size_t first_not_finite(std::span<const double> values) { return first(values); }

}  // namespace engram::cpu
