#include "engine/models/nef/build/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <eigen3/Eigen/Core>
#include <memory>

#include "engine/models/nef/build/endpoints.hpp"
#include "engram/nef/tuning.hpp"

namespace engram::nef {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Values = std::vector<double>;

Eigen::Map<const RowMajor> matrix(const Values& values, std::size_t rows) {
  return {values.data(), static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(values.size() / rows)};
}

Values flat(const Rows& rows) {
  Values all;
  for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
  return all;
}

/// a [m][k] times b [k][n].
Values times(const Values& a, std::size_t m, const Values& b, std::size_t k) {
  Values product(m * (b.size() / k));
  Eigen::Map<RowMajor>(product.data(), static_cast<Eigen::Index>(m), static_cast<Eigen::Index>(b.size() / k)) =
      matrix(a, m) * matrix(b, k);
  return product;
}

class Drawing {
 public:
  Drawing(const Network& network, std::uint64_t seed) : network_(network), seed_(seed) {}

  Parameters all() {
    assign_seeds();
    for (const auto& [name, ensemble] : network_.ensembles)
      if (!std::holds_alternative<Direct>(ensemble.neuron.type)) draw(name, ensemble, seed_of(name));
    for (const auto& [name, connection] : network_.connections) draw(name, connection, seed_of(name));
    for (const auto& [name, probe] : network_.probes) draw(name, probe, probe_seeds_.at(name));
    return std::move(result_);
  }

 private:
  std::uint64_t seed_of(const std::string& name) const { return static_cast<std::uint64_t>(result_.seeds.at(name)); }

  /// A number is drawn for every object in this order, also for one that has its own.
  void assign_seeds() {
    MersenneDraws mersenne(static_cast<std::uint32_t>(seed_));
    std::uint64_t object = 0;
    const auto next = [&](const std::optional<std::uint64_t>& own) {
      const std::uint64_t drawn =
          network_.seeding == Seeding::mersenne ? child_seed(mersenne) : part_seed(seed_, Stream::nef_object, object++);
      return own.value_or(drawn);
    };
    const auto assign = [&](const auto& objects) {
      for (const auto& [name, one] : objects) result_.seeds[name] = static_cast<std::int64_t>(next(one.seed));
    };
    assign(network_.connections);
    assign(network_.ensembles);
    assign(network_.nodes);
    for (const auto& [name, probe] : network_.probes) probe_seeds_[name] = next(probe.seed);
  }
  std::unique_ptr<Draws> draws_of(std::uint64_t own) const {
    if (network_.seeding == Seeding::mersenne) return std::make_unique<MersenneDraws>(static_cast<std::uint32_t>(own));
    return std::make_unique<CounterDraws>(own, Stream::nef_build);
  }

  Values& put(const std::string& name, Values values) { return result_.values[name] = std::move(values); }
  const Values& get(const std::string& name) const { return result_.values.at(name); }

  void draw(const std::string& name, const Ensemble& e, std::uint64_t own) try {
    const std::unique_ptr<Draws> from_seed = draws_of(own);
    Draws& draws = *from_seed;
    const std::size_t n = e.neurons, d = e.dimensions;
    Values points = sample(e.eval_points.type, e.points(), d, draws);
    for (double& v : points) v *= e.radius;
    put(name + ".eval_points", std::move(points));
    Values encoders = sample(e.encoders.type, n, d, draws);
    for (std::size_t i = 0; e.normalize_encoders && i < n; ++i) {
      double square = 0;
      for (std::size_t j = 0; j < d; ++j) square += encoders[i * d + j] * encoders[i * d + j];
      if (!(square > 0)) throw Error("the encoder of neuron " + std::to_string(i) + " has no length");
      for (std::size_t j = 0; j < d; ++j) encoders[i * d + j] /= std::sqrt(square);
    }
    GainBias lines{e.gain, e.bias};
    if (lines.gain.empty()) {
      Tuning tuning;
      tuning.max_rates = sample(e.max_rates.type, n, 1, draws);
      tuning.intercepts = sample(e.intercepts.type, n, 1, draws);
      for (std::size_t i = 0; i < n; ++i)
        if (!(tuning.intercepts[i] >= -1 && tuning.intercepts[i] < 1))
          throw ConfigError("ensembles/" + name + "/intercepts", "neuron " + std::to_string(i) + " has the intercept " +
                                                                     shown(tuning.intercepts[i]) +
                                                                     "; intercepts lie in [-1, 1)");
      lines = gain_bias(e.neuron.type, tuning);
      for (std::size_t i = 0; i < n; ++i)
        if (!(lines.gain[i] > 0) || !std::isfinite(lines.gain[i]) || !std::isfinite(lines.bias[i]))
          throw Error("neuron " + std::to_string(i) + " with largest rate " + shown(tuning.max_rates[i]) +
                      " Hz and intercept " + shown(tuning.intercepts[i]) + " would have the gain " +
                      shown(lines.gain[i]) + "; gains must be positive");
    }
    Values scaled = encoders, scale(n);
    for (std::size_t i = 0; i < n; ++i) {
      scale[i] = lines.gain[i] / e.radius;
      for (std::size_t j = 0; j < d; ++j) scaled[i * d + j] = encoders[i * d + j] * lines.gain[i] / e.radius;
    }
    put(name + ".encoders", std::move(encoders));
    put(name + ".scaled_encoders", std::move(scaled));
    put(name + ".scale", std::move(scale));
    put(name + ".gain", std::move(lines.gain));
    put(name + ".bias", std::move(lines.bias));
    draw_state(name, e, network_.seeding == Seeding::mersenne ? *draws_of(own + 1) : draws);
  } catch (const ConfigError&) {
    throw;
  } catch (const Error& error) {
    throw ConfigError("ensembles/" + name, error.what());
  }

