// State as JSON whose arrays are binary values; a checkpoint keeps those apart, as one tensor.
#pragma once

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engram/error.hpp"
#include "engram/task.hpp"

namespace engram::calculus {

template <class T>
nlohmann::json pack(const std::vector<T>& values) {
  static_assert(sizeof(T) == 4);
  std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return nlohmann::json::binary(std::move(bytes));
}

template <class T>
std::vector<T> unpack(const nlohmann::json& json) {
  const auto& bytes = json.get_binary();
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

/// Saves and restores one state of this kind: its arrays as the tensor `name`/data, all else as JSON.
void visit_packed(StateVisitor& visitor, Backend& backend, const std::string& name,
                  const std::function<nlohmann::json()>& get, const std::function<void(const nlohmann::json&)>& set);

}  // namespace engram::calculus
