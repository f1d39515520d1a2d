// Launches kernels on the host in place of a device. Blocks and threads run in a chosen order or on real threads, for
// no order may matter; memory is that of the heap, or guarded against the host.
#pragma once

#include <algorithm>
#include <array>
#include <barrier>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <thread>
#include <tuple>
#include <vector>

#include "kernels/core/block.hpp"
#include "kernels/core/cooperate.hpp"
#include "kernels/core/launch.hpp"
#include "tests/testing/memory.hpp"
#include "tests/testing/order.hpp"

namespace engram::testing_kernels {

/// Four threads that wait for work: starting threads for every phase of every block would take most of a test's time.
class Team {
 public:
  static constexpr std::size_t workers = 4;
  static Team& shared() {
    static Team team;
    return team;
  }
  /// Calls f(worker) on all of them at once and waits.
  void run(const std::function<void(std::size_t)>& f) {
    work_ = &f;
    begin_.arrive_and_wait();
    end_.arrive_and_wait();
  }
  ~Team() {
    work_ = nullptr;
    begin_.arrive_and_wait();
    for (std::thread& t : threads_) t.join();
  }

 private:
  Team() {
    for (std::size_t w = 0; w < workers; ++w)
      threads_[w] = std::thread([this, w] {
        for (begin_.arrive_and_wait(); work_; begin_.arrive_and_wait()) {
          (*work_)(w);
          end_.arrive_and_wait();
        }
      });
  }
  std::barrier<> begin_{workers + 1}, end_{workers + 1};
  const std::function<void(std::size_t)>* work_ = nullptr;
  std::array<std::thread, workers> threads_;
};

/// Calls f(i) for all i < n in the given order.
inline void run_in_order(Order order, std::size_t n, const std::function<void(std::size_t)>& f) {
  if (order >= Order::real_threads && n > 1) {
    Team::shared().run([&](std::size_t w) {
      for (std::size_t i = w; i < n; i += Team::workers) f(i);  // neighbours on different threads
    });
  } else if (order == Order::shuffled) {
    static thread_local std::mt19937 generator(1);
    std::vector<std::size_t> all(n);
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::shuffle(all.begin(), all.end(), generator);
    for (std::size_t i : all) f(i);
  } else {
    for (std::size_t i = 0; i < n; ++i) f(order == Order::descending ? n - 1 - i : i);
  }
}

template <Order order>
void run_phase(Index threads, const std::function<void(Index)>& thread) {
  run_in_order(order, threads, [&](std::size_t t) { thread(static_cast<Index>(t)); });
}

inline kernels::PhaseRunner runner_of(Order order) {
  constexpr kernels::PhaseRunner all[] = {
      nullptr, run_phase<Order::descending>, run_phase<Order::shuffled>, run_phase<Order::real_threads>, nullptr,
      nullptr};
  return all[static_cast<int>(order)];
}

/// One block, every thread of it on a thread of its own: f(block).
inline void run_whole_threads(Index count, const std::function<void(const kernels::Block&)>& f) {
  std::barrier<> barrier(count);
  const auto meet = [](void* place) { static_cast<std::barrier<>*>(place)->arrive_and_wait(); };
  std::vector<std::thread> threads;
  for (Index t = 0; t < count; ++t)
    threads.emplace_back([&, t] { f(kernels::Block{count, nullptr, meet, &barrier, t}); });
  for (std::thread& t : threads) t.join();
}

/// The blocks of a launch with their shared memory.
template <class F>
class Blocks {
 public:
  using Shared = typename F::Shared;
  Blocks(Order order, std::size_t count, const F& f) : order_(order), shared_(count) {
    if constexpr (requires { f.shared_bytes(); }) bytes_ = f.shared_bytes();
  }
  using Body = std::function<void(const kernels::Block&, std::size_t, Shared&)>;
  /// Calls f(block, index, shared) for all of them. Shared memory is of exactly its size, so that the address sanitizer
  /// sees what goes beyond, and stays until these blocks end; `once`: until the call ends.
  void each(bool once, const Body& f) {
    const auto run = [&](std::size_t b) {
      one(b, f);
      if (once) shared_[b].reset();
    };
    run_in_order(order_ == Order::real_blocks || order_ < Order::real_threads ? order_ : Order::ascending,
                 shared_.size(), run);
  }
  void one(std::size_t b, const Body& f) {
    Shared& shared = of(b);
    if (order_ == Order::whole_threads)
      run_whole_threads(F::threads, [&](const kernels::Block& block) { f(block, b, shared); });
    else
      f(kernels::Block{F::threads, runner_of(order_)}, b, shared);
  }
  Shared& of(std::size_t b) {
    if (!shared_[b]) fill_with_rubbish((shared_[b] = Room(std::malloc(bytes_))).get(), bytes_);
    return *reinterpret_cast<Shared*>(shared_[b].get());
  }

