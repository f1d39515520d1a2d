// Leabra networks: layers of rate-coded point neurons that share inhibition, and projections between them that learn
// from how the activations of a minus phase (a guess) and a plus phase (the answer) differ. Calls, defaults and the
// order within a cycle are those of the Python package Leabra7.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engram/backend.hpp"
#include "engram/core/place.hpp"
#include "engram/leabra/cycles.hpp"
#include "engram/leabra/nxx1.hpp"
#include "engram/leabra/specs.hpp"

namespace engram {
class ConfigReader;  // engram/run/config_reader.hpp
class StateReader;   // engram/run/state_reader.hpp
class StateVisitor;  // engram/run/state_visitor.hpp
}  // namespace engram

namespace engram::leabra {

/// When something is logged.
enum class Frequency { cycle, trial, epoch, batch };
inline constexpr const char* frequency_names = "cycle|trial|epoch|batch";

/// Rows of numbers under names.
struct Table {
  std::vector<std::string> names;
  std::vector<double> values;  ///< row by row
  std::size_t rows() const { return names.empty() ? 0 : values.size() / names.size(); }
  std::vector<double> column(const std::string& name) const;
};
/// What is recorded of a layer or projection as a whole, and of its units or connections.
struct Logs {
  Table whole, parts;
};

struct Log;

/// One network, or several replicas of it with weights of their own: one a seed. A replica may be in several states at
/// the same time, `copies` of it that share its weights, see patterns of their own and learn together: `learn` adds up
/// what each would have changed, exactly; where synapses have momentum, what each proposes before norm and momentum
/// take it, at the mean of the rates. Values of several states stand one after the other, the copies of a replica side
/// by side. Tables of several replicas have a column "replica", those of values of several copies a column "copy".
class Net {
 public:
  explicit Net(Backend&, std::span<const std::uint64_t> seeds, Index copies = 1);
  explicit Net(Backend& backend, std::uint64_t seed = 1) : Net(backend, std::span(&seed, 1)) {}
  Net(Net&&) noexcept;
  Net& operator=(Net&&) noexcept;
  ~Net();

  void new_layer(const std::string& name, Index size, const LayerSpec& = {});
  void new_projection(const std::string& name, const std::string& pre, const std::string& post,
                      const ProjectionSpec& = {});
  /// Parameters may change at any time and act at once. What was drawn or built from them before stays.
  const LayerSpec& layer_spec(const std::string& layer) const;
  void set_layer_spec(const std::string& layer, const LayerSpec&);
  const ProjectionSpec& projection_spec(const std::string& projection) const;
  void set_projection_spec(const std::string& projection, const ProjectionSpec&);

  /// Holds a layer at these activations, repeated or cut to its size; within [0, 1], at most clamp_max is taken.
  void clamp_layer(const std::string& layer, std::span<const double> activations);
  /// The same of each state: [state][unit].
  void clamp_each(const std::string& layer, std::span<const double> activations);
  /// The same of activations that stand on the device, [state][unit], each from 0 to the layer's clamp_max: the host
  /// neither checks nor moves them.
  void clamp_on_device(const std::string& layer, Batch<const real> activations);
  void unclamp_layer(const std::string& layer);

  void cycle(std::uint64_t cycles = 1);
  void minus_phase_cycle(std::uint64_t cycles = 50);
  void plus_phase_cycle(std::uint64_t cycles = 25);
  /// Cycles, then keeps the activations as those of a phase of this name, which projections may contrast with another
  /// one. "minus" and "plus" are the two above.
  void phase_cycle(const std::string& name, std::uint64_t cycles);
  /// Whether a projection transmits; one that is off counts nothing in the net input of its receivers.
  void switch_projection(const std::string& projection, bool on);
  /// In test mode the averages that learning reads stay as they are.
  void set_test_mode(bool);
  /// Takes a share of the activation, potentials and inhibition away, as between two trials.
  void decay_state(double share);
  void learn();
  /// From here on weights that are balanced are looked at again after balance_every updates.
  void restart_balance();
  /// Multiplies all learning rates of each replica from now on, whatever their schedules say; 1 at first.
  void set_rate_factors(std::span<const real>);
  /// Ends an epoch for the logs and for the schedules of learning rates.
  void end_epoch();
  /// Tells the schedules of projections that wait for a plateau how large the loss of each replica is, after the epochs
  /// since the last call. Without it rates of such projections stay.
  void report_loss(std::span<const double> losses);
  void end_batch();

