#include <algorithm>

#include "engine/models/nef/build/draft.hpp"

namespace engram::nef {

namespace {

/// What a connection reads.
std::string input_of(const Draft& draft, const Connection& c, std::vector<Index>& index) {
  const End from = find_end(draft.network, c.from, c.from_index, "");
  if (from.kind == EndKind::node) {
    index = from.index;
    return output_of_node(draft, from.name);
  }
  const Ensemble* e = find_named(draft.network.ensembles, from.name);
  return from.name + (e && is_direct(*e) ? ".x_in" : ".activities");
}

/// Name of the array that a probe of an object, but for a connection, looks at.
std::string array_of(const Draft& draft, const End& end, const std::string& a) {
  const std::string rule = end.name + ".rule" + std::to_string(end.rule);
  switch (end.kind) {
    case EndKind::node:
      return a.empty() || a == "output" ? output_of_node(draft, end.name) : end.name + "." + a;
    case EndKind::ensemble:
      return end.name + (a == "input" ? ".x_in" : "." + a);
    case EndKind::neurons:
      if (a == "input") return end.name + ".J";
      return end.name + (a.empty() || a == "output" || a == "spikes" ? ".activities" : "." + a);
    default:
      break;
  }
  if (a == "scaled_encoders") return find_named(draft.network.connections, end.name)->to + ".scaled_encoders";
  if (a == "weights") return end.name + ".weights";
  if (a == "error") return rule + ".in";
  if (a == "activities") return rule + ".pre_filtered";
  return rule + "." + (a.empty() ? "in" : a);
}

Part looked_at(Draft& draft, const std::string& name, const Probe& p, const End& end) {
  const std::string& a = p.attribute;
  std::string found;
  std::vector<Index> index;
  if (end.kind == EndKind::connection) {
    const auto output = draft.outputs.find(end.name);
    if ((a.empty() || a == "output") && output != draft.outputs.end()) return output->second;
    found = a == "input" ? input_of(draft, *find_named(draft.network.connections, end.name), index)
                         : end.name + "." + (a.empty() ? "output" : a);
  } else {
    found = array_of(draft, end, a);
  }
  if (!draft.has(found))
    throw ConfigError("probes/" + name + "/attribute", "\"" + p.of + "\" has no \"" + a + "\" to record");
  return sliced(draft.part(found), index);
}

Part decoded(Draft& draft, const std::string& name, const Probe& p, const End& end) {
  const Ensemble& e = *find_named(draft.network.ensembles, p.of);
  const std::string of = "probe " + name;
  if (is_direct(e)) {
    const Part x = draft.chosen(of, name + ".source", draft.part(p.of + ".x_in"), end.index);
    if (p.function == TargetFunction::none || p.function == TargetFunction::zero) return x;
    const Part y = draft.array(name + ".function", size_of(p.function, end.count()));
    draft.add.map(of, y, x, operation_of(p.function));
    return y;
  }
  const Index rows = p.decoders.empty() ? size_of(p.function, end.count()) : static_cast<Index>(p.decoders.size());
  const Part y = draft.array(name + ".weighted", rows);
  draft.add.product(of, y, draft.drawn(name + ".decoders", rows, e.neurons), draft.part(p.of + ".activities"),
                    Mode::set);
  return y;
}

}  // namespace

void emit(Draft& draft, const std::string& name, const Probe& p) {
  const std::string of = "probe " + name;
  const End end = find_end(draft.network, p.of, p.index, "probes/" + name + "/index");
  const bool decodes = end.kind == EndKind::ensemble && (p.attribute.empty() || p.attribute == "decoded_output");
  Part x = decodes ? decoded(draft, name, p, end) : looked_at(draft, name, p, end);
  if (!decodes && !p.index.empty()) x = sliced(x, end.index);
  bool complete_at_the_end = true;
  if (!passes(p.synapse)) {
    if (x.cols.count != 1) throw ConfigError("probes/" + name + "/synapse", "a matrix is recorded as it is");
    const Part y = draft.array(name + ".filtered", x.rows.count);
    draft.filter(of, y, x, p.synapse, Mode::update);
    x = y;
    complete_at_the_end = false;
  }
  BuiltProbe probe;
  probe.name = name;
  probe.shape = x.cols.count == 1 ? std::vector<Index>{x.rows.count} : std::vector<Index>{x.rows.count, x.cols.count};
  probe.period = p.sample_every > 0 ? p.sample_every / draft.network.dt : 1;
  const std::size_t bytes = std::max<std::size_t>(probe.values() * sizeof(real), 1);
  probe.kept_rows = static_cast<Index>(std::clamp<std::size_t>(draft.probe_bytes / bytes, 1, 1000));
  probe.kept = draft.add.record(of, x, probe.kept_rows, probe.period, draft.replicas, complete_at_the_end);
  draft.built.probes.push_back(std::move(probe));
}

}  // namespace engram::nef
