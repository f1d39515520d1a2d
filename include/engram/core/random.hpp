// Random numbers as pure functions of a counter: nothing is stored, so nothing can get out of step.
// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"), by Random123.
#pragma once

#ifndef R123_USE_SSE
#define R123_USE_SSE 0  // no generator here uses it, and its headers take half a second of every compilation
#endif
#include <Random123/philox.h>

#include "engram/core/math.hpp"
#include "engram/core/portable.hpp"
#include "engram/core/streams.hpp"

namespace engram {

struct Words {
  std::uint32_t w[4];
};

ENGRAM_HD Words philox(Words counter, std::uint32_t key0, std::uint32_t key1) {
  const r123::Philox4x32::ctr_type x =
      r123::Philox4x32{}({{counter.w[0], counter.w[1], counter.w[2], counter.w[3]}}, {{key0, key1}});
  return {{x[0], x[1], x[2], x[3]}};
}

/// [0, 1), from the leading bits of one word.
ENGRAM_HD real uniform_of(std::uint32_t word) {
  if constexpr (sizeof(real) == 4)
    return static_cast<real>(static_cast<std::int32_t>(word >> 8)) * static_cast<real>(1.0 / 16777216.0);
  else
    return static_cast<real>(word) * static_cast<real>(1.0 / 4294967296.0);
}

/// Two standard normal deviates from two words (Box and Muller 1958).
ENGRAM_HD void normals_of(std::uint32_t first, std::uint32_t second, real& x, real& y) {
  // (0, 1]: the half keeps the logarithm finite. Both precisions see the same draw, up to rounding.
  const real u = sizeof(real) == 4 ? (static_cast<real>(static_cast<std::int32_t>(first >> 8)) + real(0.5)) *
                                         static_cast<real>(1.0 / 16777216.0)
                                   : (static_cast<real>(first) + real(0.5)) * static_cast<real>(1.0 / 4294967296.0);
  const real radius = math::square_root(real(-2) * math::log(u));
  real sine, cosine;
  math::sincos_turns(uniform_of(second), sine, cosine);
  x = radius * cosine;
  y = radius * sine;
}

/// bits * n / 2^64, which is below n.
ENGRAM_HD std::uint64_t scaled_down(std::uint64_t bits, std::uint64_t n) {
#if defined(__CUDA_ARCH__)
  return __umul64hi(bits, n);
#else
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits) * n) >> 64);
#endif
}

/// The random numbers of one unit at one tick.
struct Random {
  std::uint64_t seed;
  Stream stream;
  Tick tick;
  std::uint32_t unit;

  /// `draw` < 2^24.
  ENGRAM_HD Words counter(std::uint32_t draw) const {
    return {{unit, (draw << 8) | static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(tick),
             static_cast<std::uint32_t>(tick >> 32)}};
  }
  ENGRAM_HD Words words(std::uint32_t draw) const {
    return philox(counter(draw), static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
  }
  ENGRAM_HD real uniform(std::uint32_t draw = 0) const { return uniform_of(words(draw).w[0]); }
  ENGRAM_HD bool bernoulli(double p, std::uint32_t draw = 0) const {
    return static_cast<double>(words(draw).w[0]) < p * 4294967296.0;
  }
  /// Uniform on 0 .. n-1, n >= 1; biased by less than n / 2^64.
  ENGRAM_HD std::uint64_t below(std::uint64_t n, std::uint32_t draw = 0) const {
    const Words x = words(draw);
    return scaled_down((std::uint64_t{x.w[0]} << 32) | x.w[1], n);
  }
};

/// A seed of its own for a part of a run that needs every stream again, such as a cell of a grid: parts of one use,
/// which `stream` names, differ by `part`.
ENGRAM_HD std::uint64_t part_seed(std::uint64_t seed, Stream stream, std::uint64_t part) {
  const Words x = Random{seed, stream, part, 0}.words(0);
  return (std::uint64_t{x.w[0]} << 32) | x.w[1];
}

/// Standard normal deviates of four neighbouring units from one call: unit 4 b + i takes element i of block b.
ENGRAM_HD void normal_block(std::uint64_t seed, Stream stream, Tick tick, std::uint32_t block, real* four) {
  const Words x = Random{seed, stream, tick, block}.words(0);
  normals_of(x.w[0], x.w[1], four[0], four[1]);
  normals_of(x.w[2], x.w[3], four[2], four[3]);
}

}  // namespace engram
