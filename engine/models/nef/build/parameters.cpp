#include "engine/models/nef/build/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/models/nef/build/endpoints.hpp"
#include "engine/models/nef/build/matrices.hpp"
#include "engram/nef/draws.hpp"
#include "engram/nef/tuning.hpp"

namespace engram::nef {

namespace {

using Values = std::vector<double>;

Values flat(const Rows& rows) {
  Values all;
  for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
  return all;
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
    for (const auto& [name, ensemble] : network_.ensembles)  // what only solvers asked for
      for (const char* what : {".encoders", ".eval_points"}) result_.values.erase(name + what);
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
    Values current = product_of_rows(points, m, get(name + ".encoders"), d);
    const Values &gain = get(name + ".gain"), &bias = get(name + ".bias");
    for (std::size_t k = 0; k < m; ++k)
      for (std::size_t i = 0; i < n; ++i) current[k * n + i] = gain[i] * (current[k * n + i] / e.radius) + bias[i];
    return steady_rates(e.neuron.type, current);
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
    if (is_zero(c)) return;  // what is missing is 0
    Values points = c.eval_points.empty() ? get(c.from + ".eval_points") : flat(c.eval_points);
    if (!c.eval_points.empty() && c.scale_eval_points)
      for (double& v : points) v *= pre->radius;
    if (points.size() % pre->dimensions)
      throw ConfigError(path + "/eval_points", "rows of " + std::to_string(pre->dimensions) + " numbers are needed");
    const Values targets =
        c.targets.empty() ? targets_of(points, pre->dimensions, from.index, c.function, out) : flat(c.targets);
    const std::size_t m = points.size() / pre->dimensions, in = targets.size() / m;
    Values weights = decoders(c.from, *pre, points, targets, c.solver, draws);
    if (const Values t = transform_rows(c, in, out, draws); !t.empty()) weights = product(t, out, weights, in);
    if (is_full(network_, c)) {
      const Ensemble& post = *find_named(network_.ensembles, c.to);
      const Values& all = get(c.to + ".scaled_encoders");
      Values columns;
      for (std::size_t i = 0; i < post.neurons; ++i)
        for (std::size_t k = 0; k < to.count(); ++k)
          columns.push_back(all[i * post.dimensions + (to.index.empty() ? k : to.index[k])]);
      weights = product(columns, post.neurons, weights, to.count());
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

namespace {

/// Copies of the activities, and of their products, that a solver holds at once.
std::size_t memory_to_solve(const Ensemble& e, const SolverType& solver) {
  const std::size_t m = e.points(), n = e.neurons, gram = std::min(m, n);
  const bool plain = std::holds_alternative<LstsqL2>(solver);
  const std::size_t copies = plain ? (m < n ? 3 : 2) : 5;
  return checked_product(checked_product(m, n), copies * sizeof(double)) +
         checked_product(checked_product(gram, gram), 2 * sizeof(double));
}

}  // namespace

bool is_zero(const Connection& c) {
  const auto* given = std::get_if<NoSolver>(&c.solver.type);
  return c.weights.empty() &&
         ((c.function == TargetFunction::zero && c.targets.empty()) || (given && given->values.empty()));
}

std::size_t memory_to_build(const Network& network, std::size_t replicas) {
  std::size_t drawn = 0, largest = 0, encoders = 0, to_solve = 0;
  const auto matrix = [&](std::size_t rows, std::size_t cols) {
    const std::size_t bytes = checked_product(checked_product(rows, cols), sizeof(double));
    drawn += bytes;
    largest = std::max(largest, bytes);
    return bytes;
  };
  for (const auto& [name, e] : network.ensembles)
    encoders += matrix(e.neurons, e.dimensions) + checked_product(e.points(), e.dimensions * sizeof(double));
  for (const auto& [name, c] : network.connections) {
    const Ensemble* e = find_named(network.ensembles, c.from);
    if (!e) {
      const Index in = find_end(network, c.from, c.from_index, "").count();
      if (!c.weights.empty() || std::holds_alternative<DenseTransform>(c.transform.type))
        matrix(decoded_size(network, name, c), c.weights.empty() ? size_of(c.function, in) : in);
      continue;
    }
    if (is_zero(c)) continue;
    matrix(is_full(network, c) ? find_named(network.ensembles, c.to)->neurons : decoded_size(network, name, c),
           e->neurons);
    if (c.weights.empty()) to_solve = std::max(to_solve, memory_to_solve(*e, c.solver.type));
  }
  for (const auto& [name, p] : network.probes) {
    const Ensemble* e = find_named(network.ensembles, p.of);
    if (!e || !(p.attribute.empty() || p.attribute == "decoded_output")) continue;
    matrix(e->dimensions, e->neurons);
    if (p.decoders.empty() && p.function != TargetFunction::zero)
      to_solve = std::max(to_solve, memory_to_solve(*e, p.solver.type));
  }
  // The largest matrix stands on the device, and while it is saved once more on the host, beside what was drawn.
  const std::size_t kept = largest / sizeof(double) * 2 * sizeof(real);
  return checked_product(replicas, drawn + std::max(encoders, kept)) + to_solve;
}

}  // namespace engram::nef