  /// The present value of one attribute: a row for a whole one, a row a unit or connection for others.
  Table observe(const std::string& name, const std::string& attribute) const;
  Logs logs(Frequency, const std::string& name) const;
  void pause_logging(std::optional<Frequency> = {});
  void resume_logging(std::optional<Frequency> = {});

  /// Linear and effective weights, [replica][receiver][sender]; 0 where there is no connection.
  std::vector<real> linear_weights(const std::string& projection) const;
  std::vector<real> weights(const std::string& projection) const;
  /// The same row by row, [sender] of one receiver after the other, replica by replica.
  void each_row(const std::string& projection, bool linear,
                const std::function<void(std::span<const real>)>& take) const;
  /// Which pairs are connected, likewise.
  std::vector<bool> connections(const std::string& projection) const;
  /// Replaces linear and effective weights, [replica][receiver][sender] or of one replica for all. `connections`, empty
  /// or likewise, says which pairs are connected from now on.
  void set_weights(const std::string& projection, std::span<const real> weights,
                   const std::vector<bool>& connections = {});
  /// Weights of one replica as a file of the field's production system (JSON of emergent), and from one into all
  /// replicas. Pairs that a file does not name keep theirs; pairs without a connection stay so.
  void write_weights(const std::string& file, Index replica = 0) const;
  void read_weights(const std::string& file);
  /// Values of a unit attribute such as "unit_act", [state][unit], and of a layer attribute such as "fbi", [state].
  std::vector<real> values(const std::string& layer, const std::string& attribute) const;
  void set_values(const std::string& layer, const std::string& attribute, std::span<const real>);
  /// Copies the activations of a layer to where a user wants them on the device, [state][unit].
  void copy_activations(const std::string& layer, Batch<real> to);
  /// Sums that the last cycle left for a layer, and the sum of relative scales that will divide them.
  double relative_scale(const std::string& layer) const;
  bool clamped(const std::string& layer) const;
  bool hidden(const std::string& layer) const;
  /// The phase ends as minus_phase_cycle and plus_phase_cycle do them, without cycles.
  void end_minus();
  void end_plus();
  /// Has the logs of trials record, which plus_phase_cycle does at its end.
  void end_trial();

  /// Puts the state of all units aside, without weights, and takes it back, as often as one likes.
  void keep();
  void go_back();
  /// Epochs that a replica was trained, and those at the last report of its loss.
  struct Trained {
    std::uint64_t epochs = 0, reported = 0;
  };
  /// All that makes up some replicas, weights included, so that they stay as they are while the others go on.
  struct Frozen {
    Index replica;
    std::vector<real> units, layers;
    std::vector<std::vector<real>> weights, balances;
    Trained trained;
    std::vector<Plateau> plateaus;
  };
  std::vector<Frozen> freeze(const std::vector<Index>& replicas);
  void thaw(const std::vector<Frozen>&);
  /// Takes what was logged away: "LAYER/cycle" and the like for wholes, "LAYER/cycle_units" for parts.
  struct LoggedTable {
    std::string name;
    Table table;
  };
  std::vector<LoggedTable> take_logs();

  /// Where the network lies on its device until a layer or projection is added: values of a layer as "LAYER/ATTRIBUTE",
  /// [state][unit] or [state], weights as "PROJECTION/weights" and "PROJECTION/linear_weights", [replica][receiver]
  /// [sender]; pairs without a connection have 0 there, and the least number there is as the linear weight. Projections
  /// that are stored as rows, for few of their pairs are connected, are not among them.
  std::vector<Place> places();
  /// Linear weights as they lie there, and what is to be called after some were written: the effective ones of those
  /// that changed follow. Pairs without a connection stay so.
  std::vector<real> stored_linear_weights(const std::string& projection) const;
  void linear_weights_written(const std::string& projection, const std::vector<real>& before);

  std::pair<std::string, std::string> projection_ends(const std::string& projection) const;
  Index replicas() const { return static_cast<Index>(seeds_.size()); }
  /// Of all copies of all replicas.
  Index states() const { return replicas() * copies_; }
  Index size(const std::string& layer) const;
  std::vector<std::string> layers() const;
  std::vector<std::string> projections() const;
  Tick cycles_done() const { return cycles_; }

