// The assembly calculus: named areas and stimuli joined by random fibres, and one primitive, a synchronous round of
// summation, selection of k winners and multiplicative Hebbian change (Papadimitriou, Vempala, Mitropolsky, Collins &
// Maass 2020, PNAS 117:14464). Everything else is a script of such rounds: calculus_operations.hpp, parser.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engram/backend.hpp"
#include "engram/calculus/gates.hpp"
#include "engram/core/field_kinds.hpp"
#include "engram/core/place.hpp"
#include "engram/run/state_reader.hpp"
#include "engram/run/task.hpp"

namespace engram::calculus {

class Connections;
class Rounds;

/// How synapses are kept.
enum class Connectome {
  procedural,  ///< never stored, exact: where they are is a function of the seed, what was learned is kept beside it
  dense,       ///< all pairs, "explicit" in JSON: n_pre x n_post floats a fibre; the same graph as procedural
  lazy,        ///< neurons come into being when they first fire; an approximation, kept for comparison (see docs)
};
const char* name_of(Connectome);

struct BrainOptions {
  double p = 0.05;            ///< density of fibres without one of their own, in [0, 1]
  double w_max = 0;           ///< ceiling of weights; 0: none
  int exact_bits = 32;        ///< of the draws that place synapses: 32, or 64
  bool save_winners = false;  ///< keep the winners of every round
  bool fix_new_block =
      true;  ///< lazy: false leaves neurons that two areas recruit in one round unconnected, as the reference does

  static constexpr auto fields = std::tuple{
      Field{"p", &BrainOptions::p, "probability of a synapse", 0.0, 1.0},
      Field{"w_max", &BrainOptions::w_max, "weights do not grow beyond this; 0: no ceiling", 0.0, 1e30},
      Field{"exact_bits", &BrainOptions::exact_bits, "bits of the draws that place synapses: 32 or 64", 32.0, 64.0},
      Field{"save_winners", &BrainOptions::save_winners, "keep the winners of every round"},
      Field{"fix_new_block", &BrainOptions::fix_new_block,
            "lazy: join neurons that two areas recruit in the same round"},
  };
  void check_together(const Report& problem) const;
};

/// Which of the candidates with the largest input fire.
struct AreaOptions {
  Index n = 1000;              ///< neurons
  Index k = 50;                ///< winners, 1 .. n
  double beta = 0.05;          ///< learning rate of fibres into the area that have none of their own
  bool explicit_area = false;  ///< lazy brains: all neurons exist from the start
  // Densities, by default that of the brain. An area counts only for fibres to areas that were there before it.
  std::optional<double> p_inner = {}, p_in = {}, p_out = {};
  std::string winners = "top_k";
  double threshold = 0;   ///< "threshold": at most k with input >= this; "fraction": with input >= this x the largest
  Index min_winners = 0;  ///< "fraction": at least so many
  Index refractory_period = 0;     ///< rounds that a winner stays inhibited
  double inhibition_strength = 0;  ///< subtracted (1 - (s-1) / period) times this, s rounds after a win
  double refracted_strength = 0;   ///< each win lowers the input of later rounds by this, for ever

  static constexpr auto fields = std::tuple{
      Field{"n", &AreaOptions::n, "neurons", 1.0, 4294967295.0},
      Field{"k", &AreaOptions::k, "winners of a round, at most n", 1.0, 4294967295.0},
      Field{"beta", &AreaOptions::beta, "learning rate of fibres into this area", 0.0, 1e6},
      Field{"explicit", &AreaOptions::explicit_area, "lazy connectome: all neurons exist from the start"},
      or_minus_one(Field{"p_inner", &AreaOptions::p_inner,
                         "density of the recurrent fibre; default, and -1: that of the brain", 0.0, 1.0}),
      or_minus_one(Field{"p_in", &AreaOptions::p_in,
                         "density of fibres from areas declared before; default, and -1: that of the brain", 0.0, 1.0}),
      or_minus_one(Field{"p_out", &AreaOptions::p_out,
                         "density of fibres to areas declared before; default, and -1: that of the brain", 0.0, 1.0}),
      Field{"winners", &AreaOptions::winners,
            "who fires: the k largest inputs, of these those at or above threshold, or a fraction of the largest",
            -no_limit, no_limit, "top_k|threshold|fraction"},
      Field{"threshold", &AreaOptions::threshold,
            "for winners threshold (an input) and fraction (of the largest input)", -1e30, 1e30},
      Field{"min_winners", &AreaOptions::min_winners, "for winners fraction: at least so many", 0.0, 4294967295.0},
      Field{"refractory_period", &AreaOptions::refractory_period, "rounds that past winners are inhibited", 0.0,
            10000.0},
      Field{"inhibition_strength", &AreaOptions::inhibition_strength,
            "subtracted from the input of the last winners, falling over the period", 0.0, 1e30},
      Field{"refracted_strength", &AreaOptions::refracted_strength, "subtracted once more after every win, without end",
            0.0, 1e30},
  };
  void check_together(const Report& problem) const;
};

/// Sources and the areas they project to, in order: sums are taken in this order.
using Map = std::vector<std::pair<std::string, std::vector<std::string>>>;

class Draws;
class Fibres;  // engine/models/calculus

class Brain {
 public:
  Brain(Backend& backend, std::uint64_t seed, BrainOptions options = {},
        Connectome connectome = Connectome::procedural);
  Brain(Brain&&) noexcept;
  Brain& operator=(Brain&&) noexcept;
  ~Brain();
  /// A deep copy, which goes its own way from here: snapshot and branch.
  Brain clone() const;

