#include "engine/models/nef/build/builder.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/models/nef/build/convolution.hpp"
#include "engine/models/nef/build/endpoints.hpp"
#include "engine/models/nef/build/signals.hpp"

namespace engram::nef {

namespace {

using std::string;

bool is_direct(const Ensemble& e) { return std::holds_alternative<Direct>(e.neuron.type); }
bool passes(const Synapse& s) { return std::holds_alternative<NoSynapse>(s.type); }

class Builder {
 public:
  Builder(const Network& network, std::span<const Parameters> parameters, Index replicas, std::size_t probe_bytes)
      : network_(network),
        parameters_(parameters),
        replicas_(replicas),
        probe_bytes_(probe_bytes),
        add_(built_.schedule) {}

  Built all() {
    clock();
    for (const auto& [name, node] : network_.nodes) declare(name, node);
    for (const auto& [name, ensemble] : network_.ensembles) declare(name, ensemble);
    for (const auto& [name, connection] : network_.connections) declare(name, connection);
    for (const auto& [name, connection] : network_.connections) learn(name, connection);
    for (const auto& [name, node] : network_.nodes) emit(name, node);
    for (const auto& [name, ensemble] : network_.ensembles) emit(name, ensemble);
    for (const auto& [name, connection] : network_.connections) emit(name, connection);
    for (const auto& [name, probe] : network_.probes) emit(name, probe);
    built_.schedule.order();
    return std::move(built_);
  }

 private:
  // ---- arrays

  Part array(const string& name, Index rows, Index cols = 1, std::vector<double> initial = {}, bool shared = false) {
    Schedule::ArrayInfo info;
    info.name = name;
    info.rows = rows;
    info.cols = cols;
    info.shared = shared;
    info.initial = std::move(initial);
    Schedule& s = built_.schedule;
    return s.whole(s.add(std::move(info)));
  }
  /// One that the parameters hold, by rows there.
  Part drawn(const string& name, Index rows, Index cols = 1) {
    std::vector<double> initial;
    const std::size_t size = std::size_t{rows} * cols;
    for (const Parameters& one : parameters_) {
      const auto found = one.values.find(name);
      if (found == one.values.end()) continue;
      if (found->second.size() != size)
        throw Error(name + ": found " + std::to_string(found->second.size()) + " numbers, needed are " +
                    std::to_string(size));
      for (Index j = 0; j < cols; ++j)
        for (Index i = 0; i < rows; ++i) initial.push_back(found->second[std::size_t{i} * cols + j]);
    }
    return array(name, rows, cols, std::move(initial));
  }
  ArrayId seed_of(const string& name) {
    Schedule::ArrayInfo info;
    info.name = name + ".seed";
    info.integer = true;
    for (const Parameters& one : parameters_) info.initial_integers.push_back(one.seeds.at(name));
    return built_.schedule.add(std::move(info));
  }
  Part part(const string& name) const { return built_.schedule.whole(built_.schedule.find(name)); }
  bool has(const string& name) const { return built_.schedule.has(name); }

  static bool regular(const std::vector<Index>& index) {
    for (std::size_t i = 2; i < index.size(); ++i)
      if (index[i] - index[i - 1] != index[1] - index[0]) return false;
    return index.size() < 2 || index[1] != index[0];
  }
  static Progression slice(const std::vector<Index>& index) {
    const std::int32_t step =
        index.size() > 1 ? static_cast<std::int32_t>(index[1]) - static_cast<std::int32_t>(index[0]) : 1;
    return {static_cast<std::int32_t>(index[0]), step, static_cast<Index>(index.size())};
  }
  static Part sliced(Part whole, const std::vector<Index>& index) {
    if (!index.empty()) whole.rows = slice(index);
    return whole;
  }
  /// The chosen numbers of a vector; a list without order is copied first.
  Part chosen(const string& name, const string& as, Part whole, const std::vector<Index>& index) {
    if (index.empty() || regular(index)) return sliced(whole, index);
    const Part copy = array(as, static_cast<Index>(index.size()));
    Operations::Sources sources;
    for (std::size_t i = 0; i <= index.size(); ++i) sources.start.push_back(static_cast<std::int64_t>(i));
    sources.source.assign(index.begin(), index.end());
    add_.gather(name, copy, std::nullopt, whole, std::move(sources), Mode::set);
    return copy;
  }

