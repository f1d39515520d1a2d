// A small SORN network in the shared memory of the block that runs it: units, rows, and what the rows need to grow.
#pragma once

#include <cstddef>

#include "kernels/core/block.hpp"
#include "kernels/core/launch.hpp"
#include "kernels/sorn/step.hpp"

namespace engram::kernels {

/// Blocks of slots that there is room for. Without any the network stays where it is.
struct SharedLayout {
  Index ee = 0, ei = 0;
  bool ie = false;        ///< fixed weights of all pairs as well
  std::size_t bytes = 0;  ///< of the network
};

/// Copies of fewer steps than this do not pay: an estimate from what a step reads, not measured.
inline constexpr Index sorn_resident_steps = 4;
/// Hands out places in a piece of memory one after the other; without memory it only counts.
struct SharedArena {
  std::byte* memory = nullptr;
  std::size_t used = 0;

  template <class T>
  ENGRAM_HD T* take(std::size_t count) {
    used = (used + alignof(T) - 1) / alignof(T) * alignof(T);
    T* place = memory ? reinterpret_cast<T*>(memory + used) : nullptr;
    used += count * sizeof(T);
    return place;
  }
};

/// `own` as network r of `net` alone, with what a step reads or writes in `places`.
ENGRAM_HD void lay_out(const sorn::View& net, Index r, SharedLayout room, SharedArena& places, sorn::View& own) {
  const Index slices = net.ee.slices();
  own = net;
  own.counts = places.take<sorn::Counts>(1);
  own.te = places.take<real>(net.ne);
  own.ti = places.take<real>(net.ni);
  own.target = places.take<real>(net.ne);
  own.drive_e = places.take<real>(net.ne);
  own.drive_i = places.take<real>(net.ni);
  own.ee.weight = places.take<real>(std::size_t{room.ee} * block_size);
  own.ei.weight = places.take<real>(std::size_t{room.ei} * block_size);
  if (room.ie)
    own.ie_all.weight = places.take<real>(net.ie_all.plane_stride());
  else if (own.ie_all.weight)
    own.ie_all.weight = net.ie_all.row(r, 0);
  own.x = places.take<std::uint32_t>(net.words_e());
  own.y = places.take<std::uint32_t>(net.words_i());
  const auto rows = [&](IncomingView& to, Index blocks) {
    to.pre = places.take<Index>(std::size_t{blocks} * block_size);
    to.next = places.take<Index>(blocks);
    to.slice = places.take<Slice>(slices);
    to.taken = places.take<Index>(1);
    to.blocks = blocks;
    to.unit = places.take<Index>(std::size_t{slices} * slice_lanes);
    to.place = places.take<Index>(std::size_t{slices} * slice_lanes);
  };
  rows(own.ee, room.ee);
  rows(own.ei, room.ei);
  own.rules = net.rules + r;
  own.seed = net.seed + r;
  own.events = net.events + static_cast<std::size_t>(r) * net.max_events;
  if (own.ie_some.row_start) own.ie_some.row_start += static_cast<std::size_t>(r) * net.ne;
}

/// Room for a network of the mean size of all, and for some growth, in a third of a processor's memory, in half of it
/// or in all: none where networks are too large, run for too short a time, or have plastic inputs.
inline SharedLayout shared_layout(const sorn::View& net, const sorn::Run& run, const SharedMemory& memory,
                                  std::size_t beside) {
  if (net.drive_u || run.steps < sorn_resident_steps) return {};
  const auto mean = [&](const IncomingView& rows) { return ceil_div(rows.in_use, net.replicas); };
  const Index growth = 16 * net.max_events;
  SharedLayout room{mean(net.ee) + mean(net.ee) / 8 + growth, mean(net.ei) + mean(net.ei) / 8 + 1, false, 0};
  const auto bytes = [&] {
    SharedArena places;
    sorn::View own;
    lay_out(net, 0, room, places, own);
    return places.used;
  };
  for (std::size_t blocks = 3; blocks > 0; --blocks) {
    const std::size_t most = memory.of_block(blocks);
    room.ie = net.ie_all.weight != nullptr;
    if (bytes() + beside > most) room.ie = false;  // most of them are rows of silent units, which nobody reads
    if (bytes() + beside > most) continue;
    const std::size_t one = block_size * (sizeof(real) + sizeof(Index)) + sizeof(Index);
    room.ee += static_cast<Index>((most - bytes() - beside) / (one + 8));  // 8: for alignment
    room.bytes = bytes();
    return room;
  }
  return {};
}

/// Moves a network to shared memory and back. Rows keep their order; which block a slot is in changes.
struct SornResident {
  SharedLayout room;

