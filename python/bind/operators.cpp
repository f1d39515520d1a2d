// The operators of a model that another package has built, as a schedule of the engine. What the engine has no
// operation for is a function of Python, called once a step on views of the engine's memory.
#include <algorithm>
#include <cmath>
#include <map>

#include "engram/nef/network.hpp"
#include "engram/nef/operations.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/state_reader.hpp"
#include "python/bind/held.hpp"

namespace engram::python {

namespace {

using nef::Mode;

/// (array, first row, step, rows, first column, step, columns)
using Place = std::tuple<ArrayId, std::int32_t, std::int32_t, Index, std::int32_t, std::int32_t, Index>;

Part part_of(const Place& p) {
  const auto& [id, row, row_step, rows, col, col_step, cols] = p;
  return {id, {row, row_step, rows}, {col, col_step, cols}};
}
std::optional<Part> part_of(const std::optional<Place>& p) { return p ? std::optional(part_of(*p)) : std::nullopt; }

Mode mode_named(const std::string& name) {
  if (name == "set") return Mode::set;
  if (name == "inc") return Mode::increment;
  if (name == "update") return Mode::update;
  throw ConfigError("mode", "found \"" + name + "\"; allowed are \"set\", \"inc\", \"update\"");
}

template <class Fields>
Fields read(const std::string& json) {
  const ConfigReader reader = parameters(json);
  Fields fields;
  read_fields(reader, fields);
  reader.finish();
  return fields;
}

/// Where arrays lie, and the functions that are called on them.
struct Calls {
  std::map<ArrayId, void*> place;
  std::vector<py::object> functions;

  void call(std::size_t k) const {
    const py::gil_scoped_acquire gil;
    functions[k]();
  }
};

class CallKind final : public OperationKind {
  Steps bind(Backend& backend, const Memory& memory, const Schedule& schedule,
             std::span<const std::any*> operations) const override {
    if (backend.info().kind != "cpu")
      throw DeviceError("functions of Python are called on the CPU; take backend=\"cpu\"");
    using Call = std::pair<std::shared_ptr<Calls>, std::size_t>;
    std::vector<Call> bound;
    for (const std::any* one : operations) bound.push_back(std::any_cast<const Call&>(*one));
    for (ArrayId id = 0; id < schedule.arrays(); ++id)
      bound.front().first->place[id] =
          schedule.array(id).integer ? static_cast<void*>(memory.integers(id)) : memory.reals(id);
    return [bound](Tick, Tick count) {
      for (; count > 0; --count)
        for (const auto& [calls, k] : bound) calls->call(k);
    };
  }
};
const CallKind call_kind;

class Operators final : public Held {
 public:
  Operators(double dt, const std::string& device, int threads) : Held(device, threads), dt(dt) {}