  // ---- nodes and ensembles

  void clock() {
    Schedule::ArrayInfo step;
    step.name = "step";
    step.integer = true;
    const ArrayId steps = built_.schedule.add(std::move(step)), time = array("time", 1).array;
    add_.clock(steps, time, network_.dt);
  }

  void declare(const string& name, const Node& node) {
    if (const Index in = size_in(node)) array(name + ".input", in);
    if (const auto* constant = std::get_if<ConstantOutput>(&node.output))
      array(name + ".output", size_out(node), 1, constant->value);
    else if (!std::holds_alternative<Passthrough>(node.output))
      array(name + ".output", size_out(node));
  }
  string output_of_node(const string& name) const { return has(name + ".output") ? name + ".output" : name + ".input"; }

  void emit(const string& name, const Node& node) {
    const string of = "node " + name;
    if (size_in(node)) add_.fill(of, part(name + ".input"), 0);
    std::visit([&](const auto& out) { show(name, of, out); }, node.output);
  }
  void show(const string&, const string&, const Passthrough&) {}
  void show(const string&, const string&, const ConstantOutput&) {}
  void show(const string& name, const string& of, const FunctionOfInput& out) {
    add_.map(of, part(name + ".output"), part(name + ".input"), out.function);
  }
  Part table_values(const string& name, const Rows& rows) {
    std::vector<double> values;  // a column each
    for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
    return array(name + ".values", static_cast<Index>(rows.front().size()), static_cast<Index>(rows.size()),
                 std::move(values), true);
  }
  void show(const string& name, const string& of, const Cycle& out) {
    add_.table(of, part(name + ".output"), table_values(name, out.values), std::llround(out.period / network_.dt));
  }
  /// A time t begins at the first step k with t < k dt + dt / 2.
  void show(const string& name, const string& of, const TimeTable& out) {
    std::vector<std::int64_t> start;
    for (const double t : out.times)
      start.push_back(static_cast<std::int64_t>(std::floor(t / network_.dt - 0.5 + 1e-7)) + 1);
    add_.table(of, part(name + ".output"), table_values(name, out.values), std::move(start));
  }
  void show(const string& name, const string& of, const StepTable& out) {
    add_.table(of, part(name + ".output"), table_values(name, out.values), {out.steps.begin(), out.steps.end()});
  }
  void show(const string& name, const string& of, const Sine& out) {
    const auto n = static_cast<Index>(out.frequency.size());
    const auto at = [](const std::vector<double>& list, std::size_t i) {
      return list.size() == 1 ? list[0] : list.at(i);
    };
    std::vector<double> speed(n), offset(n), amplitude(n);
    for (std::size_t i = 0; i < n; ++i) {
      speed[i] = 2 * M_PI * out.frequency[i];
      offset[i] = 2 * M_PI * at(out.phase, i);
      amplitude[i] = at(out.amplitude, i);
    }
    const Part angle = array(name + ".angle", n), sine = array(name + ".sine", n);
    add_.copy(of, angle, array(name + ".phase", n, 1, offset, true), Mode::set);
    add_.scale(of, angle, array(name + ".speed", n, 1, speed, true), part("time"), Mode::increment);
    add_.map(of, sine, angle, Function::sine);
    add_.scale(of, part(name + ".output"), array(name + ".amplitude", n, 1, amplitude, true), sine, Mode::set);
  }
  /// Uniform deviates of a mean and a standard deviation lie within root 3 of it.
  void noise(const string& of, Part to, ArrayId seed, Noise kind, double mean, double std, double scale, Mode mode) {
    const double width = kind == Noise::uniform ? std * std::sqrt(12.0) : std;
    const double offset = kind == Noise::uniform ? mean - width / 2 : mean;
    add_.draw(of, to, seed, kind, offset * scale, width * scale, mode);
  }
  double scale_of(bool scaled) const { return scaled ? 1 / std::sqrt(network_.dt) : 1; }
  void show(const string& name, const string& of, const WhiteNoise& out) {
    noise(of, part(name + ".output"), seed_of(name), out.noise, out.mean, out.std, scale_of(out.scale), Mode::set);
  }
  void show(const string& name, const string& of, const FilteredNoise& out) {
    const Part drawn = array(name + ".noise", out.size);
    noise(of, drawn, seed_of(name), Noise::normal, out.mean, out.std, scale_of(out.scale), Mode::set);
    filter(of, part(name + ".output"), drawn, out.synapse, Mode::set);
  }
  /// y' = y + dt times noise of standard deviation std / root dt.
  void show(const string& name, const string& of, const BrownNoise& out) {
    const Part drawn = array(name + ".noise", out.size);
    noise(of, drawn, seed_of(name), Noise::normal, out.mean, out.std, scale_of(true), Mode::set);
    add_.filter(of, part(name + ".output"), drawn, LinearFilter{{1}, {1, 0}, true, Discretization::euler}, network_.dt,
                Mode::set);
  }
  void show(const string& name, const string& of, const WhiteSignal& out) {
    const std::size_t steps = signal_steps(out, network_.dt);
    std::vector<double> values;
    for (const Parameters& one : parameters_) {
      const auto drawn = white_signal(out, network_.dt, static_cast<std::uint64_t>(one.seeds.at(name)));
      values.insert(values.end(), drawn.begin(), drawn.end());
    }
    add_.table(of, part(name + ".output"),
               array(name + ".values", out.size, static_cast<Index>(steps), std::move(values)), 1);
  }

