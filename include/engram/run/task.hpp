// What a run is to the engine: a job of so many ticks that a model family defines, and the recorder it writes to.
// The driver (engine/run/simulation.cpp) owns the loop: progress, signals, guards, checkpoints, the run folder.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engram/backend.hpp"

namespace engram {

class ConfigReader;  // engram/run/config_reader.hpp

/// Takes what a run produces. Rows go to disk in chunks, so memory stays bounded; nothing is kept that nobody asked
/// for.
class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Whether rows of this attribute or column are kept now; spares the work of computing what nobody asked for.
  virtual bool wants(std::string_view /*name*/) const { return true; }
  /// One row of metrics.csv: time, replica, layer, unit (or -1), attribute, value.
  virtual void metric(Tick time, Index replica, std::string_view layer, std::string_view attribute, double value,
                      std::int64_t unit = -1) = 0;
  /// Appends rows to the NPY column `name` (such as "winners/A/unit"); its file is <name>.npy, `width` values a row.
  virtual void append(std::string_view name, std::span<const std::uint64_t> values, std::size_t width = 1) = 0;
  virtual void append(std::string_view name, std::span<const std::uint32_t> values, std::size_t width = 1) = 0;
  virtual void append(std::string_view name, std::span<const double> values, std::size_t width = 1) = 0;
  virtual void append(std::string_view name, std::span<const float> values, std::size_t width = 1) = 0;
};

/// Sees every array that makes up the state of a task, by name. Saving reads them, restoring writes them.
class StateVisitor {
 public:
  virtual ~StateVisitor() = default;
  /// `shape` in row-major order, its product being the size. Host arrays and device arrays alike.
  virtual void array(std::string_view name, std::span<const std::size_t> shape, Array<real>& values) = 0;
  virtual void array(std::string_view name, std::span<const std::size_t> shape, Array<Index>& values) = 0;
  virtual void array(std::string_view name, std::span<const std::size_t> shape, Array<fixed>& values) = 0;
  virtual void array(std::string_view name, std::span<const std::size_t> shape, Array<std::uint64_t>& values) = 0;
  /// State with a layout of its own: `get` gives the canonical host form, `set` takes it back.
  virtual void values(std::string_view name, std::span<const std::size_t> shape,
                      const std::function<std::vector<real>()>& get,
                      const std::function<void(std::span<const real>)>& set) = 0;
  /// Small state of the host, such as counters and histories.
  virtual void json(std::string_view name, const std::function<nlohmann::json()>& get,
                    const std::function<void(const nlohmann::json&)>& set) = 0;
  /// A list of the host whose length only the file knows: restoring takes that one.
  virtual void words(std::string_view name, std::vector<std::uint32_t>& values) = 0;
  /// Real values that are saved within other state. Who looks for values that are not finite asks for them by itself;
  /// saving and restoring need not.
  virtual bool looks_inside() const { return false; }
  virtual void inside(std::string_view /*name*/, std::span<const float>) {}
  virtual void inside(std::string_view /*name*/, std::span<const double>) {}
};

/// One configured job. After the ticks 0 .. ticks()-1, or those from the tick of a checkpoint on, it is complete.
class Task {
 public:
  virtual ~Task() = default;
  virtual Tick ticks() const = 0;
  /// Does ticks from t on, one after the other: at least one, at most `most`; returns how many. A family takes many in
  /// one launch where nobody wants to see what lies between. How ticks are divided into calls changes no bit.
  virtual Tick advance(Tick t, Tick most, Recorder&) = 0;
  void tick(Tick t, Recorder& recorder) { advance(t, 1, recorder); }
  virtual void finish(Recorder&) {}
  /// All state between two ticks, so that a restored task continues with the same bits.
  virtual void visit(StateVisitor&) = 0;
  /// What a user wants to see at the end, flat: printed as a table, kept in the manifest as "results".
  virtual nlohmann::ordered_json results() const = 0;
};

struct TaskContext {
  Backend& backend;
  std::vector<std::uint64_t> seeds;  ///< one a replica
  Tick record_every = 1;             ///< the recorder keeps the rows of ticks that are multiples of this
};

/// A configuration that was read and checked.
class Plan {
 public:
  virtual ~Plan() = default;
  /// Bytes on the device and the host that a task of so many replicas would take: the forecast before anything is
  /// allocated.
  virtual std::size_t memory(std::size_t replicas) const = 0;
  /// A task that needs this plan no longer.
  virtual std::unique_ptr<Task> build(const TaskContext&) const = 0;
};

/// A model family as the command line sees it: "model": {"type": name, ...}.
struct Family {
  const char* name;
  const char* help;
  /// Reads and checks the whole configuration. Problems go to the reader; where there is one, this returns null.
  std::unique_ptr<Plan> (*read)(ConfigReader& experiment);
  /// JSON Schema (draft-07) of the keys this family adds at the top level of an experiment.
  nlohmann::ordered_json (*schema)();
};

/// All families; the list stands in engine/models/registry.cpp.
std::span<const Family> families();

}  // namespace engram
