#include "engine/run/schema_parts.hpp"

#include <array>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace engram::schema {

namespace {

/// What is shorter is said again: a reference would be hardly shorter, and harder to read.
constexpr std::size_t shortest = 100;
/// What a place says of a value, beside what the value may be.
constexpr std::array notes{"description", "default"};

Json without_notes(Json part) {
  for (const char* note : notes) part.erase(std::string(note));
  return part;
}

/// Schemas directly below one: `visit(part, key, of_a_property)`, `key` being what people would call it.
void for_each_part(Json& schema, const std::string& name,
                   const std::function<void(Json&, const std::string&, bool)>& f) {
  for (const char* lists : {"oneOf", "anyOf", "allOf"})
    if (schema.contains(lists))
      for (Json& one : schema[lists]) f(one, name, false);
  for (const char* below : {"items", "additionalProperties", "then"})
    if (schema.contains(below) && schema[below].is_object()) f(schema[below], name, false);
  if (schema.contains("properties"))
    for (auto& [key, value] : schema["properties"].items())
      if (value.is_object()) f(value, key, true);
}

class Parts {
 public:
  Json moved(Json schema) {
    count_below(schema, "");
    replace_below(schema, "");
    Json defined = schema.value("$defs", Json::object());
    for (auto& [name, definition] : definitions_) defined[name] = std::move(definition);
    schema["$defs"] = std::move(defined);
    return schema;
  }

 private:
  static std::string text_of(const Json& part, bool of_a_property) {
    return (of_a_property ? without_notes(part) : part).dump();
  }
  static bool is_large(const Json& part, const std::string& text) {
    return text.size() >= shortest && (part.contains("type") || part.contains("oneOf") || part.contains("anyOf"));
  }

  /// How many places hold a part; what lies in a part that was met before is not counted again.
  void count_below(Json& schema, const std::string& name) {
    for_each_part(schema, name, [&](Json& part, const std::string& key, bool of_a_property) {
      const std::string text = text_of(part, of_a_property);
      if (is_large(part, text) && ++places_[text] > 1) return;
      count_below(part, key);
    });
  }

  void replace_below(Json& schema, const std::string& name) {
    for_each_part(schema, name, [&](Json& part, const std::string& key, bool of_a_property) {
      const std::string text = text_of(part, of_a_property);
      const auto found = places_.find(text);
      if (found == places_.end() || found->second < 2) return replace_below(part, key);
      Json notes_here = Json::object();
      for (const char* note : notes)
        if (of_a_property && part.contains(note)) notes_here[note] = part[note];
      const Json reference{{"$ref", "#/$defs/" + defined(text, part, key, of_a_property)}};
      // In draft 7 nothing beside "$ref" counts.
      if (notes_here.empty())
        part = reference;
      else
        (part = std::move(notes_here))["allOf"] = Json::array({reference});
    });
  }

  std::string defined(const std::string& text, const Json& part, const std::string& key, bool of_a_property) {
    if (const auto known = names_.find(text); known != names_.end()) return known->second;
    const std::string wanted = name_of(part, key);
    std::string name = wanted;
    for (int n = 2; !taken_.insert(name).second; ++n) name = wanted + std::to_string(n);
    names_[text] = name;
    const std::size_t at = definitions_.size();
    definitions_.emplace_back(name, Json());
    Json definition = of_a_property ? without_notes(part) : part;
    replace_below(definition, key);
    definitions_[at].second = std::move(definition);
    return name;
  }
  /// Of an alternative its word; of an object with a single key that key; otherwise the key that the part stands at.
  static std::string name_of(const Json& part, const std::string& key) {
    if (part.contains("properties") && !part["properties"].empty()) {
      const auto first = part["properties"].begin();
      if (first->is_object() && first->contains("const") && (*first)["const"].is_string())
        return (*first)["const"].get<std::string>();
      if (part["properties"].size() == 1) return first.key();
    }
    return key.empty() ? "part" : key;
  }

  std::map<std::string, int> places_;         ///< by text
  std::map<std::string, std::string> names_;  ///< by text
  std::set<std::string> taken_;
  std::vector<std::pair<std::string, Json>> definitions_;
};

}  // namespace

Json with_parts_said_once(Json schema) { return Parts().moved(std::move(schema)); }

}  // namespace engram::schema
