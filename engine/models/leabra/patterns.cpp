// Patterns of an experiment: written down, from a table whose columns are coded, or random.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "engine/io/table.hpp"
#include "engine/models/leabra/config.hpp"
#include "engine/run/number_rows.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/schema.hpp"

namespace engram::leabra {

namespace {

using Json = nlohmann::ordered_json;

enum class Coding { values, classes, quantile_bins };
/// How columns of a table become activations of a layer.
struct CodeFields {
  std::vector<std::string> columns;
  Coding as = Coding::values;
  std::uint64_t bins = 10;
  bool last_bin_apart = true;

  static constexpr auto fields = std::tuple{
      required(Field{"columns", &CodeFields::columns, "names of columns of the table", 1, 0}),
      Field{"as", &CodeFields::as,
            "values: numbers from 0 to 1, a unit each; classes: whole numbers from 0, of which each has a unit; "
            "quantile_bins: the share of rows that are smaller falls into one of some bins, of which each has a unit",
            0, 0, "values|classes|quantile_bins"},
      Field{"bins", &CodeFields::bins, "quantile_bins: how many", 2, 1e4},
      Field{"last_bin_apart", &CodeFields::last_bin_apart,
            "quantile_bins: the last bin holds the largest value alone, as equal edges make it; otherwise bins - 1 "
            "equal ones hold all"},
  };
};

struct PatternFields {
  std::string file;
  double test_share = 0;
  bool split_by_seed = true;
  std::optional<std::uint64_t> random;
  std::uint64_t seed = 1;

