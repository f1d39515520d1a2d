// A JSON value that knows where it stands. It checks what it hands out, collects every problem of a file instead of
// stopping at the first, and knows which keys nobody asked for.
//
//   ConfigReader model = experiment.object("model");
//   const auto n = model.get<Index>("neurons", {1, 1e7});              // required
//   const auto p = model.get_or("p", 0.05, {0, 1});                    // optional
//   const auto mode = model.choice_or("mode", "full", {"full", "lazy"});
//   for (auto& [name, area] : model.object("areas").members()) ...     // in the order of the file
//   Hebb rule;  read_fields(model.optional_object("rule"), rule);      // see read_fields.hpp
//   if (n < 2) model.problem("neurons", "one neuron cannot be connected");
//   if (!experiment.ok()) return nullptr;                              // the caller reports all problems
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engram/core/error.hpp"
#include "engram/core/field_kinds.hpp"
#include "engram/run/json.hpp"

namespace engram {

/// Inclusive limits of a number, or of each number of an array.
struct Range {
  double min = -no_limit, max = no_limit;
};

/// A handle, cheap to copy; all handles of one document share its problems. After a problem a read gives the fallback
/// or the nearest allowed value to zero, and a missing object reads as an empty one, so that reading may always go on.
class ConfigReader {
 public:
  /// Which of the files that a document names are needed: all, or only those that are read again by a run that goes on.
  enum class Files { all, to_go_on };

  /// `base_folder`: what file names in the document are relative to.
  explicit ConfigReader(nlohmann::ordered_json document, std::string base_folder = ".", Files files = Files::all);

  /// JSON pointer of this value, such as /model/areas/A; empty for the document.
  const std::string& path() const { return path_; }
  bool exists() const { return value_ != nullptr; }
  bool is_object() const { return value_ && value_->is_object(); }
  bool is_array() const { return value_ && value_->is_array(); }
  bool is_string() const { return value_ && value_->is_string(); }
  bool is_number() const { return value_ && value_->is_number(); }
  bool is_bool() const { return value_ && value_->is_boolean(); }
  /// Whether this value says {"file": ...} in place of the value itself.
  bool names_file() const { return is_object() && member("file").exists(); }
  /// As written, null if absent. What lies below then counts as known: its reader has to check it all.
  const nlohmann::ordered_json& json() const;
  /// The same for who compares it and reads nothing: what lies below stays to be checked.
  const nlohmann::ordered_json& as_written() const;

  /// Whether this object has the key. Asking makes it a known key.
  bool has(std::string_view key) const;
  /// Any value, which may be absent (exists() tells).
  ConfigReader member(std::string_view key) const;
  ConfigReader object(std::string_view key) const;           ///< required
  ConfigReader optional_object(std::string_view key) const;  ///< reads as empty if absent
  ConfigReader list(std::string_view key) const;             ///< required
  ConfigReader optional_list(std::string_view key) const;    ///< reads as empty if absent
  /// All members of this object in the order of the file; their keys count as known, being names of the user.
  std::vector<std::pair<std::string, ConfigReader>> members() const;
  /// All elements of this array.
  std::vector<ConfigReader> items() const;

  /// A required member. T: bool, std::string, any integer or floating type, or std::vector of these. Integers may be
  /// written 3.0 or 1e6, never 2.5; numbers that T cannot hold are problems. A list of numbers or bools, or of rows of
  /// numbers, may stand in a file: {"file": "x.npy"}, a tensor of a safetensors file or a comma-separated table.
  template <class T>
  T get(std::string_view key, Range range = {}) const {
    const ConfigReader value = member(key);
    if (value.exists()) return value.as<T>(range);
    missing(key, kind_of<T>(), range);
    return neutral<T>(range);
  }
  /// An optional member.
  template <class T>
  T get_or(std::string_view key, T fallback, Range range = {}) const {
    const ConfigReader value = member(key);
    return value.exists() ? value.as_or<T>(fallback, range) : fallback;
  }
  std::string get_or(std::string_view key, const char* fallback) const { return get_or<std::string>(key, fallback); }

  /// A required string out of a list.
  std::string choice(std::string_view key, const std::vector<std::string>& allowed) const;
  std::string choice_or(std::string_view key, std::string fallback, const std::vector<std::string>& allowed) const;
  /// This value as one of a list.
  std::string as_choice(const std::vector<std::string>& allowed) const;

  /// This value itself.
  template <class T>
  T as(Range range = {}) const {
    return as_or<T>(neutral<T>(range), range);
  }
  template <class T>
  T as_or(T fallback, Range range = {}) const;