  void declare(const string& name, const Ensemble& e) {
    array(name + ".x_in", e.dimensions);
    if (is_direct(e)) return;
    drawn(name + ".gain", e.neurons);
    drawn(name + ".scale", e.neurons);
    drawn(name + ".bias", e.neurons);
    drawn(name + ".scaled_encoders", e.neurons, e.dimensions);
    array(name + ".J", e.neurons);
    array(name + ".activities", e.neurons);
  }

  void emit(const string& name, const Ensemble& e) {
    const string of = "ensemble " + name;
    const Part x = part(name + ".x_in");
    add_.fill(of, x, 0);
    if (is_direct(e)) return;
    const Part current = part(name + ".J");
    add_.copy(of, current, part(name + ".bias"), Mode::set);
    if (e.noise)
      noise(of, current, seed_of(name), e.noise->noise, e.noise->mean, e.noise->std, scale_of(e.noise->scale),
            Mode::increment);
    encode(name, of, e, current, x);
    const Part out = part(name + ".activities");
    std::visit(
        [&]<class Type>(const Type& type) {
          std::vector<Part> states;
          for (int s = 0; s < Type::n_state; ++s) states.push_back(drawn(name + "." + Type::state[s], e.neurons));
          Part input = current;
          if constexpr (Wraps<Type>) {
            input = array(name + ".rates", e.neurons);
            std::visit([&](const auto& base) { add_.neurons(of, base, current, input, {}, std::nullopt, network_.dt); },
                       type.base);
          }
          std::optional<ArrayId> seed;
          if constexpr (TakesDraws<Type>)
            seed = has(name + ".seed") ? built_.schedule.find(name + ".seed") : seed_of(name);
          add_.neurons(of, type, input, out, states, seed, network_.dt);
        },
        e.neuron.type);
  }

  /// Inputs of many dimensions often stay for many steps; few dimensions are faster summed than compared.
  void encode(const string& name, const string& of, const Ensemble& e, Part current, Part x) {
    constexpr Index many = 8;
    const Part encoders = part(name + ".scaled_encoders");
    const auto& moved = moved_encoders_[name];
    if (e.dimensions < many || moved.size() > 1) return add_.product(of, current, encoders, x, Mode::increment);
    add_.held_product(of, current, encoders, x, moved.empty() ? std::nullopt : std::optional(moved[0]));
  }

  // ---- learning rules

