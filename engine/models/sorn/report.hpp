// What the recorded spikes and weights of a SORN run say, in the terms of engram/sorn/analysis.hpp.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "engram/core/portable.hpp"

namespace engram::sorn {

struct ReportOptions {
  Tick from = 0;  ///< steps before this one are left out
  std::size_t windows =
      10;               ///< equal parts of the record that the Fano factor compares; a remainder at the end is left out
  std::size_t lag = 1;  ///< of the autocorrelation, in recorded steps
  std::optional<std::filesystem::path> against = {};  ///< a run of the same shape, for the Hamming distance
};

/// One flat object a network: its grid point, replica and seed, then what follows from the spikes of the excitatory
/// pool if /callbacks/series named ExcitatoryActivation, and from the last excitatory weights if it named WEE. Throws
/// Error where it named neither or the run is one of another family, IoError where the folder holds no finished run.
std::vector<nlohmann::ordered_json> report(const std::filesystem::path& folder, const ReportOptions& = {});

}  // namespace engram::sorn
