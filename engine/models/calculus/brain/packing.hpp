// State as JSON whose arrays are binary values; a checkpoint keeps those apart, as one tensor.
#pragma once

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engram/run/state_reader.hpp"
#include "engram/run/task.hpp"

namespace engram::calculus {

template <class T>
nlohmann::json pack(const std::vector<T>& values) {
  static_assert(sizeof(T) == 4);
  std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return nlohmann::json::binary(std::move(bytes));
}

/// The binary value at this place of a state, whose numbers may be anything.
std::vector<Index> unpack(const StateReader&);
/// Different neurons, in any order, all below `n`.
std::vector<Index> unpack_neurons(const StateReader&, Index n);
/// Finite numbers.
std::vector<float> unpack_reals(const StateReader&);

/// Saves and restores one state of this kind: its arrays as the tensor `name`/data, all else as JSON.
void visit_packed(StateVisitor& visitor, const std::string& name, const std::function<nlohmann::json()>& get,
                  const std::function<void(const StateReader&)>& set);

}  // namespace engram::calculus
