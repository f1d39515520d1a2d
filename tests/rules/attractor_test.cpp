// The continuous Bernoulli unit and the rules of the attractor family, by hand and by closed form.
#include "engram/rules/attractor.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace engram {
namespace {

constexpr double eps = sizeof(real) == 4 ? 1.2e-7 : 2.3e-16;

TEST(Langevin, IsOddAndSaturatesWithoutEverBeingNotANumber) {
  for (double x : {0.0, 1e-40, 1e-9, 0.3, 0.4999, 0.5001, 1.0, 30.0, 700.0, 1e6, 1e37}) {
    const real b = static_cast<real>(x), y = langevin::mean(b);
    EXPECT_EQ(langevin::mean(-b), -y) << x;
    EXPECT_GE(y, 0) << x;
    EXPECT_LE(y, 1) << x;
    EXPECT_TRUE(std::isfinite(langevin::variance(b)) && langevin::variance(b) >= 0) << x;
    EXPECT_TRUE(std::isfinite(langevin::log_partition(b))) << x;
    EXPECT_TRUE(std::isfinite(langevin::entropy(b))) << x;
  }
  EXPECT_EQ(langevin::mean(static_cast<real>(INFINITY)), real(1));
  EXPECT_TRUE(std::isnan(langevin::mean(static_cast<real>(NAN))));
  EXPECT_EQ(langevin::variance(real(0)), static_cast<real>(1.0 / 3));
  EXPECT_NEAR(langevin::log_partition(real(0)), std::log(2.0), 2 * eps);
}

TEST(Langevin, SeriesAndClosedFormMeetWhereOneTakesOver) {
  const real below = static_cast<real>(0.49999), above = static_cast<real>(0.50001);
  const double step = static_cast<double>(above) - static_cast<double>(below);
  EXPECT_NEAR(langevin::mean(above) - langevin::mean(below), step * langevin::variance(0.5), 40 * eps);
  EXPECT_NEAR(langevin::log_partition(above) - langevin::log_partition(below), step * langevin::mean(0.5), 40 * eps);
  EXPECT_NEAR(langevin::variance(above) / langevin::variance(below), 1, 1e-5);
  EXPECT_NEAR(langevin::entropy(above) / langevin::entropy(below), 1, 1e-5);
}

TEST(Langevin, DerivativesMatchDifferences) {
  for (double x = -20; x <= 20; x += 0.37) {
    const double h = 1e-5;
    EXPECT_NEAR((langevin::log_partition(x + h) - langevin::log_partition(x - h)) / (2 * h), langevin::mean(x), 1e-9)
        << x;
    EXPECT_NEAR((langevin::mean(x + h) - langevin::mean(x - h)) / (2 * h), langevin::variance(x), 1e-9) << x;
    EXPECT_NEAR(langevin::log_partition(x) - x * langevin::mean(x), langevin::entropy(x), 1e-12) << x;
  }
}

TEST(Langevin, InverseUndoesTheMean) {
  for (double y = -0.995; y < 1; y += 0.01) EXPECT_NEAR(langevin::mean(langevin::inverse(y)), y, 1e-13) << y;
  EXPECT_TRUE(std::isfinite(langevin::inverse(1.0)) && std::isfinite(langevin::inverse(-3.0)));
  EXPECT_EQ(langevin::inverse_rational(0.5), 0.5 * 2.75 / 0.75);
}

TEST(ContinuousBernoulli, SamplesStayInsideAndGrowWithTheUniform) {
  for (double b : {-1e5, -600.0, -30.0, -1.0, -0.1, -1e-7, 0.0, 1e-12, 1e-3, 0.16, 0.18, 5.0, 80.0, 500.0, 1e30}) {
    real last = -1;
    for (int i = 0; i <= 1000; ++i) {
      const real x = langevin::sample(static_cast<real>(b), static_cast<real>(i / 1000.0));
      EXPECT_TRUE(x >= -1 && x <= 1) << b << " " << i;
      EXPECT_GE(x, last - real(4 * eps)) << b << " " << i;
      last = x;
    }
  }
  EXPECT_TRUE(std::isnan(langevin::sample(static_cast<real>(NAN), real(0.5))));
}

TEST(ContinuousBernoulli, MeanAndVarianceOfSamplesAreThoseOfTheDistribution) {
  for (double b : {-12.0, -2.0, -0.3, 0.0, 1e-5, 0.7, 4.0, 25.0}) {
    double sum = 0, squares = 0;
    constexpr int n = 20000;  // midpoints: the integral over u
    for (int i = 0; i < n; ++i) {
      const double x = langevin::sample(b, (i + 0.5) / n);
      sum += x;
      squares += x * x;
    }
    EXPECT_NEAR(sum / n, langevin::mean(b), 1e-5) << b;
    EXPECT_NEAR(squares / n - sum / n * sum / n, langevin::variance(b), 1e-4) << b;
  }
}

TEST(ContinuousBernoulli, DensityIntegratesToOne) {
  for (double b : {-40.0, -1.0, 0.0, 1e-9, 3.0, 800.0}) {
    double sum = 0;
    constexpr int n = 200000;
    for (int i = 0; i < n; ++i) sum += langevin::density(-1 + 2 * (i + 0.5) / n, b) * 2 / n;
    EXPECT_NEAR(sum, 1, 1e-4) << b;
  }
}

TEST(AttractorRule, MovesAWeightByErrorTimesState) {
  const Attractor rule{real(0.5)};
  real w = 2;
  const real pre = real(0.5), error = real(-0.25);
  rule(&w, &pre, &error, nullptr);
  EXPECT_EQ(w, real(1.9375));
}

template <class Rule>
std::vector<real> updated(const Rule& rule, double h, double b, double beta, double precision, double u = 0) {
  std::vector<real> c{9,
                      static_cast<real>(h),
                      9,
                      static_cast<real>(b),
                      static_cast<real>(beta),
                      static_cast<real>(precision),
                      static_cast<real>(u)};
  rule(c.data(), nullptr);
  return c;
}

TEST(LangevinUnit, TakesItsMeanAndLeavesItsError) {
  const auto c = updated(LangevinMean{}, 3, -1, 0.5, 1);
  EXPECT_EQ(c[langevin_column::state], langevin::mean(real(1)));  // 0.5 (-1 + 3)
  EXPECT_EQ(c[langevin_column::error], langevin::mean(real(1)) - langevin::mean(real(3)));
  EXPECT_EQ(c[langevin_column::drive], real(0));
}

TEST(LangevinUnit, PredictsWithBiasTemperatureAndPrecisionWhereAsked) {
  LangevinMean rule;
  rule.predict_bias = 1;
  EXPECT_EQ(updated(rule, 3, -1, 0.5, 1)[langevin_column::error], langevin::mean(real(1)) - langevin::mean(real(2)));
  rule.predict_inverse_temperature = 1;
  EXPECT_EQ(updated(rule, 3, -1, 0.5, 1)[langevin_column::error], real(0));
  EXPECT_EQ(updated(LangevinMean{}, 2, 0, 0.5, 4)[langevin_column::error],
            real(4) * (langevin::mean(real(1)) - langevin::mean(real(2))));
}

TEST(LangevinUnit, SamplesFromItsUniform) {
  EXPECT_EQ(updated(LangevinSample{}, 0, 0, 1, 1, 0.75)[langevin_column::state], real(0.5));
  LangevinSample bounded;
  bounded.bound = real(0.25);
  EXPECT_EQ(updated(bounded, 0, 0, 1, 1, 1)[langevin_column::state], real(0.25));
  EXPECT_EQ(updated(bounded, 0, 0, 1, 1, 0)[langevin_column::state], real(-0.25));
}

TEST(LangevinPrecision, IsOneOverTheVarianceWithAFloor) {
  real c[] = {0, 0, 1};
  LangevinPrecision{}(c, nullptr);
  EXPECT_NEAR(c[0], 3, 10 * eps);
  c[1] = static_cast<real>(1e7);  // the variance 1e-14 is below the floor
  LangevinPrecision{}(c, nullptr);
  EXPECT_NEAR(c[0] / 1e8, 1, 1e-6);
}

}  // namespace
}  // namespace engram
