#include "engram/run/config_reader.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <unordered_map>

#include "engine/io/checksum.hpp"
#include "engine/io/file.hpp"
#include "engine/io/numbers.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t most_problems = 50;  ///< beyond this a list helps nobody

/// "a string "abc"", cut where it would fill the screen.
std::string describe(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "an array";
    case Json::value_t::null:
      return "null";
    default:
      break;
  }
  std::string text = value.dump(-1, ' ', true);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return value.is_string() ? "the string " + text : text;
}

/// Of integers of a type: exact at its own limits, which no double holds.
template <class T>
std::string words(Range range, T lowest, T highest) {
  return (range.min == -no_limit ? std::to_string(lowest) : shown(range.min)) + " to " +
         (range.max == no_limit ? std::to_string(highest) : shown(range.max));
}

std::string escaped(std::string_view key) {
  std::string out;
  for (const char c : key)
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  return out;
}

}  // namespace

struct ConfigReader::Document {
  Json root;
  std::string base_folder;
  Files needed;
  std::map<std::string, std::string> files;
  std::vector<Problem> problems;
  std::size_t unlisted = 0;  ///< problems beyond most_problems
  std::size_t reported = 0;  ///< all of them, also those that say the same
  using Keys = std::set<std::string, std::less<>>;
  std::map<const Json*, Keys> asked;  ///< the keys that were asked for in each object
  std::set<const Json*> taken;        ///< values whose content counts as known
  using Places = std::unordered_map<std::string_view, const Json*>;
  std::map<const Json*, Places> places;  ///< of the members of large objects, which a search would read to the end

  const Json* find(const Json* object, std::string_view key) {
    if (!object || !object->is_object()) return nullptr;
    constexpr std::size_t large = 16;
    if (object->size() <= large) {
      for (auto it = object->begin(); it != object->end(); ++it)
        if (it.key() == key) return &it.value();
      return nullptr;
    }
    Places& known = places[object];
    if (known.empty())
      for (auto it = object->begin(); it != object->end(); ++it) known.emplace(it.key(), &it.value());
    const auto at = known.find(key);
    return at == known.end() ? nullptr : at->second;
  }

  void add(Problem problem) {
    ++reported;
    constexpr std::size_t most_shown = 300;  // bytes of a path; a key may have millions
    if (problem.path.size() > most_shown) problem.path = problem.path.substr(0, most_shown) + "...";
    for (const Problem& p : problems)
      if (p.path == problem.path && p.text == problem.text) return;  // a document may be read twice
    if (problems.size() < most_problems)
      problems.push_back(std::move(problem));
    else
      ++unlisted;
  }

  void report_unknown(const Json& value, const std::string& path) {
    if (taken.contains(&value)) return;
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) report_unknown(value[i], path + "/" + std::to_string(i));
    } else if (const auto known = asked.find(&value); value.is_object() && known != asked.end()) {
      const Keys& names = known->second;
      for (auto it = value.begin(); it != value.end(); ++it) {
        if (names.contains(it.key())) {
          report_unknown(it.value(), path + "/" + escaped(it.key()));
        } else {
          const std::string near = nearest(it.key(), {names.begin(), names.end()});
          add({path + "/" + escaped(it.key()), near.empty()
                                                   ? "unknown key; known are " + listed({names.begin(), names.end()})
                                                   : "unknown key (did you mean \"" + near + "\"?)"});
        }
      }
    }
  }
};

ConfigReader::ConfigReader(Json document, std::string base_folder, Files files)
    : document_(std::make_shared<Document>()), value_(nullptr) {
  document_->root = std::move(document);
  document_->base_folder = std::move(base_folder);
  document_->needed = files;
  value_ = &document_->root;
  if (value_->is_object())
    document_->asked[value_];
  else
    problem("expected an object, found " + describe(*value_));
}

ConfigReader::ConfigReader(std::shared_ptr<Document> document, const Json* value, std::string path)
    : document_(std::move(document)), value_(value), path_(std::move(path)) {}

const Json& ConfigReader::json() const {
  if (value_) document_->taken.insert(value_);
  return as_written();
}

const Json& ConfigReader::as_written() const {
  static const Json absent;
  return value_ ? *value_ : absent;
}

bool ConfigReader::has(std::string_view key) const { return member(key).exists(); }

ConfigReader ConfigReader::member(std::string_view key) const {
  if (is_object()) {
    document_->asked[value_].emplace(key);
  } else if (value_) {
    mismatch("an object");  // whoever asks for a member takes this for one
  }
  return {document_, document_->find(value_, key), path_ + "/" + escaped(key)};
}

