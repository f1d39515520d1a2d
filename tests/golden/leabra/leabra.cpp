// Recorded data of the Leabra family: which check a file's content asks for, and networks from files.
#include <cstdlib>

#include "engram/run/read_fields.hpp"
#include "tests/golden/leabra/common.hpp"
#include "tests/testing/test_backend.hpp"

namespace golden {
namespace leabra_family {

engram::Backend& backend() {
  static const auto made = engram::test::test_backend();
  return *made;
}

bool slow_device() {
  const char* device = std::getenv("ENGRAM_TEST_BACKEND");
  return device && (std::string(device) == "emulated" || std::string(device) == "guarded");
}

namespace {

/// By the reader of experiments; keys that only the reference has are left alone.
template <class Spec>
Spec spec_of(const json& recorded) {
  const engram::ConfigReader reader{nlohmann::ordered_json(recorded)};
  Spec spec;
  engram::read_fields(reader, spec);
  EXPECT_TRUE(reader.ok()) << recorded;
  return spec;
}

}  // namespace

leabra::UnitSpec unit_spec_of(const json& j) { return spec_of<leabra::UnitSpec>(j); }
leabra::LayerSpec layer_spec_of(const json& j) { return spec_of<leabra::LayerSpec>(j); }
leabra::ProjectionSpec projection_spec_of(const json& j) {
  // The connections are recorded as they were made; masks and sparsity would be drawn anew.
  json own = j;
  for (const char* key : {"sparsity", "pre_mask", "post_mask", "projn_type"}) own.erase(key);
  return spec_of<leabra::ProjectionSpec>(own);
}

leabra::Net net_of(const json& recorded) {
  leabra::Net net(backend());
  for (const json& l : recorded["layers"]) net.new_layer(l["name"], l["size"], layer_spec_of(l["spec"]));
  for (const json& p : recorded["projns"]) {
    net.new_projection(p["name"], p["pre"], p["post"], projection_spec_of(p["spec"]));
    std::vector<bool> mask;
    for (const double m : numbers(p["mask"])) mask.push_back(m != 0);
    net.set_weights(p["name"], reals(p["wts"]), mask);
  }
  return net;
}

namespace {

bool of_leabra(const File& f) {
  return f.json.is_object() && !f.json.contains("family") &&
         f.json.value("provenance", json::object()).value("repository", "").find("leabra") != std::string::npos;
}
bool has_case(const File& f, std::initializer_list<const char*> keys) {
  if (!of_leabra(f) || !f.json.contains("cases") || f.json["cases"].empty()) return false;
  for (const char* key : keys)
    if (!f.json["cases"][0].contains(key)) return false;
  return true;
}
bool with(const File& f, std::initializer_list<const char*> keys) { return of_leabra(f) && has(f, keys); }

}  // namespace
}  // namespace leabra_family

std::vector<Kind> leabra_kinds() {
  using namespace leabra_family;
  return {
      {"leabra activation table",
       [](const File& f) {
         return with(f, {"table", "gaussian_kernel"});
       },
       check_table},
      {"leabra units",
       [](const File& f) {
         return with(f, {"unit_spec", "steps"});
       },
       check_units},
      {"leabra inhibition",
       [](const File& f) {
         return has_case(f, {"layer_spec", "sequence"});
       },
       check_inhibition},
      {"leabra learning step",
       [](const File& f) {
         return has_case(f, {"projn_spec", "steps"});
       },
       check_learning},
      {"leabra net input", [](const File& f) { return has_case(f, {"num_recv_conns"}); }, check_scale},
      {"leabra contrast",
       [](const File& f) {
         return has_case(f, {"gain", "offset"});
       },
       check_contrast},
      {"leabra winners",
       [](const File& f) {
         return has_case(f, {"size", "kwta_pct"});
       },
       check_winners},
      {"leabra trial",
       [](const File& f) {
         return with(f, {"layer_spec", "sequence"});
       },
       check_trial_averages},
      {"leabra xcal",
       [](const File& f) {
         return with(f, {"x", "thr", "y"});
       },
       check_xcal},
      {"leabra connectivity",
       [](const File& f) {
         return with(f, {"one_to_one", "sparsity_counts"});
       },
       check_connectivity},
      {"leabra logs",
       [](const File& f) {
         return with(f, {"script", "logs"});
       },
       check_logging},
      {"leabra network",
       [](const File& f) {
         return with(f, {"net", "ops"});
       },
       check_network},
      {"leabra networks", [](const File& f) { return with(f, {"runs"}); }, check_runs},
      {"leabra iris",
       [](const File& f) {
         return with(f, {"net", "protocol", "epochs"}) && f.json["protocol"].contains("train_rows");
       },
       check_iris},
      {"leabra iris table", [](const File& f) { return f.json.is_null() && f.text.starts_with("row,sepal_length,"); },
       check_iris_table},
  };
}

}  // namespace golden
