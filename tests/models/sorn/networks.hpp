// Networks that the tests of SORN share, and what they compare of them.
#pragma once

#include <gtest/gtest.h>

#include "engram/sorn/sorn.hpp"
#include "tests/oracle/sorn.hpp"

namespace engram::test {

inline oracle::Sorn::Matrix table_of(const Rows& rows) {
  oracle::Sorn::Matrix w(rows.n_pre, std::vector<double>(rows.n_post()));
  for (Index i = 0; i < rows.n_post(); ++i)
    for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s)
      w[rows.pre[s]][i] = static_cast<double>(rows.weight[s]);
  return w;
}

inline void expect_same(const sorn::State& a, const sorn::State& b) {
  for (const auto rows : {&sorn::State::wee, &sorn::State::wei, &sorn::State::wie, &sorn::State::weu}) {
    EXPECT_EQ((a.*rows).start, (b.*rows).start);
    EXPECT_EQ((a.*rows).pre, (b.*rows).pre);
    EXPECT_EQ((a.*rows).weight, (b.*rows).weight);
  }
  EXPECT_EQ(a.te, b.te);
  EXPECT_EQ(a.x, b.x);
  EXPECT_EQ(a.y, b.y);
  EXPECT_EQ(a.x_before, b.x_before);
  EXPECT_EQ(a.y_before, b.y_before);
}

inline sorn::Parameters small(Index ne) {
  sorn::Parameters p;
  p.ne = ne;
  p.nu = ne / 20;
  p.lambda_ee = std::min(20.0, ne / 3.0);
  p.lambda_ei = std::min(40.0, ne / 3.0);
  return p;
}

}  // namespace engram::test
