// What memory an experiment takes, and what to change where that is more than there is.
#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include "engram/run/experiment.hpp"

namespace engram {

inline constexpr std::size_t beyond_any_memory = std::numeric_limits<std::size_t>::max();

/// "3.2 GiB", "120 MiB".
std::string bytes_in_words(std::size_t bytes);

/// Of the largest point, all its replicas; or beyond_any_memory.
std::size_t bytes_forecast(const Experiment& experiment);
/// Throws MemoryError, with a remedy, if those are more than is free on the device of this name.
void refuse_beyond(std::size_t have, const std::string& device, const Experiment& experiment);
/// {family, seeds, points, bytes, free} of this machine, and a `remedy` where the bytes are more than is free. Throws
/// MemoryError for what no memory holds.
nlohmann::ordered_json forecast_of(const Experiment& experiment);

}  // namespace engram
