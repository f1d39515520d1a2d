// k winners of n, equal scores by lower index. A threshold guessed from a sample leaves a few candidates, in ascending
// order; the k-th largest of those decides. One million scores, k = 1000, one thread: see docs/performance.md.
#include <algorithm>
#include <cmath>

#include "cpu_backend.hpp"

namespace engram::cpu {

namespace {

constexpr Index sample_size = 4096;
constexpr Index block = 32;

/// Units with score >= threshold, ascending; returns how many. Whole blocks without one are skipped by a vector test.
ENGRAM_CLONES Index collect_candidates(const real* score, Index n, real threshold, Index* index, real* value) {
  Index count = 0;
  Index i = 0;
  for (; i + block <= n; i += block) {
    int any = 0;
    for (Index l = 0; l < block; ++l) any |= score[i + l] >= threshold;
    if (!any) continue;
    for (Index l = 0; l < block; ++l) {
      index[count] = i + l;
      value[count] = score[i + l];
      count += score[i + l] >= threshold;
    }
  }
  for (; i < n; ++i) {
    index[count] = i;
    value[count] = score[i];
    count += score[i] >= threshold;
  }
  return count;
}

/// A score that about `k` plus a safe margin of units reach.
real guess_threshold(const real* score, Index n, Index k, std::vector<real>& sample) {
  sample.resize(sample_size);
  const Index step = n / sample_size;
  for (Index s = 0; s < sample_size; ++s) sample[s] = score[s * step];
  const double expected = static_cast<double>(k) * sample_size / n;
  const auto rank = static_cast<std::size_t>(expected + 4 * std::sqrt(expected) + 4);
  if (rank >= sample_size) return -INFINITY;
  std::nth_element(sample.begin(), sample.begin() + static_cast<std::ptrdiff_t>(rank), sample.end(), std::greater<>());
  return sample[rank];
}

/// NaN counts lowest: the rare case, in the plainest way.
void top_k_with_nan(const real* score, Index n, Index k, Index* index, std::vector<Index>& order) {
  order.resize(n);
  for (Index i = 0; i < n; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    const bool a_nan = std::isnan(score[a]), b_nan = std::isnan(score[b]);
    return a_nan || b_nan ? b_nan && !a_nan : score[a] > score[b];
  });
  std::sort(order.begin(), order.begin() + k);
  std::copy_n(order.begin(), k, index);
}

}  // namespace

void top_k(const real* score, Index n, Index k, Index* index, TopKScratch& scratch) {
  if (scratch.candidates.size() < n + 1) {
    scratch.candidates.resize(n + 1);
    scratch.values.resize(n + 1);
  }
  real threshold = n >= 4 * sample_size ? guess_threshold(score, n, k, scratch.sorted) : static_cast<real>(-INFINITY);
  if (std::isnan(threshold)) threshold = static_cast<real>(-INFINITY);
  Index count = collect_candidates(score, n, threshold, scratch.candidates.data(), scratch.values.data());
  if (count < k) count = collect_candidates(score, n, static_cast<real>(-INFINITY), scratch.candidates.data(), scratch.values.data());
  if (count < k) return top_k_with_nan(score, n, k, index, scratch.candidates);

  scratch.sorted.assign(scratch.values.begin(), scratch.values.begin() + count);
  std::nth_element(scratch.sorted.begin(), scratch.sorted.begin() + (k - 1), scratch.sorted.begin() + count, std::greater<>());
  const real last = scratch.sorted[k - 1];
  Index above = 0;
  for (Index c = 0; c < count; ++c) above += scratch.values[c] > last;
  Index equal = k - above, written = 0;  // of those equal to the last winner the first ones win
  for (Index c = 0; c < count && written < k; ++c) {
    const bool tie = scratch.values[c] == last;
    if (scratch.values[c] > last || (tie && equal > 0)) {
      index[written++] = scratch.candidates[c];
      equal -= tie;
    }
  }
}

}  // namespace engram::cpu