  /// Where the slices of the rows begin in `own`, whether they and `growth` blocks fit. One thread.
  ENGRAM_HD static bool place_slices(const IncomingView& rows, Index r, IncomingView& own, Index growth) {
    Index taken = 0;
    for (Index s = 0; s < rows.slices(); ++s) {
      const Index used = rows.at(r, s).used;
      own.slice[s] = {taken, used};
      taken += used > block_slots ? ceil_div(used, block_slots) : 1;
    }
    *own.taken = taken;
    return taken + growth <= own.blocks;
  }
  /// Lane `at` % 16 of slice `at` / 16, with the blocks' order if it is the first.
  ENGRAM_HD static void copy_lane(const IncomingView& rows, Index r, const IncomingView& own, Index at) {
    const Index s = at / slice_lanes, lane = at % slice_lanes;
    const Slice& from = rows.at(r, s);
    const Slice to = own.slice[s];
    const Index blocks = to.used > block_slots ? ceil_div(to.used, block_slots) : 1;
    bodies::SlotWalk walk = bodies::walk_slots(rows, from);
    for (Index k = 0; k < blocks * block_slots; ++k) {
      const std::size_t here = static_cast<std::size_t>(to.first_block) * block_size + k * slice_lanes + lane;
      own.pre[here] = rows.pre[walk.at(lane)];
      own.weight[here] = rows.weight[walk.at(lane)];  // 0 beyond the last slot in use
      if (k + 1 < blocks * block_slots) walk.advance();
    }
    own.unit[at] = rows.units(r, s)[lane];
    own.place[at] = rows.place_of(r, at);
    for (Index b = 0; lane == 0 && b < blocks; ++b)
      own.next[to.first_block + b] = b + 1 < blocks ? to.first_block + b + 1 : no_block;
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

  template <class T>
  ENGRAM_HD static void copy(Index t, Index threads, T* to, const T* from, std::size_t count) {
    for (std::size_t i = t; i < count; i += threads) to[i] = from[i];
  }

  /// Whether the next step might need more room than there is.
  ENGRAM_HD bool full(const sorn::View& own) const { return *own.ee.taken + own.max_events > room.ee; }

  /// All threads. `step` and `in`, in shared memory themselves, say where the network is then.
  ENGRAM_HD void enter(const Block& block, Index threads, const SornStep& from, Index r, std::byte* memory,
                       SornStep& step, bool& in) const {
    const sorn::View& net = from.net;
    block.each([&](Index t) {
      if (t != 0) return;
      step = from;
      in = false;
      if (room.ee == 0) return;
      SharedArena places{memory};
      lay_out(net, r, room, places, step.net);
      in = place_slices(net.ee, r, step.net.ee, net.max_events * 8);
      in = place_slices(net.ei, r, step.net.ei, 0) && in;
      step.first = r;
      if (!in) step = from;
    });
    if (!in) return;
    const sorn::View& own = step.net;
    const std::size_t e = static_cast<std::size_t>(r) * net.ne, i = static_cast<std::size_t>(r) * net.ni;
    block.each([&](Index t) {
      if (t == 0) *own.counts = net.counts[r];
      copy(t, threads, own.te, net.te + e, net.ne);
      copy(t, threads, own.ti, net.ti + i, net.ni);
      copy(t, threads, own.target, net.target + e, net.ne);
      copy(t, threads, own.drive_e, net.drive_e + e, net.ne);
      copy(t, threads, own.drive_i, net.drive_i + i, net.ni);
      copy(t, threads, own.x, from.x(r), net.words_e());
      copy(t, threads, own.y, from.y(r), net.words_i());
      if (room.ie)
        copy(t, threads, own.ie_all.weight, static_cast<const real*>(net.ie_all.row(r, 0)), net.ie_all.plane_stride());
      for (Index at = t; at < net.ee.slices() * slice_lanes; at += threads) {
        copy_lane(net.ee, r, own.ee, at);
        copy_lane(net.ei, r, own.ei, at);
      }
    });
  }
  ENGRAM_HD void leave(const Block& block, Index threads, const SornStep& from, Index r, const SornStep& step) const {
    const sorn::View &net = from.net, &own = step.net;
    const std::size_t e = static_cast<std::size_t>(r) * net.ne, i = static_cast<std::size_t>(r) * net.ni;
    block.each([&](Index t) {
      if (t == 0) net.counts[r] = *own.counts;
      copy(t, threads, net.te + e, own.te, net.ne);
      copy(t, threads, net.drive_e + e, own.drive_e, net.ne);
      copy(t, threads, net.drive_i + i, own.drive_i, net.ni);
      copy(t, threads, from.x(r), own.x, net.words_e());
      copy(t, threads, from.y(r), own.y, net.words_i());
      for (Index s = t; s < net.ee.slices(); s += threads) lengthen(net.ee, r, own.ee, s);
    });
    block.each([&](Index t) {
      for (Index at = t; at < net.ee.slices() * slice_lanes; at += threads) {
        return_lane(net.ee, r, own.ee, at);
        return_lane(net.ei, r, own.ei, at);
      }
    });
    block.each([&](Index t) {
      for (Index s = t; s < net.ee.slices(); s += threads) {
        net.ee.at(r, s).used = own.ee.slice[s].used;
        net.ei.at(r, s).used = own.ei.slice[s].used;
      }
    });
  }
};

}  // namespace engram::kernels
