// What drives a SORN network, as a function of the step (and of the pole that it balances) alone: nothing to save.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/models/tasks/cart_pole.hpp"
#include "engine/run/number_rows.hpp"
#include "engram/core/field_kinds.hpp"
#include "engram/core/portable.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::sorn {

/// The words of the counting task (Lazar, Pipa & Triesch 2009): a b^n c and d e^n f in random alternation. Symbols are
/// numbered a 0, b 1, c 2, d 3, e 4, f 5; positions 0 .. n+1 in the first word, n+2 .. 2n+3 in the second.
struct Counting {
  Index n = 4;

  static constexpr std::size_t symbols = 6;
  std::size_t positions() const { return 2 * (std::size_t{n} + 2); }
  std::size_t position(std::uint64_t seed, Tick t) const;
  std::size_t symbol(std::uint64_t seed, Tick t) const;
  bool first(Tick t) const { return t % (n + 2) == 0; }
  bool last(Tick t) const { return t % (n + 2) == n + 1; }
};

struct Input {
  std::string source = "none";
  double gain = 1;
  Index n = 4;      ///< of the counting task
  Index pool = 10;  ///< units that a symbol drives
  std::string pools = "disjoint";
  double value = 1;
  NumberRows values;                ///< [step][unit]
  std::string when_over = "error";  ///< of the values

  static constexpr auto fields = std::tuple{
      Field{"source", &Input::source,
            "none; the same value everywhere; uniform on [0, 1), new each step; 10,000 to some units, the same in "
            "every step, as the package's "
            "strong one-hot input; words of the counting task; position and angle of a pole and their velocities; or "
            "the rows of values",
            0.0, 0.0, "none|constant|random|strong_one_hot|counting|cart_pole|values"},
      Field{"gain", &Input::gain, "input is multiplied by this", -1e6, 1e6},
      Field{"n", &Input::n, "counting: how often the middle letter stands in a word", 1.0, 1000.0},
      Field{"pool", &Input::pool, "counting: units that each of the six symbols drives", 1.0, 1e6},
      Field{"pools", &Input::pools,
            "counting: each symbol has units of its own, or any of the nu input units, drawn from the seed", 0.0, 0.0,
            "disjoint|overlapping"},
      Field{"value", &Input::value, "constant: the value", -1e6, 1e6},
      Field{
          "when_over", &Input::when_over,
          "values: what follows their last row. An error before the run begins; the rows again from the top; the last "
          "row for ever; or no input",
          0.0, 0.0, "error|repeat|hold|stop"},
  };

  static Input read(const ConfigReader&, Index nu);
  static nlohmann::ordered_json schema();
  /// Reports values that end before step `end`, where that is an error.
  void check_length(const ConfigReader&, Tick end) const;
  Counting counting() const { return {n}; }
  /// Appends the `nu` values of step t in the life of the network with this seed; `pole` is what it sees of its cart.
  void append(std::uint64_t seed, Tick t, Index nu, const PoleState& pole, std::vector<real>& out) const;
};

}  // namespace engram::sorn
