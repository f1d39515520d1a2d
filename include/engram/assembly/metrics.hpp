// Numbers about sets of winners, and the random vectors that stimuli are made of. Plain host code.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "engram/core/portable.hpp"
#include "engram/core/streams.hpp"

namespace engram::assembly {

/// Units in both ascending lists.
std::size_t overlap(const std::vector<Index>& a, const std::vector<Index>& b);

/// Expected overlap of two random k-subsets of n units: sum_x x C(k,x) C(n-k,k-x) / C(n,k) = k^2 / n.
double expected_overlap(Index n, Index k);

/// Mean over all pairs of lists of overlap / divisor; empty with fewer than two lists.
std::optional<double> pairwise_similarity(const std::vector<std::vector<Index>>& lists, double divisor);

/// Mean of the similarities of several streams of lists; a stream with fewer than two lists contributes nothing.
std::optional<double> mean_similarity(const std::vector<std::vector<std::vector<Index>>>& streams, double divisor);

/// The two factors of `number` nearest each other, the smaller one first: the shape in which to draw so many units.
std::pair<std::uint64_t, std::uint64_t> near_square(std::uint64_t number);

/// The random vectors of the family, as functions of (seed, which, sample): ascending units.
std::vector<Index> sample_k_active(std::uint64_t seed, Index which, Tick sample, Index n, Index k,
                                   Stream stream = Stream::stimulus);
std::vector<Index> sample_bernoulli(std::uint64_t seed, Index which, Tick sample, Index n, double p);
/// Bernoulli mask times uniform [0, 1): dense values.
std::vector<real> sample_uniform_masked(std::uint64_t seed, Index which, Tick sample, Index n, double p);

}  // namespace engram::assembly
