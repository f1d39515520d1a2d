#include "engine/models/assembly/config.hpp"
#include "engram/run/read_fields.hpp"
#include "python/bind/held.hpp"

namespace engram::python {

namespace {

using assembly::Winners;
using Units = std::vector<std::vector<Index>>;
using Samples = Arg<"samples", std::vector<assembly::Sample>>;

/// {"model": ..., "protocol": [...]}: the reader of experiments checks the whole.
assembly::Spec read_spec(const std::string& json) {
  ConfigReader experiment = parameters(json);
  assembly::Config config = assembly::read_config(experiment);
  experiment.finish();
  return std::move(config.spec);
}

class Assembly final : public Held {
 public:
  Assembly(const Arg<"parameters", std::string>& json, const Arg<"seeds", Seeds>& seeds,
           const Arg<"backend", std::string>& device, const Arg<"threads", int>& threads)
      : Held(device, threads) {
    const assembly::Spec spec = read_spec(json);
    if (seeds->empty()) throw ConfigError("seeds", "found no seed, needed is at least one");
    net = built(*this, [&] { return std::make_unique<assembly::Assembly>(backend(), spec, *seeds); });
    state = std::make_unique<assembly::State>(*net);
  }
  void show(StateVisitor& visitor) override {
    net->visit(visitor);
    state->visit(visitor);
  }
  std::vector<Place> lend(bool) override { return net->places(); }
  void written() override { net->written(); }
  std::unique_ptr<assembly::Assembly> net;
  std::unique_ptr<assembly::State> state;
};

/// Keeps the metrics of a simulation, column by column.
class Rows : public Recorder {
 public:
  std::vector<std::uint64_t> time, replica;
  std::vector<double> value;
  py::list layer, attribute;
  bool wants(std::string_view name) const override { return name != "winners" && name != "weight_histogram"; }
  void metric(Tick t, Index r, std::string_view l, std::string_view a, double v, std::int64_t) override {
    rows_.push_back({t, r, v, std::string(l), std::string(a)});
  }
  void append(std::string_view, std::span<const std::uint64_t>, std::size_t) override {}
  void append(std::string_view, std::span<const std::uint32_t>, std::size_t) override {}
  void append(std::string_view, std::span<const double>, std::size_t) override {}
  void append(std::string_view, std::span<const float>, std::size_t) override {}

  py::dict columns() {
    for (const Row& row : rows_) {
      time.push_back(row.time);
      replica.push_back(row.replica);
      value.push_back(row.value);
      layer.append(row.layer);
      attribute.append(row.attribute);
    }
    using namespace py::literals;
    return py::dict("time"_a = array(std::move(time)), "replica"_a = array(std::move(replica)), "layer"_a = layer,
                    "attribute"_a = attribute, "value"_a = array(std::move(value)));
  }