  /// The activities at the source of a learned connection.
  Part source_activities(const string& name, const End& from) {
    const Part all = part(from.name + ".activities");
    if (from.kind != EndKind::neurons) return all;
    return chosen("connection " + name, name + ".source", all, from.index);
  }
  void filter(const string& of, Part y, Part u, const Synapse& synapse, Mode mode) {
    if (passes(synapse)) return add_.copy(of, y, u, mode);
    add_.filter(of, y, u, synapse.type, network_.dt, mode);
  }
  /// Activities through a rule's synapse, of this same step.
  Part filtered(const string& of, const string& as, Part activities, const Synapse& synapse) {
    const Part y = array(as, activities.rows.count);
    filter(of, y, activities, synapse, Mode::set);
    return y;
  }

  void declare(const string& name, const Connection& c) {
    for (std::size_t k = 0; k < c.learning.size(); ++k) {
      const string rule = name + ".rule" + std::to_string(k);
      const bool voja = std::holds_alternative<Voja>(c.learning[k].type);
      if (const Index size = rule_size(network_, name, c, k)) {
        array(rule + ".in", size);
        add_.fill("learning rule " + rule, part(rule + ".in"), voja ? 1 : 0);
      }
      const bool gated = std::any_of(network_.connections.begin(), network_.connections.end(), [&](const auto& other) {
        return other.second.to == name + ".gate" + std::to_string(k) || (k == 0 && other.second.to == name + ".gate");
      });
      if (voja || !gated) continue;
      array(rule + ".gate", 1);
      add_.fill("learning rule " + rule, part(rule + ".gate"), 1);
    }
    const End from = find_end(network_, c.from, c.from_index, ""), to = find_end(network_, c.to, c.to_index, "");
    const Index rows =
        is_full(network_, c) ? find_named(network_.ensembles, c.to)->neurons : decoded_size(network_, name, c);
    const Ensemble* pre = find_named(network_.ensembles, c.from);
    if (pre && is_direct(*pre)) pre = nullptr;
    const bool dense = std::holds_alternative<DenseTransform>(c.transform.type) || !c.weights.empty();
    if (pre)
      drawn(name + ".weights", rows, pre->neurons);
    else if (dense)
      drawn(name + ".weights", rows, c.weights.empty() ? size_of(c.function, from.count()) : from.count());
  }

  void learn(const string& name, const Connection& c) {
    if (c.learning.empty()) return;
    const string of = "connection " + name;
    const End from = find_end(network_, c.from, c.from_index, ""), to = find_end(network_, c.to, c.to_index, "");
    std::vector<Operations::TermParts> terms;
    for (std::size_t k = 0; k < c.learning.size(); ++k) {
      const string rule = name + ".rule" + std::to_string(k);
      const bool encoders = std::holds_alternative<Voja>(c.learning[k].type);
      Operations::TermParts term =
          std::visit([&](const auto& r) { return term_of(name, rule, of, c, from, to, r); }, c.learning[k].type);
      if (!encoders && has(rule + ".gate")) term.gate = part(rule + ".gate");
      const Part matrix = part(encoders ? to.name + ".scaled_encoders" : name + ".weights");
      if (network_.keep_changes || probed(name, k, "delta"))
        add_.change("learning rule " + rule, array(rule + ".delta", matrix.rows.count, matrix.cols.count), matrix,
                    term);
      if (encoders)
        add_.learn("learning rule " + rule, matrix, {term});
      else
        terms.push_back(term);
    }
    if (!terms.empty()) add_.learn("connection " + name + " learns", part(name + ".weights"), terms);
  }

  bool probed(const string& name, std::size_t rule, const string& attribute) const {
    return std::any_of(network_.probes.begin(), network_.probes.end(), [&](const auto& probe) {
      const string& of = probe.second.of;
      return probe.second.attribute == attribute &&
             (of == name + ".rule" + std::to_string(rule) || (rule == 0 && of == name + ".rule"));
    });
  }

  using Terms = Operations::TermParts;