  void show(StateVisitor& visitor) override {
    running().visit(visitor);
    visitor.json(
        "steps", [this] { return nlohmann::json(steps); },
        [this](const nlohmann::json& j) { steps = StateReader(j, "steps").whole(); });
  }
  std::vector<engram::Place> lend(bool) override { return running().places(); }
  Program& running() const {
    if (!program) throw NotNow("the operators are not complete; call ready() first");
    return *program;
  }
  const Schedule::ArrayInfo& info(ArrayId id) const {
    const Schedule& all = running().schedule();
    if (id >= all.arrays()) throw py::index_error("there are " + std::to_string(all.arrays()) + " arrays");
    return all.array(id);
  }
  nef::Operations ops() {
    if (program) throw NotNow("the operators are complete");
    return nef::Operations(schedule);
  }
  ArrayId array(const std::string& name, Index rows, Index cols, bool integer, const py::object& values) {
    Schedule::ArrayInfo info;
    info.name = name;
    info.rows = rows;
    info.cols = cols;
    info.integer = integer;
    if (integer)
      for (const double v : doubles(values, name)) info.initial_integers.push_back(static_cast<std::int64_t>(v));
    else
      info.initial = doubles(values, name);
    return schedule.add(std::move(info));
  }
  void record(const std::string& name, const Place& place, double period) {
    const Part part = part_of(place);
    const std::size_t values = std::size_t{part.rows.count} * part.cols.count;
    const auto rows = static_cast<Index>(std::clamp<std::size_t>((1 << 20) / (values * sizeof(real)), 1, 4096));
    records.push_back({ops().record(name, part, rows, period, 1, true), rows, values, period, {}});
  }
  void python(const std::string& name, const std::vector<std::pair<std::string, Place>>& uses, py::object function) {
    std::vector<Use> all;
    for (const auto& [access, place] : uses)
      all.push_back({access == "set"    ? Access::set
                     : access == "inc"  ? Access::increment
                     : access == "read" ? Access::read
                                        : Access::update,
                     part_of(place)});
    calls->functions.push_back(std::move(function));
    schedule.add(Schedule::Entry{name, "function of Python", &call_kind, std::pair(calls, calls->functions.size() - 1),
                                 std::move(all)});
  }
  /// to = what `function` (first step, number of steps) -> [step][value] says ahead of each stretch of steps, for the
  /// steps of this stretch alone and in their order.
  void ahead(const std::string& name, const Place& to, py::object function) {
    const Part part = part_of(to);
    const std::size_t values = std::size_t{part.rows.count} * part.cols.count;
    const auto steps_kept = static_cast<Index>(std::clamp<std::size_t>((1 << 15) / values, 1, 1024));
    Schedule::ArrayInfo info;
    info.name = name + ".ahead";
    info.rows = static_cast<Index>(values);
    info.cols = steps_kept;
    const ArrayId table = schedule.add(std::move(info));
    ops().table(name, part, schedule.whole(table), 1);
    tables.push_back({table, steps_kept, values, std::move(function), std::vector<real>(values * steps_kept)});
  }
  /// Recursive least squares: inv_gamma -= q q' / (1 + r . q), delta = -error q' / (1 + r . q), with q = inv_gamma r.
  void rls(const std::string& name, const Place& delta, const Place& inv_gamma, const Place& r, const Place& error) {
    const Part to = part_of(delta), matrix = part_of(inv_gamma), activities = part_of(r);
    const auto own = [&](const char* what, Index rows) {
      Schedule::ArrayInfo info;
      info.name = name + what;
      info.rows = rows;
      return schedule.whole(schedule.add(std::move(info)));
    };
    const Part q = own(".q", activities.rows.count), gain = own(".gain", 1);
    ops().product(name, q, matrix, activities, Mode::set);
    ops().rls_gain(name, gain, activities, q);
    ops().learn_now(name, matrix, {nef::Learning::outer, q, q, {}, {}, gain, -1, 0});
    ops().change(name, to, to, {nef::Learning::outer, part_of(error), q, {}, {}, gain, -1, 0});
  }
  void ready() {
    schedule.order();
    program = built(*this, [&] { return std::make_unique<Program>(backend(), std::move(schedule), 1); });
  }
  void run(std::uint64_t count) {
    Program& p = running();
    in_pieces(*this, count, [&](std::uint64_t now) {
      for (const Tick end = steps + now; steps < end;) {
        Tick some = end - steps;
        for (const Recorded& r : records) some = std::min<Tick>(some, r.rows - steps % r.rows);
        for (const Ahead& a : tables) some = std::min<Tick>(some, a.steps - steps % a.steps);
        fill_tables(some);
        p.run(steps, some);
        for (Recorded& r : records) {
          const std::vector<real> kept = p.stretch(r.kept, steps % r.rows * r.values, some * r.values);
          for (Tick t = 0; t < some; ++t)
            if (std::fmod(static_cast<double>(steps + t + 1), r.period) < 1)
              r.samples.insert(r.samples.end(), kept.begin() + static_cast<std::ptrdiff_t>(t * r.values),
                               kept.begin() + static_cast<std::ptrdiff_t>((t + 1) * r.values));
        }
        steps += some;
      }
    });
  }
  /// An array as NumPy sees it in the engine's memory.
  py::object view(const py::object& self, ArrayId id) const {
    const Schedule::ArrayInfo& seen_of = info(id);
    const auto found = calls->place.find(id);
    if (found == calls->place.end()) throw Error("arrays are seen where functions of Python are called");
    const auto seen = [&]<class T>(T* values) -> py::object {
      const std::vector<py::ssize_t> shape{seen_of.rows, seen_of.cols},
          strides{sizeof(T), static_cast<py::ssize_t>(sizeof(T)) * seen_of.rows};
      return py::array_t<T>(shape, strides, values, self);
    };
    if (seen_of.integer) return seen(static_cast<std::int64_t*>(found->second));
    return seen(static_cast<real*>(found->second));
  }

  void fill_tables(Tick count) {
    if (tables.empty()) return;
    const py::gil_scoped_acquire gil;
    for (Ahead& a : tables) {
      const std::vector<real> said = reals(a.function(steps, count), "values", {count * a.values});
      std::ranges::copy(said, a.shown.begin() + static_cast<std::ptrdiff_t>(steps % a.steps * a.values));
      running().set(a.table, 0, a.shown);
    }
  }