 private:
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  using Room = std::unique_ptr<void, Free>;
  Order order_;
  std::size_t bytes_ = sizeof(Shared);
  std::vector<Room> shared_;
};

/// The blocks of a cluster: phase by phase, or in orders of real threads each on its own from one meeting to the next.
template <class F>
class ClusterOnHost final : public kernels::Cluster<typename F::Shared>::Host {
 public:
  using Cluster = kernels::Cluster<typename F::Shared>;
  ClusterOnHost(Order order, Index count, const F& f) : blocks_(order, count, f), barrier_(count) {
    for (Index b = 0; b < count; ++b) blocks_.of(b);  // before another block looks there
  }
  void phase(Index self, const typename Cluster::Body& body) const override {
    const auto one = [&](const kernels::Block& block, std::size_t b, typename F::Shared& shared) {
      body(block, static_cast<Index>(b), shared);
    };
    self == Cluster::all_blocks ? blocks_.each(false, one) : blocks_.one(self, one);
  }
  void meet() const override { barrier_.arrive_and_wait(); }
  typename F::Shared& memory(Index rank) const override { return blocks_.of(rank); }

 private:
  mutable Blocks<F> blocks_;
  mutable std::barrier<> barrier_;
};

class HostLauncher {
 public:
  HostLauncher(Order order, bool graphs, Memory memory = Memory::heap)
      : memory(make_memory(memory)), order_(order), graphs_(graphs) {}
  HostLauncher(const HostLauncher&) = delete;
  ~HostLauncher() {
    for (Room& room : scratch_) memory->give(room.data);
  }
  const std::unique_ptr<DeviceMemory> memory;

