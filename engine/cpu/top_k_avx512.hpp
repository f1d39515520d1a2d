// The loops of the selection in AVX-512: a compare gives a mask, a compress packs what it names. Same results as the
// portable loops beside it in top_k.cpp, which say what each does.
#pragma once

#include <algorithm>

#include "engine/cpu/avx512.hpp"

namespace engram::cpu::avx512 {

struct Split {
  Index above, below, equal;
};

/// `above` and `below` need room for a vector beyond their values; either may be `values` itself.
ENGRAM_AVX512 inline Split split(const real* values, Index n, real pivot, real* above, real* below) {
  const Reals p = spread(pivot);
  Split s{0, 0, 0};
  for (Index i = 0; i < n; i += lanes) {
    const Mask inside = first_lanes(n - i);
    const Reals x = load(values + i, inside);
    const Mask greater = test<_CMP_GT_OQ>(inside, x, p), less = test<_CMP_LT_OQ>(inside, x, p);
    pack(above + s.above, greater, x);
    pack(below + s.below, less, x);
    s.above += count_of(greater);
    s.below += count_of(less);
    s.equal += count_of(test<_CMP_EQ_OQ>(inside, x, p));
  }
  return s;
}

struct Found {
  Index next, count;
};

ENGRAM_AVX512 inline Found gather_from(const real* score, Index begin, Index n, real least, Index room, real* value,
                                       Index* index, Index count) {
  const Reals t = spread(least);
  Index i = begin;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    const Reals x0 = load(score + i, every), x1 = load(score + i + lanes, every),
                x2 = load(score + i + 2 * lanes, every), x3 = load(score + i + 3 * lanes, every);
    const Mask m0 = test<_CMP_GE_OQ>(every, x0, t), m1 = test<_CMP_GE_OQ>(every, x1, t),
               m2 = test<_CMP_GE_OQ>(every, x2, t), m3 = test<_CMP_GE_OQ>(every, x3, t);
    if (!(m0 | m1 | m2 | m3)) continue;
    if (count + 4 * lanes > room) return {i, count};
    const Reals x[] = {x0, x1, x2, x3};
    const Mask m[] = {m0, m1, m2, m3};
    for (Index v = 0; v < 4; ++v) {
      if (!m[v]) continue;
      pack(value + count, m[v], x[v]);
      pack(index + count, m[v], counting_from(i + v * lanes));
      count += count_of(m[v]);
    }
  }
  for (; i < n; i += lanes) {
    if (count + lanes > room) return {i, count};
    const Mask inside = first_lanes(n - i);
    const Reals x = load(score + i, inside);
    const Mask m = test<_CMP_GE_OQ>(inside, x, t);
    pack(value + count, m, x);
    pack(index + count, m, counting_from(i));
    count += count_of(m);
  }
  return {n, count};
}

ENGRAM_AVX512 inline void emit(const real* value, const Index* index, Index n, real last, Index ties, Index k,
                               Index* out) {
  const Reals t = spread(last);
  Index written = 0;
  for (Index i = 0; i < n && written < k; i += lanes) {
    const Mask inside = first_lanes(n - i);
    const Reals x = load(value + i, inside);
    Mask m = test<_CMP_GT_OQ>(inside, x, t);
    if (const Mask equal = test<_CMP_EQ_OQ>(inside, x, t); equal && ties) {
      const Index taken = std::min(ties, count_of(equal));
      m = static_cast<Mask>(m | _pdep_u32(_bzhi_u32(~0u, taken), equal));
      ties -= taken;
    }
    if (!m) continue;
    pack_exactly(out + written, m, index ? load(index + i, inside) : counting_from(i));
    written += count_of(m);
  }
}

}  // namespace engram::cpu::avx512
