// Learning rules of connections: their inputs and gates, the filters of activities, and what changes a matrix.
#include <algorithm>

#include "engine/models/nef/build/draft.hpp"

namespace engram::nef {

namespace {

using Terms = Operations::TermParts;

std::string rule_name(const std::string& connection, std::size_t k) { return connection + ".rule" + std::to_string(k); }

/// What a rule adds to its matrix, and what has to be worked out for that in a step.
class TermOf {
 public:
  TermOf(Draft& draft, const std::string& name, const Connection& c, std::size_t k)
      : draft_(draft),
        name_(name),
        rule_(rule_name(name, k)),
        c_(c),
        from_(find_end(draft.network, c.from, c.from_index, "")),
        to_(find_end(draft.network, c.to, c.to_index, "")) {}

  Terms operator()(const Pes& pes) const {
    const Part a = filtered(".pre_filtered", source(), pes.pre_synapse);
    const bool full = is_full(draft_.network, c_);
    const Part error = full || to_.kind == EndKind::neurons ? local_error(pes.local_error) : part(".in");
    return {Learning::outer, error, a, {}, {}, {}, -pes.rate * dt() / a.rows.count, 0};
  }
  Terms operator()(const Voja& voja) const {
    const Part b = filtered(".post_filtered", post(), voja.post_synapse);
    draft_.moved_encoders[to_.name].push_back(b);
    const Part x = voja.input == VojaInput::connection ? part(".x") : draft_.part(to_.name + ".x_in");
    return {Learning::voja, b, x, draft_.part(to_.name + ".scale"), part(".in"), {}, voja.rate * dt(), 0};
  }
  Terms operator()(const Bcm& bcm) const {
    const Part a = filtered(".pre_filtered", source(), bcm.pre_synapse);
    const Part b = filtered(".post_filtered", post(), bcm.post_synapse.value_or(bcm.pre_synapse));
    const Part theta = filtered(".theta", post(), bcm.theta_synapse);
    return {Learning::bcm, b, a, theta, {}, {}, bcm.rate * dt(), 0};
  }
  Terms operator()(const Oja& oja) const {
    const Part a = filtered(".pre_filtered", source(), oja.pre_synapse);
    const Part b = filtered(".post_filtered", post(), oja.post_synapse.value_or(oja.pre_synapse));
    return {Learning::oja, b, a, {}, {}, {}, oja.rate * dt(), oja.beta};
  }
  Terms operator()(const Rls& rls) const {
    const Part a = filtered(".pre_filtered", source(), rls.pre_synapse);
    const Index n = a.rows.count;
    std::vector<double> identity;
    if (!draft_.parameters.empty()) {
      identity.resize(std::size_t{n} * n);
      for (std::size_t i = 0; i < n; ++i) identity[i * n + i] = rls.rate * dt() / n;
    }
    const Part p = draft_.array(rule_ + ".inv_gamma", n, n, std::move(identity)), q = draft_.array(rule_ + ".q", n),
               gain = draft_.array(rule_ + ".gain", 1);
    draft_.add.product(of(), q, p, a, Mode::set);
    draft_.add.rls_gain(of(), gain, a, q);
    Terms own{Learning::outer, q, q, {}, {}, gain, -1, 0};
    if (draft_.has(rule_ + ".gate")) own.gate = part(".gate");
    draft_.add.learn_now(of(), p, own);
    return {Learning::outer, part(".in"), q, {}, {}, gain, -1, 0};
  }

