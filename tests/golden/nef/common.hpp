// What the checks of the NEF family share: numbers, tolerances, neuron types and synapses as the files write them.
#pragma once

#include <cmath>

#include "engram/core/portable.hpp"
#include "engram/nef/neurons.hpp"
#include "engram/nef/synapses.hpp"
#include "tests/golden/golden.hpp"

namespace golden::nef_family {

namespace nef = engram::nef;
using engram::real;
using nlohmann::json;

inline double number(const json& j) {
  if (!j.is_string()) return j.get<double>();
  const auto text = j.get<std::string>();
  return text == "-inf" ? -INFINITY : text == "inf" ? INFINITY : NAN;
}
/// All numbers of a nested array, in order.
inline std::vector<double> numbers(const json& j) {
  if (!j.is_array()) return {number(j)};
  std::vector<double> all;
  for (const json& element : j)
    for (const double v : numbers(element)) all.push_back(v);
  return all;
}

inline constexpr bool in_float = sizeof(real) == 4;

/// |found - expected| <= absolute + relative |expected|.
struct Tolerance {
  double relative = 0, absolute = 0;
};
inline Tolerance double_tolerance(const File& f) {
  return {f.json["tolerance"]["double"].value("rtol", 0.0), f.json["tolerance"]["double"].value("atol", 0.0)};
}

inline void expect_all_near(const std::vector<double>& found, const json& expected, Tolerance t,
                            const std::string& what) {
  const std::vector<double> recorded = numbers(expected);
  ASSERT_EQ(found.size(), recorded.size()) << what;
  for (std::size_t i = 0; i < recorded.size(); ++i)
    expect_close(found[i], recorded[i], t.relative, t.absolute, what + " [" + std::to_string(i) + "]");
}

nef::NeuronType neuron_type(const json&);
nef::SynapseType synapse_type(const json&);

void check_neurons(const File&);
void check_gain_bias(const File&);
void check_synapses(const File&);
void check_solvers(const File&);
void check_distributions(const File&);
void check_seeding(const File&);
void check_network(const File&);

}  // namespace golden::nef_family
