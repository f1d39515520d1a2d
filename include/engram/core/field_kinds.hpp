// What a parameter may be beyond a number, a string or a list of these, and the check of values that C++ has set.
//
//   std::optional<T>            need not be given and has no default
//   an enumeration              a word of `choices`, in the order of the enumerators, which count from 0
//   std::array<std::string, n>  exactly n names; of a std::vector<std::string>, `min` is the least length
//   a struct with fields        an object
//   a std::variant of such      the key names the alternative, whose own keys stand beside it: {"rule": "hebb", "beta":
//                               0.1}; alternatives say `name` and `help`
//   Named<T>                    an object whose keys are names that the user gives
//   a std::vector of structs    a list of objects
//
// What values of several fields must satisfy together, a struct says once:
//   void check_together(const Report& problem) const { if (k > n) problem("k", "..."); }
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engram/core/error.hpp"
#include "engram/core/fields.hpp"

namespace engram {

/// Types that most fields have: what reads them and tells of them is compiled once, in the library.
#define ENGRAM_COMMON_FIELDS(each)                                                                        \
  each(bool) each(int) each(std::uint32_t) each(std::uint64_t) each(float) each(double) each(std::string) \
      each(std::optional<std::uint32_t>) each(std::optional<std::uint64_t>) each(std::optional<float>)    \
          each(std::optional<double>) each(std::vector<float>) each(std::vector<double>)                  \
              each(std::vector<std::string>)

/// A field that has to be given.
template <class Owner, class T>
constexpr Field<Owner, T> required(Field<Owner, T> field) {
  field.required = true;
  return field;
}

/// An optional number for whose absence "engram/1" also writes -1.
template <class Owner, class T>
constexpr Field<Owner, std::optional<T>> or_minus_one(Field<Owner, std::optional<T>> field) {
  field.or_minus_one = true;
  return field;
}

template <class T>
using Named = std::vector<std::pair<std::string, T>>;

/// Takes a problem: the key that it is about, such as "k" or "orders/0", "" for the whole struct, and what is wrong.
using Report = std::function<void(const std::string& key, const std::string& text)>;

namespace fields {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_variant = false;
template <class... Alternative>
inline constexpr bool is_variant<std::variant<Alternative...>> = true;
template <class T>
inline constexpr bool is_names = false;
template <std::size_t n>
inline constexpr bool is_names<std::array<std::string, n>> = true;
template <class T>
inline constexpr bool is_named = false;
template <class T>
inline constexpr bool is_named<Named<T>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;

template <class T>
concept Struct = requires {
  T::fields;
};

/// Calls visit.operator()<A>() for each alternative of a variant.
template <class Variant, class Visit>
void for_each_alternative(Visit&& visit) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (visit.template operator()<std::variant_alternative_t<i, Variant>>(), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Variant>>{});
}

/// Names of the alternatives of a variant, in order.
template <class Variant>
std::vector<std::string> names_of() {
  std::vector<std::string> names;
  for_each_alternative<Variant>([&]<class A>() { names.push_back(A::name); });
  return names;
}

}  // namespace fields

/// A number as a person would write it.
std::string shown(double x);
/// Inclusive limits in words: "0 to 1", "1 or more", "all numbers".
std::string shown_range(double min, double max);
/// Words of a choice list "a|b|c".
std::vector<std::string> split_choices(std::string_view choices);
/// "a", "b", "c", each in quotation marks.
std::string listed(const std::vector<std::string>& words);
void check_number(double value, double min, double max, const std::string& key, const Report&);
void check_choice(const std::string& word, const char* choices, const std::string& key, const Report&);

/// What values that C++ has set violate of ranges, choices and T::check_together.
template <class T>
void check_fields(const T& values, const Report& report);

template <class T>
std::vector<Problem> problems_of(const T& values) {
  std::vector<Problem> all;
  check_fields(values, [&](const std::string& key, const std::string& text) { all.push_back({key, text}); });
  return all;
}

// ---- templates

namespace fields {

/// Reports what is said of a struct at the key that it stands under.
Report below(const std::string& key, const Report& report);

template <class T>
void check_value(const FieldFacts& field, const T& value, const std::string& key, const Report& report) {
  if constexpr (is_optional<T>) {
    if (value) check_value(field, *value, key, report);
  } else if constexpr (is_variant<T>) {
    std::visit([&](const auto& one) { check_fields(one, report); }, value);  // its keys stand beside this one
  } else if constexpr (Struct<T>) {
    check_fields(value, below(key, report));
  } else if constexpr (is_named<T>) {
    for (const auto& [name, one] : value) check_value(field, one, key + "/" + name, report);
  } else if constexpr (is_list<T>) {
    for (std::size_t i = 0; i < value.size(); ++i)
      check_value(field, static_cast<typename T::value_type>(value[i]), key + "/" + std::to_string(i), report);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (field.choices) check_choice(value, field.choices, key, report);
  } else if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
    check_number(static_cast<double>(value), field.min, field.max, key, report);
  }
}

}  // namespace fields

template <class T>
void check_fields(const T& values, const Report& report) {
  for_each_field<T>([&](const auto& field) { fields::check_value(field, values.*field.member, field.name, report); });
  if constexpr (requires { values.check_together(report); }) values.check_together(report);
}

}  // namespace engram
