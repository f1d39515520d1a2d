// Small states of every family, and ways to make them wrong that leave their checksums right.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "engine/run/checkpoint.hpp"
#include "engram/run/experiment.hpp"
#include "tests/models/sorn/task.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/state.hpp"

namespace engram::test::crafted {

using Metadata = std::map<std::string, std::string>;
using Edit = std::function<void(std::vector<io::Tensor>&, Metadata&)>;
using Make = std::function<std::unique_ptr<Task>()>;

inline std::unique_ptr<Task> make_task(const Json& document, Backend& backend, std::size_t seeds) {
  ConfigReader reader(document, ".");
  TaskContext context{backend, {}};
  for (std::size_t s = 0; s < seeds; ++s) context.seeds.push_back(s + 1);
  for (const Family& family : families())
    if (document["model"]["type"] == family.name) {
      const auto plan = family.read(reader);
      if (!plan) reader.finish();
      return plan->build(context);
    }
  throw Error("no such family");
}

struct Saved {
  Saved(const Make& make, Tick cut) {
    KeptRecorder recorder;
    const auto task = make();
    for (Tick t = 0; t < cut; ++t) task->tick(t, recorder);
    tensors = collect_state(*task, metadata);
  }
  std::vector<io::Tensor> tensors;
  Metadata metadata;
};

/// What is said of such a state, or of a run that goes on from it; empty where all is accepted.
inline std::string said_of(const Make& make, Tick cut, const std::vector<io::Tensor>& tensors,
                           const Metadata& metadata) {
  const bool memory = std::filesystem::is_directory("/dev/shm");  // saves the syncs
  const Scratch folder(memory ? "/dev/shm" : std::filesystem::temp_directory_path());
  const std::filesystem::path file = folder / "state.safetensors";
  KeptRecorder recorder;
  write_safetensors(file, tensors, metadata);
  try {
    const auto task = make();
    restore_state(*task, io::SafetensorsFile(file));
    for (Tick t = cut; t < std::min(cut + 8, task->ticks()); ++t) task->tick(t, recorder);
    Metadata again;
    collect_state(*task, again);
    task->results();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// ---- what is saved

inline Json assembly() {
  return Json::parse(R"({
    "model": {"type": "assembly", "stimuli": {"x": {"n": 30, "k": 5}},
              "stages": [{"A": {"inputs": ["x"], "n": 40, "k": 6, "p_synapse": 0.3, "storage": "sparse"}},
                         {"B": {"inputs": ["A"], "n": 20, "k": 4, "normalisation": "none"}}]},
    "simulator": {"epoch_size": 4}, "samples": 3,
    "protocol": [{"do": "simulate"}, {"do": "complete", "keep": 0.5}]})");
}

inline Json attractor() {
  return Json::parse(R"({
    "model": {"type": "attractor", "evidence": [1, 5], "inverse_temperature": [0.5, 1], "learning_rate": 0.02},
    "patterns": {"values": [[1, -1, 1, -1, 1], [1, 1, -1, -1, 1]]},
    "protocol": [{"do": "train", "epochs": 30, "steps": 3}, {"do": "attractors"},
                 {"do": "run", "steps": 40, "learning_rate": 0.01, "project": true}]})");
}

inline Json leabra() {
  return Json::parse(R"({
    "model": {"type": "leabra",
              "layers": {"in": {"size": 4}, "out": {"size": 2, "log_on_trial": ["avg_act", "unit_act"]}},
              "projections": {"up": {"pre": "in", "post": "out"},
                              "aside": {"pre": "in", "post": "out", "learning": "contrast", "plus_phase": "late",
                                        "minus_phase": "minus"}}},
    "patterns": {"inputs": ["in"], "targets": ["out"],
                 "train": {"in": [[1, 0, 1, 0], [0, 1, 0, 1]], "out": [[1, 0], [0, 1]]}},
    "protocol": [{"do": "train", "epochs": 20, "cycles": 3, "stop_after": 3, "lrate_schedule": "plateau",
                  "trial": [{"name": "minus", "cycles": 4, "show": ["in"]},
                            {"name": "late", "cycles": 2, "show": ["in", "out"], "off": ["aside"]},
                            {"name": "plus", "cycles": 3, "show": ["in", "out"]}]}, {"do": "test"}]})");
}

