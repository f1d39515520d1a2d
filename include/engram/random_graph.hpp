// TEMPORARY stand-in until the generator lands.
#pragma once
#include <cmath>
#include <string>
#include "engram/random.hpp"
namespace engram {
struct SkipView { double p; };
class SkipTable { public: explicit SkipTable(double p) : p_(p) {} SkipView view() const { return {p_}; } private: double p_; };
inline std::uint64_t fibre_key(std::uint64_t seed, const std::string& a, const std::string& b) {
  std::uint64_t h = seed * 0x9E3779B97F4A7C15ull + 0x1234567;
  for (char c : a + ">" + b) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ull, h ^= h >> 29;
  return h;
}
inline Index segment_width(double) { return 4096; }
struct Fibre { std::uint64_t key; Index n_post; Index width; SkipView table; Index segments() const { return (n_post + width - 1) / width; } };
template <class F> void for_each_target(const Fibre& f, Index pre, Index segment, F g) {
  const Index end = std::min(f.n_post, (segment + 1) * f.width);
  for (Index i = segment * f.width; i < end; ++i)
    if (Random{f.key, Stream::connect, pre, i}.bernoulli(f.table.p)) g(i);
}
}  // namespace engram
