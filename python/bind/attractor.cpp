#include <cmath>

#include "engram/attractor/analysis.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/state_reader.hpp"
#include "python/bind/held.hpp"

namespace engram::python {

namespace {

using attractor::FreeEnergy;

attractor::Options read_options(const std::string& json, std::uint64_t units, std::uint64_t networks,
                                std::uint64_t states) {
  const ConfigReader reader = parameters(json);
  attractor::Options options;
  read_fields(reader, options);
  reader.finish();
  options.units = count(units, "units");
  options.networks = count(networks, "networks");
  options.states = count(states, "states");
  return options;
}

class Attractor final : public Held {
 public:
  Attractor(const Arg<"parameters", std::string>& json, const Arg<"units", std::uint64_t>& units,
            const Arg<"seeds", std::uint64_t>& networks, const Arg<"states", std::uint64_t>& states,
            const Arg<"seeds", Seeds>& seeds, const Arg<"backend", std::string>& device,
            const Arg<"threads", int>& threads)
      : Held(device, threads), options(read_options(json, units, networks, states)) {
    net = built(*this, [&] { return std::make_unique<attractor::Network>(backend(), options, *seeds); });
  }
  void show(StateVisitor& visitor) override {
    net->visit(visitor);
    visitor.json(
        "tick", [this] { return nlohmann::json(tick); },
        [this](const nlohmann::json& j) { tick = StateReader(j, "tick").whole(); });
  }
  std::vector<Place> lend(bool) override {
    const attractor::View view = net->view();
    const std::size_t n = options.units, batches = net->batches();
    const auto column = [&](const char* name, Batch<real> of) {
      return Place{name, of.data, {batches, n}, {of.stride, 1}};
    };
    // [network][i][j] for the weight from j to i: rows in memory are those of the sending units.
    return {column("state", view.state),
            column("bias", view.bias),
            column("error", view.error),
            {"weights",
             view.weights.weight,
             {options.networks, n, n},
             {view.weights.plane_stride(), 1, view.weights.pitch}}};
  }
  void written() override { net->written(); }
  std::size_t values() const { return std::size_t{options.units} * net->batches(); }
  /// Values of one batch, which all others then get as well, or of each.
  std::vector<real> of_batches(const py::handle& given, const char* name) const {
    std::vector<real> all = reals(given, name, {values(), options.units});
    for (std::size_t n = options.units; all.size() < values(); ++n) all.push_back(all[n - options.units]);
    return all;
  }
  py::array_t<real> shaped(std::vector<real>&& all) const {
    return array(std::move(all), {net->batches(), options.units});
  }

