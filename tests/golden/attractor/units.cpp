// Recorded values of the scalar functions. "exact" entries are high-precision values, "ref" entries what the reference
// returns, errors included.
#include "tests/golden/attractor/common.hpp"

namespace golden::attractor_family {

namespace {

namespace lv = engram::langevin;

/// Calls f(entry) for each entry of an optional list.
template <class F>
void each(const json& file, const char* list, F&& f) {
  if (!file.contains(list)) return;
  for (const json& entry : file[list]) f(entry, std::string(list) + " " + entry.dump());
}

/// Argument and value as `real` sees them: a float argument is rounded, which moves the value.
double value_of(const json& entry, const char* key) { return number(entry[key]); }

}  // namespace

void check_units(const File& f) {
  const double exact = in_float ? 3e-6 : f.json["tolerance"]["exact"].get<double>();
  const double loose = in_float ? 1e-5 : f.json["tolerance"]["ref"].get<double>();
  const auto of = [](double x) { return static_cast<real>(x); };
  // The 40-digit values of L' lost everything to cancellation at tiny arguments; there the limit 1/3 holds.
  const auto variance_limit = [](double x, double recorded) { return std::abs(x) < 1e-15 ? 1.0 / 3 : recorded; };

  each(f.json, "langevin", [&](const json& e, const std::string& what) {
    const double x = value_of(e, "x"), y = static_cast<double>(lv::mean(of(x)));
    expect_close(y, value_of(e, "exact"), exact, exact, what);
    expect_close(y, value_of(e, "ref"), loose, std::abs(x) < 1e-4 && x != 0 ? std::max(loose, 5e-9) : loose,
                 what + " ref");
  });
  each(f.json, "dlangevin", [&](const json& e, const std::string& what) {
    const double x = value_of(e, "x");
    expect_close(static_cast<double>(lv::variance(of(x))), variance_limit(x, value_of(e, "exact")), exact, exact, what);
  });
  each(f.json, "log_partition", [&](const json& e, const std::string& what) {
    const double y = static_cast<double>(lv::log_partition(of(value_of(e, "x"))));
    expect_close(y, value_of(e, "exact"), exact, exact, what);
    expect_close(y, value_of(e, "ref"), loose, loose, what + " ref");
  });
  each(f.json, "cb_entropy", [&](const json& e, const std::string& what) {
    const double y = static_cast<double>(lv::entropy(of(value_of(e, "x"))));
    expect_close(y, value_of(e, "exact"), exact, exact, what);
    expect_close(y, value_of(e, "ref"), loose, loose, what + " ref");
  });
  each(f.json, "inverse_langevin", [&](const json& e, const std::string& what) {
    const double y = value_of(e, "y");
    const double rational = static_cast<double>(lv::inverse_rational(of(y))),
                 root = static_cast<double>(lv::inverse(of(y)));
    // Near +-1 a rounding of y is magnified by 1 / (1 - |y|).
    const double magnified = in_float ? 1e-6 / (1 - std::abs(y)) : 1e-12;
    expect_close(rational, value_of(e, "pade"), magnified, magnified, what + " rational");
    // "high_precision" is the rational form below 0.85 and a root found to 1e-6 above.
    const double recorded = value_of(e, "high_precision");
    if (recorded == value_of(e, "pade"))
      EXPECT_NEAR(static_cast<double>(lv::mean(of(root))), y, in_float ? 1e-6 : 1e-12)
          << what << ": inverse means inverse";
    else
      expect_close(root, recorded, std::max(magnified, 1e-6), 1e-6, what + " root");
  });
  each(f.json, "cb_pdf", [&](const json& e, const std::string& what) {
    expect_close(static_cast<double>(lv::density(of(value_of(e, "x")), of(value_of(e, "b")))), value_of(e, "ref"),
                 in_float ? 1e-4 : 1e-8, loose, what);
  });
  each(f.json, "cb_pdf_probability_parameter", [&](const json& e, const std::string& what) {
    const real b = lv::log_odds(of(value_of(e, "p")));
    expect_close(static_cast<double>(lv::density(of(value_of(e, "x")), b)), value_of(e, "ref"), loose, loose, what);
  });
  each(f.json, "sample", [&](const json& e, const std::string& what) {
    const double b = value_of(e, "b"), u = value_of(e, "u");
    const double x = static_cast<double>(lv::sample(of(b), of(u)));
    EXPECT_TRUE(x >= -1 && x <= 1) << what;
    // A uniform rounded to float is another uniform: dx/du = 1 / density, at most some 1e7 roundings near the far end.
    const double density = lv::density(value_of(e, "exact"), std::clamp(b, -500.0, 500.0));
    const double rounding = in_float ? 6e-8 / std::max(density, 1e-300) : 0;
    if (rounding < 0.1) expect_close(x, value_of(e, "exact"), exact, exact + rounding, what);
  });
  each(f.json, "vectorised_variant_exact", [&](const json& e, const std::string& what) {
    const double theta = value_of(e, "theta");
    expect_close(static_cast<double>(lv::log_partition(of(theta))), value_of(e, "log_partition"), exact, exact, what);
    expect_close(static_cast<double>(lv::mean(of(theta))), value_of(e, "langevin"), exact, exact, what);
    expect_close(static_cast<double>(lv::variance(of(theta))), variance_limit(theta, value_of(e, "fisher")), exact,
                 exact, what);
  });
}

}  // namespace golden::attractor_family
