// A Brain out of a checkpoint: everything is compared with its areas before it is used.
#include "engine/models/calculus/brain/brain_parts.hpp"
#include "engine/models/calculus/brain/packing.hpp"

namespace engram::calculus {

namespace {

constexpr double most = std::numeric_limits<double>::max();

std::set<std::string> names_of(const StateReader& list) {
  std::set<std::string> all;
  for (const StateReader& name : list.items()) all.insert(name.text());
  return all;
}

std::set<int> reasons_of(const StateReader& list) {
  std::set<int> all;
  for (const StateReader& reason : list.items())
    all.insert(static_cast<int>(reason.integer(std::numeric_limits<int>::min(), std::numeric_limits<int>::max())));
  return all;
}

Gates gates_of(const StateReader& state) {
  Gates::Areas areas;
  Gates::Fibres fibres;
  for (const auto& [name, reasons] : state["areas"].members()) areas[name] = reasons_of(reasons);
  for (const StateReader& one : state["fibres"].items()) {
    const auto entry = one.items(2);
    const auto pair = entry[0].items(2);
    fibres[{pair[0].text(), pair[1].text()}] = reasons_of(entry[1]);
  }
  return {areas, fibres};
}

std::map<std::pair<std::string, std::string>, double> numbers_of(const StateReader& list, double largest) {
  std::map<std::pair<std::string, std::string>, double> all;
  for (const StateReader& one : list.items()) {
    const auto entry = one.items(3);
    all[{entry[0].text(), entry[1].text()}] = entry[2].number(0, largest);
  }
  return all;
}

}  // namespace

void Brain::set_state(const StateReader& all) {
  plasticity_ = all["plasticity"].flag();
  density_ = numbers_of(all["density"], 1);
  beta_ = numbers_of(all["beta"], most);
  gates_ = gates_of(all["gates"]);
  exclusive_.clear();
  for (const StateReader& group : all["exclusive"].items()) exclusive_.push_back(names_of(group));
  fibres_.clear();
  for (const auto& a : areas_)
    if (a->lazy(connectome_)) a->existing = 0;  // so that nothing is drawn for fibres whose synapses are known
  for (const StateReader& f : all["fibres"].items()) {
    const std::string from = f["from"].text(), to = f["to"].text();
    if ((!has_area(from) && !has_stimulus(from)) || !has_area(to))
      f.fail("there is no fibre from \"" + from + "\" to \"" + to + "\"");
    fibres(from, to).set_state(f["state"]);
  }
  for (const auto& a : areas_) restore_area(*a, all["areas"][a->name]);
  for (const auto& [names, f] : fibres_) {
    if (!f->fits(has_area(names.first) ? area(names.first).existing : 0, area(names.second).existing))
      all["fibres"].fail("that from \"" + names.first + "\" to \"" + names.second + "\" does not fit its areas");
  }
  draws_->set_position(all["draws"].whole());
}

void Brain::restore_area(Area& a, const StateReader& one) {
  const Index n = a.options.n;
  const auto index = [&](const char* key) { return static_cast<Index>(one[key].whole(n)); };
  a.existing = index("existing");
  if (!a.lazy(connectome_) && a.existing != n)
    one["existing"].fail("found " + std::to_string(a.existing) + ", the area has " + std::to_string(n));
  auto ever = unpack(one["ever"]);
  if (!ever.empty() && (a.lazy(connectome_) || ever.size() != a.ever_words()))
    one["ever"].fail("its size is that of another area");
  a.ever = std::move(ever);
  a.firing.assign(*backend_, unpack_neurons(one["winners"], a.existing));
  a.fixed = one["fixed"].flag();
  a.support = index("support");
  a.newcomers = index("newcomers");
  a.total_input = one["total_input"].number();
  a.without_input = index("without_input");
  a.options.inhibition_strength = one["inhibition"].number(0, most);
  a.saved_support = unpack(one["saved_support"]);
  a.saved_winners.clear();
  for (const StateReader& winners : one["saved_winners"].items()) a.saved_winners.push_back(unpack_neurons(winners, n));
  a.recent.clear();
  for (const StateReader& winners : one["recent"].items()) a.recent.push_back(unpack_neurons(winners, a.existing));
  if (a.recent.size() > a.options.refractory_period) one["recent"].fail("longer than the refractory period");
  a.bias.clear();
  for (const StateReader& entry : one["bias"].items()) {
    const auto pair = entry.items(2);
    if (a.existing == 0) entry.fail("the area has no neurons yet");
    a.bias[static_cast<Index>(pair[0].whole(a.existing - 1))] =
        static_cast<float>(pair[1].number(0, static_cast<double>(std::numeric_limits<float>::max())));
  }
}

/// Weights first: where one is infinite, so is the input of whom it leads to.
void Brain::look_inside(StateVisitor& visitor, const std::string& name) const {
  for (const auto& [names, f] : fibres_)
    f->look_inside(visitor, name + "fibre from " + names.first + " to " + names.second);
  for (const auto& a : areas_) {
    visitor.inside(name + "area " + a->name + ", total input", std::span<const double>(&a->total_input, 1));
    std::vector<float> bias;
    for (const auto& [unit, value] : a->bias) bias.push_back(value);
    visitor.inside(name + "area " + a->name + ", bias", std::span<const float>(bias));
  }
}

}  // namespace engram::calculus
