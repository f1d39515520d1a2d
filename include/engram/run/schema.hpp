// JSON Schema (draft-07) from the tables that also drive the reader.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "engram/core/fields.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::schema {

using Json = nlohmann::ordered_json;

/// {"type": "number"} and the like for T = bool, integers, floating types, std::string or std::vector of these.
template <class T>
Json type_of(Range range = {}) {
  Json json;
  if constexpr (std::is_same_v<T, bool>)
    json["type"] = "boolean";
  else if constexpr (std::is_same_v<T, std::string>)
    json["type"] = "string";
  else if constexpr (std::is_arithmetic_v<T>) {
    json["type"] = std::is_integral_v<T> ? "integer" : "number";
    if (std::is_unsigned_v<T> && range.min < 0) range.min = 0;
    const auto limit = [](double x) { return std::is_integral_v<T> ? Json(static_cast<std::int64_t>(x)) : Json(x); };
    if (range.min > -no_limit) json["minimum"] = limit(range.min);
    if (range.max < no_limit) json["maximum"] = limit(range.max);
  } else {
    json["type"] = "array";
    json["items"] = type_of<typename T::value_type>(range);
  }
  return json;
}

/// Properties for the fields of a rule or model: type, limits, choices, default, description.
template <class T>
Json properties_of() {
  Json properties = Json::object();
  const T defaults{};
  for_each_field<T>([&](const auto& field) {
    using Value = std::decay_t<decltype(defaults.*field.member)>;
    Json one = type_of<Value>(Range{field.min, field.max});
    if (field.choices) one["enum"] = split_choices(field.choices);
    one["default"] = defaults.*field.member;
    if constexpr (std::is_same_v<Value, float>) {  // the number as a person wrote it: 0.1, not 0.100000001490116
      char text[32];
      std::snprintf(text, sizeof text, "%.7g", static_cast<double>(defaults.*field.member));
      one["default"] = std::strtod(text, nullptr);
    }
    one["description"] = field.help;
    properties[field.name] = one;
  });
  return properties;
}

/// An object with exactly these properties.
inline Json object(Json properties, std::vector<std::string> required = {}) {
  Json json{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) json["required"] = std::move(required);
  return json;
}

/// An object read by read_fields into a T.
template <class T>
Json object_of() {
  return object(properties_of<T>());
}

}  // namespace engram::schema
