#include "engram/synapses/fixed_rows.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/transposed.hpp"
#include "engram/backend.hpp"

namespace engram {

FixedRows::FixedRows(Backend& backend, std::span<const Rows> rows, Index planes)
    : n_pre_(rows.empty() ? 0 : rows[0].n_pre),
      n_post_(rows.empty() ? 0 : rows[0].n_post()),
      replicas_(static_cast<Index>(rows.size())),
      planes_(planes) {
  check_replicas(rows);
  const Index slices = ceil_div(n_post_, slice_lanes);
  std::vector<Slice> slice;
  std::size_t blocks = 0;
  start_.push_back(0);
  for (const Rows& r : rows) {
    for (Index i = 0; i < n_post_; ++i) start_.push_back(start_.back() + r.start[i + 1] - r.start[i]);
    for (Index s = 0; s < slices; ++s) {
      Index used = 0;
      for (Index i = s * slice_lanes; i < std::min(n_post_, (s + 1) * slice_lanes); ++i)
        used = std::max(used, static_cast<Index>(r.start[i + 1] - r.start[i]));
      first_block_.push_back(static_cast<Index>(blocks));
      slice.push_back({static_cast<Index>(blocks), used});
      blocks += std::max<Index>(1, ceil_div(used, block_slots));
    }
  }
  if (blocks >= no_block) throw MemoryError("more synapses than 2^32 blocks hold");
  std::vector<Index> next(blocks, no_block), pre(checked_product(blocks, block_size), no_pre);
  for (const Slice& s : slice)
    for (Index b = 0; b + 1 < ceil_div(s.used, block_slots); ++b) next[s.first_block + b] = s.first_block + b + 1;
  pre_ = Array<Index>::unset(backend, pre.size());
  each([&, replica = std::size_t{0}](std::size_t synapse, std::size_t slot) mutable {
    while (synapse >= start_[(replica + 1) * n_post_]) ++replica;
    pre[slot] = rows[replica].pre[synapse - start_[replica * n_post_]];
  });
  pre_.upload(pre);
  pre = {};
  weight_ = Array<real>(backend, checked_product(pre_.size(), planes));
  next_ = Array<Index>(backend, next);
  slice_ = Array<Slice>(backend, slice);
  const auto taken = static_cast<Index>(blocks);
  taken_ = Array<Index>(backend, std::span(&taken, 1));
  std::vector<real> weights;
  weights.reserve(synapses());
  for (const Rows& r : rows) weights.insert(weights.end(), r.weight.begin(), r.weight.end());
  upload(weights, 0);
}

IncomingView FixedRows::view() const {
  const auto blocks = static_cast<Index>(next_.size());
  return {pre_.view().data,
          weight_.view().data,
          next_.view().data,
          slice_.view().data,
          nullptr,
          nullptr,
          taken_.view().data,
          blocks,
          n_pre_,
          n_post_,
          replicas_,
          blocks,
          planes_,
          true};
}

template <class F>
void FixedRows::each(F&& f) const {
  const std::size_t slices = ceil_div(n_post_, slice_lanes);
  for (std::size_t row = 0; row + 1 < start_.size(); ++row) {
    const std::size_t i = row % n_post_, first = first_block_[row / n_post_ * slices + i / slice_lanes];
    std::size_t slot = first * block_size + i % slice_lanes;
    for (std::uint64_t s = start_[row]; s < start_[row + 1]; ++s, slot += slice_lanes)
      f(static_cast<std::size_t>(s), slot);
  }
}

void FixedRows::upload(std::span<const real> values, Index plane) {
  if (values.size() != synapses())
    throw Error("rows of " + std::to_string(synapses()) + " synapses need as many values, not " +
                std::to_string(values.size()));
  std::vector<real> padded(slots());
  each([&](std::size_t synapse, std::size_t slot) { padded[slot] = values[synapse]; });
  weight_.upload(padded, plane * slots());
}

std::vector<real> FixedRows::download(Index plane) const {
  std::vector<real> padded(slots()), values(synapses());
  weight_.download(padded, plane * slots());
  each([&](std::size_t synapse, std::size_t slot) { values[synapse] = padded[slot]; });
  return values;
}

std::vector<Rows> FixedRows::rows(Index plane) const {
  const std::vector<Index> pre = pre_.download();
  std::vector<real> padded(slots());
  weight_.download(padded, plane * slots());
  std::vector<Rows> all(replicas_);
  for (Index r = 0; r < replicas_; ++r) {
    const std::size_t base = std::size_t{r} * n_post_;
    all[r].n_pre = n_pre_;
    for (std::size_t i = 1; i <= n_post_; ++i) all[r].start.push_back(start_[base + i] - start_[base]);
    all[r].pre.reserve(all[r].start.back());
    all[r].weight.reserve(all[r].start.back());
  }
  each([&, replica = std::size_t{0}](std::size_t synapse, std::size_t slot) mutable {
    while (synapse >= start_[(replica + 1) * n_post_]) ++replica;
    all[replica].pre.push_back(pre[slot]);
    all[replica].weight.push_back(padded[slot]);
  });
  return all;
}

bool FixedRows::joins(std::span<const std::uint64_t> start, std::span<const Index> pre) const {
  if (!std::equal(start.begin(), start.end(), start_.begin(), start_.end())) return false;
  const std::vector<Index> own = pre_.download();
  bool same = pre.size() == synapses();
  if (same) each([&](std::size_t synapse, std::size_t slot) { same = same && own[slot] == pre[synapse]; });
  return same;
}

std::size_t FixedRows::bytes() const {
  return pre_.bytes() + weight_.bytes() + next_.bytes() + slice_.bytes() + taken_.bytes();
}

std::size_t FixedRows::bytes(double mean_row, Index n_post, Index replicas, Index planes) {
  // The longest of 16 rows is 1.77 standard deviations above the mean; on average a block is half empty.
  const double longest = std::max(mean_row + (mean_row > 1 ? 1.77 * std::sqrt(mean_row) + 1.5 : 1.5), 4.0);
  const auto slots = static_cast<std::size_t>(std::ceil(longest)) * slice_lanes;
  const std::size_t slices = checked_product(ceil_div(n_post, slice_lanes), replicas);
  return checked_product(checked_product(slices, slots), sizeof(Index) + planes * sizeof(real)) +
         slices * (sizeof(Slice) + sizeof(Index) * slots / block_size);
}

}  // namespace engram
