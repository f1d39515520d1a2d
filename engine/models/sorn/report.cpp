#include "engine/models/sorn/report.hpp"

#include <algorithm>
#include <cmath>

#include "engine/io/npy.hpp"
#include "engine/io/run_folder.hpp"
#include "engine/models/sorn/config.hpp"
#include "engine/run/results.hpp"
#include "engine/run/run_manifest.hpp"
#include "engine/run/run_names.hpp"
#include "engram/run/experiment.hpp"
#include "engram/sorn/analysis.hpp"

namespace engram::sorn {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t max_cells = std::size_t{1} << 33;  ///< of a raster: a byte each

io::Folder folder_of_run(const fs::path& path) {
  std::error_code unseen;
  if (!fs::is_directory(path, unseen))
    throw IoError((path / "manifest.json").string() + ": cannot be read; give the folder of a run");
  return io::Folder(path);
}

Json manifest_of(const io::Folder& folder) {
  Json manifest = io::read_manifest(folder);
  if (const std::string model = manifest.value("model", ""); model != "sorn")
    throw Error(folder.path().string() + ": a run of model \"" + model + "\", wanted is \"sorn\"", 2);
  if (manifest["status"] != "complete")
    throw IoError(folder.path().string() + ": this run is not complete (" + manifest["status"].get<std::string>() +
                  ")");
  return manifest;
}

/// A run as its manifest and files say it.
struct Recorded {
  io::Folder folder;
  Experiment experiment;

