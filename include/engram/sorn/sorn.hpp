// Self-organising recurrent networks: a pool of binary excitatory units, a fifth as many inhibitory ones, and five
// local rules that act in every step. Lazar, Pipa & Triesch 2009, "SORN: a self-organizing recurrent neural network";
// Zheng, Dimitrakakis & Triesch 2013. Defaults and the order within a step are those of the Python package `sorn`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engram/backend.hpp"
#include "engram/core/field_kinds.hpp"
#include "engram/sorn/steps.hpp"

namespace engram {
class StateVisitor;  // engram/run/task.hpp
}

namespace engram::sorn {

/// Rules that may be kept from acting.
inline constexpr const char* rule_names = "stdp|ip|sp|istdp|ss";

/// One network. Sums of in-degrees and such are counts; rates are spikes per unit and step.
struct Parameters {
  Index ne = 200;
  Index nu = 10;
  double lambda_ee = 20, lambda_ei = 40, lambda_ie = 100;
  std::string network_type_ee = "Sparse", network_type_ei = "Sparse", network_type_ie = "Dense";
  double eta_stdp = 0.004, eta_inhib = 0.001, eta_ip = 0.01;
  double mu_ip = 0.1, sigma_ip = 0;
  double te_min = 0, te_max = 1, ti_min = 0, ti_max = 0.5;
  std::optional<double> h_ip = {};
  std::string h_ip_distribution = "fixed";
  bool noise = true;
  double noise_sigma_e = 0.04, noise_sigma_i = 0.04;
  double w_max = 1, wei_floor = 0, prune_at = 0;
  double sp_rate = 0.1, sp_init = 0.001;
  bool inclusive_threshold = false, fast_inhibition = false, clamp_te = true;
  Index k_winners = 0;
  double noise_spikes_e = 0, noise_spikes_i = 0;
  double feed_forward_inhibition = 0;
  std::string initial_thresholds = "random";
  std::string input_weights = "direct";
  double lambda_eu = 10, eta_input = 0.001;
  std::string repair = "auto";
  std::string phase = "plasticity";
  std::vector<std::string> freeze;

