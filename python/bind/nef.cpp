#include <map>

#include "engram/nef/simulator.hpp"
#include "engram/run/read_fields.hpp"
#include "python/bind/held.hpp"

namespace engram::python {

namespace {

nef::Network read_network(const std::string& json) {
  const ConfigReader reader = parameters(json);
  nef::Network network;
  read_fields(reader, network);
  reader.finish();
  return network;
}

class Nef final : public Held {
 public:
  Nef(const std::string& json, const Seeds& seeds, const std::string& device, int threads) : Held(device, threads) {
    const nef::Network network = read_network(json);
    simulator = built(*this, [&] { return std::make_unique<nef::Simulator>(backend(), network, seeds); });
  }
  void show(StateVisitor& visitor) override {
    simulator->visit(visitor);
    visitor.json(
        "steps", [this] { return nlohmann::json(steps); },
        [this](const nlohmann::json& j) {
          steps = j.get<Tick>();
          samples.clear();
        });
  }

  std::unique_ptr<nef::Simulator> simulator;
  Tick steps = 0;
  std::map<std::string, std::vector<std::vector<real>>>
      samples;  ///< [probe][replica], what was recorded since it was cleared
};

py::array_t<real> data(Nef& n, const std::string& probe) {
  const InUse in_use(n);
  const std::vector<Index> of_sample = n.simulator->probe_shape(probe);
  std::size_t width = 1;
  for (const Index extent : of_sample) width *= extent;
  const std::size_t replicas = n.simulator->replicas();
  auto& recorded = n.samples[probe];
  recorded.resize(replicas);
  std::vector<std::size_t> shape{replicas, recorded[0].size() / std::max<std::size_t>(width, 1)};
  shape.insert(shape.end(), of_sample.begin(), of_sample.end());
  std::vector<real> all;
  for (const auto& one : recorded) all.insert(all.end(), one.begin(), one.end());
  return array(std::move(all), shape);
}

}  // namespace

void bind_nef(py::module_& module) {
  py::class_<Nef, Held>(module, "Nef", py::module_local())
      .def(py::init<const std::string&, const Seeds&, const std::string&, int>())
      .def_property_readonly("steps", [](const Nef& n) { return n.steps; })
      .def_property_readonly("dt", [](const Nef& n) { return n.simulator->dt(); })
      .def_property_readonly("replicas", [](const Nef& n) { return n.simulator->replicas(); })
      .def_property_readonly("probes", [](const Nef& n) { return n.simulator->probes(); })
      .def("run",
           [](Nef& n, std::uint64_t steps) {
             in_pieces(n, steps, [&](std::uint64_t now) {
               n.simulator->run(n.steps, now,
                                [&](const std::string& probe, Tick, Index replica, std::span<const real> sample) {
                                  auto& of = n.samples[probe];
                                  if (of.size() <= replica) of.resize(replica + 1);
                                  of[replica].insert(of[replica].end(), sample.begin(), sample.end());
                                });
               n.steps += now;
             });
           })
      .def("data", &data)
      .def("clear_probes",
           [](Nef& n) {
             const InUse in_use(n);
             n.samples.clear();
           })
      .def("values",
           [](Nef& n, const std::string& name, Index replica) {
             if (replica >= n.simulator->replicas())
               throw ConfigError("replica", "there are " + std::to_string(n.simulator->replicas()));
             const auto& schedule = n.simulator->schedule();
             const auto& info = schedule.array(schedule.find(name));
             const std::vector<std::size_t> shape =
                 info.cols == 1 ? std::vector<std::size_t>{info.rows} : std::vector<std::size_t>{info.rows, info.cols};
             return array(apart(n, [&] { return n.simulator->values(name, replica); }), shape);
           })
      .def("arrays",
           [](Nef& n) {
             std::vector<std::string> names;
             for (ArrayId id = 0; id < n.simulator->schedule().arrays(); ++id)
               if (!n.simulator->schedule().array(id).integer) names.push_back(n.simulator->schedule().array(id).name);
             return names;
           })
      .def("reset", [](Nef& n) {
        apart(n, [&] { n.simulator->reset(); });
        n.samples.clear();
        n.steps = 0;
      });
}

}  // namespace engram::python