  explicit Recorded(const fs::path& path)
      : folder(folder_of_run(path)), experiment(recorded_experiment(manifest_of(folder), path.string())) {}
  Config config(std::size_t point) const {
    ConfigReader reader(document_of(experiment, point), experiment.base_folder, ConfigReader::Files::to_go_on);
    return read_config(reader);
  }
  /// The name of what a point wrote.
  std::string name(std::size_t point, const char* file) const { return point_folder(experiment, point) + file; }
  /// Steps between two that were kept.
  Tick every(const Config& c, const char* series) const {
    Tick every = 0;  // of several recorders the one that keeps most
    for (const Selection& one : experiment.record)
      if (one.names(series) && (every == 0 || one.every < every)) every = one.every;
    return std::lcm(c.recording.every(), std::max<Tick>(1, every));
  }
};

template <class T>
std::vector<T> column(const io::Folder& folder, const std::string& name) {
  return io::read_npy(folder.open(name + ".npy")).as<T>();
}

/// The kept steps from `from` on.
Raster raster_of(const Recorded& run, std::size_t point, std::size_t replica, Tick from) {
  const Config config = run.config(point);
  for (const Selection& one : run.experiment.record)
    if (one.names("ExcitatoryActivation") && !(one.units.empty() && one.phases.empty()))
      throw Error(run.folder.path().string() +
                      ": the run recorded the spikes of some units or phases; what is said here needs those of all",
                  2);
  const Tick every = run.every(config, "ExcitatoryActivation"), first = ceil_div(from, every),
             steps = ceil_div(config.timeline.ticks(), every);
  if (first >= steps)
    throw Error(
        "the record ends at step " + std::to_string(config.timeline.ticks()) + ", before step " + std::to_string(from),
        2);
  Raster raster{steps - first, config.parameters.ne, {}};
  if (raster.steps > max_cells / raster.units)
    throw MemoryError("a raster of " + std::to_string(raster.steps) + " steps and " + std::to_string(raster.units) +
                      " units; leave out steps with --from");
  raster.active.resize(raster.steps * raster.units);
  const std::string spikes = run.name(point, "ExcitatoryActivation/");
  const fs::path place = run.folder.path() / spikes;
  const auto step = column<std::uint64_t>(run.folder, spikes + "step");
  const auto network = column<std::uint32_t>(run.folder, spikes + "replica"),
             unit = column<std::uint32_t>(run.folder, spikes + "unit");
  if (network.size() != step.size() || unit.size() != step.size())
    throw IoError(place.string() + ": columns of different lengths");
  for (std::size_t k = 0; k < step.size(); ++k) {
    if (network[k] != replica || step[k] % every != 0 || step[k] / every < first) continue;
    if (step[k] / every >= steps || unit[k] >= raster.units)
      throw IoError(place.string() + ": a spike beyond the steps or units of the run");
    raster.active[(step[k] / every - first) * raster.units + unit[k]] = 1;
  }
  return raster;
}

Raster trimmed(Raster raster, std::size_t windows) {
  raster.steps -= raster.steps % windows;
  raster.active.resize(raster.steps * raster.units);
  return raster;
}

/// Null where there is nothing that a mean could be of.
Json mean_or_null(const std::vector<double>& values) {
  const Moments all = moments_of(values);
  return all.count > 0 ? Json(all.mean) : Json();
}

void add_spikes(Json& out, const Raster& raster, const ReportOptions& options, Tick every) {
  using namespace analysis;
  if (options.windows < 2 || options.windows > raster.steps)
    throw Error("found " + std::to_string(options.windows) + " windows; allowed are 2 to the recorded steps, " +
                    std::to_string(raster.steps),
                2);
  const std::vector<double> rate = network_rate(raster);
  const Raster parts = trimmed(raster, options.windows);
  std::vector<double> unit_rates, fanos, means_of_intervals, cvs_of_intervals, turnover;
  for (std::size_t i = 0; i < raster.units; ++i) {
    unit_rates.push_back(spikes_per_bin(raster, i, 1));
    if (const Fano f = fano_factor(parts, i, options.windows); f.mean > 0) fanos.push_back(f.factor);
    std::vector<double> own;
    for (const std::size_t steps : intervals(raster, i)) own.push_back(static_cast<double>(steps * every));
    const Moments interval = moments_of(own);
    if (interval.count > 0) means_of_intervals.push_back(interval.mean);
    if (interval.count > 1) cvs_of_intervals.push_back(interval.population_sd() / interval.mean);
  }
  for (std::size_t t = 1; t < raster.steps; ++t) {
    double differ = 0;
    for (std::size_t i = 0; i < raster.units; ++i) differ += raster.at(t, i) != raster.at(t - 1, i);
    turnover.push_back(differ);
  }
  const Correlation c = correlation(raster);
  const Moments activity = moments_of(rate), unit_rate = moments_of(unit_rates);
  const Avalanches a = avalanches(rate, std::floor(activity.mean / 2));
  out["recorded steps"] = raster.steps;
  out["steps between them"] = every;
  out["rate"] = unit_rate.mean;
  out["sd of unit rates"] = unit_rate.population_sd();
  out["units that never change"] = c.silent;
  out["sd of activity"] = activity.population_sd();
  out["smoothness"] = smoothness(rate);
  out["relative smoothness"] = relative_smoothness(rate);
  const bool varies = activity.population_sd() > 0;
  out["autocorrelation"] = varies ? Json(autocorrelation(rate, options.lag)) : Json();
  out["Fano factor"] = mean_or_null(fanos);
  out["source entropy"] = unit_rate.mean > 0 ? Json(source_entropy(raster)) : Json();
  out["correlation, all entries"] = c.mean();
  out["correlation of pairs"] = c.pair_mean();
  out["interval"] = mean_or_null(means_of_intervals);
  out["CV of intervals"] = mean_or_null(cvs_of_intervals);
  out["units that differ from the step before"] = mean_or_null(turnover);
  out["avalanches"] = a.size.size();
  out["exponent of durations"] = power_law_exponent(a.duration, 6, 60);  // the ranges of Del Papa et al. 2017
  out["exponent of sizes"] = power_law_exponent(a.size, 10, 1500);
}

/// Of the last step whose weights were kept.
void add_weights(Json& out, const io::Folder& folder, const std::string& weights, std::size_t replica, Index units) {
  const fs::path place = folder.path() / weights;
  const auto step = column<std::uint64_t>(folder, weights + "step");
  const auto network = column<std::uint32_t>(folder, weights + "replica"),
             pre = column<std::uint32_t>(folder, weights + "pre"),
             post = column<std::uint32_t>(folder, weights + "post");
  const io::NpyArray stored = io::read_npy(folder.open(weights + "weight.npy"));
  std::vector<double> weight;
  if (stored.type == io::npy_type<float>()) {
    const auto values = stored.as<float>();
    weight.assign(values.begin(), values.end());
  } else {
    weight = stored.as<double>();
  }
  if (network.size() != step.size() || pre.size() != step.size() || post.size() != step.size() ||
      weight.size() != step.size())
    throw IoError(place.string() + ": columns of different lengths");
  if (step.empty()) return;
  const std::uint64_t last = *std::max_element(step.begin(), step.end());
  std::vector<double> in(units), from(units), values;
  for (std::size_t k = 0; k < step.size(); ++k) {
    if (step[k] != last || network[k] != replica) continue;
    if (pre[k] >= units || post[k] >= units) throw IoError(place.string() + ": a synapse beyond the units of the run");
    ++in[post[k]];
    ++from[pre[k]];
    values.push_back(weight[k]);
  }
  const Moments in_degree = moments_of(in), out_degree = moments_of(from);
  const analysis::LogNormal fit = analysis::fit_lognormal(values, 0.01);
  std::vector<double> logs;
  for (const double w : values)
    if (w >= 0.01) logs.push_back(std::log(w));
  out["weights of step"] = last;
  out["EE synapses"] = values.size();
  out["in-degree"] = in_degree.mean;
  out["sd of in-degrees"] = in_degree.population_sd();
  out["sd of out-degrees"] = out_degree.population_sd();
  const auto of_fit = [&](double value) { return fit.n > 0 ? Json(value) : Json(); };
  out["log-normal mu"] = of_fit(fit.mu);
  out["log-normal sigma"] = of_fit(fit.sigma);
  out["log-normal mode"] = of_fit(fit.mode());
  out["log-normal median"] = of_fit(fit.median());
  out["log-normal mean"] = of_fit(fit.mean());
  out["distance of logarithms to normal"] = fit.sigma > 0 ? Json(analysis::distance_to_normal(logs)) : Json();
}

}  // namespace

