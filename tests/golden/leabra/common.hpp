// What the checks of the Leabra family share: parameters and networks from files, numbers, tolerances.
#pragma once

#include <algorithm>
#include <cmath>

#include "engram/leabra/net.hpp"
#include "tests/golden/golden.hpp"

namespace golden::leabra_family {

namespace leabra = engram::leabra;
using engram::real;
using nlohmann::json;

inline constexpr bool in_float = sizeof(real) == 4;

/// |x - y| <= t max(1, |y|). A file of single precision was computed so, whatever this program computes in.
inline double tolerance_of(const File& f) {
  return in_float || f.json.value("dtype", "float64") == "float32" ? 2e-5 : 1e-11;
}

/// What is not finite is recorded as a string.
inline double number(const json& j) {
  if (j.is_boolean()) return j.get<bool>();
  if (!j.is_string()) return j.get<double>();
  const auto text = j.get<std::string>();
  return text == "nan" ? NAN : text == "inf" ? INFINITY : -INFINITY;
}
/// All numbers of a nested array, in order.
inline std::vector<double> numbers(const json& j) {
  if (!j.is_array()) return {number(j)};
  std::vector<double> all;
  for (const json& element : j)
    for (const double v : numbers(element)) all.push_back(v);
  return all;
}
inline std::vector<real> reals(const json& j) {
  std::vector<real> all;
  for (const double v : numbers(j)) all.push_back(static_cast<real>(v));
  return all;
}

inline void expect_near(double found, double recorded, double t, const std::string& what) {
  expect_close(found, recorded, 0, t * std::max(1.0, std::abs(recorded)), what);
}
template <class T>
void expect_all_near(const std::vector<T>& found, const json& expected, double t, const std::string& what) {
  const std::vector<double> recorded = numbers(expected);
  ASSERT_EQ(found.size(), recorded.size()) << what;
  for (std::size_t i = 0; i < recorded.size(); ++i)
    expect_near(static_cast<double>(found[i]), recorded[i], t, what + " [" + std::to_string(i) + "]");
}

engram::Backend& backend();
/// Whether the device is an emulated one, on which long runs take minutes.
bool slow_device();

leabra::UnitSpec unit_spec_of(const json&);
leabra::LayerSpec layer_spec_of(const json&);
leabra::ProjectionSpec projection_spec_of(const json&);
leabra::Net net_of(const json& net);

void check_table(const File&);
void check_units(const File&);
void check_inhibition(const File&);
void check_winners(const File&);
void check_scale(const File&);
void check_trial_averages(const File&);
void check_xcal(const File&);
void check_contrast(const File&);
void check_learning(const File&);
void check_connectivity(const File&);
void check_network(const File&);
void check_runs(const File&);
void check_logging(const File&);
void check_iris(const File&);
void check_iris_table(const File&);

}  // namespace golden::leabra_family
