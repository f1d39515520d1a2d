// Scripts of rounds: what the operations of the assembly calculus are made of, as data. presets.hpp has some; JSON
// experiments write their own.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "engram/calculus/measure.hpp"
#include "engram/calculus/steps.hpp"

namespace engram::calculus {

using Step = std::variant<Project, Fix, Unfix, Activate, Fire, Winners, Plasticity, Rate, Inhibit, Disinhibit, Exclude,
                          Include, Normalise, Inhibition, Remember, Measure, Save, Restore, OrderedRecall, Walk>;
using Script = std::vector<Step>;

/// What a script may rely on that another one, which ran on the brain before, has left.
struct Inherited {
  bool any = false;
  bool known = true;  ///< false: it comes with a state that is still to be set
  std::map<std::string, std::vector<Index>> assemblies = {};
};

/// Runs a script on a brain, one tick at a time: a tick is one round of a Project, or one other step.
class Player {
 public:
  Player(Brain brain, Script script, Inherited inherited = {});
  std::size_t ticks() const { return ends_.empty() ? 0 : ends_.back(); }
  /// Returns the areas that this tick projected to, none where it was another step or was skipped as stable.
  std::vector<std::string> tick(std::size_t t);
  /// How many ticks from t on, at most `most`, are rounds that may be taken in one call: 1 where a brain gains nothing
  /// by it.
  std::size_t batch(std::size_t t, std::size_t most) const;
  /// So many ticks, which tick() would leave in the same state; returns the areas that the last one projected to.
  std::vector<std::string> advance(std::size_t t, std::size_t count);
  void run() {
    for (std::size_t t = 0, n = 0; t < ticks(); t += n) advance(t, n = batch(t, ticks() - t));
  }

  Brain& brain() { return stage_.brain; }
  const Brain& brain() const { return stage_.brain; }
  const std::vector<Index>& assembly(const std::string& name) const;
  /// label -> values, in the order in which they were measured.
  const auto& results() const { return stage_.results; }
  double result(const std::string& label) const;  ///< the last value of a label
  /// How many winners of the last rounds of projections received no input, in each area that had such.
  const std::map<std::string, std::uint64_t>& without_input() const { return stage_.without_input; }
  /// The step that holds tick t: its number, and the ticks [begin, end) that it takes.
  struct Place {
    std::size_t step, begin, end;
  };
  Place place_at(std::size_t t) const;
  /// Throws Error for names that the script uses before they exist; checks everything before a run.
  static void check(const Brain& brain, const Script& script, const Inherited& inherited = {});

  nlohmann::json state() const;
  void set_state(const StateReader&);

 private:
  std::size_t step_at(std::size_t t) const;
  void count_without_input(std::size_t t, const std::vector<std::string>& projected);

  Stage stage_;
  Script script_;
  bool inherits_;
  std::vector<std::size_t> ends_;  ///< of each step, the first tick after it
};

}  // namespace engram::calculus
