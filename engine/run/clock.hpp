// The time of day, as manifests and records of benchmarks write it.
#pragma once

#include <ctime>
#include <string>

namespace engram {

/// As ISO 8601, "2026-11-22T17:20:00Z".
inline std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace engram
