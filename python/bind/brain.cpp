#include "engram/calculus/brain.hpp"

#include "engine/models/calculus/brain/packing.hpp"
#include "engram/run/read_fields.hpp"
#include "python/bind/held.hpp"

namespace engram::python {

namespace {

using calculus::Connectome;
using One = calculus::Brain;

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

/// Brains side by side, one a seed, each with a graph of its own. A round of the calculus has no form for several
/// brains at once: fibres learn where winners meet, and every brain has others. So each steps by itself, on threads.
/// What the package says of them is recorded by the package, so that load() can say it again.
class Brain final : public Held {
 public:
  Brain(const Arg<"seeds", Seeds>& seeds, const Arg<"parameters", std::string>& json,
        const Arg<"connectome", std::string>& connectome, const Arg<"backend", std::string>& device,
        const Arg<"threads", int>& threads)
      : Held(device, threads) {
    const auto options = read<calculus::BrainOptions>(json);
    const Connectome kind = connectome_named(connectome);
    if (seeds->empty()) throw ConfigError("seeds", "found no seed, needed is at least one");
    built(*this, [&] {
      for (const std::uint64_t seed : *seeds) brains.emplace_back(backend(), seed, options, kind);
    });
  }
  void show(StateVisitor& visitor) override {
    for (std::size_t r = 0; r < brains.size(); ++r) {
      const std::string name = "replica " + std::to_string(r);
      calculus::visit_packed(
          visitor, name, [&] { return brains[r].state(); }, [&](const StateReader& s) { brains[r].set_state(s); });
      if (visitor.looks_inside()) brains[r].look_inside(visitor, name + ", ");
    }
  }
  /// Of several brains under names that end in their numbers.
  std::vector<Place> lend(bool) override {
    std::vector<Place> all;
    for (std::size_t r = 0; r < brains.size(); ++r)
      for (Place& place : brains[r].places()) {
        if (brains.size() > 1) place.name += ", replica " + std::to_string(r);
        all.push_back(std::move(place));
      }
    return all;
  }
  One& brain(Index replica) {
    if (replica >= brains.size())
      throw ConfigError("replica", "found " + std::to_string(replica) + "; there are " + std::to_string(brains.size()) +
                                       ", counted from 0");
    return brains[replica];
  }
  void project(const calculus::Map& stimuli, const calculus::Map& areas, std::uint64_t rounds) {
    for (const One& one : brains)  // what would end the round of one brain must not leave the others ahead of it
      for (const auto& [source, targets] : areas)
        if (one.winners(source).empty() && !one.excludable(source) && brains.size() > 1)
          throw Error("area \"" + source + "\" has no winners to project from in replica " +
                      std::to_string(&one - brains.data()));
    in_pieces(*this, rounds, [&](std::uint64_t now) {
      constexpr std::size_t operations = 1 << 20;  // of a round, as an estimate that makes threads worth their while
      for (std::uint64_t part; now > 0; now -= part) {
        part = std::min<std::uint64_t>(now, 1u << 20);
        backend().split(brains.size(), brains.size() * operations,
                        [&](Backend&, std::size_t r) { brains[r].project(stimuli, areas, static_cast<Index>(part)); });
      }
    });
  }
  std::vector<One> brains;
};

/// A method that does the same to all brains, with the network locked and the interpreter free.
template <Word... names, class R, class... A>
auto all(R (One::*method)(A...)) {
  return [method](Brain& b, const Arg<names, std::decay_t<A>>&... a) {
    apart(b, [&] {
      for (One& one : b.brains) (one.*method)(a.value...);
    });
  };
}
/// One that gives a number or a name of a replica.
template <class R>
auto of_area(R (One::*method)(const std::string&) const) {
  return [method](Brain& b, const Arg<"area", std::string>& area, const Arg<"replica", Index>& replica) {
    const InUse in_use(b);
    return (b.brain(replica).*method)(*area);
  };
}
template <class R>
auto of_first(R (One::*method)() const) {
  return [method](Brain& b) {
    const InUse in_use(b);
    return (b.brains.front().*method)();
  };
}

py::array_t<Index> units(const std::vector<Index>& winners) { return array(std::vector<Index>(winners)); }

void set_winners(Brain& b, const Arg<"area", std::string>& area, const Arg<"neurons", std::vector<Index>>& neurons,
                 const Arg<"replica", std::optional<Index>>& replica) {
  apart(b, [&] {
    if (*replica) return b.brain(**replica).set_winners(area, *neurons);
    for (One& one : b.brains) one.set_winners(area, *neurons);
  });
}

std::pair<double, double> connection(Brain& b, const Arg<"source", std::string>& source,
                                     const Arg<"pre", std::vector<Index>>& pre,
                                     const Arg<"target", std::string>& target,
                                     const Arg<"post", std::vector<Index>>& post,
                                     const Arg<"replica", Index>& replica) {
  const auto found = apart(b, [&] { return b.brain(replica).connection(source, pre, target, post); });
  return {found.synapses, found.weight};
}

/// Of one brain for all, or of each.
void set_weights(Brain& b, const Arg<"source", std::string>& source, const Arg<"target", std::string>& target,
                 const py::object& values) {
  const std::vector<real> given = reals(values, "weights");
  const std::vector<float> weights(given.begin(), given.end());
  apart(b, [&] {
    const std::size_t one = std::size_t{b.brains[0].size(source)} * b.brains[0].size(target);
    const bool each = weights.size() == one * b.brains.size();
    for (std::size_t r = 0; r < b.brains.size(); ++r)
      b.brains[r].set_weights(source, target,
                              each ? std::span(weights).subspan(r * one, one) : std::span<const float>(weights));
  });
}

}  // namespace

void bind_brain(py::module_& module) {
  py::class_<Brain, Held>(module, "Brain", py::module_local(), whole())
      .def(py::init<const Arg<"seeds", Seeds>&, const Arg<"parameters", std::string>&,
                    const Arg<"connectome", std::string>&, const Arg<"backend", std::string>&,
                    const Arg<"threads", int>&>())
      .def_property_readonly("replicas", [](const Brain& b) { return b.brains.size(); })
      .def("add_stimulus", all<"name", "size">(&One::add_stimulus))
      .def("add_area",
           [](Brain& b, const Arg<"name", std::string>& name, const Arg<"parameters", std::string>& json) {
             const auto options = read<calculus::AreaOptions>(json);
             apart(b, [&] {
               for (One& one : b.brains) one.add_area(name, options);
             });
           })
      .def("set_density", all<"source", "target", "p">(&One::set_density))
      .def("set_beta", all<"source", "target", "beta">(&One::set_beta))
      .def("clear_beta", all<"source", "target">(&One::clear_beta))
      .def("project",
           [](Brain& b, const Arg<"stimuli", calculus::Map>& stimuli, const Arg<"areas", calculus::Map>& areas,
              const Arg<"rounds", std::uint64_t>& rounds) { b.project(stimuli, areas, rounds); })
      .def("activate", all<"area", "index">(&One::activate))
      .def("fix", all<"area">(&One::fix))
      .def("unfix", all<"area">(&One::unfix))
      .def("fixed", of_area(&One::fixed))
      .def("set_winners", &set_winners)
      .def("set_plasticity", all<"plasticity">(&One::set_plasticity))
      .def("plasticity", of_first(&One::plasticity))
      .def("clear_refraction", all<"area">(&One::clear_refraction))
      .def("set_inhibition", all<"area", "strength">(&One::set_inhibition))
      .def("inhibit", all<"area", "other", "reason">(&One::inhibit))
      .def("disinhibit", all<"area", "other", "reason">(&One::disinhibit))
      .def("exclude", all<"areas">(&One::exclude))
      .def("include", all<"areas">(&One::include))
      .def("normalise", all<"area", "total">(&One::normalise))
      .def("winners",
           [](Brain& b, const Arg<"area", std::string>& area, const Arg<"replica", Index>& replica) {
             const InUse in_use(b);
             return units(b.brain(replica).winners(area));
           })
      .def("saved_support",
           [](Brain& b, const Arg<"area", std::string>& area, const Arg<"replica", Index>& replica) {
             const InUse in_use(b);
             return units(b.brain(replica).saved_support(area));
           })
      .def("saved_winners",
           [](Brain& b, const Arg<"area", std::string>& area, const Arg<"replica", Index>& replica) {
             const InUse in_use(b);
             py::list rounds;
             for (const auto& winners : b.brain(replica).saved_winners(area)) rounds.append(units(winners));
             return rounds;
           })
      .def("size", of_area(&One::size))
      .def("k", of_area(&One::k))
      .def("support", of_area(&One::support))
      .def("newcomers", of_area(&One::newcomers))
      .def("total_input", of_area(&One::total_input))
      .def("without_input", of_area(&One::without_input))
      .def("areas", of_first(&One::areas))
      .def("stimuli", of_first(&One::stimuli))
      .def("connection", &connection)
      .def("weights",
           [](Brain& b, const Arg<"source", std::string>& source, const Arg<"target", std::string>& target,
              const Arg<"replica", Index>& replica) {
             auto [all, shape] = apart(b, [&] {
               One& one = b.brain(replica);
               return std::pair(one.weights(source, target),
                                std::vector<std::size_t>{one.size(source), one.size(target)});
             });
             return array(std::move(all), shape);
           })
      .def("set_weights", &set_weights)
      .def("stimulus_weights",
           [](Brain& b, const Arg<"stimulus", std::string>& stimulus, const Arg<"target", std::string>& target,
              const Arg<"replica", Index>& replica) {
             return array(apart(b, [&] { return b.brain(replica).stimulus_weights(stimulus, target); }));
           })
      .def("bytes", [](Brain& b) {
        const InUse in_use(b);
        std::size_t all = 0;
        for (const One& one : b.brains) all += one.bytes();
        return all;
      });
}

}  // namespace engram::python
