#include "engram/calculus/brain.hpp"

#include "engine/models/calculus/brain/packing.hpp"
#include "engram/run/read_fields.hpp"
#include "python/bind/held.hpp"

namespace engram::python {

namespace {

using calculus::Connectome;

template <class Fields>
Fields read(const std::string& json) {
  const ConfigReader reader = parameters(json);
  Fields fields;
  read_fields(reader, fields);
  reader.finish();
  return fields;
}

Connectome connectome_named(const std::string& name) {
  std::vector<std::string> known;
  for (const Connectome one : {Connectome::procedural, Connectome::dense, Connectome::lazy}) {
    known.emplace_back(calculus::name_of(one));
    if (known.back() == name) return one;
  }
  throw ConfigError("connectome", "found \"" + name + "\"; allowed are " + listed(known));
}

/// What the package says of a brain is recorded by the package, so that load() can say it again.
class Brain final : public Held {
 public:
  Brain(std::uint64_t seed, const std::string& json, const std::string& connectome, const std::string& device,
        int threads)
      : Held(device, threads) {
    const auto options = read<calculus::BrainOptions>(json);
    const Connectome kind = connectome_named(connectome);
    brain = built(*this, [&] { return std::make_unique<calculus::Brain>(backend(), seed, options, kind); });
  }
  void show(StateVisitor& visitor) override {
    calculus::visit_packed(
        visitor, "brain", [this] { return brain->state(); }, [this](const StateReader& s) { brain->set_state(s); });
    if (visitor.looks_inside()) brain->look_inside(visitor, "brain, ");
  }
  std::unique_ptr<calculus::Brain> brain;
};

/// A method of the brain that is called with the network locked and the interpreter free.
template <class R, class... A>
auto method(R (calculus::Brain::*m)(A...)) {
  return
      [m](Brain& b, std::decay_t<A>... a) { return apart(b, [&]() -> R { return ((*b.brain).*m)(std::move(a)...); }); };
}
/// One that gives a number or a name.
template <class R, class... A>
auto answer(R (calculus::Brain::*m)(A...) const) {
  return [m](Brain& b, std::decay_t<A>... a) {
    const InUse in_use(b);
    return ((*b.brain).*m)(std::move(a)...);
  };
}

py::array_t<Index> units(const std::vector<Index>& winners) { return array(std::vector<Index>(winners)); }

}  // namespace

void bind_brain(py::module_& module) {
  using B = calculus::Brain;
  py::class_<Brain, Held>(module, "Brain", py::module_local())
      .def(py::init<std::uint64_t, const std::string&, const std::string&, const std::string&, int>())
      .def("add_stimulus", method(&B::add_stimulus))
      .def("add_area",
           [](Brain& b, const std::string& name, const std::string& json) {
             const auto options = read<calculus::AreaOptions>(json);
             apart(b, [&] { b.brain->add_area(name, options); });
           })
      .def("set_density", method(&B::set_density))
      .def("set_beta", method(&B::set_beta))
      .def("clear_beta", method(&B::clear_beta))
      .def("project",
           [](Brain& b, const calculus::Map& stimuli, const calculus::Map& areas, std::uint64_t rounds) {
             in_pieces(b, rounds, [&](std::uint64_t now) {
               for (std::uint64_t part; now > 0; now -= part) {
                 part = std::min<std::uint64_t>(now, 1u << 20);
                 b.brain->project(stimuli, areas, static_cast<Index>(part));
               }
             });
           })
      .def("activate", method(&B::activate))
      .def("fix", method(&B::fix))
      .def("unfix", method(&B::unfix))
      .def("fixed", answer(&B::fixed))
      .def("set_winners", method(&B::set_winners))
      .def("set_plasticity", method(&B::set_plasticity))
      .def("plasticity", answer(&B::plasticity))
      .def("clear_refraction", method(&B::clear_refraction))
      .def("set_inhibition", method(&B::set_inhibition))
      .def("inhibit", method(&B::inhibit))
      .def("disinhibit", method(&B::disinhibit))
      .def("exclude", method(&B::exclude))
      .def("include", method(&B::include))
      .def("normalise", method(&B::normalise))
      .def("winners",
           [](Brain& b, const std::string& area) {
             const InUse in_use(b);
             return units(b.brain->winners(area));
           })
      .def("saved_support",
           [](Brain& b, const std::string& area) {
             const InUse in_use(b);
             return units(b.brain->saved_support(area));
           })
      .def("saved_winners",
           [](Brain& b, const std::string& area) {
             const InUse in_use(b);
             py::list all;
             for (const auto& winners : b.brain->saved_winners(area)) all.append(units(winners));
             return all;
           })
      .def("size", answer(&B::size))
      .def("k", answer(&B::k))
      .def("support", answer(&B::support))
      .def("newcomers", answer(&B::newcomers))
      .def("total_input", answer(&B::total_input))
      .def("without_input", answer(&B::without_input))
      .def("areas", answer(&B::areas))
      .def("stimuli", answer(&B::stimuli))
      .def("connection",
           [](Brain& b, const std::string& source, const std::vector<Index>& pre, const std::string& target,
              const std::vector<Index>& post) {
             const auto found = apart(b, [&] { return b.brain->connection(source, pre, target, post); });
             return std::pair(found.synapses, found.weight);
           })
      .def("weights",
           [](Brain& b, const std::string& source, const std::string& target) {
             auto all = apart(b, [&] { return b.brain->weights(source, target); });
             return array(std::move(all), {b.brain->size(source), b.brain->size(target)});
           })
      .def("set_weights",
           [](Brain& b, const std::string& source, const std::string& target, const py::object& values) {
             const std::vector<real> given = reals(values, "weights");
             const std::vector<float> weights(given.begin(), given.end());
             apart(b, [&] { b.brain->set_weights(source, target, weights); });
           })
      .def("stimulus_weights",
           [](Brain& b, const std::string& stimulus, const std::string& target) {
             return array(apart(b, [&] { return b.brain->stimulus_weights(stimulus, target); }));
           })
      .def("bytes", answer(&B::bytes));
}

}  // namespace engram::python