  Terms term_of(const string& name, const string& rule, const string& of, const Connection& c, const End& from,
                const End& to, const Pes& pes) {
    const Part a = filtered(of, rule + ".pre_filtered", source_activities(name, from), pes.pre_synapse);
    Part error = part(rule + ".in");
    if (is_full(network_, c) || to.kind == EndKind::neurons) {
      Part encoders = part(to.name + ".scaled_encoders");
      if (to.kind == EndKind::neurons) encoders = sliced(encoders, to.index);
      if (is_full(network_, c) && !to.index.empty()) encoders.cols = slice(to.index);
      const Part local = array(rule + ".local_error", encoders.rows.count);
      add_.product("learning rule " + rule, local, encoders, error, Mode::set);
      error = local;
    }
    return {Learning::outer, error, a, {}, {}, {}, -pes.rate * network_.dt / a.rows.count, 0};
  }
  Terms term_of(const string&, const string& rule, const string& of, const Connection&, const End&, const End& to,
                const Voja& voja) {
    const Part b = filtered(of, rule + ".post_filtered", part(to.name + ".activities"), voja.post_synapse);
    moved_encoders_[to.name].push_back(b);
    return {Learning::voja,     b,  part(to.name + ".x_in"), part(to.name + ".scale"),
            part(rule + ".in"), {}, voja.rate * network_.dt, 0};
  }
  Terms term_of(const string& name, const string& rule, const string& of, const Connection&, const End& from,
                const End& to, const Bcm& bcm) {
    const Part post = part(to.name + ".activities");
    const Part a = filtered(of, rule + ".pre_filtered", source_activities(name, from), bcm.pre_synapse);
    const Part b = filtered(of, rule + ".post_filtered", post, bcm.post_synapse.value_or(bcm.pre_synapse));
    const Part theta = filtered(of, rule + ".theta", post, bcm.theta_synapse);
    return {Learning::bcm, b, a, theta, {}, {}, bcm.rate * network_.dt, 0};
  }
  Terms term_of(const string& name, const string& rule, const string& of, const Connection&, const End& from,
                const End& to, const Oja& oja) {
    const Part a = filtered(of, rule + ".pre_filtered", source_activities(name, from), oja.pre_synapse);
    const Part b = filtered(of, rule + ".post_filtered", part(to.name + ".activities"),
                            oja.post_synapse.value_or(oja.pre_synapse));
    return {Learning::oja, b, a, {}, {}, {}, oja.rate * network_.dt, oja.beta};
  }
  Terms term_of(const string& name, const string& rule, const string& of, const Connection&, const End& from,
                const End&, const Rls& rls) {
    const Part a = filtered(of, rule + ".pre_filtered", source_activities(name, from), rls.pre_synapse);
    const Index n = a.rows.count;
    std::vector<double> identity;
    if (!parameters_.empty()) {
      identity.resize(std::size_t{n} * n);
      for (std::size_t i = 0; i < n; ++i) identity[i * n + i] = rls.rate * network_.dt / n;
    }
    const Part p = array(rule + ".inv_gamma", n, n, std::move(identity)), q = array(rule + ".q", n),
               gain = array(rule + ".gain", 1);
    add_.product("learning rule " + rule, q, p, a, Mode::set);
    add_.rls_gain("learning rule " + rule, gain, a, q);
    Terms own{Learning::outer, q, q, {}, {}, gain, -1, 0};
    if (has(rule + ".gate")) own.gate = part(rule + ".gate");
    add_.learn_now("learning rule " + rule, p, own);
    return {Learning::outer, part(rule + ".in"), q, {}, {}, gain, -1, 0};
  }

  // ---- connections

  Part signal(const string& name, const string& of, const Connection& c, const End& from) {
    const Part whole = from.kind == EndKind::node      ? part(output_of_node(from.name))
                       : from.kind == EndKind::neurons ? part(from.name + ".activities")
                                                       : part(from.name + ".x_in");
    Part s = has(name + ".source") ? part(name + ".source") : chosen(of, name + ".source", whole, from.index);
    if (c.function == TargetFunction::none) return s;
    const Part y = array(name + ".function", c.function == TargetFunction::zero ? output_size(network_, name, c)
                                                                                : size_of(c.function, from.count()));
    if (c.function != TargetFunction::zero)
      add_.map(of, y, s,
               static_cast<Function>(static_cast<int>(c.function) - static_cast<int>(TargetFunction::square)));
    return y;
  }

