// Recorded values of what stands alone: neurons, tuning, synapses, solvers, distributions.
#include <deque>

#include "engram/nef/distributions.hpp"
#include "engram/nef/draws.hpp"
#include "engram/nef/solvers.hpp"
#include "engram/nef/tuning.hpp"
#include "tests/golden/nef/common.hpp"

namespace golden::nef_family {

namespace {

/// Gives the recorded draws, in order.
class RecordedDraws final : public nef::Draws {
 public:
  /// Uniforms were recorded as drawn from `least` to 1.
  explicit RecordedDraws(const json& draws, double least = 0) {
    for (const json& one : draws) {
      const auto kind = one[0].get<std::string>();
      for (const double v : numbers(one[1]))
        (kind == "shuffle_permutation" ? order_ : values_).push_back(kind == "uniform" ? (v - least) / (1 - least) : v);
    }
  }
  double uniform() override { return next(); }
  double normal() override { return next(); }
  double exponential(double) override { return next(); }
  std::vector<std::size_t> shuffle(std::size_t n) override {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < n; ++i) {
      if (order_.empty()) throw std::runtime_error("more permutations were asked for than recorded");
      order.push_back(static_cast<std::size_t>(order_.front()));
      order_.pop_front();
    }
    return order;
  }
  bool empty() const { return values_.empty() && order_.empty(); }

