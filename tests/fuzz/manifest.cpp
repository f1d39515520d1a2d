// Any bytes as the manifest of a run folder: the run that it describes can be gone on with or replaced, or an Error
// says why not; whatever it lists, nothing beside the run folder is touched.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "engine/io/run_folder.hpp"
#include "engine/run/run_manifest.hpp"
#include "tests/fuzz/file.hpp"

namespace {

using engram::io::RunFolder;

void go_on(const std::string& run) {
  try {
    const RunFolder folder(run, RunFolder::Mode::existing);
    engram::memory_needed(engram::recorded_experiment(folder.manifest(), run));
  } catch (const engram::Error&) {
  }
}

void replace(const std::string& run) {
  try {
    RunFolder folder(run, RunFolder::Mode::replace);
    nlohmann::ordered_json manifest{{"schema", engram::io::run_schema_id}, {"status", "running"}};
    folder.begin(manifest, {"metrics.csv"});
  } catch (const engram::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const Folder folder;
  const std::string run = folder.path() + "/run", victim = folder.path() + "/metrics.csv";
  if (::mkdir(run.c_str(), 0700) != 0) std::abort();
  folder.write("metrics.csv", data, size);
  folder.write("run/thesis.npy.bak", data, size);
  folder.write("run/manifest.json", data, size);
  go_on(run);
  replace(run);
  for (const std::string& kept : {victim, run + "/thesis.npy.bak"})
    if (struct stat status{}; ::stat(kept.c_str(), &status) != 0 || status.st_size != static_cast<off_t>(size))
      std::abort();
  return 0;
}