  /// What the connection carries before its synapse; or adds it to `direct` at once, if that is given and it can.
  Part weighted(const string& name, const string& of, const Connection& c, const End& from, std::optional<Part> direct,
                bool& added) {
    const Ensemble* pre = from.kind == EndKind::ensemble ? find_named(network_.ensembles, c.from) : nullptr;
    const bool decodes = pre && !is_direct(*pre);
    added = false;
    const auto to = [&](Index size, Mode& mode) {
      added = direct.has_value();
      mode = added ? Mode::increment : Mode::set;
      return added ? *direct : array(name + ".weighted", size);
    };
    Mode mode = Mode::set;
    const bool convolves = std::holds_alternative<Convolution>(c.transform.type);
    if (has(name + ".weights") && !convolves) {
      const Part w = part(name + ".weights");
      const Part x = decodes ? part(from.name + ".activities") : signal(name, of, c, from);
      const Part target = to(w.rows.count, mode);
      add_.product(of, target, w, x, mode);
      return target;
    }
    const Part x = decodes ? array(name + ".decoded", part(name + ".weights").rows.count) : signal(name, of, c, from);
    if (decodes) add_.product(of, x, part(name + ".weights"), part(from.name + ".activities"), Mode::set);
    return std::visit(
        [&]<class T>(const T& t) {
          if constexpr (std::is_same_v<T, ScalarTransform>) {
            const Part target = to(x.rows.count, mode);
            add_.scale(of, target, array(name + ".factor", 1, 1, {t.factor}, true), x, mode);
            return target;
          } else if constexpr (std::is_same_v<T, DiagonalTransform>) {
            const auto n = static_cast<Index>(t.factors.size());
            if (x.rows.count != n && x.rows.count != 1)
              throw ConfigError("connections/" + name + "/transform", "found " + std::to_string(n) + " factors for " +
                                                                          std::to_string(x.rows.count) + " numbers");
            const Part target = to(n, mode);
            add_.scale(of, target, array(name + ".factor", n, 1, t.factors, true), x, mode);
            return target;
          } else if constexpr (std::is_same_v<T, SparseTransform>) {
            const Part target = to(t.size_out, mode);
            sparse(name, of, t, target, x, mode);
            return target;
          } else if constexpr (std::is_same_v<T, Convolution>) {
            ConvolutionTaps taps = taps_of(t);
            if (taps.inputs != x.rows.count)
              throw ConfigError("connections/" + name + "/transform", "it takes " + std::to_string(taps.inputs) +
                                                                          " numbers; \"" + c.from + "\" gives " +
                                                                          std::to_string(x.rows.count));
            const Part target = to(static_cast<Index>(taps.outputs), mode);
            const Part kernel = array(name + ".kernel", static_cast<Index>(t.kernel.size()), 1, t.kernel, true);
            add_.gather(of, target, kernel, x, std::move(taps.sources), mode);
            return target;
          } else {
            return x;
          }
        },
        c.transform.type);
  }

  void sparse(const string& name, const string& of, const SparseTransform& t, Part target, Part x, Mode mode) {
    Operations::Sources sources;
    std::vector<double> values;
    for (Index row = 0; row < t.size_out; ++row) {
      sources.start.push_back(static_cast<std::int64_t>(values.size()));
      for (std::size_t k = 0; k < t.values.size(); ++k)
        if (t.rows[k] == row) {
          if (t.cols[k] >= x.rows.count)
            throw ConfigError("connections/" + name + "/transform/cols", "found " + std::to_string(t.cols[k]) + " of " +
                                                                             std::to_string(x.rows.count) + " numbers");
          sources.source.push_back(t.cols[k]);
          values.push_back(t.values[k]);
        }
    }
    sources.start.push_back(static_cast<std::int64_t>(values.size()));
    const auto count = static_cast<Index>(values.size());
    add_.gather(of, target,
                array(name + ".values", std::max<Index>(count, 1), 1, count ? values : std::vector<double>{0}, true), x,
                std::move(sources), mode);
  }

