#include "engine/models/attractor/config.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/io/names.hpp"
#include "engine/io/numbers.hpp"
#include "engine/models/attractor/series.hpp"
#include "engine/run/number_rows.hpp"
#include "engine/run/timeline.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/schema.hpp"

namespace engram::attractor {

namespace {

struct PatternFields {
  std::string file, tensor;
  std::vector<std::uint64_t> rows;
  std::optional<std::uint64_t> random, units;
  std::uint64_t seed = 1;
  bool square = false, standardize = false;

  static constexpr auto fields = std::tuple{
      Field{"file", &PatternFields::file,
            "rows of numbers: NPY, safetensors, or comma-separated, of which the column \"label\" is left out"},
      Field{"tensor", &PatternFields::tensor, "which tensor of a safetensors file"},
      Field{"rows", &PatternFields::rows,
            "which rows of the file are the patterns, from 0; the others are the unseen ones", 0, 1e9},
      Field{"random", &PatternFields::random, "this many patterns of -1 and 1", 1, 1e6},
      Field{"units", &PatternFields::units, "with random: length of a pattern", 1, 1e6},
      Field{"seed", &PatternFields::seed, "with random: which ones"},
      Field{"square", &PatternFields::square, "square every value first"},
      Field{"standardize", &PatternFields::standardize,
            "subtract the mean of a pattern, divide by its standard deviation"},
  };
};

/// A quarter of a gibibyte.
constexpr std::uint64_t max_random_values = std::uint64_t{1} << 25;

/// Rows of equal length, at least one; reports and returns 0 columns otherwise.
std::size_t read_rows(const ConfigReader& rows, std::vector<double>& out, Range range) {
  if (rows.names_file()) {
    const auto all = rows.as<std::vector<std::vector<double>>>(range);
    for (const auto& row : all) out.insert(out.end(), row.begin(), row.end());
    return all.empty() ? 0 : all.front().size();
  }
  std::size_t width = 0;
  const auto items = rows.items();
  for (const ConfigReader& item : items) {
    const auto row = item.as<std::vector<double>>(range);
    if (row.empty()) return item.problem("found an empty row, expected at least one number"), 0;
    if (width && row.size() != width)
      return item.problem("found " + std::to_string(row.size()) + " values, the rows before have " +
                          std::to_string(width)),
             0;
    width = row.size();
    out.insert(out.end(), row.begin(), row.end());
  }
  if (items.empty()) rows.problem("found no rows, expected at least one");
  return width;
}

/// All rows of a table; 0 columns after a problem.
std::size_t read_table(const ConfigReader& patterns, const std::string& path, const std::string& tensor,
                       std::vector<double>& out) {
  io::Numbers read;
  if (!patterns.takes_content([&] { read = io::read_numbers(path, 1e6, tensor); })) return 0;
  if (read.shape.size() != 2 || read.values.empty())
    return patterns.problem("file", path + ": rows of numbers are needed"), 0;
  out = std::move(read.values);
  return static_cast<std::size_t>(read.shape[1]);
}

std::size_t read_patterns(const ConfigReader& experiment, Config& config) {
  const ConfigReader patterns = experiment.object("patterns");
  PatternFields fields;
  read_fields(patterns, fields);
  const ConfigReader values = patterns.member("values"), unseen = patterns.member("test");
  NumberRows::given_as_file(unseen);  // makes its keys known ones, whatever else is wrong
  if (int(values.exists()) + int(patterns.has("file")) + int(patterns.has("random")) != 1) {
    patterns.problem("exactly one of values, file and random is needed");
    return 0;
  }
  if (unseen.exists() && !values.exists())
    unseen.problem("belongs to \"values\"; of a file, rows that /patterns/rows leaves out are the unseen ones");
  std::size_t width = 0;
  if (values.exists()) {
    // Without standardisation they are states of the network, which lie within [-1, 1].
    const double limit = fields.standardize ? 1e6 : 1;
    width = read_rows(values, config.patterns, {-limit, limit});
    if (unseen.exists()) {
      const std::size_t columns = read_rows(unseen, config.test, {-limit, limit});
      if (columns && width && columns != width)
        unseen.problem("found rows of " + std::to_string(columns) + " values, the patterns have " +
                       std::to_string(width));
    }
  } else if (fields.random) {
    width = patterns.get<std::uint64_t>("units", {1, 1e6});
    if (*fields.random * width > max_random_values) {
      patterns.problem("random", std::to_string(*fields.random) + " patterns of " + std::to_string(width) +
                                     " units are " + std::to_string(*fields.random * width) + " values, allowed are " +
                                     std::to_string(max_random_values));
      return 0;
    }
    for (std::uint32_t k = 0; k < *fields.random; ++k)
      for (std::uint32_t i = 0; i < width; ++i)
        config.patterns.push_back(Random{fields.seed, Stream::attractor_pattern, k, i}.bernoulli(0.5) ? 1 : -1);
  } else {
    const std::string path = patterns.file("file");
    std::vector<double> all;
    if (experiment.ok()) width = read_table(patterns, path, fields.tensor, all);
    if (!width) return 0;
    const std::size_t rows = all.size() / width;
    std::vector<bool> chosen(rows, fields.rows.empty());
    const auto row = [&](std::size_t r) { return std::span(all).subspan(r * width, width); };
    for (const std::uint64_t r : fields.rows) {
      if (r >= rows)
        return patterns.problem("rows",
                                "row " + std::to_string(r) + " is asked for, the file has " + std::to_string(rows)),
               0;
      chosen[r] = true;
      config.patterns.insert(config.patterns.end(), row(r).begin(), row(r).end());
    }
    for (std::size_t r = 0; r < rows; ++r) {
      auto& to = chosen[r] ? config.patterns : config.test;
      if (!chosen[r] || fields.rows.empty()) to.insert(to.end(), row(r).begin(), row(r).end());
    }
  }
  if (!width) return 0;
  for (std::vector<double>* rows : {&config.patterns, &config.test}) {
    if (fields.standardize) {
      std::vector<std::size_t> constant;
      *rows = standardize(*rows, width, fields.square, &constant);
      if (!constant.empty() && rows == &config.patterns)
        patterns.problem("pattern " + std::to_string(constant[0]) +
                         " is the same everywhere; it cannot be standardized");
    } else if (fields.square) {
      for (double& v : *rows) v *= v;
    }
  }
  return width;
}

/// A number or a list of numbers.
std::vector<double> read_axis(const ConfigReader& model, const char* key, double fallback, Range range) {
  const ConfigReader value = model.member(key);
  if (!value.exists()) return {fallback};
  if (!value.is_array() && !value.names_file()) return {value.as<double>(range)};
  auto list = value.as<std::vector<double>>(range);
  if (list.empty()) value.problem("found an empty list, expected at least one number");
  if (std::set<double>(list.begin(), list.end()).size() != list.size())
    value.problem("a value stands here twice: nothing would tell its networks apart");
  return list.empty() ? std::vector<double>{fallback} : list;
}

void read_phases(const ConfigReader& experiment, std::size_t width, Config& config) {
  std::vector<Phase>& protocol = config.protocol;
  ResultNames labels;
  for (const ConfigReader& reader : experiment.list("protocol").items()) {
    Phase phase;
    read_fields(reader, phase);
    if (phase.action != "train" && !reader.has("steps")) phase.steps = 100;
    const bool moves = phase.action == "train" || phase.action == "run";
    if (!moves && phase.steps > 1000000000)
      reader.problem(
          "steps", "found " + std::to_string(phase.steps) + "; allowed are 1 to 1000000000 where states are measured");
    if (!moves && phase.learning_rate > 0) reader.problem("learning_rate", "only train and run learn");
    if (phase.action == "reconstruct" && phase.from == "test" && width && config.test.empty())
      reader.problem("from",
                     "there are no unseen patterns; list them as /patterns/test, or give a file with more rows than "
                     "/patterns/rows names");
    if (!phase.mixture.empty() && width && phase.mixture.size() != config.patterns.size() / width)
      reader.problem("mixture", "found " + std::to_string(phase.mixture.size()) + " weights for " +
                                    std::to_string(config.patterns.size() / width) + " patterns");
    const auto finds = [](const Phase& before) { return before.action == "attractors"; };
    if (phase.project && (phase.action != "run" || std::none_of(protocol.begin(), protocol.end(), finds)))
      reader.problem("project", "needs a phase that runs, after one that looks for attractors");
    Tick ticks = moves ? phase.steps : 1;
    if (phase.action == "train" && __builtin_mul_overflow(phase.epochs, phase.steps, &ticks)) ticks = max_ticks + 1;
    config.timeline.add(reader, ticks);
    if (phase.noise.empty()) phase.noise = {0};
    if (const std::string fault = io::fault_of_column_part(phase.label); !fault.empty()) reader.problem("label", fault);
    if (phase.label.empty()) phase.label = phase.action + " " + std::to_string(protocol.size() + 1);
    phase.label = labels.take(phase.label);
    protocol.push_back(phase);
  }
  if (protocol.empty()) experiment.problem("protocol", "found no phase, needed is at least one");
}

}  // namespace

std::vector<std::string> Config::series() const {
  std::vector<std::string> names = names_of(recordable::others, {{}, actions_of(protocol)});
  for (const Phase& phase : protocol)
    for (std::string& name : names_of_measurements(phase)) names.push_back(std::move(name));
  return names;
}

std::vector<Swept> Config::swept(std::size_t seeds) const {
  std::vector<Swept> all;
  const auto add = [&](const char* pointer, const std::vector<double>& of_cells) {
    if (std::equal(of_cells.begin() + 1, of_cells.end(), of_cells.begin())) return;
    Swept& one = all.emplace_back(Swept{pointer, {}});
    for (const double value : of_cells) one.values.insert(one.values.end(), seeds, shown(value));
  };
  add("/model/evidence", evidence);
  add("/model/inverse_temperature", inverse_temperature);
  return all;
}

namespace {

/// Reports what keeps the networks of another run from going on as this experiment says.
void check_begun(const ConfigReader& experiment, const ConfigReader& model, const Config& config) {
  const auto shape = config.begun->shape("weights");
  const std::string path = config.begun->path();
  if (!shape || shape->size() != 3 || !config.begun->shape("inverse_temperature"))
    return model.problem("state", path + ": holds no attractor network");
  const std::uint64_t networks = config.evidence.size() * seeds_of(experiment), n = config.units();
  if (*shape != std::vector<std::uint64_t>{networks, n, n})
    model.problem("state", path + ": holds " + std::to_string((*shape)[0]) + " networks of " +
                               std::to_string((*shape)[1]) + " units; the experiment has " + std::to_string(networks) +
                               " of " + std::to_string(n));
  ModelState::refuse_weights(model);
}

}  // namespace

Options options_of(const Config& config, std::size_t seeds) {
  Options options = config.options;
  const std::size_t networks = checked_product(options.networks, seeds);
  if (networks > 1u << 30) throw MemoryError(std::to_string(networks) + " networks are more than any memory holds");
  options.networks = static_cast<Index>(networks);
  return options;
}

Config read_config(ConfigReader& experiment) {
  Config config;
  const ConfigReader model = experiment.object("model");
  model.member("type");
  Options& o = config.options;
  read_fields(model, o);
  const std::size_t width = read_patterns(experiment, config);
  const auto evidence = read_axis(model, "evidence", 1, {0, 1e6}),
             beta = read_axis(model, "inverse_temperature", 1, {1e-6, 1e6});
  config.evidence.clear();
  config.inverse_temperature.clear();
  for (const double e : evidence)
    for (const double b : beta) {
      config.evidence.push_back(e);
      config.inverse_temperature.push_back(b);
    }
  o.units = static_cast<Index>(std::max<std::size_t>(width, 1));
  o.networks = static_cast<Index>(config.evidence.size());
  if (const ConfigReader weights = model.member("weights"); weights.exists()) {
    std::vector<double> rows;
    const std::size_t columns = read_rows(weights, rows, {-1e6, 1e6});
    if (columns && (columns * columns != rows.size() || (width && columns != width)))
      weights.problem("found " + std::to_string(rows.size() / columns) + " rows of " + std::to_string(columns) +
                      "; expected a square matrix of " + std::to_string(width) + " units");
    config.weights = to_real(rows);
  }
  if (const ConfigReader bias = model.member("base_bias"); bias.exists()) {
    config.base_bias = bias.as<std::vector<real>>({-1e6, 1e6});
    if (width && config.base_bias.size() != width)
      bias.problem("found " + std::to_string(config.base_bias.size()) + " values for " + std::to_string(width) +
                   " units");
  }
  if (model.has("unit_inverse_temperature") && width && o.unit_inverse_temperature.size() != width)
    model.problem("unit_inverse_temperature", "found " + std::to_string(o.unit_inverse_temperature.size()) +
                                                  " values for " + std::to_string(width) + " units");
  if (model.member("state").exists()) config.begun = ModelState::read(model);
  if (config.begun && experiment.ok()) check_begun(experiment, model, config);
  read_phases(experiment, width, config);
  return config;
}

nlohmann::ordered_json schema_of_family() {
  using namespace schema;
  const Json list = list_of(type_of<double>()), numbers = or_file(list), rows = or_file(list_of(list));
  const auto axis = [&](const char* help, double least) {
    Json number{{"type", "number"}, {"minimum", least}, {"maximum", 1e6}};
    return Json{{"oneOf", Json::array({number, list_of(number), file_reference()})}, {"description", help}};
  };
  Json model = properties_of<Options>();
  model["type"] = {{"const", "attractor"}};
  model["evidence"] =
      axis("strength of the patterns as biases; a list makes one network of each, with each inverse temperature", 0);
  model["inverse_temperature"] = axis("inverse temperature; a list makes one network of each", 1e-6);
  model["weights"] = rows;
  model["weights"]["description"] = "initial weights, row i column j leading from j to i; default 0";
  model["state"] = {
      {"type", "string"},
      {"description",
       "state.safetensors of another run: its networks go on here, weights, states and draws as they stood"}};
  model["base_bias"] = numbers;
  model["base_bias"]["description"] = "bias beside the evidence; default 0";
  Json patterns = properties_of<PatternFields>();
  patterns["values"] = rows;
  patterns["test"] = rows;
  patterns["test"]["description"] = "with values: patterns that training never shows";
  return {
      {"model", object(model, {"type"})}, {"patterns", object(patterns)}, {"protocol", list_of(object_of<Phase>())}};
}

}  // namespace engram::attractor