ConfigReader ConfigReader::required(std::string_view key, const char* kind) const {
  const ConfigReader value = member(key);
  if (!value.exists()) missing(key, kind, {});
  return value;
}

ConfigReader ConfigReader::object(std::string_view key) const {
  required(key, "an object");
  return optional_object(key);
}

ConfigReader ConfigReader::optional_object(std::string_view key) const {
  ConfigReader value = member(key);
  if (value.is_object())
    document_->asked[value.value_];
  else if (value.exists())
    value.mismatch("an object"), value.value_ = nullptr;
  return value;
}

ConfigReader ConfigReader::list(std::string_view key) const {
  required(key, "an array");
  return optional_list(key);
}

ConfigReader ConfigReader::optional_list(std::string_view key) const {
  ConfigReader value = member(key);
  if (value.exists() && !value.is_array()) value.mismatch("an array"), value.value_ = nullptr;
  return value;
}

std::vector<std::pair<std::string, ConfigReader>> ConfigReader::members() const {
  std::vector<std::pair<std::string, ConfigReader>> all;
  if (!is_object()) return all;
  auto& asked = document_->asked[value_];
  for (auto it = value_->begin(); it != value_->end(); ++it) {
    asked.insert(it.key());
    if (it.value().is_object()) document_->asked[&it.value()];
    all.emplace_back(it.key(), ConfigReader(document_, &it.value(), path_ + "/" + escaped(it.key())));
  }
  return all;
}

std::vector<ConfigReader> ConfigReader::items() const {
  std::vector<ConfigReader> all;
  if (!is_array()) return all;
  for (std::size_t i = 0; i < value_->size(); ++i) {
    if ((*value_)[i].is_object()) document_->asked[&(*value_)[i]];
    all.push_back(ConfigReader(document_, &(*value_)[i], path_ + "/" + std::to_string(i)));
  }
  return all;
}

std::string ConfigReader::choice(std::string_view key, const std::vector<std::string>& allowed) const {
  const ConfigReader value = member(key);
  if (value.exists()) return value.as_choice(allowed);
  missing(key, "one of " + listed(allowed), {});
  return allowed.front();
}

std::string ConfigReader::choice_or(std::string_view key, std::string fallback,
                                    const std::vector<std::string>& allowed) const {
  const ConfigReader value = member(key);
  return value.exists() ? value.as_choice(allowed) : fallback;
}

std::string ConfigReader::as_choice(const std::vector<std::string>& allowed) const {
  if (!is_string()) return mismatch("one of " + listed(allowed)), allowed.front();
  const auto& word = value_->get_ref<const std::string&>();
  if (std::find(allowed.begin(), allowed.end(), word) != allowed.end()) return word;
  const std::string near = nearest(word, allowed);
  problem("found " + describe(*value_) + (near.empty() ? "" : " (did you mean \"" + near + "\"?)") + "; allowed are " +
          listed(allowed));
  return allowed.front();
}

std::string ConfigReader::file(std::string_view key) const {
  namespace fs = std::filesystem;
  const std::string name = get<std::string>(key);
  if (!member(key).is_string()) return name;
  if (name.empty()) return problem(key, "a file name is needed"), name;
  const fs::path given = fs::path(name).lexically_normal();
  const fs::path full = fs::path(document_->base_folder) / given;  // an absolute one stays
  std::error_code error;
  if (fs::is_regular_file(full, error))
    document_->files[given.string()] = io::checksum_of_file(io::open_regular(full));
  else
    problem(key, "no such file: " + full.string());
  return full.string();
}

ConfigReader::FileNumbers ConfigReader::file_numbers() const {
  const std::size_t before = problems();
  const std::string path = file("file"), tensor = get_or("tensor", "");
  if (problems() != before) return {};
  try {
    io::Numbers read = io::read_numbers(path, 1e300, tensor);
    FileNumbers numbers;
    numbers.dimensions = read.shape.size();
    numbers.rows = read.shape.empty() ? 1 : read.shape[0];
    numbers.columns = numbers.rows ? read.values.size() / numbers.rows : 0;
    numbers.values = std::move(read.values);
    if (numbers.values.empty()) return problem("file", path + ": holds no number"), FileNumbers{};
    return numbers;
  } catch (const io::TableError& error) {
    problem("file", error.what());
  }
  return {};
}

bool ConfigReader::check_file_number(const FileNumbers& numbers, std::size_t i, Range range, bool whole) const {
  const double value = numbers.values[i];
  const bool fits = value >= range.min && value <= range.max && (!whole || value == std::trunc(value));
  if (fits) return true;
  problem("file", "row " + std::to_string(i / numbers.columns) + ", column " + std::to_string(i % numbers.columns) +
                      " (from 0): found " + shown(value) + "; allowed are " + (whole ? "whole numbers, " : "") +
                      shown_range(range.min, range.max));
  return false;
}

