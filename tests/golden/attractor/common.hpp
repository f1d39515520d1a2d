// What the checks of the attractor family share: reading numbers, the recorded draw stream, tolerances.
#pragma once

#include <cmath>
#include <fstream>

#include "engram/attractor/analysis.hpp"
#include "tests/golden/golden.hpp"
#include "tests/testing/source_dir.hpp"
#include "tests/testing/test_backend.hpp"

namespace golden::attractor_family {

namespace attractor = engram::attractor;
using engram::real;
using nlohmann::json;

/// The infinities and NaN are recorded as strings, what is not defined as null.
inline double number(const json& j) {
  if (j.is_null()) return NAN;
  if (!j.is_string()) return j.get<double>();
  const auto text = j.get<std::string>();
  return text == "NaN" ? NAN : text == "Infinity" ? INFINITY : -INFINITY;
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

struct Tolerance {
  double relative, absolute;
};

/// The file's own tolerance in double. In float, where the recorded numbers are themselves out of reach, `coarse`.
inline Tolerance tolerance_of(const File& f, double coarse) {
  if (in_float) return {coarse, coarse};
  return {f.json["tolerance"].value("rel", 0.0), f.json["tolerance"].value("abs", 0.0)};
}

inline void expect_near(double found, const json& expected, Tolerance t, const std::string& what) {
  expect_close(found, number(expected), t.relative, t.absolute, what);
}

template <class T>
void expect_all_near(const std::vector<T>& found, const json& expected, Tolerance t, const std::string& what) {
  const std::vector<double> recorded = numbers(expected);
  ASSERT_EQ(found.size(), recorded.size()) << what;
  for (std::size_t i = 0; i < recorded.size(); ++i)
    expect_close(static_cast<double>(found[i]), recorded[i], t.relative, t.absolute,
                 what + " [" + std::to_string(i) + "]");
}

/// Fixed points. Those of the reference carry the error of its Langevin function near 0 (up to 1e-8 a step), so what
/// lies at 0 compares with 0 only.
template <class T>
void expect_fixed_points(const std::vector<T>& found, const json& expected, Tolerance t, const std::string& what) {
  const std::vector<double> recorded = numbers(expected);
  ASSERT_EQ(found.size(), recorded.size()) << what;
  for (std::size_t i = 0; i < recorded.size(); ++i)
    expect_close(static_cast<double>(found[i]), recorded[i], t.relative,
                 std::abs(recorded[i]) < 1e-5 ? std::max(t.absolute, 1e-6) : t.absolute,
                 what + " [" + std::to_string(i) + "]");
}

/// The documented stream: SplitMix64 (Steele, Lea and Flood 2014), the leading 53 bits as a uniform.
class Stream {
 public:
  explicit Stream(std::uint64_t seed, std::uint64_t consumed = 0) : state_(seed + consumed * step) {}
  double next() {
    std::uint64_t z = state_ += step;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }
  std::vector<real> draws(std::size_t count) {
    std::vector<real> u(count);
    for (real& v : u) v = static_cast<real>(next());
    return u;
  }

 private:
  static constexpr std::uint64_t step = 0x9E3779B97F4A7C15u;
  std::uint64_t state_;
};

inline std::vector<real> reals(const json& j) { return engram::attractor::to_real(numbers(j)); }

/// Made at its first use: before main() the kernels of a device are not known to its runtime yet.
inline engram::Backend& backend() {
  static const auto made = engram::test::test_backend();
  return *made;
}

inline attractor::Network make_network(engram::Backend& backend, attractor::Options options) {
  const std::uint64_t seed = 1;
  return {backend, options, std::span(&seed, 1)};
}

/// The 8x8 digits: beside the file, or the copy of the project. Rows of 64 raw values; labels are dropped.
inline std::vector<double> digits(const File& f) {
  std::ifstream in(f.path.parent_path() / "digits_raw.csv");
  if (!in) in.open(engram::test::source_dir() + "/data/digits.csv");
  std::vector<double> values;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::stringstream row(line);
    std::string cell;
    std::getline(row, cell, ',');
    while (std::getline(row, cell, ',')) values.push_back(std::stod(cell));
  }
  return values;
}

void check_units(const File&);
void check_sequence(const File&);
void check_training(const File&);
void check_digits_training(const File&);

}  // namespace golden::attractor_family
