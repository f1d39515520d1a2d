#include <algorithm>

#include "engine/models/nef/build/convolution.hpp"
#include "engine/models/nef/build/draft.hpp"

namespace engram::nef {

namespace {

/// One connection on its way from source to target.
class Link {
 public:
  Link(Draft& draft, const std::string& name, const Connection& c)
      : draft_(draft),
        name_(name),
        of_("connection " + name),
        c_(c),
        from_(find_end(draft.network, c.from, c.from_index, "")),
        to_(find_end(draft.network, c.to, c.to_index, "")) {}

  void all() {
    const bool full = is_full(draft_.network, c_), gains = to_.kind == EndKind::neurons;
    const Part whole = full ? draft_.part(to_.name + ".J") : target();
    const std::vector<Index> index = full ? std::vector<Index>() : to_.index;
    const std::vector<Part> inputs = inputs_of_rules();
    if (passes(c_.synapse) && !gains && is_even(index) && !recorded() && inputs.empty()) direct_ = sliced(whole, index);
    Part y = weighted();
    if (added_) return;
    if (!passes(c_.synapse)) {
      const Part filtered = draft_.array(name_ + ".output", y.rows.count);
      draft_.filter(of_, filtered, y, c_.synapse, Mode::update);
      y = filtered;
    }
    draft_.outputs.emplace(name_, y);
    deliver(whole, gains ? std::optional(draft_.part(to_.name + ".gain")) : std::nullopt, y, index);
    for (const Part& input : inputs) deliver(input, std::nullopt, y, index);
  }

 private:
  static bool is_even(const std::vector<Index>& index) { return index.empty() || is_regular(index); }
  bool recorded() const {
    const auto& probes = draft_.network.probes;
    return std::any_of(probes.begin(), probes.end(), [&](const auto& probe) { return probe.second.of == name_; });
  }
  /// Of rules that ask for what this connection alone delivers.
  std::vector<Part> inputs_of_rules() const {
    std::vector<Part> all;
    for (std::size_t k = 0; k < c_.learning.size(); ++k)
      if (const std::string x = name_ + ".rule" + std::to_string(k) + ".x"; draft_.has(x))
        all.push_back(draft_.part(x));
    return all;
  }

  Part target() const {
    const std::string rule = to_.name + ".rule" + std::to_string(to_.rule);
    switch (to_.kind) {
      case EndKind::node:
        return draft_.part(to_.name + ".input");
      case EndKind::ensemble:
        return draft_.part(to_.name + ".x_in");
      case EndKind::neurons:
        return draft_.part(to_.name + ".J");
      case EndKind::gate:
        return draft_.part(draft_.has(rule + ".gate") ? rule + ".gate" : rule + ".in");
      default:
        return draft_.part(rule + ".in");
    }
  }

  Part signal() {
    const Part whole = draft_.part(from_.kind == EndKind::node      ? output_of_node(draft_, from_.name)
                                   : from_.kind == EndKind::neurons ? from_.name + ".activities"
                                                                    : from_.name + ".x_in");
    const Part s = draft_.has(name_ + ".source") ? draft_.part(name_ + ".source")
                                                 : draft_.chosen(of_, name_ + ".source", whole, from_.index);
    if (c_.function == TargetFunction::none) return s;
    const bool zero = c_.function == TargetFunction::zero;
    const Part y = draft_.array(name_ + ".function",
                                zero ? output_size(draft_.network, name_, c_) : size_of(c_.function, from_.count()));
    if (!zero) draft_.add.map(of_, y, s, operation_of(c_.function));
    return y;
  }

  /// Where a result of so many numbers goes: to the target at once, where nothing lies between, or to an array.
  Part to(Index size, Mode& mode) {
    added_ = direct_.has_value();
    mode = added_ ? Mode::increment : Mode::set;
    return added_ ? *direct_ : draft_.array(name_ + ".weighted", size);
  }

  /// What the connection carries before its synapse.
  Part weighted() {
    const Ensemble* pre = from_.kind == EndKind::ensemble ? find_named(draft_.network.ensembles, c_.from) : nullptr;
    const bool decodes = pre && !is_direct(*pre);
    const bool convolves = std::holds_alternative<Convolution>(c_.transform.type);
    if (draft_.has(name_ + ".weights") && !convolves) {
      const Part w = draft_.part(name_ + ".weights"), x = decodes ? draft_.part(from_.name + ".activities") : signal();
      Mode mode;
      const Part target = to(w.rows.count, mode);
      draft_.add.product(of_, target, w, x, mode);
      return target;
    }
    if (!decodes) return std::visit([&, x = signal()](const auto& t) { return transformed(t, x); }, c_.transform.type);
    const Part w = draft_.part(name_ + ".weights"), x = draft_.array(name_ + ".decoded", w.rows.count);
    draft_.add.product(of_, x, w, draft_.part(from_.name + ".activities"), Mode::set);
    return std::visit([&](const auto& t) { return transformed(t, x); }, c_.transform.type);
  }