  // Everything below throws Error for unknown names and for values that are not allowed, and then changes nothing.

  /// `size` neurons that always fire together. Names of stimuli and areas are distinct. May be called at any time.
  void add_stimulus(const std::string& name, Index size);
  void add_area(const std::string& name, const AreaOptions& options);
  /// Before the fibre's first use. `source` may be a stimulus.
  void set_density(const std::string& source, const std::string& target, double p);
  /// Learning rate of one fibre, from now on. `source` may be a stimulus.
  void set_beta(const std::string& source, const std::string& target, double beta);
  /// Back to that of the target area.
  void clear_beta(const std::string& source, const std::string& target);

  /// One synchronous round: every target in `stimuli` and `areas` sums its input from the winners of the last round,
  /// its k best become its winners, and the synapses between old winners and new ones grow. A fixed area keeps its
  /// winners, yet fibres into it learn. Nothing passes a closed gate. Returns the targets that took part.
  std::vector<std::string> project(const Map& stimuli, const Map& areas);
  /// So many rounds with the same maps, to the same bits as one by one. A device that can takes them without the host
  /// in between: for areas of procedural brains with winners "top_k" and no inhibition, where winners are not saved.
  /// Returns the targets of the last round.
  std::vector<std::string> project(const Map& stimuli, const Map& areas, Index rounds);
  /// Whether rounds in one call may be faster than one by one.
  bool many_at_once() const;

  /// Fires neurons index * k .. index * k + k - 1 and fixes the area.
  void activate(const std::string& area, Index index);
  void fix(const std::string& area);  ///< an area without winners cannot be fixed
  void unfix(const std::string& area);
  bool fixed(const std::string& area) const;
  /// Any set of distinct neurons, in any order; an empty one silences the area. Lazy areas: of those that exist.
  void set_winners(const std::string& area, std::vector<Index> winners);
  void set_plasticity(bool on) { plasticity_ = on; }
  bool plasticity() const { return plasticity_; }
  /// Forgets who fired lately, for refraction and long-range inhibition.
  void clear_refraction(const std::string& area);
  void set_inhibition(const std::string& area, double strength);

  /// Closes an area, or the fibres between it and `other` (which may be a stimulus) in both directions, for one reason
  /// of perhaps several; and takes one reason back. All is open at first.
  void inhibit(const std::string& area, const std::string& other = "", int reason = 0);
  void disinhibit(const std::string& area, const std::string& other = "", int reason = 0);
  /// Mutual inhibition: where several of these areas are targets of a round, the one whose winners receive most fires
  /// (the first of equals, as declared); the others fall silent and nothing into them learns. A silent area of the
  /// group may be named as a source, where any other would be an error.
  void exclude(const std::vector<std::string>& areas);
  void include(const std::vector<std::string>& areas);  ///< such a group no longer is one
  bool excludable(const std::string& area) const;       ///< is in such a group
  /// Divides the weights of all synapses from areas onto each neuron of `area` by their sum, fibre by fibre, and
  /// multiplies by `total`, or by n p of the source where total is 0: what a fresh fibre has on average. Stimuli stay
  /// as they are, since one that always fires as a whole would tell no neuron from another. Not for the lazy
  /// connectome.
  void normalise(const std::string& area, double total = 0);

  const std::vector<Index>& winners(const std::string& area) const;  ///< best first; equal inputs: lower index first
  Index size(const std::string& area) const;
  Index k(const std::string& area) const;
  Index support(const std::string& area) const;       ///< neurons that ever won a round
  Index newcomers(const std::string& area) const;     ///< neurons that won their first round in the last one
  double total_input(const std::string& area) const;  ///< of the winners of the last round
  /// Winners of the last round whose input was not above 0: where fewer neurons receive some than may win, the first of
  /// the others do, whatever the stimulus.
  Index without_input(const std::string& area) const;
  const std::vector<Index>& saved_support(const std::string& area) const;  ///< after each round of this area
  const std::vector<std::vector<Index>>& saved_winners(const std::string& area) const;
  std::vector<std::string> areas() const;
  std::vector<std::string> stimuli() const;
  bool has_area(const std::string& name) const;
  bool has_stimulus(const std::string& name) const;

