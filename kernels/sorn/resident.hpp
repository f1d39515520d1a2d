// A SORN network in the shared memory of the block that runs it, or of the blocks of a cluster, of which each has a
// share of the units with their rows, and what the rows need to grow. Activity is in the memory of each of them.
#pragma once

#include <cstddef>

#include "kernels/core/block.hpp"
#include "kernels/core/launch.hpp"
#include "kernels/sorn/phases.hpp"

namespace engram::kernels {

/// Blocks of slots that a block of threads has room for. Without any the network stays where it is.
struct SharedLayout {
  Index ee = 0, ei = 0;
  bool ie = false;        ///< fixed weights of all pairs as well
  std::size_t bytes = 0;  ///< of the network, or of a share of it
  SornShares shares = {};
  std::uint32_t begin[23] = {};  ///< where its arrays are, see lay_out
};

/// Copies of fewer steps than this do not pay: an estimate from what a step reads, not measured.
inline constexpr Index sorn_resident_steps = 4;
/// Arrays of a block, one after the other: how much memory they take, and where in it each begins.
struct SharedSizes {
  std::uint32_t* begin;
  std::size_t used = 0;

  template <class T>
  ENGRAM_HD void operator()(T*&, std::size_t count, Index = 0) {
    used = (used + alignof(T) - 1) / alignof(T) * alignof(T);
    *begin++ = static_cast<std::uint32_t>(used);
    used += count * sizeof(T);
  }
};
/// The same arrays in memory. Element `first` of one is what begins there.
struct SharedArrays {
  std::byte* memory;
  const std::uint32_t* begin;

  template <class T>
  ENGRAM_HD void operator()(T*& array, std::size_t, Index first = 0) {
    array = reinterpret_cast<T*>(memory + *begin++) - first;
  }
};

/// `own` as network r of `net` alone, with what a step reads or writes of the share of one block in `place`. Units and
/// rows keep their numbers.
template <class Place>
ENGRAM_HD void lay_out(const sorn::View& net, Index r, const SharedLayout& room, const SornShare& share, Place place,
                       sorn::View& own) {
  const Index e = room.shares.e, i = room.shares.i, slices = ceil_div(e, slice_lanes);
  const bool alone = room.shares.blocks == 1;
  own = net;
  place(own.counts, alone);
  if (!alone) own.counts = net.counts + r;
  place(own.te, e, share.e);
  place(own.ti, i, share.i);
  place(own.target, e, share.e);
  place(own.drive_e, e, share.e);
  place(own.drive_i, i, share.i);
  place(own.ee.weight, std::size_t{room.ee} * block_size);
  place(own.ei.weight, std::size_t{room.ei} * block_size);
  place(own.ie_all.weight, room.ie ? net.ie_all.plane_stride() : 0);
  if (!room.ie) own.ie_all.weight = net.ie_all.weight ? net.ie_all.row(r, 0) : nullptr;
  place(own.x, net.words_e());
  place(own.y, net.words_i());
  const auto rows = [&](IncomingView& to, Index blocks) {
    place(to.pre, std::size_t{blocks} * block_size);
    place(to.next, blocks);
    place(to.slice, slices, share.first_slice());
    place(to.taken, 1);
    to.blocks = blocks;
    place(to.unit, std::size_t{slices} * slice_lanes, share.e);
    place(to.place, std::size_t{slices} * slice_lanes, share.e);
  };
  rows(own.ee, room.ee);
  rows(own.ei, room.ei);
  own.rules = net.rules + r;
  own.seed = net.seed + r;
  own.events = net.events + static_cast<std::size_t>(r) * net.max_events;
  if (own.ie_some.row_start) own.ie_some.row_start += static_cast<std::size_t>(r) * net.ne;
}

/// Room for a network of the mean size of all, and for some growth, in a third of a processor's memory, in half of it
/// or in all; or for what each of `sharing` blocks has of it, in all memory of theirs. None where networks are too
/// large, run for too short a time, or have plastic inputs.
inline SharedLayout shared_layout(const sorn::View& net, const sorn::Run& run, const SharedMemory& memory,
                                  std::size_t beside, Index sharing = 1) {
  SharedLayout room, none;
  room.shares = none.shares = SornShares(net, sharing);
  if (net.drive_u || run.steps < sorn_resident_steps) return none;
  const auto mean = [&](const IncomingView& rows) {
    const Index blocks = ceil_div(rows.in_use, net.replicas);  // of which a share has as many as it has units
    return static_cast<Index>(std::uint64_t{blocks} * room.shares.e / net.ne);
  };
  const Index growth = 16 * net.max_events;
  room.ee = mean(net.ee) + mean(net.ee) / 8 + growth;
  room.ei = mean(net.ei) + mean(net.ei) / 8 + 1;
  const auto bytes = [&] {
    sorn::View own;
    SharedSizes sizes{room.begin};
    lay_out<SharedSizes&>(net, 0, room, {}, sizes, own);
    return sizes.used;
  };
  for (std::size_t blocks = sharing == 1 ? 3 : 1; blocks > 0; --blocks) {
    const std::size_t most = memory.of_block(blocks);
    room.ie = net.ie_all.weight != nullptr && sharing == 1;
    if (bytes() + beside > most) room.ie = false;  // most of them are rows of silent units, which nobody reads
    if (bytes() + beside > most) continue;
    const std::size_t one = block_size * (sizeof(real) + sizeof(Index)) + sizeof(Index);
    room.ee += static_cast<Index>((most - bytes() - beside) / (one + 8));  // 8: for alignment
    room.bytes = bytes();
    return room;
  }
  return none;
}

/// The rows and the activity of all blocks of a cluster, as one of them reaches them. One block alone has none to
/// reach.
template <Index most>
struct SornPeers {
  IncomingView ee[most];
  std::uint32_t *x[most], *y[most];
  Index copies;  ///< of activity, in as many memories
  Index units;   ///< of a block, at most