  static constexpr auto fields = std::tuple{
      Field{"ne", &Parameters::ne, "excitatory units; a fifth as many inhibitory ones", 5.0, 1e8},
      Field{"nu", &Parameters::nu, "input units: the first ones of the excitatory pool", 0.0, 1e8},
      Field{"lambda_ee", &Parameters::lambda_ee, "mean number of excitatory inputs of an excitatory unit, plus a half",
            0.0, 1e6},
      Field{"lambda_ei", &Parameters::lambda_ei, "mean number of excitatory targets of an inhibitory unit, plus a half",
            0.0, 1e6},
      Field{"lambda_ie", &Parameters::lambda_ie, "the same for excitatory inputs of an inhibitory unit; Sparse only",
            0.0, 1e6},
      Field{"network_type_ee", &Parameters::network_type_ee, "excitatory to excitatory", 0.0, 0.0, "Sparse|Dense"},
      Field{"network_type_ei", &Parameters::network_type_ei, "inhibitory to excitatory", 0.0, 0.0, "Sparse|Dense"},
      Field{"network_type_ie", &Parameters::network_type_ie, "excitatory to inhibitory", 0.0, 0.0, "Sparse|Dense"},
      Field{"eta_stdp", &Parameters::eta_stdp, "step of an excitatory weight", 0.0, 1.0},
      Field{"eta_inhib", &Parameters::eta_inhib, "step of an inhibitory weight", 0.0, 1.0},
      Field{"eta_ip", &Parameters::eta_ip, "step of a threshold", 0.0, 1.0},
      Field{"mu_ip", &Parameters::mu_ip, "rate that inhibitory plasticity balances at", 1e-6, 1.0},
      Field{"sigma_ip", &Parameters::sigma_ip, "spread of the target rates, unless they are fixed", 0.0, 10.0},
      Field{"te_min", &Parameters::te_min, "least excitatory threshold, at the start and later", -1e3, 1e3},
      Field{"te_max", &Parameters::te_max, "largest excitatory threshold, at the start and later", -1e3, 1e3},
      Field{"ti_min", &Parameters::ti_min, "least inhibitory threshold", -1e3, 1e3},
      Field{"ti_max", &Parameters::ti_max, "largest inhibitory threshold", -1e3, 1e3},
      or_minus_one(Field{"h_ip", &Parameters::h_ip, "target rate; default, and -1: 2 nu / ne, as the package has it",
                         0.0, 10.0}),
      Field{"h_ip_distribution", &Parameters::h_ip_distribution,
            "of the units' target rates: all alike, or with standard deviation sigma_ip (lognormal: of the logarithm)",
            0.0, 0.0, "fixed|normal|lognormal"},
      Field{"noise", &Parameters::noise, "Gaussian noise on every unit in every step"},
      Field{"noise_sigma_e", &Parameters::noise_sigma_e, "its standard deviation, excitatory units", 0.0, 1e3},
      Field{"noise_sigma_i", &Parameters::noise_sigma_i, "its standard deviation, inhibitory units", 0.0, 1e3},
      Field{"noise_spikes_e", &Parameters::noise_spikes_e,
            "probability that noise makes an excitatory unit fire in a step, whatever its drive", 0.0, 1.0},
      Field{"noise_spikes_i", &Parameters::noise_spikes_i, "the same, inhibitory units", 0.0, 1.0},
      Field{"k_winners", &Parameters::k_winners,
            "so many excitatory units fire in each step, those whose drive is furthest above their thresholds, equal "
            "ones by "
            "lower index; 0: all that are above",
            0.0, 1e8},
      Field{"initial_thresholds", &Parameters::initial_thresholds,
            "uniform between their bounds; or evenly spaced between them, over excitatory units in random order", 0.0,
            0.0, "random|ordered"},
      Field{"input_weights", &Parameters::input_weights,
            "component k of the input is added to the drive of excitatory unit k; or each excitatory unit has synapses "
            "from "
            "random components, which STDP and scaling change as far as they are not frozen",
            0.0, 0.0, "direct|plastic"},
      Field{"lambda_eu", &Parameters::lambda_eu,
            "plastic inputs: mean number of them to an excitatory unit, plus a half", 0.0, 1e6},
      Field{"eta_input", &Parameters::eta_input, "plastic inputs: step of their weights", 0.0, 1.0},
      Field{"feed_forward_inhibition", &Parameters::feed_forward_inhibition,
            "the sum of the input, times this, is added to the drive of every inhibitory unit", 0.0, 1e6},
      Field{"w_max", &Parameters::w_max, "plastic weights do not grow beyond this", 1e-6, 1e3},
      Field{"wei_floor", &Parameters::wei_floor,
            "inhibitory weights do not fall below this; 0 prunes, the papers have 0.001", 0.0, 1.0},
      Field{"prune_at", &Parameters::prune_at,
            "excitatory weights that STDP leaves at or below this are pruned; the code of delpapa2017 has 1e-10", 0.0,
            1.0},
      Field{"sp_rate", &Parameters::sp_rate, "new synapses a step, on average", 0.0, 1e6},
      Field{"sp_init", &Parameters::sp_init, "weight of a new synapse", 1e-9, 1.0},
      Field{"inclusive_threshold", &Parameters::inclusive_threshold,
            "a drive equal to the threshold fires, as in the papers"},
      Field{"fast_inhibition", &Parameters::fast_inhibition,
            "inhibitory units read the new excitatory activity, as in Lazar 2009"},
      Field{"clamp_te", &Parameters::clamp_te, "thresholds stay within te_min and te_max"},
      Field{"repair", &Parameters::repair,
            "rows left without synapses get two, from the first fifth of the units (the package) or from all of them; "
            "auto: the "
            "package's way where a fifth is at least one unit",
            0.0, 0.0, "auto|reference|uniform_rows"},
      Field{"phase", &Parameters::phase, "training propagates activity and changes no weight and no threshold", 0.0,
            0.0, "plasticity|training"},
      Field{"freeze", &Parameters::freeze,
            "rules that do not act: STDP, intrinsic, structural, inhibitory STDP, scaling of both projections", 0.0,
            0.0, rule_names},
  };
  void check_together(const Report&) const;

