// The document behind all readers of its parts: what was asked for, which files it names, what is wrong with it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "engram/run/config_reader.hpp"

namespace engram {

/// A value in words, such as: the string "abc"; cut where it would fill the screen.
std::string describe(const nlohmann::ordered_json& value);

/// A key as a part of a JSON pointer.
std::string escaped(std::string_view key);

struct ConfigReader::Document {
  using Json = nlohmann::ordered_json;
  static constexpr std::size_t max_problems = 50;  ///< beyond this a list helps nobody

  Json root;
  std::string base_folder;
  Files needed;
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> without_effect;  ///< why nothing depends on a value, by its pointer
  std::vector<Problem> problems;
  std::size_t unlisted = 0;  ///< problems beyond max_problems
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
    constexpr std::size_t max_shown = 300;  // bytes of a path; a key may have millions
    if (problem.path.size() > max_shown) problem.path = problem.path.substr(0, max_shown) + "...";
    for (const Problem& p : problems)
      if (p.path == problem.path && p.text == problem.text) return;  // a document may be read twice
    if (problems.size() < max_problems)
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

}  // namespace engram