  ENGRAM_HD friend const IncomingView& rows_with(const SornPeers& all, Index post) { return all.ee[post / all.units]; }
};

/// Moves a network to shared memory and back. Rows keep their order; which block a slot is in changes. `Shared` has
/// `step`, `share`, `fits`, `resident`, `full` and `memory`.
struct SornResident {
  SharedLayout room;

  ENGRAM_HD static Index blocks_of(const Slice& slice) {
    return slice.used > block_slots ? ceil_div(slice.used, block_slots) : 1;
  }
  /// Where the slices of the rows begin, whose lengths are known; whether they and `growth` blocks fit. One thread.
  ENGRAM_HD static bool place_slices(const IncomingView& own, const SornShare& share, Index growth) {
    Index taken = 0;
    for (Index s = share.first_slice(); s < share.last_slice(); ++s) {
      own.slice[s].first_block = taken;
      taken += blocks_of(own.slice[s]);
    }
    *own.taken = taken;
    return taken + growth <= own.blocks;
  }
  /// Lane `at` % 16 of slice `at` / 16, with the blocks' order if it is the first.
  ENGRAM_HD static void copy_lane(const IncomingView& rows, Index r, const IncomingView& own, Index at) {
    const Index s = at / slice_lanes, lane = at % slice_lanes;
    const Slice to = own.slice[s];
    const Index blocks = blocks_of(to);
    Index block = rows.at(r, s).first_block;
    for (Index b = 0, next; b < blocks; ++b, block = next) {
      next = b + 1 < blocks ? rows.next[block] : no_block;
      const bodies::RowPart part(rows, block, lane);  // 0 beyond the last slot in use
      const std::size_t here = static_cast<std::size_t>(to.first_block + b) * block_size + lane;
      for (Index q = 0; q < block_slots; ++q) {
        own.pre[here + q * slice_lanes] = part.pre[q];
        own.weight[here + q * slice_lanes] = part.weight[q];
      }
      if (lane == 0) own.next[to.first_block + b] = b + 1 < blocks ? to.first_block + b + 1 : no_block;
    }
    own.unit[at] = rows.units(r, 0)[at];
    own.place[at] = rows.place_of(r, at);
  }
  /// Makes the chain of a slice in device memory as long as that of `own`.
  ENGRAM_HD static void lengthen(const IncomingView& rows, Index r, const IncomingView& own, Index s) {
    bodies::SlotWalk walk = bodies::walk_slots(rows, rows.at(r, s));
    for (Index k = 1; k < own.slice[s].used; ++k) {
      if (walk.last_of_chain()) rows.next[walk.block] = bodies::take_block(rows);
      walk.advance();
    }
  }
  ENGRAM_HD static void return_lane(const IncomingView& rows, Index r, const IncomingView& own, Index at) {
    const Index s = at / slice_lanes, lane = at % slice_lanes;
    const Slice from = own.slice[s], to = rows.at(r, s);
    const Index n = from.used > to.used ? from.used : to.used;  // slots no longer in use hold 0
    bodies::SlotWalk read = bodies::walk_slots(own, from), write = bodies::walk_slots(rows, to);
    for (Index k = 0; k < n; ++k) {
      const bool there = k < from.used;
      rows.pre[write.at(lane)] = there ? own.pre[read.at(lane)] : 0;
      rows.weight[write.at(lane)] = there ? own.weight[read.at(lane)] : real(0);
      if (k + 1 < from.used) read.advance();
      if (k + 1 < n) write.advance();
    }
    rows.units(r, s)[lane] = own.unit[at];
    rows.place_of(r, at) = own.place[at];
  }

  /// Whether the next step might need more room than there is.
  ENGRAM_HD bool full(const sorn::View& own) const { return *own.ee.taken + own.max_events > room.ee; }

