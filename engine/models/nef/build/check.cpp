// What a network must satisfy before anything is drawn.
#include <algorithm>
#include <cmath>

#include "engine/models/nef/build/endpoints.hpp"
#include "engine/models/nef/build/signals.hpp"

namespace engram::nef {

namespace {

using std::string;

template <class Rule>
bool is(const RuleType& rule) {
  return std::holds_alternative<Rule>(rule);
}

/// Throws unless a row has so many numbers.
void check_row(const std::vector<double>& row, std::size_t needed, const string& path, const string& of = "") {
  if (row.size() != needed)
    throw ConfigError(path,
                      "found " + std::to_string(row.size()) + " numbers, needed are " + std::to_string(needed) + of);
}

/// A learning rule and the connection that it changes.
class RuleCheck {
 public:
  RuleCheck(const Network& network, string path, const Connection& c, const RuleType& rule)
      : network_(network),
        path_(std::move(path)),
        c_(c),
        rule_(rule),
        from_(find_end(network, c.from, c.from_index, path_ + "/from")),
        to_(find_end(network, c.to, c.to_index, path_ + "/to")),
        name_(std::visit([](const auto& r) { return string(std::decay_t<decltype(r)>::name); }, rule)) {}

  void all() const {
    if (is<Voja>(rule_)) return encoders();
    matrix();
    targets();
  }

 private:
  void encoders() const {
    if (to_.kind != EndKind::ensemble)
      throw ConfigError(path_ + "/learning",
                        "voja changes encoders, so \"to\" must be an ensemble; found \"" + c_.to + "\"");
    if (std::get<Voja>(rule_).input == VojaInput::connection && is_full(network_, c_))
      throw ConfigError(path_ + "/learning",
                        "with solver/weights a connection delivers currents, so voja cannot take "
                        "its input from the connection");
  }

  void matrix() const {
    if (from_.kind != EndKind::ensemble && from_.kind != EndKind::neurons)
      throw ConfigError(path_ + "/learning",
                        name_ +
                            " changes weights of neurons, so \"from\" must be an ensemble or its neurons; found \"" +
                            c_.from + "\"");
    const TransformType& transform = c_.transform.type;
    if (from_.kind != EndKind::ensemble && c_.weights.empty() && !std::holds_alternative<DenseTransform>(transform))
      throw ConfigError(path_ + "/transform", name_ + " needs a matrix: a dense transform between these ends");
    if (std::holds_alternative<SparseTransform>(transform) || std::holds_alternative<Convolution>(transform))
      throw ConfigError(path_ + "/transform", name_ + " learns dense matrices only");
  }

  void targets() const {
    const bool onto_neurons = to_.kind == EndKind::neurons,
               between_neurons = is_full(network_, c_) || (from_.kind == EndKind::neurons && onto_neurons);
    if (is<Bcm>(rule_) || is<Oja>(rule_)) {
      if (!between_neurons)
        throw ConfigError(path_ + "/learning", name_ +
                                                   " changes weights from neurons to neurons; set solver/weights or "
                                                   "connect NAME.neurons");
      if (!from_.index.empty() || !to_.index.empty())
        throw ConfigError(path_ + "/learning", name_ + " takes all neurons of both ends, no slices");
    }
    if (is<Rls>(rule_) && (between_neurons || onto_neurons))
      throw ConfigError(path_ + "/learning", "rls changes decoders; it has no form for targets that are neurons");
    const auto* pes = std::get_if<Pes>(&rule_);
    if (pes && onto_neurons && !is_regular(to_.index))
      throw ConfigError(path_ + "/to_index", "pes takes neurons at regular distances, no list");
    if (pes && pes->local_error != LocalError::scaled_encoders && !onto_neurons && !is_full(network_, c_))
      throw ConfigError(path_ + "/learning",
                        "local_error concerns targets that are neurons; \"" + c_.to + "\" takes the error as it is");
  }

