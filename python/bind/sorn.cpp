#include "engram/sorn/sorn.hpp"

#include "engine/models/sorn/config.hpp"
#include "python/bind/held.hpp"

namespace engram::python {

namespace {

using sorn::Parameters;
using sorn::State;

Parameters read_one(const std::string& json) {
  const ConfigReader reader = parameters(json);
  Parameters p = sorn::read_parameters(reader);
  if (reader.ok())
    for (const Problem& problem : problems_of(p)) reader.problem_at(problem.path, problem.text);
  reader.finish();
  return p;
}

/// Weights as a matrix [pre][post] of rows of the receiving units.
py::array_t<real> dense(const Rows& rows) {
  const std::size_t n_post = rows.n_post();
  std::vector<real> all(std::size_t{rows.n_pre} * n_post);
  for (std::size_t post = 0; post < n_post; ++post)
    for (std::uint64_t k = rows.start[post]; k < rows.start[post + 1]; ++k)
      all[rows.pre[k] * n_post + post] = rows.weight[k];
  return array(std::move(all), {rows.n_pre, n_post});
}

Rows sparse(const py::object& matrix, const char* name, std::size_t n_pre, std::size_t n_post) {
  const std::vector<real> all = reals(matrix, name, {n_pre * n_post});
  Rows rows;
  rows.n_pre = static_cast<Index>(n_pre);
  for (std::size_t post = 0; post < n_post; ++post) {
    for (std::size_t pre = 0; pre < n_pre; ++pre)
      if (const real w = all[pre * n_post + post]; w != real(0)) {
        rows.pre.push_back(static_cast<Index>(pre));
        rows.weight.push_back(w);
      }
    rows.start.push_back(rows.pre.size());
  }
  return rows;
}

std::vector<std::uint8_t> bits(const py::object& given, const char* name, std::size_t units) {
  std::vector<std::uint8_t> all;
  for (const real x : reals(given, name, {units})) {
    if (x != real(0) && x != real(1)) throw ConfigError(name, "activity is 0 or 1");
    all.push_back(x == real(1));
  }
  return all;
}

py::array_t<double> reals_of(const std::vector<std::uint8_t>& bits) {
  return array(std::vector<double>(bits.begin(), bits.end()));
}

py::dict shown_state(const State& s) {
  using namespace py::literals;
  py::dict all("wee"_a = dense(s.wee), "wei"_a = dense(s.wei), "wie"_a = dense(s.wie),
               "te"_a = array(std::vector<real>(s.te)), "ti"_a = array(std::vector<real>(s.ti)), "x"_a = reals_of(s.x),
               "x_before"_a = reals_of(s.x_before), "y"_a = reals_of(s.y), "y_before"_a = reals_of(s.y_before));
  if (s.weu.n_post() > 0) all["weu"] = dense(s.weu);
  return all;
}

State read_state(const py::dict& given, const Parameters& p) {
  const std::size_t ne = p.ne, ni = p.ni();
  const auto item = [&](const char* name) -> py::object {
    if (!given.contains(name)) throw ConfigError(name, "the state lacks this array");
    return given[name];
  };
  State s{sparse(item("wee"), "wee", ne, ne),     sparse(item("wei"), "wei", ni, ne),
          sparse(item("wie"), "wie", ne, ni),     reals(item("te"), "te", {ne}),
          reals(item("ti"), "ti", {ni}),          bits(item("x"), "x", ne),
          bits(item("x_before"), "x_before", ne), bits(item("y"), "y", ni),
          bits(item("y_before"), "y_before", ni)};
  if (p.plastic_inputs()) s.weu = sparse(item("weu"), "weu", p.nu, ne);
  return s;
}

/// One a network, or none at all.
std::vector<State> read_states(const std::vector<py::dict>& given, const Parameters& p, std::size_t networks) {
  if (!given.empty() && given.size() != networks)
    throw ConfigError(
        "states", "found " + std::to_string(given.size()) + "; needed is one a network, " + std::to_string(networks));
  std::vector<State> states;
  for (const py::dict& one : given) states.push_back(read_state(one, p));
  return states;
}

/// What a network finds wrong with the states that it is given.
template <class F>
auto at_states(F&& use) {
  try {
    return use();
  } catch (const ConfigError&) {
    throw;
  } catch (const Error& fault) {
    throw ConfigError("states", fault.what());
  }
}

class Sorn final : public Held {
 public:
  Sorn(const Arg<"parameters", std::string>& json, const Arg<"seeds", Seeds>& seeds,
       const Arg<"states", std::vector<py::dict>>& states, const Arg<"tick", Tick>& tick,
       const Arg<"backend", std::string>& device, const Arg<"threads", int>& threads)
      : Held(device, threads) {
    if (seeds->empty()) throw ConfigError("seeds", "found no seed, needed is at least one");
    const std::vector<Parameters> all(seeds->size(), read_one(json));
    const std::vector<State> given = read_states(*states, all[0], seeds->size());
    net = built(*this, [&] {
      return given.empty()
                 ? std::make_unique<sorn::Network>(backend(), all, *seeds)
                 : at_states([&] { return std::make_unique<sorn::Network>(backend(), all, *seeds, given, *tick); });
    });
  }
  void show(StateVisitor& visitor) override { net->visit(visitor); }
  std::vector<Place> lend(bool) override {
    const sorn::View v = net->view();
    return {{"te", v.te, {v.replicas, v.ne}, {v.ne, 1}},
            {"ti", v.ti, {v.replicas, v.ni}, {v.ni, 1}},
            {"target_rates", v.target, {v.replicas, v.ne}, {v.ne, 1}},
            {"drive", v.drive_e, {v.replicas, v.ne}, {v.ne, 1}},
            {"drive_to_inhibitory", v.drive_i, {v.replicas, v.ni}, {v.ni, 1}}};
  }
  std::unique_ptr<sorn::Network> net;
};

/// Of rows of two bits a unit, the bit `shift` of each.
py::array_t<std::uint8_t> unpacked(const std::vector<std::uint32_t>& words, std::size_t rows, std::size_t units,
                                   std::size_t steps) {
  std::vector<std::uint8_t> all(rows * units);
  const std::size_t width = rows ? words.size() / rows : 0;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < units; ++i) all[r * units + i] = sorn::is_active(&words[r * width], i);
  return array(std::move(all), {steps, rows / std::max<std::size_t>(steps, 1), units});
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

py::dict run(Sorn& s, const Arg<"steps", std::uint64_t>& asked, const py::object& given, bool x, bool y, bool recurrent,
             bool counts) {
  const std::uint64_t steps = *asked;
  const Parameters& p = s.net->parameters();
  const std::size_t replicas = s.net->replicas(), nu = p.nu;
  std::vector<real> input;
  if (!given.is_none()) input = reals(given, "input", {steps * nu, steps * nu * replicas});
  const std::size_t width = steps ? input.size() / steps : 0;
  const sorn::Network::Record record{x, y, recurrent, counts};
  sorn::Network::Recorded all;
  std::size_t done = 0;
  in_pieces(s, steps, [&](std::uint64_t now) {
    constexpr std::uint64_t most = 1u << 20;
    for (now += done; done < now;) {
      const auto some = static_cast<Index>(std::min<std::uint64_t>(now - done, most));
      const auto part = s.net->run(some, std::span(input).subspan(done * width, some * width), record);
      done += some;
      append(all.x, part.x);
      append(all.y, part.y);
      append(all.recurrent, part.recurrent);
      append(all.counts, part.counts);
    }
  });
  py::dict out;
  const std::size_t rows = steps * replicas;
  if (x) out["x"] = unpacked(all.x, rows, p.ne, steps);
  if (y) out["y"] = unpacked(all.y, rows, p.ni(), steps);
  if (recurrent) out["recurrent"] = unpacked(all.recurrent, rows, p.ne, steps);
  if (counts) {
    std::vector<std::uint64_t> ee, ei;
    for (const sorn::Counts& c : all.counts) {
      ee.push_back(c.ee);
      ei.push_back(c.ei);
    }
    out["ee"] = array(std::move(ee), {steps, replicas});
    out["ei"] = array(std::move(ei), {steps, replicas});
  }
  return out;
}

}  // namespace

void bind_sorn(py::module_& module) {
  py::class_<Sorn, Held>(module, "Sorn", py::module_local(), whole())
      .def(py::init<const Arg<"parameters", std::string>&, const Arg<"seeds", Seeds>&,
                    const Arg<"states", std::vector<py::dict>>&, const Arg<"tick", Tick>&,
                    const Arg<"backend", std::string>&, const Arg<"threads", int>&>())
      .def_property_readonly("tick", [](const Sorn& s) { return s.net->tick(); })
      .def_property_readonly("units",
                             [](const Sorn& s) { return std::pair(s.net->parameters().ne, s.net->parameters().ni()); })
      .def_property_readonly("replicas", [](const Sorn& s) { return s.net->replicas(); })
      .def("run", &run)
      .def("run_quietly",
           [](Sorn& s, const Arg<"steps", std::uint64_t>& steps) {
             in_pieces(s, *steps, [&](std::uint64_t now) {
               for (std::uint64_t part; now > 0; now -= part) {
                 part = std::min<std::uint64_t>(now, 1u << 20);
                 s.net->run(static_cast<Index>(part));
               }
             });
           })
      .def("set_rules",
           [](Sorn& s, const Arg<"freeze", std::vector<std::string>>& freeze, const Arg<"phase", std::string>& phase,
              const Arg<"noise", bool>& noise) { apart(s, [&] { s.net->set_rules(freeze, phase, noise); }); })
      .def("matrices",
           [](Sorn& s, const Arg<"replica", Index>& replica) {
             const InUse in_use(s);
             return shown_state(s.net->state(replica));
           })
      .def("set_matrices",
           [](Sorn& s, const Arg<"states", std::vector<py::dict>>& given, const Arg<"tick", Tick>& tick) {
             if (given->empty()) throw ConfigError("states", "found none; needed is one a network");
             const std::vector<State> states = read_states(*given, s.net->parameters(), s.net->replicas());
             apart(s, [&] { at_states([&] { s.net->set_state(states, *tick); }); });
           });
  module.def("sorn_presets", &sorn::preset_names);
  module.def("sorn_changes", [](const std::string& before, const std::string& now) {
    const Parameters then = read_one(before), anew = read_one(now);
    return std::pair(sorn::shaped_otherwise(anew, then), sorn::rated_otherwise(anew, then));
  });
}

}  // namespace engram::python
