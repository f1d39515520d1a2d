// Learning rules of connections, as data; what they compute is in learning.hpp.
#pragma once

#include <optional>
#include <tuple>
#include <variant>

#include "engram/nef/synapses.hpp"

namespace engram::nef {

/// Of PES onto neurons: the error of a neuron is its encoder times the error, where scaled encoders hold the gain, with
/// which the neuron's current is multiplied once more.
enum class LocalError { scaled_encoders, unscaled_encoders };
struct Pes {
  static constexpr const char* name = "pes";
  static constexpr const char* help = "decoders move against an error that the rule is given";
  double rate = 1e-4;
  Synapse pre_synapse;
  LocalError local_error = LocalError::scaled_encoders;
  static constexpr auto fields = std::tuple{
      Field{"rate", &Pes::rate, "learning rate", 0.0, 1e12},
      Field{"pre_synapse", &Pes::pre_synapse, "filter of the activities"},
      Field{"local_error", &Pes::local_error, "targets that are neurons: encoders that the error is multiplied with", 0,
            0, "scaled_encoders|unscaled_encoders"}};
};
enum class VojaInput { ensemble, connection };
struct Voja {
  static constexpr const char* name = "voja";
  static constexpr const char* help = "encoders of active neurons move towards the input";
  double rate = 1e-2;
  Synapse post_synapse;
  VojaInput input = VojaInput::ensemble;
  static constexpr auto fields =
      std::tuple{Field{"rate", &Voja::rate, "learning rate", 0.0, 1e12},
                 Field{"post_synapse", &Voja::post_synapse, "filter of the activities"},
                 Field{"input", &Voja::input,
                       "where encoders move to: the whole input of the ensemble, or what this connection delivers", 0,
                       0, "ensemble|connection"}};
};
struct Bcm {
  static constexpr const char* name = "bcm";
  static constexpr const char* help = "weights grow where the target is more active than its own mean";
  double rate = 1e-9;
  Synapse pre_synapse;
  std::optional<Synapse> post_synapse;
  Synapse theta_synapse{Lowpass{1}};
  static constexpr auto fields =
      std::tuple{Field{"rate", &Bcm::rate, "learning rate", 0.0, 1e12},
                 Field{"pre_synapse", &Bcm::pre_synapse, "filter of the sources"},
                 Field{"post_synapse", &Bcm::post_synapse, "filter of the targets; default: that of the sources"},
                 Field{"theta_synapse", &Bcm::theta_synapse, "filter of the targets that makes their mean"}};
};
struct Oja {
  static constexpr const char* name = "oja";
  static constexpr const char* help = "Hebbian weights that forget by the square of the target's activity";
  double rate = 1e-6;
  Synapse pre_synapse;
  std::optional<Synapse> post_synapse;
  double beta = 1;
  static constexpr auto fields =
      std::tuple{Field{"rate", &Oja::rate, "learning rate", 0.0, 1e12},
                 Field{"pre_synapse", &Oja::pre_synapse, "filter of the sources"},
                 Field{"post_synapse", &Oja::post_synapse, "filter of the targets; default: that of the sources"},
                 Field{"beta", &Oja::beta, "weight of forgetting", 0.0, 1e12}};
};
struct Rls {
  static constexpr const char* name = "rls";
  static constexpr const char* help = "recursive least squares on an error that the rule is given";
  double rate = 1e-3;
  Synapse pre_synapse;
  static constexpr auto fields = std::tuple{Field{"rate", &Rls::rate, "learning rate", 0.0, 1e12},
                                            Field{"pre_synapse", &Rls::pre_synapse, "filter of the activities"}};
};
using RuleType = std::variant<Pes, Voja, Bcm, Oja, Rls>;
struct LearningRule {
  RuleType type = Pes{};
  static constexpr auto fields = std::tuple{required(Field{"rule", &LearningRule::type, "which rule"})};
};

}  // namespace engram::nef
