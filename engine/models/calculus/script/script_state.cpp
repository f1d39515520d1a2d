// The state of a script that is being played, and back.
#include <algorithm>
#include <cmath>

#include "engine/models/calculus/brain/packing.hpp"
#include "engram/calculus/script.hpp"

namespace engram::calculus {

namespace {

/// Neurons of the largest area that the script remembers under this name, 0 where it never does.
Index max_remembered(const Script& script, const Brain& brain, const std::string& name) {
  Index most = 0;
  for (const Step& step : script)
    if (const auto* r = std::get_if<Remember>(&step); r && r->as == name) most = std::max(most, brain.size(r->area));
  return most;
}

bool saves(const Script& script, const std::string& name) {
  return std::any_of(script.begin(), script.end(), [&](const Step& step) {
    const auto* save = std::get_if<Save>(&step);
    return save && save->as == name;
  });
}

}  // namespace

nlohmann::json Player::state() const {
  nlohmann::json all{
      {"brain", stage_.brain.state()}, {"unchanged", stage_.unchanged},         {"settled", stage_.settled},
      {"fired", stage_.fired},         {"without_input", stage_.without_input}, {"results", stage_.results}};
  all["assemblies"] = all["saved"] = nlohmann::json::object();
  for (const auto& [name, members] : stage_.assemblies) all["assemblies"][name] = pack(members);
  for (const auto& [name, brain] : stage_.saved) all["saved"][name] = brain.state();
  return all;
}

void Player::set_state(const StateReader& all) {
  stage_.assemblies.clear();
  stage_.saved.clear();
  stage_.results.clear();
  for (const auto& [name, state] : all["saved"].members()) {
    if (!saves(script_, name)) state.fail("the script saves no brain of this name");
    Brain copy = stage_.brain.clone();
    copy.set_state(state);
    stage_.saved.insert_or_assign(name, std::move(copy));
  }
  for (const auto& [name, members] : all["assemblies"].members()) {
    Index n = max_remembered(script_, stage_.brain, name);
    for (const std::string& area : stage_.brain.areas())
      if (inherits_) n = std::max(n, stage_.brain.size(area));
    if (n == 0) members.fail("the script remembers no assembly of this name");
    stage_.assemblies[name] = unpack_neurons(members, n);
  }
  stage_.brain.set_state(all["brain"]);
  stage_.unchanged = static_cast<int>(all["unchanged"].whole(1u << 30));
  stage_.settled = all["settled"].flag();
  stage_.fired = all["fired"].whole();
  stage_.without_input.clear();
  for (const auto& [area, count] : all["without_input"].members()) {
    if (!stage_.brain.has_area(area)) count.fail("there is no area of this name");
    stage_.without_input[area] = count.whole();
  }
  for (const StateReader& result : all["results"].items()) {
    const auto entry = result.items(2);
    std::vector<double> values;
    for (const StateReader& value : entry[1].items())
      values.push_back(value.json().is_null() ? NAN : value.number());  // what is undefined is saved as null
    if (values.empty()) entry[1].fail("a result without a value");
    stage_.results.emplace_back(entry[0].text(), std::move(values));
  }
}

}  // namespace engram::calculus
