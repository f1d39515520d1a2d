// Recorded analysis of a fixed raster and weight matrix: integers exactly, other numbers to a relative 1e-12.
#include "engram/sorn/analysis.hpp"
#include "tests/golden/golden.hpp"

namespace golden {

using namespace engram;
using nlohmann::json;

namespace {

sorn::Raster raster(const json& spikes, std::size_t units) {
  sorn::Raster r{spikes.size(), units, std::vector<std::uint8_t>(spikes.size() * units)};
  for (std::size_t t = 0; t < spikes.size(); ++t)
    for (const json& i : spikes[t]) r.active[t * units + i.get<std::size_t>()] = 1;
  return r;
}

void expect_relative(double found, const json& expected, const std::string& what) {
  if (expected.is_string()) return;  // NaN or infinity of the reference: silent units, tested elsewhere
  expect_close(found, expected.get<double>(), 1e-12, 1e-15, what);
}

void check_graph(const json& g) {
  const json& m = g.at("W");
  const std::size_t n_pre = m.at("shape")[0], n_post = m.at("shape")[1];
  std::vector<std::vector<double>> w(n_pre, std::vector<double>(n_post));
  if (m.contains("data"))
    for (std::size_t k = 0; k < n_pre * n_post; ++k) w[k / n_post][k % n_post] = m.at("data")[k].get<double>();
  else
    for (std::size_t k = 0; k < m.at("val").size(); ++k)
      w[m.at("row")[k].get<std::size_t>()][m.at("col")[k].get<std::size_t>()] = m.at("val")[k].get<double>();
  Rows rows;
  rows.n_pre = static_cast<Index>(n_pre);
  std::vector<double> weights;
  for (std::size_t i = 0; i < n_post; ++i) {
    for (std::size_t j = 0; j < n_pre; ++j)
      if (w[j][i] != 0) {
        rows.pre.push_back(static_cast<Index>(j));
        rows.weight.push_back(static_cast<real>(w[j][i]));
      }
    rows.start.push_back(rows.pre.size());
  }
  for (const auto& row : w) weights.insert(weights.end(), row.begin(), row.end());
  EXPECT_EQ(sorn::analysis::in_degrees(rows), g.at("in_degree").get<std::vector<std::size_t>>());
  EXPECT_EQ(sorn::analysis::out_degrees(rows), g.at("out_degree").get<std::vector<std::size_t>>());
  const auto lists = [](const std::vector<std::vector<Index>>& found, const json& expected) {
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_EQ(found[i], expected.value(std::to_string(i), std::vector<Index>{})) << i;
  };
  lists(sorn::analysis::incoming(rows), g.at("incoming"));
  lists(sorn::analysis::outgoing(rows), g.at("outgoing"));
  const json& l = g.at("lognormal");
  const sorn::analysis::LogNormal fit = sorn::analysis::fit_lognormal(weights, l.at("threshold").get<double>());
  EXPECT_EQ(fit.n, l.at("n").get<std::size_t>());
  expect_relative(fit.mu, l.at("mu"), "mu");
  expect_relative(fit.sigma, l.at("sigma"), "sigma");
  const json& h = g.at("weight_histogram");
  std::vector<double> large;
  for (const double v : weights)
    if (v >= l.at("threshold").get<double>()) large.push_back(v);
  const sorn::analysis::Histogram found = sorn::analysis::histogram(large, h.at("bins").get<std::size_t>());
  EXPECT_EQ(found.counts, h.at("counts").get<std::vector<std::size_t>>());
  for (std::size_t b = 0; b < found.edges.size(); ++b) expect_relative(found.edges[b], h.at("edges")[b], "edge");
}

}  // namespace

void check_sorn_statistics(const File& f) {
  const std::size_t units = f.json.at("shape")[1];
  const sorn::Raster r = raster(f.json.at("spikes"), units);
  const json& e = f.json.at("expected");
  const std::vector<double> rate = sorn::analysis::network_rate(r);
  EXPECT_EQ(rate, e.at("firing_rate_network").get<std::vector<double>>());
  for (const json& c : e.at("firing_rate_neuron")) {
    EXPECT_EQ(static_cast<double>(r.steps), c.at("result")[0].get<double>());
    expect_relative(sorn::analysis::spikes_per_bin(r, c.at("neuron"), c.at("bin_size")), c.at("result")[2],
                    "spikes in a bin");
  }
  expect_relative(sorn::analysis::smoothness(rate), e.at("scale_dependent_smoothness"), "smoothness");
  expect_relative(sorn::analysis::relative_smoothness(rate), e.at("scale_independent_smoothness"),
                  "relative smoothness");
  for (const json& c : e.at("autocorr"))
    expect_relative(sorn::analysis::autocorrelation(rate, c.at("lag")), c.at("matrix").at("data")[1],
                    "autocorrelation");
  for (const json& c : e.at("fanofactor")) {
    const sorn::analysis::Fano fano = sorn::analysis::fano_factor(r, c.at("neuron"), c.at("n_windows"));
    expect_relative(fano.mean, c.at("result")[0], "mean count");
    expect_relative(fano.variance, c.at("result")[1], "variance of the count");
    expect_relative(fano.factor, c.at("result")[2], "fano factor");
  }
  expect_relative(sorn::analysis::source_entropy(r), e.at("spike_source_entropy"), "entropy");
  const sorn::analysis::Correlation c = sorn::analysis::correlation(r);
  const json& matrix = e.at("correlation_matrix").at("data");
  ASSERT_EQ(c.matrix.size(), matrix.size());
  for (std::size_t k = 0; k < matrix.size(); ++k)
    expect_relative(c.matrix[k], matrix[k], "correlation " + std::to_string(k));
  // The reference divides by 200 x 200 whatever the size.
  expect_relative(c.mean() * static_cast<double>(units * units) / 40000, e.at("avg_corr_coeff"), "mean correlation");
  EXPECT_EQ(sorn::analysis::hamming(r, raster(f.json.at("spikes_perturbed"), units)),
            e.at("hamming_distance").get<std::vector<std::size_t>>());
  EXPECT_EQ(sorn::analysis::spike_times(r, 0), e.at("spike_times_neuron0").get<std::vector<std::size_t>>());
  EXPECT_EQ(sorn::analysis::intervals(r, 0), e.at("isi_neuron0").get<std::vector<std::size_t>>());
  const json& events = e.at("spike_times_2d");
  std::size_t k = 0;
  for (std::size_t t = 0; t < r.steps && k < events.at("time").size(); ++t)
    for (std::size_t i = 0; i < units && k < events.at("time").size(); ++i)
      if (r.at(t, i)) {
        EXPECT_EQ(t, events.at("time")[k].get<std::size_t>());
        EXPECT_EQ(i, events.at("neuron")[k++].get<std::size_t>());
      }
  if (f.json.contains("graph")) check_graph(f.json.at("graph"));
}

void check_sorn_inputs(const File& f) {
  const std::size_t units = f.json.at("shape")[0], labels = f.json.at("shape")[1];
  const auto samples = f.json.at("samples").get<std::vector<std::vector<Index>>>();
  const sorn::OneHot code = sorn::multi_one_hot(units, labels, samples);
  std::vector<double> expected(units * labels);
  const json& m = f.json.at("expected");
  if (m.contains("data"))
    expected = m.at("data").get<std::vector<double>>();
  else
    for (std::size_t k = 0; k < m.at("val").size(); ++k)
      expected[m.at("row")[k].get<std::size_t>() * labels + m.at("col")[k].get<std::size_t>()] = m.at("val")[k];
  EXPECT_EQ(code.matrix, expected);
  EXPECT_EQ(code.units_of, f.json.at("idxs").get<std::vector<std::vector<Index>>>());
}

}  // namespace golden
