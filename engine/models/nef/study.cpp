#include "engine/models/nef/study.hpp"

#include <algorithm>
#include <cmath>
#include <eigen3/Eigen/Core>

#include "engine/models/nef/build/matrices.hpp"
#include "engram/nef/draws.hpp"

namespace engram::nef {

namespace {

using Vectors = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Vectors unit_vectors(std::size_t count, std::size_t d, Draws& draws) {
  const std::vector<double> all = sample(UniformHypersphere{true}, count, d, draws);
  return Eigen::Map<const Vectors>(all.data(), static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(d));
}

Rows rows_of(const Vectors& vectors) {
  Rows rows(static_cast<std::size_t>(vectors.rows()));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double* first = vectors.data() + static_cast<Eigen::Index>(r) * vectors.cols();
    rows[r].assign(first, first + vectors.cols());
  }
  return rows;
}

std::span<const double> numbers_of(const Vectors& vectors, Eigen::Index first, Eigen::Index count) {
  return {vectors.data() + first * vectors.cols(), static_cast<std::size_t>(count * vectors.cols())};
}

/// Of two different rows, in pieces that stay in a cache.
double largest_product(const Vectors& keys) {
  constexpr Eigen::Index piece = 256;
  const auto d = static_cast<std::size_t>(keys.cols());
  double most = -1;
  for (Eigen::Index a = 0; a < keys.rows(); a += piece)
    for (Eigen::Index b = a; b < keys.rows(); b += piece) {
      const Eigen::Index height = std::min(piece, keys.rows() - a), width = std::min(piece, keys.rows() - b);
      std::vector<double> products =
          product_of_rows(numbers_of(keys, a, height), static_cast<std::size_t>(height), numbers_of(keys, b, width), d);
      for (std::size_t i = 0; a == b && i < static_cast<std::size_t>(height); ++i)
        products[i * static_cast<std::size_t>(width) + i] = -1;
      most = std::max(most, *std::max_element(products.begin(), products.end()));
    }
  return most;
}

/// Mean number of encoders whose product with a key is above the intercept, of some keys.
double answering(const Vectors& keys, const Vectors& encoders, double intercept) {
  const Eigen::Index asked = std::min<Eigen::Index>(keys.rows(), 200);
  constexpr Eigen::Index piece = 256;
  std::ptrdiff_t above = 0;
  for (Eigen::Index first = 0; first < encoders.rows(); first += piece) {
    const Eigen::Index count = std::min(piece, encoders.rows() - first);
    const std::vector<double> products =
        product_of_rows(numbers_of(keys, 0, asked), static_cast<std::size_t>(asked), numbers_of(encoders, first, count),
                        static_cast<std::size_t>(keys.cols()));
    above += std::count_if(products.begin(), products.end(), [&](double x) { return x > intercept; });
  }
  return std::max(static_cast<double>(above) / static_cast<double>(asked), 1.0);
}

Connection link(const std::string& from, const std::string& to) {
  Connection c;
  c.from = from;
  c.to = to;
  c.synapse.type = NoSynapse{};
  return c;
}

/// Keys and values are shown one after the other; every second time learning is off and the values do not matter.
/// Errors go back to the rule directly.
Network memory(const Study& s) {
  Network net;
  net.dt = s.dt;
  const double half = static_cast<double>(s.steps_of_round()) * s.dt / 2;
  net.nodes = {{"keys", {Cycle{{}, s.presentation}, {}}},
               {"values", {Cycle{{}, s.presentation}, {}}},
               {"learning", {Cycle{{{0}, {-1}}, half}, {}}},
               {"recall", {Passthrough{s.values()}, {}}}};
  Ensemble store;
  store.neurons = s.neurons;
  store.dimensions = s.dimensions;
  store.n_eval_points = 1;
  store.eval_points.type = Constant{};
  net.ensembles = {{"memory", store}};
  Connection in = link("keys", "memory"), out = link("memory", "recall"), wanted = link("values", "out.rule0");
  in.learning = {LearningRule{Voja{s.voja, Synapse{NoSynapse{}}}}};
  out.synapse = {};
  out.function = TargetFunction::zero;
  out.learning = {LearningRule{Pes{}}};
  wanted.transform.type = ScalarTransform{-1};
  net.connections = {{"in", in},
                     {"out", out},
                     {"wanted", wanted},
                     {"found", link("recall", "out.rule0")},
                     {"hold_encoders", link("learning", "in.rule0")},
                     {"hold_decoders", link("learning", "out.gate0")}};
  Probe recalled;
  recalled.of = "recall";
  net.probes = {{"recalled", recalled}};
  return net;
}

}  // namespace

Tick Study::steps_shown() const { return static_cast<Tick>(std::max<long long>(1, std::llround(presentation / dt))); }

void Study::check_together(const Report& problem) const {
  const double steps = presentation / dt;
  if (std::abs(steps - std::nearbyint(steps)) > 1e-6 * steps || steps < 0.5)
    problem("presentation",
            "a step of " + shown(dt) + " s does not divide the " + shown(presentation) + " s of a pair");
}

Network outline(const Study& s) {
  Network net = memory(s);
  std::get<Cycle>(net.nodes[0].second.output).values = {std::vector<double>(s.dimensions)};
  std::get<Cycle>(net.nodes[1].second.output).values = {std::vector<double>(s.values())};
  return net;
}

DrawnStudy draw_study(const Study& s, std::uint64_t seed) {
  CounterDraws draws(seed, Stream::nef_study);
  const std::size_t d = s.dimensions;
  const Vectors keys = unit_vectors(s.pairs, d, draws), values = unit_vectors(s.pairs, s.values(), draws);
  Vectors encoders = unit_vectors(s.neurons, d, draws);
  if (s.encoders == StartOfEncoders::near_keys)
    for (Eigen::Index i = 0; i < encoders.rows(); ++i)
      encoders.row(i) = (keys.row(i % keys.rows()) + s.spread * encoders.row(i)).normalized();
  DrawnStudy drawn;
  drawn.intercept = s.intercept ? *s.intercept : std::clamp(largest_product(keys), -1.0, 0.999999);
  drawn.active = answering(keys, encoders, drawn.intercept);
  constexpr double rate = 300;  // Hz of a neuron at its encoder
  drawn.pes = s.pes ? *s.pes : s.speed * s.neurons / (drawn.active * rate * rate);

  drawn.network = memory(s);
  drawn.values = rows_of(values);
  Rows shown = rows_of(keys);
  if (s.cue_noise > 0) {
    const Vectors noise = unit_vectors(s.pairs, d, draws);
    const Rows asked = rows_of((keys + s.cue_noise * noise).rowwise().normalized());
    shown.insert(shown.end(), asked.begin(), asked.end());
  }
  std::get<Cycle>(drawn.network.nodes[0].second.output).values = std::move(shown);
  std::get<Cycle>(drawn.network.nodes[1].second.output).values = drawn.values;
  Ensemble& store = drawn.network.ensembles[0].second;
  store.intercepts.type = Constant{drawn.intercept};
  store.encoders.type = Samples{{encoders.data(), encoders.data() + encoders.size()}};
  for (auto& [name, c] : drawn.network.connections)
    if (name == "out") c.learning = {LearningRule{Pes{drawn.pes, {}}}};
  return drawn;
}

}  // namespace engram::nef