  static constexpr auto fields = std::tuple{
      Field{"file", &PatternFields::file, "comma-separated numbers, a line of names first"},
      Field{"test_share", &PatternFields::test_share, "file: share of the rows that test and do not train", 0.0, 1.0},
      Field{"split_by_seed", &PatternFields::split_by_seed,
            "file: each replica draws its order and its test rows; otherwise the last rows test"},
      Field{"random", &PatternFields::random, "this many random patterns", 1, 1e6},
      Field{"seed", &PatternFields::seed, "random: which ones"},
  };
};

constexpr std::size_t max_values = std::size_t{1} << 27;

/// Rows of a list or of a file, [pattern][unit].
std::vector<double> read_rows(const ConfigReader& rows, std::size_t units, std::size_t& count) {
  std::vector<double> all;
  std::size_t found = 0;
  if (rows.names_file()) {
    const NumberRows file = NumberRows::read(rows, {0, 1});
    if (!file.empty() && file.columns() != units)
      rows.problem("found rows of " + std::to_string(file.columns()) + " activations, the layer has " +
                   std::to_string(units) + " units");
    for (; found < file.size(); ++found) all.insert(all.end(), file[found].begin(), file[found].end());
  } else if (!rows.is_array()) {
    rows.mismatch("an array or a file");
  }
  for (const ConfigReader& item : rows.items()) {
    const auto row = item.as<std::vector<double>>({0, 1});
    if (item.is_array() && row.size() != units)
      item.problem("found " + std::to_string(row.size()) + " activations, the layer has " + std::to_string(units) +
                   " units");
    all.insert(all.end(), row.begin(), row.end());
    ++found;
  }
  if (found == 0) {
    if (rows.is_array()) rows.problem("found no pattern, needed is at least one");
    return all;
  }
  if (count && found != count)
    rows.problem("found " + std::to_string(found) + " patterns, other layers have " + std::to_string(count));
  count = std::max(count, found);
  return all;
}

/// {"input": [[...], ...], "output": [[...], ...]}; returns how many patterns.
std::size_t read_inline(const ConfigReader& sets, Config& config) {
  std::size_t count = 0;
  for (std::size_t k = 0; k < config.shown.size(); ++k) {
    const ConfigReader rows = sets.member(config.shown[k]);
    if (!rows.exists()) sets.missing(config.shown[k], "an array or a file");
    if (!rows.exists() || !sets.ok()) continue;
    const std::vector<double> more = read_rows(rows, config.layer(config.shown[k]).size, count);
    config.patterns.of_layer[k].insert(config.patterns.of_layer[k].end(), more.begin(), more.end());
  }
  return count;
}

std::vector<double> column_of(const io::Table& table, std::size_t column) {
  std::vector<double> values;
  for (std::size_t at = column; at < table.values.size(); at += table.names.size()) values.push_back(table.values[at]);
  return values;
}

/// From 0 for the smallest to 1 for the largest; equal values share the mean of their places.
std::vector<double> quantiles(const std::vector<double>& values) {
  std::vector<double> sorted = values, quantile;
  std::sort(sorted.begin(), sorted.end());
  for (const double v : values) {
    const auto [first, end] = std::equal_range(sorted.begin(), sorted.end(), v);
    const auto low = static_cast<double>(first - sorted.begin()), high = static_cast<double>(end - sorted.begin() - 1);
    const double last = static_cast<double>(values.size() - 1);
    quantile.push_back(v == sorted.front() ? 0 : v == sorted.back() ? 1 : (low + high) / 2 / last);
  }
  return quantile;
}

/// One-hot codes of the columns of a layer, [row][column][bin].
std::vector<double> coded(const io::Table& table, const std::vector<std::size_t>& columns, const CodeFields& code,
                          std::size_t width) {
  std::vector<double> all(table.rows() * columns.size() * width);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::vector<double> values = column_of(table, columns[c]);
    const std::vector<double> where = code.as == Coding::quantile_bins ? quantiles(values) : values;
    for (std::size_t r = 0; r < where.size(); ++r) {
      double* to = all.data() + (r * columns.size() + c) * width;
      if (code.as == Coding::values) {
        to[0] = where[r];
      } else {
        const double place = code.as == Coding::classes ? where[r] : std::floor(where[r] * double(code.bins - 1));
        to[std::min(static_cast<std::size_t>(place), width - 1)] = 1;
      }
    }
  }
  return all;
}

void code_layer(const ConfigReader& reader, const CodeFields& code, const io::Table& table, std::size_t layer,
                Config& config) {
  const std::size_t units = config.layer(config.shown[layer]).size;
  std::vector<std::size_t> columns;
  for (const std::string& name : code.columns) {
    const auto found = std::find(table.names.begin(), table.names.end(), name);
    if (found == table.names.end()) {
      const std::string near = nearest(name, table.names);
      return reader.problem("columns", "the table has no column \"" + name + "\"" +
                                           (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    }
    columns.push_back(static_cast<std::size_t>(found - table.names.begin()));
  }
  if (!reader.ok() || columns.empty()) return;
  const std::size_t width = code.as == Coding::values    ? 1
                            : code.as == Coding::classes ? units / columns.size()
                                                         : code.bins - !code.last_bin_apart;
  if (columns.size() * width != units)
    return reader.problem("gives " + std::to_string(columns.size() * width) + " activations, the layer has " +
                          std::to_string(units) + " units");
  for (const std::size_t c : columns)
    for (const double v : column_of(table, c)) {
      const double most = code.as == Coding::values ? 1 : static_cast<double>(width - 1);
      if (code.as != Coding::quantile_bins &&
          !(v >= 0 && v <= most && (code.as == Coding::values || v == std::floor(v))))
        return reader.problem("columns", "\"" + table.names[c] + "\" holds " + shown(v) + "; allowed are " +
                                             (code.as == Coding::values ? "numbers" : "whole numbers") + " from 0 to " +
                                             shown(most));
    }
  config.patterns.of_layer[layer] = coded(table, columns, code, width);
}

/// How columns of a file become activations, for each layer that is shown patterns.
using Codes = std::vector<std::optional<CodeFields>>;

Codes read_codes(const ConfigReader& patterns, const Config& config) {
  Codes codes(config.shown.size());
  for (const auto& [layer, reader] : patterns.optional_object("code").members()) {
    CodeFields code;
    read_fields(reader, code);
    const auto shown = std::find(config.shown.begin(), config.shown.end(), layer);
    if (shown == config.shown.end())
      reader.problem("no layer of this name is shown patterns");
    else
      codes[static_cast<std::size_t>(shown - config.shown.begin())] = code;
  }
  return codes;
}

void read_file(const ConfigReader& patterns, const PatternFields& fields, const Codes& codes, Config& config) {
  const std::string path = patterns.file("file");
  if (!patterns.ok()) return;
  patterns.takes_content([&] {
    const io::Table table = io::read_table(path, 1e30);
    for (std::size_t k = 0; k < config.shown.size(); ++k)
      if (codes[k]) code_layer(patterns.object("code").object(config.shown[k]), *codes[k], table, k, config);
    config.patterns.count = table.rows();
    config.patterns.tests = static_cast<std::size_t>(std::ceil(fields.test_share * static_cast<double>(table.rows())));
    config.patterns.split_by_seed = fields.split_by_seed;
    if (config.patterns.tests >= table.rows()) patterns.problem("test_share", "leaves no row that trains");
  });
}

/// So many units are active, others in each pattern.
std::vector<double> random_patterns(std::size_t count, std::size_t units, std::size_t active, std::uint64_t seed,
                                    std::size_t layer) {
  std::vector<double> all(count * units);
  std::vector<std::pair<std::uint64_t, std::size_t>> key(units);
  for (std::size_t p = 0; p < count; ++p) {
    for (std::uint32_t u = 0; u < units; ++u) {
      const Words x = Random{seed, Stream::leabra_pattern, p, u}.words(static_cast<std::uint32_t>(layer));
      key[u] = {(std::uint64_t{x.w[0]} << 32) | x.w[1], u};
    }
    std::nth_element(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(active), key.end());
    for (std::size_t k = 0; k < active; ++k) all[p * units + key[k].second] = 1;
  }
  return all;
}

void read_random(const ConfigReader& patterns, const PatternFields& fields, Config& config) {
  const ConfigReader active = patterns.object("active");
  for (std::size_t k = 0; k < config.shown.size(); ++k) {
    const std::size_t units = config.layer(config.shown[k]).size;
    const auto own = active.get<std::uint64_t>(config.shown[k], {1, static_cast<double>(units - 1)});
    if (!patterns.ok()) continue;
    if (checked_product(units, *fields.random) > max_values)
      return patterns.problem("random", "needs more values than " + std::to_string(max_values));
    config.patterns.of_layer[k] = random_patterns(*fields.random, units, own, fields.seed, k);
  }
  config.patterns.count = *fields.random;
}

}  // namespace

std::vector<std::uint32_t> Patterns::order(std::uint64_t seed) const {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0u);
  for (std::uint32_t i = static_cast<std::uint32_t>(count); split_by_seed && i > 1; --i)
    std::swap(rows[i - 1], rows[Random{seed, Stream::leabra_split, 0, i}.below(i)]);
  return rows;
}

void read_patterns(const ConfigReader& experiment, Config& config) {
  const ConfigReader patterns = experiment.object("patterns");
  PatternFields fields;
  read_fields(patterns, fields);
  config.patterns.of_layer.resize(config.shown.size());
  const ConfigReader train = patterns.optional_object("train"), test = patterns.optional_object("test");
  for (const ConfigReader& set : {train, test})
    for (const auto& [name, rows] : set.members()) {
      NumberRows::given_as_file(rows);  // known keys, whatever else is wrong
      if (std::find(config.shown.begin(), config.shown.end(), name) == config.shown.end())
        rows.problem("no layer of inputs or targets has this name; there are " + listed(config.shown));
    }
  const Codes codes = read_codes(patterns, config);
  if (patterns.member("code").exists() && !patterns.has("file"))
    patterns.problem("code", "says how a file is read; set file");
  if (patterns.member("active").exists() && !fields.random)
    patterns.problem("active", "says how random patterns are drawn; set random");
  if (int(train.exists()) + int(patterns.has("file")) + int(fields.random.has_value()) != 1)
    return patterns.problem("exactly one of train, file and random is needed");
  if (test.exists() && !train.exists()) test.problem("belongs to \"train\"; of a file, test_share says what tests");
  if (!patterns.ok()) return;
  if (train.exists()) {
    config.patterns.count = read_inline(train, config);
    if (test.exists()) config.patterns.tests = read_inline(test, config);
    config.patterns.count += config.patterns.tests;
  } else if (fields.random) {
    read_random(patterns, fields, config);
  } else {
    read_file(patterns, fields, codes, config);
  }
}

Json schema_of_patterns() {
  using namespace schema;
  const Json names = type_of<std::vector<std::string>>(), rows = or_file(list_of(list_of(type_of<double>({0, 1}))));
  Json all = properties_of<PatternFields>();
  const auto add = [&](const char* key, Json json, const char* help) {
    json["description"] = help;
    all[key] = std::move(json);
  };
  add("inputs", names, "layers that are held in both phases of a trial");
  add("targets", names, "layers that are held in the plus phase alone: the answer");
  add("train", by_name(rows), "patterns by layer, a row each, in a list or a file");
  add("test", by_name(rows), "likewise, which only test");
  add("code", by_name(object_of<CodeFields>()), "file: what each layer is shown of a row");
  add("active", by_name(type_of<std::uint64_t>({1, 1e8})), "random: active units of each layer");
  return object(all, {"inputs"});
}

}  // namespace engram::leabra
