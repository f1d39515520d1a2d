// An experiment: one JSON document, read and checked as a whole before anything is built.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engram/run/config_reader.hpp"
#include "engram/run/json.hpp"
#include "engram/run/selection.hpp"
#include "engram/run/task.hpp"

namespace engram {

inline constexpr const char* experiment_schema_id = "engram/1";

/// What was read of one point, and the files that it names with their XXH3.
struct PointPlan {
  std::shared_ptr<const Plan> plan;
  std::map<std::string, std::string> files;
};

struct Experiment {
  nlohmann::ordered_json document;  ///< as it runs, settings of the command line included
  std::string base_folder;          ///< file names are relative to this
  std::string name = "experiment";
  std::string backend = "auto";
  int threads = 0;
  std::string output;                ///< folder, relative to base_folder; may be empty
  std::vector<std::uint64_t> seeds;  ///< one a replica
  Selections record;                 ///< which rows are kept
  Tick checkpoint_every = 0;         ///< ticks; 0: only when stopped
  int checkpoint_keep = 2;
  const Family* family = nullptr;
  /// Of each configuration of the grid, at least one: JSON pointer to value; empty without a grid. All its replicas run
  /// together.
  std::vector<nlohmann::ordered_json> points;
  std::map<std::string, std::string> files;  ///< that any point names, relative to base_folder, with their XXH3
  ConfigReader::Files needed = ConfigReader::Files::all;  ///< of these
  PointPlan first;                                        ///< of the first point
  std::vector<std::string> swept;  ///< JSON pointers of what tells networks apart: of the grid, then those of plans
  std::size_t memory = 0;          ///< bytes that the largest point takes
  std::optional<MemoryError> beyond_memory;  ///< why no memory can hold one of the points
};

/// Reads and checks the whole document and every point of its grid; throws ConfigError with all problems.
/// `name` is used where the document gives none.
Experiment read_experiment(nlohmann::ordered_json document, const std::string& base_folder, const std::string& name,
                           std::span<const Family> known = families(),
                           ConfigReader::Files files = ConfigReader::Files::all);

/// The experiment with a point's values in place, and without the grid.
nlohmann::ordered_json document_of(const Experiment&, std::size_t point);

/// That of the first point as it was read with the experiment, while the experiment `needed` these files; any other
/// one is read again, for there may be too many to keep them all.
PointPlan plan_of(const Experiment&, std::size_t point, ConfigReader::Files files = ConfigReader::Files::all);

/// Bytes that the largest point takes, on device and host: known before anything is allocated.
std::size_t memory_needed(const Experiment&);

/// Draft-07 schema of an experiment, with all families.
nlohmann::ordered_json experiment_schema(std::span<const Family> known = families());

}  // namespace engram
