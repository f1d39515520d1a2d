#include "engram/leabra/rates.hpp"

#include <algorithm>
#include <cmath>

#include "engine/models/leabra/parts.hpp"
#include "engram/core/power.hpp"
#include "engram/run/state_reader.hpp"

namespace engram::leabra {

double rate_factor(const RateSchedule& s, std::uint64_t epoch, const Plateau& plateau) {
  const double share = static_cast<double>(epoch) / static_cast<double>(s.lrate_every);
  double by = 1, sine = 0;
  if (s.lrate_schedule == Schedule::step) by = math::pow(s.lrate_factor, std::floor(share));
  if (s.lrate_schedule == Schedule::exponential) by = math::pow(s.lrate_factor, share);
  if (s.lrate_schedule == Schedule::cosine) {
    math::sincos_turns(std::min(share, 1.0) / 2, sine, by);
    by = (1 + by) / 2;
  }
  if (s.lrate_schedule == Schedule::plateau) by = plateau.factor;
  return std::max(by, s.lrate_floor);
}

void Plateau::judge(const RateSchedule& s, double loss, std::uint64_t epochs) {
  const bool better = best < 0 || loss < best;
  best = better ? loss : best;
  since = better || cooldown ? 0 : since + epochs;
  cooldown -= std::min(cooldown, epochs);
  if (s.lrate_schedule != Schedule::plateau || since < s.lrate_patience) return;
  factor = std::max(factor * s.lrate_factor, s.lrate_floor);
  since = 0;
  cooldown = s.lrate_cooldown;
}

nlohmann::json saved(const Plateau& p) {
  return {{"best", p.best}, {"since", p.since}, {"cooldown", p.cooldown}, {"factor", p.factor}};
}
Plateau restored_plateau(const StateReader& p) {
  return {p["best"].number(-1), p["since"].whole(), p["cooldown"].whole(), p["factor"].number(0, 1)};
}

}  // namespace engram::leabra
