#include "engram/run/config_reader.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "engine/io/checksum.hpp"
#include "engine/io/file.hpp"
#include "engine/io/numbers.hpp"
#include "engine/run/config_document.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

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

bool ConfigReader::takes_content(const std::function<void()>& read) const {
  try {
    read();
    return true;
  } catch (const io::TableError& error) {
    problem("file", error.what());
  } catch (const io::MalformedFile& error) {
    problem("file", error.what());
  }
  return false;
}

ConfigReader::FileNumbers ConfigReader::file_numbers() const {
  const std::size_t before = problems();
  const std::string path = file("file"), tensor = get_or("tensor", "");
  if (problems() != before) return {};
  io::Numbers read;
  if (!takes_content([&] { read = io::read_numbers(path, 1e300, tensor); })) return {};
  if (read.values.empty()) return problem("file", path + ": holds no number"), FileNumbers{};
  FileNumbers numbers;
  numbers.dimensions = read.shape.size();
  numbers.rows = read.shape.empty() ? 1 : read.shape[0];
  numbers.columns = numbers.rows ? read.values.size() / numbers.rows : 0;
  numbers.values = std::move(read.values);
  return numbers;
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

void ConfigReader::without_effect(std::string_view key, const std::string& why) const {
  document_->without_effect[path_ + "/" + escaped(key)] = why;
}
const std::map<std::string, std::string>& ConfigReader::all_without_effect() const { return document_->without_effect; }

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

}  // namespace engram
