#include "engram/assembly/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "engram/core/error.hpp"
#include "engram/core/random.hpp"

namespace engram::assembly {

std::size_t overlap(const std::vector<Index>& a, const std::vector<Index>& b) {
  std::size_t common = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    common += a[i] == b[j];
    const bool left = a[i] <= b[j], right = b[j] <= a[i];
    i += left;
    j += right;
  }
  return common;
}

double expected_overlap(Index n, Index k) {
  if (k > n || n == 0)
    throw Error("expected overlap: k = " + std::to_string(k) + " of n = " + std::to_string(n) + " units");
  return static_cast<double>(k) * k / n;
}

std::optional<double> pairwise_similarity(const std::vector<std::vector<Index>>& lists, double divisor) {
  if (lists.size() < 2) return std::nullopt;
  double sum = 0;
  for (std::size_t a = 0; a < lists.size(); ++a)
    for (std::size_t b = a + 1; b < lists.size(); ++b) sum += static_cast<double>(overlap(lists[a], lists[b]));
  const auto pairs = static_cast<double>(lists.size() * (lists.size() - 1) / 2);
  return sum / pairs / divisor;
}

std::optional<double> mean_similarity(const std::vector<std::vector<std::vector<Index>>>& streams, double divisor) {
  double sum = 0;
  int counted = 0;
  for (const auto& stream : streams)
    if (const auto similarity = pairwise_similarity(stream, divisor)) {
      sum += *similarity;
      ++counted;
    }
  return counted ? std::optional(sum / counted) : std::nullopt;
}

std::pair<std::uint64_t, std::uint64_t> near_square(std::uint64_t number) {
  auto factor = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(number)));
  while (factor > 1 && number % factor != 0) --factor;
  return factor ? std::pair{factor, number / factor} : std::pair{std::uint64_t{0}, std::uint64_t{0}};
}

std::vector<Index> sample_k_active(std::uint64_t seed, Index which, Tick sample, Index n, Index k, Stream stream) {
  if (k > n) throw Error("a sample of " + std::to_string(k) + " out of " + std::to_string(n) + " units");
  // Floyd's algorithm: every k-subset is equally likely, with k draws and no table of n.
  std::set<Index> chosen;
  for (Index i = n - k; i < n; ++i) {
    const auto drawn = static_cast<Index>(Random{seed, stream, sample, which}.below(std::uint64_t{i} + 1, i - (n - k)));
    if (!chosen.insert(drawn).second) chosen.insert(i);
  }
  return {chosen.begin(), chosen.end()};
}

std::vector<Index> sample_bernoulli(std::uint64_t seed, Index which, Tick sample, Index n, double p) {
  std::vector<Index> units;
  for (Index i = 0; i < n; ++i)
    if (Random{seed, Stream::stimulus, sample, which}.bernoulli(p, i)) units.push_back(i);
  return units;
}

std::vector<real> sample_uniform_masked(std::uint64_t seed, Index which, Tick sample, Index n, double p) {
  std::vector<real> values(n);
  for (Index i = 0; i < n; ++i) {
    const Words x = Random{seed, Stream::stimulus, sample, which}.words(i);
    if (static_cast<double>(x.w[0]) < p * 4294967296.0) values[i] = uniform_of(x.w[1]);
  }
  return values;
}

}  // namespace engram::assembly