  Index ni() const { return static_cast<Index>(0.2 * ne); }
  bool plastic_inputs() const { return input_weights == "plastic"; }
  double target_rate() const { return h_ip.value_or(2.0 * nu / ne); }
};

/// Published variants; the first, "package", has the defaults.
std::vector<std::string> preset_names();
/// Their parameters over `base`. Throws Error.
Parameters preset_parameters(const std::string& name, Parameters base = {});

/// One network on the host: the form of checkpoints and of state handed from run to run.
struct State {
  Rows wee, wei, wie;  ///< rows of postsynaptic units: ne, ne and ni of them
  std::vector<real> te, ti;
  std::vector<std::uint8_t> x, x_before, y, y_before;  ///< 0 or 1
  Rows weu = {};                                       ///< from the input, ne rows; none where it is added directly
};

/// A new network, drawn from `seed`.
State make_state(const Parameters&, std::uint64_t seed);

// Parts of it, for those who bring their own draws; see also draws.hpp.
/// Every row divided by its sum, added left to right; an empty row stays.
void normalize_rows(Rows&);
/// Off-diagonal pairs without a synapse, in order of (pre, post); the `rank`-th of them. Throws Error where there are
/// fewer.
NewSynapse absent_pair(const Rows&, std::uint64_t rank);

/// R networks of equal size on one backend, each with its parameters and seed.
class Network {
 public:
  /// New networks. `seeds` and `parameters` are one a replica; sizes and types of connection must agree. Throws
  /// ConfigError.
  Network(Backend&, std::vector<Parameters> parameters, std::vector<std::uint64_t> seeds);
  /// Networks that go on from given states; `tick` is where their random streams stand.
  Network(Backend&, std::vector<Parameters> parameters, std::vector<std::uint64_t> seeds, std::span<const State> states,
          Tick tick = 0);

  Index replicas() const { return static_cast<Index>(parameters_.size()); }
  const Parameters& parameters(Index replica = 0) const { return parameters_[replica]; }
  Tick tick() const { return tick_; }

  /// What to record of each step of a run.
  struct Record {
    bool x = false, y = false, recurrent = false, counts = false;
  };
  /// What was recorded, [step][replica] each.
  struct Recorded {
    std::vector<std::uint32_t> x, y, recurrent;  ///< two bits a unit, 16 units a word
    std::vector<Counts> counts;                  ///< before the rules of each step
    std::size_t words_e = 0, words_i = 0;
  };
  /// Draws recorded elsewhere, in place of the generator's: [step][replica][unit], [step][replica].
  struct Draws {
    std::vector<real> noise_e, noise_i;
    std::vector<NewSynapse> synapses;
  };
  /// `steps` steps with input [step][nu], or [step][replica][nu]; empty input is none.
  Recorded run(Index steps, std::span<const real> input, const Record& record, const Draws* draws = nullptr);
  void run(Index steps, std::span<const real> input = {}) { run(steps, input, Record{}); }

  /// Rules that act from now on: as Parameters::freeze, ::phase and ::noise.
  void set_rules(const std::vector<std::string>& freeze, const std::string& phase, bool noise);
  void set_target_rates(Index replica, std::span<const real> rates);
  std::vector<real> target_rates() const { return target_.download(); }  ///< [replica][ne]

  State state(Index replica) const { return std::move(states(replica, 1)[0]); }
  /// Those of replicas [first, first + count).
  std::vector<State> states(Index first, Index count) const;
  void set_state(std::span<const State>, Tick tick);
  std::vector<Counts> counts() const { return counts_.download(); }
  std::vector<real> thresholds() const { return te_.download(); }  ///< [replica][ne]
  std::vector<real> drives() const {
    return drive_e_.download();
  }  ///< [replica][ne]: what the next step meets, before noise and input
  std::vector<real> drives_to_inhibitory() const { return drive_i_.download(); }
  std::vector<std::uint32_t> activity() const { return x_.download(); }

  std::size_t bytes() const;  ///< on the device
  static std::size_t forecast(const Parameters&, std::size_t replicas);
  View view() const;
  /// All state between two steps; names begin with `prefix`.
  void visit(StateVisitor&, const std::string& prefix = "");

 private:
  struct Unmade {};  ///< without state as yet
  Network(Backend&, std::vector<Parameters> parameters, std::vector<std::uint64_t> seeds, Unmade);
  bool make_on_device();
  void set_units(std::span<const State>, Tick tick);
  void read_units(std::vector<State>&, Index first) const;
  void upload_rules();

  Backend* backend_;
  sorn::Steps* steps_;
  std::vector<Parameters> parameters_;
  Tick tick_ = 0;
  std::optional<Incoming> ee_, ei_, eu_;
  std::optional<Dense> ie_all_;
  std::optional<Outgoing> ie_some_;
  Array<Rules> rules_;
  Array<std::uint64_t> seed_;
  Array<std::uint32_t> x_, y_;
  Array<real> te_, ti_, target_, drive_e_, drive_i_, drive_u_, score_;
  Array<Counts> counts_;
  Array<NewSynapse> events_;
  std::vector<std::uint64_t> seeds_;
};

/// Bit of unit `i` in a row of recorded words.
inline bool is_active(const std::uint32_t* words, std::size_t i) {
  return (words[i / units_per_word] >> (i % units_per_word * 2)) & 1u;
}

}  // namespace engram::sorn