  void visit(StateVisitor&);
  void save(const std::string& file);
  static Net load(Backend&, const std::string& file);
  /// Bytes on the device.
  std::size_t bytes() const;

 private:
  struct Layer;
  struct Projection;
  /// Columns of what is seen of layers, units or connections, and where each row was seen: in a state of the network,
  /// or, of connections, in a replica.
  struct Parts {
    std::vector<std::vector<double>> columns;
    std::vector<std::size_t> seen_in;
    bool of_states = true;
  };

  const Layer& layer(const std::string& name) const;
  Layer& layer(const std::string& name);
  const Projection& projection(const std::string& name) const;
  Projection& projection(const std::string& name);
  void check_name(const std::string& name) const;
  template <class Spec>
  void check_spec(const std::string& name, const Spec&) const;
  double relative_sum(std::size_t layer) const;

  void make_ready();
  void rebuild();
  void list_sends();
  void choose_constants();
  void upload_winners();
  void upload_tables();
  Index table_of(const UnitSpec&) const;
  void begin_values(Index first_layer);
  bool pooled() const;
  void list_pools();
  void hold(Layer&, bool hard);
  void run(std::uint64_t cycles);
  void run_ready(std::uint64_t cycles);
  std::vector<std::uint64_t> noise_seeds() const;
  std::vector<real> unit_values(const Layer&, int value) const;
  std::vector<real> layer_values(const Layer&, int value) const;
  std::vector<real> group_values(const Layer&, int value, Index first, Index count) const;
  void copy_activations(Batch<real> to);
  void balance(Projection&);
  void learn_bias(const Layer&);
  Batch<const real> mixed(const Layer&, double share, Array<real>& to);
  void upload_rates();
  void restore_rates(const StateReader&);
  Batch<const real> ones(Index units);
  Batch<real> activations_of(const std::string& phase) const;

  std::vector<double> numbers(const Layer&, const std::string& attribute) const;
  Parts whole_parts(const Layer&, const std::vector<std::string>& attributes) const;
  Parts replica_parts() const;
  std::vector<std::string> origin_names(bool of_states) const;
  void add_origin(Parts&) const;
  Parts unit_parts(const Layer&, const std::vector<std::string>& attributes) const;
  Parts connection_parts(const Projection&, const std::vector<std::string>& attributes) const;
  void count_connections(Projection&);
  struct LayerValues {
    std::string layer, attribute;
    std::vector<real> all;  ///< [state][unit], or [state]
  };
  void read_layer(const ConfigReader& given, const std::string& name, std::vector<LayerValues>& read) const;
  void set_linear(Projection&, const std::vector<real>& linear);
  void visit_logs(StateVisitor&, const std::string& name, const std::vector<std::string>& wanted, Log&, bool of_states);
  void log(Frequency);
  bool logs_anything(Frequency) const;

  Backend* backend_;
  Cycles* fused_;  ///< null: cycles are made of general operations
  std::vector<std::uint64_t> seeds_;
  Index copies_;
  std::vector<real> rate_factors_;  ///< [replica]
  std::vector<Trained> trained_;    ///< [replica]
  bool rates_current_ = false;
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<std::unique_ptr<Projection>> projections_;
  Index units_ = 0, built_units_ = 0, built_layers_ = 0, built_pools_ = 0;
  Array<real> unit_, layer_, table_;
  std::vector<Nxx1> functions_;  ///< activation functions, as their tables stand
  std::map<std::vector<double>, Array<real>>
      constants_;  ///< of layers under these conditions, since parameters changed
  Array<Index> start_, each_, layer_of_, all_units_, winners_, winners_next_;
  Array<Index> pool_start_, group_of_, layer_of_pool_, pair_start_, pair_of_;
  Array<real> pool_pairs_;
  View view_;
  std::vector<ProjectionView> sends_;
  struct Kept {
    bool clamped, driven, hidden;
    double relative;
  };
  std::vector<Kept> kept_;
  Array<real> kept_units_, kept_layers_, ones_, given_, strong_, mixed_pre_, mixed_post_, rates_;
  Array<std::uint64_t> seeds_on_device_;
  std::map<std::string, Array<real>> phases_;  ///< activations where phases of other names ended, [state][unit]
  bool testing_ = false, sends_current_ = false;
  bool constants_current_ = false;
  Tick cycles_ = 0;
  std::uint64_t time_[4] = {};
  bool paused_[4] = {};
};

}  // namespace engram::leabra