inline Json calculus(const std::string& connectome) {
  Json document = Json::parse(R"({
    "model": {"type": "calculus", "p": 0.2, "defaults": {"n": 60, "k": 5},
              "areas": {"A": {}, "B": {"n": 50, "refractory_period": 2, "inhibition_strength": 1, "refracted_strength": 0.1}},
              "stimuli": {"s": {"size": 8}}},
    "protocol": [{"do": "project", "stimuli": {"s": ["A"]}, "rounds": 2},
                 {"do": "project", "stimuli": {"s": ["A"]}, "areas": {"A": ["A", "B"]}, "rounds": 2},
                 {"do": "save", "name": "early"}, {"do": "remember", "name": "a", "area": "A"},
                 {"do": "inhibit", "area": "B", "other": "A", "reason": 1}, {"do": "disinhibit", "area": "B", "other": "A", "reason": 1},
                 {"do": "measure", "what": "support", "label": "support", "area": "A"},
                 {"do": "fire", "area": "A", "assembly": "a", "fraction": 0.5},
                 {"do": "project", "areas": {"A": ["A", "B"], "B": ["A"]}, "rounds": 2, "stable": 3},
                 {"do": "measure", "what": "density", "label": "d", "area": "A", "assembly": "a"},
                 {"do": "measure", "what": "mean", "label": "m", "of": "support"}, {"do": "restore", "name": "early"},
                 {"do": "project", "areas": {"A": ["A"]}, "rounds": 2}]})");
  document["model"]["connectome"] = connectome;
  return document;
}

inline Json normalised() {
  Json document = calculus("procedural");
  document["protocol"].insert(document["protocol"].begin() + 2, Json{{"do", "normalise"}, {"area", "A"}});
  return document;
}

inline Json cart_pole() {
  return Json::parse(R"({"model": {"type": "sorn", "ne": 30, "nu": 4}, "input": {"source": "cart_pole"},
    "phases": [{"do": "cart_pole", "steps": 40, "learning_rate": 0.01}]})");
}

/// One of each: rules, a kind of neuron for each way to keep state, filters with states and rings, processes that draw.
inline Json nef() {
  return Json::parse(R"({"model": {"type": "nef",
    "nodes": {"x": {"output": "cycle", "values": [[0.5], [-0.5]], "period": 0.01}, "n": {"output": "brown_noise"}},
    "ensembles": {"a": {"neurons": 12, "dimensions": 1, "n_eval_points": 20},
                  "b": {"neurons": 8, "dimensions": 8, "n_eval_points": 20, "neuron": {"type": "adaptive_lif"}},
                  "c": {"neurons": 6, "dimensions": 1, "n_eval_points": 20, "neuron": {"type": "poisson_spiking", "base": "relu"}}},
    "connections": {"in": {"from": "x", "to": "a", "learning": [{"rule": "voja"}]},
                    "noise": {"from": "n", "to": "c", "synapse": {"type": "alpha", "tau": 0.01}},
                    "wide": {"from": "a", "to": "b", "to_index": [0], "synapse": {"type": "triangle", "t": 0.004}},
                    "out": {"from": "a", "to": "c", "learning": [{"rule": "rls"}]},
                    "error": {"from": "x", "to": "out.rule0"},
                    "full": {"from": "a.neurons", "to": "b.neurons", "transform": {"kind": "dense", "everywhere": 0.001},
                             "learning": [{"rule": "bcm"}, {"rule": "oja"}, {"rule": "pes"}]},
                    "teach": {"from": "x", "to": "full.rule2", "transform": {"kind": "dense", "everywhere": 1}}},
    "probes": {"p": {"of": "a", "synapse": {"type": "lowpass", "tau": 0.02}}}},
    "run": {"seconds": 0.04, "measures": [{"probe": "p"}]}})");
}

inline Json nef_memory() {
  return Json::parse(R"({"model": {"type": "nef_memory", "pairs": 3, "dimensions": 8, "neurons": 20,
    "presentation": 0.01}, "run": {"rounds": 2}})");
}

inline Json parser() {
  return Json::parse(R"({"model": {"type": "parser", "n": 200, "k": 10, "word_k": 5, "rounds": 2},
    "sentences": ["cats run", "dogs chase cats", "people run", "dogs run"]})");
}

struct Example {
  std::string name;
  Json document;
  Tick cut;
};
inline void PrintTo(const Example& e, std::ostream* out) { *out << e.name; }

inline std::vector<Example> examples() {
  Json sorn = counting_experiment();
  for (const char* key : {"schema", "seed", "replicas", "threads"}) sorn.erase(key);
  sorn["callbacks"] = {{"every", 1000}};
  return {{"Assembly", assembly(), 7},
          {"AssemblyBetweenPhases", assembly(), 12},
          {"Sorn", sorn, 160},
          {"CartPole", cart_pole(), 30},
          {"Attractor", attractor(), 100},
          {"Leabra", leabra(), 5},
          {"Procedural", calculus("procedural"), 9},
          {"Normalised", normalised(), 10},
          {"Explicit", calculus("explicit"), 9},
          {"Lazy", calculus("lazy"), 9},
          {"Parser", parser(), 2},
          {"Nef", nef(), 25},
          {"NefMemory", nef_memory(), 45}};
}

// ---- how it is made wrong

