// Recorded data of the attractor family: steps, free energy, relaxation, orthogonality, preprocessing. Longer runs are
// in attractor_runs.cpp, scalar functions in attractor_units.cpp.
#include <sstream>

#include "tests/golden/attractor/common.hpp"

namespace golden {
namespace attractor_family {
namespace {

namespace analysis = engram::attractor;

void expect_energy(attractor::Network& network, const json& recorded, Tolerance t, const std::string& where) {
  const attractor::FreeEnergy f = network.free_energy()[0];
  expect_near(f.complexity, recorded["complexity"], t, where + " complexity");
  expect_near(f.accuracy, recorded["accuracy"], t, where + " accuracy");
  expect_near(f.vfe(), recorded["vfe"], t, where + " vfe");
}

/// Updates with every variable after each; with or without learning.
void check_steps(const File& f) {
  const json& p = f.json["parameters"];
  attractor::Options options;
  options.units = p["n"];
  options.learning_rate = p["learning_rate"].get<real>();
  options.deterministic = p["deterministic"];
  attractor::Network network = make_network(backend(), options);
  network.set_weights(reals(f.json["initial"]["J"]));
  network.set_bias(reals(f.json["initial"]["bias"]));
  network.set_state(reals(f.json["initial"]["state"]));
  network.set_inverse_temperature(std::vector<real>{p["inverse_temperature"].get<real>()});
  const Tolerance t = tolerance_of(f, 2e-5);
  std::size_t k = 0;
  for (const json& step : f.json["steps"]) {
    const std::string where = "step " + std::to_string(k++);
    const std::vector<real> h = network.drive();
    expect_all_near(h, step["h"], t, where + " h");
    std::vector<real> predicted(h.size());
    for (std::size_t i = 0; i < h.size(); ++i) predicted[i] = engram::langevin::mean(h[i]);
    expect_all_near(predicted, step["langevin_h"], t, where + " L(h)");
    if (options.deterministic)
      network.step(k);
    else
      network.step(reals(step["u"]));
    expect_all_near(network.state(), step["state"], t, where + " state");
    expect_all_near(network.weights(), step["J"], t, where + " J");
    expect_energy(network, step, t, where);
  }
}

/// The later upstream variant: fresh state, clipped samples, optional precision and diagonal.
void check_vectorised(const File& f) {
  const json &p = f.json["parameters"], &initial = f.json["initial"];
  attractor::Options options;
  options.units = p["n"];
  options.learning_rate = p["learning_rate"].get<real>();
  options.precision_weighted = p["precision_weighted"];
  options.learn_self_weights = !p["zero_diagonal"].get<bool>();
  options.clipped = true;
  attractor::Network network = make_network(backend(), options);
  network.set_weights(reals(initial["W"]));
  std::vector<real> bias = reals(initial["bias"]);
  const std::vector<double> input = numbers(initial["input"]);
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] += static_cast<real>(input[i]);
  network.set_bias(bias);
  network.set_state(reals(initial["state"]));
  network.set_inverse_temperature(std::vector<real>{p["beta"].get<real>()});
  const Tolerance t = tolerance_of(f, 5e-5);
  std::size_t k = 0;
  for (const json& step : f.json["steps"]) {
    const std::string where = "step " + std::to_string(k++);
    const std::vector<double> theta = network.log_odds();
    expect_all_near(theta, step["theta"], t, where + " theta");
    network.step(reals(step["u"]));
    const std::vector<real> x = network.state();
    expect_all_near(x, step["state"], t, where + " state");
    std::vector<double> weighted = numbers(step["epsilon"]);
    const std::vector<double> precision = numbers(step["precision"]);
    for (std::size_t i = 0; i < weighted.size(); ++i) weighted[i] *= precision[i];
    expect_all_near(network.error(), weighted, t, where + " precision times epsilon");
    expect_all_near(network.weights(), step["W"], t, where + " W");
    expect_near(analysis::free_energy_proxy(theta, x), step["free_energy_proxy"], t, where + " proxy");
  }
}

void check_free_energy(const File& f) {
  const Tolerance t = tolerance_of(f, 2e-5);
  for (const json& c : f.json["cases"]) {
    const std::string where = c["kind"].get<std::string>() + " n=" + c["n"].dump();
    attractor::Options options;
    options.units = c["n"];
    attractor::Network network = make_network(backend(), options);
    network.set_weights(reals(c["J"]));
    network.set_bias(reals(c["bias"]));
    network.set_state(reals(c["state"]));
    expect_all_near(network.log_odds(), c["b_q"], t, where + " b_q");
    expect_energy(network, c, t, where);
    const std::vector<double> w = numbers(c["J"]);
    const Tolerance exact = {1e-12, 1e-12};
    expect_all_near(analysis::symmetric_part(w, options.units), c["symmetric"], exact, where + " symmetric");
    expect_all_near(analysis::antisymmetric_part(w, options.units), c["antisymmetric"], exact,
                    where + " antisymmetric");
    expect_near(analysis::asymmetry(w, options.units), c["asymmetry"], exact, where + " asymmetry");
  }
}

void check_relaxation(const File& f) {
  // In float the VFE stops changing within its rounding before the recorded step.
  const Tolerance t = tolerance_of(f, 2e-2);
  for (const json& c : f.json["cases"]) {
    const std::string where = c["kind"];
    attractor::Options options;
    options.units = static_cast<engram::Index>(c["J"].size());
    attractor::Network network = make_network(backend(), options);
    network.set_weights(reals(c["J"]));
    network.set_bias(reals(c["network_bias"]));
    engram::attractor::RelaxOptions relax;
    relax.max_steps = c["max_steps"];
    relax.tolerance = c["tol"];
    std::optional<std::vector<real>> bias;
    if (!c["bias"].is_null()) bias = reals(c["bias"]);
    const std::vector<real> before = network.state(), cue = c["input"].is_null() ? before : reals(c["input"]);
    const auto found = analysis::relax(network, cue, bias, c["inverse_temperature"].get<real>(), relax)[0];
    EXPECT_EQ(network.state(), before) << where << ": the network itself must not change";
    const bool failed = std::isnan(number(c["attractor"][0]));
    if (failed) {
      EXPECT_EQ(found.status, analysis::RelaxationStatus::not_converged) << where;
      for (const real s : found.state) EXPECT_LE(std::abs(s), 1) << where << ": the last state is kept, never NaN";
    } else {
      EXPECT_NE(found.status, analysis::RelaxationStatus::not_converged) << where;
      // Which phase of a two-cycle is seen last depends on the step.
      if (sizeof(real) == 8 || found.status == analysis::RelaxationStatus::fixed_point)
        expect_fixed_points(found.state, c["attractor"], t, where);
    }
    if (sizeof(real) == 8 || failed) {
      EXPECT_EQ(found.steps, c["steps"].get<engram::Index>()) << where;
    }
  }
}

void check_orthogonality(const File& f) {
  const std::size_t n = f.json["data"][0].size();
  const std::vector<double> data = numbers(f.json["data"]), attractors = numbers(f.json["attractors"]);
  const Tolerance t = {f.json["tolerance"].value("rel", 0.0), f.json["tolerance"].value("abs", 0.0)};
  const std::vector<double> data_angles = analysis::angles(data, n), attractor_angles = analysis::angles(attractors, n);
  expect_all_near(data_angles, f.json["angles_data"], t, "angles of data");
  expect_all_near(attractor_angles, f.json["angles_attractors"], t, "angles of attractors");
  const analysis::Orthogonality of_data = analysis::orthogonality(data_angles),
                                of_attractors = analysis::orthogonality(attractor_angles);
  expect_near(of_data.with_diagonal, f.json["orthogonality_data_reference"], t, "data, with diagonal");
  expect_near(of_data.off_diagonal, f.json["orthogonality_data_offdiagonal"], t, "data, off diagonal");
  expect_near(of_attractors.kept, f.json["orthogonality_attractors_reference"], t, "attractors, kept angles");
  EXPECT_EQ(of_attractors.kept_angles, f.json["kept_attractor_angles"].get<std::size_t>());
  EXPECT_EQ(analysis::distinct_rows(attractors, n), f.json["num_attractors"].get<std::size_t>());
  const json& r = f.json["correlation_attractors"];
  for (std::size_t i = 0; i < r.size(); ++i)
    for (std::size_t j = 0; j < r.size(); ++j)
      expect_near(
          analysis::correlation(std::span(attractors).subspan(i * n, n), std::span(attractors).subspan(j * n, n)),
          r[i][j], t, "correlation " + std::to_string(i) + "," + std::to_string(j));
}

/// Squared and standardised images, and checksums of the raw ones.
void check_preprocessing(const File& f) {
  const std::vector<double> raw = digits(f);
  const std::size_t n = f.json["parameters"]["pixels"];
  ASSERT_EQ(raw.size(), n * f.json["parameters"]["rows"].get<std::size_t>());
  const json& checks = f.json["checks"];
  double sum = 0, squares = 0;
  for (const double v : raw) {
    sum += v;
    squares += v * v;
  }
  EXPECT_EQ(sum, checks["sum_raw"].get<double>());
  EXPECT_EQ(squares, checks["sum_raw_squared"].get<double>());
  const std::vector<double> images = analysis::standardize(raw, n, true);
  const Tolerance t = {f.json["tolerance"]["rel"], f.json["tolerance"]["abs"]};
  const json& first = f.json["preprocessed_rows_0_to_9"];
  expect_all_near(std::vector(images.begin(), images.begin() + static_cast<std::ptrdiff_t>(first.size() * n)), first, t,
                  "first rows");
  EXPECT_NEAR(*std::max_element(images.begin(), images.end()), checks["max_preprocessed"].get<double>(), 1e-12);
  EXPECT_NEAR(*std::min_element(images.begin(), images.end()), checks["min_preprocessed"].get<double>(), 1e-12);
  for (const auto& [key, recorded] : checks.items()) {
    std::size_t row = 0;
    if (std::sscanf(key.c_str(), "row_%zu_first8", &row) != 1 || !recorded.is_array()) continue;
    for (std::size_t i = 0; i < recorded.size(); ++i) expect_near(images[row * n + i], recorded[i], t, key);
  }
  const json& r = checks["train_correlation"];
  for (std::size_t i = 0; i < r.size(); ++i)
    for (std::size_t j = 0; j < r.size(); ++j)
      expect_near(analysis::correlation(std::span(images).subspan(i * n, n), std::span(images).subspan(j * n, n)),
                  r[i][j], t, "correlation");
}

/// The raw images: a label and 64 grey levels from 0 to 16 a row.
void check_raw_digits(const File& f) {
  std::stringstream in(f.text);
  std::string line;
  std::getline(in, line);
  std::size_t rows = 0;
  for (; std::getline(in, line); ++rows) {
    std::stringstream row(line);
    std::string cell;
    std::size_t cells = 0;
    for (; std::getline(row, cell, ','); ++cells) {
      const double v = std::stod(cell);
      EXPECT_TRUE(v >= 0 && v <= (cells == 0 ? 9 : 16) && v == std::floor(v)) << "row " << rows << ", column " << cells;
    }
    EXPECT_EQ(cells, 65u) << "row " << rows;
  }
  EXPECT_GT(rows, 0u);
}

}  // namespace
}  // namespace attractor_family

