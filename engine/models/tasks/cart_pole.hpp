// A pole on a cart (Barto, Sutton & Anderson 1983, with the constants in common use since), and a linear policy that a
// reward alone teaches. Both in double and without libm: the same episodes on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engram/run/state_reader.hpp"

namespace engram {

/// Position m, velocity m/s, angle rad, angular velocity rad/s.
using PoleState = std::array<double, 4>;

struct CartPole {
  static constexpr double gravity = 9.8, cart_mass = 1, pole_mass = 0.1, half_length = 0.5;  ///< m/s^2, kg, kg, m
  static constexpr double force = 10, time_step = 0.02;                                      ///< N, s
  static constexpr double far = 2.4, steep = 12 * 2 * 3.14159265358979323846 / 360;  ///< m, rad: beyond it is lost
  static constexpr std::uint64_t longest = 200;                                      ///< steps of an episode

  /// One time step of Euler's method with the force to the right or to the left.
  static PoleState pushed(const PoleState&, bool right);
  static bool lost(const PoleState& s) { return s[0] < -far || s[0] > far || s[2] < -steep || s[2] > steep; }
};

/// Chooses right or left from the active units by a softmax of two linear readouts, and learns by REINFORCE (Williams
/// 1992): each reward, 1 a step, credits the earlier choices of its episode, those d steps back by discount^d. Their
/// discounted sum is an eligibility trace, so an episode needs no memory of its steps.
class PolePolicy {
 public:
  explicit PolePolicy(Index units);
  /// A new episode, from angles and positions within +-0.05 that `seed` and the number of the episode determine.
  void begin(std::uint64_t seed);
  const PoleState& pole() const { return pole_; }
  /// One step with these active units, ascending: choice by the draw of step `t`, push, reward. At the end of an
  /// episode learns, begins another one and returns its score in steps; else 0.
  std::uint64_t act(std::span<const Index> active, std::uint64_t seed, Tick t, double learning_rate, double discount);
  std::uint64_t episodes() const { return episodes_; }

  std::span<const double> weights() const { return weight_; }
  nlohmann::json save() const;
  void restore(const StateReader&);

 private:
  PoleState pole_{};
  std::uint64_t episodes_ = 0, steps_ = 0;
  std::vector<double> weight_, trace_, gradient_;  ///< [unit + 1][left, right]; the last is a constant input
};

}  // namespace engram
