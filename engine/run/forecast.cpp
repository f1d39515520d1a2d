#include "engine/run/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <vector>

#include "engine/run/plain_error.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/simulation.hpp"

namespace engram {

std::string bytes_in_words(std::size_t bytes) {
  char text[32];
  if (bytes == beyond_any_memory) return "more than any computer has";
  if (bytes < std::size_t{1} << 30)
    std::snprintf(text, sizeof text, "%zu MiB", (bytes >> 20) + 1);
  else
    std::snprintf(text, sizeof text, "%.1f GiB", std::ldexp(static_cast<double>(bytes), -30));
  return text;
}

namespace {

/// How many seeds fit into so much memory, of each point; 0 if not even one does.
std::size_t seeds_that_fit(const Experiment& experiment, std::size_t have) {
  const auto fits = [&](const Plan& plan, std::size_t seeds) {
    try {
      return plan.memory(seeds) <= have;
    } catch (const MemoryError&) {
      return false;
    }
  };
  std::size_t fewest = experiment.seeds.size();
  for (std::size_t point = 0; point < experiment.points.size() && fewest > 0; ++point) {
    const auto plan = plan_of(experiment, point).plan;
    while (fewest > 0 && !fits(*plan, fewest)) fewest = fewest > 8 ? fewest * 7 / 8 : fewest - 1;
  }
  return fewest;
}

/// A whole number that the experiment gives its model.
struct Given {
  std::string pointer;
  std::uint64_t value;
};

void collect(const nlohmann::ordered_json& part, const std::string& pointer, std::vector<Given>& all) {
  if (part.is_number_unsigned() && part.get<std::uint64_t>() > 1) all.push_back({pointer, part.get<std::uint64_t>()});
  if (!part.is_structured()) return;
  for (const auto& [key, value] : part.items()) collect(value, pointer + "/" + key, all);
}

/// Bytes of one network of a point with another value there; nothing where the experiment would be wrong.
std::optional<std::size_t> bytes_with(const Experiment& experiment, std::size_t point, const Given& given) {
  try {
    nlohmann::ordered_json document = document_of(experiment, point);
    set_at(document, given.pointer, given.value);
    ConfigReader reader(std::move(document), experiment.base_folder, experiment.needed);
    const auto plan = experiment.family->read(reader);
    if (!plan || !reader.ok()) return std::nullopt;
    return plan->memory(1);
  } catch (const MemoryError&) {
    return beyond_any_memory;
  } catch (const ConfigError&) {
    return std::nullopt;
  } catch (const Error& error) {
    if (!is_plain(error)) throw;
    return std::nullopt;
  }
}

/// The number of the model that its memory depends on most, and the largest value of it that fits.
std::string smaller_number(const Experiment& experiment, std::size_t point, std::size_t have) {
  constexpr std::size_t max_tried = 8;  // the largest ones: each is a reading of the experiment
  std::vector<Given> all;
  collect(document_of(experiment, point)["model"], "/model", all);
  collect(document_of(experiment, point).value("patterns", nlohmann::ordered_json()), "/patterns", all);
  std::stable_sort(all.begin(), all.end(), [](const Given& a, const Given& b) { return a.value > b.value; });
  if (all.size() > max_tried) all.resize(max_tried);
  std::optional<Given> best;
  std::size_t least = beyond_any_memory;
  for (const Given& one : all)
    if (const auto bytes = bytes_with(experiment, point, {one.pointer, one.value / 2}); bytes && *bytes < least) {
      least = *bytes;
      best = one;
    }
  if (!best) return "";
  std::uint64_t fits = 0, beyond = best->value;
  while (beyond - fits > std::max<std::uint64_t>(1, fits / 64)) {
    const std::uint64_t middle = fits + (beyond - fits) / 2;
    const auto bytes = bytes_with(experiment, point, {best->pointer, middle});
    (bytes && *bytes <= have ? fits : beyond) = middle;
  }
  const std::string asked = best->pointer + ": " + std::to_string(best->value) + " is too much";
  return fits == 0 ? asked : asked + "; about " + std::to_string(fits) + " fits";
}

/// Which array of one network is so large, which key makes it so, and what would fit.
std::string remedy(const Experiment& experiment, std::size_t have) {
  const std::size_t fit = seeds_that_fit(experiment, have);
  if (fit > 0)
    return "/replicas/seeds: " + std::to_string(fit) + " of " + std::to_string(experiment.seeds.size()) +
           " fit at a time";
  std::size_t point = 0;
  const auto need = [&](std::size_t p) {
    try {
      return plan_of(experiment, p).plan->memory(1);
    } catch (const MemoryError&) {
      return beyond_any_memory;
    }
  };
  while (point + 1 < experiment.points.size() && need(point) <= have) ++point;
  const std::string array = plan_of(experiment, point).plan->largest_array();
  const std::string smaller = smaller_number(experiment, point, have);
  const std::string each =
      experiment.seeds.size() > 1 ? "one network alone needs " + bytes_in_words(need(point)) + ", " : "";
  return each + (array.empty() ? "no part of it fits" : "above all for " + array) + "; " +
         (smaller.empty() ? "/model: smaller sizes need less" : smaller);
}

}  // namespace

std::size_t bytes_forecast(const Experiment& experiment) {
  constexpr std::size_t addressable = std::size_t{1} << 57;  // by a processor of today
  if (experiment.beyond_memory || memory_needed(experiment) > addressable) return beyond_any_memory;
  return memory_needed(experiment);
}

void refuse_beyond(std::size_t have, const std::string& device, const Experiment& experiment) {
  const std::size_t bytes = bytes_forecast(experiment);
  if (bytes <= have) return;
  throw MemoryError("this experiment needs " + bytes_in_words(bytes) + ", but " + bytes_in_words(have) +
                    " are free on " + device + "; " + remedy(experiment, have));
}

nlohmann::ordered_json forecast_of(const Experiment& experiment) {
  const std::size_t bytes = bytes_forecast(experiment), have = available_memory(*make_backend("cpu"));
  if (bytes == beyond_any_memory) refuse_beyond(have, "cpu", experiment);
  nlohmann::ordered_json size{{"family", experiment.family->name},
                              {"seeds", experiment.seeds.size()},
                              {"points", experiment.points.size()},
                              {"bytes", bytes},
                              {"free", have}};
  if (bytes > have) size["remedy"] = remedy(experiment, have);
  return size;
}

}  // namespace engram
