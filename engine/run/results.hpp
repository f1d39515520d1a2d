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

/// What is added to the name of a result for what else is said of it.
inline constexpr const char *sd_suffix = ", sd", *replicas_suffix = ", replicas", *all_suffix = ", all";

/// The member of results that holds what each network has: name -> one value a network, or a list of them where
/// something was measured more than once; null where there is none. It goes into results.csv, not into the manifest.
inline constexpr const char* each_network =
    "\x1f"
    "each network";

/// results[name]: the mean of one value a network, null where none is finite; with more than one, also their standard
/// deviation. The values go into results[each_network].
void put_mean(nlohmann::ordered_json& results, const std::string& name, std::span<const double> values);

/// Takes the values of the networks out of results.
nlohmann::ordered_json take_networks(nlohmann::ordered_json& results);

}  // namespace engram
