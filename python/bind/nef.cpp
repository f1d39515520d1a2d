#include <map>

#include "engram/nef/simulator.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/state_reader.hpp"
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
  Nef(const Arg<"network", std::string>& json, const Arg<"seeds", Seeds>& seeds,
      const Arg<"backend", std::string>& device, const Arg<"threads", int>& threads)
      : Held(device, threads) {
    const nef::Network network = read_network(json);
    simulator = built(*this, [&] { return std::make_unique<nef::Simulator>(backend(), network, *seeds); });
  }
  void show(StateVisitor& visitor) override {
    simulator->visit(visitor);
    visitor.json(
        "steps", [this] { return nlohmann::json(steps); },
        [this](const nlohmann::json& j) { steps = StateReader(j, "steps").whole(); });
  }

  std::vector<Place> lend(bool) override { return simulator->places(); }

  std::unique_ptr<nef::Simulator> simulator;
  Tick steps = 0;
  std::map<std::string, std::vector<std::vector<real>>>
      samples;  ///< [probe][replica], what was recorded since it was cleared
};

py::array_t<real> data(Nef& n, const Arg<"probe", std::string>& probe) {
  const InUse in_use(n);
  const std::vector<Index> of_sample = n.simulator->probe_shape(probe);
  std::size_t width = 1;
  for (const Index extent : of_sample) width *= extent;
  const std::size_t replicas = n.simulator->replicas();
  auto& recorded = n.samples[*probe];
  recorded.resize(replicas);
  std::vector<std::size_t> shape{replicas, recorded[0].size() / std::max<std::size_t>(width, 1)};
  shape.insert(shape.end(), of_sample.begin(), of_sample.end());
  std::vector<real> all;
  for (const auto& one : recorded) all.insert(all.end(), one.begin(), one.end());
  return array(std::move(all), shape);
}

}  // namespace

void bind_nef(py::module_& module) {
  py::class_<Nef, Held>(module, "Nef", py::module_local(), whole())
      .def(py::init<const Arg<"network", std::string>&, const Arg<"seeds", Seeds>&, const Arg<"backend", std::string>&,
                    const Arg<"threads", int>&>())
      .def_property_readonly("steps", [](const Nef& n) { return n.steps; })
      .def_property_readonly("dt", [](const Nef& n) { return n.simulator->dt(); })
      .def_property_readonly("replicas", [](const Nef& n) { return n.simulator->replicas(); })
      .def_property_readonly("probes", [](const Nef& n) { return n.simulator->probes(); })
      .def("run",
           [](Nef& n, const Arg<"steps", std::uint64_t>& steps) {
             in_pieces(n, *steps, [&](std::uint64_t now) {
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
           [](Nef& n, const Arg<"array", std::string>& name, const Arg<"replica", Index>& replica) {
             if (*replica >= n.simulator->replicas())
               throw ConfigError("replica", "found " + std::to_string(*replica) + "; there are " +
                                                std::to_string(n.simulator->replicas()) + ", counted from 0");
             auto [all, shape] = apart(n, [&] {
               const auto& schedule = n.simulator->schedule();
               const auto& info = schedule.array(schedule.find(*name));
               std::vector<std::size_t> extents{info.rows};
               if (info.cols > 1) extents.push_back(info.cols);
               return std::pair(n.simulator->values(*name, *replica), extents);
             });
             return array(std::move(all), shape);
           })
      .def("arrays",
           [](Nef& n) {
             std::vector<std::string> names;
             for (ArrayId id = 0; id < n.simulator->schedule().arrays(); ++id)
               if (!n.simulator->schedule().array(id).integer) names.push_back(n.simulator->schedule().array(id).name);
             return names;
           })
      .def("reset", [](Nef& n) {
        n.need_unmoved("reset()");
        apart(n, [&] { n.simulator->reset(); });
        n.samples.clear();
        n.steps = 0;
      });
}

}  // namespace engram::python