  template <class F>
  void items(const char*, Index nx, std::size_t ny, const F& f) {
    launch([this, nx, ny, f] {
      run_in_order(order_, nx * ny, [&](std::size_t i) { f(static_cast<Index>(i % nx), i / nx); });
    });
  }
  template <class F>
  void blocks(const char*, std::size_t count, const F& f) {
    launch([this, count, f] { Blocks<F>(order_, count, f).each(true, f); });
  }
  template <class F>
  void grid(const char*, std::size_t count, const F& f) {
    if (!f.apart() && count > many_processors) throw Error("more blocks wait for each other than run at once");
    launch([this, count, f] {
      using Shared = typename F::Shared;
      Blocks<F> all(order_, count, f);
      const auto runner = [](const void* place, const typename kernels::Grid<Shared>::Body& body) {
        static_cast<Blocks<F>*>(const_cast<void*>(place))->each(false, body);
      };
      f(kernels::Grid<Shared>{F::threads, f.apart(), nullptr, runner, &all});
    });
  }
  template <class F>
  Index clusters_at_once(Index blocks, const F&) const {
    return blocks <= cluster_blocks ? many_processors / blocks : 0;
  }
  template <class F>
  void clusters(const char*, std::size_t count, Index blocks, const F& f) {
    launch([this, count, blocks, f] {
      ++clusters_run;
      run_in_order(order_ < Order::real_threads ? order_ : Order::ascending, count, [&](std::size_t c) {
        const ClusterOnHost<F> host(order_, blocks, f);
        kernels::Cluster<typename F::Shared> all{F::threads, blocks, c, nullptr, &host};
        if (order_ <= Order::real_threads) return f(all);
        std::vector<std::thread> threads;
        for (all.self = 0; all.self < blocks; ++all.self) threads.emplace_back([&f, all] { f(all); });
        for (std::thread& t : threads) t.join();
      });
    });
  }
  void zero(void* to, std::size_t bytes) {
    launch([=] {
      if (bytes) std::memset(to, 0, bytes);  // no memory is a null pointer
    });
  }
  void copy(void* to, const void* from, std::size_t bytes) {
    launch([=] {
      if (bytes) std::memmove(to, from, bytes);
    });
  }
  /// From the last term to the first, so that nobody takes its bits for those of an exact sum.
  void multiply(const DenseView& w, Batch<const real> x, Index group, Batch<real> out) {
    launch([=] {
      for (Index b = 0; b < x.batches; ++b)
        for (Index i = 0; i < w.n_post; ++i) {
          real sum = 0;
          for (Index j = w.n_pre; j-- > 0;) sum += w.row(b / group, j)[i] * x.at(b)[j];
          out.at(b)[i] = sum;
        }
    });
  }
  void running_sums(const Index* from, std::uint64_t* to, std::size_t count) {
    launch([=] {
      to[0] = 0;
      for (std::size_t i = 0; i < count; ++i) to[i + 1] = to[i] + from[i];
    });
  }
  void sort_by_key(Index* keys, Index* values, std::size_t count) {
    launch([=] {
      std::vector<std::pair<Index, Index>> all(count);
      for (std::size_t i = 0; i < count; ++i) all[i] = {keys[i], values[i]};
      std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      for (std::size_t i = 0; i < count; ++i) std::tie(keys[i], values[i]) = all[i];
    });
  }
  template <class T>
  T* scratch(kernels::Scratch which, std::size_t count) {
    Room& room = scratch_[static_cast<std::size_t>(which)];
    if (const std::size_t bytes = count * sizeof(T); room.bytes < bytes) {
      if (recorded_) throw Error("scratch grew while a step was recorded");
      if (before_scratch_moves) before_scratch_moves();
      memory->give(room.data);
      room = {memory->take(bytes), bytes};
      const Access access(*memory);
      std::memset(room.data, 0, bytes);
    }
    return static_cast<T*>(room.data);
  }
  kernels::Scratch new_scratch() {
    scratch_.emplace_back();
    return static_cast<kernels::Scratch>(scratch_.size() - 1);
  }
  std::function<void()> before_scratch_moves;

  /// As on the device: launches with the arguments they had when they were recorded.
  using Graph = std::vector<std::function<void()>>;
  bool graphs() const { return graphs_; }
  Graph capture(const std::vector<std::function<void()>>& calls) {
    Graph graph;
    recorded_ = &graph;
    for (const auto& call : calls) call();
    recorded_ = nullptr;
    ++captures;
    return graph;
  }
  void replay(Graph& graph) {
    const Access access(*memory);
    for (const auto& launched : graph) launched();
    ++replays;
  }
  int captures = 0, replays = 0, clusters_run = 0;
  Index processors() const { return many_processors; }
  kernels::SharedMemory shared_memory() const { return shared; }
  kernels::SharedMemory shared;
  Index many_processors = 132;
  Index cluster_blocks = 16;  ///< a cluster may have

 private:
  struct Room {
    void* data = nullptr;
    std::size_t bytes = 0;
  };
  template <class F>
  void launch(F&& f) {
    if (recorded_) {
      recorded_->emplace_back(std::forward<F>(f));
      return;
    }
    const Access access(*memory);
    f();
  }
  Order order_;
  bool graphs_;
  Graph* recorded_ = nullptr;
  std::vector<Room> scratch_ = std::vector<Room>(static_cast<std::size_t>(kernels::Scratch::count_));
};

}  // namespace engram::testing_kernels
