// Arguments with names: what cannot be taken is refused by a ConfigError that says which one it is, what was found and
// what is needed. The name stands in the type, so a method that is called rightly pays nothing for it.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engram/run/config_reader.hpp"

namespace engram::python {

/// What no other argument would mend: the network, or a run, is not where this can be done.
struct NotNow : Error {
  using Error::Error;
};

namespace py = pybind11;

/// A text that can stand in a type.
template <std::size_t N>
struct Word {
  char text[N]{};
  consteval Word(const char (&given)[N]) { std::copy_n(given, N, text); }
};

/// A value that Python calls `name`.
template <Word name, class T>
struct Arg {
  T value{};
  operator const T&() const { return value; }
  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};

/// A value in few words, for messages.
std::string described(const py::handle& value);

/// What may stand where a T is needed.
template <class T>
struct Needed;
template <>
struct Needed<bool> {
  static std::string text() { return "True or False"; }
};
template <>
struct Needed<std::string> {
  static std::string text() { return "a text"; }
};
template <>
struct Needed<py::dict> {
  static std::string text() { return "a dict"; }
};
template <class T>
requires std::is_integral_v<T>
struct Needed<T> {
  static std::string text() {
    const bool wide = std::is_same_v<T, std::uint64_t>;
    return "a whole number from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
           (wide ? "2^64 - 1" : std::to_string(std::numeric_limits<T>::max()));
  }
};
template <class T>
requires std::is_floating_point_v<T>
struct Needed<T> {
  static std::string text() { return "a number"; }
};
template <class T>
struct Needed<std::optional<T>> {
  static std::string text() { return Needed<T>::text() + ", or None"; }
};
template <class T>
struct Needed<std::vector<T>> {
  static std::string text() { return "a list, each item of which is " + Needed<T>::text(); }
};
template <class A, class B>
struct Needed<std::pair<A, B>> {
  static std::string text() { return "a pair of " + Needed<A>::text() + " and " + Needed<B>::text(); }
};
template <class K, class V>
struct Needed<std::map<K, V>> {
  static std::string text() { return "a dict, each value of which is " + Needed<V>::text(); }
};

/// A class whose objects are whole or do not exist: of pybind11's own `__new__` comes an object without anything in it,
/// and a method that is called on it runs on memory that nobody has written.
py::custom_type_setup whole();

}  // namespace engram::python

namespace pybind11::detail {

template <engram::python::Word word, class T>
struct type_caster<engram::python::Arg<word, T>> {
  using Taken = engram::python::Arg<word, T>;
  PYBIND11_TYPE_CASTER(Taken, make_caster<T>::name);
  bool load(handle given, bool convert) {
    make_caster<T> one;
    if (!one.load(given, convert))
      throw engram::ConfigError(
          word.text, "found " + engram::python::described(given) + "; needed is " + engram::python::Needed<T>::text());
    value.value = cast_op<T&&>(std::move(one));
    return true;
  }
};

}  // namespace pybind11::detail
