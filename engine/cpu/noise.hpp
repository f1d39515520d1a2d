#pragma once

#include "engram/random.hpp"

namespace engram::cpu {

/// Normal deviates of blocks [first, first + blocks): the numbers of normal_block, 4 a block, as mean + sd * z.
void fill_normals(real* out, Index first, Index blocks, std::uint64_t seed, Stream stream, Tick tick, real mean, real sd);

}  // namespace engram::cpu
