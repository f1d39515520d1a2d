// Draws that go on from phase to phase, and from a run to the one that begins with its state: no two share any.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "engram/core/portable.hpp"
#include "engram/run/state_reader.hpp"

namespace engram {

class DrawCount {
 public:
  /// Behind the draws of another run, as its state tells them.
  void begin(const nlohmann::json& state) {
    restore(state);
    before_ = done_;
  }
  /// The number of the first draw of a phase, of which `draws` makes so many.
  template <class Phase, class Draws>
  Tick first(const std::vector<Phase>& protocol, const Phase& phase, Draws&& draws) const {
    Tick all = before_;
    for (const Phase* earlier = protocol.data(); earlier != &phase; ++earlier) all += draws(*earlier);
    return all;
  }
  /// So many have been made, those before this run included.
  void reach(Tick draws) { done_ = draws; }

  nlohmann::json save() const { return {{"done", done_}, {"before", before_}}; }
  /// From a state that has them as "draws"; files of earlier versions have none.
  void restore(const nlohmann::json& state) {
    if (!state.is_object() || !state.contains("draws")) return;
    const StateReader draws(state["draws"], "draws");
    done_ = draws["done"].whole();
    before_ = draws["before"].whole();
  }

 private:
  Tick done_ = 0, before_ = 0;
};

}  // namespace engram
