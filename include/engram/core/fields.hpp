// A parameter, said once: JSON reading, range checks, `engram describe`, the schema and checkpoints all derive from it.
#pragma once

#include <limits>
#include <tuple>

namespace engram {

inline constexpr double no_limit = std::numeric_limits<double>::infinity();

/// A member of `Owner`, its default being the member initialiser. `min` and `max` are inclusive and serve numbers;
/// `choices` ("a|b|c") serves strings.
template <class Owner, class T>
struct Field {
  const char* name;
  T Owner::*member;
  const char* help;
  double min = -no_limit;
  double max = no_limit;
  const char* choices = nullptr;
};
template <class Owner, class T>
Field(const char*, T Owner::*, const char*) -> Field<Owner, T>;
template <class Owner, class T>
Field(const char*, T Owner::*, const char*, double, double) -> Field<Owner, T>;
template <class Owner, class T>
Field(const char*, T Owner::*, const char*, double, double, const char*) -> Field<Owner, T>;

/// Calls `visit(field)` for each entry of `Owner::fields`.
template <class Owner, class Visit>
constexpr void for_each_field(Visit&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, Owner::fields);
}

}  // namespace engram
