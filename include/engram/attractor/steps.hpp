// Steps of attractor networks: networks of equal size, and a run of so many steps under a constant bias. Made of
// general operations; a network of 64 units takes half a microsecond a step, though, too short for a launch each. So
// the CPU takes each thread's networks through all steps while their weights stay in its first cache, and a GPU may
// offer an extension that does so with a block each.
#pragma once

#include "engram/extension.hpp"
#include "engram/operations.hpp"
#include "engram/rules/registry.hpp"
#include "engram/synapses/synapses.hpp"

namespace engram {
class Backend;
}

namespace engram::attractor {

/// `states` states on the weights of each network; batch = network * states + state.
struct View {
  DenseView weights;  ///< all pairs, [network]
  Index states = 1;
  const std::uint64_t* seed = nullptr;    ///< [batch]
  Batch<real> state, error;               ///< what a step writes; error: see LangevinUnit
  Batch<real> drive;                      ///< J s of the present state, which the next step meets
  Batch<real> bias, inverse_temperature;  ///< what it reads
  Batch<real> precision;                  ///< weights of the errors: written if the run asks for it, else read
  Batch<real> uniform;                    ///< room for the draws of a step

  ENGRAM_HD Index networks() const { return weights.replicas; }
  ENGRAM_HD Index batches() const { return weights.replicas * states; }
  /// Some states of network r alone.
  View part(Index r, Index first, Index count) const {
    const std::size_t skipped = std::size_t{r} * states + first;
    const auto of = [&](Batch<real> all) {
      return Batch<real>{all.data + skipped * all.stride, all.units, count, all.stride};
    };
    View one = *this;
    one.weights.weight = weights.row(r, 0);
    one.weights.replicas = 1;
    one.states = count;
    one.seed = seed + skipped;
    for (Batch<real> View::*column : {&View::state, &View::error, &View::drive, &View::bias, &View::inverse_temperature,
                                      &View::precision, &View::uniform})
      one.*column = of(this->*column);
    return one;
  }
};

/// Some steps in a row. What is null is not given, or not recorded.
struct Run {
  Tick first = 0, steps = 1;
  UnitRule unit = LangevinSample{};
  bool precision_weighted = false;  ///< errors weigh LangevinPrecision
  real learning_rate = 0;           ///< above 0 the weights learn, which needs one state a network
  bool learn_self_weights = false;
  Batch<const Index> order = {};  ///< units follow each other in this order; otherwise all go from the old state
  Sums sums = Sums::exact;        ///< of drives
  const real* uniform = nullptr;  ///< draws in place of the generator's, [step][batch][unit]
  real* states = nullptr;         ///< the state after each step, [step][batch][unit]
  std::size_t stride = 0;         ///< values of a step in these two: batches of all networks times units

  /// What concerns those states of network r of `view` alone.
  Run part(const View& view, Index r, Index first, Index count) const {
    const std::size_t states_before = std::size_t{r} * view.states + first,
                      skipped = states_before * view.weights.n_post;
    Run one = *this;
    if (order) one.order = {order.data + states_before * order.stride, order.units, count, order.stride};
    if (uniform) one.uniform += skipped;
    if (states) one.states += skipped;
    return one;
  }
  bool learns() const { return learning_rate > real(0); }
  /// Only the last step leaves errors behind where no weight learns from them.
  bool keeps_errors(Tick step) const { return learns() || step + 1 == steps; }
  UnitRule unit_of(Tick step) const {
    UnitRule rule = unit;
    const real keep = keeps_errors(step) ? real(1) : real(0);
    std::visit(
        [&](auto& r) {
          if constexpr (requires { r.keep_error; }) r.keep_error = keep;
        },
        rule);
    return rule;
  }
};

/// The walk over the weights that ends a step: learning needs the new state and so does the next drive. `plasticity`
/// is kept by the caller.
inline Sweep walk_of(const View& net, const Run& run, const SynapseRule& plasticity) {
  Sweep walk;
  if (run.learns()) {
    walk.learn = &plasticity;
    walk.pre = Columns{{net.state}};
    walk.post = Columns{{net.error}};
    walk.keep_diagonal = !run.learn_self_weights;
  }
  walk.source = Columns{{net.state}};
  walk.drive = net.drive;
  walk.group = net.states;
  return walk;
}

/// Whether drives are the products of a library: some states on each matrix, which stays as it is.
inline bool multiplies(Sums sums, Index states, real learning_rate) {
  return sums == Sums::fast && states > 1 && !(learning_rate > real(0));
}

/// Whole runs in one call, with the bits of run_steps where sums are exact.
class Steps : public Extension {
 public:
  static constexpr ExtensionId id = "attractor.steps/1";
  /// Whether it takes such a run; run_steps takes every one.
  virtual bool takes(const View&, const Run&) const = 0;
  virtual void run(const View&, const Run&) = 0;
};

/// Takes the networks through all steps of the run, in operations of the backend.
void run_steps(Backend&, const View&, const Run&);

}  // namespace engram::attractor