  Part target_of(const End& to) const {
    const string rule = to.name + ".rule" + std::to_string(to.rule);
    switch (to.kind) {
      case EndKind::node:
        return part(to.name + ".input");
      case EndKind::ensemble:
        return part(to.name + ".x_in");
      case EndKind::neurons:
        return part(to.name + ".J");
      case EndKind::gate:
        return part(has(rule + ".gate") ? rule + ".gate" : rule + ".in");
      default:
        return part(rule + ".in");
    }
  }

  void emit(const string& name, const Connection& c) {
    const string of = "connection " + name;
    const End from = find_end(network_, c.from, c.from_index, ""), to = find_end(network_, c.to, c.to_index, "");
    const bool full = is_full(network_, c), gains = to.kind == EndKind::neurons;
    const Part whole = full ? part(to.name + ".J") : target_of(to);
    const std::vector<Index> index = full ? std::vector<Index>() : to.index;
    const bool even = index.empty() || regular(index);
    const Part target = even ? sliced(whole, index) : whole;
    const bool recorded = std::any_of(network_.probes.begin(), network_.probes.end(),
                                      [&](const auto& probe) { return probe.second.of == name; });
    const bool at_once = passes(c.synapse) && !gains && even && !recorded;
    bool added = false;
    Part y = weighted(name, of, c, from, at_once ? std::optional(target) : std::nullopt, added);
    if (added) return;
    if (!passes(c.synapse)) {
      const Part filtered = array(name + ".output", y.rows.count);
      filter(of, filtered, y, c.synapse, Mode::update);
      y = filtered;
    }
    outputs_.emplace(name, y);
    if (even && gains) return add_.scale(of, target, sliced(part(to.name + ".gain"), index), y, Mode::increment);
    if (even) return add_.copy(of, target, y, Mode::increment);
    scatter(of, target, gains ? std::optional(part(to.name + ".gain")) : std::nullopt, y, index);
  }

  /// To a list of targets without order, where one may stand twice.
  void scatter(const string& of, Part target, std::optional<Part> gain, Part y, const std::vector<Index>& index) {
    std::map<Index, std::vector<std::int64_t>> sources;
    for (std::size_t i = 0; i < index.size(); ++i)
      sources[index[i]].push_back(y.rows.count == 1 ? 0 : static_cast<std::int64_t>(i));
    Operations::Sources lists;
    lists.start.push_back(0);
    for (const auto& [at, from] : sources) {
      lists.target.push_back(at);
      for (const std::int64_t source : from) {
        lists.source.push_back(source);
        if (gain) lists.at.push_back(at);
      }
      lists.start.push_back(static_cast<std::int64_t>(lists.source.size()));
    }
    add_.gather(of, target, gain, y, std::move(lists), Mode::increment);
  }

  // ---- probes

  /// The array that a probe looks at; `after` says whether it is complete at the end of the step only.
  Part looked_at(const string& name, const Probe& p, const End& end, bool& after) {
    const string path = "probes/" + name + "/attribute", &a = p.attribute;
    const string rule = end.name + ".rule" + std::to_string(end.rule);
    string found;
    after = true;
    switch (end.kind) {
      case EndKind::node:
        found = a.empty() || a == "output" ? output_of_node(end.name) : end.name + "." + a;
        break;
      case EndKind::ensemble:
        found = end.name + (a == "input" ? ".x_in" : "." + a);
        break;
      case EndKind::neurons:
        found = end.name + (a == "input"                                  ? ".J"
                            : a.empty() || a == "output" || a == "spikes" ? ".activities"
                                                                          : "." + a);
        break;
      case EndKind::connection:
        if ((a.empty() || a == "output") && outputs_.count(end.name)) return outputs_.at(end.name);
        found = end.name + "." + (a.empty() ? "output" : a);
        if (a == "input") return input_of(end.name);
        break;
      default:
        if (a == "scaled_encoders")
          found = find_named(network_.connections, end.name)->to + ".scaled_encoders";
        else if (a == "weights")
          found = end.name + ".weights";
        else if (a == "error")
          found = rule + ".in";
        else if (a == "activities")
          found = rule + ".pre_filtered";
        else
          found = rule + "." + (a.empty() ? "in" : a);
    }
    if (!has(found)) {
      std::vector<string> names;
      for (ArrayId id = 0; id < built_.schedule.arrays(); ++id) names.push_back(built_.schedule.array(id).name);
      throw ConfigError(path, "\"" + p.of + "\" has no \"" + a + "\" to record");
    }
    return part(found);
  }
  Part input_of(const string& connection) const {
    const Connection& c = *find_named(network_.connections, connection);
    const End from = find_end(network_, c.from, c.from_index, "");
    if (from.kind == EndKind::node) return sliced(part(output_of_node(from.name)), from.index);
    const Ensemble* e = find_named(network_.ensembles, from.name);
    return e && is_direct(*e) ? part(from.name + ".x_in") : part(from.name + ".activities");
  }

