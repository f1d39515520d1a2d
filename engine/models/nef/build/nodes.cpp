#include <cmath>

#include "engine/models/nef/build/draft.hpp"
#include "engine/models/nef/build/signals.hpp"

namespace engram::nef {

namespace {

/// What a node shows in a step, by what its values come from.
class Show {
 public:
  Show(Draft& draft, const std::string& name) : draft_(draft), name_(name), of_("node " + name) {}

  void operator()(const Passthrough&) const {}
  void operator()(const ConstantOutput&) const {}
  void operator()(const FunctionOfInput& out) const {
    draft_.add.map(of_, output(), draft_.part(name_ + ".input"), out.function);
  }
  void operator()(const Cycle& out) const {
    draft_.add.table(of_, output(), table(out.values), std::llround(out.period / draft_.network.dt));
  }
  /// A time t begins at the first step k with t < k dt + dt / 2.
  void operator()(const TimeTable& out) const {
    std::vector<std::int64_t> start;
    for (const double t : out.times)
      start.push_back(static_cast<std::int64_t>(std::floor(t / draft_.network.dt - 0.5 + 1e-7)) + 1);
    draft_.add.table(of_, output(), table(out.values), std::move(start));
  }
  void operator()(const StepTable& out) const {
    draft_.add.table(of_, output(), table(out.values), {out.steps.begin(), out.steps.end()});
  }
  void operator()(const Sine& out) const {
    const auto n = static_cast<Index>(out.frequency.size());
    const auto at = [](const std::vector<double>& list, std::size_t i) {
      return list.size() == 1 ? list[0] : list.at(i);
    };
    std::vector<double> speed(n), offset(n), amplitude(n);
    for (std::size_t i = 0; i < n; ++i) {
      speed[i] = 2 * M_PI * out.frequency[i];
      offset[i] = 2 * M_PI * at(out.phase, i);
      amplitude[i] = at(out.amplitude, i);
    }
    const Part angle = draft_.array(name_ + ".angle", n), sine = draft_.array(name_ + ".sine", n);
    draft_.add.copy(of_, angle, draft_.array(name_ + ".phase", n, 1, offset, true), Mode::set);
    draft_.add.scale(of_, angle, draft_.array(name_ + ".speed", n, 1, speed, true), draft_.part("time"),
                     Mode::increment);
    draft_.add.map(of_, sine, angle, Function::sine);
    draft_.add.scale(of_, output(), draft_.array(name_ + ".amplitude", n, 1, amplitude, true), sine, Mode::set);
  }
  void operator()(const WhiteNoise& out) const {
    draft_.noise(of_, output(), draft_.seed_of(name_), out.noise, out.mean, out.std, out.scale, Mode::set);
  }
  void operator()(const FilteredNoise& out) const {
    const Part drawn = normal(out.size, out.mean, out.std, out.scale);
    draft_.filter(of_, output(), drawn, out.synapse, Mode::set);
  }
  /// y' = y + dt times noise of standard deviation std / root dt.
  void operator()(const BrownNoise& out) const {
    const Part drawn = normal(out.size, out.mean, out.std, true);
    draft_.add.filter(of_, output(), drawn, LinearFilter{{1}, {1, 0}, true, Discretization::euler}, draft_.network.dt,
                      Mode::set);
  }
  void operator()(const WhiteSignal& out) const {
    const double dt = draft_.network.dt;
    const auto steps = static_cast<Index>(signal_steps(out, dt));
    std::vector<double> values;
    for (const Parameters& one : draft_.parameters) {
      const auto drawn = white_signal(out, dt, static_cast<std::uint64_t>(one.seeds.at(name_)));
      values.insert(values.end(), drawn.begin(), drawn.end());
    }
    draft_.add.table(of_, output(), draft_.array(name_ + ".values", out.size, steps, std::move(values)), 1);
  }

 private:
  Part output() const { return draft_.part(name_ + ".output"); }
  Part table(const Rows& rows) const {
    std::vector<double> values;  // a column each
    for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
    return draft_.array(name_ + ".values", static_cast<Index>(rows.front().size()), static_cast<Index>(rows.size()),
                        std::move(values), true);
  }
  Part normal(Index size, double mean, double std, bool scaled) const {
    const Part drawn = draft_.array(name_ + ".noise", size);
    draft_.noise(of_, drawn, draft_.seed_of(name_), Noise::normal, mean, std, scaled, Mode::set);
    return drawn;
  }

  Draft& draft_;
  const std::string& name_;
  std::string of_;
};

}  // namespace

void declare(Draft& draft, const std::string& name, const Node& node) {
  if (const Index in = size_in(node)) draft.array(name + ".input", in);
  if (const auto* constant = std::get_if<ConstantOutput>(&node.output))
    draft.array(name + ".output", size_out(node), 1, constant->value);
  else if (!std::holds_alternative<Passthrough>(node.output))
    draft.array(name + ".output", size_out(node));
}

void emit(Draft& draft, const std::string& name, const Node& node) {
  if (size_in(node)) draft.add.fill("node " + name, draft.part(name + ".input"), 0);
  std::visit(Show(draft, name), node.output);
}

std::string output_of_node(const Draft& draft, const std::string& name) {
  return draft.has(name + ".output") ? name + ".output" : name + ".input";
}

}  // namespace engram::nef