 private:
  double next() {
    if (values_.empty()) throw std::runtime_error("more numbers were asked for than recorded");
    const double v = values_.front();
    values_.pop_front();
    return v;
  }
  std::deque<double> values_, order_;
};

template <class T, class Type>
void run_neurons(const Type& type, const json& c, double relative, double absolute, double of_maximum,
                 const std::string& what) {
  const std::size_t n = c["J"][0].size();
  const T dt = static_cast<T>(number(c["dt"]));
  std::vector<std::vector<T>> state(nef::max_neuron_states, std::vector<T>(n));
  for (int s = 0; s < Type::n_state; ++s)
    for (std::size_t i = 0; i < n; ++i) state[s][i] = static_cast<T>(number(c["initial_state"][Type::state[s]][i]));
  const auto expect = [&](const char* name, std::size_t k, std::size_t i, T found) {
    if (!c["expected"].contains(name)) return;
    double most = 0;
    if (of_maximum > 0)
      for (const double v : numbers(c["expected"][name])) most = std::max(most, std::abs(v));
    expect_close(static_cast<double>(found), number(c["expected"][name][k][i]), relative, absolute + of_maximum * most,
                 what + " " + name + " step " + std::to_string(k + 1));
  };
  for (std::size_t k = 0; k < c["J"].size(); ++k)
    for (std::size_t i = 0; i < n; ++i) {
      T s[nef::max_neuron_states] = {};
      for (int v = 0; v < Type::n_state; ++v) s[v] = state[v][i];
      T input = static_cast<T>(number(c["J"][k][i])), out = 0;
      if constexpr (nef::Wraps<Type>) {
        input = std::visit([&](const auto& base) { return base(input, dt, s); }, type.base);
        expect("rate_out", k, i, input);
      }
      if constexpr (nef::TakesDraws<Type>)
        out = type.spikes(input, dt, [&] { return number(c["uniforms"][k][i]); });
      else if constexpr (!std::is_same_v<Type, nef::Direct>)
        out = type(input, dt, s);
      const double recorded = number(c["expected"]["output"][k][i]);
      EXPECT_EQ(out == T(0), recorded == 0) << what << " step " << k + 1 << " neuron " << i;
      expect("output", k, i, out);
      const bool spikes_only = of_maximum > 0 && std::is_same_v<Type, nef::Izhikevich>;
      for (int v = 0; v < Type::n_state; ++v) {
        state[v][i] = s[v];
        if (!spikes_only) expect(Type::state[v], k, i, s[v]);
      }
    }
}

double option(const std::string& name, const char* key, double fallback) {
  const std::string before = std::string(key) + "=";
  const std::size_t at = name.find(before);
  return at == std::string::npos ? fallback : std::stod(name.substr(at + before.size()));
}

nef::SolverType solver_named(const std::string& name) {
  const std::string kind = name.substr(0, name.find('('));
  if (kind == "LstsqL2") return nef::LstsqL2{option(name, "reg", 0.1)};
  if (kind == "LstsqL2nz") return nef::LstsqL2nz{option(name, "reg", 0.1)};
  if (kind == "Lstsq") return nef::Lstsq{option(name, "rcond", 0.01)};
  if (kind == "LstsqNoise") return nef::LstsqNoise{option(name, "noise", 0.1)};
  if (kind == "LstsqMultNoise") return nef::LstsqMultNoise{option(name, "noise", 0.1)};
  if (kind == "LstsqDrop") return nef::LstsqDrop{option(name, "drop", 0.25)};
  if (kind == "Nnls") return nef::Nnls{};
  if (kind == "NnlsL2") return nef::NnlsL2{option(name, "reg", 0.1)};
  if (kind == "NnlsL2nz") return nef::NnlsL2nz{option(name, "reg", 0.1)};
  throw std::runtime_error("no check knows the solver " + name);
}

/// "[1,2,3]" behind key= as numbers, nested or not.
std::vector<double> list(const std::string& name, const std::string& key) {
  const std::size_t at = name.find(key), begin = name.find('[', at == std::string::npos ? 0 : at);
  std::size_t end = begin;
  for (int depth = 0; end < name.size(); ++end) {
    depth += (name[end] == '[') - (name[end] == ']');
    if (depth == 0) break;
  }
  return numbers(json::parse(name.substr(begin, end - begin + 1)));
}

nef::DistributionType distribution_named(const std::string& name) {
  const std::string kind = name.substr(0, name.find('('));
  const bool surface = name.find("surface=True") != std::string::npos;
  const double least = option(name, "min_magnitude", 0);
  if (kind == "UniformHypersphere") return nef::UniformHypersphere{surface, least};
  if (kind == "ScatteredHypersphere")
    return nef::ScatteredHypersphere{
        surface, least,
        name.find("tfww") != std::string::npos ? nef::SphereMethod::number_theoretic : nef::SphereMethod::exact};
  if (kind == "QuasirandomSequence") return nef::QuasirandomSequence{};
  if (kind == "Choice")
    return nef::Choice{list(name, "("),
                       name.find("weights") == std::string::npos ? std::vector<double>() : list(name, "weights=")};
  if (kind == "Exponential")
    return nef::Exponential{option(name, "scale", 1), option(name, "shift", 0), option(name, "high", 1e300)};
  if (kind == "PDF") return nef::Pdf{list(name, "x="), list(name, "p=")};
  if (kind == "Uniform") return nef::UniformDistribution{option(name, "low", 0), option(name, "high", 1)};
  if (kind == "Gaussian") return nef::Gaussian{option(name, "mean", 0), option(name, "std", 1)};
  const auto arguments = [&](std::size_t k) {
    std::size_t at = name.find('(');
    for (std::size_t i = 0; i < k && at != std::string::npos; ++i) at = name.find(',', at + 1);
    if (at == std::string::npos) throw std::runtime_error("an argument is missing in " + name);
    at = name.find_first_of("-.0123456789", at);  // the name of an argument may stand before it
    return std::stod(name.substr(at));
  };
  if (kind == "CosineSimilarity") return nef::CosineSimilarity{static_cast<int>(arguments(0))};
  if (kind == "SqrtBeta") return nef::SqrtBeta{arguments(0), name.find(',') != std::string::npos ? arguments(1) : 1};
  if (kind == "SubvectorLength")
    return nef::SubvectorLength{static_cast<int>(arguments(0)),
                                name.find(',') != std::string::npos ? static_cast<int>(arguments(1)) : 1};
  throw std::runtime_error("no check knows the distribution " + name);
}

void check_functions(const nef::DistributionType& d, const json& c, Tolerance t, const std::string& what) {
  std::vector<double> below, dense, quantile;
  for (const double x : numbers(c["points"])) below.push_back(nef::cdf(d, x));
  for (const double x : numbers(c["points"]))
    if (x > 0) dense.push_back(nef::pdf(d, x));
  for (const double p : numbers(c["probs"])) quantile.push_back(nef::ppf(d, p));
  const json& expected = c["expected"];
  if (expected.contains("cdf")) expect_all_near(below, expected["cdf"], t, what + " cdf");
  if (expected.contains("pdf_positive")) expect_all_near(dense, expected["pdf_positive"], t, what + " pdf");
  if (expected.contains("ppf")) expect_all_near(quantile, expected["ppf"], t, what + " ppf");
}

}  // namespace

void check_neurons(const File& f) {
  const Tolerance t = double_tolerance(f);
  std::size_t at = 0;
  for (const json& c : f.json["cases"]) {
    const std::string what = "case " + std::to_string(at++) + " " + c["neuron_type"]["type"].get<std::string>();
    std::visit(
        [&](const auto& type) {
          run_neurons<double>(type, c, t.relative, t.absolute, 0, what);
          run_neurons<float>(type, c, 0, 0, 2e-4, what + " in float");
        },
        neuron_type(c["neuron_type"]));
  }
}

