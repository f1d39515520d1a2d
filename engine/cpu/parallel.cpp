#include "engine/cpu/parallel.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace engram::cpu {

namespace {

/// A thread that waits spins this often before it sleeps, some tens of microseconds: to be woken takes longer than the
/// pause between two operations, but on a busy machine a thread that spins takes the processor that another one needs.
constexpr int spins = 3000;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits until `value` is another than `old`.
void await_change(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
  for (int i = 0; i < spins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause();
  }
  while (value.load(std::memory_order_acquire) == old) value.wait(old, std::memory_order_acquire);
}

/// All signals stay with the threads of the user, who may expect them there.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_;
};

int processors() {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// The threads of this process beside those of the user. One job has all of them at a time.
class Team {
 public:
  /// Whether the job was taken; not while another one runs.
  bool run(int parts, void (*part)(void*, int), void* job) {
    const std::unique_lock alone(busy_, std::try_to_lock);
    if (!alone) return false;
    grow(std::min(static_cast<std::size_t>(parts) - 1, most_));
    part_ = part;
    job_ = job;
    failed_.assign(static_cast<std::size_t>(parts), nullptr);
    const std::size_t helpers = std::min(workers_.size(), static_cast<std::size_t>(parts) - 1);
    open_.store(static_cast<std::uint32_t>(helpers), std::memory_order_relaxed);
    for (std::size_t w = 0; w < helpers; ++w) {
      workers_[w]->calls.fetch_add(1, std::memory_order_release);
      workers_[w]->calls.notify_one();
    }
    call(0);
    for (std::size_t p = helpers + 1; p < static_cast<std::size_t>(parts); ++p)
      call(p);  // of threads that there are not
    for (std::uint32_t open; (open = open_.load(std::memory_order_acquire)) != 0;) await_change(open_, open);
    for (const std::exception_ptr& error : failed_)
      if (error) std::rethrow_exception(error);
    return true;
  }

 private:
  struct alignas(64) Worker {
    std::atomic<std::uint32_t> calls = 0;
  };

  void call(std::size_t p) {
    try {
      part_(job_, static_cast<int>(p));
    } catch (...) {
      failed_[p] = std::current_exception();
    }
  }

  void grow(std::size_t wanted) {
    if (workers_.size() >= wanted) return;
    const NoSignals quiet;
    try {
      while (workers_.size() < wanted) {
        workers_.push_back(std::make_unique<Worker>());
        try {
          std::thread(&Team::work, this, workers_.back().get(), workers_.size()).detach();
        } catch (...) {
          workers_.pop_back();
          throw;
        }
      }
    } catch (const std::system_error&) {  // no more threads than these
    }
  }

  void work(Worker* me, std::size_t part) {
    for (std::uint32_t done = 0;; ++done) {
      await_change(me->calls, done);
      call(part);
      if (open_.fetch_sub(1, std::memory_order_acq_rel) == 1) open_.notify_one();
    }
  }

  /// More than the processors can use would only take memory for their stacks; parts beyond that are done by the
  /// caller.
  const std::size_t most_ = static_cast<std::size_t>(std::max(31, 4 * processors() - 1));
  std::mutex busy_;
  std::vector<std::unique_ptr<Worker>> workers_;  // that of part p is [p - 1]
  std::atomic<std::uint32_t> open_ = 0;           // parts of others that are not done
  void (*part_)(void*, int) = nullptr;
  void* job_ = nullptr;
  std::vector<std::exception_ptr> failed_;
};

std::atomic<bool> forked = false;

/// Lives as long as the process, for its threads never end.
Team& team() {
  static Team* const only = [] {
    pthread_atfork(nullptr, nullptr, [] { forked.store(true, std::memory_order_relaxed); });
    return new Team;
  }();
  return *only;
}

thread_local int limit = 0;
thread_local bool within = false;  // a part: its own parts run on its own thread

void run_alone(int parts, void (*part)(void*, int), void* job) {
  for (int p = 0; p < parts; ++p) part(job, p);
}

}  // namespace

int default_threads() {
  if (limit > 0) return limit;
  const char* asked = std::getenv("OMP_NUM_THREADS");
  const int wanted = asked ? std::atoi(asked) : 0;  // of a list for nested regions, the first
  return wanted > 0 ? std::min(wanted, processors()) : processors();
}

ThreadLimit::ThreadLimit(int threads) : before_(limit) { limit = threads; }
ThreadLimit::~ThreadLimit() { limit = before_; }

void run_parts(int parts, void (*part)(void*, int), void* job) {
  if (within || forked.load(std::memory_order_relaxed)) return run_alone(parts, part, job);
  struct Call {
    void (*part)(void*, int);
    void* job;
  } call{part, job};
  const auto guarded = [](void* p, int i) {
    struct Within {
      Within() { within = true; }
      ~Within() { within = false; }
    } const scope;
    const Call& of = *static_cast<const Call*>(p);
    of.part(of.job, i);
  };
  if (!team().run(parts, guarded, &call)) run_alone(parts, part, job);
}

}  // namespace engram::cpu
