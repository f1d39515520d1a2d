// Areas of k winners with Hebbian or Willshaw learning: the assembly family.
// Papadimitriou, Vempala, Mitropolsky, Collins & Maass 2020, "Brain computation by assemblies of neurons".
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engram/backend.hpp"
#include "engram/core/field_kinds.hpp"
#include "engram/core/place.hpp"

namespace engram {
class StateVisitor;
}

namespace engram::assembly {

/// Which units fire, ascending, one list a batch (a replica, or one of several states on a replica's weights).
using Winners = std::vector<std::vector<Index>>;

inline constexpr double max_units = 2147483647;

struct StimulusSpec {
  std::string name = {};
  Index n = 1000;  ///< units
  Index k = 50;    ///< how many of them a random sample activates

  static constexpr auto fields = std::tuple{
      Field{"n", &StimulusSpec::n, "units", 1, max_units},
      Field{"k", &StimulusSpec::k, "active units of a random sample", 1, max_units},
  };
  void check_together(const Report&) const;
};

/// How an area learns.
using Learning = std::variant<Hebb, HebbAdditive, Willshaw>;
/// The rule of this name, with its defaults. Throws Error.
Learning learning_named(const std::string& name);

/// One area: n units of which the k with the largest input fire.
struct AreaSpec {
  std::string name = {};  ///< empty: A, B, ... Z, AA, ...
  std::vector<std::string> inputs =
      {};  ///< stimuli or areas; an area not yet computed in a step gives its previous winners
  Index n = 1000;
  Index k = 50;
  double p_synapse = 0.05;
  double recurrent_coef = 1;
  Learning rule = {};
  std::string sampler = "bernoulli";
  std::string normalisation = "in_place";
  std::string storage = "dense";
  bool recurrent_only = false;

  static constexpr auto fields = std::tuple{
      Field{"n", &AreaSpec::n, "units", 1, max_units},
      Field{"k", &AreaSpec::k, "winners of a step", 1, max_units},
      Field{"p_synapse", &AreaSpec::p_synapse, "probability of a synapse at the start; 0: the classical Willshaw model",
            0, 1},
      Field{"recurrent_coef", &AreaSpec::recurrent_coef, "alpha, gain of the area's own previous winners", -1e6, 1e6},
      Field{"rule", &AreaSpec::rule, "learning rule"},
      Field{"sampler", &AreaSpec::sampler, "initial weights: 1, or uniform on [0, 1)", 0, 0,
            "bernoulli|uniform_masked"},
      Field{"normalisation", &AreaSpec::normalisation,
            "of incoming weights: rewrite them, keep one factor a unit, or none", 0, 0, "in_place|scaled|none"},
      Field{"storage", &AreaSpec::storage, "all pairs, or existing synapses only", 0, 0, "dense|sparse"},
      Field{"recurrent_only", &AreaSpec::recurrent_only, "go on without any input; else the area is then inactive"},
  };
  void check_together(const Report&) const;
  bool willshaw() const { return std::holds_alternative<Willshaw>(rule); }
  /// Whether weights have one factor a unit beside them.
  bool scaled() const { return normalisation == "scaled" && !willshaw(); }
};

/// Stages run one after another within a step; a stage is one area or several side by side.
struct Spec {
  std::vector<StimulusSpec> stimuli = {};
  std::vector<std::vector<AreaSpec>> stages = {};
};

class Assembly;

/// Activity of a whole network: stimuli, drives and winners. Several batches may share a replica's weights, which is
/// how many patterns are recalled at once.
class State {
 public:
  /// `group` batches for each replica of `network`.
  explicit State(const Assembly& network, Index group = 1);

  /// A stimulus for the steps to come, one ascending list of units for each batch, or one list for all.
  void present(const std::string& stimulus, const Winners& units);
  /// A stimulus of any finite values, [batch][unit]; zeros are silent.
  void present_values(const std::string& stimulus, std::span<const real> values);
  void absent(const std::string& stimulus);
  void all_absent();

  /// The previous winners that recurrence sees; by default those of the last step.
  void set_latent(const std::string& area, const Winners& units);
  /// Of these areas, and none of the others. Where one cannot be taken, all stay as they were.
  void set_latents(const std::map<std::string, Winners>& of_areas);
  /// Forgets all previous winners: the next step has no recurrence.
  void clear_latent();

  bool active(const std::string& area) const;  ///< did the area fire in the last step?
  Winners winners(const std::string& area) const;
  std::vector<real> drive(const std::string& area) const;  ///< [batch][unit], of the last step
  /// Who fired and on what drive, for copies that go on from here; what is presented is not part of it.
  void visit(StateVisitor&);
  Index batches() const { return batches_; }
  Index group() const { return group_; }

 private:
  friend class Assembly;
  struct List {
    Array<Index> index, count;
    Array<real> value;
    Index units = 0, room = 0;
    bool present = false, valued = false;
    Active view(Index batches) const;
  };
  struct Area {
    List now, next;
    Array<real> drive;
    bool fired = false;  ///< in the last step; a latent set from outside does not count
  };
  void check(const List&, const std::string& name, const Winners&) const;
  void upload(List&, const std::string& name, const Winners&, std::span<const real> values = {});