  template <class Other>
  Part transformed(const Other&, Part x) {
    return x;
  }
  Part transformed(const ScalarTransform& t, Part x) { return scaled({t.factor}, x.rows.count, x); }
  Part transformed(const DiagonalTransform& t, Part x) {
    const auto n = static_cast<Index>(t.factors.size());
    if (x.rows.count != n && x.rows.count != 1)
      throw ConfigError("connections/" + name_ + "/transform",
                        "found " + std::to_string(n) + " factors for " + std::to_string(x.rows.count) + " numbers");
    return scaled(t.factors, n, x);
  }
  Part scaled(std::vector<double> factors, Index size, Part x) {
    Mode mode;
    const Part target = to(size, mode);
    const auto count = static_cast<Index>(factors.size());
    draft_.add.scale(of_, target, draft_.array(name_ + ".factor", count, 1, std::move(factors), true), x, mode);
    return target;
  }
  Part transformed(const Convolution& t, Part x) {
    ConvolutionTaps taps = taps_of(t);
    if (taps.inputs != x.rows.count)
      throw ConfigError("connections/" + name_ + "/transform", "it takes " + std::to_string(taps.inputs) +
                                                                   " numbers; \"" + c_.from + "\" gives " +
                                                                   std::to_string(x.rows.count));
    Mode mode;
    const Part target = to(static_cast<Index>(taps.outputs), mode);
    const Part kernel = draft_.array(name_ + ".kernel", static_cast<Index>(t.kernel.size()), 1, t.kernel, true);
    draft_.add.gather(of_, target, kernel, x, std::move(taps.sources), mode);
    return target;
  }
  /// Entries of a row add up in the order in which they are given.
  Part transformed(const SparseTransform& t, Part x) {
    std::vector<std::size_t> order(t.values.size());
    for (std::size_t k = 0; k < order.size(); ++k) {
      order[k] = k;
      if (t.cols[k] >= x.rows.count)
        throw ConfigError("connections/" + name_ + "/transform/cols",
                          "found " + std::to_string(t.cols[k]) + " of " + std::to_string(x.rows.count) + " numbers");
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return t.rows[a] < t.rows[b]; });
    Operations::Sources sources;
    std::vector<double> values;
    sources.start.push_back(0);
    for (Index row = 0; row < t.size_out; ++row) {
      for (std::size_t k = values.size(); k < order.size() && t.rows[order[k]] == row; ++k) {
        sources.source.push_back(t.cols[order[k]]);
        values.push_back(t.values[order[k]]);
      }
      sources.start.push_back(static_cast<std::int64_t>(values.size()));
    }
    if (values.empty()) values.push_back(0);
    Mode mode;
    const Part target = to(t.size_out, mode);
    const auto count = static_cast<Index>(values.size());
    draft_.add.gather(of_, target, draft_.array(name_ + ".values", count, 1, std::move(values), true), x,
                      std::move(sources), mode);
    return target;
  }

  /// Adds y to these numbers of an input, times the gains there, if there are any.
  void deliver(Part input, std::optional<Part> gain, Part y, const std::vector<Index>& index) {
    if (!is_even(index)) return scatter(input, gain, y, index);
    if (gain) return draft_.add.scale(of_, sliced(input, index), sliced(*gain, index), y, Mode::increment);
    draft_.add.copy(of_, sliced(input, index), y, Mode::increment);
  }
  /// To a list of targets without order, where one may stand twice.
  void scatter(Part input, std::optional<Part> gain, Part y, const std::vector<Index>& index) {
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
    draft_.add.gather(of_, input, gain, y, std::move(lists), Mode::increment);
  }

  Draft& draft_;
  const std::string& name_;
  std::string of_;
  const Connection& c_;
  End from_, to_;
  std::optional<Part> direct_;  ///< the target, where the last operation may add to it at once
  bool added_ = false;          ///< it did
};

}  // namespace

void declare(Draft& draft, const std::string& name, const Connection& c) {
  declare_rules(draft, name, c);
  const Network& network = draft.network;
  const Ensemble *pre = find_named(network.ensembles, c.from), *post = find_named(network.ensembles, c.to);
  const Index rows = is_full(network, c) ? post->neurons : decoded_size(network, name, c);
  const Index in = find_end(network, c.from, c.from_index, "").count();
  if (pre && !is_direct(*pre))
    draft.drawn(name + ".weights", rows, pre->neurons);
  else if (!c.weights.empty() || std::holds_alternative<DenseTransform>(c.transform.type))
    draft.drawn(name + ".weights", rows, c.weights.empty() ? size_of(c.function, in) : in);
}

void emit(Draft& draft, const std::string& name, const Connection& c) { Link(draft, name, c).all(); }

}  // namespace engram::nef