  attractor::Options options;
  std::unique_ptr<attractor::Network> net;
  Tick tick = 0;
};

py::dict energies(const std::vector<FreeEnergy>& all) {
  std::vector<double> complexity, accuracy, vfe;
  for (const FreeEnergy& e : all) {
    complexity.push_back(e.complexity);
    accuracy.push_back(e.accuracy);
    vfe.push_back(e.vfe());
  }
  using namespace py::literals;
  return py::dict("complexity"_a = array(std::move(complexity)), "accuracy"_a = array(std::move(accuracy)),
                  "vfe"_a = array(std::move(vfe)));
}

/// Steps one by one, each with its weight change and free energy, [step][batch].
py::dict watch(Attractor& a, const Arg<"steps", std::uint64_t>& asked) {
  const std::uint64_t steps = *asked;
  std::vector<real> states;
  std::vector<double> change, complexity, accuracy, vfe;
  const std::size_t batches = a.net->batches();
  const bool learns = a.options.learning_rate > 0;
  in_pieces(a, steps, [&](std::uint64_t now) {
    for (; now > 0; --now) {
      a.net->step(a.tick++);
      const std::vector<real> state = a.net->state();
      states.insert(states.end(), state.begin(), state.end());
      const std::vector<double> squared =
          learns ? a.net->squared_weight_change() : std::vector<double>(a.options.networks, 0);
      change.insert(change.end(), squared.begin(), squared.end());
      for (const FreeEnergy& e : a.net->free_energy()) {
        complexity.push_back(e.complexity);
        accuracy.push_back(e.accuracy);
        vfe.push_back(e.vfe());
      }
    }
  });
  using namespace py::literals;
  const std::vector<std::size_t> shape{steps, batches};
  return py::dict("states"_a = array(std::move(states), {steps, batches, a.options.units}),
                  "weight_change"_a = array(std::move(change), {steps, a.options.networks}),
                  "complexity"_a = array(std::move(complexity), shape),
                  "accuracy"_a = array(std::move(accuracy), shape), "vfe"_a = array(std::move(vfe), shape));
}

py::dict relax(Attractor& a, const py::object& cues, const py::object& bias,
               const Arg<"inverse_temperature", double>& beta, const Arg<"deterministic", bool>& deterministic,
               const Arg<"max_steps", Index>& max_steps, const Arg<"tolerance", double>& tolerance,
               const Arg<"seed", std::uint64_t>& seed) {
  const std::vector<real> from = reals(cues, "cues");
  std::optional<std::vector<real>> own;
  if (!bias.is_none()) own = reals(bias, "bias");
  const std::size_t n = a.options.units, rows = from.size() / n;
  if (rows == 0 || from.size() % n != 0)
    throw ConfigError("cues",
                      "found " + std::to_string(from.size()) + " values, needed are rows of " + std::to_string(n));
  Signals signals;
  const attractor::RelaxOptions how{max_steps, tolerance, deterministic, [&signals] { signals.check(); }};
  const std::vector<attractor::Relaxation> ended =
      apart(a, [&] { return attractor::relax(*a.net, from, own, static_cast<real>(*beta), how, *seed); });
  std::vector<real> states;
  std::vector<std::uint64_t> steps;
  std::vector<std::string> status;
  for (const attractor::Relaxation& r : ended) {
    states.insert(states.end(), r.state.begin(), r.state.end());
    steps.push_back(r.steps);
    status.emplace_back(to_string(r.status));
  }
  using namespace py::literals;
  return py::dict("states"_a = array(std::move(states), {rows, n}), "steps"_a = array(std::move(steps)),
                  "status"_a = status);
}

}  // namespace

void bind_attractor(py::module_& module) {
  py::class_<Attractor, Held>(module, "Attractor", py::module_local(), whole())
      .def(py::init<const Arg<"parameters", std::string>&, const Arg<"units", std::uint64_t>&,
                    const Arg<"seeds", std::uint64_t>&, const Arg<"states", std::uint64_t>&, const Arg<"seeds", Seeds>&,
                    const Arg<"backend", std::string>&, const Arg<"threads", int>&>())
      .def_readonly("tick", &Attractor::tick)
      .def("run",
           [](Attractor& a, const Arg<"steps", std::uint64_t>& steps) {
             in_pieces(a, *steps, [&](std::uint64_t now) {
               a.net->run(a.tick, now);
               a.tick += now;
             });
           })
      .def("run_and_record",
           [](Attractor& a, const Arg<"steps", std::uint64_t>& asked) {
             const std::uint64_t steps = *asked;
             std::vector<real> all;
             in_pieces(a, steps, [&](std::uint64_t now) {
               const std::vector<real> some = a.net->run_and_record(a.tick, now);
               a.tick += now;
               all.insert(all.end(), some.begin(), some.end());
             });
             return array(std::move(all), {steps, a.net->batches(), a.options.units});
           })
      .def("watch", &watch)
      .def("relax", &relax)
      .def("weights",
           [](Attractor& a) {
             return array(apart(a, [&] { return a.net->weights(); }),
                          {a.options.networks, a.options.units, a.options.units});
           })
      .def("set_weights",
           [](Attractor& a, const py::object& values) {
             const std::size_t one = std::size_t{a.options.units} * a.options.units, all = one * a.options.networks;
             std::vector<real> weights = reals(values, "weights", {all, one});
             while (weights.size() < all) weights.push_back(weights[weights.size() - one]);
             apart(a, [&] { a.net->set_weights(weights); });
           })
      .def("activations", [](Attractor& a) { return a.shaped(apart(a, [&] { return a.net->state(); })); })
      .def("set_activations",
           [](Attractor& a, const py::object& values) {
             const std::vector<real> all = a.of_batches(values, "activations");
             apart(a, [&] { a.net->set_state(all); });
           })
      .def("bias", [](Attractor& a) { return a.shaped(apart(a, [&] { return a.net->bias(); })); })
      .def("set_bias",
           [](Attractor& a, const py::object& values) {
             const std::vector<real> all = a.of_batches(values, "bias");
             apart(a, [&] { a.net->set_bias(all); });
           })
      .def("set_inverse_temperature",
           [](Attractor& a, const py::object& values) {
             const std::vector<real> all = reals(values, "inverse_temperature", {1, a.net->batches(), a.values()});
             apart(a, [&] { a.net->set_inverse_temperature(all); });
           })
      .def("set_learning_rate",
           [](Attractor& a, const Arg<"rate", double>& rate) {
             apart(a, [&] {
               a.net->set_learning_rate(static_cast<real>(*rate));
               a.options.learning_rate = static_cast<real>(*rate);
             });
           })
      .def("set_deterministic",
           [](Attractor& a, const Arg<"deterministic", bool>& on) { apart(a, [&] { a.net->set_deterministic(on); }); })
      .def("free_energy", [](Attractor& a) { return energies(apart(a, [&] { return a.net->free_energy(); })); });
  module.def("asymmetry", [](const py::object& weights) {
    const std::vector<double> all = doubles(weights, "weights");
    const auto n = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(all.size()))));
    if (n * n != all.size()) throw ConfigError("weights", "needed is a square matrix");
    return attractor::asymmetry(all, n);
  });
}

}  // namespace engram::python
