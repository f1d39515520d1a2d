// How recorded data of SORN read, and how closely a precision must meet them.
#pragma once

#include <cmath>

#include "engram/sorn/sorn.hpp"
#include "tests/golden/golden.hpp"
#include "tests/oracle/sorn.hpp"
#include "tests/testing/test_backend.hpp"

namespace golden::sorn_family {

using namespace engram;
using nlohmann::json;
using Table = oracle::Sorn::Matrix;

inline constexpr bool exact = sizeof(real) == 8;

inline double number(const json& value) { return value.is_string() ? std::nan("") : value.get<double>(); }

inline std::vector<double> numbers(const json& list) {
  std::vector<double> all;
  for (const json& v : list) all.push_back(number(v));
  return all;
}

/// W[pre][post], dense or by coordinates.
inline Table table(const json& m) {
  const std::size_t rows = m.at("shape")[0], columns = m.at("shape")[1];
  Table w(rows, std::vector<double>(columns));
  if (m.contains("data"))
    for (std::size_t k = 0; k < rows * columns; ++k) w[k / columns][k % columns] = number(m.at("data")[k]);
  else
    for (std::size_t k = 0; k < m.at("val").size(); ++k)
      w[m.at("row")[k].get<std::size_t>()][m.at("col")[k].get<std::size_t>()] = number(m.at("val")[k]);
  return w;
}

inline std::size_t columns_of(const Table& w) { return w.empty() ? 0 : w[0].size(); }

inline Rows rows_of(const Table& w) {
  Rows rows;
  rows.n_pre = static_cast<Index>(w.size());
  for (std::size_t i = 0; i < columns_of(w); ++i) {
    for (std::size_t j = 0; j < w.size(); ++j)
      if (w[j][i] != 0) {
        rows.pre.push_back(static_cast<Index>(j));
        rows.weight.push_back(static_cast<real>(w[j][i]));
      }
    rows.start.push_back(rows.pre.size());
  }
  return rows;
}

inline Table table_of(const Rows& rows) {
  Table w(rows.n_pre, std::vector<double>(rows.n_post()));
  for (Index i = 0; i < rows.n_post(); ++i)
    for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s)
      w[rows.pre[s]][i] = static_cast<double>(rows.weight[s]);
  return w;
}

template <class To>
std::vector<To> activity(const json& active, std::size_t units) {
  std::vector<To> x(units);
  for (const json& i : active) x.at(i.get<std::size_t>()) = 1;
  return x;
}

inline std::vector<real> reals(const std::vector<double>& values) { return {values.begin(), values.end()}; }

inline void expect_number(double found, double expected, const std::string& what) {
  if (exact)
    EXPECT_EQ(found, expected) << what;
  else
    expect_close(found, expected, 1e-5, 2e-6, what);
}

inline void expect_numbers(const std::vector<real>& found, const std::vector<double>& expected,
                           const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t i = 0; i < found.size(); ++i)
    expect_number(static_cast<double>(found[i]), expected[i], what + " " + std::to_string(i));
}

/// A column that the reference made NaN is one without a weight; the engine leaves it at 0.
inline void expect_table(const Table& found, const Table& expected, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  ASSERT_EQ(columns_of(found), columns_of(expected)) << what;
  for (std::size_t j = 0; j < found.size(); ++j)
    for (std::size_t i = 0; i < found[j].size(); ++i)
      expect_number(found[j][i], std::isnan(expected[j][i]) ? 0.0 : expected[j][i],
                    what + " " + std::to_string(j) + " to " + std::to_string(i));
}

}  // namespace golden::sorn_family
