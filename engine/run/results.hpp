// What a run says of its replicas together: means and standard deviations.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

namespace engram {

/// Mean and deviations of the numbers that are finite.
struct Moments {
  double count = 0, mean = 0;
  double squares = 0;            ///< sum of the squared differences from the mean
  double sd() const;             ///< estimated for what these numbers are a sample of
  double population_sd() const;  ///< of these numbers
};

/// In two passes: the differences are those from the mean itself, so nothing cancels where the mean is large.
Moments moments_of(std::span<const double> values);

inline constexpr const char* sd_suffix = ", sd";

/// results[name]: the mean of one value a replica, null where none is finite; with more than one, also their standard
/// deviation.
void put_mean(nlohmann::ordered_json& results, const std::string& name, std::span<const double> values);

}  // namespace engram
