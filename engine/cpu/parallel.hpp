// Threads of the CPU: a static partition, so that who computes what never depends on timing.
#pragma once

#include <algorithm>
#include <cstddef>

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

}  // namespace engram::cpu