 private:
  struct Row {
    Tick time;
    Index replica;
    double value;
    std::string layer, attribute;
  };
  std::vector<Row> rows_;
};

py::list lists(const Units& all) {
  py::list out;
  for (const auto& one : all) out.append(array(std::vector<Index>(one)));
  return out;
}

/// Vectors [replica][unit], or one for all; ones and zeros are who fires, other numbers are values.
void present(Assembly& a, const Arg<"inputs", std::string>& name, const py::object& given) {
  const std::string& stimulus = *name;
  const Index n = a.net->spec().stimuli[a.net->stimulus_index(stimulus)].n;
  const std::size_t batches = a.state->batches();
  std::vector<real> values = reals(given, stimulus, {n, n * batches});
  if (std::all_of(values.begin(), values.end(), [](real x) { return x == real(0) || x == real(1); })) {
    Winners active(values.size() / n);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (values[i] == real(1)) active[i / n].push_back(static_cast<Index>(i % n));
    apart(a, [&] { a.state->present(stimulus, active); });
  } else {
    while (values.size() < n * batches) values.push_back(values[values.size() - n]);
    apart(a, [&] { a.state->present_values(stimulus, values); });
  }
}

py::dict simulate(Assembly& a, const Samples& samples, const Arg<"epoch_size", int>& epoch_size,
                  const Arg<"similarity_divisor", double>& divisor, const Arg<"recall", bool>& recall,
                  const Arg<"weights", bool>& weights, const Arg<"learn", bool>& learn) {
  if (*epoch_size < 1)
    throw ConfigError("epoch_size", "found " + std::to_string(*epoch_size) + "; needed is 1 at least");
  Rows rows;
  assembly::Simulator simulator(
      *a.net,
      {.epoch_size = epoch_size, .similarity_divisor = divisor, .recall = recall, .weights = weights, .learn = learn},
      &rows);
  simulator.begin(samples);
  bool goes_on = true;
  in_pieces(a, samples->size() * static_cast<std::uint64_t>(*epoch_size), [&](std::uint64_t now) {
    for (; now > 0 && goes_on; --now) goes_on = simulator.tick();
  });
  return rows.columns();
}

}  // namespace

void bind_assembly(py::module_& module) {
  py::class_<Assembly, Held>(module, "Assembly", py::module_local(), whole())
      .def(py::init<const Arg<"parameters", std::string>&, const Arg<"seeds", Seeds>&,
                    const Arg<"backend", std::string>&, const Arg<"threads", int>&>())
      .def_property_readonly("replicas", [](const Assembly& a) { return a.net->replicas(); })
      .def_property_readonly("areas",
                             [](const Assembly& a) {
                               std::vector<std::string> names;
                               for (const auto& area : a.net->areas()) names.push_back(area.name);
                               return names;
                             })
      .def("present", &present)
      .def("absent", [](Assembly& a, const std::string& stimulus) { apart(a, [&] { a.state->absent(stimulus); }); })
      .def("all_absent", [](Assembly& a) { apart(a, [&] { a.state->all_absent(); }); })
      .def("set_latents",
           [](Assembly& a, const Arg<"latent", std::map<std::string, Units>>& all) {
             apart(a, [&] { a.state->set_latents(all); });
           })
      .def("step",
           [](Assembly& a, const Arg<"learn", bool>& learn, const Arg<"steps", std::uint64_t>& steps) {
             in_pieces(a, *steps, [&](std::uint64_t now) {
               for (; now > 0; --now) a.net->step(*a.state, learn);
             });
           })
      .def("active",
           [](Assembly& a, const Arg<"area", std::string>& area) {
             return apart(a, [&] { return a.state->active(area); });
           })
      .def("winners",
           [](Assembly& a, const Arg<"area", std::string>& area) {
             return lists(apart(a, [&] { return a.state->winners(area); }));
           })
      .def("drive",
           [](Assembly& a, const Arg<"area", std::string>& area) {
             std::vector<real> all = apart(a, [&] { return a.state->drive(area); });
             const std::size_t batches = a.state->batches(), n = all.size() / batches;
             return array(std::move(all), {batches, n});
           })
      .def("complete_pattern",
           [](Assembly& a, const Arg<"area", std::string>& area, const Arg<"latent", Units>& latent,
              const Arg<"rounds", int>& rounds, const Arg<"apply_alpha", bool>& alpha) {
             return lists(apart(a, [&] { return a.net->complete_pattern(area, latent, rounds, alpha); }));
           })
      .def("normalize", [](Assembly& a) { apart(a, [&] { a.net->normalize(); }); })
      .def("matrix_names", [](const Assembly& a) { return a.net->matrix_names(); })
      .def("matrix",
           [](Assembly& a, const Arg<"name", std::string>& name) {
             const auto [post, pre] = a.net->matrix_shape(name);
             return array(apart(a, [&] { return a.net->matrix(name); }), {a.net->replicas(), post, pre});
           })
      .def("set_matrix",
           [](Assembly& a, const Arg<"name", std::string>& name, const py::object& values) {
             const auto [post, pre] = a.net->matrix_shape(name);
             const std::size_t one = std::size_t{post} * pre, all = one * a.net->replicas();
             std::vector<real> weights = reals(values, *name, {all, one});
             while (weights.size() < all) weights.push_back(weights[weights.size() - one]);
             a.need_unmoved("set_matrix()");
             apart(a, [&] { a.net->set_matrix(name, weights); });
           })
      .def("memory_used",
           [](Assembly& a, const Arg<"name", std::string>& name) {
             return array(apart(a, [&] { return a.net->memory_used(name); }));
           })
      .def("simulate", &simulate)
      .def("recall",
           [](Assembly& a, const Samples& samples) {
             const auto all = apart(a, [&] { return assembly::Simulator(*a.net, {.recall = false}).recall(samples); });
             py::list out;
             for (const auto& areas : all) {
               py::list of_sample;
               for (const Winners& winners : areas) of_sample.append(lists(winners));
               out.append(of_sample);
             }
             return out;
           })
      .def("benchmark",
           [](Assembly& a, const Samples& samples, const Arg<"similarity_divisor", double>& divisor) {
             auto found = apart(a, [&] {
               return assembly::Simulator(*a.net, {.similarity_divisor = divisor}).associate_benchmark(samples);
             });
             return std::pair(array(std::move(found.parents)), array(std::move(found.together)));
           })
      .def("dot", [](const Assembly& a) { return assembly::dot(a.net->spec()); });
}

}  // namespace engram::python
