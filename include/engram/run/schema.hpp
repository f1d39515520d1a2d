// JSON Schema (draft-07) from the tables that also drive the reader.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "engram/core/field_kinds.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/json.hpp"

namespace engram::schema {

using Json = nlohmann::ordered_json;

/// {"file": "x.npy"}, which may stand for any list of numbers. The definition stands once, with experiment_schema.
inline Json file_reference() { return {{"$ref", "#/$defs/numbers of a file"}}; }
/// A list of numbers, or a file of them.
inline Json or_file(Json list) { return {{"anyOf", Json::array({std::move(list), file_reference()})}}; }

template <class T>
inline constexpr bool holds_numbers = false;
template <class T>
inline constexpr bool holds_numbers<std::vector<T>> = std::is_arithmetic_v<T> || holds_numbers<T>;

/// {"type": "number"} and the like, of what stands in a document itself, for T = bool, integers, floating types,
/// std::string or std::vector of these.
template <class T>
Json inline_type_of(Range range = {}) {
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
    json["items"] = inline_type_of<typename T::value_type>(range);
  }
  return json;
}

/// The same; lists of numbers may be files.
template <class T>
Json type_of(Range range = {}) {
  if constexpr (holds_numbers<T>) return or_file(inline_type_of<T>(range));
  return inline_type_of<T>(range);
}

/// An object with exactly these properties.
inline Json object(Json properties, std::vector<std::string> required = {}) {
  Json json{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) json["required"] = std::move(required);
  return json;
}

/// One form that an object may take: with a variant there is one for each alternative.
struct Form {
  Json properties = Json::object();
  std::vector<std::string> required = {};
  std::string help = {};  ///< of the alternative
};
Json one_of(std::vector<Form> forms);

/// The forms of an object that is read by read_fields into a T.
template <class T>
std::vector<Form> forms_of(const T& defaults = {});

/// An object read by read_fields into a T.
template <class T>
Json object_of(const T& defaults = {}) {
  return one_of(forms_of(defaults));
}

/// Properties of the fields of a struct without variants: type, limits, choices, default, description.
template <class T>
Json properties_of(const T& defaults = {}) {
  return forms_of(defaults).front().properties;
}

/// An object whose keys are names of the user.
Json by_name(Json one);
/// A list of one or more.
Json list_of(Json one);

// ---- templates

/// `json` of a number without limits, where -1 stands for none, `limited` being its schema with them.
void add_minus_one(Json& json, const Json& limited);

/// `value` is what stands for one that is not given.
template <class T>
Json value_of(const FieldFacts& field, const T& value = {}) {
  using namespace fields;
  if constexpr (is_optional<T>) {
    using Given = typename T::value_type;
    if constexpr (std::is_arithmetic_v<Given>) {
      if (field.or_minus_one) {
        Json json = type_of<Given>();
        add_minus_one(json, type_of<Given>({field.min, field.max}));
        return json;
      }
    }
    return value_of<Given>(field);
  } else if constexpr (Struct<T>) {
    return object_of<T>(value);
  } else if constexpr (is_named<T>) {
    return by_name(value_of<typename T::value_type::second_type>(field));
  } else if constexpr (is_names<T>) {
    Json json = type_of<std::vector<std::string>>();
    json["minItems"] = json["maxItems"] = std::tuple_size_v<T>;
    return json;
  } else if constexpr (is_list<T>) {
    using Element = typename T::value_type;
    if constexpr (Struct<Element>) {
      return list_of(object_of<Element>());
    } else {
      constexpr bool words = std::is_same_v<T, std::vector<std::string>>;
      Json json = type_of<T>(words ? Range{} : Range{field.min, field.max});
      if (words && field.min > 0) json["minItems"] = static_cast<int>(field.min);
      if (field.choices) json["items"] = Json::object({{"enum", split_choices(field.choices)}});
      return json;
    }
  } else {
    Json json = type_of<std::conditional_t<std::is_enum_v<T>, std::string, T>>(Range{field.min, field.max});
    if (field.choices) json["enum"] = split_choices(field.choices);
    return json;
  }
}

/// The number as a person wrote it: 0.1, not 0.100000001490116.
double as_written(float value);

/// Sets what stands for a value that is not given, where that is a value by itself.
template <class T>
void set_default(Json& json, const FieldFacts& field, const T& value) {
  using namespace fields;
  if constexpr (std::is_same_v<T, float>) {
    json["default"] = as_written(value);
  } else if constexpr (std::is_enum_v<T>) {
    json["default"] = split_choices(field.choices)[static_cast<std::size_t>(value)];
  } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
    json["default"] = value;
  } else if constexpr (is_list<T>) {
    if constexpr (!Struct<typename T::value_type> && !is_named<T>) json["default"] = value;
  }
}

/// The schema of a member, with its default.
template <class T>
Json member_of(const FieldFacts& field, const T& unsaid) {
  Json json = value_of<T>(field, unsaid);
  if (!field.required) set_default(json, field, unsaid);
  return json;
}

#define ENGRAM_MEMBER_OF(T) extern template Json member_of(const FieldFacts&, const T&);
ENGRAM_COMMON_FIELDS(ENGRAM_MEMBER_OF)
#undef ENGRAM_MEMBER_OF

/// What a variant may be, by the name of the alternative.
struct Alternative {
  std::string name, help;
  bool unsaid = false;  ///< it stands where none is named
  std::vector<Form> forms = {};
};
/// Each form so far once with each form of each alternative.
void split(std::vector<Form>& all, const FieldFacts& field, const std::vector<Alternative>& alternatives);
/// Each form so far with the member.
void append(std::vector<Form>& all, const FieldFacts& field, Json member);

template <class T>
std::vector<Form> forms_of(const T& defaults) {
  std::vector<Form> all(1);
  for_each_field<T>([&](const auto& field) {
    using Value = std::decay_t<decltype(defaults.*field.member)>;
    if constexpr (fields::is_variant<Value>) {
      std::vector<Alternative> alternatives;
      fields::for_each_alternative<Value>([&]<class A>() {
        const bool unsaid = std::holds_alternative<A>(defaults.*field.member) && !field.required;
        alternatives.push_back({A::name, A::help, unsaid, forms_of<A>()});
      });
      split(all, field, alternatives);
    } else {
      append(all, field, member_of<Value>(field, defaults.*field.member));
    }
  });
  return all;
}

}  // namespace engram::schema
