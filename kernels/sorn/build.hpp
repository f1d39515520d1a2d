// New SORN networks as kernels: a thread a row. What the rows are is said in engram/sorn/draws.hpp for the host as
// well; running sums and the sort that turns rows over are the machine's own (Launcher::running_sums, sort_by_key).
#pragma once

#include "engram/sorn/build.hpp"
#include "kernels/core/cooperate.hpp"
#include "kernels/core/kernel_backend.hpp"

namespace engram::kernels {

/// Rows as kernels see them.
struct RowsOnDevice {
  const std::uint64_t* start;
  Index* pre;
  real* weight;

  ENGRAM_HD Index length(Index i) const { return static_cast<Index>(start[i + 1] - start[i]); }
};

struct CountPartners {
  sorn::RowDraws of;
  Index* length;
  ENGRAM_HD void operator()(Index i, std::size_t) const { length[i] = sorn::degree_of(of, i); }
};

struct DrawRow {
  sorn::RowDraws of;
  RowsOnDevice rows;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    const Index count = rows.length(i);
    Index* const pre = rows.pre + rows.start[i];
    real* const weight = rows.weight + rows.start[i];
    sorn::floyd_row(of.of(of.partner, i), of.most(), count, pre);
    for (Index s = 0; !of.self && s < count; ++s) pre[s] = sorn::but_self(pre[s], i);
    const Random random = of.of(of.weight, i);
    Words words{};
    for (Index s = 0; s < count; ++s) {
      if (s % 4 == 0) words = random.words(s / 4);
      weight[s] = sorn::weight_of(words.w[s % 4]);
    }
  }
};

/// Where each synapse of a row belongs once rows are turned over: its presynaptic unit is the key that it is sorted by.
struct ListSynapses {
  RowsOnDevice rows;
  Index *length, *key, *place, *post;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s) {
      atomic_add(&length[rows.pre[s]], Index{1});
      key[s] = rows.pre[s];
      place[s] = static_cast<Index>(s);
      post[s] = i;
    }
  }
};

struct TakeSynapses {
  RowsOnDevice rows, from;
  const Index *place, *post;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s) {
      rows.pre[s] = post[place[s]];
      rows.weight[s] = from.weight[place[s]];
    }
  }
};

struct CountRepaired {
  sorn::RowRepair how;
  RowsOnDevice rows;
  Index* length;
  std::uint32_t* any;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    length[i] = rows.length(i);
    if (!sorn::is_silent(rows.weight + rows.start[i], length[i])) return;
    Index pre[2];
    real weight[2];
    length[i] = how.row(i, pre, weight);
    atomic_or(any, 1u);
  }
};

struct RepairRow {
  sorn::RowRepair how;
  RowsOnDevice rows, from;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    Index* const pre = rows.pre + rows.start[i];
    real* const weight = rows.weight + rows.start[i];
    const Index count = rows.length(i);
    if (sorn::is_silent(from.weight + from.start[i], from.length(i))) {
      Index its_pre[2];
      real its_weight[2];
      how.row(i, its_pre, its_weight);
      for (Index s = 0; s < count; ++s) pre[s] = its_pre[s], weight[s] = its_weight[s];
    } else {
      for (Index s = 0; s < count; ++s)
        pre[s] = from.pre[from.start[i] + s], weight[s] = from.weight[from.start[i] + s];
    }
  }
};

struct NormalizeRow {
  RowsOnDevice rows;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    sorn::normalize_row(rows.weight + rows.start[i], rows.length(i));
  }
};

/// The place of a row within its window: after all that are longer, and after equal ones before it.
struct ArrangeRow {
  RowsOnDevice rows;
  Index n_post;
  Index *unit, *place;
  ENGRAM_HD void operator()(Index i, std::size_t) const {
    constexpr Index window = window_slices * slice_lanes;
    Index at = i;
    if (i < n_post) {
      const Index first = i / window * window, last = n_post - first < window ? n_post : first + window,
                  length = rows.length(i);
      at = first;
      for (Index j = first; j < last; ++j) at += rows.length(j) > length || (rows.length(j) == length && j < i);
    }
    unit[at] = i;
    place[i] = at;
  }
};

/// Slots and blocks of each slice.
struct SizeSlice {
  RowsOnDevice rows;
  Index n_post;
  const Index* unit;  ///< null: rows stand in their own order
  Slice* slice;
  Index* blocks;
  ENGRAM_HD void operator()(Index s, std::size_t) const {
    Index used = 0;
    for (Index l = 0; l < slice_lanes; ++l) {
      const Index at = s * slice_lanes + l, i = unit ? unit[at] : at;
      if (i < n_post && rows.length(i) > used) used = rows.length(i);
    }
    slice[s].used = used;
    blocks[s] = used > block_slots ? ceil_div(used, block_slots) : 1;
  }
};

/// A lane of a slice: neighbouring lanes write neighbouring slots.
struct FillLane {
  RowsOnDevice rows;
  Index n_post;
  const Index* unit;
  const std::uint64_t* first_block;
  Slice* slice;
  Index *pre, *next;
  real* weight;
  ENGRAM_HD void operator()(Index at, std::size_t) const {
    const Index s = at / slice_lanes, l = at % slice_lanes, i = unit ? unit[at] : at;
    const auto first = static_cast<Index>(first_block[s]), last = static_cast<Index>(first_block[s + 1]);
    if (l == 0) {
      slice[s].first_block = first;
      for (Index b = first; b < last; ++b) next[b] = b + 1 < last ? b + 1 : no_block;
    }
    if (i >= n_post) return;
    std::size_t to = std::size_t{first} * block_size + l;
    for (std::uint64_t k = rows.start[i]; k < rows.start[i + 1]; ++k, to += slice_lanes) {
      pre[to] = rows.pre[k];
      weight[to] = rows.weight[k];
    }
  }
};