  /// What was asked ahead: `shown` is the table, a column a step.
  struct Ahead {
    ArrayId table;
    Index steps;
    std::size_t values;
    py::object function;
    std::vector<real> shown;
  };
  struct Recorded {
    ArrayId kept;
    Index rows;
    std::size_t values;
    double period;
    std::vector<real> samples;
  };
  double dt;
  Schedule schedule;
  std::shared_ptr<Calls> calls = std::make_shared<Calls>();
  std::vector<Recorded> records;
  std::vector<Ahead> tables;
  std::unique_ptr<Program> program;
  Tick steps = 0;
};

nef::Operations::TermParts term(const std::string& rule, const Place& u, const Place& v,
                                const std::optional<Place>& other, const std::optional<Place>& gate,
                                const std::optional<Place>& scale, double rate, double beta) {
  const std::map<std::string, nef::Learning> known{{"outer", nef::Learning::outer},
                                                   {"bcm", nef::Learning::bcm},
                                                   {"oja", nef::Learning::oja},
                                                   {"voja", nef::Learning::voja}};
  return {known.at(rule), part_of(u), part_of(v), part_of(other), part_of(gate), part_of(scale), rate, beta};
}

}  // namespace

void bind_operators(py::module_& module) {
  py::class_<Operators, Held>(module, "Operators", py::module_local(), whole())
      .def(py::init<double, const std::string&, int>())
      .def("array", &Operators::array)
      .def("clock", [](Operators& o, ArrayId step, ArrayId time) { o.ops().clock(step, time, o.dt); })
      .def("fill",
           [](Operators& o, const std::string& n, const Place& to, double v) { o.ops().fill(n, part_of(to), v); })
      .def("copy", [](Operators& o, const std::string& n, const Place& to, const Place& from,
                      const std::string& mode) { o.ops().copy(n, part_of(to), part_of(from), mode_named(mode)); })
      .def("gather",
           [](Operators& o, const std::string& n, const Place& to, const std::optional<Place>& weight, const Place& x,
              std::vector<std::int64_t> target, std::vector<std::int64_t> start, std::vector<std::int64_t> source,
              std::vector<std::int64_t> at, const std::string& mode) {
             o.ops().gather(n, part_of(to), part_of(weight), part_of(x),
                            {std::move(target), std::move(start), std::move(source), std::move(at)}, mode_named(mode));
           })
      .def("scale", [](Operators& o, const std::string& n, const Place& to, const Place& a,
                       const Place& x) { o.ops().scale(n, part_of(to), part_of(a), part_of(x), Mode::increment); })
      .def("product", [](Operators& o, const std::string& n, const Place& to, const Place& a,
                         const Place& x) { o.ops().product(n, part_of(to), part_of(a), part_of(x), Mode::increment); })
      .def("neurons",
           [](Operators& o, const std::string& n, const std::string& json, const Place& current, const Place& out,
              const std::vector<Place>& states) {
             std::vector<Part> parts;
             for (const Place& p : states) parts.push_back(part_of(p));
             o.ops().neurons(n, read<nef::NeuronSpec>(json).type, part_of(current), part_of(out), parts, {}, o.dt);
           })
      .def("filter",
           [](Operators& o, const std::string& n, const Place& y, const Place& u, const std::string& json,
              const std::string& mode) {
             o.ops().filter(n, part_of(y), part_of(u), read<nef::Synapse>(json).type, o.dt, mode_named(mode));
           })
      .def("change",
           [](Operators& o, const std::string& n, const Place& to, const Place& matrix, const std::string& rule,
              const Place& u, const Place& v, const std::optional<Place>& other, const std::optional<Place>& gate,
              const std::optional<Place>& scale, double rate, double beta) {
             o.ops().change(n, part_of(to), part_of(matrix), term(rule, u, v, other, gate, scale, rate, beta));
           })
      .def("rls", &Operators::rls)
      .def("ahead", &Operators::ahead)
      .def("python", &Operators::python)
      .def("record", &Operators::record)
      .def("ready", &Operators::ready)
      .def("run", &Operators::run)
      .def("view", [](const py::object& self, ArrayId id) { return self.cast<Operators&>().view(self, id); })
      .def("sees", [](const Operators& o) { return !o.calls->place.empty(); })
      .def("values",
           [](Operators& o, ArrayId id) {
             const InUse in_use(o);
             const Schedule::ArrayInfo& info = o.info(id);
             if (info.integer) {
               const std::vector<std::int64_t> all = o.running().whole_numbers(id);
               return array(std::vector<double>(all.begin(), all.end()), {info.cols, info.rows});
             }
             const std::vector<real> all = o.running().values(id);
             return array(std::vector<double>(all.begin(), all.end()), {info.cols, info.rows});
           })
      .def("set",
           [](Operators& o, ArrayId id, const py::object& values) {
             const InUse in_use(o);
             o.running().set(id, 0, reals(values, "values", {o.info(id).size()}));
           })
      .def("samples",
           [](Operators& o, std::size_t k) {
             const Operators::Recorded& r = o.records.at(k);
             return array(std::vector<double>(r.samples.begin(), r.samples.end()),
                          {r.samples.size() / r.values, r.values});
           })
      .def("last_is_finite",
           [](const Operators& o, std::size_t k) {
             const Operators::Recorded& r = o.records.at(k);
             const std::size_t last = std::min(r.values, r.samples.size());
             return std::all_of(r.samples.end() - static_cast<std::ptrdiff_t>(last), r.samples.end(),
                                [](real x) { return std::isfinite(x); });
           })
      .def("clear_samples",
           [](Operators& o) {
             for (Operators::Recorded& r : o.records) r.samples.clear();
           })
      .def("print", [](const Operators& o) { return o.running().schedule().print(); })
      .def_readonly("steps", &Operators::steps);
}

}  // namespace engram::python
