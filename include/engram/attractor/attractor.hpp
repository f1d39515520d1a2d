// Recurrent networks of continuous Bernoulli units that infer and learn in the same step (Spisak & Friston 2025,
// "Self-orthogonalizing attractor neural networks emerging from the free energy principle").
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engram/attractor/steps.hpp"
#include "engram/backend.hpp"
#include "engram/core/field_kinds.hpp"
#include "engram/run/task.hpp"

namespace engram::attractor {

/// In what order the units of one step see each other.
enum class UpdateOrder {
  synchronous,  ///< all from the old state: what the published code does
  sequential,   ///< in index order, each seeing the new values of those before it: Gibbs sampling
  random_order  ///< likewise, in a fresh random order each step
};

struct Options {
  Index units = 1;
  Index networks = 1;  ///< each with its own weights
  Index states = 1;    ///< independent states that share the weights of one network; learning needs 1
  real learning_rate = static_cast<real>(0.001);
  bool deterministic = false;
  UpdateOrder order = UpdateOrder::synchronous;
  bool learn_self_weights = false;
  bool predict_with_bias = false;  ///< as published; without: as coded
  bool prediction_uses_inverse_temperature = false;
  std::vector<real> unit_inverse_temperature;  ///< [units]; empty: all 1
  bool precision_weighted = false;             ///< errors weigh 1 / max(L'(beta h), 1e-8)
  Sums sums = Sums::exact;                     ///< fast: of drives of several states on one matrix that does not learn
  bool clipped = false;  ///< states to +-(1 - 1e-7), draws on [1e-7, 1 - 1e-7], log-odds up to 1e-6 count as 0

  static constexpr auto fields = std::tuple{
      Field{"learning_rate", &Options::learning_rate, "learning rate of training phases", 0.0, 1e3},
      Field{"update", &Options::order, "which units see each other's new states within a step", 0, 0,
            "synchronous|sequential|random_order"},
      Field{"deterministic", &Options::deterministic, "units take their mean instead of a sample"},
      Field{"learn_self_weights", &Options::learn_self_weights, "the diagonal learns as well"},
      Field{"predict_with_bias", &Options::predict_with_bias, "the prediction is L(b + h) instead of L(h)"},
      Field{"prediction_uses_inverse_temperature", &Options::prediction_uses_inverse_temperature,
            "the prediction is L(beta h)"},
      Field{"unit_inverse_temperature", &Options::unit_inverse_temperature,
            "factors of the inverse temperature, of each unit; default 1", 1e-6, 1e6},
      Field{"precision_weighted", &Options::precision_weighted, "prediction errors weigh one over the unit's variance"},
      Field{"sums", &Options::sums,
            "fast: drives of several states on one matrix are products of a library, equal within rounding, not in "
            "every bit",
            0, 0, "exact|fast"},
      Field{"clipped", &Options::clipped,
            "states and draws keep 1e-7 away from their limits, as the later upstream variant does"},
  };
};

/// Variational free energy of one state: complexity minus accuracy, with b_q = b + J s and q = L(b_q):
///     complexity = sum psi(b) - psi(b_q) + (b_q - b) q,   accuracy = b . q + q . J q.
/// They use the bias without the inverse temperature.
struct FreeEnergy {
  double complexity = 0, accuracy = 0;
  double macroscopic = 0;  ///< -b . s - s . J s / 2, the energy of the state that a symmetric J defines
  double vfe() const { return complexity - accuracy; }
};

/// `networks` times `states` states of `units` units, batch = network * states + state. Weights J[i][j] lead from unit
/// j to unit i. All weights, states and biases are 0 at first, inverse temperatures 1.
class Network {
 public:
  /// One seed a batch. Throws ConfigError on sizes that cannot be, LibraryError where fast sums need a library that
  /// is absent.
  Network(Backend&, const Options&, std::span<const std::uint64_t> seeds);
  /// `states` fresh states a network on the weights of this one, which are shared, not copied. They do not learn.
  Network on_same_weights(Index states, std::span<const std::uint64_t> seeds) const;

  const Options& options() const { return options_; }
  Index batches() const { return options_.networks * options_.states; }

  // All values as [batch][unit], weights as [network][i][j]; sizes and finite values are checked.
  void set_weights(std::span<const real>);
  std::vector<real> weights() const;
  void set_state(std::span<const real>);  ///< within [-1, 1]
  std::vector<real> state() const { return state_.download(); }
  void set_bias(std::span<const real>);
  std::vector<real> bias() const { return bias_.download(); }
  /// One value, one a batch, or one a unit of each batch; positive.
  void set_inverse_temperature(std::span<const real>);
  void set_learning_rate(real);
  void set_deterministic(bool deterministic) { options_.deterministic = deterministic; }

  /// One update of all units with the draws of tick `t`; with a positive learning rate the weights learn.
  void step(Tick t) { run(t, 1); }
  /// The same `steps` times, from tick `first` on; faster than as many calls, most of all for many small networks.
  void run(Tick first, Tick steps);
  /// Likewise; returns the state after each step, [step][batch][unit].
  std::vector<real> run_and_record(Tick first, Tick steps);
  /// The same with given uniforms, [batch][unit].
  void step(std::span<const real> uniforms);

  /// J s of the present state: what the next step starts from.
  std::vector<real> drive();
  /// s - L(prediction) of the last step, times its precision.
  std::vector<real> error() const { return error_.download(); }
  /// The log-odds beta (b + J s) of the next step.
  std::vector<double> log_odds();
  /// Of each batch, at the present state, weights and bias.
  std::vector<FreeEnergy> free_energy();
  /// Sum of the squared weight changes of the last step, of each network; without touching a weight.
  std::vector<double> squared_weight_change() const;
  /// Throws NumericError if a state is not a number, naming network and unit.
  void check_finite() const;

  void visit(StateVisitor&);
  static std::size_t bytes(const Options&);
  /// Where its arrays lie. Whoever writes the weights or the state through it calls written() before the next step.
  View view() const;
  void written() { drive_current_ = false; }

 private:
  /// drive = J source, of all batches.
  void drive_by(const Array<real>& source, const Array<real>& drive);
  void refresh_drive();
  Run run_of(Tick first, Tick steps) const;
  void run_steps(const Run&);
  void advance(Run run);
  std::vector<Index> order_of(Tick t) const;

  Backend* backend_;
  attractor::Steps* steps_;  ///< null: in general operations
  Options options_;
  std::shared_ptr<Dense> weights_;
  Array<std::uint64_t> seeds_;
  Array<real> state_, drive_, error_, bias_, inverse_temperature_, precision_, uniform_, one_;
  Array<real> mean_, mean_drive_, mean_error_;  // of free_energy
  Array<real> recorded_;
  Array<Index> order_;
  std::vector<std::uint64_t> host_seeds_;
  bool drive_current_ = false;
};

}  // namespace engram::attractor