  void draw_state(const std::string& name, const Ensemble& e, Draws& draws) {
    std::visit(
        [&](const auto& type) {
          using Type = std::decay_t<decltype(type)>;
          for (int s = 0; s < Type::n_state; ++s) {
            const std::string state = Type::state[s];
            const Distribution* given = find_named(e.initial_state, state);
            const DistributionType usual = state == "voltage" ? DistributionType(UniformDistribution{}) : Constant{};
            put(name + "." + state, sample(given ? given->type : usual, e.neurons, 1, draws));
            if (!given && state != "voltage") draws.uniforms(e.neurons);  // recorded builds draw for constants, too
          }
        },
        e.neuron.type);
  }

  Values activities(const std::string& name, const Ensemble& e, const Values& points) const {
    const std::size_t d = e.dimensions, m = points.size() / d, n = e.neurons;
    RowMajor current = matrix(points, m) * matrix(get(name + ".encoders"), n).transpose() / e.radius;
    const Values &gain = get(name + ".gain"), &bias = get(name + ".bias");
    Values all(m * n);
    for (std::size_t k = 0; k < m; ++k)
      for (std::size_t i = 0; i < n; ++i)
        all[k * n + i] = gain[i] * current(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(i)) + bias[i];
    return steady_rates(e.neuron.type, all);
  }

  /// Decoders as rows: [targets][neurons].
  Values decoders(const std::string& name, const Ensemble& e, const Values& points, const Values& targets,
                  const Solver& solver, Draws& draws) const {
    const std::size_t m = points.size() / e.dimensions, n = e.neurons, out = targets.size() / m;
    Values found;
    if (const auto* given = std::get_if<NoSolver>(&solver.type)) {
      found = given->values.empty() ? Values(n * out) : given->values;
      if (found.size() != n * out)
        throw Error("found " + std::to_string(found.size()) + " decoder values, needed are " + std::to_string(n) +
                    " neurons times " + std::to_string(out) + " numbers");
    } else if (std::all_of(targets.begin(), targets.end(), [](double y) { return y == 0; })) {
      found.assign(n * out, 0);  // nothing to solve, even where no neuron is active
    } else {
      found = solve(solver.type, activities(name, e, points), n, targets, m, draws);
    }
    Values rows(found.size());
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < out; ++k) rows[k * n + i] = found[i * out + k];
    return rows;
  }

  Values targets_of(const Values& points, std::size_t d, const std::vector<Index>& index, TargetFunction f,
                    std::size_t zeros) const {
    Values targets;
    for (std::size_t k = 0; k < points.size() / d; ++k) {
      if (f == TargetFunction::zero) {
        targets.insert(targets.end(), zeros, 0.0);
        continue;
      }
      Values x;
      if (index.empty())
        x.assign(points.begin() + static_cast<std::ptrdiff_t>(k * d),
                 points.begin() + static_cast<std::ptrdiff_t>((k + 1) * d));
      for (const Index i : index) x.push_back(points[k * d + i]);
      const Values y = evaluate(f, x);
      targets.insert(targets.end(), y.begin(), y.end());
    }
    return targets;
  }

  /// T as rows of `in` columns, or nothing where there is no matrix.
  Values transform_rows(const Connection& c, std::size_t in, std::size_t out, Draws& draws) const {
    if (const auto* scalar = std::get_if<ScalarTransform>(&c.transform.type)) {
      Values rows(in * in);
      for (std::size_t i = 0; i < in; ++i) rows[i * in + i] = scalar->factor;
      return rows;
    }
    if (const auto* diagonal = std::get_if<DiagonalTransform>(&c.transform.type)) {
      Values rows(out * in);
      for (std::size_t i = 0; i < out; ++i) rows[i * in + (in == 1 ? 0 : i)] = diagonal->factors[i];
      return rows;
    }
    if (const auto* dense = std::get_if<DenseTransform>(&c.transform.type)) {
      if (!dense->rows.empty()) return flat(dense->rows);
      if (dense->everywhere) return Values(out * in, *dense->everywhere);
      return sample(dense->drawn->type, out, in, draws);
    }
    if (const auto* sparse = std::get_if<SparseTransform>(&c.transform.type)) {
      Values rows(out * in);
      for (std::size_t k = 0; k < sparse->values.size(); ++k)
        rows[sparse->rows[k] * in + sparse->cols[k]] += sparse->values[k];
      return rows;
    }
    return {};
  }