  Part decoded(const string& name, const string& of, const Probe& p, const End& end) {
    const Ensemble& e = *find_named(network_.ensembles, p.of);
    if (is_direct(e)) {
      const Part x = chosen(of, name + ".source", part(p.of + ".x_in"), end.index);
      if (p.function == TargetFunction::none || p.function == TargetFunction::zero) return x;
      const Part y = array(name + ".function", size_of(p.function, end.count()));
      add_.map(of, y, x,
               static_cast<Function>(static_cast<int>(p.function) - static_cast<int>(TargetFunction::square)));
      return y;
    }
    const Index rows = p.decoders.empty() ? size_of(p.function, end.count()) : static_cast<Index>(p.decoders.size());
    const Part y = array(name + ".weighted", rows);
    add_.product(of, y, drawn(name + ".decoders", rows, e.neurons), part(p.of + ".activities"), Mode::set);
    return y;
  }

  void emit(const string& name, const Probe& p) {
    const string of = "probe " + name;
    const End end = find_end(network_, p.of, p.index, "probes/" + name + "/index");
    const bool decodes = end.kind == EndKind::ensemble && (p.attribute.empty() || p.attribute == "decoded_output");
    bool after = true;
    Part x = decodes ? decoded(name, of, p, end) : looked_at(name, p, end, after);
    if (!decodes && !p.index.empty()) x = sliced(x, end.index);
    if (!passes(p.synapse)) {
      if (x.cols.count != 1) throw ConfigError("probes/" + name + "/synapse", "a matrix is recorded as it is");
      const Part y = array(name + ".filtered", x.rows.count);
      add_.filter(of, y, x, p.synapse.type, network_.dt, Mode::update);
      x = y;
      after = false;
    }
    BuiltProbe probe;
    probe.name = name;
    probe.shape = x.cols.count == 1 ? std::vector<Index>{x.rows.count} : std::vector<Index>{x.rows.count, x.cols.count};
    probe.period = p.sample_every > 0 ? p.sample_every / network_.dt : 1;
    const std::size_t bytes = probe.values() * sizeof(real);
    probe.kept_rows =
        static_cast<Index>(std::clamp<std::size_t>(probe_bytes_ / std::max<std::size_t>(bytes, 1), 1, 1000));
    probe.kept = add_.record(of, x, probe.kept_rows, probe.period, replicas_, after);
    built_.probes.push_back(std::move(probe));
  }

  const Network& network_;
  std::span<const Parameters> parameters_;
  Index replicas_;
  std::size_t probe_bytes_;
  Built built_;
  Operations add_;
  std::map<string, std::vector<Part>> moved_encoders_;  ///< what moves an ensemble's encoders, of each Voja rule
  std::map<string, Part> outputs_;                      ///< of connections, behind their synapses
};

}  // namespace

Built build(const Network& network, std::span<const Parameters> parameters, Index replicas, std::size_t probe_bytes) {
  return Builder(network, parameters, replicas, probe_bytes).all();
}

}  // namespace engram::nef
