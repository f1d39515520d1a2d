// A parameter, said once: JSON reading, range checks, `engram describe`, the schema and checkpoints all derive from it.
#pragma once

#include <limits>
#include <tuple>

namespace engram {

inline constexpr double no_limit = std::numeric_limits<double>::infinity();

/// What a parameter is, whoever owns it. `min` and `max` are inclusive and serve numbers; `choices` ("a|b|c") serves
/// strings.
struct FieldFacts {
  const char* name;
  const char* help;
  double min = -no_limit;
  double max = no_limit;
  const char* choices = nullptr;
  bool required = false;      ///< it has to be given
  bool or_minus_one = false;  ///< an optional number for whose absence "engram/1" also writes -1
};

/// A member of `Owner`, its default being the member initialiser.
template <class Owner, class T>
struct Field : FieldFacts {
  T Owner::*member;

  constexpr Field(const char* the_name, T Owner::*the_member, const char* the_help, double the_min = -no_limit,
                  double the_max = no_limit, const char* the_choices = nullptr)
      : FieldFacts{the_name, the_help, the_min, the_max, the_choices}, member(the_member) {}
};

/// Calls `visit(field)` for each entry of `Owner::fields`.
template <class Owner, class Visit>
constexpr void for_each_field(Visit&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, Owner::fields);
}

}  // namespace engram