  void draw(const std::string& name, const Connection& c, std::uint64_t own) try {
    const std::unique_ptr<Draws> from_seed = draws_of(own);
    Draws& draws = *from_seed;
    const std::string path = "connections/" + name;
    const End from = find_end(network_, c.from, c.from_index, path + "/from"),
              to = find_end(network_, c.to, c.to_index, path + "/to");
    if (!c.weights.empty()) return static_cast<void>(put(name + ".weights", flat(c.weights)));
    const std::size_t out = decoded_size(network_, name, c);
    const Ensemble* pre = from.kind == EndKind::ensemble ? find_named(network_.ensembles, c.from) : nullptr;
    if (!pre || std::holds_alternative<Direct>(pre->neuron.type)) {
      if (std::holds_alternative<DenseTransform>(c.transform.type))
        put(name + ".weights", transform_rows(c, size_of(c.function, from.count()), out, draws));
      return;
    }
    Values points = c.eval_points.empty() ? get(c.from + ".eval_points") : flat(c.eval_points);
    if (!c.eval_points.empty() && c.scale_eval_points)
      for (double& v : points) v *= pre->radius;
    if (points.size() % pre->dimensions)
      throw ConfigError(path + "/eval_points", "rows of " + std::to_string(pre->dimensions) + " numbers are needed");
    const Values targets =
        c.targets.empty() ? targets_of(points, pre->dimensions, from.index, c.function, out) : flat(c.targets);
    const std::size_t m = points.size() / pre->dimensions, in = targets.size() / m;
    Values weights = decoders(c.from, *pre, points, targets, c.solver, draws);
    if (const Values t = transform_rows(c, in, out, draws); !t.empty()) weights = times(t, out, weights, in);
    if (is_full(network_, c)) {
      const Ensemble& post = *find_named(network_.ensembles, c.to);
      const Values& all = get(c.to + ".scaled_encoders");
      Values columns;
      for (std::size_t i = 0; i < post.neurons; ++i)
        for (std::size_t k = 0; k < to.count(); ++k)
          columns.push_back(all[i * post.dimensions + (to.index.empty() ? k : to.index[k])]);
      weights = times(columns, post.neurons, weights, to.count());
    }
    put(name + ".weights", std::move(weights));
  } catch (const ConfigError&) {
    throw;
  } catch (const Error& error) {
    throw ConfigError("connections/" + name, error.what());
  }

  void draw(const std::string& name, const Probe& p, std::uint64_t own) try {
    const Ensemble* of = find_named(network_.ensembles, p.of);
    if (!of || std::holds_alternative<Direct>(of->neuron.type)) return;
    if (!p.attribute.empty() && p.attribute != "decoded_output") return;
    if (!p.decoders.empty()) return static_cast<void>(put(name + ".decoders", flat(p.decoders)));
    const std::unique_ptr<Draws> from_seed = draws_of(own);
    Draws& draws = *from_seed;
    const End end = find_end(network_, p.of, p.index, "probes/" + name + "/index");
    const Values& points = get(p.of + ".eval_points");
    const Values targets = targets_of(points, of->dimensions, end.index, p.function, end.count());
    put(name + ".decoders", decoders(p.of, *of, points, targets, p.solver, draws));
  } catch (const ConfigError&) {
    throw;
  } catch (const Error& error) {
    throw ConfigError("probes/" + name, error.what());
  }

  const Network& network_;
  std::uint64_t seed_;
  std::map<std::string, std::uint64_t> probe_seeds_;  ///< a probe may have the name of another object
  Parameters result_;
};

}  // namespace

Parameters draw_parameters(const Network& network, std::uint64_t seed) { return Drawing(network, seed).all(); }

std::size_t memory_to_build(const Network& network) {
  std::size_t most = 0;
  const auto solved = [&](const std::string& name, const Solver& solver, TargetFunction f) {
    const Ensemble* e = find_named(network.ensembles, name);
    if (!e || std::holds_alternative<NoSolver>(solver.type) || f == TargetFunction::zero) return;
    const std::size_t m = e->points(), n = e->neurons, gram = std::min(m, n);
    most = std::max(most, checked_product(checked_product(m, n), 3 * sizeof(double)) +
                              checked_product(checked_product(gram, gram), 2 * sizeof(double)));
  };
  for (const auto& [name, c] : network.connections)
    if (c.weights.empty()) solved(c.from, c.solver, c.function);
  for (const auto& [name, p] : network.probes)
    if (p.decoders.empty() && (p.attribute.empty() || p.attribute == "decoded_output"))
      solved(p.of, p.solver, p.function);
  return most;
}

}  // namespace engram::nef
