// What a run is to the engine: a job of so many ticks that a model family defines, and the recorder it writes to.
// The driver (engine/run/simulation.cpp) owns the loop: progress, signals, guards, checkpoints, the run folder.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engram/backend.hpp"
#include "engram/run/series.hpp"
#include "engram/run/state_visitor.hpp"

namespace engram {

class ConfigReader;  // engram/run/config_reader.hpp

/// Takes what a run produces. Rows go to disk in chunks, so memory stays bounded; nothing is kept that nobody asked
/// for.
class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Whether rows of this attribute or column are kept now; spares the work of computing what nobody asked for.
  virtual bool wants(std::string_view /*name*/) const { return true; }
  /// The first tick from t on, within this phase, of which rows of this name may be kept; no_tick where there is none.
  static constexpr Tick no_tick = ~Tick{0};
  virtual Tick next_wanted(std::string_view /*name*/, Tick t) const { return t; }
  /// What is written from here to the end of this tick stands for the ticks first .. last: a selection of every N-th
  /// tick keeps it where one of these is such a tick. So a measurement each 4 steps is not lost to a selection of every
  /// other tick.
  virtual void covers(Tick /*first*/, Tick /*last*/) {}
  /// What is written from here to the end of this tick, the last one of its phase, a phase writes once. It is kept
  /// whatever the tick, and a run that is made longer writes it anew.
  virtual void concludes() {}
  /// The units of a series that somebody asked for, ascending; none: all. Who writes lists of units, or a row with a
  /// value a unit, leaves out the others.
  virtual std::span<const Index> units(std::string_view /*name*/) const { return {}; }
  /// One row of metrics.csv: time, replica, layer, unit (or -1), attribute, value.
  virtual void metric(Tick time, Index replica, std::string_view layer, std::string_view attribute, double value,
                      std::int64_t unit = -1) = 0;
  /// Appends rows to the NPY column `name` (such as "winners/A/unit"); its file is <name>.npy, `width` values a row.
  virtual void append(std::string_view name, std::span<const std::uint64_t> values, std::size_t width = 1) = 0;
  virtual void append(std::string_view name, std::span<const std::uint32_t> values, std::size_t width = 1) = 0;
  virtual void append(std::string_view name, std::span<const double> values, std::size_t width = 1) = 0;
  virtual void append(std::string_view name, std::span<const float> values, std::size_t width = 1) = 0;
};

/// A phase of a protocol: ticks [begin, end), under the label of its results.
struct PhaseSpan {
  std::string label;
  Tick begin = 0, end = 0;
};

/// One configured job. After the ticks 0 .. ticks()-1, or those from the tick of a checkpoint on, it is complete.
class Task {
 public:
  virtual ~Task() = default;
  virtual Tick ticks() const = 0;
  /// Does ticks from t on, one after the other: at least one, at most `most`; returns how many. A family takes many in
  /// one launch where nobody wants to see what lies between. How ticks are divided into calls changes no bit.
  virtual Tick advance(Tick t, Tick most, Recorder&) = 0;
  /// The phase that holds tick t; a call of advance() does not go beyond it.
  virtual PhaseSpan phase_at(Tick) const { return {"", 0, ticks()}; }
  /// Ticks that the networks had behind them where this run began: those of the run whose state they go on from.
  virtual Tick origin() const { return 0; }
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
  Tick record_every = 1;             ///< rows are kept of multiples of this, of last ticks of phases, and of none else
};

/// What tells the networks of a run apart beside their seeds: a JSON pointer, and its value in each network as text.
struct Swept {
  std::string pointer;
  std::vector<std::string> values;
};

/// A configuration that was read and checked.
class Plan {
 public:
  virtual ~Plan() = default;
  /// Bytes on the device and the host that a task of so many replicas would take: the forecast before anything is
  /// allocated.
  virtual std::size_t memory(std::size_t replicas) const = 0;
  /// What takes most of that, in words: "the weights of in, 400 x 300"; "" where nothing does.
  virtual std::string largest_array() const { return {}; }
  /// Names of all attributes and columns that such a run may write; none: any name may be one.
  virtual std::vector<std::string> series() const { return {}; }
  /// Labels of its phases; none: any label may be one.
  virtual std::vector<std::string> phases() const { return {}; }
  /// Of a run of so many seeds whose networks are more than these: network r has seed r modulo their number.
  virtual std::vector<Swept> swept(std::size_t /*seeds*/) const { return {}; }
  /// The task keeps what it needs of this plan, which may go before it.
  virtual std::unique_ptr<Task> build(const TaskContext&) const = 0;
  /// Of whatever is recorded unit by unit, the largest number of units; 0: nobody knows.
  virtual std::size_t max_units() const { return 0; }
};

/// A model family as the command line sees it: "model": {"type": name, ...}.
struct Family {
  const char* name;
  const char* help;
  /// Reads and checks the whole configuration. Problems go to the reader; where there is one, this returns null.
  std::unique_ptr<Plan> (*read)(ConfigReader& experiment);
  /// JSON Schema (draft-07) of the keys this family adds at the top level of an experiment.
  nlohmann::ordered_json (*schema)();
  /// Which number of a phase makes it longer and changes nothing of what came before: "steps", or "do:key" of each do
  /// that has one, with "|" between them; "" where none does.
  const char* lengthened_by = "";
  /// What its runs can write down; Plan::series has the names in one experiment.
  std::vector<Series> series = {};
};

/// All families; the list stands in engine/models/registry.cpp.
std::span<const Family> families();

}  // namespace engram
