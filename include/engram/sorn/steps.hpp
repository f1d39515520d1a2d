// What SORN asks of a backend: R networks of equal size, and a run of so many steps. The general operations cannot grow
// synapses, so every backend that runs SORN has this extension. Its two halves, units and rows, are too short in a
// network of 200 units to be called one by one, and a GPU runs many steps of such a network in one launch: hence `run`.
#pragma once

#include "engram/extension.hpp"
#include "engram/rules/istdp.hpp"
#include "engram/rules/stdp.hpp"
#include "engram/rules/threshold.hpp"
#include "engram/synapses/incoming.hpp"
#include "engram/synapses/synapses.hpp"

namespace engram::sorn {

/// The rules of one network, as they stand in device memory.
struct Rules {
  Threshold threshold;
  IntrinsicPlasticity ip;
  Stdp stdp;
  Istdp istdp;
  Stdp input;                         ///< of plastic input synapses; here an input is active where it is above 0
  real noise_e = 0, noise_i = 0;      ///< standard deviations
  double spikes_e = 0, spikes_i = 0;  ///< probabilities that noise makes a unit fire
  double rewire_rate = 0;             ///< expected new synapses a step
  real rewire_weight = 0;
  bool fast_inhibition = false;  ///< inhibitory units read the new excitatory activity
  bool learn_ee = true, adapt = true, rewire = true, learn_ei = true, normalize = true, learn_input = false;
};

/// A synapse that structural plasticity makes in this step.
struct NewSynapse {
  Index pre, post;
};
inline constexpr Index no_synapse = 0xffffffffu;

/// Running counts of one network.
struct Counts {
  std::uint64_t ee = 0, ei = 0;  ///< synapses
  std::uint64_t inserted = 0;    ///< by structural plasticity, so far
  std::uint64_t skipped = 0;     ///< events that found no absent pair, or one that another event of the step took
  std::uint64_t empty_rows = 0;  ///< rows without a weight that scaling met in the last step
};

/// Activity is kept as two bits a unit, 16 units a word: bit 2u is now, bit 2u + 1 one step before.
inline constexpr Index units_per_word = 16;
static_assert(units_per_word == slice_lanes, "a slice of rows reads one word of postsynaptic activity");

struct View {
  IncomingView ee, ei;   ///< excitatory to excitatory, inhibitory to excitatory
  IncomingView eu;       ///< input to excitatory; null where component k of the input is added to the drive of unit k
  DenseView ie_all;      ///< excitatory to inhibitory, all pairs; weight null where the projection is sparse
  OutgoingView ie_some;  ///< or only some, by excitatory unit, its sums being `fixed`
  Index ne = 0, ni = 0, nu = 0, replicas = 1;
  Index k_winners = 0;           ///< so many excitatory units fire, those furthest above their thresholds; 0: all above
  const Rules* rules = nullptr;  ///< [replica]
  const std::uint64_t* seed = nullptr;  ///< [replica]
  std::uint32_t* x = nullptr;           ///< [replica][words_e()]: excitatory activity
  std::uint32_t* y = nullptr;           ///< [replica][words_i()]
  real* te = nullptr;                   ///< [replica][ne]: thresholds
  real* ti = nullptr;                   ///< [replica][ni]
  real* target = nullptr;               ///< [replica][ne]: target rates
  real* drive_e = nullptr;              ///< [replica][ne]: excitation minus inhibition that the next step meets
  real* drive_i = nullptr;              ///< [replica][ni]
  real* drive_u = nullptr;              ///< [replica][ne]: scratch of a step, sums over input synapses
  real* score = nullptr;                ///< [replica][ne]: scratch of a step with k winners, excess over thresholds
  Counts* counts = nullptr;             ///< [replica]
  NewSynapse* events = nullptr;         ///< [replica][max_events]: scratch of a step; `post` is the place of the row
  Index max_events = 0;

  ENGRAM_HD Index words_e() const { return ceil_div(ne, units_per_word); }
  ENGRAM_HD Index words_i() const { return ceil_div(ni, units_per_word); }
};

/// Some steps in a row. What is null is not recorded; where draws are given they replace the generator's.
struct Run {
  Tick first = 0;
  Index steps = 1;
  bool drives_only = false;              ///< no step: compute the drives that the next one meets
  const real* input = nullptr;           ///< [step][network or 1][nu], added to the drive of the first nu units
  const real* feed = nullptr;            ///< [step][replica], added to the noise of every inhibitory unit
  std::size_t input_replica_stride = 0;  ///< nu, or 0 where all networks read one input
  const real* noise_e = nullptr;         ///< [step][replica][ne]
  const real* noise_i = nullptr;         ///< [step][replica][ni]
  const NewSynapse* synapse = nullptr;   ///< [step][replica]; pre == no_synapse: none
  std::uint32_t* x = nullptr;            ///< [step][replica][words_e]: activity after the step, two bits a unit
  std::uint32_t* y = nullptr;            ///< [step][replica][words_i]
  std::uint32_t* recurrent = nullptr;    ///< [step][replica][words_e]: what would fire without input; even bits
  Counts* counts = nullptr;              ///< [step][replica]: before the rules of the step
};

class Steps : public Extension {
 public:
  static constexpr ExtensionId id = "sorn.steps/1";
  /// All steps of the run.
  virtual void run(const View&, const Run&) = 0;
  // One step in two halves, for those who must do something between them, such as an exchange of who fired. `run.steps`
  // is 1 and `run.drives_only` false.
  /// Inputs arrive; excitatory and inhibitory units fire and adapt.
  virtual void units(const View&, const Run&) = 0;
  /// Synapses learn, appear, vanish and are scaled; the drives that the next step meets.
  virtual void rows(const View&, const Run&) = 0;

  Extension* traced(Tracer&) override;
};

}  // namespace engram::sorn
