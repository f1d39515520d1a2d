// Recorded training runs of the attractor family, replayed with the recorded draws from the first step to the last.
#include "tests/golden/attractor/common.hpp"

namespace golden::attractor_family {

namespace {

namespace analysis = engram::attractor;

attractor::Network network_of(const json& parameters) {
  attractor::Options options;
  options.units = parameters["n"];
  options.learning_rate = parameters["learning_rate"].get<real>();
  attractor::Network network = make_network(backend(), options);
  network.set_inverse_temperature(std::vector<real>{parameters["inverse_temperature"].get<real>()});
  return network;
}

std::vector<double> weights_of(const attractor::Network& network) { return analysis::to_double(network.weights()); }

/// One recorded step: squared weight change and free energy, with the bias still on.
struct Curves {
  std::vector<double> weight_change, accuracy, complexity, vfe;
  void add(attractor::Network& network) {
    const attractor::FreeEnergy f = network.free_energy()[0];
    weight_change.push_back(network.squared_weight_change()[0]);
    accuracy.push_back(f.accuracy);
    complexity.push_back(f.complexity);
    vfe.push_back(f.vfe());
  }
};

void expect_curve(const std::vector<double>& found, const json& recorded, Tolerance t, const std::string& what) {
  ASSERT_GE(found.size(), 50u);
  std::vector<double> part(found.begin(), found.begin() + 40);
  part.insert(part.end(), found.end() - 10, found.end());
  expect_all_near(part, recorded, t, what);
}

/// Patterns as the network meets them, in training and afterwards: times the evidence level.
std::vector<double> times_evidence(std::vector<double> patterns, const json& parameters) {
  for (double& v : patterns) v *= parameters["evidence_level"].get<double>();
  return patterns;
}

/// Epochs of a drawn pattern each, state carried over; leaves the bias at 0.
void train(attractor::Network& network, const File& f, std::span<const double> patterns, Stream& stream) {
  const json& p = f.json["parameters"];
  const std::size_t n = p["n"];
  Curves curves;
  for (const json& index : f.json["pattern_index"]) {
    network.set_bias(analysis::to_real(patterns.subspan(index.get<std::size_t>() * n, n)));
    for (int k = 0; k < p["steps_per_epoch"].get<int>(); ++k) {
      network.step(stream.draws(n));
      curves.add(network);
    }
  }
  network.set_bias(std::vector<real>(n));
  const json& recorded = f.json["curves_first40_last10"];
  // Float runs stay close because the draws are the same and rounding does not grow; the complexity is a small
  // difference.
  const Tolerance t = tolerance_of(f, 2e-3);
  expect_curve(curves.weight_change, recorded["weight_change"], t, "weight change");
  expect_curve(curves.accuracy, recorded["accuracy"], t, "accuracy");
  expect_curve(curves.complexity, recorded["complexity"], t, "complexity");
  expect_curve(curves.vfe, recorded["vfe"], t, "vfe");
  expect_all_near(network.weights(), f.json["final_J"], t, "J");
}

std::vector<double> relaxed(const attractor::Network& network, std::span<const real> cues, std::size_t n,
                            std::vector<analysis::Relaxation>* all = nullptr) {
  analysis::RelaxOptions options;
  options.tolerance = 1e-12;
  std::vector<double> rows;
  auto found = analysis::relax(network, cues, std::vector<real>(n), 1, options);
  for (const auto& one : found) rows.insert(rows.end(), one.state.begin(), one.state.end());
  if (all) *all = std::move(found);
  return rows;
}

}  // namespace

void check_training(const File& f) {
  const std::size_t n = f.json["parameters"]["n"];
  if (f.json.contains("raw_images"))
    expect_all_near(analysis::standardize(numbers(f.json["raw_images"]), n, false), f.json["patterns"], {1e-12, 1e-12},
                    "patterns");
  const std::vector<double> patterns = times_evidence(numbers(f.json["patterns"]), f.json["parameters"]);
  Stream stream(f.json["parameters"]["stream_seed"]);
  attractor::Network network = network_of(f.json["parameters"]);
  train(network, f, patterns, stream);
  const std::vector<double> fixed = relaxed(network, analysis::cues_of(patterns, n, 0, 0), n);
  expect_fixed_points(fixed, f.json["attractors"], tolerance_of(f, 5e-2), "attractors");
  if (f.json.contains("attractor_correlation"))
    expect_near(analysis::correlation(std::span(fixed).subspan(0, n), std::span(fixed).subspan(n, n)),
                f.json["attractor_correlation"], tolerance_of(f, 2e-2), "attractor correlation");
}

void expect_final_weights(const File& f, const attractor::Network& network, std::size_t n, const Tolerance& t) {
  const std::vector<double> w = weights_of(network), symmetric = analysis::symmetric_part(w, n);
  if (f.json.contains("final_J")) expect_all_near(w, f.json["final_J"], t, "final J");
  expect_near(analysis::asymmetry(w, n), f.json["asymmetry"], tolerance_of(f, 1e-5), "asymmetry");
  expect_near(analysis::norm(w), f.json["norm_J"], t, "norm of J");
  expect_near(analysis::norm(symmetric), f.json["norm_symmetric"], t, "norm of the symmetric part");
  expect_near(analysis::norm(analysis::antisymmetric_part(w, n)), f.json["norm_antisymmetric"], t,
              "norm of the antisymmetric part");
}

/// Of the symmetric part of the weights, from a tenth of each pattern.
void expect_fixed_points_of_sequence(const File& f, const std::vector<double>& weights,
                                     std::span<const double> patterns, std::size_t n, const Tolerance& t) {
  const std::vector<real> cues = analysis::cues_of(patterns, n, 0, 0);
  expect_all_near(cues, f.json["cues"], tolerance_of(f, 1e-5), "cues");
  attractor::Options options;
  options.units = static_cast<engram::Index>(n);
  attractor::Network split = make_network(backend(), options);
  split.set_weights(analysis::to_real(analysis::symmetric_part(weights, n)));
  std::vector<analysis::Relaxation> found;
  expect_fixed_points(relaxed(split, cues, n, &found), f.json["attractors"], tolerance_of(f, 5e-2), "attractors");
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].status, analysis::RelaxationStatus::fixed_point);
    if (!in_float) {
      EXPECT_EQ(found[i].steps, f.json["attractor_steps"][i].get<engram::Index>());
    }
    split.set_state(std::span(cues).subspan(i * n, n));
    expect_near(split.free_energy()[0].vfe(), f.json["vfe_cue"][i], t, "vfe of cue");
    expect_near(found[i].vfe, f.json["vfe_attractor"][i], t, "vfe of attractor");
  }
}

