// The state of a script that is being played, and back.
#include <algorithm>

#include "engine/models/calculus/brain/packing.hpp"
#include "engram/calculus/script.hpp"

namespace engram::calculus {

namespace {

/// Neurons of the largest area that the script remembers under this name, 0 where it never does.
Index most_remembered(const Script& script, const Brain& brain, const std::string& name) {
  Index most = 0;
  for (const Step& step : script)
    if (const auto* r = std::get_if<Remember>(&step); r && r->name == name) most = std::max(most, brain.size(r->area));
  return most;
}

bool saves(const Script& script, const std::string& name) {
  return std::any_of(script.begin(), script.end(), [&](const Step& step) {
    const auto* save = std::get_if<Save>(&step);
    return save && save->name == name;
  });
}

}  // namespace

nlohmann::json Player::state() const {
  nlohmann::json all{{"brain", brain_.state()},
                     {"unchanged", unchanged_},
                     {"settled", settled_},
                     {"fired", fired_},
                     {"results", results_}};
  all["assemblies"] = all["saved"] = nlohmann::json::object();
  for (const auto& [name, members] : assemblies_) all["assemblies"][name] = pack(members);
  for (const auto& [name, brain] : saved_) all["saved"][name] = brain.state();
  return all;
}

void Player::set_state(const StateReader& all) {
  assemblies_.clear();
  saved_.clear();
  results_.clear();
  for (const auto& [name, state] : all["saved"].members()) {
    if (!saves(script_, name)) state.fail("the script saves no brain of this name");
    Brain copy = brain_.clone();
    copy.set_state(state);
    saved_.insert_or_assign(name, std::move(copy));
  }
  for (const auto& [name, members] : all["assemblies"].members()) {
    const Index n = most_remembered(script_, brain_, name);
    if (n == 0) members.fail("the script remembers no assembly of this name");
    assemblies_[name] = unpack_neurons(members, n);
  }
  brain_.set_state(all["brain"]);
  unchanged_ = static_cast<int>(all["unchanged"].whole(1u << 30));
  settled_ = all["settled"].flag();
  fired_ = all["fired"].whole();
  for (const StateReader& result : all["results"].items()) {
    const auto entry = result.items(2);
    const std::size_t count = entry[1].items().size();
    if (count == 0) entry[1].fail("a result without a value");
    results_.emplace_back(entry[0].text(), entry[1].numbers(count));
  }
}

}  // namespace engram::calculus
