#include "engine/run/checkpoint.hpp"
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
  Leabra(const Seeds& seeds, const std::string& mode, const std::string& device, int threads)
      : Held(device, threads), mode(mode_named(mode)), net(backend(), seeds) {}
  void show(StateVisitor& visitor) override { net.visit(visitor); }
  py::array_t<real> matrix(std::vector<real>&& values, const std::string& projection) {
    const auto [pre, post] = net.projection_ends(projection);
    return array(std::move(values), {net.replicas(), net.size(post), net.size(pre)});
  }
  leabra::Mode mode;
  Net net;
};

/// A call of the network, locked, the interpreter being free.
template <class... A>
auto method(void (Net::*m)(A...)) {
  return [m](Leabra& l, std::decay_t<A>... a) { apart(l, [&] { (l.net.*m)(std::move(a)...); }); };
}

}  // namespace

void bind_leabra(py::module_& module) {
  py::class_<Leabra, Held>(module, "Leabra", py::module_local())
      .def(py::init<const Seeds&, const std::string&, const std::string&, int>())
      .def("new_layer",
           [](Leabra& l, const std::string& name, std::uint64_t size, const std::string& json) {
             const LayerSpec spec = read_spec(json, LayerSpec::of(l.mode));
             apart(l, [&] { l.net.new_layer(name, count(size, "size"), spec); });
           })
      .def("new_projection",
           [](Leabra& l, const std::string& name, const std::string& pre, const std::string& post,
              const std::string& json) {
             const ProjectionSpec spec = read_spec(json, ProjectionSpec::of(l.mode));
             apart(l, [&] { l.net.new_projection(name, pre, post, spec); });
           })
      .def("change_layer",
           [](Leabra& l, const std::string& name, const std::string& json) {
             apart(l, [&] { l.net.set_layer_spec(name, read_spec(json, l.net.layer_spec(name))); });
           })
      .def("change_projection",
           [](Leabra& l, const std::string& name, const std::string& json) {
             apart(l, [&] { l.net.set_projection_spec(name, read_spec(json, l.net.projection_spec(name))); });
           })
      .def("layer_spec",
           [](Leabra& l, const std::string& name) {
             return apart(l, [&] { return written_fields(l.net.layer_spec(name)).dump(); });
           })
      .def("projection_spec",
           [](Leabra& l, const std::string& name) {
             return apart(l, [&] { return written_fields(l.net.projection_spec(name)).dump(); });
           })
      .def("clamp_layer",
           [](Leabra& l, const std::string& name, const py::object& values, bool each) {
             const std::vector<double> all = doubles(values, "acts");
             if (all.empty()) throw ConfigError("acts", "found no activations, needed is at least one");
             for (const double a : all)
               if (!(a >= 0 && a <= 1)) throw ConfigError("acts", "found " + shown(a) + "; allowed is 0 to 1");
             apart(l, [&] { each ? l.net.clamp_each(name, all) : l.net.clamp_layer(name, all); });
           })
      .def("unclamp_layer", method(&Net::unclamp_layer))
      .def(
          "cycle",
          [](Leabra& l, std::uint64_t cycles) { in_pieces(l, cycles, [&](std::uint64_t now) { l.net.cycle(now); }); },
          py::arg("cycles") = 1)
      .def("minus_phase_cycle", method(&Net::minus_phase_cycle))
      .def("plus_phase_cycle", method(&Net::plus_phase_cycle))
      .def("phase_cycle", method(&Net::phase_cycle))
      .def("switch_projection", method(&Net::switch_projection))
      .def("set_test_mode", method(&Net::set_test_mode))
      .def("decay_state", method(&Net::decay_state))
      .def("learn", method(&Net::learn))
      .def("end_minus", method(&Net::end_minus))
      .def("end_plus", method(&Net::end_plus))
      .def("end_trial", method(&Net::end_trial))
      .def("end_epoch", method(&Net::end_epoch))
      .def("end_batch", method(&Net::end_batch))
      .def("pause_logging",
           [](Leabra& l, const std::optional<std::string>& freq) {
             apart(l, [&] { l.net.pause_logging(frequency_or_all(freq)); });
           })
      .def("resume_logging",
           [](Leabra& l, const std::optional<std::string>& freq) {
             apart(l, [&] { l.net.resume_logging(frequency_or_all(freq)); });
           })
      .def("observe",
           [](Leabra& l, const std::string& name, const std::string& attribute) {
             return columns(apart(l, [&] { return l.net.observe(name, attribute); }));
           })
      .def("logs",
           [](Leabra& l, const std::string& freq, const std::string& name) {
             const auto which = frequency_named(freq);
             const leabra::Logs logs = apart(l, [&] { return l.net.logs(which, name); });
             return std::pair(columns(logs.whole), columns(logs.parts));
           })
      .def("values",
           [](Leabra& l, const std::string& layer, const std::string& attribute) {
             std::vector<real> all = apart(l, [&] { return l.net.values(layer, attribute); });
             const std::size_t width = all.size() / l.net.replicas();
             return array(std::move(all), {l.net.replicas(), width});
           })
      .def("set_values",
           [](Leabra& l, const std::string& layer, const std::string& attribute, const py::object& values) {
             const std::vector<real> all = reals(values, "values");
             apart(l, [&] { l.net.set_values(layer, attribute, all); });
           })
      .def("weights",
           [](Leabra& l, const std::string& projection) {
             return l.matrix(apart(l, [&] { return l.net.weights(projection); }), projection);
           })
      .def("linear_weights",
           [](Leabra& l, const std::string& projection) {
             return l.matrix(apart(l, [&] { return l.net.linear_weights(projection); }), projection);
           })
      .def("connections",
           [](Leabra& l, const std::string& projection) {
             const std::vector<bool> found = apart(l, [&] { return l.net.connections(projection); });
             return l.matrix(std::vector<real>(found.begin(), found.end()), projection);
           })
      .def("set_weights",
           [](Leabra& l, const std::string& projection, const py::object& values) {
             const std::vector<real> all = reals(values, "weights");
             apart(l, [&] { l.net.set_weights(projection, all); });
           })
      .def("read_weights", method(&Net::read_weights))
      .def("write_weights", [](Leabra& l, const std::string& file,
                               Index replica) { apart(l, [&] { l.net.write_weights(file, replica); }); })
      .def("clamped",
           [](Leabra& l, const std::string& layer) { return apart(l, [&] { return l.net.clamped(layer); }); })
      .def("hidden", [](Leabra& l, const std::string& layer) { return apart(l, [&] { return l.net.hidden(layer); }); })
      .def_property_readonly("layers", [](Leabra& l) { return apart(l, [&] { return l.net.layers(); }); })
      .def_property_readonly("projections", [](Leabra& l) { return apart(l, [&] { return l.net.projections(); }); })
      .def("ends",
           [](Leabra& l, const std::string& projection) {
             return apart(l, [&] { return l.net.projection_ends(projection); });
           })
      .def("size", [](Leabra& l, const std::string& layer) { return apart(l, [&] { return l.net.size(layer); }); })
      .def_property_readonly("replicas", [](Leabra& l) { return l.net.replicas(); })
      .def_property_readonly("cycles_done", [](Leabra& l) { return l.net.cycles_done(); });
}

}  // namespace engram::python
