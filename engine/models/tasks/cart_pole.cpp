#include "engine/models/tasks/cart_pole.hpp"

#include <algorithm>

#include "engram/core/math.hpp"
#include "engram/core/random.hpp"

namespace engram {

namespace {
double fraction(const Random& random, std::uint32_t i) { return static_cast<double>(random.words(0).w[i]) * 0x1p-32; }
}  // namespace

PoleState CartPole::pushed(const PoleState& s, bool right) {
  constexpr double mass = cart_mass + pole_mass, moment = pole_mass * half_length, turn = 2 * 3.14159265358979323846;
  const double turns = s[2] / turn;
  double sine = 0, cosine = 0;
  math::sincos_turns(turns < 0 ? -turns : turns, sine, cosine);
  if (turns < 0) sine = -sine;
  const double push = ((right ? force : -force) + moment * s[3] * s[3] * sine) / mass;
  const double turning =
      (gravity * sine - cosine * push) / (half_length * (4.0 / 3.0 - pole_mass * cosine * cosine / mass));
  const double moving = push - moment * turning * cosine / mass;
  return {s[0] + time_step * s[1], s[1] + time_step * moving, s[2] + time_step * s[3], s[3] + time_step * turning};
}

PolePolicy::PolePolicy(Index units)
    : weight_((std::size_t{units} + 1) * 2), trace_(weight_.size()), gradient_(weight_.size()) {}

void PolePolicy::begin(std::uint64_t seed) {
  const Random random{seed, Stream::pole_start, episodes_, 0};
  for (std::uint32_t i = 0; i < 4; ++i) pole_[i] = 0.1 * fraction(random, i) - 0.05;
  steps_ = 0;
  trace_.assign(trace_.size(), 0);
  gradient_.assign(gradient_.size(), 0);
}

std::uint64_t PolePolicy::act(std::span<const Index> active, std::uint64_t seed, Tick t, double learning_rate,
                              double discount) {
  const auto constant = static_cast<Index>(weight_.size() / 2 - 1);
  const auto for_inputs = [&](auto&& f) {
    for (const Index i : active) f(i);
    f(constant);
  };
  double difference = 0;  // right minus left: all that a softmax of two needs, and it cannot overflow
  for_inputs([&](Index i) { difference += weight_[2 * i + 1] - weight_[2 * i]; });
  const double e = math::exp(difference < 0 ? difference : -difference);
  const double right = difference < 0 ? e / (1 + e) : 1 / (1 + e);
  const bool choice = fraction(Random{seed, Stream::pole_choice, t, 0}, 0) < right;
  for (double& trace : trace_) trace *= discount;
  const double credit = choice ? 1 - right : -right;
  for_inputs([&](Index i) {
    trace_[2 * i + 1] += credit;
    trace_[2 * i] -= credit;
  });
  for (std::size_t k = 0; k < trace_.size(); ++k) gradient_[k] += trace_[k];
  pole_ = CartPole::pushed(pole_, choice);
  ++steps_;
  if (!CartPole::lost(pole_) && steps_ < CartPole::longest) return 0;
  for (std::size_t k = 0; k < weight_.size(); ++k) weight_[k] += learning_rate * gradient_[k];
  const std::uint64_t score = steps_;
  ++episodes_;
  begin(seed);
  return score;
}

nlohmann::json PolePolicy::save() const {
  return {{"pole", pole_},     {"episodes", episodes_}, {"steps", steps_},
          {"weight", weight_}, {"trace", trace_},       {"gradient", gradient_}};
}

void PolePolicy::restore(const StateReader& state) {
  const std::vector<double> pole = state["pole"].numbers(pole_.size());
  std::copy(pole.begin(), pole.end(), pole_.begin());
  episodes_ = state["episodes"].whole();
  steps_ = state["steps"].whole(CartPole::longest);
  for (const auto& [name, values] :
       {std::pair{"weight", &weight_}, std::pair{"trace", &trace_}, std::pair{"gradient", &gradient_}})
    *values = state[name].numbers(values->size());
}

}  // namespace engram