  /// A required name of an existing regular file, relative to the document's folder; as a full path.
  std::string file(std::string_view key) const;
  /// The same of a file that a run reads once, where it begins; "" where it is not needed any more.
  std::string file_to_begin(std::string_view key) const;
  /// Calls `read`, which reads the file that stands at "file"; false after a problem with what the file holds, which is
  /// reported there. A file that cannot be read stays an IoError.
  bool takes_content(const std::function<void()>& read) const;
  /// The files that were asked for so far, as the document names them, with the XXH3 of what they held before anybody
  /// read them.
  const std::map<std::string, std::string>& files() const;

  /// Says that nothing depends on this member, and why: a grid that varies it would run one experiment many times.
  void without_effect(std::string_view key, const std::string& why) const;
  /// Those of the document with their reasons, by JSON pointer.
  const std::map<std::string, std::string>& all_without_effect() const;

  /// Reports a problem of this value, or of its member.
  void problem(const std::string& text) const;
  void problem(std::string_view key, const std::string& text) const;
  /// Of the value at a place below this one, such as "orders/0"; "" for this one.
  void problem_at(const std::string& place, const std::string& text) const;
  /// Reports that the member is missing.
  void missing(std::string_view key, const std::string& kind, Range range = {}) const;
  /// Reports "expected KIND, found VALUE".
  void mismatch(const std::string& kind) const;
  /// "a number" and the like, for messages.
  template <class T>
  static std::string kind_of();
  /// How many problems have been reported, anywhere in the document.
  std::size_t problems() const;
  /// No problem so far, anywhere in the document.
  bool ok() const;
  /// Reports every key that nobody asked for; throws ConfigError with all problems if there is one.
  void finish() const;

 private:
  struct Document;
  template <class T>
  struct element_of {
    using type = void;
  };
  template <class T>
  struct element_of<std::vector<T>> {
    using type = T;
  };

  /// What the file holds that this value names. Without rows after a problem.
  struct FileNumbers {
    std::size_t rows = 0, columns = 0;  ///< one column for an array of one dimension
    std::size_t dimensions = 0;
    std::vector<double> values;
  };
  FileNumbers file_numbers() const;
  /// One of them as a number of a type with these limits; reports what is none, once a file.
  bool check_file_number(const FileNumbers& numbers, std::size_t i, Range range, bool whole) const;
  template <class T>
  bool convert(const FileNumbers& numbers, std::size_t i, Range range, T& out) const;
  template <class T>
  bool read_file(std::vector<T>& out, Range range) const;
  template <class T>
  bool read_file(std::vector<std::vector<T>>& out, Range range) const;

  ConfigReader(std::shared_ptr<Document> document, const nlohmann::ordered_json* value, std::string path);
  ConfigReader required(std::string_view key, const char* kind) const;
  bool read(bool& out) const;
  bool read(std::string& out) const;
  bool read(double& out, Range range, bool single) const;
  bool read(std::int64_t& out, Range range, std::int64_t lowest, std::int64_t highest) const;
  bool read(std::uint64_t& out, Range range, std::uint64_t highest) const;

  template <class T>
  static T neutral(Range range);
  template <class T>
  static constexpr bool holds_numbers();

