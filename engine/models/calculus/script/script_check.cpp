// What a script asks of a brain, before it runs.
#include <algorithm>

#include "engine/models/calculus/script/script_parts.hpp"

namespace engram::calculus {

std::vector<std::string> targets_of(const Project& p) {
  std::vector<std::string> all;
  for (const Map* map : {&p.stimuli, &p.areas})
    for (const auto& [source, targets] : *map)
      for (const auto& target : targets)
        if (std::find(all.begin(), all.end(), target) == all.end()) all.push_back(target);
  return all;
}

void Player::check(const Brain& brain, const Script& script) {
  std::set<std::string> assemblies, measured, firing;
  for (const auto& name : brain.areas())
    if (!brain.winners(name).empty()) firing.insert(name);
  std::map<std::string, std::set<std::string>> saved;  // and who fired then
  // Who may be silent where gates close, or areas exclude each other, shows in the run.
  const bool gated = std::any_of(script.begin(), script.end(), [](const Step& step) {
    return std::holds_alternative<Gate>(step) || std::holds_alternative<Exclude>(step);
  });
  std::vector<std::set<std::string>> exclusive;  // groups that steps have made
  std::string where;
  const auto area = [&](const std::string& name) {
    if (brain.has_area(name)) return;
    std::string known;
    for (const auto& a : brain.areas()) known += (known.empty() ? "" : ", ") + a;
    throw Error(where + "there is no area \"" + name + "\"; known are " + known);
  };
  const auto stimulus = [&](const std::string& name) {
    if (!brain.has_stimulus(name)) throw Error(where + "there is no stimulus \"" + name + "\"");
  };
  const auto fires = [&](const std::string& name, const char* what) {
    area(name);
    if (!gated && !firing.contains(name) && !brain.excludable(name))
      throw Error(where + "area \"" + name + "\" has no winners " + what + " at this point");
  };
  const auto block = [&](const std::string& name, Index index) {
    area(name);
    const Index blocks = brain.size(name) / brain.k(name);
    if (index >= blocks)
      throw Error(where + "area \"" + name + "\" has " + std::to_string(blocks) + " blocks of " +
                  std::to_string(brain.k(name)) + " neurons, no block " + std::to_string(index));
  };
  const auto assembly = [&](const std::string& name) {
    if (!assemblies.contains(name))
      throw Error(where + "no assembly \"" + name + "\" has been remembered at this point");
  };
  const auto measurement = [&](const std::string& label, const std::string& own) {
    if (!measured.contains(label) || label == own)
      throw Error(where + "nothing has been measured as \"" + label + "\" at this point");
  };
  for (std::size_t s = 0; s < script.size(); ++s) {
    where = "step " + std::to_string(s) + ": ";
    std::visit(
        Overloaded{[&](const Project& p) {
                     if (p.rounds < 1)
                       throw Error(where + "a projection of " + std::to_string(p.rounds) + " rounds; at least 1");
                     for (const auto& [source, targets] : p.stimuli) stimulus(source);
                     for (const auto& [source, targets] : p.areas)
                       targets.empty() ? area(source) : fires(source, "to project from");
                     for (const auto& target : targets_of(p)) {
                       area(target);
                       firing.insert(target);
                     }
                   },
                   [&](const Fix& x) { x.on ? fires(x.area, "to fix") : area(x.area); },
                   [&](const Activate& x) {
                     block(x.area, x.index);
                     firing.insert(x.area);
                   },
                   [&](const Fire& x) {
                     area(x.area);
                     assembly(x.assembly);
                     if (!(x.fraction >= 0 && x.fraction <= 1)) throw Error(where + "a fraction is from 0 to 1");
                     firing.insert(x.area);
                   },
                   [&](const Winners& x) {
                     area(x.area);
                     for (const Index i : x.neurons)
                       if (i >= brain.size(x.area))
                         throw Error(where + "area \"" + x.area + "\" has " + std::to_string(brain.size(x.area)) +
                                     " neurons, no neuron " + std::to_string(i));
                     x.neurons.empty() ? static_cast<void>(firing.erase(x.area))
                                       : static_cast<void>(firing.insert(x.area));
                   },
                   [&](const Plasticity&) {},
                   [&](const Rate& x) {
                     if (!brain.has_stimulus(x.from)) area(x.from);
                     area(x.to);
                   },
                   [&](const Gate& x) {
                     area(x.area);
                     if (!x.other.empty() && !brain.has_stimulus(x.other)) area(x.other);
                   },
                   [&](const Exclude& x) {
                     const std::set<std::string> group(x.areas.begin(), x.areas.end());
                     const auto known = std::find(exclusive.begin(), exclusive.end(), group);
                     if (!x.on) {
                       if (known == exclusive.end())
                         throw Error(where + "these areas do not exclude each other at this point");
                       exclusive.erase(known);
                       return;
                     }
                     if (group.size() < 2 || group.size() < x.areas.size())
                       throw Error(where + "areas that exclude each other are two or more, each named once");
                     for (const auto& name : x.areas) {
                       area(name);
                       const auto has = [&](const auto& other) { return other.contains(name); };
                       if (brain.excludable(name) || std::any_of(exclusive.begin(), exclusive.end(), has))
                         throw Error(where + "area \"" + name + "\" is in two groups of areas that exclude each other");
                     }
                     exclusive.push_back(group);
                   },
                   [&](const Normalise& x) {
                     area(x.area);
                     if (brain.connectome() == Connectome::lazy)
                       throw Error(where + "columns of a lazy brain cannot be normalised");
                   },
                   [&](const Inhibition& x) { area(x.area); },
                   [&](const Remember& x) {
                     area(x.area);
                     assemblies.insert(x.name);
                   },
                   [&](const Measure& x) {
                     measured.insert(x.label);
                     if (x.what == "overlap") {
                       assembly(x.a);
                       assembly(x.b);
                     } else if (x.what == "density" || x.what == "weight") {
                       area(x.a);
                       assembly(x.b);
                     } else if (x.what == "support" || x.what == "newcomers" || x.what == "input" ||
                                x.what == "block" || x.what == "best_block") {
                       area(x.a);
                     } else if (x.what == "active") {
                       for (const auto& name : x.areas) area(name);
                     } else if (x.what == "mean" || x.what == "first") {
                       measurement(x.a, x.label);
                     } else if (x.what == "passed") {
                       for (const auto& label : x.areas) measurement(label, x.label);
                     } else {
                       throw Error(where + "cannot measure \"" + x.what +
                                   "\"; known are overlap, support, newcomers, input, block, best_block, active, mean, "
                                   "passed, first, density and weight");
                     }
                   },
                   [&](const Save& x) { saved[x.name] = firing; },
                   [&](const Restore& x) {
                     if (!saved.contains(x.name))
                       throw Error(where + "nothing has been saved as \"" + x.name + "\" at this point");
                     firing = saved[x.name];
                   },
                   [&](const OrderedRecall& x) {
                     stimulus(x.stimulus);
                     area(x.area);
                     firing.insert(x.area);
                     for (const auto& name : x.known) assembly(name);
                   },
                   [&](const Walk& x) {
                     block(x.state, x.start);
                     area(x.via);
                     area(x.next);
                     firing.insert({x.state, x.via, x.next});
                     if (!x.symbol.empty())
                       for (const Index i : x.symbols) block(x.symbol, i);
                     if (x.steps < 1 || brain.size(x.next) / brain.k(x.next) > brain.size(x.state) / brain.k(x.state))
                       throw Error(where + "a walk has 1 step or more, and \"" + x.state + "\" a block for each of \"" +
                                   x.next + "\"");
                   }},
        script[s]);
  }
}

}  // namespace engram::calculus
