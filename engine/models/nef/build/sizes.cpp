// How many numbers things have: outputs of nodes, functions, connections, inputs of learning rules.
#include <cmath>

#include "engine/models/nef/build/endpoints.hpp"

namespace engram::nef {

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

}  // namespace engram::nef
