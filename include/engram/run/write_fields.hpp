// Parameters as JSON, the way read_fields takes them back.
#pragma once

#include "engram/core/field_kinds.hpp"
#include "engram/run/json.hpp"

namespace engram {

/// All of what T::fields names.
template <class T>
nlohmann::ordered_json written_fields(const T& values);

// ---- templates

namespace fields {

template <class T>
nlohmann::ordered_json written_value(const FieldFacts& field, const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return split_choices(field.choices)[static_cast<std::size_t>(value)];
  } else if constexpr (Struct<T>) {
    return written_fields(value);
  } else {
    return value;
  }
}

}  // namespace fields

template <class T>
nlohmann::ordered_json written_fields(const T& values) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for_each_field<T>([&](const auto& field) {
    const auto& value = values.*field.member;
    using Value = std::decay_t<decltype(value)>;
    if constexpr (fields::is_variant<Value>) {
      std::visit(
          [&](const auto& own) {
            json[field.name] = own.name;
            json.update(written_fields(own));
          },
          value);
    } else if constexpr (fields::is_optional<Value>) {
      if (value) json[field.name] = fields::written_value(field, *value);
    } else {
      json[field.name] = fields::written_value(field, value);
    }
  });
  return json;
}

}  // namespace engram
