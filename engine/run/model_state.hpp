// The state of another run, with which the networks of this one begin: "/model/state".
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/safetensors.hpp"
#include "engram/core/field_kinds.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/state_visitor.hpp"

namespace engram {

class ModelState {
 public:
  /// Opens what the key "state" of a model names. Null after a problem, and where a run that goes on no longer needs
  /// it.
  static std::shared_ptr<const ModelState> read(const ConfigReader& model);

  explicit ModelState(const std::string& path);
  const std::string& path() const { return path_; }
  /// Ticks that its networks have behind them.
  Tick time() const { return time_; }
  /// The "model" of the run that left it; null in files that do not say.
  const nlohmann::ordered_json& model() const { return model_; }
  const std::vector<std::uint64_t>& seeds() const { return seeds_; }
  /// The shape of a tensor; nothing where it holds none of this name.
  std::optional<std::vector<std::uint64_t>> shape(const std::string& name) const;
  /// What keeps an array from being the one that is wanted, in words; "" where nothing does. `counts` says what the
  /// numbers of its shape count.
  std::string fault_of(const std::string& name, const std::vector<std::uint64_t>& wanted, const char* counts) const;
  /// Reports weights of new networks, beside networks that have their own.
  static void refuse_weights(const ConfigReader& model);
  /// What it says of this JSON state; null where it says nothing.
  nlohmann::json json_state(const std::string& name) const;
  /// Whether an array of this name and shape begins with what the file holds.
  using Takes = std::function<bool(std::string_view name, std::span<const std::size_t> shape)>;
  /// Restores what shows itself, of its arrays those that are taken (all, if nothing says which), and leaves what else
  /// the file holds. Throws IoError.
  void restore(const std::function<void(StateVisitor&)>& show, const Takes& takes = nullptr) const;

  /// Reports the keys that a model gives and that only shape new networks, where it says other than the run that left
  /// this state.
  template <class T>
  void refuse_other_shapes(const ConfigReader& given, const T& now, const T& before,
                           const std::vector<std::string_view>& keys) const;
  void report_other(const ConfigReader& given, std::string_view key) const;

 private:
  std::string path_;
  io::SafetensorsFile file_;
  Tick time_ = 0;
  nlohmann::ordered_json model_;
  std::vector<std::uint64_t> seeds_;
};

/// How many seeds the document names, without a word on what is wrong with them.
std::size_t seeds_of(const ConfigReader& experiment);
/// The seeds themselves.
std::vector<std::uint64_t> list_of_seeds(const ConfigReader& experiment);

template <class T>
void ModelState::refuse_other_shapes(const ConfigReader& given, const T& now, const T& before,
                                     const std::vector<std::string_view>& keys) const {
  for_each_field<T>([&](const auto& field) {
    if (std::find(keys.begin(), keys.end(), std::string_view(field.name)) == keys.end()) return;
    if (given.has(field.name) && !(now.*field.member == before.*field.member)) report_other(given, field.name);
  });
}

}  // namespace engram