  const Network& network_;
  string path_;
  const Connection& c_;
  const RuleType& rule_;
  End from_, to_;
  string name_;
};

class ConnectionCheck {
 public:
  ConnectionCheck(const Network& network, const string& name, const Connection& c)
      : network_(network),
        name_(name),
        path_("connections/" + name),
        c_(c),
        from_(find_end(network, c.from, c.from_index, path_ + "/from")),
        to_(find_end(network, c.to, c.to_index, path_ + "/to")) {}

  void all() {
    ends();
    in_ = c_.targets.empty() ? size_of(c_.function, from_.count()) : static_cast<Index>(c_.targets.front().size());
    size();
    weights();
    transform();
    targets();
    for (const LearningRule& rule : c_.learning) RuleCheck(network_, path_, c_, rule.type).all();
  }

 private:
  void ends() const {
    if (from_.kind != EndKind::node && from_.kind != EndKind::ensemble && from_.kind != EndKind::neurons)
      throw ConfigError(path_ + "/from",
                        "\"" + c_.from + "\" has no output; connect from a node, an ensemble or neurons");
    if (to_.kind == EndKind::connection)
      throw ConfigError(path_ + "/to",
                        "\"" + c_.to + "\" is a connection; its learning rules are \"" + c_.to + ".rule0\" ...");
    if (to_.kind == EndKind::node && size_in(*find_named(network_.nodes, c_.to)) == 0)
      throw ConfigError(path_ + "/to", "the node \"" + c_.to + "\" takes no input");
    if (to_.kind == EndKind::rule && to_.size == 0)
      throw ConfigError(path_ + "/to",
                        "this learning rule takes no input; \"gate\" in the place of \"rule\" scales its rate");
    const Node* node = find_named(network_.nodes, c_.from);
    if (node && std::holds_alternative<Passthrough>(node->output) && c_.function != TargetFunction::none)
      throw ConfigError(path_ + "/function", "a passthrough node has no function on its connections");
    if (from_.kind == EndKind::neurons && c_.function != TargetFunction::none)
      throw ConfigError(path_ + "/function", "connections from neurons carry their activities, no function");
  }

  void size() const {
    const bool full = is_full(network_, c_);
    if (full && c_.weights.empty()) need_size(output_size(network_, name_, c_), to_.count());  // what is decoded
    const Index given = static_cast<Index>(c_.weights.size());
    const Index delivered = !full ? output_size(network_, name_, c_) : given ? given : to_.count();
    const Index wanted = full && given ? find_named(network_.ensembles, c_.to)->neurons : to_.count();
    need_size(delivered, wanted);
  }

  void need_size(Index delivered, Index wanted) const {
    const bool spreads = delivered == 1 && std::holds_alternative<DenseTransform>(c_.transform.type);
    if (delivered != wanted && !spreads)
      throw ConfigError(path_, "\"" + c_.from + "\" delivers " + std::to_string(delivered) + " numbers to \"" + c_.to +
                                   "\", which takes " + std::to_string(wanted));
  }

  void weights() const {
    const Ensemble* pre = find_named(network_.ensembles, c_.from);
    for (std::size_t row = 0; row < c_.weights.size(); ++row)
      check_row(c_.weights[row], pre ? pre->neurons : from_.count(), path_ + "/weights/" + std::to_string(row));
  }

  void transform() const {
    const string path = path_ + "/transform";
    if (const auto* dense = std::get_if<DenseTransform>(&c_.transform.type)) {
      for (std::size_t row = 0; row < dense->rows.size(); ++row)
        check_row(dense->rows[row], in_, path + "/rows/" + std::to_string(row), " of \"" + c_.from + "\"");
      if (dense->rows.empty() && !dense->everywhere && !dense->drawn)
        throw ConfigError(path, "rows, everywhere or drawn is needed");
    }
    if (const auto* diagonal = std::get_if<DiagonalTransform>(&c_.transform.type);
        diagonal && c_.weights.empty() && in_ != 1 && diagonal->factors.size() != in_)
      throw ConfigError(path + "/factors", "found " + std::to_string(diagonal->factors.size()) + " factors for " +
                                               std::to_string(in_) + " numbers");
    if (const auto* sparse = std::get_if<SparseTransform>(&c_.transform.type))
      for (const Index col : sparse->cols)
        if (col >= in_)
          throw ConfigError(path + "/cols", "found " + std::to_string(col) + "; \"" + c_.from + "\" has " +
                                                std::to_string(in_) + " numbers");
  }

