// Experiments as the program runs them: same folder, same bits. Signals are Python's, and so is the terminal.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/io/names.hpp"
#include "engine/run/forecast.hpp"
#include "engram/run/simulation.hpp"
#include "python/bind/held.hpp"

namespace engram::python {

namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

Experiment read(const std::string& text, const std::string& name, const std::string& base,
                const std::vector<std::string>& settings) {
  Json document = parse_config(text, name);
  for (const std::string& setting : settings) apply_setting(document, setting);
  return read_experiment(std::move(document), base, name);
}

/// Asks and tells Python while a run goes on. What Python raises stops the run, which leaves a checkpoint, and is
/// raised again once it has ended.
class Listener {
 public:
  Listener(py::object progressed, py::object logged) : progressed_(std::move(progressed)), logged_(std::move(logged)) {}

  RunOptions options() {
    RunOptions run;
    run.wish = [this] { return wish(); };
    if (!progressed_.is_none())
      run.progressed = [this](const RunProgress& p) { call([&] { progressed_(p.point, p.began, p.done, p.total); }); };
    if (!logged_.is_none()) run.log = [this](const std::string& line) { call([&] { logged_(line); }); };
    run.point_result = [this](const Json& point) { results_.push_back(point); };
    return run;
  }
  /// To be called with the lock of the interpreter.
  py::tuple outcome(Ending ending) {
    if (raised_) {
      py::error_already_set again = std::move(*raised_);
      raised_.reset();
      throw again;
    }
    return py::make_tuple(ending == Ending::complete, results_.dump());
  }

 private:
  template <class F>
  void call(F&& ask) {
    if (raised_) return;
    const py::gil_scoped_acquire gil;
    try {
      ask();
    } catch (py::error_already_set& error) {
      raised_ = std::move(error);
    }
  }
  Wish wish() {
    if (const auto now = Clock::now(); now - heard_ > std::chrono::milliseconds(50)) {
      heard_ = now;
      call([] {
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      });
    }
    return raised_ ? Wish::stop : Wish::none;
  }

  py::object progressed_, logged_;
  Clock::time_point heard_ = Clock::now();
  std::optional<py::error_already_set> raised_;
  Json results_ = Json::array();
};

py::tuple go(Listener& listener, RunOptions options, const std::function<Ending(const RunOptions&)>& run) {
  Ending ending;
  {
    const py::gil_scoped_release released;
    try {
      ending = run(options);
    } catch (const Error& error) {
      if (typeid(error) != typeid(Error) || error.exit_code() == ConfigError("", "").exit_code()) throw;
      throw NotNow(error.what(), error.exit_code());
    }
  }
  return listener.outcome(ending);
}

std::string all_families() {
  Json all = Json::array();
  for (const Family& family : families()) {
    Json series = Json::array();
    for (const Series& one : family.series)
      series.push_back({{"name", one.name}, {"phases", one.phases}, {"help", one.help}});
    all.push_back({{"name", family.name}, {"help", family.help}, {"schema", family.schema()}, {"series", series}});
  }
  return all.dump();
}

}  // namespace

void bind_experiments(py::module_& module) {
  py::class_<Experiment>(module, "Experiment", py::module_local(), whole())
      .def(py::init(&read))
      .def_readonly("name", &Experiment::name)
      .def_readonly("output", &Experiment::output)
      .def_property_readonly("safe_name", [](const Experiment& e) { return io::safe_path(e.name); })
      .def("forecast", [](const Experiment& e) { return forecast_of(e).dump(); })
      .def("run",
           [](const Experiment& e, const std::string& folder, bool force, py::object progressed, py::object logged) {
             Listener listener(std::move(progressed), std::move(logged));
             RunOptions options = listener.options();
             options.force = force;
             return go(listener, options, [&](const RunOptions& how) { return run_experiment(e, folder, how); });
           });
  module.def("resume", [](const std::string& folder, const std::string& device, int threads, bool anew,
                          const std::vector<std::string>& settings, py::object progressed, py::object logged) {
    Listener listener(std::move(progressed), std::move(logged));
    RunOptions options = listener.options();
    options.anew = anew;
    options.settings = settings;
    return go(listener, options,
              [&](const RunOptions& how) { return resume_experiment(folder, device, threads, how); });
  });
  module.def("families", &all_families);
  module.def("build", [] { return build_description().dump(); });
  module.def("cuda_unavailable", &cuda_unavailable);
}

}  // namespace engram::python