  /// `resident` says then, in all blocks, whether the network came, and `step` where it is.
  template <class Together>
  ENGRAM_HD void enter(const Together& all, const SornStep& from, Index r) const {
    const sorn::View& net = from.net;
    all.each([&](const Block& block, Index, auto& shared) {
      block.each([&](Index t) {
        if (t != 0) return;
        shared.step = from;
        shared.resident = shared.full = shared.fits[0] = shared.fits[1] = false;
      });
      if (room.ee == 0) return;
      block.each([&](Index t) {
        if (t != 0) return;
        lay_out(net, r, room, shared.share, SharedArrays{shared.memory, room.begin}, shared.step.net);
        shared.step.first = r;
      });
      const sorn::View& own = shared.step.net;
      const SornShare& share = shared.share;
      block.each([&](Index t) {
        for (Index s = share.first_slice() + t; s < share.last_slice(); s += block.threads) {
          own.ee.slice[s].used = net.ee.at(r, s).used;
          own.ei.slice[s].used = net.ei.at(r, s).used;
        }
      });
      block.each([&](Index t) {
        if (t == 0) shared.fits[0] = place_slices(own.ee, share, net.max_events * 8);
        if (t == block.threads / 2) shared.fits[1] = place_slices(own.ei, share, 0);
      });
    });
    all.each([&](const Block& block, Index, auto& shared) {
      block.each([&](Index t) {
        if (t != 0) return;
        bool in = true;
        for (Index q = 0; q < all.blocks(); ++q) in = in && all.of(q).fits[0] && all.of(q).fits[1];
        shared.resident = in;
        if (!in) shared.step = from;
      });
      if (shared.resident) bring(block, net, r, shared.step.net, shared.share);
    });
  }
  template <class Together>
  ENGRAM_HD void leave(const Together& all, const SornStep& from, Index r) const {
    all.each(
        [&](const Block& block, Index, auto& shared) { take_back(block, from.net, r, shared.step.net, shared.share); });
  }

 private:
  template <class T>
  ENGRAM_HD static void copy(Index t, Index threads, T* to, const T* from, Index first, Index last) {
#if defined(__CUDA_ARCH__)
#pragma unroll 1  // the compiler has no registers for more at a time
#endif
    for (Index i = first + t; i < last; i += threads) to[i] = from[i];
  }
  ENGRAM_HD void bring(const Block& block, const sorn::View& net, Index r, const sorn::View& own,
                       const SornShare& share) const {
    const std::size_t e = static_cast<std::size_t>(r) * net.ne, i = static_cast<std::size_t>(r) * net.ni;
    block.each([&](Index t) {
      const auto some = [&]<class T>(T* to, const T* from, Index first, Index last) {
        copy(t, block.threads, to, from, first, last);
      };
      if (t == 0 && room.shares.blocks == 1) *own.counts = net.counts[r];
      some(own.te, net.te + e, share.e, share.e_end);
      some(own.ti, net.ti + i, share.i, share.i_end);
      some(own.target, net.target + e, share.e, share.e_end);
      some(own.drive_e, net.drive_e + e, share.e, share.e_end);
      some(own.drive_i, net.drive_i + i, share.i, share.i_end);
      some(own.x, net.x + static_cast<std::size_t>(r) * net.words_e(), 0, net.words_e());
      some(own.y, net.y + static_cast<std::size_t>(r) * net.words_i(), 0, net.words_i());
      if (room.ie) some(own.ie_all.weight, net.ie_all.row(r, 0), 0, static_cast<Index>(net.ie_all.plane_stride()));
      for (Index at = share.e + t; at < share.last_slice() * slice_lanes; at += block.threads) {
        copy_lane(net.ee, r, own.ee, at);
        copy_lane(net.ei, r, own.ei, at);
      }
    });
  }
  ENGRAM_HD void take_back(const Block& block, const sorn::View& net, Index r, const sorn::View& own,
                           const SornShare& share) const {
    const std::size_t e = static_cast<std::size_t>(r) * net.ne, i = static_cast<std::size_t>(r) * net.ni;
    const auto each_slice = [&](auto&& f) {
      block.each([&](Index t) {
        for (Index s = share.first_slice() + t; s < share.last_slice(); s += block.threads) f(s);
      });
    };
    block.each([&](Index t) {
      const auto some = [&]<class T>(T* to, const T* from, Index first, Index last) {
        copy(t, block.threads, to, from, first, last);
      };
      const auto words = [](Index units) { return ceil_div(units, sorn::units_per_word); };
      if (t == 0 && room.shares.blocks == 1) net.counts[r] = *own.counts;
      some(net.te + e, own.te, share.e, share.e_end);
      some(net.drive_e + e, own.drive_e, share.e, share.e_end);
      some(net.drive_i + i, own.drive_i, share.i, share.i_end);
      some(net.x + static_cast<std::size_t>(r) * net.words_e(), own.x, words(share.e), words(share.e_end));
      some(net.y + static_cast<std::size_t>(r) * net.words_i(), own.y, words(share.i), words(share.i_end));
    });
    each_slice([&](Index s) { lengthen(net.ee, r, own.ee, s); });
    block.each([&](Index t) {
      for (Index at = share.e + t; at < share.last_slice() * slice_lanes; at += block.threads) {
        return_lane(net.ee, r, own.ee, at);
        return_lane(net.ei, r, own.ei, at);
      }
    });
    each_slice([&](Index s) {
      net.ee.at(r, s).used = own.ee.slice[s].used;
      net.ei.at(r, s).used = own.ei.slice[s].used;
    });
  }
};

}  // namespace engram::kernels
