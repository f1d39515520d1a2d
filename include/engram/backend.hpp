// The line between models and machines. Everything above it is plain C++ that knows no device; everything below runs
// operations over whole populations. An operation never makes the host wait, except download and synchronize.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "engram/attractor/steps.hpp"
#include "engram/core/array.hpp"
#include "engram/core/random.hpp"
#include "engram/rules/registry.hpp"
#include "engram/sorn/steps.hpp"
#include "engram/synapses/synapses.hpp"

namespace engram {

struct DeviceInfo {
  std::string kind;  ///< "cpu" or "cuda"
  std::string name;
  std::string instruction_set;
  int threads = 1;
  std::size_t memory_total = 0, memory_free = 0;
};

/// Which units are active, ascending, one list a batch; `count` lives on the device. Without `value` each counts 1.
struct Active {
  Index* index = nullptr;  ///< [batch][stride]
  Index* count = nullptr;  ///< [batch]
  real* value = nullptr;   ///< [batch][stride], or null
  std::size_t stride = 0;  ///< room for a list; 0: all batches read one list
  Index units = 0, batches = 1;
};

inline constexpr int max_columns = 4;
/// The per-unit values a rule reads: now, previous, trace, ...
struct Columns {
  Batch<const real> at[max_columns];
};

/// A population as a rule or a drive sees it.
using Units = std::variant<std::monostate, Columns, Active>;

/// Normalisation that leaves the weights alone: the effective weight is scale[post] * weight. `sum` is the running
/// incoming sum of the raw weights; being made of integers it equals a fresh sum exactly, so normalising reads no
/// weight.
struct Scaling {
  Batch<real> scale = {};
  Batch<fixed> sum = {};
  bool recount = false;  ///< sum the weights anew first: once, after they were set from outside
};

/// One walk over a projection. What is unset is skipped; what is set happens in this order.
struct Sweep {
  // 1. Plasticity. Lists of active units may stand in for columns where the rule changes nothing else.
  const SynapseRule* learn = nullptr;
  Units pre = {}, post = {};
  Batch<const real> shared = {};  ///< values of the whole layer, if the rule reads any
  bool keep_diagonal = false;     ///< the synapse of a unit onto itself does not learn
  // 2. Incoming weights of each unit are divided by their sum and multiplied by this; an empty row stays.
  std::optional<real> normalize_to = {};
  // 3. drive[post] += gain * sum of weight * source, with the weights that 1 and 2 left.
  Units source = {};
  real gain = 1;
  Batch<real> drive = {};

  Scaling scaling = {};  ///< set: scaled normalisation (Dense and Outgoing)
  Index group = 1;       ///< batches of state that share one replica of weights; learning needs 1
};

/// The per-unit values a unit rule reads and writes; batches of stride 0 are shared and may only be read.
inline constexpr int max_unit_columns = 8;
struct UnitColumns {
  Batch<real> at[max_unit_columns];
};

/// How `sample` draws.
struct Uniform {
  real low = 0, high = 1;
};
struct Normal {
  real mean = 0, sd = 1;
};
using Distribution = std::variant<Uniform, Normal>;

class FibreOperations;  // engram/calculus/connections.hpp

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
  /// Applies a rule to every unit of every batch; the first column says how many there are.
  virtual void update(const UnitRule&, const UnitColumns&, Batch<const real> shared) = 0;
  /// The same, one unit after the other in the given order: each change of a unit's first column goes at once, times
  /// its outgoing weights, into the second column of all units. `group` batches share one replica of weights.
  virtual void update_in_order(const UnitRule&, const UnitColumns&, Batch<const real> shared, const DenseView& weights,
                               Batch<const Index> order, Index group) = 0;
  /// The k largest scores of each batch, equal ones by lower index, listed in ascending index. NaN counts lowest.
  virtual void select_top_k(Batch<const real> score, Index k, const Active& winners) = 0;
  /// All units with x > above, ascending, with their values if `out.value` is set; a full list ends there.
  virtual void collect(Batch<const real> x, real above, const Active& out) = 0;
  /// One number a unit: unit u of batch b draws from seeds[b] at (stream, tick).
  virtual void sample(const Distribution&, Span<const std::uint64_t> seeds, Stream, Tick, Batch<real> out) = 0;
  /// Steps of SORN networks: see SornRun.
  virtual void run_sorn(const SornView&, const SornRun&) = 0;
  /// Steps of attractor networks: see AttractorRun. Made of the operations above; a backend may take each network
  /// through all of them before the next, which changes no bit.
  virtual void run_attractor(const AttractorView&, const AttractorRun&);

  /// Does job(backend, i) for all i < count, in any order and maybe side by side: a job computes with the backend it is
  /// given, on arrays that no other job writes. `work` is about the elementary operations of all.
  virtual void jobs(std::size_t count, std::size_t /*work*/, const std::function<void(Backend&, std::size_t)>& job) {
    for (std::size_t i = 0; i < count; ++i) job(*this, i);
  }

  /// The operations of the assembly calculus; throws DeviceError where a device has none.
  virtual FibreOperations& fibres() {
    throw DeviceError(info().kind + ": the assembly calculus does not run on this device");
  }

  /// Operations between these may be held back until end_step and run as one recorded graph, where the device has
  /// graphs. `key` names the sequence: the same operations on the same arrays every time, or on a few sets of them in
  /// turn (swapped lists); other calls are found out and run one by one. `tick` is that of the step: a graph is
  /// recorded once for all ticks. An exception between the two abandons the step.
  virtual void begin_step(std::uint64_t /*key*/, Tick /*tick*/) {}
  virtual void end_step() {}
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
