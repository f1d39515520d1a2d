#include "engine/models/nef/build/endpoints.hpp"

#include <algorithm>
#include <cmath>

#include "engram/run/config_reader.hpp"

namespace engram::nef {

namespace {

/// "rule", "rule2": the number behind a word.
bool split_word(const std::string& text, const std::string& word, std::size_t& number) {
  if (!text.starts_with(word)) return false;
  const std::string digits = text.substr(word.size());
  if (digits.size() > 4 || digits.find_first_not_of("0123456789") != std::string::npos) return false;
  number = digits.empty() ? 0 : std::stoul(digits);
  return true;
}

[[noreturn]] void unknown(const Network& network, const std::string& text, const std::string& path) {
  std::vector<std::string> names;
  for (const auto& [name, node] : network.nodes) names.push_back(name);
  for (const auto& [name, ensemble] : network.ensembles) names.insert(names.end(), {name, name + ".neurons"});
  for (const auto& [name, connection] : network.connections)
    for (std::size_t k = 0; k < connection.learning.size(); ++k) names.push_back(name + ".rule" + std::to_string(k));
  const std::string near = nearest(text, names);
  throw ConfigError(path, "there is no \"" + text + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

std::vector<Index> chosen(const std::vector<std::int64_t>& index, Index size, const std::string& path) {
  std::vector<Index> all;
  for (const std::int64_t i : index) {
    const std::int64_t at = i < 0 ? i + size : i;
    if (at < 0 || at >= size)
      throw ConfigError(path, "found " + std::to_string(i) + "; there are " + std::to_string(size) + " numbers");
    all.push_back(static_cast<Index>(at));
  }
  return all;
}

}  // namespace

Index size_in(const Node& node) {
  if (const auto* through = std::get_if<Passthrough>(&node.output)) return through->size_in;
  if (const auto* function = std::get_if<FunctionOfInput>(&node.output)) return function->size_in;
  return 0;
}

Index size_out(const Node& node) {
  return std::visit(
      [](const auto& out) -> Index {
        using Output = std::decay_t<decltype(out)>;
        if constexpr (std::is_same_v<Output, Passthrough>)
          return out.size_in;
        else if constexpr (std::is_same_v<Output, ConstantOutput>)
          return static_cast<Index>(out.value.size());
        else if constexpr (requires { out.values; })
          return out.values.empty() ? 0 : static_cast<Index>(out.values.front().size());
        else if constexpr (std::is_same_v<Output, FunctionOfInput>)
          return out.function >= Function::product ? 1 : out.size_in;
        else if constexpr (std::is_same_v<Output, Sine>)
          return static_cast<Index>(out.frequency.size());
        else
          return out.size;
      },
      node.output);
}

Index size_of(TargetFunction f, Index size) { return f >= TargetFunction::product ? 1 : size; }

std::vector<double> evaluate(TargetFunction f, std::span<const double> x) {
  std::vector<double> y(x.begin(), x.end());
  const auto each = [&](auto&& function) {
    for (double& v : y) v = function(v);
    return y;
  };
  double all = 0;
  switch (f) {
    case TargetFunction::none:
      return y;
    case TargetFunction::zero:
      return each([](double) { return 0.0; });
    case TargetFunction::square:
      return each([](double v) { return v * v; });
    case TargetFunction::sine:
      return each([](double v) { return std::sin(v); });
    case TargetFunction::cosine:
      return each([](double v) { return std::cos(v); });
    case TargetFunction::absolute:
      return each([](double v) { return std::abs(v); });
    case TargetFunction::product:
      all = 1;
      for (const double v : x) all *= v;
      return {all};
    case TargetFunction::sum:
      for (const double v : x) all += v;
      return {all};
    case TargetFunction::norm:
      for (const double v : x) all += v * v;
      return {std::sqrt(all)};
  }
  return y;
}

End find_end(const Network& network, const std::string& text, const std::vector<std::int64_t>& index,
             const std::string& path) {
  End end;
  const std::size_t dot = text.rfind('.');
  const std::string head = dot == std::string::npos ? text : text.substr(0, dot),
                    tail = dot == std::string::npos ? "" : text.substr(dot + 1);
  if (const Node* node = find_named(network.nodes, text)) {
    end = {EndKind::node, text, 0, size_out(*node), {}};
  } else if (const Ensemble* ensemble = find_named(network.ensembles, text)) {
    end = {EndKind::ensemble, text, 0, ensemble->dimensions, {}};
  } else if (const Ensemble* of = find_named(network.ensembles, head); of && tail == "neurons") {
    end = {EndKind::neurons, head, 0, of->neurons, {}};
  } else if (find_named(network.connections, text)) {
    end = {EndKind::connection, text, 0, 0, {}};
  } else if (const Connection* learned = find_named(network.connections, head)) {
    end.name = head;
    if (split_word(tail, "rule", end.rule))
      end.kind = EndKind::rule;
    else if (split_word(tail, "gate", end.rule))
      end.kind = EndKind::gate;
    else
      unknown(network, text, path);
    if (end.rule >= learned->learning.size())
      throw ConfigError(path, "\"" + head + "\" has " + std::to_string(learned->learning.size()) +
                                  " learning rules; they count from 0");
    end.size = end.kind == EndKind::gate ? 1 : rule_size(network, head, *learned, end.rule);
  } else {
    unknown(network, text, path);
  }
  end.index = chosen(index, end.size, path + "_index");
  return end;
}

bool is_full(const Network& network, const Connection& c) {
  return c.solver.weights && find_named(network.ensembles, c.from) && find_named(network.ensembles, c.to);
}

namespace {

/// Sizes may follow from those of other connections, but not in a circle.
class Nested {
 public:
  explicit Nested(const std::string& path) {
    if (++depth_ <= 100) return;
    --depth_;
    throw ConfigError(path, "its size would follow from itself; give a transform with rows");
  }
  ~Nested() { --depth_; }

 private:
  static thread_local int depth_;
};
thread_local int Nested::depth_ = 0;

}  // namespace

Index decoded_size(const Network& network, const std::string& name, const Connection& c) {
  if (!std::holds_alternative<Convolution>(c.transform.type)) return output_size(network, name, c);
  if (!c.targets.empty()) return static_cast<Index>(c.targets.front().size());
  return size_of(c.function, find_end(network, c.from, c.from_index, "connections/" + name + "/from").count());
}

Index output_size(const Network& network, const std::string& name, const Connection& c) {
  const std::string path = "connections/" + name;
  const Nested nested(path);
  if (!c.weights.empty()) return static_cast<Index>(c.weights.size());
  const End from = find_end(network, c.from, c.from_index, path + "/from");
  const auto target_size = [&] {  // of a learning rule it would ask for this connection's own size
    return c.to.find(".rule") == std::string::npos || c.to.substr(0, c.to.rfind('.')) != name
               ? find_end(network, c.to, c.to_index, path + "/to").count()
               : Index(1);
  };
  Index size = !c.targets.empty() ? static_cast<Index>(c.targets.front().size()) : size_of(c.function, from.count());
  if (const auto* dense = std::get_if<DenseTransform>(&c.transform.type))
    return dense->rows.empty() ? target_size() : static_cast<Index>(dense->rows.size());
  if (const auto* sparse = std::get_if<SparseTransform>(&c.transform.type)) return sparse->size_out;
  if (std::holds_alternative<Convolution>(c.transform.type)) return target_size();
  if (const auto* diagonal = std::get_if<DiagonalTransform>(&c.transform.type); diagonal && size == 1)
    size = static_cast<Index>(diagonal->factors.size());
  return c.function == TargetFunction::zero ? target_size() : size;
}

Index rule_size(const Network& network, const std::string& name, const Connection& c, std::size_t rule) {
  const RuleType& type = c.learning[rule].type;
  if (std::holds_alternative<Voja>(type)) return 1;
  if (std::holds_alternative<Bcm>(type) || std::holds_alternative<Oja>(type)) return 0;
  const std::string head = c.to.substr(0, c.to.rfind('.'));
  if (const Ensemble* post = find_named(network.ensembles, c.to.ends_with(".neurons") ? head : c.to);
      post && std::holds_alternative<Pes>(type) && (c.to.ends_with(".neurons") || is_full(network, c)))
    return is_full(network, c) && !c.to_index.empty() ? static_cast<Index>(c.to_index.size()) : post->dimensions;
  return output_size(network, name, c);
}

namespace {

bool is_range(const std::vector<Index>& index) {
  for (std::size_t i = 2; i < index.size(); ++i)
    if (index[i] - index[i - 1] != index[1] - index[0]) return false;
  return index.size() < 2 || index[1] != index[0];
}

void check_rule(const Network& network, const std::string& path, const Connection& c, const RuleType& rule) {
  const End from = find_end(network, c.from, c.from_index, path + "/from"),
            to = find_end(network, c.to, c.to_index, path + "/to");
  const std::string name = std::visit([](const auto& r) { return std::string(std::decay_t<decltype(r)>::name); }, rule);
  const bool neurons_or_ensemble = from.kind == EndKind::ensemble || from.kind == EndKind::neurons;
  if (std::holds_alternative<Voja>(rule)) {
    if (to.kind != EndKind::ensemble)
      throw ConfigError(path + "/learning",
                        "voja changes encoders, so \"to\" must be an ensemble; found \"" + c.to + "\"");
    return;
  }
  if (!neurons_or_ensemble)
    throw ConfigError(
        path + "/learning",
        name + " changes weights of neurons, so \"from\" must be an ensemble or its neurons; found \"" + c.from + "\"");
  const bool matrix =
      from.kind == EndKind::ensemble || !c.weights.empty() || std::holds_alternative<DenseTransform>(c.transform.type);
  if (!matrix) throw ConfigError(path + "/transform", name + " needs a matrix: a dense transform between these ends");
  if (std::holds_alternative<SparseTransform>(c.transform.type) ||
      std::holds_alternative<Convolution>(c.transform.type))
    throw ConfigError(path + "/transform", name + " learns dense matrices only");
  const bool between_neurons = is_full(network, c) || (from.kind == EndKind::neurons && to.kind == EndKind::neurons);
  if (std::holds_alternative<Bcm>(rule) || std::holds_alternative<Oja>(rule)) {
    if (!between_neurons)
      throw ConfigError(path + "/learning", name +
                                                " changes weights from neurons to neurons; set solver/weights or "
                                                "connect NAME.neurons");
    if (!from.index.empty() || !to.index.empty())
      throw ConfigError(path + "/learning", name + " takes all neurons of both ends, no slices");
  }
  if (std::holds_alternative<Rls>(rule) && (between_neurons || to.kind == EndKind::neurons))
    throw ConfigError(path + "/learning", "rls changes decoders; it has no form for targets that are neurons");
  if (std::holds_alternative<Pes>(rule) && to.kind == EndKind::neurons && !is_range(to.index))
    throw ConfigError(path + "/to_index", "pes takes neurons at regular distances, no list");
}

void check_connection(const Network& network, const std::string& name, const Connection& c) {
  const std::string path = "connections/" + name;
  const End from = find_end(network, c.from, c.from_index, path + "/from"),
            to = find_end(network, c.to, c.to_index, path + "/to");
  if (from.kind != EndKind::node && from.kind != EndKind::ensemble && from.kind != EndKind::neurons)
    throw ConfigError(path + "/from", "\"" + c.from + "\" has no output; connect from a node, an ensemble or neurons");
  if (to.kind == EndKind::connection)
    throw ConfigError(path + "/to",
                      "\"" + c.to + "\" is a connection; its learning rules are \"" + c.to + ".rule0\" ...");
  if (to.kind == EndKind::node && size_in(*find_named(network.nodes, c.to)) == 0)
    throw ConfigError(path + "/to", "the node \"" + c.to + "\" takes no input");
  if (to.kind == EndKind::rule && to.size == 0)
    throw ConfigError(path + "/to",
                      "this learning rule takes no input; \"gate\" in the place of \"rule\" scales its rate");
  const Node* node = find_named(network.nodes, c.from);
  if (node && std::holds_alternative<Passthrough>(node->output) && c.function != TargetFunction::none)
    throw ConfigError(path + "/function", "a passthrough node has no function on its connections");
  if (from.kind == EndKind::neurons && c.function != TargetFunction::none)
    throw ConfigError(path + "/function", "connections from neurons carry their activities, no function");
  const Index size = is_full(network, c) ? (c.weights.empty() ? to.count() : static_cast<Index>(c.weights.size()))
                                         : output_size(network, name, c);
  const Ensemble* post = is_full(network, c) ? find_named(network.ensembles, c.to) : nullptr;
  const Index wanted = post && !c.weights.empty() ? post->neurons : to.count();
  const bool spreads = size == 1 && std::holds_alternative<DenseTransform>(c.transform.type);
  if (size != wanted && !spreads)
    throw ConfigError(path, "\"" + c.from + "\" delivers " + std::to_string(size) + " numbers to \"" + c.to +
                                "\", which takes " + std::to_string(wanted));
  for (std::size_t row = 0; row < c.weights.size(); ++row) {
    const Ensemble* pre = find_named(network.ensembles, c.from);
    const std::size_t columns = pre ? pre->neurons : from.count();
    if (c.weights[row].size() != columns)
      throw ConfigError(
          path + "/weights/" + std::to_string(row),
          "found " + std::to_string(c.weights[row].size()) + " numbers, needed are " + std::to_string(columns));
  }
  if (const auto* dense = std::get_if<DenseTransform>(&c.transform.type)) {
    const Index columns =
        c.targets.empty() ? size_of(c.function, from.count()) : static_cast<Index>(c.targets.front().size());
    for (std::size_t row = 0; row < dense->rows.size(); ++row)
      if (dense->rows[row].size() != columns)
        throw ConfigError(path + "/transform/rows/" + std::to_string(row),
                          "found " + std::to_string(dense->rows[row].size()) + " numbers, needed are " +
                              std::to_string(columns) + " of \"" + c.from + "\"");
    if (dense->rows.empty() && !dense->everywhere && !dense->drawn)
      throw ConfigError(path + "/transform", "rows, everywhere or drawn is needed");
  }
  const Index in = c.targets.empty() ? size_of(c.function, from.count()) : static_cast<Index>(c.targets.front().size());
  if (const auto* diagonal = std::get_if<DiagonalTransform>(&c.transform.type);
      diagonal && c.weights.empty() && in != 1 && diagonal->factors.size() != in)
    throw ConfigError(path + "/transform/factors", "found " + std::to_string(diagonal->factors.size()) +
                                                       " factors for " + std::to_string(in) + " numbers");
  if (const auto* sparse = std::get_if<SparseTransform>(&c.transform.type))
    for (const Index col : sparse->cols)
      if (col >= in)
        throw ConfigError(path + "/transform/cols", "found " + std::to_string(col) + "; \"" + c.from + "\" has " +
                                                        std::to_string(in) + " numbers");
  for (std::size_t row = 0; row < c.targets.size(); ++row)
    if (c.targets[row].size() != in)
      throw ConfigError(path + "/targets/" + std::to_string(row), "rows have different lengths");
  if (!c.targets.empty() && c.targets.size() != c.eval_points.size())
    throw ConfigError(path + "/targets", "found " + std::to_string(c.targets.size()) + " rows for " +
                                             std::to_string(c.eval_points.size()) + " evaluation points");
  for (const LearningRule& rule : c.learning) check_rule(network, path, c, rule.type);
}

void check_node(const Network& network, const std::string& name, const Node& node) {
  const std::string path = "nodes/" + name;
  if (size_out(node) == 0) throw ConfigError(path, "it has no numbers");
  const auto finite = [&](double v) {
    if (!std::isfinite(v)) throw ConfigError(path, "the node \"" + name + "\" shows a value that is not finite");
  };
  std::visit(
      [&](const auto& out) {
        if constexpr (requires { out.values; })
          for (std::size_t r = 0; r < out.values.size(); ++r) {
            if (out.values[r].size() != out.values.front().size())
              throw ConfigError(path + "/values/" + std::to_string(r), "rows have different lengths");
            for (const double v : out.values[r]) finite(v);
          }
        if constexpr (requires { out.value; })
          for (const double v : out.value) finite(v);
      },
      node.output);
  if (const auto* cycle = std::get_if<Cycle>(&node.output)) {
    const double steps = cycle->period / network.dt;
    if (std::abs(steps - std::nearbyint(steps)) > 1e-6 * steps || steps < 0.5)
      throw ConfigError(path + "/period", "a step of " + shown(network.dt) + " s does not divide the period of " +
                                              shown(cycle->period) + " s");
  }
}

}  // namespace

namespace {

template <class T>
void check_table(const std::vector<T>& starts, const Rows& values, const std::string& key, const Report& problem) {
  if (starts.size() != values.size() || values.empty())
    problem("values",
            "found " + std::to_string(values.size()) + " rows for " + std::to_string(starts.size()) + " " + key);
  for (std::size_t i = 1; i < starts.size(); ++i)
    if (starts[i] <= starts[i - 1]) problem(key + "/" + std::to_string(i), key + " must ascend");
}

}  // namespace

void TimeTable::check_together(const Report& problem) const { check_table(times, values, "times", problem); }
void StepTable::check_together(const Report& problem) const { check_table(steps, values, "steps", problem); }

void SparseTransform::check_together(const Report& problem) const {
  if (rows.size() != values.size() || cols.size() != values.size())
    problem("values", "rows, cols and values must be equally many");
  for (const Index row : rows)
    if (row >= size_out) problem("rows", "found " + std::to_string(row) + "; size_out is " + std::to_string(size_out));
}

void Ensemble::check_together(const Report& problem) const {
  if (gain.empty() != bias.empty()) problem("gain", "gain and bias go together");
  for (const auto& [list, key] : {std::pair{&gain, "gain"}, std::pair{&bias, "bias"}})
    if (!list->empty() && list->size() != neurons)
      problem(key, "found " + std::to_string(list->size()) + " values for " + std::to_string(neurons) + " neurons");
  const auto outside = [&](double c) {
    if (c < -1 || c >= 1) problem("intercepts", "found " + shown(c) + "; intercepts lie in [-1, 1)");
  };
  if (const auto* constant = std::get_if<Constant>(&intercepts.type)) outside(constant->value);
  if (const auto* uniform = std::get_if<UniformDistribution>(&intercepts.type)) {
    outside(uniform->low);
    if (uniform->high > 1 || uniform->high < uniform->low) outside(uniform->high > 1 ? uniform->high : 2);
  }
  if (const auto* samples = std::get_if<Samples>(&intercepts.type))
    for (const double c : samples->values) outside(c);
  std::visit(
      [&](const auto& type) {
        using Type = std::decay_t<decltype(type)>;
        std::vector<std::string> names;
        for (int s = 0; s < Type::n_state; ++s) names.emplace_back(Type::state[s]);
        for (const auto& [name, distribution] : initial_state)
          if (std::find(names.begin(), names.end(), name) == names.end())
            problem("initial_state/" + name, std::string(Type::name) + " neurons have " +
                                                 (names.empty() ? "no state" : "the state " + listed(names)));
      },
      neuron.type);
}

std::size_t Ensemble::points() const {
  if (n_eval_points) return n_eval_points;
  return std::max<std::size_t>(std::clamp<std::size_t>(std::size_t{500} * dimensions, 750, 2500),
                               std::size_t{2} * neurons);
}

void check(const Network& network) {
  std::vector<std::string> names;
  const auto take = [&](const std::string& kind, const std::string& name) {
    if (name.empty() || name.find('.') != std::string::npos || name.find('/') != std::string::npos)
      throw ConfigError(kind + "/" + name, "a name is needed, without points and slashes");
    if (std::find(names.begin(), names.end(), name) != names.end())
      throw ConfigError(kind + "/" + name, "another object has this name");
    names.push_back(name);
  };
  for (const auto& [name, node] : network.nodes) take("nodes", name), check_node(network, name, node);
  for (const auto& [name, ensemble] : network.ensembles) take("ensembles", name);
  for (const auto& [name, connection] : network.connections) take("connections", name);
  for (const auto& [name, connection] : network.connections) check_connection(network, name, connection);
  for (const auto& [name, probe] : network.probes) find_end(network, probe.of, {}, "probes/" + name + "/of");
}

}  // namespace engram::nef