std::string ConfigReader::file_to_begin(std::string_view key) const {
  if (document_->needed == Files::all) return file(key);
  get<std::string>(key);
  return "";
}

const std::map<std::string, std::string>& ConfigReader::files() const { return document_->files; }

void ConfigReader::problem(const std::string& text) const { document_->add({path_, text}); }
void ConfigReader::problem(std::string_view key, const std::string& text) const {
  document_->add({path_ + "/" + escaped(key), text});
}
void ConfigReader::problem_at(const std::string& place, const std::string& text) const {
  document_->add({place.empty() ? path_ : path_ + "/" + place, text});
}
std::size_t ConfigReader::problems() const { return document_->reported; }
bool ConfigReader::ok() const { return document_->problems.empty(); }

void ConfigReader::finish() const {
  document_->report_unknown(document_->root, "");
  if (ok()) return;
  std::vector<Problem> all = document_->problems;
  if (document_->unlisted) all.push_back({"", "and " + std::to_string(document_->unlisted) + " more problems"});
  throw ConfigError(std::move(all));
}

void ConfigReader::missing(std::string_view key, const std::string& kind, Range range) const {
  if ((!value_ || !value_->is_object()) && !path_.empty()) return;  // that there is no such object has been said
  const bool limited = range.min > -no_limit || range.max < no_limit;
  problem(key, "missing; expected " + kind + (limited ? ", " + shown_range(range.min, range.max) : ""));
}

void ConfigReader::mismatch(const std::string& kind) const {
  problem("expected " + kind + ", found " + describe(*value_));
}

bool ConfigReader::read(bool& out) const {
  if (!is_bool()) return mismatch("true or false"), false;
  out = value_->get<bool>();
  return true;
}

bool ConfigReader::read(std::string& out) const {
  if (!is_string()) return mismatch("a string"), false;
  out = value_->get<std::string>();
  return true;
}

bool ConfigReader::read(double& out, Range range, bool single) const {
  if (!is_number()) return mismatch("a number"), false;
  out = value_->get<double>();
  if (!(out >= range.min && out <= range.max))
    return problem("found " + describe(*value_) + "; allowed are " + shown_range(range.min, range.max)), false;
  if (single && std::abs(out) > static_cast<double>(std::numeric_limits<float>::max()))
    return problem("found " + describe(*value_) + ", more than single precision holds"), false;
  return true;
}

bool ConfigReader::read(std::int64_t& out, Range range, std::int64_t lowest, std::int64_t highest) const {
  if (!is_number()) return mismatch("an integer"), false;
  bool held = true;
  if (value_->is_number_unsigned()) {
    const auto written = value_->get<std::uint64_t>();
    held = written <= static_cast<std::uint64_t>(highest);
    out = static_cast<std::int64_t>(written);
  } else if (value_->is_number_integer()) {
    out = value_->get<std::int64_t>();
    held = out >= lowest && out <= highest;
  } else {
    const auto written = value_->get<double>();
    if (written != std::trunc(written)) return mismatch("an integer"), false;
    held = written >= static_cast<double>(lowest) && written < static_cast<double>(highest) + 1;
    out = held ? static_cast<std::int64_t>(written) : 0;
  }
  if (held && static_cast<double>(out) >= range.min && static_cast<double>(out) <= range.max) return true;
  return problem("found " + describe(*value_) + "; allowed are " + words(range, lowest, highest)), false;
}

bool ConfigReader::read(std::uint64_t& out, Range range, std::uint64_t highest) const {
  if (!is_number()) return mismatch("an integer"), false;
  bool held = true;
  if (value_->is_number_unsigned()) {
    out = value_->get<std::uint64_t>();
    held = out <= highest;
  } else if (value_->is_number_integer()) {
    held = false;  // negative: nlohmann keeps the others as unsigned
    if (value_->get<std::int64_t>() >= 0) out = value_->get<std::uint64_t>(), held = out <= highest;
  } else {
    const auto written = value_->get<double>();
    if (written != std::trunc(written)) return mismatch("an integer"), false;
    // 2^64 as a double is the first number beyond; static_cast<double>(highest) rounds up to it.
    held = written >= 0 && written < 18446744073709551616.0 && static_cast<std::uint64_t>(written) <= highest;
    out = held ? static_cast<std::uint64_t>(written) : 0;
  }
  if (range.min < 0) range.min = 0;
  if (held && static_cast<double>(out) >= range.min && static_cast<double>(out) <= range.max) return true;
  return problem("found " + describe(*value_) + "; allowed are " + words<std::uint64_t>(range, 0, highest)), false;
}

}  // namespace engram
