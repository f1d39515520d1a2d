#include <map>
#include <utility>

#include "engram/leabra/net.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/write_fields.hpp"
#include "python/bind/held.hpp"

namespace engram::python {

namespace {

using leabra::LayerSpec;
using leabra::Net;
using leabra::ProjectionSpec;

/// A specification over the defaults of a mode, or over what it was.
template <class Spec>
Spec read_spec(const std::string& json, Spec spec) {
  const ConfigReader reader = parameters(json);
  read_fields(reader, spec);
  reader.finish();
  return spec;
}

leabra::Mode mode_named(const std::string& name) {
  if (name == "compatible") return leabra::Mode::compatible;
  if (name == "standard") return leabra::Mode::standard;
  throw ConfigError("mode", "found \"" + name + "\"; allowed are \"compatible\", \"standard\"");
}

leabra::Frequency frequency_named(const std::string& name) {
  const std::vector<std::string> known = split_choices(leabra::frequency_names);
  for (std::size_t f = 0; f < known.size(); ++f)
    if (known[f] == name) return static_cast<leabra::Frequency>(f);
  throw ConfigError("freq", "found \"" + name + "\"; allowed are " + listed(known));
}
std::optional<leabra::Frequency> frequency_or_all(const std::optional<std::string>& name) {
  return name ? std::optional(frequency_named(*name)) : std::nullopt;
}

py::dict columns(const leabra::Table& table) {
  py::dict all;
  const std::size_t width = table.names.size();
  for (std::size_t c = 0; c < width; ++c) {
    std::vector<double> column(table.rows());
    for (std::size_t r = 0; r < column.size(); ++r) column[r] = table.values[r * width + c];
    all[py::str(table.names[c])] = array(std::move(column));
  }
  return all;
}

class Leabra final : public Held {
 public:
  Leabra(const Arg<"seeds", Seeds>& seeds, const Arg<"mode", std::string>& mode,
         const Arg<"backend", std::string>& device, const Arg<"threads", int>& threads)
      : Held(device, threads), mode(mode_named(mode)), net(backend(), *seeds) {}
  void show(StateVisitor& visitor) override { net.visit(visitor); }
  std::vector<Place> lend(bool write) override {
    if (write)
      for (const std::string& name : net.projections()) before[name] = net.stored_linear_weights(name);
    return net.places();
  }
  void written() override {
    for (const auto& [name, weights] : std::exchange(before, {})) net.linear_weights_written(name, weights);
  }
  leabra::Mode mode;
  Net net;
  std::map<std::string, std::vector<real>> before;  ///< linear weights, while they are lent to be written
};

/// A call of the network, locked, the interpreter being free.
template <Word... names, class... A>
auto method(void (Net::*m)(A...)) {
  return [m](Leabra& l, const Arg<names, std::decay_t<A>>&... a) { apart(l, [&] { (l.net.*m)(a.value...); }); };
}
/// A matrix of a projection, [replica][receiver][sender].
template <class F>
py::array_t<real> matrix(Leabra& l, const std::string& projection, F&& values) {
  auto [all, shape] = apart(l, [&] {
    const auto [pre, post] = l.net.projection_ends(projection);
    return std::pair(values(), std::vector<std::size_t>{l.net.replicas(), l.net.size(post), l.net.size(pre)});
  });
  return array(std::move(all), shape);
}

}  // namespace

void bind_leabra(py::module_& module) {
  py::class_<Leabra, Held>(module, "Leabra", py::module_local(), whole())
      .def(py::init<const Arg<"seeds", Seeds>&, const Arg<"mode", std::string>&, const Arg<"backend", std::string>&,
                    const Arg<"threads", int>&>())
      .def("new_layer",
           [](Leabra& l, const Arg<"name", std::string>& name, const Arg<"size", std::uint64_t>& size,
              const Arg<"spec", std::string>& json) {
             l.need_unmoved("new_layer()");
             const LayerSpec spec = read_spec(json, LayerSpec::of(l.mode));
             apart(l, [&] { l.net.new_layer(name, count(size, "size"), spec); });
           })
      .def("new_projection",
           [](Leabra& l, const Arg<"name", std::string>& name, const Arg<"pre", std::string>& pre,
              const Arg<"post", std::string>& post, const Arg<"spec", std::string>& json) {
             l.need_unmoved("new_projection()");
             const ProjectionSpec spec = read_spec(json, ProjectionSpec::of(l.mode));
             apart(l, [&] { l.net.new_projection(name, pre, post, spec); });
           })
      .def("change_layer",
           [](Leabra& l, const Arg<"name", std::string>& name, const Arg<"spec", std::string>& json) {
             apart(l, [&] { l.net.set_layer_spec(name, read_spec(json, l.net.layer_spec(name))); });
           })
      .def("change_projection",
           [](Leabra& l, const Arg<"name", std::string>& name, const Arg<"spec", std::string>& json) {
             apart(l, [&] { l.net.set_projection_spec(name, read_spec(json, l.net.projection_spec(name))); });
           })
      .def("layer_spec",
           [](Leabra& l, const Arg<"name", std::string>& name) {
             return apart(l, [&] { return written_fields(l.net.layer_spec(name)).dump(); });
           })
      .def("projection_spec",
           [](Leabra& l, const Arg<"name", std::string>& name) {
             return apart(l, [&] { return written_fields(l.net.projection_spec(name)).dump(); });
           })
      .def("clamp_layer",
           [](Leabra& l, const Arg<"layer", std::string>& name, const py::object& values,
              const Arg<"each", bool>& each) {
             const std::vector<double> all = doubles(values, "acts");
             if (all.empty()) throw ConfigError("acts", "found no activations, needed is at least one");
             for (const double a : all)
               if (!(a >= 0 && a <= 1)) throw ConfigError("acts", "found " + shown(a) + "; allowed is 0 to 1");
             apart(l, [&] { *each ? l.net.clamp_each(name, all) : l.net.clamp_layer(name, all); });
           })
      .def("unclamp_layer", method<"layer">(&Net::unclamp_layer))
      .def("cycle",
           [](Leabra& l, const Arg<"cycles", std::uint64_t>& cycles) {
             in_pieces(l, *cycles, [&](std::uint64_t now) { l.net.cycle(now); });
           })
      .def("minus_phase_cycle", method<"cycles">(&Net::minus_phase_cycle))
      .def("plus_phase_cycle", method<"cycles">(&Net::plus_phase_cycle))
      .def("phase_cycle", method<"name", "cycles">(&Net::phase_cycle))
      .def("switch_projection", method<"projection", "on">(&Net::switch_projection))
      .def("set_test_mode", method<"on">(&Net::set_test_mode))
      .def("decay_state", method<"share">(&Net::decay_state))
      .def("learn", method(&Net::learn))
      .def("end_minus", method(&Net::end_minus))
      .def("end_plus", method(&Net::end_plus))
      .def("end_trial", method(&Net::end_trial))
      .def("end_epoch", method(&Net::end_epoch))
      .def("report_loss",
           [](Leabra& l, const Arg<"loss", std::vector<double>>& loss) { apart(l, [&] { l.net.report_loss(*loss); }); })
      .def("end_batch", method(&Net::end_batch))
      .def("pause_logging",
           [](Leabra& l, const Arg<"freq", std::optional<std::string>>& freq) {
             apart(l, [&] { l.net.pause_logging(frequency_or_all(freq)); });
           })
      .def("resume_logging",
           [](Leabra& l, const Arg<"freq", std::optional<std::string>>& freq) {
             apart(l, [&] { l.net.resume_logging(frequency_or_all(freq)); });
           })
      .def("observe",
           [](Leabra& l, const Arg<"name", std::string>& name, const Arg<"attribute", std::string>& attribute) {
             return columns(apart(l, [&] { return l.net.observe(name, attribute); }));
           })
      .def("logs",
           [](Leabra& l, const Arg<"freq", std::string>& freq, const Arg<"name", std::string>& name) {
             const auto which = frequency_named(freq);
             const leabra::Logs logs = apart(l, [&] { return l.net.logs(which, name); });
             return std::pair(columns(logs.whole), columns(logs.parts));
           })
      .def("values",
           [](Leabra& l, const Arg<"layer", std::string>& layer, const Arg<"attribute", std::string>& attribute) {
             std::vector<real> all = apart(l, [&] { return l.net.values(layer, attribute); });
             const std::size_t width = all.size() / l.net.replicas();
             return array(std::move(all), {l.net.replicas(), width});
           })
      .def("set_values",
           [](Leabra& l, const Arg<"layer", std::string>& layer, const Arg<"attribute", std::string>& attribute,
              const py::object& values) {
             const std::vector<real> all = reals(values, "values");
             apart(l, [&] { l.net.set_values(layer, attribute, all); });
           })
      .def("weights",
           [](Leabra& l, const Arg<"projection", std::string>& projection) {
             return matrix(l, projection, [&] { return l.net.weights(projection); });
           })
      .def("linear_weights",
           [](Leabra& l, const Arg<"projection", std::string>& projection) {
             return matrix(l, projection, [&] { return l.net.linear_weights(projection); });
           })
      .def("connections",
           [](Leabra& l, const Arg<"projection", std::string>& projection) {
             return matrix(l, projection, [&] {
               const std::vector<bool> found = l.net.connections(projection);
               return std::vector<real>(found.begin(), found.end());
             });
           })
      .def("set_weights",
           [](Leabra& l, const Arg<"projection", std::string>& projection, const py::object& values) {
             const std::vector<real> all = reals(values, "weights");
             apart(l, [&] { l.net.set_weights(projection, all); });
           })
      .def("read_weights", method<"file">(&Net::read_weights))
      .def("write_weights",
           [](Leabra& l, const Arg<"file", std::string>& file, const Arg<"replica", Index>& replica) {
             apart(l, [&] { l.net.write_weights(file, replica); });
           })
      .def("clamped",
           [](Leabra& l, const Arg<"layer", std::string>& layer) {
             return apart(l, [&] { return l.net.clamped(layer); });
           })
      .def("hidden",
           [](Leabra& l, const Arg<"layer", std::string>& layer) {
             return apart(l, [&] { return l.net.hidden(layer); });
           })
      .def_property_readonly("layers", [](Leabra& l) { return apart(l, [&] { return l.net.layers(); }); })
      .def_property_readonly("projections", [](Leabra& l) { return apart(l, [&] { return l.net.projections(); }); })
      .def("ends",
           [](Leabra& l, const Arg<"projection", std::string>& projection) {
             return apart(l, [&] { return l.net.projection_ends(projection); });
           })
      .def("size", [](Leabra& l,
                      const Arg<"layer", std::string>& layer) { return apart(l, [&] { return l.net.size(layer); }); })
      .def_property_readonly("replicas", [](Leabra& l) { return l.net.replicas(); })
      .def_property_readonly("cycles_done", [](Leabra& l) { return l.net.cycles_done(); });
}

}  // namespace engram::python
