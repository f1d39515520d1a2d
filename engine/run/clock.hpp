// The time of day and durations, as manifests, records of benchmarks and people read them.
#pragma once

#include <cstdio>
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

/// "1.2 s", "12 s", "3 min 05 s", "1.5 h".
inline std::string duration_words(double seconds) {
  char text[48];
  if (seconds < 9.95)
    std::snprintf(text, sizeof text, "%.2g s", seconds);
  else if (seconds < 60)
    std::snprintf(text, sizeof text, "%.0f s", seconds);
  else if (seconds < 3600)
    std::snprintf(text, sizeof text, "%.0f min %02.0f s", seconds / 60 - 0.5,
                  static_cast<double>(static_cast<long>(seconds) % 60));
  else
    std::snprintf(text, sizeof text, "%.1f h", seconds / 3600);
  return text;
}

}  // namespace engram
