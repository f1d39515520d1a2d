#include "engine/run/model_state.hpp"

#include <algorithm>

#include "engine/run/checkpoint.hpp"
#include "engine/run/saved_run.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

namespace {

Json parsed(const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return {};
  try {
    return parse_config(found->second, key, std::size_t{256} << 20);
  } catch (const ConfigError& error) {
    throw IoError("its " + key + " is malformed: " + error.what());
  }
}

}  // namespace

std::shared_ptr<const ModelState> ModelState::read(const ConfigReader& model) {
  if (!model.member("state").exists()) return nullptr;
  const std::size_t before = model.problems();
  const std::string path = model.file_to_begin("state");
  if (path.empty() || model.problems() != before) return nullptr;
  try {
    return std::make_shared<const ModelState>(path);
  } catch (const IoError& error) {
    const std::string what = error.what();
    model.problem("state", what.starts_with(path) ? what : path + ": " + what);
    return nullptr;
  }
}

ModelState::ModelState(const std::string& path) : path_(path), file_(std::filesystem::path(path)) {
  check_format(file_);
  const auto& metadata = file_.metadata();
  for (const char* key : {"tick", "time"})
    if (metadata.contains(key)) time_ = number_of(metadata, key);
  model_ = parsed(metadata, "model");
  for (const Json& seed : parsed(metadata, "seeds"))
    if (seed.is_number_unsigned()) seeds_.push_back(seed.get<std::uint64_t>());
  const auto precision = metadata.find("precision");
  if (precision != metadata.end() && precision->second != precision_name)
    throw IoError("is of " + precision->second + " precision, this engram computes in " + precision_name);
}

std::optional<std::vector<std::uint64_t>> ModelState::shape(const std::string& name) const {
  if (!file_.holds(name)) return std::nullopt;
  return file_.layout(name).shape;
}

std::string ModelState::fault_of(const std::string& name, const std::vector<std::uint64_t>& wanted,
                                 const char* counts) const {
  const auto found = shape(name);
  if (!found) return "holds no array " + name;
  if (*found == wanted) return {};
  return name + " is " + io::words_of_shape(*found) + ", the experiment has " + io::words_of_shape(wanted) + " (" +
         counts + ")";
}

void ModelState::refuse_weights(const ConfigReader& model) {
  if (model.has("weights"))
    model.problem("weights", "are those of new networks; /model/state names networks that have their own");
}

nlohmann::json ModelState::json_state(const std::string& name) const {
  return nlohmann::json(parsed(file_.metadata(), "state " + name));
}

namespace {

/// Shows another visitor some of the arrays.
class Chosen final : public StateVisitor {
 public:
  Chosen(StateVisitor& inner, const ModelState::Takes& takes) : inner_(inner), takes_(takes) {}
  void array(std::string_view name, std::span<const std::size_t> shape, const StateArray& values) override {
    if (takes_(name, shape)) inner_.array(name, shape, values);
  }
  void json(std::string_view name, const std::function<nlohmann::json()>& get,
            const std::function<void(const nlohmann::json&)>& set) override {
    inner_.json(name, get, set);
  }

 private:
  StateVisitor& inner_;
  const ModelState::Takes& takes_;
};

}  // namespace

void ModelState::restore(const std::function<void(StateVisitor&)>& show, const Takes& takes) const {
  try {
    const auto chosen = [&](StateVisitor& visitor) {
      Chosen some(visitor, takes);
      show(some);
    };
    restore_part(takes ? chosen : show, file_);
  } catch (const IoError& error) {
    throw IoError(path_ + ": " + error.what());
  }
}

void ModelState::report_other(const ConfigReader& given, std::string_view key) const {
  given.problem(key, "shapes new networks, and those of " + path_ +
                         " were made with another value; they go on as they are, so leave it out or give the same");
}

std::size_t seeds_of(const ConfigReader& experiment) { return list_of_seeds(experiment).size(); }

std::vector<std::uint64_t> list_of_seeds(const ConfigReader& experiment) {
  const ConfigReader first = experiment.member("seed"), seeds = experiment.optional_object("replicas").member("seeds");
  const auto whole = [](const ConfigReader& reader, std::uint64_t fallback) {
    return reader.exists() && reader.json().is_number_unsigned() ? reader.json().get<std::uint64_t>() : fallback;
  };
  std::vector<std::uint64_t> all;
  if (seeds.is_array()) {
    for (const ConfigReader& seed : seeds.items()) all.push_back(whole(seed, 0));
  } else {
    const std::uint64_t count = std::min<std::uint64_t>(whole(seeds, 1), 1000000), from = whole(first, 1);
    for (std::uint64_t i = 0; i < count; ++i) all.push_back(from + i);
  }
  return all;
}

}  // namespace engram
