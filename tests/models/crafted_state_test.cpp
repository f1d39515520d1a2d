// Checkpoints whose checksums are right and whose content is not: an error says so, and nothing is read beyond its end.
#include <cstring>

#include "engine/io/file.hpp"
#include "sorn_task.hpp"
#include "tests/engine/scratch.hpp"
#include "tests/models/attractor_task.hpp"

namespace engram::test {
namespace {

using Metadata = std::map<std::string, std::string>;
using Edit = std::function<void(std::vector<io::Tensor>&, Metadata&)>;

/// What is said of a task's state that was saved after `cut` ticks and edited; empty where it is accepted.
std::string said_of(const std::function<std::unique_ptr<Task>()>& make, Tick cut, const Edit& edit) {
  const Scratch folder;
  const std::filesystem::path file = folder / "state.safetensors";
  KeptSeries recorder;
  const auto saved = make();
  for (Tick t = 0; t < cut; ++t) saved->tick(t, recorder);
  Metadata metadata;
  auto tensors = collect_state(*saved, metadata);
  edit(tensors, metadata);
  io::write_safetensors(file, tensors, metadata);
  try {
    const auto task = make();
    restore_state(*task, io::SafetensorsFile(file));
    task->tick(cut, recorder);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Replaces a value in one of the states that are JSON.
Edit with(const std::string& state, const char* pointer, const Json& value) {
  return [=](std::vector<io::Tensor>&, Metadata& metadata) {
    Json j = Json::parse(metadata.at("state " + state));
    j[Json::json_pointer(pointer)] = value;
    metadata["state " + state] = j.dump();
  };
}

/// Sets one number of a tensor.
Edit with_number(const std::string& tensor, std::size_t at, std::uint64_t value) {
  return [=](std::vector<io::Tensor>& tensors, Metadata&) {
    for (io::Tensor& t : tensors)
      if (t.name == tensor) {
        const std::size_t size = t.type == "U64" ? 8 : 4;
        ASSERT_LE((at + 1) * size, t.bytes.size());
        std::memcpy(t.bytes.data() + at * size, &value, size);
      }
  };
}

const Edit nothing = [](std::vector<io::Tensor>&, Metadata&) {};

TEST(CraftedState, OfSornIsRefused) {
  const auto backend = make_backend("cpu", {.threads = 1});
  const auto make = [&] { return make_sorn_task(counting_experiment(), *backend); };
  constexpr Tick cut = 160;  // with a twin beside each network
  EXPECT_EQ(said_of(make, cut, nothing), "");
  const auto refused = [&](const char* text, const Edit& edit) {
    EXPECT_NE(said_of(make, cut, edit).find(text), std::string::npos) << text << ": " << said_of(make, cut, edit);
  };
  refused("is in phase", with("task", "/phase", 4));
  refused("is in phase", with("task", "/phase", 1u << 30));
  refused("more than there are pairs", with("network", "/synapses/0/1", 4000));
  refused("more than there are pairs", with("network", "/synapses/2/0", std::uint64_t{1} << 63));
  refused("type or shape", with("network", "/synapses/1/1", 0));
  for (const char* name : {"wee", "wei", "wie", "twin wie"}) {
    refused("row starts", with_number(std::string(name) + "/start", 1, 1u << 30));
    refused("not ascending", with_number(std::string(name) + "/pre", 0, 1u << 30));
  }
}

TEST(CraftedState, OfAttractorNetworksIsRefused) {
  const Json document = Json::parse(R"({
    "model": {"type": "attractor", "evidence": [1, 5], "inverse_temperature": [0.5, 1], "learning_rate": 0.02},
    "patterns": {"values": [[1, -1, 1, -1, 1], [1, 1, -1, -1, 1]]},
    "protocol": [{"do": "train", "epochs": 30, "steps": 3}, {"do": "run", "steps": 40, "learning_rate": 0.01}]})");
  const auto backend = make_backend("cpu", {.threads = 1});
  const auto make = [&] { return make_task(document, *backend, 1); };
  constexpr Tick cut = 100;
  EXPECT_EQ(said_of(make, cut, nothing), "");
  for (const char* values : {"/match", "/changes", "/forward", "/sum", "/before"})
    EXPECT_NE(said_of(make, cut, with("protocol", values, Json::array({1}))).find("other networks"), std::string::npos) << values;
}

}  // namespace
}  // namespace engram::test
