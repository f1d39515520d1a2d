// Text to JSON, with the limits that make any input safe to take.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_set>

#include "engine/io/file.hpp"
#include "engine/run/config_document.hpp"
#include "engram/run/config_reader.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t deepest = 64;  // nlohmann copies, prints and destroys recursively

/// Where parsing stopped, in words.
struct Refused {
  std::size_t position;
  std::string text;
};

/// Builds the value itself, for the parser of the library looks keys up one by one, finds no duplicates, and nests
/// without limit.
class Builder {
 public:
  explicit Builder(std::size_t max_values) : max_values_(max_values) {}
  Json root;

  bool null() { return put(nullptr); }
  bool boolean(bool x) { return put(x); }
  bool number_integer(std::int64_t x) { return put(x); }
  bool number_unsigned(std::uint64_t x) { return put(x); }
  bool number_float(double x, const std::string&) { return put(x); }
  bool string(std::string& x) { return put(std::move(x)); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    if (!open_.back().keys.insert(name).second)
      throw ConfigError(path() + "/" + escaped(name), "this key stands here twice");
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
    std::string what = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: what we want"
    for (const char* lead : {"] ", "parse error", ": "})
      if (const auto at = what.find(lead); at != std::string::npos) what = what.substr(at + std::strlen(lead));
    if (what.size() > 300) what = what.substr(0, 300) + "...";  // it quotes the token, which may be long
    throw Refused{position, what};
  }

 private:
  struct Level {
    Json* value;
    std::unordered_set<std::string> keys;
  };

