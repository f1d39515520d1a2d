// The weight matrices of an assembly network: by name, in states, and how much memory they take.
#include <algorithm>

#include "engine/models/assembly/projection.hpp"
#include "engram/run/task.hpp"

namespace engram::assembly {

namespace {

/// Of the area or stimulus of a name.
Index units_of(const std::string& name, const Spec& spec, const std::vector<AreaSpec>& areas) {
  for (const AreaSpec& a : areas)
    if (a.name == name) return a.n;
  for (const StimulusSpec& s : spec.stimuli)
    if (s.name == name) return s.n;
  return 0;
}

}  // namespace

std::string matrix_prefix(const Spec& spec, std::size_t stage, const std::string& area) {
  std::string prefix = spec.stages.size() > 1 ? std::to_string(stage) + "." : "";
  if (spec.stages[stage].size() > 1) prefix += area + ".";
  return prefix;
}

std::vector<std::string> Assembly::matrix_names() const {
  std::vector<std::string> names;
  for (const Wiring& wiring : wiring_) {
    for (const auto& input : wiring.inputs) names.push_back(input->name);
    names.push_back(wiring.recurrent->name);
  }
  return names;
}

Assembly::Projection& Assembly::projection(const std::string& name) const {
  std::string known;
  for (const Wiring& wiring : wiring_) {
    for (const auto& input : wiring.inputs)
      if (input->name == name) return *input;
    if (wiring.recurrent->name == name) return *wiring.recurrent;
  }
  for (const std::string& n : matrix_names()) known += (known.empty() ? "" : ", ") + n;
  throw Error("no matrix is called \"" + name + "\"; there are " + known);
}

std::vector<real> Assembly::matrix(const std::string& name) const { return projection(name).matrix(); }
void Assembly::set_matrix(const std::string& name, std::span<const real> weights) {
  projection(name).set_matrix(weights);
}
std::pair<Index, Index> Assembly::matrix_shape(const std::string& name) const {
  return {projection(name).n_post, projection(name).n_pre};
}

Assembly::Weighed Assembly::weigh(const std::string& name, std::size_t bins) const {
  return projection(name).weigh(bins);
}

std::vector<double> Assembly::memory_used(const std::string& name) const {
  const auto [post, pre] = matrix_shape(name);
  std::vector<double> used;
  for (const std::uint64_t synapses : weigh(name, 0).synapses)
    used.push_back(static_cast<double>(synapses) / (static_cast<double>(post) * static_cast<double>(pre)));
  return used;
}

std::vector<Place> Assembly::places() {
  std::vector<Place> all;
  for (const std::string& name : matrix_names()) {
    Projection& p = projection(name);
    if (p.sparse) {
      const auto& rows = std::get<Outgoing>(p.storage);
      all.push_back({name, rows.view().weight, {rows.synapses()}, {1}});
    } else {
      const DenseView w = std::get<Dense>(p.storage).view();
      all.push_back({name, w.weight, {p.replicas, p.n_post, p.n_pre}, {w.planes * w.plane_stride(), 1, w.pitch}});
    }
    if (p.scaled) all.push_back({name + ".scale", p.scale.view().data, {p.replicas, p.n_post}, {p.n_post, 1}});
  }
  return all;
}

void Assembly::written() {
  for (const std::string& name : matrix_names()) projection(name).recount();
}

void Assembly::visit(StateVisitor& visitor) {
  const auto one = [&](Projection& p) {
    const std::size_t units[] = {p.replicas, p.n_post};
    // Where the synapses of a sparse one are follows from the seed and the specification.
    if (p.sparse) {
      auto& rows = std::get<Outgoing>(p.storage);
      const std::size_t synapses[] = {rows.synapses()};
      visitor.array(p.name, synapses, rows.weights());
    } else {
      const std::size_t shape[] = {p.replicas, p.n_post, p.n_pre};
      visitor.array(p.name, shape, p.dense_state());
    }
    if (p.scaled) {
      visitor.array(p.name + ".scale", units, p.scale);
      visitor.array(p.name + ".sum", units, p.sum);
    }
  };
  for (const Wiring& wiring : wiring_) {
    for (const auto& input : wiring.inputs) one(*input);
    one(*wiring.recurrent);
  }
}

std::vector<Assembly::Matrix> Assembly::matrices(const Spec& spec) {
  const std::vector<AreaSpec> areas = checked_areas(spec);
  std::vector<Matrix> all;
  std::size_t flat = 0;
  for (std::size_t stage = 0; stage < spec.stages.size(); ++stage)
    for (std::size_t i = 0; i < spec.stages[stage].size(); ++i, ++flat) {
      const AreaSpec& a = areas[flat];
      const std::string prefix = matrix_prefix(spec, stage, a.name);
      for (std::size_t l = 0; l < a.inputs.size(); ++l)
        all.push_back({prefix + "weight_input" + std::to_string(l), a.name, a.n, units_of(a.inputs[l], spec, areas),
                       a.storage == "sparse", a.scaled()});
      all.push_back({prefix + "weight_recurrent", a.name, a.n, a.n, a.storage == "sparse", a.scaled()});
    }
  return all;
}

std::size_t Assembly::memory(const Spec& spec, std::size_t replicas) {
  const std::vector<AreaSpec> areas = checked_areas(spec);
  std::size_t total = 0, on_host = 0;
  const auto add = [&](std::size_t bytes) {
    if (__builtin_add_overflow(total, bytes, &total)) throw MemoryError("the sizes of this network overflow");
  };
  const auto add_projection = [&](const AreaSpec& a, Index n_pre) {
    const std::size_t bytes = Projection::memory(a, n_pre, replicas);
    add(bytes);
    // While it is drawn, or saved: the list of its synapses, or the matrix in the order of the file. The weights of a
    // sparse one are on the host three times over then.
    const double listed = static_cast<double>(n_pre) * a.n * a.p_synapse * static_cast<double>(replicas);
    on_host =
        std::max(on_host, a.storage == "sparse"
                              ? checked_product(bytes, 3 * sizeof(real)) / (sizeof(real) + sizeof(Index))
                              : std::max(bytes, static_cast<std::size_t>(listed) * (sizeof(real) + sizeof(Index))));
  };
  for (const AreaSpec& a : areas) {
    for (const std::string& input : a.inputs) add_projection(a, units_of(input, spec, areas));
    add_projection(a, a.n);
    add(checked_product(replicas, a.n * sizeof(real) + 2 * (a.k + 1) * sizeof(Index)));
    if (a.scaled()) add(checked_product(replicas * (a.inputs.size() + 1), a.n * (sizeof(real) + sizeof(fixed))));
  }
  add(on_host);
  return total;
}

}  // namespace engram::assembly
