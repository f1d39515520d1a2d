// The JSON state of a checkpoint, read as what it is: text from anywhere. Its checksums tell accidents, not lies, so
// every size, index and number is looked at before it is used. What is wrong ends in an IoError that says where.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engram/core/error.hpp"
#include "engram/core/portable.hpp"
#include "engram/run/json.hpp"

namespace engram {

/// A saved state that is not what it should be, and where in it.
class StateError : public IoError {
 public:
  StateError(const std::string& path, const std::string& text)
      : IoError("the checkpoint's state " + path + ": " + text), problem_{path, text} {}
  const Problem& problem() const { return problem_; }

 private:
  Problem problem_;
};

/// A value of the state and its place. It refers to the document, which must outlive it.
class StateReader {
 public:
  StateReader(const nlohmann::json& value, std::string name = "state") : value_(&value), name_(std::move(name)) {}

  StateReader operator[](std::string_view key) const;  ///< a member, which must be there
  std::vector<std::pair<std::string, StateReader>> members() const;
  std::vector<StateReader> items() const;
  std::vector<StateReader> items(std::size_t count) const;  ///< exactly so many

  bool flag() const;
  std::string text() const;
  std::uint64_t whole(std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) const;
  std::int64_t integer(std::int64_t least, std::int64_t most) const;
  double number(double least = -std::numeric_limits<double>::max(),
                double most = std::numeric_limits<double>::max()) const;
  std::vector<double> numbers(std::size_t count) const;
  std::vector<bool> flags(std::size_t count) const;
  /// Units in ascending order, each once, all below `units`, at most `most` of them.
  std::vector<Index> ascending(Index units, std::size_t most) const;
  /// Results that were kept as text, in which they keep their order: an object.
  nlohmann::ordered_json results() const;

  const nlohmann::json& json() const { return *value_; }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  const nlohmann::json& array() const;

  const nlohmann::json* value_;
  std::string name_;  ///< of the state, and below it a JSON pointer
};

}  // namespace engram
