#include "engram/synapses/incoming.hpp"

#include <algorithm>
#include <memory>
#include <numeric>

#include "engine/core/huge_pages.hpp"
#include "engine/core/transposed.hpp"
#include "engine/cpu/parallel.hpp"
#include "engram/backend.hpp"

namespace engram {

namespace {

Index length(const Rows& rows, Index i) {
  return i < rows.n_post() ? static_cast<Index>(rows.start[i + 1] - rows.start[i]) : 0;
}

/// Whose row stands where; beyond the last unit are empty rows, at their own place.
std::vector<Index> arrange(const Rows& rows, Index slices, bool by_length) {
  std::vector<Index> unit(std::size_t{slices} * slice_lanes);
  std::iota(unit.begin(), unit.end(), Index{0});
  constexpr Index window = window_slices * slice_lanes;
  if (by_length)
    cpu::parallel_for(cpu::default_threads(), ceil_div(rows.n_post(), window), rows.n_post() * std::size_t{8},
                      [&](std::size_t begin, std::size_t end, int) {
                        for (std::size_t w = begin; w < end; ++w)
                          std::stable_sort(unit.data() + w * window,
                                           unit.data() + std::min<std::size_t>(rows.n_post(), (w + 1) * window),
                                           [&](Index a, Index b) { return length(rows, a) > length(rows, b); });
                      });
  return unit;
}

constexpr std::size_t blocks_at_once = 4096;  // 1 MB each of units and weights

template <class T>
Array<T> enlarged(Backend& backend, const Array<T>& old, std::size_t size) {
  Array<T> larger(backend, size);
  backend.copy(larger.view().data, old.view().data, old.bytes());
  return larger;
}

}  // namespace

void check_rows(const Rows& r) {
  if (r.start.empty() || r.start.front() != 0 || r.start.back() != r.pre.size() || r.pre.size() != r.weight.size() ||
      !std::is_sorted(r.start.begin(), r.start.end()))
    throw Error("rows do not fit their row starts");
  for (Index i = 0; i < r.n_post(); ++i)
    for (std::uint64_t s = r.start[i]; s < r.start[i + 1]; ++s)
      if (r.pre[s] >= r.n_pre || (s > r.start[i] && r.pre[s] <= r.pre[s - 1]))
        throw Error("the row of unit " + std::to_string(i) + " is not ascending or beyond " + std::to_string(r.n_pre) +
                    " units");
}

void check_replicas(std::span<const Rows> rows) {
  if (rows.empty()) throw Error("a projection needs the rows of at least one replica");
  for (const Rows& r : rows) {
    check_rows(r);
    if (r.n_pre != rows[0].n_pre || r.n_post() != rows[0].n_post())
      throw Error("replicas differ in their numbers of units");
  }
}

Rows transposed(const Rows& from) {
  Rows to;
  to.n_pre = from.n_post();
  to.start.assign(std::size_t{from.n_pre} + 1, 0);
  resize_huge(to.pre, from.pre.size());
  resize_huge(to.weight, from.pre.size());
  // A thread owns a range of the presynaptic units: in every row, those between two places.
  const auto slots = [&](Index i, std::size_t begin, std::size_t end) {
    const Index *first = from.pre.data() + from.start[i], *last = from.pre.data() + from.start[i + 1];
    if (begin > 0) first = std::lower_bound(first, last, static_cast<Index>(begin));
    if (end < from.n_pre) last = std::lower_bound(first, last, static_cast<Index>(end));
    return std::pair(first - from.pre.data(), last - from.pre.data());
  };
  cpu::parallel_for(cpu::default_threads(), from.n_pre, from.pre.size(), [&](std::size_t begin, std::size_t end, int) {
    for (Index i = 0; i < from.n_post(); ++i)
      for (auto [s, last] = slots(i, begin, end); s < last; ++s)
        ++to.start[std::size_t{from.pre[static_cast<std::size_t>(s)]} + 1];
  });
  for (Index i = 0; i < from.n_pre; ++i) to.start[i + 1] += to.start[i];
  std::vector<std::uint64_t> next(to.start.begin(), to.start.end() - 1);
  cpu::parallel_for(cpu::default_threads(), from.n_pre, from.pre.size(), [&](std::size_t begin, std::size_t end, int) {
    for (Index i = 0; i < from.n_post(); ++i)
      for (auto [s, last] = slots(i, begin, end); s < last; ++s) {
        const std::uint64_t slot = next[from.pre[static_cast<std::size_t>(s)]]++;
        to.pre[slot] = i;
        to.weight[slot] = from.weight[static_cast<std::size_t>(s)];
      }
  });
  return to;
}

Incoming::Incoming(Backend& backend, std::span<const Rows> rows, bool by_length)
    : backend_(&backend),
      n_pre_(rows.empty() ? 0 : rows[0].n_pre),
      n_post_(rows.empty() ? 0 : rows[0].n_post()),
      replicas_(static_cast<Index>(rows.size())),
      by_length_(by_length) {
  upload(rows);
}

Incoming::Incoming(Backend& backend, Index n_pre, Index n_post, Parts parts)
    : backend_(&backend),
      n_pre_(n_pre),
      n_post_(n_post),
      replicas_(1),
      by_length_(parts.unit.size() > 0),
      pre_(std::move(parts.pre)),
      next_(std::move(parts.next)),
      unit_(std::move(parts.unit)),
      place_(std::move(parts.place)),
      weight_(std::move(parts.weight)),
      slice_(std::move(parts.slice)) {
  const auto taken = static_cast<Index>(next_.size());
  taken_ = Array<Index>(backend, std::span(&taken, 1));
  may_be_taken_ = in_use_ = taken;
}

void Incoming::upload(std::span<const Rows> rows) {
  check_replicas(rows);
  if (rows.size() != replicas_ || rows[0].n_pre != n_pre_ || rows[0].n_post() != n_post_)
    throw Error("the rows are of another projection: " + std::to_string(rows.size()) + " replicas of " +
                std::to_string(rows[0].n_pre) + " to " + std::to_string(rows[0].n_post()) + " units, wanted " +
                std::to_string(replicas_) + " of " + std::to_string(n_pre_) + " to " + std::to_string(n_post_));
  const Index slices = ceil_div(n_post_, slice_lanes);
  std::vector<Slice> slice(std::size_t{slices} * replicas_);
  std::vector<Index> unit;
  std::size_t blocks = 0;
  for (Index r = 0; r < replicas_; ++r) {
    const std::vector<Index> of_replica = arrange(rows[r], slices, by_length_);
    unit.insert(unit.end(), of_replica.begin(), of_replica.end());
    for (Index s = 0; s < slices; ++s) {
      Index used = 0;
      for (Index l = 0; l < slice_lanes; ++l) used = std::max(used, length(rows[r], of_replica[s * slice_lanes + l]));
      slice[std::size_t{r} * slices + s] = {static_cast<Index>(blocks), used};
      blocks += std::max<Index>(1, ceil_div(used, block_slots));
    }
  }
  if (blocks >= no_block) throw MemoryError("more synapses than 2^32 blocks hold");
  const std::size_t slots = checked_product(blocks, block_size);
  pre_ = Array<Index>::unset(*backend_, slots);
  weight_ = Array<real>::unset(*backend_, slots);
  // A part after the other, put together where the caches hold it.
  std::vector<Index> pre, next(blocks, no_block);
  std::vector<real> weight;
  const auto first_block = [&](std::size_t t) { return t < slice.size() ? slice[t].first_block : blocks; };
  for (std::size_t first = 0, last = 0; first < slice.size(); first = last) {
    const std::size_t before = slice[first].first_block;
    while (last < slice.size() && (last == first || first_block(last + 1) - before <= blocks_at_once)) ++last;
    const std::size_t size = (first_block(last) - before) * block_size;
    pre.assign(size, 0);
    weight.assign(size, real(0));
    cpu::parallel_for(cpu::default_threads(), last - first, size, [&](std::size_t begin, std::size_t end, int) {
      for (std::size_t t = first + begin; t < first + end; ++t) {
        const Rows& from = rows[t / slices];
        for (Index b = 0; b + 1 < ceil_div(slice[t].used, block_slots); ++b)
          next[slice[t].first_block + b] = slice[t].first_block + b + 1;
        for (Index l = 0; l < slice_lanes; ++l) {
          const Index i = unit[t * slice_lanes + l];
          if (i >= n_post_) continue;
          std::size_t to = (slice[t].first_block - before) * block_size + l;
          for (std::uint64_t s = from.start[i]; s < from.start[i + 1]; ++s, to += slice_lanes) {
            pre[to] = from.pre[s];
            weight[to] = from.weight[s];
          }
        }
      }
    });
    pre_.upload(pre, before * block_size);
    weight_.upload(weight, before * block_size);
  }
  const Index taken = static_cast<Index>(blocks);
  next_ = Array<Index>(*backend_, next);
  slice_ = Array<Slice>(*backend_, slice);
  if (by_length_) {
    std::vector<Index> place(unit.size());
    for (std::size_t p = 0; p < unit.size(); ++p) {
      const std::size_t at = p % (std::size_t{slices} * slice_lanes);
      place[p - at + unit[p]] = static_cast<Index>(at);
    }
    unit_ = Array<Index>(*backend_, unit);
    place_ = Array<Index>(*backend_, place);
  }
  taken_ = Array<Index>(*backend_, std::span(&taken, 1));
  may_be_taken_ = in_use_ = taken;
}

IncomingView Incoming::view() const {
  return {pre_.view().data,
          weight_.view().data,
          next_.view().data,
          slice_.view().data,
          unit_.view().data,
          place_.view().data,
          taken_.view().data,
          static_cast<Index>(next_.size()),
          n_pre_,
          n_post_,
          replicas_,
          in_use_};
}

void Incoming::reserve(Index blocks) {
  may_be_taken_ += blocks;
  if (may_be_taken_ <= next_.size()) return;  // without a look, which would wait for the device
  in_use_ = taken_.download()[0];
  may_be_taken_ = std::size_t{in_use_} + blocks;
  if (may_be_taken_ <= next_.size()) return;
  // By a sixteenth at least, so that growth costs little per synapse and memory stays near what is in use.
  const std::size_t size = std::max(may_be_taken_, next_.size() + next_.size() / 16 + 16);
  if (size >= no_block) throw MemoryError("more synapses than 2^32 blocks hold");
  pre_ = enlarged(*backend_, pre_, checked_product(size, block_size));
  weight_ = enlarged(*backend_, weight_, checked_product(size, block_size));
  next_ = enlarged(*backend_, next_, size);
}

std::vector<Rows> Incoming::download(Index first, Index count) const {
  const std::vector<Index> pre = pre_.download(), next = next_.download(), place = place_.download();
  const std::vector<real> weight = weight_.download();
  const std::vector<Slice> slices = slice_.download();
  const std::size_t per_replica = ceil_div(n_post_, slice_lanes);
  std::vector<Rows> all(count);
  for (Index r = 0; r < count; ++r) {
    Rows& rows = all[r];
    rows.n_pre = n_pre_;
    const std::size_t base = std::size_t{first + r} * per_replica;
    for (Index i = 0; i < n_post_; ++i) {
      const Index at = by_length_ ? place[base * slice_lanes + i] : i;
      const Slice slice = slices[base + at / slice_lanes];
      Index block = slice.first_block;
      for (Index k = 0; k < slice.used; ++k) {
        if (k > 0 && k % block_slots == 0) block = next[block];
        const std::size_t slot = (std::size_t{block} * block_slots + k % block_slots) * slice_lanes + at % slice_lanes;
        if (weight[slot] != real(0)) {
          rows.pre.push_back(pre[slot]);
          rows.weight.push_back(weight[slot]);
        }
      }
      rows.start.push_back(rows.pre.size());
    }
  }
  return all;
}

std::size_t Incoming::bytes() const {
  return pre_.bytes() + weight_.bytes() + next_.bytes() + slice_.bytes() + unit_.bytes() + place_.bytes();
}

}  // namespace engram