  Json* place(Json&& value) {
    // Whatever its text, a value takes some 50 bytes and more, a number in a list 16; this bounds the memory.
    const bool listed = !open_.empty() && open_.back().value->is_array();
    values_ += listed && value.is_number() ? 1 : 4;
    if (values_ > max_values_)
      throw ConfigError(path(), "more than " + std::to_string(max_values_) +
                                    " numbers; large data belongs into a file of its own, which stands here as "
                                    "{\"file\": \"x.npy\"} or {\"file\": \"x.csv\"}");
    if (open_.empty()) return &(root = std::move(value));
    Json& parent = *open_.back().value;
    if (parent.is_array()) return &parent.get_ref<Json::array_t&>().emplace_back(std::move(value));
    using Pairs = std::vector<std::pair<const std::string, Json>>;
    Pairs& pairs = parent.get_ref<Json::object_t&>();  // an ordered object is a vector of pairs
    return &pairs.emplace_back(std::move(key_), std::move(value)).second;
  }
  bool put(Json&& value) {
    place(std::move(value));
    return true;
  }
  bool open(Json&& value) {
    if (open_.size() == deepest) throw ConfigError(path(), "nested more than " + std::to_string(deepest) + " deep");
    open_.push_back({place(std::move(value)), {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }
  std::string path() const {
    std::string all;
    for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
      const Json& value = *open_[i].value;
      all += "/" + (value.is_array() ? std::to_string(value.size() - 1) : escaped(std::prev(value.end()).key()));
      if (all.size() > 200) return all + "...";
    }
    return all;
  }

  std::size_t max_values_, values_ = 0;
  std::vector<Level> open_;
  std::string key_;
};

std::string position_words(std::string_view text, std::size_t position) {
  position = std::min(position ? position - 1 : 0, text.size());
  std::size_t line = 1, start = 0;
  for (std::size_t i = 0; i < position; ++i)
    if (text[i] == '\n') ++line, start = i + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(position - start + 1);
}

[[noreturn]] void refuse_size(const std::string& name, std::size_t max_bytes) {
  throw ConfigError(name, "more than " + std::to_string(max_bytes >> 20) +
                              " MiB; large data belongs into files of its own, such as {\"file\": \"x.npy\"}");
}

std::string read_descriptor(int descriptor, const std::string& name) {
  constexpr std::size_t at_once = 65536;
  std::string text;
  for (std::size_t held = 0; held <= max_config_bytes;) {  // of more parse_config says so
    text.resize(held + at_once);
    const ssize_t got = ::read(descriptor, text.data() + held, at_once);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw IoError(name + ": cannot read: " + std::strerror(errno));
    held += static_cast<std::size_t>(got);
    text.resize(held);
    if (got == 0) break;
  }
  return text;
}

}  // namespace

Json parse_config(std::string_view text, const std::string& name, std::size_t max_bytes) {
  if (text.size() > max_bytes) refuse_size(name, max_bytes);
  // The parser of the library takes it for the end of the text.
  if (const auto at = text.find('\0'); at != std::string_view::npos)
    throw ConfigError(name + ", " + position_words(text, at + 1), "a byte of value 0, which JSON does not allow");
  Builder builder(max_bytes / 8);
  try {
    Json::sax_parse(text, &builder);
  } catch (const Refused& refused) {
    throw ConfigError(name + ", " + position_words(text, refused.position), refused.text);
  } catch (const ConfigError& error) {
    throw ConfigError(name + ": " + error.problems().front().path, error.problems().front().text);
  }
  return std::move(builder.root);
}

Json read_config_file(const std::string& path) {
  if (path == "-") return parse_config(read_descriptor(STDIN_FILENO, "standard input"), "standard input");
  // Not blocking: opening a pipe that nobody writes would wait for ever.
  const io::Descriptor file = io::open_regular(path);
  if (file.size() > max_config_bytes) refuse_size(path, max_config_bytes);
  return parse_config(read_descriptor(file.number(), path), path);
}

void set_at(Json& document, const std::string& pointer, Json value, bool may_append) {
  if (pointer.empty() || pointer[0] != '/')
    throw ConfigError(pointer, "a JSON pointer begins with \"/\", such as /model/eta");
  if (static_cast<std::size_t>(std::count(pointer.begin(), pointer.end(), '/')) > deepest)
    throw ConfigError(pointer.substr(0, 60) + "...",
                      "a JSON pointer has at most " + std::to_string(deepest) + " levels");
  Json* at = &document;
  for (std::size_t begin = 1; begin <= pointer.size();) {
    const std::size_t end = std::min(pointer.find('/', begin), pointer.size());
    std::string key;
    for (std::size_t i = begin; i < end; ++i) {
      if (pointer[i] != '~')
        key += pointer[i];
      else if (i + 1 < end && (pointer[i + 1] == '0' || pointer[i + 1] == '1'))
        key += pointer[++i] == '0' ? '~' : '/';
      else
        throw ConfigError(pointer, "\"~\" is written ~0 in a JSON pointer");
    }
    begin = end + 1;
    const std::string here = pointer.substr(0, end);
    if (at->is_null()) *at = Json::object();
    if (at->is_array()) {
      if (may_append && end == pointer.size() && key == std::to_string(at->size())) at->push_back(nullptr);
      const bool digits = !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == std::string::npos;
      if (!digits || (key.size() > 1 && key[0] == '0') || std::stoul(key) >= at->size())
        throw ConfigError(here, "the array has " + std::to_string(at->size()) + " elements, counted from 0");
      at = &(*at)[std::stoul(key)];
    } else if (at->is_object()) {
      at = &(*at)[key];
    } else {
      throw ConfigError(here, "there is nothing below a number, string, true or false");
    }
  }
  *at = std::move(value);
}

void apply_setting(Json& document, const std::string& setting, bool may_append) {
  // Text of a file is checked by the parser; a word of the command line is taken as it is, and printed later.
  try {
    static_cast<void>(Json(setting).dump());
  } catch (const Json::type_error&) {
    throw ConfigError("--set", "this setting is no valid UTF-8");
  }
  const auto equals = setting.find('=');
  if (equals == std::string::npos) throw ConfigError("--set " + setting, "expected /path=value");
  const std::string pointer = setting.substr(0, equals), text = setting.substr(equals + 1);
  Json value;
  try {
    value = parse_config(text, "--set " + pointer);
  } catch (const ConfigError&) {
    // What begins like JSON was meant as such.
    if (text.empty() || std::strchr("{[\"-0123456789", text[0])) throw;
    value = text;
  }
  set_at(document, pointer, std::move(value), may_append);
}

}  // namespace engram