  std::shared_ptr<Document> document_;
  const nlohmann::ordered_json* value_;  ///< null: absent
  std::string path_;
};

/// The candidate nearest to `word` by edits (insert, delete, replace, swap neighbours), or "" if none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

inline constexpr std::size_t max_config_bytes = std::size_t{16} << 20;
/// Parses a configuration. Refused, with line and column: more than `max_bytes`, or than one number for 8 of these
/// (other values count four times), nesting beyond 64, duplicate keys, invalid UTF-8, numbers no double holds, and
/// whatever JSON does not allow. A byte order mark is skipped. `name` is for errors.
nlohmann::ordered_json parse_config(std::string_view text, const std::string& name,
                                    std::size_t max_bytes = max_config_bytes);
/// The same from a regular file; "-" is standard input. Throws IoError if it cannot be read.
nlohmann::ordered_json read_config_file(const std::string& path);

/// Sets the value at a JSON pointer: objects on the way appear as needed, elements of arrays must exist. With
/// `may_append` the pointer may end right behind the last element of an array, which then becomes longer by one.
void set_at(nlohmann::ordered_json& document, const std::string& pointer, nlohmann::ordered_json value,
            bool may_append = false);
/// "/path=value": the value is JSON, or a string if it is not.
void apply_setting(nlohmann::ordered_json& document, const std::string& setting, bool may_append = false);

// ---- templates

template <class T>
std::string ConfigReader::kind_of() {
  if constexpr (std::is_same_v<T, bool>)
    return "true or false";
  else if constexpr (std::is_same_v<T, std::string>)
    return "a string";
  else if constexpr (std::is_integral_v<T>)
    return "an integer";
  else if constexpr (std::is_floating_point_v<T>)
    return "a number";
  else
    return "an array, each element " + kind_of<typename element_of<T>::type>();
}

template <class T>
bool ConfigReader::convert(const FileNumbers& numbers, std::size_t i, Range range, T& out) const {
  if constexpr (std::is_integral_v<T>) {
    range.min = std::max(range.min, static_cast<double>(std::numeric_limits<T>::min()));
    range.max = std::min({range.max, static_cast<double>(std::numeric_limits<T>::max()), 0x1p53});
  } else if constexpr (sizeof(T) == sizeof(float)) {
    range.min = std::max(range.min, -static_cast<double>(std::numeric_limits<float>::max()));
    range.max = std::min(range.max, static_cast<double>(std::numeric_limits<float>::max()));
  }
  if (!check_file_number(numbers, i, range, std::is_integral_v<T>)) return false;
  out = static_cast<T>(numbers.values[i]);
  return true;
}

template <class T>
bool ConfigReader::read_file(std::vector<T>& out, Range range) const {
  const FileNumbers numbers = file_numbers();
  if (numbers.rows == 0) return false;
  if (numbers.rows > 1 && numbers.columns > 1)
    return problem("expected one row or one column of numbers, found " + std::to_string(numbers.rows) + " x " +
                   std::to_string(numbers.columns)),
           false;
  out.resize(numbers.values.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    if (!convert(numbers, i, range, out[i])) return false;
  return true;
}

template <class T>
bool ConfigReader::read_file(std::vector<std::vector<T>>& out, Range range) const {
  const FileNumbers numbers = file_numbers();
  if (numbers.rows == 0) return false;
  if (numbers.dimensions < 2) return problem("expected rows of numbers, found an array of one dimension"), false;
  out.assign(numbers.rows, std::vector<T>(numbers.columns));
  for (std::size_t i = 0; i < numbers.values.size(); ++i)
    if (!convert(numbers, i, range, out[i / numbers.columns][i % numbers.columns])) return false;
  return true;
}

/// Whether a type is a list of numbers, or of lists of numbers.
template <class T>
constexpr bool ConfigReader::holds_numbers() {
  using Element = typename element_of<T>::type;
  if constexpr (std::is_same_v<typename element_of<Element>::type, void>)
    return std::is_arithmetic_v<Element> && !std::is_same_v<Element, bool>;
  else
    return std::is_arithmetic_v<typename element_of<Element>::type>;
}

template <class T>
T ConfigReader::neutral(Range range) {
  if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
    return range.min > 0 ? static_cast<T>(range.min) : range.max < 0 ? static_cast<T>(range.max) : T{};
  else
    return static_cast<void>(range), T{};
}

template <class T>
T ConfigReader::as_or(T fallback, Range range) const {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
    T value{};
    return read(value) ? value : fallback;
  } else if constexpr (std::is_floating_point_v<T>) {
    double value = 0;
    return read(value, range, sizeof(T) == sizeof(float)) ? static_cast<T>(value) : fallback;
  } else if constexpr (std::is_signed_v<T>) {
    std::int64_t value = 0;
    return read(value, range, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()) ? static_cast<T>(value)
                                                                                            : fallback;
  } else if constexpr (std::is_unsigned_v<T>) {
    std::uint64_t value = 0;
    return read(value, range, std::numeric_limits<T>::max()) ? static_cast<T>(value) : fallback;
  } else {
    T values;
    if constexpr (std::is_same_v<T, std::vector<bool>>)
      if (names_file()) {
        const auto numbers = as<std::vector<std::uint8_t>>({0, 1});
        return numbers.empty() ? fallback : T(numbers.begin(), numbers.end());
      }
    if constexpr (holds_numbers<T>())
      if (names_file()) return read_file(values, range) ? values : fallback;
    if (!is_array()) return mismatch(kind_of<T>()), fallback;
    for (const ConfigReader& item : items()) values.push_back(item.as<typename element_of<T>::type>(range));
    return values;
  }
}

}  // namespace engram
