#include "engine/models/sorn/input.hpp"

#include <numeric>
#include <span>

#include "engram/core/random.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/schema.hpp"
#include "engram/sorn/analysis.hpp"

namespace engram::sorn {

namespace {

constexpr Range range_of_values{-1e9, 1e9};

/// `pool` different ones of the first nu units.
std::vector<Index> overlapping_pool(std::uint64_t seed, std::size_t symbol, Index pool, Index nu) {
  const Random random{seed, Stream::sorn_symbol, symbol, 0};
  std::vector<Index> units(nu);
  std::iota(units.begin(), units.end(), Index{0});
  for (Index i = 0; i < pool; ++i) std::swap(units[i], units[i + random.below(nu - i, i)]);
  units.resize(pool);
  return units;
}

}  // namespace

std::size_t Counting::position(std::uint64_t seed, Tick t) const {
  const Tick length = n + 2;
  const bool second = Random{seed, Stream::sorn_sequence, t / length, 0}.bernoulli(0.5);
  return static_cast<std::size_t>(t % length) + (second ? length : 0);
}

std::size_t Counting::symbol(std::uint64_t seed, Tick t) const {
  const std::size_t p = position(seed, t), length = std::size_t{n} + 2, place = p % length;
  return (place == 0 ? 0u : place == length - 1 ? 2u : 1u) + (p >= length ? 3u : 0u);
}

Input Input::read(const ConfigReader& reader, Index nu) {
  Input input;
  read_fields(reader, input);
  if (input.source == "cart_pole" && nu != 4)
    reader.problem("source", "a pole on a cart is seen by nu = 4 units, not " + std::to_string(nu));
  if (input.source == "counting" && input.pools == "overlapping" && input.pool > nu)
    reader.problem("pool",
                   "found " + std::to_string(input.pool) + " units a symbol, more than nu = " + std::to_string(nu));
  if (input.source == "counting" && input.pools == "disjoint" && nu != Counting::symbols * input.pool)
    reader.problem("pool", "six symbols of " + std::to_string(input.pool) + " units each need nu = " +
                               std::to_string(Counting::symbols * input.pool) + ", not " + std::to_string(nu));
  const ConfigReader values = reader.member("values");
  if (reader.has("when_over") && input.source != "values")
    reader.problem("when_over", "belongs to source \"values\": input of any other source has no end");
  if (values.exists() != (input.source == "values"))
    reader.problem("values",
                   input.source == "values" ? "needed: the input of each step" : "belongs to source \"values\" alone");
  input.values = NumberRows::read(values, range_of_values);
  if (!input.values.empty() && input.values.columns() != nu)
    values.problem("found " + std::to_string(input.values.columns()) + " values, wanted nu = " + std::to_string(nu));
  if (values.is_array() && input.values.empty()) values.problem("found no step, needed is at least one");
  return input;
}

nlohmann::ordered_json Input::schema() {
  nlohmann::ordered_json all = schema::object_of<Input>();
  nlohmann::ordered_json& values = all["properties"]["values"];
  values = schema::type_of<std::vector<std::vector<double>>>(range_of_values);
  values["description"] =
      "values: a row of nu numbers for each step, counted from the first step of the networks' life; of a file of "
      "arrays a part at a time is in memory";
  return all;
}

void Input::check_length(const ConfigReader& reader, Tick end) const {
  if (source != "values" || when_over != "error" || values.empty() || values.size() >= end) return;
  reader.problem("values", "found the input of " + std::to_string(values.size()) + " steps, the run needs " +
                               std::to_string(end) +
                               "; set when_over to repeat, hold or stop if it is to go on without more");
}

void Input::append(std::uint64_t seed, Tick t, Index nu, const PoleState& pole, std::vector<real>& out) const {
  const std::size_t first = out.size();
  out.resize(first + nu);
  const real strength = static_cast<real>(gain);
  if (source == "constant") {
    for (Index i = 0; i < nu; ++i) out[first + i] = strength * static_cast<real>(value);
  } else if (source == "random") {
    for (Index i = 0; i < nu; ++i)
      out[first + i] = strength * uniform_of(Random{seed, Stream::sorn_input, t, i / 4}.words(0).w[i % 4]);
  } else if (source == "counting") {
    const std::size_t symbol = counting().symbol(seed, t);
    if (pools == "disjoint") {
      for (Index i = 0; i < pool; ++i) out[first + symbol * pool + i] = strength;
    } else {
      for (const Index i : overlapping_pool(seed, symbol, pool, nu)) out[first + i] = strength;
    }
  } else if (source == "strong_one_hot") {
    const std::vector<double> strong = strong_one_hot(nu, nu, seed);
    for (Index i = 0; i < nu; ++i) out[first + i] = strength * static_cast<real>(strong[i]);
  } else if (source == "cart_pole") {
    for (Index i = 0; i < nu; ++i) out[first + i] = strength * static_cast<real>(pole[i]);
  } else if (source == "values") {
    const bool over = t >= values.size();
    if (over && when_over == "stop") return;
    const std::span<const double> row = values[over && when_over == "hold" ? values.size() - 1 : t % values.size()];
    for (Index i = 0; i < nu; ++i) out[first + i] = strength * static_cast<real>(row[i]);
  }
}

}  // namespace engram::sorn
