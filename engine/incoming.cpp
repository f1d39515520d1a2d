#include "engram/incoming.hpp"

#include "cpu/parallel.hpp"
#include "engram/backend.hpp"

namespace engram {

namespace {

void check(std::span<const Rows> rows) {
  if (rows.empty()) throw Error("a projection needs the rows of at least one replica");
  for (const Rows& r : rows) {
    if (r.n_pre != rows[0].n_pre || r.n_post() != rows[0].n_post()) throw Error("replicas differ in their numbers of units");
    if (r.start.back() != r.pre.size() || r.pre.size() != r.weight.size()) throw Error("rows do not fit their row starts");
    for (Index i = 0; i < r.n_post(); ++i)
      for (std::uint64_t s = r.start[i]; s < r.start[i + 1]; ++s)
        if (r.pre[s] >= r.n_pre || (s > r.start[i] && r.pre[s] <= r.pre[s - 1]))
          throw Error("the row of unit " + std::to_string(i) + " is not ascending or beyond " + std::to_string(r.n_pre) + " units");
  }
}

Index longest(const Rows& rows, Index slice) {
  std::uint64_t used = 0;
  for (Index i = slice * slice_lanes; i < std::min(rows.n_post(), (slice + 1) * slice_lanes); ++i)
    used = std::max(used, rows.start[i + 1] - rows.start[i]);
  return static_cast<Index>(used);
}

int host_threads() {
#if defined(_OPENMP)
  return omp_get_max_threads();
#else
  return 1;
#endif
}

template <class T>
Array<T> enlarged(Backend& backend, const Array<T>& old, std::size_t size) {
  Array<T> larger(backend, size);
  backend.copy(larger.view().data, old.view().data, old.bytes());
  return larger;
}

}  // namespace

Incoming::Incoming(Backend& backend, std::span<const Rows> rows)
    : backend_(&backend), n_pre_(rows.empty() ? 0 : rows[0].n_pre), n_post_(rows.empty() ? 0 : rows[0].n_post()),
      replicas_(static_cast<Index>(rows.size())) {
  upload(rows);
}

void Incoming::upload(std::span<const Rows> rows) {
  check(rows);
  if (rows.size() != replicas_ || rows[0].n_pre != n_pre_ || rows[0].n_post() != n_post_)
    throw Error("the rows are of another projection: " + std::to_string(rows.size()) + " replicas of " + std::to_string(rows[0].n_pre) +
                " to " + std::to_string(rows[0].n_post()) + " units, wanted " + std::to_string(replicas_) + " of " +
                std::to_string(n_pre_) + " to " + std::to_string(n_post_));
  const Index slices = ceil_div(n_post_, slice_lanes);
  std::vector<Slice> slice(std::size_t{slices} * replicas_);
  std::size_t blocks = 0;
  for (Index r = 0; r < replicas_; ++r)
    for (Index s = 0; s < slices; ++s) {
      const Index used = longest(rows[r], s);
      slice[std::size_t{r} * slices + s] = {static_cast<Index>(blocks), used};
      blocks += std::max<Index>(1, ceil_div(used, block_slots));
    }
  if (blocks >= no_block) throw MemoryError("more synapses than 2^32 blocks hold");
  std::vector<Index> pre(checked_product(blocks, block_size)), next(blocks, no_block);
  std::vector<real> weight(pre.size());
  cpu::parallel_for(host_threads(), slice.size(), pre.size(), [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t t = begin; t < end; ++t) {
      const Rows& from = rows[t / slices];
      const Index first = static_cast<Index>(t % slices) * slice_lanes;
      for (Index b = 0; b + 1 < ceil_div(slice[t].used, block_slots); ++b) next[slice[t].first_block + b] = slice[t].first_block + b + 1;
      for (Index l = 0; l < slice_lanes && first + l < n_post_; ++l) {
        std::size_t to = std::size_t{slice[t].first_block} * block_size + l;
        for (std::uint64_t s = from.start[first + l]; s < from.start[first + l + 1]; ++s, to += slice_lanes) {
          pre[to] = from.pre[s];
          weight[to] = from.weight[s];
        }
      }
    }
  });
  const Index taken = static_cast<Index>(blocks);
  pre_ = Array<Index>(*backend_, pre);
  weight_ = Array<real>(*backend_, weight);
  next_ = Array<Index>(*backend_, next);
  slice_ = Array<Slice>(*backend_, slice);
  taken_ = Array<Index>(*backend_, std::span(&taken, 1));
}

IncomingView Incoming::view() const {
  return {pre_.view().data,   weight_.view().data,  next_.view().data, slice_.view().data,
          taken_.view().data, static_cast<Index>(next_.size()), n_pre_, n_post_, replicas_};
}

void Incoming::reserve(Index blocks) {
  const std::size_t needed = std::size_t{taken_.download()[0]} + blocks;
  if (needed <= next_.size()) return;
  // By a sixteenth at least, so that growth costs little per synapse and memory stays near what is in use.
  const std::size_t size = std::max(needed, next_.size() + next_.size() / 16 + 16);
  if (size >= no_block) throw MemoryError("more synapses than 2^32 blocks hold");
  pre_ = enlarged(*backend_, pre_, checked_product(size, block_size));
  weight_ = enlarged(*backend_, weight_, checked_product(size, block_size));
  next_ = enlarged(*backend_, next_, size);
}

std::vector<Rows> Incoming::download(Index first, Index count) const {
  const std::vector<Index> pre = pre_.download(), next = next_.download();
  const std::vector<real> weight = weight_.download();
  const std::vector<Slice> slices = slice_.download();
  std::vector<Rows> all(count);
  for (Index r = 0; r < count; ++r) {
    Rows& rows = all[r];
    rows.n_pre = n_pre_;
    for (Index i = 0; i < n_post_; ++i) {
      const Slice slice = slices[std::size_t{first + r} * ceil_div(n_post_, slice_lanes) + i / slice_lanes];
      Index block = slice.first_block;
      for (Index k = 0; k < slice.used; ++k) {
        if (k > 0 && k % block_slots == 0) block = next[block];
        const std::size_t slot = (std::size_t{block} * block_slots + k % block_slots) * slice_lanes + i % slice_lanes;
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
  return pre_.bytes() + weight_.bytes() + next_.bytes() + slice_.bytes();
}

}  // namespace engram