void expect_free_run(const File& f, attractor::Network& network, std::span<const double> patterns, std::size_t n,
                     const Tolerance& t) {
  const json& run = f.json["free_run"];
  const std::size_t k = patterns.size() / n;
  Stream stream(f.json["parameters"]["stream_seed"], run["draw_offset"]);
  expect_all_near(network.state(), run["initial_state"], t, "state before the free run");
  network.set_bias(std::vector<real>(n));
  network.set_learning_rate(0);
  for (std::size_t step = 1; step <= run["steps"].get<std::size_t>(); ++step) {
    network.step(stream.draws(n));
    const std::vector<double> s = analysis::to_double(network.state());
    std::size_t best = 0;
    for (std::size_t i = 1; i < k; ++i)
      if (analysis::correlation(s, patterns.subspan(i * n, n)) >
          analysis::correlation(s, patterns.subspan(best * n, n)))
        best = i;
    EXPECT_EQ(best, run["best_matching_pattern"][step - 1].get<std::size_t>()) << "free run, step " << step;
    const std::string key = "state_after_" + std::to_string(step);
    if (run.contains(key)) expect_all_near(network.state(), run[key], t, "free run " + key);
  }
}

void check_sequence(const File& f) {
  const json& p = f.json["parameters"];
  const std::size_t n = p["n"], k = f.json["patterns_times_evidence"].size();
  const std::vector<double> raw = digits(f);
  std::vector<double> chosen;
  for (const json& row : p["digit_rows"]) {
    const auto first = raw.begin() + static_cast<std::ptrdiff_t>(row.get<std::size_t>() * n);
    chosen.insert(chosen.end(), first, first + static_cast<std::ptrdiff_t>(n));
  }
  const std::vector<double> patterns = times_evidence(analysis::standardize(chosen, n, true), p);
  expect_all_near(patterns, f.json["patterns_times_evidence"], {1e-12, 1e-12}, "patterns");

  const Tolerance t = tolerance_of(f, 5e-3);
  Stream stream(p["stream_seed"]);
  for (const json& u : p.value("stream_first8", json::array())) EXPECT_EQ(stream.next(), u.get<double>());
  stream = Stream(p["stream_seed"]);
  attractor::Network network = network_of(p);
  const json& first = f.json["first30"];
  std::size_t snapshot = 0;
  const auto expect_step = [&](const json& recorded, const std::string& where) {
    const attractor::FreeEnergy e = network.free_energy()[0];
    expect_near(network.squared_weight_change()[0], recorded["weight_change"], t, where + " weight change");
    expect_near(e.accuracy, recorded["accuracy"], t, where + " accuracy");
    expect_near(e.complexity, recorded["complexity"], t, where + " complexity");
    expect_near(e.vfe(), recorded["vfe"], t, where + " vfe");
  };
  const std::size_t steps = p["steps"];
  for (std::size_t step = 0; step < steps; ++step) {
    const std::size_t row = step % k;
    network.set_bias(analysis::to_real(std::span(patterns).subspan(row * n, n)));
    network.step(stream.draws(n));
    const std::string where = "step " + std::to_string(step + 1);
    if (step < first.size()) expect_step(first[step], where);
    if (step + 1 == steps) expect_step(f.json["last"], where);
    if (snapshot < f.json["snapshots"].size() && f.json["snapshots"][snapshot]["step"].get<std::size_t>() == step + 1) {
      const json& s = f.json["snapshots"][snapshot++];
      const std::vector<double> w = weights_of(network);
      expect_all_near(network.state(), s["state"], t, where + " state");
      expect_near(analysis::norm(w), s["J_frobenius"], t, where + " norm of J");
      expect_all_near(std::vector(w.begin(), w.begin() + static_cast<std::ptrdiff_t>(n)), s["J_row0"], t,
                      where + " first row of J");
      if (!s["J"].is_null()) expect_all_near(w, s["J"], t, where + " J");
    }
  }
  EXPECT_EQ(snapshot, f.json["snapshots"].size());

  expect_final_weights(f, network, n, t);
  expect_fixed_points_of_sequence(f, weights_of(network), patterns, n, t);
  expect_free_run(f, network, patterns, n, t);
}

