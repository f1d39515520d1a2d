// Adds the operations of tensors.hpp to a schedule, over parts of its arrays and with what they do to these.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engram/nef/synapses.hpp"
#include "engram/nef/tensors.hpp"
#include "engram/schedule.hpp"

namespace engram::nef {

/// Where the arrays of a schedule lie on a device.
class Binder {
 public:
  Binder(const Memory& memory, const Schedule& schedule) : memory_(memory), schedule_(schedule) {}
  View operator()(const Part&) const;
  View operator()(const std::optional<Part>& part) const { return part ? (*this)(*part) : View{}; }
  std::int64_t* integers(ArrayId id) const { return memory_.integers(id); }
  const std::int64_t* integers(const std::optional<ArrayId>& id) const { return id ? integers(*id) : nullptr; }
  std::size_t stride(ArrayId id) const { return memory_.stride(id); }
  real* reals(ArrayId id) const { return memory_.reals(id); }
  Index replicas() const { return memory_.replicas(); }

 private:
  const Memory& memory_;
  const Schedule& schedule_;
};

/// An operation before its arrays have a place.
using MakeOperation = std::function<Operation(const Binder&)>;
const OperationKind& tensor_operations();

/// How a result reaches an array; see Schedule.
enum class Mode { set, increment, update };

/// Adds operations to a schedule. `name` says of what an operation is a part.
class Operations {
 public:
  explicit Operations(Schedule& schedule) : schedule_(schedule) {}

  void clock(ArrayId step, ArrayId time, double dt);
  void fill(const std::string& name, Part to, double value);
  void copy(const std::string& name, Part to, Part from, Mode);
  void scale(const std::string& name, Part to, Part a, Part x, Mode);
  void product(const std::string& name, Part to, Part a, Part x, Mode);
  /// `touched`: rows that Voja's rule moved in this step.
  void held_product(const std::string& name, Part to, Part a, Part x, std::optional<Part> touched);
  /// See Gather. The lists become arrays of the schedule.
  struct Sources {
    std::vector<std::int64_t> target, start, source, at;
  };
  void gather(const std::string& name, Part to, std::optional<Part> weight, Part x, Sources, Mode);
  /// Columns of `values` in turn, `hold` steps each; or each from its step on.
  void table(const std::string& name, Part to, Part values, std::int64_t hold);
  void table(const std::string& name, Part to, Part values, std::vector<std::int64_t> start);
  void map(const std::string& name, Part to, Part x, Function);
  void neurons(const std::string& name, const NeuronType&, Part current, Part out, std::span<const Part> state,
               std::optional<ArrayId> seed, double dt);
  /// y follows u through the filter: Lowpass and others, Triangle; not for NoSynapse.
  void filter(const std::string& name, Part y, Part u, const SynapseType&, double dt, Mode);
  void draw(const std::string& name, Part to, ArrayId seed, Noise, double offset, double scale, Mode);
  /// Without `other`, `gate`, `scale` where a rule has none.
  struct TermParts {
    Learning rule = Learning::outer;
    Part u, v;
    std::optional<Part> other, gate, scale;
    double rate = 0, beta = 0;
  };
  /// Changes a matrix by what the last step left.
  void learn(const std::string& name, Part matrix, const std::vector<TermParts>& terms);
  /// Changes it by what this step left, for the next one.
  void learn_now(const std::string& name, Part matrix, const TermParts& term);
  void change(const std::string& name, Part to, Part matrix, const TermParts& term);
  void rls_gain(const std::string& name, Part gain, Part a, Part q);
  /// Keeps x of the last `rows` steps, of those where step mod period < 1; returns the array.
  ArrayId record(const std::string& name, Part x, Index rows, double period, Index replicas, bool after);

 private:
  void add(const std::string& name, const char* does, std::vector<Use> uses, MakeOperation make);
  std::string fresh(const std::string& name) const;  ///< a name that no array has yet
  std::optional<ArrayId> list(const std::string& name, std::vector<std::int64_t> values);

  Schedule& schedule_;
};

}  // namespace engram::nef
