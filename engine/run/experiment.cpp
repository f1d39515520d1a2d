#include "engram/run/experiment.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/run/config_document.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t max_points = 100000, max_replicas = 1000000;

void read_seeds(const ConfigReader& reader, Experiment& experiment) {
  const bool single = reader.has("seed");
  const auto first = reader.get_or<std::uint64_t>("seed", 1);
  const ConfigReader seeds = reader.optional_object("replicas").member("seeds");
  if (seeds.is_array()) {
    experiment.seeds = seeds.as<std::vector<std::uint64_t>>();
    if (experiment.seeds.empty()) seeds.problem("at least one seed is needed");
    if (experiment.seeds.size() > max_replicas)
      seeds.problem("more than " + std::to_string(max_replicas) + " replicas");
    if (std::set<std::uint64_t>(experiment.seeds.begin(), experiment.seeds.end()).size() != experiment.seeds.size())
      seeds.problem("a seed stands here twice: two replicas would be the same network");
    if (single) seeds.problem("the seeds are listed here, so /seed has no effect; leave out one of the two");
  } else {
    const auto count = seeds.exists() ? seeds.as<std::uint64_t>({1, static_cast<double>(max_replicas)}) : 1;
    if (count - 1 > std::numeric_limits<std::uint64_t>::max() - first)
      reader.problem("seed", "found " + std::to_string(first) + "; the seeds of " + std::to_string(count) +
                                 " replicas go beyond 2^64 - 1");
    for (std::uint64_t i = 0; i < count; ++i) experiment.seeds.push_back(first + i);
  }
}

/// The place of the first value that equals one before it, or their number.
std::size_t first_repeated(const Json& values) {
  std::set<Json> seen;
  std::size_t i = 0;
  while (i < values.size() && seen.insert(values[i]).second) ++i;
  return i;
}

/// The points of the grid, the last name varying fastest.
void read_grid(const ConfigReader& reader, Experiment& experiment) {
  experiment.points = {Json::object()};
  Json sample = experiment.document;  // shows whether each value has a place
  for (const auto& [pointer, values] : reader.optional_object("replicas").optional_object("grid").members()) {
    const std::string top = pointer.substr(0, pointer.find('/', 1));
    if (!pointer.starts_with('/') || pointer.size() < 2) {
      values.problem("a JSON pointer is needed here, such as \"/model/eta\"");
      continue;
    }
    for (const char* fixed :
         {"/schema", "/name", "/seed", "/replicas", "/backend", "/threads", "/output", "/checkpoint", "/record"})
      if (top == fixed)
        values.problem("a grid varies the model and its protocol; " + top + " is the same for all points");
    if (!values.is_array() || values.items().empty()) {
      values.problem("expected an array of one value or more");
      continue;
    }
    if (const std::size_t twice = first_repeated(values.json()); twice < values.json().size()) {
      values.problem_at(std::to_string(twice), "this value stands here twice: two points would be the same experiment");
      continue;
    }
    if (experiment.points.size() > max_points / values.items().size()) {
      values.problem("the grid has more than " + std::to_string(max_points) + " points");
      continue;
    }
    const auto overlaps = [&pointer = pointer](const std::string& other) {
      return (pointer + "/").starts_with(other + "/") || (other + "/").starts_with(pointer + "/");
    };
    for (const auto& [other, value] : experiment.points.front().items())
      if (overlaps(other)) values.problem("the grid varies " + other + " too, and one of them would replace the other");
    try {
      set_at(sample, pointer, values.json().front());
    } catch (const ConfigError& error) {
      values.problem(error.problems().front().path + ": " + error.problems().front().text);
      continue;
    }
    std::vector<Json> next;
    next.reserve(experiment.points.size() * values.json().size());
    for (const Json& point : experiment.points)
      for (const Json& value : values.json()) {
        next.push_back(point);
        next.back()[pointer] = value;
      }
    experiment.points = std::move(next);
  }
}

/// A family that offers fast sums has them in its own table of keys; the sums of all others are exact.
void check_sums(const ConfigReader& model, const Family& family) {
  const Json& written = model.as_written();
  if (!written.is_object() || !written.contains("sums")) return;
  const Json own = family.schema();
  if (own.contains("model") && own["model"].contains("properties") && own["model"]["properties"].contains("sums"))
    return;
  model.member("sums");  // said here, not as an unknown key
  model.problem("sums", "the sums of a model of type " + std::string(family.name) +
                            " are always exact, for fast ones need many states on one matrix that does not learn; "
                            "leave this out");
}

const Family* find_family(const ConfigReader& reader, std::span<const Family> known) {
  std::vector<std::string> names;
  for (const Family& family : known) names.emplace_back(family.name);
  const ConfigReader model = reader.object("model");
  if (!model.exists()) return nullptr;
  const std::string type = model.choice("type", names);
  for (const Family& family : known)
    if (model.member("type").is_string() && model.member("type").json() == family.name) {
      check_sums(model, family);
      return &family;
    }
  return nullptr;
}

