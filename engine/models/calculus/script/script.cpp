#include "engram/calculus/script.hpp"

#include <algorithm>

namespace engram::calculus {

namespace {

/// The script was checked before it began, so what it needs can only be missing where a state was restored.
[[noreturn]] void lacks(const char* what, const std::string& name) {
  throw IoError(std::string("the state that this run goes on from lacks ") + what + " \"" + name + "\"");
}

}  // namespace

void Stage::put(const std::string& label, double value) {
  for (auto& [name, values] : results)
    if (name == label) return values.push_back(value);
  results.push_back({label, {value}});
}

const std::vector<Index>& Stage::remembered(const std::string& name) const {
  const auto at = assemblies.find(name);
  if (at == assemblies.end()) lacks("the assembly", name);
  return at->second;
}

const std::vector<double>& Stage::measured(const std::string& label) const {
  const auto at = std::find_if(results.begin(), results.end(), [&](const auto& r) { return r.first == label; });
  if (at == results.end()) lacks("values of", label);
  return at->second;
}

const Brain& Stage::copy(const std::string& name) const {
  const auto at = saved.find(name);
  if (at == saved.end()) lacks("the brain", name);
  return at->second;
}

Player::Player(Brain brain, Script script, Inherited inherited)
    : stage_{.brain = std::move(brain)}, script_(std::move(script)), inherits_(inherited.any) {
  if (inherited.known) check(stage_.brain, script_, inherited);
  stage_.assemblies = std::move(inherited.assemblies);
  std::size_t end = 0;
  for (const Step& step : script_) {
    const auto* p = std::get_if<Project>(&step);
    ends_.push_back(end += p ? static_cast<std::size_t>(p->rounds) : 1);
  }
}

double Player::result(const std::string& label) const {
  for (const auto& [name, values] : stage_.results)
    if (name == label) return values.back();
  throw Error("nothing was measured as \"" + label + "\"");
}

const std::vector<Index>& Player::assembly(const std::string& name) const {
  const auto at = stage_.assemblies.find(name);
  if (at == stage_.assemblies.end()) throw Error("no assembly \"" + name + "\" has been remembered");
  return at->second;
}

std::size_t Player::step_at(std::size_t t) const {
  return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), t) - ends_.begin());
}

Player::Place Player::place_at(std::size_t t) const {
  const std::size_t s = step_at(t);
  return {s, s == 0 ? 0 : ends_[s - 1], ends_.at(s)};
}

/// Where tick t ends a projection.
void Player::count_without_input(std::size_t t, const std::vector<std::string>& targets) {
  if (t + 1 != ends_[step_at(t)]) return;
  for (const std::string& area : targets)
    if (const Index count = brain().without_input(area); count > 0) stage_.without_input[area] += count;
}

std::size_t Player::batch(std::size_t t, std::size_t most) const {
  const std::size_t s = step_at(t);
  const auto* p = std::get_if<Project>(&script_.at(s));
  return p && !p->watched() && brain().many_at_once() ? std::min(most, ends_[s] - t) : 1;
}

std::vector<std::string> Player::advance(std::size_t t, std::size_t count) {
  if (count == 1) return tick(t);
  const auto& project = std::get<Project>(script_.at(step_at(t)));
  const std::vector<std::string> projected = project.run_many(stage_, static_cast<Index>(count));
  count_without_input(t + count - 1, project.targets());
  return projected;
}

std::vector<std::string> Player::tick(std::size_t t) {
  const std::size_t s = step_at(t);
  if (const auto* p = std::get_if<Project>(&script_.at(s))) {
    const std::vector<std::string> projected = p->run(stage_, static_cast<int>(s == 0 ? t : t - ends_[s - 1]));
    count_without_input(t, p->targets());
    return projected;
  }
  std::visit(
      [&](const auto& step) {
        if constexpr (requires { step.run(stage_); }) step.run(stage_);
      },
      script_[s]);
  return {};
}

}  // namespace engram::calculus
