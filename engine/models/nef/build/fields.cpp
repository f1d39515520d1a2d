// What the values of several fields of a network must satisfy together.
#include <algorithm>

#include "engram/nef/network.hpp"

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
  const auto outside = [&](double c) {
    if (c < -1 || c >= 1) problem("intercepts", "found " + shown(c) + "; intercepts lie in [-1, 1)");
  };
  if (const auto* constant = std::get_if<Constant>(&intercepts.type)) outside(constant->value);
  if (const auto* uniform = std::get_if<UniformDistribution>(&intercepts.type)) {
    outside(uniform->low);
    if (uniform->high > 1 || uniform->high < uniform->low) outside(uniform->high > 1 ? uniform->high : 2);
  }
  if (const auto* samples = std::get_if<Samples>(&intercepts.type))
    for (const double c : samples->values) outside(c);
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
