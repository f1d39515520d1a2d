#include "engram/nef/draws.hpp"

#include <bit>
#include <cmath>
#include <numeric>

namespace engram::nef {

std::vector<double> Draws::uniforms(std::size_t n) {
  std::vector<double> all(n);
  for (double& v : all) v = uniform();
  return all;
}
std::vector<double> Draws::normals(std::size_t n) {
  std::vector<double> all(n);
  for (double& v : all) v = normal();
  return all;
}

double CounterDraws::uniform() {
  const Words x = Random{seed_, stream_, drawn_++, 0}.words(0);
  return static_cast<double>((std::uint64_t{x.w[0]} << 32 | x.w[1]) >> 11) * 0x1p-53;
}
double CounterDraws::normal() {
  const double radius = std::sqrt(-2 * math::log(1 - uniform()));
  double sine = 0, cosine = 0;
  math::sincos_turns(uniform(), sine, cosine);
  return radius * cosine;
}
double CounterDraws::exponential(double scale) { return -scale * math::log(1 - uniform()); }
std::vector<std::size_t> CounterDraws::shuffle(std::size_t n) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = n; i-- > 1;) std::swap(order[i], order[Random{seed_, stream_, drawn_++, 0}.below(i + 1)]);
  return order;
}

std::uint32_t MersenneDraws::up_to(std::uint32_t most) {
  if (most == 0) return 0;
  const std::uint32_t mask = most == 0xffffffffu ? most : static_cast<std::uint32_t>(std::bit_ceil(most + 1u) - 1u);
  for (;;)
    if (const std::uint32_t value = word() & mask; value <= most) return value;
}
double MersenneDraws::uniform() {
  const double high = word() >> 5, low = word() >> 6;
  return (high * 67108864.0 + low) / 9007199254740992.0;
}
double MersenneDraws::normal() {
  if (has_kept_) {
    has_kept_ = false;
    return kept_;
  }
  for (;;) {
    const double x = 2 * uniform() - 1, y = 2 * uniform() - 1, square = x * x + y * y;
    if (square >= 1 || square == 0) continue;
    const double factor = std::sqrt(-2 * std::log(square) / square);
    kept_ = factor * x;
    has_kept_ = true;
    return factor * y;
  }
}
double MersenneDraws::exponential(double scale) { return -scale * std::log(1 - uniform()); }
std::vector<std::size_t> MersenneDraws::shuffle(std::size_t n) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = n; i-- > 1;) std::swap(order[i], order[up_to(static_cast<std::uint32_t>(i))]);
  return order;
}

}  // namespace engram::nef