std::vector<Kind> attractor_kinds() {
  using namespace attractor_family;
  return {
      {"attractor scalar functions",
       [](const File& f) {
         return is(f, "attractor") && has(f, {"langevin", "sample"});
       },
       check_units},
      {"attractor steps",
       [](const File& f) {
         return is(f, "attractor") && has(f, {"initial", "steps"}) && f.json["initial"].contains("J");
       },
       check_steps},
      {"attractor vectorised variant",
       [](const File& f) {
         return is(f, "attractor") && has(f, {"initial", "steps"}) && f.json["initial"].contains("W");
       },
       check_vectorised},
      {"attractor free energy",
       [](const File& f) { return is(f, "attractor") && has(f, {"cases"}) && f.json["cases"][0].contains("b_q"); },
       check_free_energy},
      {"attractor relaxation",
       [](const File& f) {
         return is(f, "attractor") && has(f, {"cases"}) && f.json["cases"][0].contains("max_steps");
       },
       check_relaxation},
      {"attractor orthogonality",
       [](const File& f) {
         return is(f, "attractor") && has(f, {"data", "attractors", "num_attractors"});
       },
       check_orthogonality},
      {"attractor sequence learning",
       [](const File& f) {
         return is(f, "attractor") && has(f, {"patterns_times_evidence", "snapshots"});
       },
       check_sequence},
      {"attractor digits training",
       [](const File& f) {
         return is(f, "attractor") && has(f, {"pattern_index", "reconstruction"});
       },
       check_digits_training},
      {"attractor training",
       [](const File& f) {
         return is(f, "attractor") && has(f, {"patterns", "pattern_index", "final_J"});
       },
       check_training},
      {"attractor preprocessing",
       [](const File& f) { return is(f, "attractor") && has(f, {"preprocessed_rows_0_to_9"}); }, check_preprocessing},
      {"attractor raw digits", [](const File& f) { return f.json.is_null() && f.text.starts_with("label,p0,"); },
       check_raw_digits},
  };
}

}  // namespace golden