std::vector<Json> report(const fs::path& folder, const ReportOptions& options) {
  const Recorded run(folder);
  std::optional<Recorded> other;
  if (options.against) other.emplace(*options.against);
  std::vector<Json> reports;
  for (std::size_t p = 0; p < run.experiment.points.size(); ++p) {
    const Config config = run.config(p);
    const bool spikes = run.folder.exists(run.name(p, "ExcitatoryActivation/step.npy")),
               weights = run.folder.exists(run.name(p, "WEE/step.npy"));
    if (!spikes && !weights)
      throw Error((folder / point_folder(run.experiment, p)).string() +
                      ": the run recorded neither \"ExcitatoryActivation\" nor \"WEE\"; name them in /callbacks/series",
                  2);
    for (std::size_t r = 0; r < run.experiment.seeds.size(); ++r) {
      Json report;
      if (!run.experiment.points[p].empty()) report["grid"] = run.experiment.points[p];
      report["replica"] = r;
      report["seed"] = run.experiment.seeds[r];
      if (spikes) {
        const Raster raster = raster_of(run, p, r, options.from);
        add_spikes(report, raster, options, run.every(config, "ExcitatoryActivation"));
        if (other) {
          const auto distance = analysis::hamming(raster, raster_of(*other, p, r, options.from));
          report["Hamming distance"] = moments_of(std::vector<double>(distance.begin(), distance.end())).mean;
        }
      } else if (other) {
        throw Error("the Hamming distance needs spikes; name \"ExcitatoryActivation\" in /callbacks/series", 2);
      }
      if (weights) add_weights(report, run.folder, run.name(p, "WEE/"), r, config.parameters.ne);
      reports.push_back(std::move(report));
    }
  }
  return reports;
}

}  // namespace engram::sorn