  /// Synapses among two lists of neurons, and the sum of their weights.
  struct Connection {
    double synapses = 0, weight = 0;
  };
  Connection connection(const std::string& source, const std::vector<Index>& pre, const std::string& target,
                        const std::vector<Index>& post);

  /// Dense connectome: all weights of a fibre, [pre][post].
  std::vector<float> weights(const std::string& source, const std::string& target);
  void set_weights(const std::string& source, const std::string& target, std::span<const float> weights);
  /// Summed weights of a stimulus onto each neuron (dense and procedural).
  std::vector<float> stimulus_weights(const std::string& stimulus, const std::string& target);
  void set_stimulus_weights(const std::string& stimulus, const std::string& target, std::span<const float> weights);

  /// Where weights that are stored as a whole lie: of a stimulus as "S to A", [post], summed over its neurons, and of
  /// an area in a dense connectome, [pre][post]. They stay there as long as the brain lives.
  std::vector<Place> places();

  std::uint64_t seed() const { return seed_; }
  Connectome connectome() const { return connectome_; }
  Backend& backend() const { return *backend_; }
  /// Bytes of fibres and areas, device and host.
  std::size_t bytes() const;
  /// Bytes that so many brains of such areas and fibres, by their numbers of (source, target) neurons, will take at
  /// least, one of them being saved; for the forecast.
  using Shapes = std::vector<std::pair<std::size_t, std::size_t>>;
  static std::size_t forecast(Connectome, const std::vector<AreaOptions>& areas, const Shapes& area_fibres,
                              const Shapes& stimulus_fibres, std::size_t brains);

  /// All state, for checkpoints: names, shapes and options must be as they were.
  nlohmann::json state() const;
  void set_state(const StateReader&);
  /// Shows all real values, for who looks for some that are not finite; see StateVisitor::inside.
  void look_inside(StateVisitor&, const std::string& name) const;

 private:
  struct Area;
  struct Stimulus;
  struct Round;
  struct Inputs;

  Area& area(const std::string& name);
  const Area& area(const std::string& name) const;
  double density(const std::string& source, const std::string& target) const;
  double beta(const std::string& source, const Area& target) const;
  Fibres& fibres(const std::string& source, const std::string& target);
  std::vector<Round> plan(const Map& stimuli, const Map& areas);
  bool self_contained(const Round&) const;
  Index run_rounds(const Map& stimuli, const Map& areas, Index rounds);
  static std::vector<std::pair<float, Index>> ranked(const std::vector<Index>& units, const std::vector<float>& inputs);
  void select(Round&);
  void select_lazily(Round&);
  void subtract_inhibition(const Area& target, Span<real> input);
  std::vector<Round> compete(std::vector<Round>&);
  void log(Area&);
  std::vector<Index> cut(Area& target, const std::vector<std::pair<float, Index>>& ranked, double& total) const;
  void recruit(std::vector<Round>&);
  static Index existing_before(const Area&, const std::vector<Round>&);
  std::vector<Inputs> inputs_of(const Round&, const std::vector<Round>&);
  static void join_firing(const Round&, Index self, std::span<const Index> chosen);
  void restore_area(Area&, const StateReader&);
  void finish(Round&);

  Backend* backend_;
  Connections* connections_;
  Rounds* rounds_;  ///< null: rounds are taken one by one
  std::uint64_t seed_;
  BrainOptions options_;
  Connectome connectome_;
  bool plasticity_ = true;
  std::unique_ptr<Draws> draws_;  ///< of the lazy scheme
  std::vector<std::unique_ptr<Area>> areas_;
  std::vector<std::unique_ptr<Stimulus>> stimuli_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Fibres>> fibres_;
  std::map<std::pair<std::string, std::string>, double> density_, beta_;
  Gates gates_;
  std::vector<std::set<std::string>> exclusive_;
};

/// Size of the intersection of two sets of winners.
Index overlap(const std::vector<Index>& a, const std::vector<Index>& b);
/// The same divided by the size of `b`; 0 for an empty one.
double relative_overlap(const std::vector<Index>& a, const std::vector<Index>& b);
/// Of `assembly` with each round of a history.
std::vector<Index> overlaps(const std::vector<std::vector<Index>>& history, const std::vector<Index>& base);

}  // namespace engram::calculus
