// A network as data: named arrays, and an ordered list of operations over them that makes one step. What a step does is
// decided once; then as many steps as one likes run in a call, without anything of the host between them.
//
// In a step each array is seen in this order: operations that need what the last step left; at most one that sets it;
// increments, in the order in which they were added; those that read it; at most one update, which the next step sees;
// those that look at what the step leaves. The order of the operations follows from this.
#pragma once

#include <any>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engram/core/array.hpp"
#include "engram/core/place.hpp"
#include "engram/run/state_visitor.hpp"

namespace engram {

class Backend;

using ArrayId = std::uint32_t;

/// Every step-th of some neighbouring indices.
struct Progression {
  std::int32_t first = 0, step = 1;
  Index count = 1;

  bool operator==(const Progression&) const = default;
};

/// A part of an array of a schedule, as a matrix; a vector has one column.
struct Part {
  ArrayId array = 0;
  Progression rows, cols;

  bool operator==(const Part&) const = default;
};

enum class Access { last, set, increment, read, update, after };

struct Use {
  Access access;
  Part part;
};

class Schedule;
class Program;

/// Where the arrays of a schedule lie, each with its replicas one behind the other.
class Memory {
 public:
  virtual ~Memory() = default;
  virtual Index replicas() const = 0;
  /// First value of the first replica, and the distance between replicas; 0 where all share one.
  virtual real* reals(ArrayId) const = 0;
  virtual std::int64_t* integers(ArrayId) const = 0;
  virtual std::size_t stride(ArrayId) const = 0;
};

/// Runs steps: ticks first, first + 1, ...
using Steps = std::function<void(Tick first, Tick count)>;

/// A kind of operations. Neighbours of one kind are handed over together, so that they may run many steps by
/// themselves.
class OperationKind {
 public:
  virtual ~OperationKind() = default;
  virtual Steps bind(Backend&, const Memory&, const Schedule&, std::span<const std::any*> operations) const = 0;
};

/// Calls of the operations of a backend: `std::any` of a BackendCall.
using BackendCall = std::function<void(Backend&, const Memory&, Tick)>;
const OperationKind& backend_calls();

class Schedule {
 public:
  struct Entry {
    std::string name;  ///< of what, such as "ensemble memory"; an error names the members of a cycle
    std::string does;  ///< such as "neurons"
    const OperationKind* kind;
    std::any operation;
    std::vector<Use> uses;
  };
  struct ArrayInfo {
    std::string name;
    Index rows = 1, cols = 1;  ///< column after column
    bool integer = false;
    bool shared = false;          ///< all replicas read one; nothing may write it
    std::vector<double> initial;  ///< of one replica, which all start from, or of each; empty: 0
    std::vector<std::int64_t> initial_integers;

    std::size_t size() const { return std::size_t{rows} * cols; }
  };

  /// Throws Error where the name is taken.
  ArrayId add(ArrayInfo array);
  void add(Entry entry) { entries_.push_back(std::move(entry)); }

  Part whole(ArrayId id) const { return {id, {0, 1, arrays_[id].rows}, {0, 1, arrays_[id].cols}}; }
  const ArrayInfo& array(ArrayId id) const { return arrays_[id]; }
  ArrayInfo& array(ArrayId id) { return arrays_[id]; }
  std::size_t arrays() const { return arrays_.size(); }
  ArrayId find(std::string_view name) const;  ///< throws Error with the nearest name
  bool has(std::string_view name) const;

  /// Puts the operations into an order that keeps the rules above; of those that are free, the one added first comes
  /// first. Throws Error where two set or update one value, or where operations wait for each other: then it names
  /// them, in order.
  void order();
  std::span<const Entry> entries() const { return entries_; }
  /// Whether any operation writes the array.
  bool written(ArrayId) const;
  /// A line an operation, with what it reads and writes.
  std::string print() const;
  /// Of the arrays on the device.
  std::size_t bytes(std::size_t replicas) const;

 private:
  std::vector<ArrayInfo> arrays_;
  std::vector<Entry> entries_;
};

/// A schedule on a backend, with its state.
class Program final : private Memory {
 public:
  /// Takes the initial values of the arrays out of the schedule.
  Program(Backend&, Schedule schedule, Index replicas);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void run(Tick first, Tick count);
  const Schedule& schedule() const { return schedule_; }
  Index replicas() const override { return replicas_; }
  /// Column after column, of one replica.
  std::vector<real> values(ArrayId, Index replica = 0) const;
  std::vector<std::int64_t> whole_numbers(ArrayId, Index replica = 0) const;
  void set(ArrayId, Index replica, std::span<const real> values);
  /// `count` values from the `first` on, as they lie.
  std::vector<real> stretch(ArrayId, std::size_t first, std::size_t count) const;
  /// Every array that a step writes.
  void visit(StateVisitor&);
  /// Every array of reals, [replica][row] or [replica][row][column]. One that all replicas share is not to be written.
  std::vector<Place> places() const;

 private:
  real* reals(ArrayId) const override;
  std::int64_t* integers(ArrayId) const override;
  std::size_t stride(ArrayId) const override;

  Backend& backend_;
  Schedule schedule_;
  Index replicas_;
  std::vector<Array<real>> reals_;
  std::vector<Array<std::int64_t>> integers_;
  std::vector<Steps> groups_;
};

}  // namespace engram
