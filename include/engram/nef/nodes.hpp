// Nodes: what comes into a network from outside, or passes through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "engram/core/array.hpp"
#include "engram/nef/distributions.hpp"
#include "engram/nef/named.hpp"
#include "engram/nef/synapses.hpp"

namespace engram::nef {

struct Passthrough {
  static constexpr const char* name = "passthrough";
  static constexpr const char* help = "the sum of its inputs, without delay";
  Index size_in = 1;
  static constexpr auto fields = std::tuple{Field{"size_in", &Passthrough::size_in, "numbers", 1, 1e9}};
};
struct ConstantOutput {
  static constexpr const char* name = "constant";
  static constexpr const char* help = "always the same";
  std::vector<double> value;
  static constexpr auto fields = std::tuple{required(Field{"value", &ConstantOutput::value, "the numbers"})};
};
/// Row floor((step - 1) / (period / dt)) mod rows.
struct Cycle {
  static constexpr const char* name = "cycle";
  static constexpr const char* help = "rows in turn, each for a period";
  Rows values;
  double period = 1;
  static constexpr auto fields =
      std::tuple{required(Field{"values", &Cycle::values, "rows"}),
                 required(Field{"period", &Cycle::period, "s that each is shown", 1e-9, 1e9})};
};
/// The row with the last time below t + dt / 2; zeros before the first.
struct TimeTable {
  static constexpr const char* name = "schedule";
  static constexpr const char* help = "rows, each from its time on; zeros before the first";
  std::vector<double> times;
  Rows values;
  static constexpr auto fields = std::tuple{required(Field{"times", &TimeTable::times, "s, ascending", 0.0, 1e12}),
                                            required(Field{"values", &TimeTable::values, "a row a time"})};
  void check_together(const Report& problem) const;
};
struct StepTable {
  static constexpr const char* name = "table";
  static constexpr const char* help = "rows, each from its step on, which count from 1; zeros before the first";
  std::vector<std::uint64_t> steps;
  Rows values;
  static constexpr auto fields = std::tuple{required(Field{"steps", &StepTable::steps, "ascending", 1, 1e15}),
                                            required(Field{"values", &StepTable::values, "a row a step"})};
  void check_together(const Report& problem) const;
};
struct FunctionOfInput {
  static constexpr const char* name = "function";
  static constexpr const char* help = "a function of the sum of its inputs, without delay";
  Index size_in = 1;
  Function function = Function::square;
  static constexpr auto fields = std::tuple{
      Field{"size_in", &FunctionOfInput::size_in, "numbers", 1, 1e9},
      Field{"function", &FunctionOfInput::function, "of each number, or of all", 0, 0,
            "square|sine|cosine|absolute|product|sum|norm"},
  };
};
struct Sine {
  static constexpr const char* name = "sine";
  static constexpr const char* help = "amplitude sin(2 pi (frequency t + phase))";
  std::vector<double> frequency{1}, amplitude{1}, phase{0};
  static constexpr auto fields =
      std::tuple{Field{"frequency", &Sine::frequency, "Hz, of each number", 0.0, 1e6},
                 Field{"amplitude", &Sine::amplitude, "of each number, or of all", -1e6, 1e6},
                 Field{"phase", &Sine::phase, "turns, of each number or of all", 0.0, 1.0}};
};
struct WhiteNoise {
  static constexpr const char* name = "white_noise";
  static constexpr const char* help = "a fresh number each step";
  Index size = 1;
  Noise noise = Noise::normal;
  double mean = 0, std = 1;
  bool scale = true;
  static constexpr auto fields = std::tuple{
      Field{"size", &WhiteNoise::size, "numbers", 1, 1e9},
      Field{"kind", &WhiteNoise::noise, "normal deviates, or uniform ones of that mean and deviation", 0, 0,
            "normal|uniform"},
      Field{"mean", &WhiteNoise::mean, "mean", -1e9, 1e9},
      Field{"std", &WhiteNoise::std, "standard deviation", 0.0, 1e9},
      Field{"scale", &WhiteNoise::scale, "divided by the root of dt, so that its power does not depend on dt"},
  };
};
struct FilteredNoise {
  static constexpr const char* name = "filtered_noise";
  static constexpr const char* help = "white noise through a filter";
  Index size = 1;
  Synapse synapse;
  double mean = 0, std = 1;
  bool scale = true;
  static constexpr auto fields = std::tuple{
      Field{"size", &FilteredNoise::size, "numbers", 1, 1e9},
      Field{"synapse", &FilteredNoise::synapse, "the filter"},
      Field{"mean", &FilteredNoise::mean, "mean of the noise", -1e9, 1e9},
      Field{"std", &FilteredNoise::std, "its standard deviation", 0.0, 1e9},
      Field{"scale", &FilteredNoise::scale, "divided by the root of dt"},
  };
};
struct BrownNoise {
  static constexpr const char* name = "brown_noise";
  static constexpr const char* help = "the integral of white noise";
  Index size = 1;
  double mean = 0, std = 1;
  static constexpr auto fields = std::tuple{Field{"size", &BrownNoise::size, "numbers", 1, 1e9},
                                            Field{"mean", &BrownNoise::mean, "mean of the noise", -1e9, 1e9},
                                            Field{"std", &BrownNoise::std, "its standard deviation", 0.0, 1e9}};
};
struct WhiteSignal {
  static constexpr const char* name = "white_signal";
  static constexpr const char* help = "a random periodic signal of frequencies up to a limit";
  Index size = 1;
  double period = 10, high = 5, rms = 0.5;
  std::optional<double> y0;
  static constexpr auto fields = std::tuple{
      Field{"size", &WhiteSignal::size, "numbers", 1, 1e6},
      Field{"period", &WhiteSignal::period, "s after which it comes again", 1e-6, 1e6},
      Field{"high", &WhiteSignal::high, "largest frequency, Hz", 1e-6, 1e6},
      Field{"rms", &WhiteSignal::rms, "root of the mean square", 0.0, 1e9},
      Field{"y0", &WhiteSignal::y0, "it begins where it is nearest to this", -1e9, 1e9},
  };
};

using NodeOutput = std::variant<Passthrough, ConstantOutput, Cycle, TimeTable, StepTable, FunctionOfInput, Sine,
                                WhiteNoise, FilteredNoise, BrownNoise, WhiteSignal>;
struct Node {
  NodeOutput output = Passthrough{};
  std::optional<std::uint64_t> seed;
  static constexpr auto fields = std::tuple{Field{"output", &Node::output, "where its values come from"},
                                            Field{"seed", &Node::seed, "of what it draws; default: the replica's"}};
};

}  // namespace engram::nef