template <class Launcher>
class SornBuild final : public sorn::Build {
 public:
  explicit SornBuild(KernelOperations<Launcher>& backend) : backend_(backend), launch_(backend.launcher()) {}

  Rows draw(const sorn::RowDraws& of) override {
    backend_.settle();
    auto length = Array<Index>::unset(backend_, of.n_post);
    launch_.items("draw_rows", of.n_post, 1, CountPartners{of, length.view().data});
    Rows rows = of_lengths(of.n_pre, of.n_post, length);
    launch_.items("draw_rows", of.n_post, 1, DrawRow{of, seen(rows)});
    return rows;
  }

  Rows transposed(Rows from) override {
    const std::size_t synapses = from.pre.size();
    if (synapses > 0xffffffff) throw MemoryError("more synapses than places of 32 bits tell apart");
    auto length = Array<Index>::unset(backend_, from.n_pre), key = Array<Index>::unset(backend_, synapses),
         place = Array<Index>::unset(backend_, synapses), post = Array<Index>::unset(backend_, synapses);
    launch_.zero(length.view().data, length.bytes());
    launch_.items("transpose_rows", from.n_post, 1,
                  ListSynapses{seen(from), length.view().data, key.view().data, place.view().data, post.view().data});
    launch_.sort_by_key(key.view().data, place.view().data, synapses);
    Rows rows = of_lengths(from.n_post, from.n_pre, length);
    launch_.items("transpose_rows", rows.n_post, 1,
                  TakeSynapses{seen(rows), seen(from), place.view().data, post.view().data});
    return rows;
  }

  void repair(Rows& rows, const sorn::RowRepair& how) override {
    auto length = Array<Index>::unset(backend_, rows.n_post);
    auto any = Array<std::uint32_t>::unset(backend_, 1);
    launch_.zero(any.view().data, any.bytes());
    launch_.items("repair_rows", rows.n_post, 1, CountRepaired{how, seen(rows), length.view().data, any.view().data});
    if (any.download()[0] == 0) return;
    Rows repaired = of_lengths(rows.n_pre, rows.n_post, length);
    launch_.items("repair_rows", rows.n_post, 1, RepairRow{how, seen(repaired), seen(rows)});
    rows = std::move(repaired);
  }

  void normalize(Rows& rows) override { launch_.items("normalize_rows", rows.n_post, 1, NormalizeRow{seen(rows)}); }

  Incoming incoming(Rows rows, bool by_length) override {
    const Index slices = ceil_div(rows.n_post, slice_lanes), lanes = slices * slice_lanes;
    Incoming::Parts parts;
    if (by_length) {
      parts.unit = Array<Index>::unset(backend_, lanes);
      parts.place = Array<Index>::unset(backend_, lanes);
      launch_.items("slice_rows", lanes, 1,
                    ArrangeRow{seen(rows), rows.n_post, parts.unit.view().data, parts.place.view().data});
    }
    const Index* const unit = parts.unit.view().data;
    parts.slice = Array<Slice>::unset(backend_, slices);
    auto blocks = Array<Index>::unset(backend_, slices);
    auto first_block = Array<std::uint64_t>::unset(backend_, std::size_t{slices} + 1);
    launch_.items("slice_rows", slices, 1,
                  SizeSlice{seen(rows), rows.n_post, unit, parts.slice.view().data, blocks.view().data});
    const std::uint64_t all = sum_up(blocks, first_block);
    if (all >= no_block) throw MemoryError("more synapses than 2^32 blocks hold");
    parts.pre = Array<Index>::unset(backend_, all * block_size);
    parts.weight = Array<real>::unset(backend_, all * block_size);
    parts.next = Array<Index>::unset(backend_, all);
    launch_.zero(parts.pre.view().data, parts.pre.bytes());
    launch_.zero(parts.weight.view().data, parts.weight.bytes());
    launch_.items("slice_rows", lanes, 1,
                  FillLane{seen(rows), rows.n_post, unit, first_block.view().data, parts.slice.view().data,
                           parts.pre.view().data, parts.next.view().data, parts.weight.view().data});
    return {backend_, rows.n_pre, rows.n_post, std::move(parts)};
  }

 private:
  static RowsOnDevice seen(const Rows& rows) {
    return {rows.start.view().data, rows.pre.view().data, rows.weight.view().data};
  }
  /// Running sums of `of`, which have one entry more; their end.
  std::uint64_t sum_up(const Array<Index>& of, Array<std::uint64_t>& sums) {
    launch_.running_sums(of.view().data, sums.view().data, of.size());
    std::uint64_t end = 0;
    sums.download(std::span(&end, 1), of.size());
    return end;
  }
  Rows of_lengths(Index n_pre, Index n_post, const Array<Index>& length) {
    Rows rows;
    rows.n_pre = n_pre;
    rows.n_post = n_post;
    rows.start = Array<std::uint64_t>::unset(backend_, std::size_t{n_post} + 1);
    const std::uint64_t synapses = sum_up(length, rows.start);
    rows.pre = Array<Index>::unset(backend_, synapses);
    rows.weight = Array<real>::unset(backend_, synapses);
    return rows;
  }

  KernelOperations<Launcher>& backend_;
  Launcher& launch_;
};

}  // namespace engram::kernels
