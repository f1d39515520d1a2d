// Threads of the CPU: parts of one thing are given out by a fixed rule, whole networks to whoever is free.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <vector>

namespace engram::cpu {

/// As many as $OMP_NUM_THREADS says, but none without a processor of its own: that would only wait. While a ThreadLimit
/// lives on this thread, what that says.
int default_threads();

/// Networks are built by the threads that a run asked for, whatever device it is on. 0: no limit.
class ThreadLimit {
 public:
  explicit ThreadLimit(int threads);
  ~ThreadLimit();
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;

 private:
  int before_;
};

/// Calls part(job, p) for every p < parts, each on its own thread where the threads of this process are free and can be
/// had (at most 32, or four a processor), else one after the other on this one; both give the same bits. Returns when
/// all are done. Of the exceptions that parts throw, that of the lowest part goes on. After fork() a child has no
/// threads and runs everything itself.
void run_parts(int parts, void (*part)(void* job, int p), void* job);

/// Below this many elementary operations a second thread costs more than it brings (to wake it takes some 5 us).
inline constexpr std::size_t parallel_threshold = 32768;

/// Calls f(begin, end, thread) on disjoint ranges that cover 0 .. items-1; `work` is about the operations of all items.
template <class F>
void parallel_for(int threads, std::size_t items, std::size_t work, F&& f) {
  const auto used = std::min<std::size_t>(static_cast<std::size_t>(threads), items);
  if (used > 1 && work >= parallel_threshold) {
    struct Job {
      F& f;
      std::size_t items, parts;
    } job{f, items, used};
    run_parts(
        static_cast<int>(used),
        [](void* p, int part) {
          const Job& of = *static_cast<const Job*>(p);
          const auto me = static_cast<std::size_t>(part);
          of.f(of.items * me / of.parts, of.items * (me + 1) / of.parts, part);
        },
        &job);
    return;
  }
  if (items > 0) f(std::size_t{0}, items, 0);
}

/// Items [first, end) of a thread, that others may take from as well.
class alignas(64) Share {
 public:
  void hold(std::size_t first, std::size_t end) { left_ = first << 32 | end; }
  /// The first one of them, for their owner, or the last one, for others; `none` if none is left.
  std::size_t take(bool own) {
    std::uint64_t left = left_.load(std::memory_order_relaxed);
    for (;;) {
      const std::uint64_t first = left >> 32, end = left & none;
      if (first >= end) return none;
      const std::uint64_t then = own ? (first + 1) << 32 | end : first << 32 | (end - 1);
      if (left_.compare_exchange_weak(left, then, std::memory_order_relaxed)) return own ? first : end - 1;
    }
  }
  static constexpr std::size_t none = 0xffffffff;

 private:
  std::atomic<std::uint64_t> left_ = 0;
};

/// Calls f(item, thread) for items that have nothing to do with each other, such as networks, fewer than 2^32. A thread
/// begins with the same ones every time, whose memory lies in its caches, and then takes over from others: where other
/// programs slow one processor down. Of the exceptions that of the lowest item goes on; those above it may be left out.
template <class F>
void parallel_for_each(int threads, std::size_t items, std::size_t work, F&& f) {
  const std::size_t parts =
      std::clamp<std::size_t>(static_cast<std::size_t>(threads), 1, std::max<std::size_t>(items, 1));
  std::vector<Share> shares(parts);
  for (std::size_t p = 0; p < parts; ++p) shares[p].hold(items * p / parts, items * (p + 1) / parts);
  std::mutex failing;
  std::exception_ptr error;
  std::atomic<std::size_t> failed = items;
  parallel_for(threads, parts, work, [&](std::size_t part, std::size_t, int thread) {
    for (std::size_t other = 0; other < parts; ++other)
      for (std::size_t item; (item = shares[(part + other) % parts].take(other == 0)) != Share::none;) try {
          if (item < failed.load(std::memory_order_relaxed)) f(item, thread);
        } catch (...) {
          const std::lock_guard lock(failing);
          if (item < failed) failed = item, error = std::current_exception();
        }
  });
  if (error) std::rethrow_exception(error);
}

}  // namespace engram::cpu
