#include "engine/run/guard.hpp"

#include <algorithm>

#include "engine/run/checkpoint.hpp"

namespace engram {

void Guard::look(Task& task) {
  constexpr double share = 0.005, least = 100, most = 1e12;
  const auto begin = now_();
  check_finite(task, next_ - 1);
  const auto end = now_();
  const Seconds looking = end - begin, running = begin - since_;
  const Seconds cost = last_ > Seconds(0) ? std::min(looking, last_) : looking;
  every_ = static_cast<Tick>(
      std::clamp(static_cast<double>(every_) * cost.count() / (share * running.count() + 1e-12), least, most));
  next_ += every_;
  since_ = end;
  last_ = looking;
}

}  // namespace engram