void check_gain_bias(const File& f) {
  const Tolerance t = double_tolerance(f);
  for (const json& c : f.json["cases"]) {
    const nef::NeuronType type = neuron_type(c["neuron_type"]);
    const std::string what = c["neuron_type"].dump();
    const nef::GainBias lines = nef::gain_bias(type, {numbers(c["max_rates"]), numbers(c["intercepts"])});
    const json& expected = c["expected"];
    expect_all_near(lines.gain, expected["gain"], t, what + " gain");
    expect_all_near(lines.bias, expected["bias"], t, what + " bias");
    if (expected.contains("max_rates_back")) {
      const nef::Tuning back = nef::tuning_of(type, {numbers(expected["gain"]), numbers(expected["bias"])});
      expect_all_near(back.max_rates, expected["max_rates_back"], t, what + " largest rates");
      expect_all_near(back.intercepts, expected["intercepts_back"], {t.relative, std::max(t.absolute, 1e-11)},
                      what + " intercepts");
    }
    if (!expected.contains("rates")) continue;
    std::vector<double> currents;
    for (const double x : numbers(c["x"]))
      for (std::size_t i = 0; i < lines.gain.size(); ++i) currents.push_back(x * lines.gain[i] + lines.bias[i]);
    expect_all_near(nef::steady_rates(type, currents), expected["rates"], t, what + " rates");
  }
}

void check_synapses(const File& f) {
  const Tolerance t = double_tolerance(f);
  for (const json& c : f.json["cases"]) {
    const nef::SynapseType synapse = synapse_type(c["synapse"]);
    const std::string what = c["synapse"].dump();
    const json& expected = c["expected"];
    const double dt = number(c["dt"]);
    std::vector<double> state;
    const std::vector<double> out = nef::filter_signal(synapse, dt, numbers(c["input"]), c["input"][0].size(),
                                                       number(c.value("y0", json(0))), &state);
    expect_all_near(out, expected["output"], t, what + " output");
    if (!expected.contains("A")) continue;
    const nef::StateSpace s = nef::discretize(synapse, dt);
    expect_all_near(s.a, expected["A"], t, what + " A");
    expect_all_near(s.b, expected["B"], t, what + " B");
    expect_all_near(s.c, expected["C"], t, what + " C");
    expect_all_near({s.d}, expected["D"], t, what + " D");
    expect_all_near(state, expected["final_X"], t, what + " state");
  }
}

void check_solvers(const File& f) {
  const Tolerance t = double_tolerance(f);
  for (const json& c : f.json["cases"]) {
    const std::size_t samples = c["A"].size(), neurons = c["A"][0].size();
    const std::vector<double> a = numbers(c["A"]), y = numbers(c["Y"]);
    for (const auto& [name, expected] : c["expected"].items()) {
      RecordedDraws draws(json::array({json::array({"randn", c.value("standard_normals", json::array())})}));
      const std::vector<double> x = nef::solve(solver_named(name), a, neurons, y, samples, draws);
      expect_all_near(x, expected["X"], t, name + " X");
      // Errors of the solvers with noise are those on the activities that they saw.
      std::vector<double> seen = a;
      const double noise = option(name, "noise", 0), most = *std::max_element(a.begin(), a.end());
      const std::vector<double> normals = noise > 0 ? numbers(c["standard_normals"]) : std::vector<double>(a.size());
      for (std::size_t i = 0; i < seen.size(); ++i)
        seen[i] += noise * normals[i] * (name.starts_with("LstsqMult") ? a[i] : most);
      expect_all_near(nef::solution_errors(seen, neurons, y, samples, x), expected["rmses"], t, name + " errors");
    }
  }
}

void check_distributions(const File& f) {
  const Tolerance t = double_tolerance(f);
  for (const json& c : f.json["cases"]) {
    const auto name = c["distribution"].get<std::string>();
    const nef::DistributionType d = distribution_named(name);
    if (c.contains("points")) {
      check_functions(d, c, t, name);
      continue;
    }
    const double least =
        name.starts_with("Uniform") ? std::pow(option(name, "min_magnitude", 0), c["d"].get<double>()) : 0;
    RecordedDraws draws(c["draws"], least);
    const std::vector<double> found = nef::sample(d, c["n"].get<std::size_t>(), c["d"].get<std::size_t>(), draws);
    EXPECT_TRUE(draws.empty()) << name << ": fewer draws were taken than recorded";
    // The reference's default looks the coordinates up in a table, which is off by up to 2e-3.
    const bool table = name.starts_with("Scattered") && name.find("method") == std::string::npos && c["d"] > 1;
    expect_all_near(found, c["expected"], {t.relative, table ? 2e-3 : t.absolute}, name);
  }
}

}  // namespace golden::nef_family
