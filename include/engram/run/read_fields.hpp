// Parameters from JSON: names, kinds, ranges, defaults and cross checks come from the `fields` of their struct.
#pragma once

#include <algorithm>

#include "engram/core/field_kinds.hpp"
#include "engram/run/config_reader.hpp"

namespace engram {

/// Reads what T::fields names; what is absent keeps its value. For values that others will complete.
template <class T>
void read_given(const ConfigReader& object, T& values);

/// The same; then, if each value by itself is right, checks what they must satisfy together.
template <class T>
void read_fields(const ConfigReader& object, T& values);

// ---- templates

namespace fields {

template <class T>
void read_value(const ConfigReader& given, const FieldFacts& field, T& value);

/// Which of `names` the key of the field says, names[now] if none; "" after a problem, when nobody can say which keys
/// are right.
std::string read_name(const ConfigReader& object, const FieldFacts& field, const std::vector<std::string>& names,
                      std::size_t now);

/// The key of the field names the alternative, whose own keys stand beside it.
template <class Variant>
void read_alternative(const ConfigReader& object, const FieldFacts& field, Variant& value) {
  const std::string chosen = read_name(object, field, names_of<Variant>(), value.index());
  if (chosen.empty()) return;
  for_each_alternative<Variant>([&]<class A>() {
    if (chosen != A::name) return;
    if (!std::holds_alternative<A>(value)) value.template emplace<A>();
    read_fields(object, *std::get_if<A>(&value));
  });
}

template <class T>
void read_named(const ConfigReader& given, const FieldFacts& field, Named<T>& value) {
  if (!given.is_object()) return given.mismatch("an object");
  value.clear();
  for (const auto& [name, reader] : given.members()) {
    value.emplace_back(name, T{});
    read_value(reader, field, value.back().second);
  }
}

template <class T>
void read_list(const ConfigReader& given, const FieldFacts& field, std::vector<T>& value) {
  if constexpr (Struct<T>) {
    if (!given.is_array()) return given.mismatch("an array");
    value.clear();
    for (const ConfigReader& item : given.items()) read_value(item, field, value.emplace_back());
  } else {
    constexpr bool words = std::is_same_v<T, std::string>;
    const std::size_t before = given.problems();
    value = given.as_or(value, words ? Range{} : Range{field.min, field.max});
    if (words && given.problems() == before && static_cast<double>(value.size()) < field.min)
      given.problem("found no names, needed is at least one");
    if constexpr (words)
      if (field.choices)
        for (const ConfigReader& item : given.items()) item.as_choice(split_choices(field.choices));
  }
}

template <std::size_t n>
void read_names(const ConfigReader& given, std::array<std::string, n>& value) {
  const std::size_t before = given.problems();
  auto all = given.as<std::vector<std::string>>();
  if (given.problems() == before && all.size() != n)
    given.problem("found " + std::to_string(all.size()) + " names, needed are " + std::to_string(n));
  all.resize(n);
  std::move(all.begin(), all.end(), value.begin());
}

template <class T>
void read_value(const ConfigReader& given, const FieldFacts& field, T& value) {
  if constexpr (is_optional<T>) {
    if (field.or_minus_one && given.is_number() && given.json() == -1) return value.reset();
    if (!value) value.emplace();
    read_value(given, field, *value);
  } else if constexpr (Struct<T>) {
    read_fields(given, value);
  } else if constexpr (is_named<T>) {
    read_named(given, field, value);
  } else if constexpr (is_names<T>) {
    read_names(given, value);
  } else if constexpr (is_list<T>) {
    read_list(given, field, value);
  } else if constexpr (std::is_enum_v<T>) {
    const auto words = split_choices(field.choices);
    value = static_cast<T>(std::find(words.begin(), words.end(), given.as_choice(words)) - words.begin());
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = field.choices ? given.as_choice(split_choices(field.choices)) : given.as_or(value);
  } else {
    value = given.as_or(value, Range{field.min, field.max});
  }
}

/// What is expected of a required field, in words.
template <class T>
std::string kind_of(const char* choices) {
  if constexpr (is_optional<T>) {
    return kind_of<typename T::value_type>(choices);
  } else if constexpr (Struct<T> || is_named<T>) {
    return "an object";
  } else if constexpr (is_names<T>) {
    return ConfigReader::kind_of<std::vector<std::string>>();
  } else if constexpr (is_list<T>) {
    if constexpr (Struct<typename T::value_type>)
      return "an array";
    else
      return ConfigReader::kind_of<T>();
  } else if constexpr (std::is_enum_v<T>) {
    return "one of " + listed(split_choices(choices));
  } else {
    return choices ? "one of " + listed(split_choices(choices)) : ConfigReader::kind_of<T>();
  }
}

/// The member that the field names, which may be absent.
template <class T>
void read_member(const ConfigReader& object, const FieldFacts& field, T& value) {
  if (const ConfigReader given = object.member(field.name); given.exists()) {
    read_value(given, field, value);
  } else if (field.required) {
    constexpr bool number = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;
    object.missing(field.name, kind_of<T>(field.choices), number ? Range{field.min, field.max} : Range{});
  }
}

#define ENGRAM_READ_MEMBER(T) extern template void read_member(const ConfigReader&, const FieldFacts&, T&);
ENGRAM_COMMON_FIELDS(ENGRAM_READ_MEMBER)
#undef ENGRAM_READ_MEMBER

}  // namespace fields

template <class T>
void read_given(const ConfigReader& object, T& values) {
  for_each_field<T>([&](const auto& field) {
    auto& value = values.*field.member;
    if constexpr (fields::is_variant<std::decay_t<decltype(value)>>)
      fields::read_alternative(object, field, value);
    else
      fields::read_member(object, field, value);
  });
}

template <class T>
void read_fields(const ConfigReader& object, T& values) {
  const std::size_t before = object.problems();
  read_given(object, values);
  if constexpr (requires(const Report& report) { values.check_together(report); })
    if (object.problems() == before)
      values.check_together([&](const std::string& key, const std::string& text) { object.problem_at(key, text); });
}

}  // namespace engram