  void targets() const {
    if (const Ensemble* pre = find_named(network_.ensembles, c_.from))
      for (std::size_t row = 0; row < c_.eval_points.size(); ++row)
        check_row(c_.eval_points[row], pre->dimensions, path_ + "/eval_points/" + std::to_string(row),
                  " of \"" + c_.from + "\"");
    for (std::size_t row = 0; row < c_.targets.size(); ++row)
      if (c_.targets[row].size() != in_)
        throw ConfigError(path_ + "/targets/" + std::to_string(row), "rows have different lengths");
    if (!c_.targets.empty() && c_.targets.size() != c_.eval_points.size())
      throw ConfigError(path_ + "/targets", "found " + std::to_string(c_.targets.size()) + " rows for " +
                                                std::to_string(c_.eval_points.size()) + " evaluation points");
  }

  const Network& network_;
  const string& name_;
  string path_;
  const Connection& c_;
  End from_, to_;
  Index in_ = 0;  ///< numbers before the transform
};

void check_node(const Network& network, const string& name, const Node& node) {
  const string path = "nodes/" + name;
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
  if (const auto* sine = std::get_if<Sine>(&node.output))
    for (const auto& [key, list] : {std::pair{"/amplitude", &sine->amplitude}, {"/phase", &sine->phase}})
      if (list->size() != 1 && list->size() != sine->frequency.size())
        throw ConfigError(path + key, "found " + std::to_string(list->size()) +
                                          " numbers, needed is one, or as many as frequency has, " +
                                          std::to_string(sine->frequency.size()));
  if (const auto* signal = std::get_if<WhiteSignal>(&node.output)) {
    const std::size_t steps = signal_steps(*signal, network.dt), frequencies = signal_frequencies(*signal, network.dt);
    if (frequencies < 1 || 2 * frequencies > steps)
      throw ConfigError(path + "/high", "a period of " + shown(signal->period) + " s, " + std::to_string(steps) +
                                            " steps, with frequencies up to " + shown(signal->high) + " Hz holds " +
                                            (frequencies < 1 ? "no frequency" : "some above half the rate of steps") +
                                            "; change period or high");
  }
  if (const auto* cycle = std::get_if<Cycle>(&node.output)) {
    const double steps = cycle->period / network.dt;
    if (std::abs(steps - std::nearbyint(steps)) > 1e-6 * steps || steps < 0.5)
      throw ConfigError(path + "/period", "a step of " + shown(network.dt) + " s does not divide the period of " +
                                              shown(cycle->period) + " s");
  }
}

}  // namespace

void check(const Network& network) {
  std::vector<string> names;
  const auto take = [&](const string& kind, const string& name) {
    if (name.empty() || name.find('.') != std::string::npos || name.find('/') != std::string::npos)
      throw ConfigError(kind + "/" + name, "a name is needed, without points and slashes");
    if (std::find(names.begin(), names.end(), name) != names.end())
      throw ConfigError(kind + "/" + name, "another object has this name");
    names.push_back(name);
  };
  for (const auto& [name, node] : network.nodes) take("nodes", name), check_node(network, name, node);
  for (const auto& [name, ensemble] : network.ensembles) take("ensembles", name);
  for (const auto& [name, connection] : network.connections) take("connections", name);
  for (const auto& [name, connection] : network.connections) ConnectionCheck(network, name, connection).all();
  for (const auto& [name, probe] : network.probes) find_end(network, probe.of, {}, "probes/" + name + "/of");
}

}  // namespace engram::nef
