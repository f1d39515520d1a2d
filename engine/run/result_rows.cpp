#include "engine/run/result_rows.hpp"

#include <charconv>
#include <cmath>

#include "engine/run/results.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

namespace {

/// A number so that it reads back equal, a text as it is; nothing where there is no value.
std::string value_cell(const Json& value) {
  if (value.is_null() || (value.is_number_float() && !std::isfinite(value.get<double>()))) return "";
  if (value.is_string()) return io::csv_cell(value.get<std::string>());
  if (!value.is_number_float()) return io::csv_cell(value.dump());
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value.get<double>()).ptr};
}

class ResultLines {
 public:
  ResultLines(std::size_t point, const std::vector<io::NetworkCells>& cells) : point_(point), cells_(cells) {}

  void of_network(std::size_t r, const std::string& quantity, const Json& value) {
    const io::NetworkCells& own = cells_[r % cells_.size()];
    std::string swept;
    for (const std::string& cell : own.swept) swept += "," + io::csv_cell(cell);
    add(std::to_string(r) + "," + own.seed, quantity, value, swept);
  }
  /// What holds of all networks together. Columns in which they differ are empty.
  void of_all(const std::string& quantity, const Json& value) {
    std::string swept;
    for (std::size_t i = 0; i < cells_.front().swept.size(); ++i) {
      bool same = true;
      for (const io::NetworkCells& one : cells_) same = same && one.swept[i] == cells_.front().swept[i];
      swept += "," + (same ? io::csv_cell(cells_.front().swept[i]) : "");
    }
    add(",", quantity, value, swept);
  }
  std::string text;

 private:
  void add(const std::string& who, const std::string& quantity, const Json& value, const std::string& swept) {
    const auto line = [&](const std::string& index, const Json& one) {
      text += std::to_string(point_) + "," + who + "," + io::csv_cell(quantity) + "," + index + "," + value_cell(one) +
              swept + "\n";
    };
    if (!value.is_array()) return line("", value);
    for (std::size_t i = 0; i < value.size(); ++i) line(std::to_string(i), value[i]);
  }

  std::size_t point_;
  const std::vector<io::NetworkCells>& cells_;
};

/// Whether this result is the mean, the deviation or a list of what the lines of the networks say.
bool is_told(const std::string& name, const Json& networks) {
  if (networks.contains(name)) return true;
  for (const char* suffix : {sd_suffix, replicas_suffix, all_suffix})
    if (name.ends_with(suffix) && networks.contains(name.substr(0, name.size() - std::string_view(suffix).size())))
      return true;
  return false;
}

}  // namespace

std::string result_rows(std::size_t point, const Json& results, const Json& networks,
                        const std::vector<io::NetworkCells>& cells) {
  ResultLines rows(point, cells);
  for (const auto& [quantity, values] : networks.items())
    for (std::size_t r = 0; r < values.size(); ++r) rows.of_network(r, quantity, values[r]);
  for (const auto& [name, value] : results.items()) {
    if (is_told(name, networks)) continue;
    if (!value.is_object()) {
      rows.of_all(name, value);
      continue;
    }
    for (const auto& [part, one] : value.items())
      if (!is_told(name + ", " + part, networks)) rows.of_all(name + ", " + part, one);
  }
  return std::move(rows.text);
}

std::string error_row(std::size_t point, const std::string& error, const std::vector<io::NetworkCells>& cells) {
  ResultLines rows(point, cells);
  rows.of_all("error", error);
  return std::move(rows.text);
}

}  // namespace engram
