#include "engine/models/calculus/brain/packing.hpp"

#include <algorithm>
#include <cmath>

namespace engram::calculus {

namespace {

constexpr const char* place = "words at";

template <class T>
std::vector<T> values_of(const nlohmann::json& binary) {
  const auto& bytes = binary.get_binary();
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

/// How many words its binary values take.
std::size_t words_in(const nlohmann::json& json) {
  if (json.is_binary()) return json.get_binary().size() / sizeof(Index);
  std::size_t count = 0;
  if (json.is_structured())
    for (const auto& item : json) count += words_in(item);
  return count;
}

/// Moves the binary values of `json` to the end of `words`, leaving where they went.
void detach(nlohmann::json& json, std::vector<Index>& words) {
  if (json.is_binary()) {
    const auto& bytes = json.get_binary();
    const std::size_t at = words.size(), count = bytes.size() / sizeof(Index);
    words.resize(at + count);
    if (count > 0) std::memcpy(words.data() + at, bytes.data(), count * sizeof(Index));
    json = {{place, {at, count}}};
  } else if (json.is_structured()) {
    for (auto& item : json) detach(item, words);
  }
}

/// The reverse: each value begins where the one before it ended.
void attach(nlohmann::json& json, const std::vector<Index>& words, std::size_t& at, const StateReader& whole) {
  if (json.is_object() && json.size() == 1 && json.contains(place)) {
    const auto ends = StateReader(json[place], "of an array").items(2);
    const std::size_t begin = ends[0].whole(), count = ends[1].whole();
    if (begin != at || count > words.size() - at) whole.fail("its arrays are cut off, or in another order");
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(begin);
    json = pack(std::vector<Index>(first, first + static_cast<std::ptrdiff_t>(count)));
    at += count;
  } else if (json.is_structured()) {
    for (auto& item : json) attach(item, words, at, whole);
  }
}

template <class T>
std::vector<T> unpack_as(const StateReader& state) {
  if (!state.json().is_binary()) state.fail("an array is needed");
  return values_of<T>(state.json());
}

}  // namespace

std::vector<Index> unpack(const StateReader& state) { return unpack_as<Index>(state); }

std::vector<Index> unpack_neurons(const StateReader& state, Index n) {
  std::vector<Index> neurons = unpack(state), sorted = neurons;
  std::sort(sorted.begin(), sorted.end());
  if (!sorted.empty() && sorted.back() >= n)
    state.fail("neuron " + std::to_string(sorted.back()) + " does not exist; there are " + std::to_string(n));
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) state.fail("a neuron is listed twice");
  return neurons;
}

std::vector<float> unpack_reals(const StateReader& state) {
  std::vector<float> values = unpack_as<float>(state);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i])) state.fail("number " + std::to_string(i) + " is not finite");
  return values;
}

void visit_packed(StateVisitor& visitor, const std::string& name, const std::function<nlohmann::json()>& get,
                  const std::function<void(const StateReader&)>& set) {
  std::vector<Index> words;
  nlohmann::json restored;
  visitor.json(
      name,
      [&] {
        nlohmann::json state = get();
        words.clear();
        words.reserve(words_in(state));
        detach(state, words);
        return nlohmann::json{{"words", words.size()}, {"state", state}};
      },
      [&](const nlohmann::json& json) { restored = json; });
  const std::size_t length[] = {any_size};
  visitor.array(name + "/data", length, words);
  if (restored.is_null()) return;
  const StateReader all(restored, name);
  if (all["words"].whole() != words.size())
    all["words"].fail("found " + restored["words"].dump() + ", the array has " + std::to_string(words.size()));
  std::size_t at = 0;
  nlohmann::json state = all["state"].json();
  attach(state, words, at, all);
  if (at != words.size()) all.fail("its array is longer than its parts");
  set(StateReader(state, name));
}

}  // namespace engram::calculus