/// Calls f(pointer) for the value at `pointer` and all below it.
inline void for_each_place(const Json& root, const Json::json_pointer& pointer,
                           const std::function<void(const Json::json_pointer&)>& f) {
  f(pointer);
  const Json& value = root[pointer];
  std::size_t i = 0;
  if (value.is_array())
    for (; i < value.size(); ++i) for_each_place(root, pointer / i, f);
  if (value.is_object())
    for (const auto& [key, member] : value.items()) for_each_place(root, pointer / key, f);
}

inline void add_json_mutations(const std::string& key, const std::string& text, std::vector<Edit>& edits) {
  const Json root = Json::parse(text);
  static const std::vector<Json> others{nullptr,
                                        true,
                                        -1,
                                        0,
                                        1,
                                        7,
                                        4294967295u,
                                        std::uint64_t{1} << 63,
                                        1e300,
                                        "",
                                        "A",
                                        std::string(3000, '['),
                                        Json::array(),
                                        Json::object(),
                                        Json::array({0, 4294967295u}),
                                        Json::array({Json::array()})};
  for_each_place(root, Json::json_pointer(), [&](const Json::json_pointer& place) {
    const auto put = [&](Json changed) {
      edits.push_back(
          [key, changed = changed.dump()](std::vector<io::Tensor>&, Metadata& metadata) { metadata[key] = changed; });
    };
    const auto with = [&](Json value) {
      Json changed = root;
      changed[place] = std::move(value);
      put(std::move(changed));
    };
    for (const Json& other : others) with(other);
    Json value = root[place];
    if (value.is_number_integer()) with(value.get<std::int64_t>() + 1);
    if (value.is_array() && !value.empty()) {
      Json longer = value;
      longer.push_back(value.back());
      with(longer);
      value.erase(value.size() - 1);
      with(value);
    } else if (value.is_object() && !value.empty()) {
      value.erase(value.begin());
      with(value);
    }
  });
}

template <class T>
void add_number_mutations(std::size_t tensor, std::size_t count, std::vector<T> values, std::vector<Edit>& edits) {
  for (std::size_t i = 0; i < count; i += std::max<std::size_t>(1, count / 16))
    for (const T value : values)
      edits.push_back([=](std::vector<io::Tensor>& tensors, Metadata&) {
        std::memcpy(tensors[tensor].bytes.data() + i * sizeof(T), &value, sizeof(T));
      });
}

inline void add_tensor_mutations(const Saved& saved, std::size_t t, std::vector<Edit>& edits) {
  const io::Tensor& tensor = saved.tensors[t];
  const std::size_t size = tensor.type.ends_with("32") ? 4 : 8, count = tensor.bytes.size() / size;
  edits.push_back([=](std::vector<io::Tensor>& tensors, Metadata&) {
    tensors.erase(tensors.begin() + static_cast<std::ptrdiff_t>(t));
  });
  edits.push_back([=](std::vector<io::Tensor>& tensors, Metadata&) {
    tensors[t].type = tensors[t].type == "U32" ? "F32" : "U32", tensors[t].shape.back() *= size / 4;
  });
  for (const std::size_t half : {count / 2, std::size_t{0}, count + 1})
    edits.push_back([=](std::vector<io::Tensor>& tensors, Metadata&) {
      tensors[t].shape = {half};
      tensors[t].bytes.resize(half * size, '\1');
    });
  using F32 = std::numeric_limits<float>;
  using F64 = std::numeric_limits<double>;
  if (tensor.type == "F32")
    add_number_mutations<float>(t, count, {F32::quiet_NaN(), F32::infinity(), -1, 0, F32::max()}, edits);
  if (tensor.type == "F64")
    add_number_mutations<double>(t, count, {F64::quiet_NaN(), F64::infinity(), -1, 0, F64::max()}, edits);
  if (tensor.type == "U32") add_number_mutations<std::uint32_t>(t, count, {0, 3, 60, 0x7FC00000u, 0xFFFFFFFFu}, edits);
  if (tensor.type == "U64") add_number_mutations<std::uint64_t>(t, count, {0, 3, 1u << 20, ~std::uint64_t{0}}, edits);
  if (tensor.type == "I64")
    add_number_mutations<std::int64_t>(t, count, {0, -1, F64::max_exponent, std::numeric_limits<std::int64_t>::min()},
                                       edits);
}

/// Everything that can be done to one place of a state.
inline std::vector<Edit> mutations(const Saved& saved) {
  std::vector<Edit> edits;
  for (std::size_t t = 0; t < saved.tensors.size(); ++t) add_tensor_mutations(saved, t, edits);
  for (const auto& [key, value] : saved.metadata) {
    if (!key.starts_with("state ")) continue;
    edits.push_back([key = key](std::vector<io::Tensor>&, Metadata& metadata) { metadata.erase(key); });
    add_json_mutations(key, value, edits);
  }
  return edits;
}

}  // namespace engram::test::crafted
