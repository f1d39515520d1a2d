// The kinds of recorded files of the NEF family, and the types that all of them name.
#include "tests/golden/nef/common.hpp"

namespace golden {

namespace nef_family {

namespace {

double value_of(const json& j, const char* key, double fallback) { return j.contains(key) ? number(j[key]) : fallback; }

nef::RateType rate_type(const json& j) {
  return std::visit(
      [](const auto& type) -> nef::RateType {
        if constexpr (requires { nef::RateType(type); }) return type;
        throw std::runtime_error("a spiking type stands where a rate type is needed");
      },
      neuron_type(j));
}

}  // namespace

nef::NeuronType neuron_type(const json& j) {
  const auto type = j["type"].get<std::string>();
  const auto get = [&](const char* key, double fallback) { return value_of(j, key, fallback); };
  const double rc = get("tau_rc", 0.02), ref = get("tau_ref", 0.002), amplitude = get("amplitude", 1);
  nef::Lif lif{rc, ref, get("min_voltage", 0), amplitude};
  if (type == "LIF") return lif;
  if (type == "LIFRate") return nef::LifRate{rc, ref, amplitude};
  if (type == "AdaptiveLIF") return nef::AdaptiveLif{lif, get("tau_n", 1), get("inc_n", 0.01)};
  if (type == "AdaptiveLIFRate")
    return nef::AdaptiveLifRate{nef::LifRate{rc, ref, amplitude}, get("tau_n", 1), get("inc_n", 0.01)};
  if (type == "RectifiedLinear") return nef::RectifiedLinear{amplitude};
  if (type == "SpikingRectifiedLinear") return nef::SpikingRectifiedLinear{amplitude};
  if (type == "Sigmoid") return nef::Sigmoid{get("tau_ref", 0.0025)};
  if (type == "Tanh") return nef::Tanh{get("tau_ref", 0.0025)};
  if (type == "Izhikevich")
    return nef::Izhikevich{get("tau_recovery", 0.02), get("coupling", 0.2), get("reset_voltage", -65),
                           get("reset_recovery", 8)};
  if (type == "RegularSpiking") return nef::RegularSpiking{{rate_type(j["base_type"]), amplitude}};
  if (type == "StochasticSpiking") return nef::StochasticSpiking{{rate_type(j["base_type"]), amplitude}};
  if (type == "PoissonSpiking") return nef::PoissonSpiking{{rate_type(j["base_type"]), amplitude}};
  throw std::runtime_error("no check knows the neuron type " + type);
}

nef::SynapseType synapse_type(const json& j) {
  if (j.is_null()) return nef::NoSynapse{};
  const auto type = j["type"].get<std::string>();
  if (type == "Lowpass") return nef::Lowpass{number(j["tau"])};
  if (type == "Alpha") return nef::Alpha{number(j["tau"])};
  if (type == "Triangle") return nef::Triangle{number(j["t"])};
  if (type != "LinearFilter") throw std::runtime_error("no check knows the synapse " + type);
  const auto method = j.value("method", std::string("zoh"));
  const std::vector<std::string> methods{"zoh", "bilinear", "euler", "backward_diff"};
  const auto at = std::find(methods.begin(), methods.end(), method) - methods.begin();
  if (at == 4) throw std::runtime_error("no check knows the method " + method);
  return nef::LinearFilter{numbers(j["num"]), numbers(j["den"]), j.value("analog", true),
                           static_cast<nef::Discretization>(at)};
}

}  // namespace nef_family

namespace {

bool has_cases(const File& f, const char* key) {
  return is(f, "nef") && f.json.contains("cases") && !f.json["cases"].empty() && f.json["cases"][0].contains(key);
}
bool has_expected(const File& f, const char* key) {
  return has_cases(f, "expected") && f.json["cases"][0]["expected"].contains(key);
}

}  // namespace

std::vector<Kind> nef_kinds() {
  using namespace nef_family;
  return {
      {"nef neurons", [](const File& f) { return has_cases(f, "J") && has_cases(f, "neuron_type"); }, check_neurons},
      {"nef gain and bias", [](const File& f) { return has_expected(f, "gain"); }, check_gain_bias},
      {"nef synapses", [](const File& f) { return has_cases(f, "synapse"); }, check_synapses},
      {"nef solvers", [](const File& f) { return has_cases(f, "A") && has_cases(f, "Y"); }, check_solvers},
      {"nef distributions", [](const File& f) { return has_cases(f, "distribution"); }, check_distributions},
      {"nef seeding",
       [](const File& f) {
         return is(f, "nef") && has(f, {"generator", "network"});
       },
       check_seeding},
      {"nef network",
       [](const File& f) {
         return is(f, "nef") && has(f, {"network", "steps", "expected"});
       },
       check_network},
  };
}

}  // namespace golden