  const Assembly* network_;
  Index group_, batches_;
  Tick steps_ = 0;  ///< taken so far: the tick that a trace names
  std::vector<List> stimuli_;
  std::vector<Area> areas_;
};

/// The network: weights of all areas, for one or several replicas (each with a graph of its own).
class Assembly {
 public:
  Assembly(Backend&, Spec, std::vector<std::uint64_t> seeds = {0});
  ~Assembly();
  Assembly(Assembly&&) noexcept;

  const Spec& spec() const { return spec_; }
  Backend& backend() const { return *backend_; }
  Index replicas() const { return static_cast<Index>(seeds_.size()); }
  const std::vector<std::uint64_t>& seeds() const { return seeds_; }

  /// One step: each area in order sums its present inputs and, if it has a latent, its own previous winners; the k
  /// largest sums win; with `learn` the matrices that took part learn. An area without any present input is inactive
  /// (unless recurrent_only), and for the areas it feeds it is absent.
  void step(State&, bool learn);

  /// The k winners of recurrent weights times `latent`, without input; `rounds` times over. With `alpha` the recurrent
  /// gain is applied, which can only matter if it is not positive.
  Winners complete_pattern(const std::string& area, const Winners& latent, int rounds = 1, bool alpha = false);

  /// What drove an area: the k sources with the largest transposed input, kWTA(W' post, k), for a list of winners each.
  /// For random W it nearly inverts the area's own selection where there are many more units than sources.
  Winners inverse(const std::string& matrix, const Winners& post, Index k) const;

  /// Each unit's incoming weights, matrix by matrix, divided by their sum; Willshaw areas are left alone.
  void normalize();

  /// Names of all weight matrices: weight_input0, ..., weight_recurrent; A.weight_input0 for an area of a stack;
  /// 0.A.weight_input0 and 1.weight_input0 for stages.
  std::vector<std::string> matrix_names() const;
  /// Effective weights [replica][post][pre].
  std::vector<real> matrix(const std::string& name) const;
  void set_matrix(const std::string& name, std::span<const real> weights);
  std::pair<Index, Index> matrix_shape(const std::string& name) const;  ///< post, pre
  struct Weighed {
    std::vector<std::uint64_t> synapses;  ///< weights that are not 0, [replica]
    double top = 0;                       ///< the largest effective weight of all replicas, 0 without any
    /// Effective weights above 0 of all replicas in equal bins from 0 to top; the last one has top itself.
    std::vector<std::uint64_t> histogram;
  };
  /// Counts the weights of a matrix, on the host; without bins there is no histogram.
  Weighed weigh(const std::string& name, std::size_t bins) const;
  /// Fraction of non-zero weights of a matrix, [replica].
  std::vector<double> memory_used(const std::string& name) const;

  /// Where weights lie, as they are stored: [replica][post][pre], or the synapses of all replicas one after the other
  /// where storage is sparse; and "MATRIX.scale", [replica][post], what multiplies them. set_matrix moves sparse ones.
  std::vector<Place> places();
  /// After weights were written there: what is kept of them beside them is made anew.
  void written();
  /// Raw weights and scales under the matrix names, for checkpoints.
  void visit(StateVisitor&);

  /// A weight matrix of a network that need not exist yet.
  struct Matrix {
    std::string name;
    std::string area;
    Index post = 0, pre = 0;
    bool sparse = false, scaled = false;
  };
  /// All of a specification without faults, in the order of matrix_names().
  static std::vector<Matrix> matrices(const Spec&);
  /// Bytes that the weights and one state take.
  static std::size_t memory(const Spec&, std::size_t replicas);
  /// Index into the flat list of areas, in order of computation; throws Error naming what exists.
  std::size_t area_index(const std::string& name) const;
  std::size_t stimulus_index(const std::string& name) const;
  const std::vector<AreaSpec>& areas() const { return areas_; }

  struct Projection;

 private:
  struct Source {
    bool is_area = false;
    std::size_t index = 0;
  };
  struct Wiring {
    std::vector<Source> sources;
    std::vector<std::unique_ptr<Projection>> inputs;
    std::unique_ptr<Projection> recurrent;
  };
  Projection& projection(const std::string& name) const;
  std::uint64_t step_key(const State&, bool learn) const;
  const State::List* source_list(const State&, const Source&) const;

  friend class State;
  Backend* backend_;
  Spec spec_;
  std::vector<std::uint64_t> seeds_;
  std::vector<AreaSpec> areas_;  ///< flat, in order of computation
  std::vector<Wiring> wiring_;
};

/// The areas and what feeds them, as a graph in the DOT language: stimuli are points, recurrence a loop.
std::string dot(const Spec&);

/// A, B, ..., Z, AA, AB, ...
std::string area_name(std::size_t i);
/// The areas of all stages, named, in order of computation. Throws ConfigError on any fault of the specification; paths
/// begin with `path`.
std::vector<AreaSpec> checked_areas(const Spec&, const std::string& path = "");

}  // namespace engram::assembly
