// The line between models and machines. Everything above it is plain C++ that knows no device; everything below runs
// operations over whole populations. An operation never makes the host wait, except download and synchronize.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engram/core/array.hpp"
#include "engram/core/random.hpp"
#include "engram/extension.hpp"
#include "engram/operations.hpp"

namespace engram {

struct DeviceInfo {
  std::string kind;  ///< "cpu" or "cuda"
  std::string name;
  std::string instruction_set;
  int threads = 1;
  /// Jobs of `split` that run at the same time; 0: operations over all of something are faster here than parts in turn.
  int jobs = 0;
  std::size_t memory_total = 0, memory_free = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual const DeviceInfo& info() const = 0;

  virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void*) noexcept = 0;
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  virtual void download(void* to, const void* from, std::size_t bytes) = 0;
  virtual void copy(void* to, const void* from, std::size_t bytes) = 0;  ///< within the device
  virtual void zero(void*, std::size_t bytes) = 0;
  virtual void synchronize() = 0;
  /// Seconds that the operations of `work` take on the device; waits for them. A device with events times by these.
  virtual double time(const std::function<void()>& work);

  /// Walks a projection once: see Sweep.
  virtual void sweep(const Synapses&, const Sweep&) = 0;
  /// The one operation whose bits are no promise, for a library adds as it likes:
  /// out[b][i] = sum over j of weight[b / group][0][j][i] * x[b][j], the weights of `group` batches being those of one
  /// replica. Each value is within error_of_sum(n_pre) of the true sum, as a share of the sum of magnitudes; the same
  /// call on the same machine gives the same bits. `out` is another array than x. A device opens its library at the
  /// first call, so one of no batches shows whether there is one: throws LibraryError where there is none, Error where
  /// sizes do not fit.
  virtual void multiply(const DenseView& weights, Batch<const real> x, Index group, Batch<real> out) = 0;
  /// Applies a rule to every unit of every batch. A rule that reads values of a whole layer finds those of the unit's
  /// segment in `shared`, [batch][segment][value]. Throws Error where columns are missing.
  virtual void update(const UnitRule&, UnitColumns, const Segments&, Batch<const real> shared) = 0;
  /// The same, one unit after the other in the given order: each change of a unit's first column goes at once, times
  /// its outgoing weights, into the second column of all units. `group` batches share one replica of weights; `shared`
  /// is [batch][value].
  virtual void update_in_order(const UnitRule&, UnitColumns, Batch<const real> shared, const DenseView& weights,
                               Batch<const Index> order, Index group) = 0;
  /// The k largest scores of each batch, equal ones by lower index, listed in ascending index. NaN counts lowest.
  virtual void select_top_k(Batch<const real> score, Index k, const Active& winners) = 0;
  /// All units with x > above, ascending, with their values if `out.value` is set; a full list ends there.
  virtual void collect(Batch<const real> x, real above, const Active& out) = 0;
  /// One number for each segment of x: out[batch][segment]. out says how many batches and segments there are.
  virtual void summarize(Batch<const real> x, const Segments&, const Summary&, Batch<real> out) = 0;
  /// to[batch][i] = from[batch][at[i]] for all i < at.size; every at[i] must be a unit of `from`, and `to` another
  /// array. to says how many batches there are.
  virtual void gather(Batch<const real> from, Span<const Index> at, Batch<real> to) = 0;
  /// One number a unit: unit u of batch b draws from seeds[b] at (stream, tick).
  virtual void sample(const Distribution&, Span<const std::uint64_t> seeds, Stream, Tick, Batch<real> out) = 0;

  /// Calls job(backend, i) for every i < count, in any order and possibly in parallel. A job computes with the backend
  /// that it is given, on arrays that no other job writes. `cost` estimates the elementary operations of all jobs;
  /// small totals run one after the other.
  virtual void split(std::size_t count, std::size_t cost, const std::function<void(Backend&, std::size_t)>& job);

  /// Operations between these may be held back until end_step and run as one recorded graph, where the device has
  /// graphs. `key` names the sequence: the same operations on the same arrays every time, or on a few sets of them in
  /// turn (swapped lists); other calls are found out and run one by one. `tick` is that of the step: a graph is
  /// recorded once for all ticks. An exception between the two abandons the step.
  virtual void begin_step(std::uint64_t /*key*/, Tick /*tick*/) {}
  virtual void end_step() {}

  /// What a family needs beyond these operations, or null where this backend does not have it; see Extension. It lives
  /// as long as the backend. A model asks once, in its constructor.
  template <class E>
  E* extension() {
    return static_cast<E*>(find_extension(E::id));
  }
  /// The same; throws DeviceError where this backend does not have it.
  template <class E>
  E& need_extension() {
    if (E* found = extension<E>()) return *found;
    throw DeviceError(info().kind + ": this device does not offer " + std::string(E::id));
  }
  virtual Extension* find_extension(ExtensionId) { return nullptr; }
};

struct BackendOptions {
  int threads = 0;  ///< of the CPU; 0: all that the process may use
};

/// "cpu", "cuda", "cuda:1", or "auto": CUDA where a device works, else the CPU. Only "auto" chooses; the others throw
/// DeviceError with the reason when they cannot be had.
std::unique_ptr<Backend> make_backend(const std::string& name = "auto", const BackendOptions& = {});

/// Why CUDA cannot run here, or an empty string.
std::string cuda_unavailable();

}  // namespace engram
