#include "packing.hpp"

namespace engram::calculus {

namespace {

constexpr const char* place = "words at";

/// Moves the binary values of `json` to the end of `words`, leaving where they went.
void detach(nlohmann::json& json, std::vector<Index>& words) {
  if (json.is_binary()) {
    const auto values = unpack<Index>(json);
    json = {{place, {words.size(), values.size()}}};
    words.insert(words.end(), values.begin(), values.end());
  } else if (json.is_structured()) {
    for (auto& item : json) detach(item, words);
  }
}

void attach(nlohmann::json& json, const std::vector<Index>& words) {
  if (json.is_object() && json.size() == 1 && json.contains(place)) {
    const auto begin = json[place].at(0).get<std::size_t>(), count = json[place].at(1).get<std::size_t>();
    if (begin > words.size() || count > words.size() - begin)
      throw IoError("the checkpoint's arrays of the assembly calculus are cut off");
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(begin);
    json = pack(std::vector<Index>(first, first + static_cast<std::ptrdiff_t>(count)));
  } else if (json.is_structured()) {
    for (auto& item : json) attach(item, words);
  }
}

}  // namespace

void visit_packed(StateVisitor& visitor, Backend& backend, const std::string& name,
                  const std::function<nlohmann::json()>& get, const std::function<void(const nlohmann::json&)>& set) {
  Array<Index> data(backend, 0);
  nlohmann::json restored;
  bool restoring = false;
  visitor.json(
      name,
      [&] {
        nlohmann::json state = get();
        std::vector<Index> words;
        detach(state, words);
        data = Array<Index>(backend, words);
        return nlohmann::json{{"words", words.size()}, {"state", state}};
      },
      [&](const nlohmann::json& json) {
        restored = json.at("state");
        data = Array<Index>(backend, json.at("words").get<std::size_t>());
        restoring = true;
      });
  const std::size_t shape[] = {data.size()};
  visitor.array(name + "/data", shape, data);
  if (!restoring) return;
  attach(restored, data.download());
  try {
    set(restored);
  } catch (const nlohmann::json::exception& error) {
    throw IoError("the checkpoint's state \"" + name + "\" is malformed: " + error.what());
  }
}

}  // namespace engram::calculus
