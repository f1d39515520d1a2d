// What the values of several fields of a network must satisfy together.
#include <algorithm>
#include <cmath>

#include "engram/nef/network.hpp"
#include "engram/nef/tuning.hpp"

namespace engram::nef {

namespace {

template <class T>
void check_table(const std::vector<T>& starts, const Rows& values, const std::string& key, const Report& problem) {
  if (starts.size() != values.size() || values.empty())
    problem("values",
            "found " + std::to_string(values.size()) + " rows for " + std::to_string(starts.size()) + " " + key);
  for (std::size_t i = 1; i < starts.size(); ++i)
    if (starts[i] <= starts[i - 1]) problem(key + "/" + std::to_string(i), key + " must ascend");
}

/// A value that a distribution gives, or the end of an interval that it does not reach.
struct Known {
  double value;
  bool reached;
  bool below(double limit) const { return reached ? value < limit : value <= limit; }
};

/// What can be said of the values of a distribution before they are drawn.
std::vector<Known> known_values(const Distribution& distribution) {
  if (const auto* constant = std::get_if<Constant>(&distribution.type)) return {{constant->value, true}};
  if (const auto* uniform = std::get_if<UniformDistribution>(&distribution.type))
    return {{uniform->low, true}, {uniform->high, uniform->high == uniform->low}};
  std::vector<Known> all;
  if (const auto* samples = std::get_if<Samples>(&distribution.type))
    for (const double value : samples->values) all.push_back({value, true});
  if (const auto* choice = std::get_if<Choice>(&distribution.type))
    for (const double value : choice->options) all.push_back({value, true});
  return all;
}

}  // namespace

void TimeTable::check_together(const Report& problem) const { check_table(times, values, "times", problem); }
void StepTable::check_together(const Report& problem) const { check_table(steps, values, "steps", problem); }

void SparseTransform::check_together(const Report& problem) const {
  if (rows.size() != values.size() || cols.size() != values.size())
    problem("values", "rows, cols and values must be equally many");
  for (const Index row : rows)
    if (row >= size_out) problem("rows", "found " + std::to_string(row) + "; size_out is " + std::to_string(size_out));
}

void Ensemble::check_together(const Report& problem) const {
  if (gain.empty() != bias.empty()) problem("gain", "gain and bias go together");
  for (const auto& [list, key] : {std::pair{&gain, "gain"}, std::pair{&bias, "bias"}})
    if (!list->empty() && list->size() != neurons)
      problem(key, "found " + std::to_string(list->size()) + " values for " + std::to_string(neurons) + " neurons");
  for (const Known& c : known_values(intercepts))
    if (c.value < -1 || !c.below(1)) {
      problem("intercepts", "found " + shown(c.value) + "; intercepts lie in [-1, 1)");
      break;
    }
  const double limit = rate_limit(neuron.type);
  for (const Known& r : known_values(max_rates))
    if (gain.empty() && (r.value < 0 || !r.below(limit))) {
      problem("max_rates", "found " + shown(r.value) + "; the largest rates of " + name_of(neuron.type) +
                               " neurons are above 0" +
                               (std::isfinite(limit) ? " and below 1/tau_ref = " + shown(limit) + " Hz" : ""));
      break;
    }
  std::visit(
      [&](const auto& type) {
        using Type = std::decay_t<decltype(type)>;
        std::vector<std::string> names;
        for (int s = 0; s < Type::n_state; ++s) names.emplace_back(Type::state[s]);
        for (const auto& [name, distribution] : initial_state)
          if (std::find(names.begin(), names.end(), name) == names.end())
            problem("initial_state/" + name, std::string(Type::name) + " neurons have " +
                                                 (names.empty() ? "no state" : "the state " + listed(names)));
      },
      neuron.type);
}

std::size_t Ensemble::points() const {
  if (n_eval_points) return n_eval_points;
  return std::max<std::size_t>(std::clamp<std::size_t>(std::size_t{500} * dimensions, 750, 2500),
                               std::size_t{2} * neurons);
}

}  // namespace engram::nef