 private:
  std::string of() const { return "learning rule " + rule_; }
  double dt() const { return draft_.network.dt; }
  Part part(const char* what) const { return draft_.part(rule_ + what); }
  Part post() const { return draft_.part(to_.name + ".activities"); }
  /// The activities at the source of the connection.
  Part source() const {
    const Part all = draft_.part(from_.name + ".activities");
    if (from_.kind != EndKind::neurons) return all;
    return draft_.chosen("connection " + name_, name_ + ".source", all, from_.index);
  }
  /// Activities through a rule's synapse, of this same step.
  Part filtered(const char* as, Part activities, const Synapse& synapse) const {
    const Part y = draft_.array(rule_ + as, activities.rows.count);
    draft_.filter("connection " + name_, y, activities, synapse, Mode::set);
    return y;
  }
  /// The error of each neuron that is a target: its encoder times the error.
  Part local_error(LocalError kind) const {
    Part encoders = draft_.part(to_.name + ".scaled_encoders"), scale = draft_.part(to_.name + ".scale");
    const bool full = is_full(draft_.network, c_);
    if (!full) {
      encoders = sliced(encoders, to_.index);
      scale = sliced(scale, to_.index);
    } else if (!to_.index.empty()) {
      encoders.cols = progression_of(to_.index);
    }
    const Part local = draft_.array(rule_ + ".local_error", encoders.rows.count);
    if (kind == LocalError::scaled_encoders) {
      draft_.add.product(of(), local, encoders, part(".in"), Mode::set);
      return local;
    }
    const Part scaled = draft_.array(rule_ + ".scaled_error", encoders.rows.count);
    draft_.add.product(of(), scaled, encoders, part(".in"), Mode::set);
    std::vector<double> inverse;
    for (const Parameters& one : draft_.parameters) {
      const std::vector<double>& of_all = one.values.at(to_.name + ".scale");
      for (Index i = 0; i < scale.rows.count; ++i)
        inverse.push_back(1 /
                          of_all[static_cast<std::size_t>(scale.rows.first + scale.rows.step * static_cast<int>(i))]);
    }
    const Part unscaled = draft_.array(rule_ + ".unscale", encoders.rows.count, 1, std::move(inverse));
    draft_.add.scale(of(), local, unscaled, scaled, Mode::set);
    return local;
  }

  Draft& draft_;
  const std::string& name_;
  std::string rule_;
  const Connection& c_;
  End from_, to_;
};

/// Whether any connection leads to a rule's gate.
bool gated(const Network& network, const std::string& name, std::size_t k) {
  return std::any_of(network.connections.begin(), network.connections.end(), [&](const auto& other) {
    return other.second.to == name + ".gate" + std::to_string(k) || (k == 0 && other.second.to == name + ".gate");
  });
}

bool probed(const Network& network, const std::string& name, std::size_t k, const std::string& attribute) {
  return std::any_of(network.probes.begin(), network.probes.end(), [&](const auto& probe) {
    const std::string& of = probe.second.of;
    return probe.second.attribute == attribute && (of == rule_name(name, k) || (k == 0 && of == name + ".rule"));
  });
}

}  // namespace

void declare_rules(Draft& draft, const std::string& name, const Connection& c) {
  for (std::size_t k = 0; k < c.learning.size(); ++k) {
    const std::string rule = rule_name(name, k), of = "learning rule " + rule;
    const auto* voja = std::get_if<Voja>(&c.learning[k].type);
    const auto begins_at = [&](const char* what, Index size, double value) {
      draft.add.fill(of, draft.array(rule + what, size), value);
    };
    if (const Index size = rule_size(draft.network, name, c, k)) begins_at(".in", size, voja ? 1 : 0);
    if (voja && voja->input == VojaInput::connection)
      begins_at(".x", find_named(draft.network.ensembles, c.to)->dimensions, 0);
    if (!voja && gated(draft.network, name, k)) begins_at(".gate", 1, 1);
  }
}

void learn(Draft& draft, const std::string& name, const Connection& c) {
  std::vector<Terms> terms;
  for (std::size_t k = 0; k < c.learning.size(); ++k) {
    const std::string rule = rule_name(name, k), of = "learning rule " + rule;
    const bool encoders = std::holds_alternative<Voja>(c.learning[k].type);
    Terms term = std::visit(TermOf(draft, name, c, k), c.learning[k].type);
    if (!encoders && draft.has(rule + ".gate")) term.gate = draft.part(rule + ".gate");
    const Part matrix = draft.part(encoders ? c.to + ".scaled_encoders" : name + ".weights");
    if (draft.network.keep_changes || probed(draft.network, name, k, "delta"))
      draft.add.change(of, draft.array(rule + ".delta", matrix.rows.count, matrix.cols.count), matrix, term);
    if (encoders)
      draft.add.learn(of, matrix, {term});
    else
      terms.push_back(term);
  }
  if (!terms.empty()) draft.add.learn("connection " + name + " learns", draft.part(name + ".weights"), terms);
}

}  // namespace engram::nef
