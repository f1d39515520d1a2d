// From which size of a model on CUDA is faster than the CPU: what was measured on a machine, kept as a small file, and
// what "auto" makes of it. Size is the forecast of memory of a run (Plan::memory), which the choice asks for as well.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace engram {

inline constexpr const char* crossover_schema_id = "engram-crossover/1";

/// One experiment on both backends.
struct CrossoverTiming {
  double bytes = 0, cpu = 0, cuda = 0;  ///< forecast of memory; seconds
};

/// The size in bytes from which on CUDA is faster, or nothing if the CPU is at the largest one. Timings in any order. A
/// smaller size at which CUDA wins by chance does not count: at all larger ones it must win too. Between the two sizes
/// where the winner changes log(cpu / cuda) is taken as linear in log(bytes); below the smallest size nothing is known,
/// so nothing smaller is returned.
std::optional<double> crossover_bytes(std::vector<CrossoverTiming> timings);

struct CrossoverRule {
  struct OfFamily {
    std::optional<double> cuda_from_bytes;  ///< nothing: the CPU was faster at every size
    std::vector<CrossoverTiming> timings;
  };
  std::string date, device, cpu, precision;
  int threads = 1;
  nlohmann::ordered_json engram;  ///< build_description() of the program that measured
  std::map<std::string, OfFamily> families;
  std::string file;  ///< where it was read
};

nlohmann::ordered_json to_json(const CrossoverRule&);
/// Throws IoError where the file cannot be read, ConfigError with the path of every value that is wrong.
CrossoverRule read_crossover(const std::string& file);

/// Where a machine keeps its rule: $ENGRAM_CROSSOVER, else engram/crossover.json in $XDG_CONFIG_HOME or ~/.config.
/// Empty if there is no home.
std::string crossover_file();
/// The rule of this machine, if it has one. A file that $ENGRAM_CROSSOVER names must exist.
std::optional<CrossoverRule> recorded_crossover();

/// What "auto" decides, and the sentence that says so.
struct BackendChoice {
  std::string backend, why;
};
/// `unavailable`: why CUDA cannot run here, else empty and `device` is its name. A rule holds for the device and the
/// precision that it was measured with; without one CUDA is taken.
BackendChoice choose_backend(const std::optional<CrossoverRule>& rule, const std::string& family, std::size_t bytes,
                             const std::string& device, const std::string& unavailable);

}  // namespace engram