/// All keys that belong to every experiment.
void read_common(const ConfigReader& reader, Experiment& experiment) {
  reader.choice("schema", {experiment_schema_id});
  experiment.name = reader.get_or("name", experiment.name);
  if (experiment.name.empty()) reader.problem("name", "a name is needed");
  experiment.backend = reader.get_or("backend", experiment.backend);
  const bool cuda = experiment.backend.starts_with("cuda:") && experiment.backend.size() > 5 &&
                    experiment.backend.size() < 9 &&
                    experiment.backend.find_first_not_of("0123456789", 5) == std::string::npos;
  if (!cuda && experiment.backend != "auto" && experiment.backend != "cpu" && experiment.backend != "cuda")
    reader.problem("backend",
                   "found \"" + experiment.backend + "\"; allowed are auto, cpu, cuda and cuda:0, cuda:1, ...");
  experiment.threads = reader.get_or("threads", 0, {0, 4096});
  experiment.output = reader.get_or("output", "");
  if (reader.has("output")) {
    const std::filesystem::path output(experiment.output);
    if (experiment.output.empty() || output.is_absolute() || *output.lexically_normal().begin() == "..")
      reader.problem("output", "a folder in or below that of the configuration is needed; --out names any folder");
  }
  experiment.record = read_selections(reader);
  const ConfigReader checkpoint = reader.optional_object("checkpoint");
  experiment.checkpoint_every = checkpoint.get_or<Tick>("every", 0, {0, 1e18});
  experiment.checkpoint_keep = checkpoint.get_or("keep", 2, {1, 1000});
}

/// Refuses a grid of which no point depends on the values of a pointer: they would all be the same experiment.
class DependenceOnGrid {
 public:
  explicit DependenceOnGrid(const Experiment& experiment) : experiment_(experiment) {}

  void note(const ConfigReader& point) {
    for (const auto& [pointer, why] : point.all_without_effect())
      if (experiment_.points.front().contains(pointer)) {
        ++points_[pointer];
        why_[pointer] = why;
      }
  }
  void check() const {
    std::vector<Problem> problems;
    for (const auto& [pointer, count] : points_)
      if (count == experiment_.points.size())
        problems.push_back({"/replicas/grid/" + escaped(pointer), "its values change nothing: " + why_.at(pointer)});
    if (!problems.empty()) throw ConfigError(std::move(problems));
  }

 private:
  const Experiment& experiment_;
  std::map<std::string, std::size_t> points_;  ///< in which the value of this pointer has no effect
  std::map<std::string, std::string> why_;
};

/// What is kept of a point that was found to be right. That no memory holds it is said where one is to run it.
void add_plan(Experiment& experiment, PointPlan point) {
  for (const Swept& one : point.plan->swept(experiment.seeds.size()))
    if (std::find(experiment.swept.begin(), experiment.swept.end(), one.pointer) == experiment.swept.end())
      experiment.swept.push_back(one.pointer);
  experiment.files.insert(point.files.begin(), point.files.end());
  try {
    experiment.memory = std::max(experiment.memory, point.plan->memory(experiment.seeds.size()));
  } catch (const MemoryError& error) {
    experiment.beyond_memory = error;
  }
  if (!experiment.first.plan) experiment.first = std::move(point);
}

}  // namespace

Experiment read_experiment(Json document, const std::string& base_folder, const std::string& name,
                           std::span<const Family> known, ConfigReader::Files files) {
  Experiment experiment;
  experiment.needed = files;
  experiment.document = document;
  experiment.base_folder = base_folder;
  experiment.name = name;
  ConfigReader reader(std::move(document), base_folder, files);
  read_common(reader, experiment);
  read_seeds(reader, experiment);
  read_grid(reader, experiment);
  for (const auto& [pointer, value] : experiment.points.front().items()) experiment.swept.push_back(pointer);
  experiment.family = find_family(reader, known);
  if (!experiment.family || !reader.ok()) {
    // Which keys are unknown only the family can tell.
    if (!experiment.family)
      reader.json();
    else
      experiment.family->read(reader);
    reader.finish();
  }
  DependenceOnGrid dependence(experiment);
  for (std::size_t point = 0; point < experiment.points.size(); ++point) {
    ConfigReader one(document_of(experiment, point), base_folder, files);
    Experiment again;
    read_common(one, again);
    one.member("seed");
    one.optional_object("replicas").member("seeds").json();  // read above
    std::shared_ptr<const Plan> plan;
    try {
      const Family* const family = find_family(one, known);
      if (family && family != experiment.family)
        one.object("model").problem("type", "a grid varies one family, here " + std::string(experiment.family->name) +
                                                "; this point is of another");
      if (family != experiment.family)
        one.json();
      else
        plan = experiment.family->read(one);
      if (plan) check_selections(one, experiment.record, *plan);
      one.finish();
      dependence.note(one);
      add_plan(experiment, {std::move(plan), one.files()});
    } catch (ConfigError& error) {
      if (experiment.points[point].empty()) throw;
      std::vector<Problem> problems = error.problems();
      for (Problem& problem : problems) problem.text += " (grid point " + experiment.points[point].dump() + ")";
      throw ConfigError(std::move(problems));
    }
  }
  dependence.check();
  return experiment;
}

Json document_of(const Experiment& experiment, std::size_t point) {
  Json document = Json::object();
  for (const auto& [key, value] : experiment.document.items())
    if (key != "replicas") document[key] = value;
  if (experiment.document.contains("replicas"))  // a list of many points is not copied into each of them
    for (const auto& [key, value] : experiment.document["replicas"].items())
      if (key != "grid") document["replicas"][key] = value;
  for (const auto& [pointer, value] : experiment.points.at(point).items()) set_at(document, pointer, value);
  return document;
}

PointPlan plan_of(const Experiment& experiment, std::size_t point, ConfigReader::Files files) {
  if (point == 0 && files == experiment.needed) return experiment.first;
  ConfigReader reader(document_of(experiment, point), experiment.base_folder, files);
  reader.json();  // its keys were checked when the experiment was read
  std::shared_ptr<const Plan> plan = experiment.family->read(reader);
  if (!plan) reader.finish();
  return {std::move(plan), reader.files()};
}

std::size_t memory_needed(const Experiment& experiment) {
  if (experiment.beyond_memory) throw *experiment.beyond_memory;
  return experiment.memory;
}

}  // namespace engram
