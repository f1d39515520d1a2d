// Draws of many units at once, in vectors: the numbers that random.hpp defines one by one.
#pragma once

#include "engram/core/random.hpp"

namespace engram::cpu {

/// Normal deviates of blocks [first, first + blocks): the numbers of normal_block, 4 a block, as mean + sd * z.
void fill_normals(real* out, Index first, Index blocks, std::uint64_t seed, Stream stream, Tick tick, real mean,
                  real sd);

/// Uniform draws of the same blocks: word i of the block's Philox call for its unit i, as low + width * u.
void fill_uniforms(real* out, Index first, Index blocks, std::uint64_t seed, Stream stream, Tick tick, real low,
                   real width);

inline constexpr Index words_at_once = 64;
/// Successive draws of one unit: out[i] is random.words(first + i), count <= words_at_once.
void fill_words(Words* out, Index first, Index count, const Random& random);

}  // namespace engram::cpu
