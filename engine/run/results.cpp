#include "engine/run/results.hpp"

#include <cmath>

namespace engram {

using Json = nlohmann::ordered_json;

double Moments::sd() const { return count > 1 ? std::sqrt(squares / (count - 1)) : 0; }
double Moments::population_sd() const { return count > 0 ? std::sqrt(squares / count) : 0; }

Moments moments_of(std::span<const double> values) {
  Moments all;
  double sum = 0;
  for (const double value : values)
    if (std::isfinite(value)) ++all.count, sum += value;
  if (all.count > 0) all.mean = sum / all.count;
  for (const double value : values)
    if (std::isfinite(value)) all.squares += (value - all.mean) * (value - all.mean);
  return all;
}

void put_mean(nlohmann::ordered_json& results, const std::string& name, std::span<const double> values) {
  const Moments all = moments_of(values);
  results[name] = all.count > 0 ? nlohmann::ordered_json(all.mean) : nlohmann::ordered_json(nullptr);
  if (all.count > 1) results[name + sd_suffix] = all.sd();
  Json& networks = results[each_network][name] = Json::array();
  for (const double value : values) networks.push_back(std::isfinite(value) ? Json(value) : Json());
}

Json take_networks(Json& results) {
  const auto found = results.find(each_network);
  if (found == results.end()) return Json::object();
  Json networks = std::move(*found);
  results.erase(found);
  return networks;
}

}  // namespace engram
