// A learned heteroassociative memory of many pairs, taught and asked for in rounds: what a capacity curve is made of.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "engine/models/nef/series.hpp"
#include "engine/run/model_state.hpp"
#include "engine/run/series.hpp"
#include "engram/nef/network.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::nef {

enum class StartOfEncoders { near_keys, random };

struct Study {
  Index pairs = 100, dimensions = 64, neurons = 2000;
  Index value_dimensions = 0;
  double presentation = 0.3, dt = 0.001;
  StartOfEncoders encoders = StartOfEncoders::near_keys;
  double spread = 0.5, voja = 0.05, speed = 20, cue_noise = 0;
  std::optional<double> intercept, pes;

  static constexpr auto fields = std::tuple{
      Field{"pairs", &Study::pairs, "keys and values, unit vectors drawn at random", 2, 1e7},
      Field{"dimensions", &Study::dimensions, "of a key", 1, 1e5},
      Field{"value_dimensions", &Study::value_dimensions, "of a value; 0: as many", 0, 1e5},
      Field{"neurons", &Study::neurons, "of the memory", 1, 1e8},
      Field{"presentation", &Study::presentation, "s that each pair is shown, and later each key", 1e-6, 1e6},
      Field{"encoders", &Study::encoders, "where they begin: around the keys in turn, or anywhere on the sphere", 0, 0,
            "near_keys|random"},
      Field{"spread", &Study::spread, "near_keys: length of the random vector that is added to a key", 0.0, 1e3},
      Field{"intercept", &Study::intercept, "default: the largest product of two keys", -1.0, 0.999999},
      Field{"voja", &Study::voja, "learning rate of the encoders", 0.0, 1e6},
      Field{"pes", &Study::pes, "learning rate of the decoders; default: from speed", 0.0, 1e9},
      Field{"speed", &Study::speed, "1/s: about how fast an error falls while its pair is shown", 0.0, 1e6},
      Field{"cue_noise", &Study::cue_noise, "length of a random vector that is added to each key that is asked", 0.0,
            1e3},
      Field{"dt", &Study::dt, "s a step", 1e-9, 1.0},
  };
  void check_together(const Report& problem) const;
  Index values() const { return value_dimensions ? value_dimensions : dimensions; }
  Tick steps_shown() const;
  /// A round teaches every pair once, then asks for each.
  Tick steps_of_round() const { return 2 * steps_shown() * pairs; }
};

struct StudyRun {
  std::uint64_t rounds = 1;
  static constexpr auto fields = std::tuple{
      Field{"rounds", &StudyRun::rounds,
            "how often all pairs are taught once and then asked for; results are of the last round", 1, 1e9}};
};

struct StudyConfig {
  Study study;
  StudyRun run;
  std::shared_ptr<const ModelState> begun;  ///< the memories to begin with; null: new ones

  Tick steps() const { return study.steps_of_round() * run.rounds; }
  std::vector<std::string> series() const { return names_of(recordable::of_study, {}); }
};
StudyConfig read_study(ConfigReader& experiment);
nlohmann::ordered_json schema_of_study();
/// Before the names of the state of one of several memories.
std::string name_of_memory(std::size_t replica);

/// A memory, as the seed draws it, with the values of its pairs.
struct DrawnStudy {
  Network network;
  Rows values;
  double intercept = 0, active = 0, pes = 0;  ///< neurons that answer a key; rate
};
DrawnStudy draw_study(const Study&, std::uint64_t seed);
/// The same sizes without numbers, for a forecast.
Network outline(const Study&);

}  // namespace engram::nef
