// What a script asks of a brain, before it runs.
#include <algorithm>

#include "engram/calculus/script.hpp"

namespace engram::calculus {

void Expected::fail(const std::string& text) const { throw Error("step " + std::to_string(step) + ": " + text); }

void Expected::area(const std::string& name) const {
  if (brain.has_area(name)) return;
  std::string known;
  for (const auto& a : brain.areas()) known += (known.empty() ? "" : ", ") + a;
  fail("there is no area \"" + name + "\"; known are " + known);
}

void Expected::stimulus(const std::string& name) const {
  if (!brain.has_stimulus(name)) fail("there is no stimulus \"" + name + "\"");
}

void Expected::area_or_stimulus(const std::string& name) const {
  if (!brain.has_stimulus(name)) area(name);
}

void Expected::fires(const std::string& name, const char* what_for) const {
  area(name);
  if (!gated && !firing.contains(name) && !brain.excludable(name))
    fail("area \"" + name + "\" has no winners " + what_for + " at this point");
}

void Expected::block(const std::string& name, Index index) const {
  area(name);
  const Index blocks = brain.size(name) / brain.k(name);
  if (index >= blocks)
    fail("area \"" + name + "\" has " + std::to_string(blocks) + " blocks of " + std::to_string(brain.k(name)) +
         " neurons, no block " + std::to_string(index));
}

void Expected::assembly(const std::string& name) const {
  if (!assemblies.contains(name)) fail("no assembly \"" + name + "\" has been remembered at this point");
}

void Expected::measurement(const std::string& label, const std::string& own_label) const {
  if (!measured.contains(label) || label == own_label)
    fail("nothing has been measured as \"" + label + "\" at this point");
}

void Expected::compete(const std::vector<std::string>& areas) {
  const std::set<std::string> group(areas.begin(), areas.end());
  if (group.size() < 2 || group.size() < areas.size())
    fail("areas that exclude each other are two or more, each named once");
  for (const auto& name : areas) {
    area(name);
    const auto has = [&](const auto& other) { return other.contains(name); };
    if (brain.excludable(name) || std::any_of(exclusive.begin(), exclusive.end(), has))
      fail("area \"" + name + "\" is in two groups of areas that exclude each other");
  }
  exclusive.push_back(group);
}

void Expected::no_longer_compete(const std::vector<std::string>& areas) {
  const auto known = std::find(exclusive.begin(), exclusive.end(), std::set<std::string>(areas.begin(), areas.end()));
  if (known == exclusive.end()) fail("these areas do not exclude each other at this point");
  exclusive.erase(known);
}

void Player::check(const Brain& brain, const Script& script, const Inherited& inherited) {
  Expected expected{.brain = brain};
  for (const auto& [name, members] : inherited.assemblies) expected.assemblies.insert(name);
  for (const auto& name : brain.areas())
    if (!brain.winners(name).empty()) expected.firing.insert(name);
  expected.gated = std::any_of(script.begin(), script.end(), [](const Step& step) {
    return std::holds_alternative<Inhibit>(step) || std::holds_alternative<Disinhibit>(step) ||
           std::holds_alternative<Exclude>(step) || std::holds_alternative<Include>(step);
  });
  for (expected.step = 0; expected.step < script.size(); ++expected.step)
    std::visit([&](const auto& step) { step.check(expected); }, script[expected.step]);
}

}  // namespace engram::calculus