void check_digits_training(const File& f) {
  const json& p = f.json["parameters"];
  const std::size_t n = p["n"];
  const std::vector<double> raw = digits(f);
  const std::size_t count = f.json["angles_data"].size();
  const std::vector<double> patterns =
      times_evidence(analysis::standardize(std::span(raw).first(count * n), n, true), p);
  Stream stream(p["stream_seed"]);
  attractor::Network network = network_of(p);
  train(network, f, patterns, stream);
  const Tolerance t = tolerance_of(f, 5e-3);
  expect_all_near(network.state(), f.json["final_state"], t, "final state");
  expect_near(analysis::asymmetry(weights_of(network), n), f.json["asymmetry"], t, "asymmetry");

  const std::vector<double> fixed = relaxed(network, analysis::cues_of(patterns, n, 0, 0), n);
  expect_fixed_points(fixed, f.json["attractors"], tolerance_of(f, 2e-2), "attractors");
  EXPECT_EQ(analysis::distinct_rows(fixed, n), f.json["num_attractors"].get<std::size_t>());
  expect_near(analysis::orthogonality(analysis::angles(fixed, n)).kept, f.json["orthogonality_attractors_reference"], t,
              "attractors, kept angles");
  const std::vector<double> data_angles = analysis::angles(patterns, n);
  expect_all_near(data_angles, f.json["angles_data"], {1e-9, 1e-6}, "angles of data");
  const analysis::Orthogonality of_data = analysis::orthogonality(data_angles);
  expect_near(of_data.with_diagonal, f.json["orthogonality_data_reference"], {1e-9, 1e-9}, "data, with diagonal");
  expect_near(of_data.off_diagonal, f.json["orthogonality_data_offdiagonal"], {1e-9, 1e-9}, "data, off diagonal");

  const std::vector<real> trained = network.state();
  // Trials one after the other, the state carried over, as the reference runs them.
  const json& r = f.json["reconstruction"];
  stream = Stream(p["stream_seed"], r["draw_offset"]);
  network.set_learning_rate(0);
  network.set_inverse_temperature(std::vector<real>{r["inverse_temperature"].get<real>()});
  for (std::size_t trial = 0; trial < r["trials"].get<std::size_t>(); ++trial) {
    const std::span<const double> pattern = std::span(patterns).subspan(trial % count * n, n);
    const std::vector<double> noise = numbers(r["noise_standard_normal"][trial]);
    std::vector<double> target(n), cue(n), mean(n);
    double squares = 0, sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      target[i] = pattern[i] * r["signal_strength"].get<double>();
      sum += target[i];
    }
    for (const double v : target) squares += (v - sum / static_cast<double>(n)) * (v - sum / static_cast<double>(n));
    for (std::size_t i = 0; i < n; ++i)
      cue[i] = target[i] + noise[i] * std::sqrt(squares / static_cast<double>(n)) / r["SNR"].get<double>();
    network.set_bias(analysis::to_real(cue));
    const std::size_t steps = r["steps"];
    for (std::size_t step = 0; step < steps; ++step) {
      network.step(stream.draws(n));
      const std::vector<real> s = network.state();
      for (std::size_t i = 0; i < n; ++i) mean[i] += static_cast<double>(s[i]) / static_cast<double>(steps);
    }
    const double in = analysis::correlation(cue, target), out = analysis::correlation(mean, target);
    // Recorded rounded to three decimals.
    EXPECT_NEAR(in * in, number(r["r2_input"][trial]), 0.000501);
    EXPECT_NEAR(out * out, number(r["r2_output"][trial]), in_float ? 0.002 : 0.000501);
  }

  const json& run = f.json["free_run_learning"];
  stream = Stream(p["stream_seed"], run["draw_offset"]);
  const std::vector<double> before = weights_of(network);
  network.set_state(trained);
  network.set_bias(std::vector<real>(n));
  network.set_learning_rate(p["learning_rate"].get<real>());
  network.set_inverse_temperature(std::vector<real>{p["inverse_temperature"].get<real>()});
  std::vector<double> vfe;
  for (std::size_t step = 0; step < run["steps"].get<std::size_t>(); ++step) {
    network.step(stream.draws(n));
    vfe.push_back(network.free_energy()[0].vfe());
  }
  const std::vector<double> after = weights_of(network);
  std::vector<double> change(after.size());
  for (std::size_t i = 0; i < change.size(); ++i) change[i] = after[i] - before[i];
  expect_near(analysis::norm(after), run["J_frobenius"], t, "norm of J after the free run");
  expect_near(analysis::norm(change) / analysis::norm(before), run["relative_change"], t, "relative change");
  expect_all_near(std::vector(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(n)), run["J_row0"], t,
                  "first row of J after the free run");
  expect_all_near(network.state(), run["state"], t, "state after the free run");
  expect_all_near(std::vector(vfe.end() - static_cast<std::ptrdiff_t>(run["vfe_last10"].size()), vfe.end()),
                  run["vfe_last10"], t, "vfe of the free run");
}

}  // namespace golden::attractor_family
