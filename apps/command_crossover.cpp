// engram bench --crossover: from which size on CUDA is faster than the CPU, family by family, for `auto` to choose by.
#include <cstdio>
#include <filesystem>

#include "apps/commands.hpp"
#include "bench/crossover.hpp"
#include "conformance/cases.hpp"
#include "engine/io/file.hpp"

namespace engram::apps {

int crossover(const BenchOptions& options) {
  const std::string file = options.out.empty() ? crossover_file() : options.out;
  if (file.empty()) throw ConfigError("--out", "needed: there is no home folder to keep the rule in");
  std::vector<bench::GrowingExperiment> chosen;
  for (const bench::GrowingExperiment& growing : bench::growing_experiments())
    if (conformance::matches(options.filter, growing.family)) chosen.push_back(growing);
  if (chosen.empty()) throw ConfigError("--filter", "no family fits \"" + options.filter + "\"; engram info names all");
  if (const std::string why = cuda_unavailable(); !why.empty())
    throw DeviceError("there is no GPU to compare the CPU with: " + why);

  const auto cpu = make_backend("cpu", {options.threads.value_or(0)}), cuda = make_backend("cuda");
  const CrossoverRule rule =
      bench::measure_crossover(chosen, *cpu, *cuda, options.min_time,
                               [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); });
  if (const auto folder = std::filesystem::path(file).parent_path(); !folder.empty()) io::make_folder(folder);
  io::replace_file(file, to_json(rule).dump(1) + "\n");
  if (options.json)
    std::printf("%s\n", to_json(rule).dump().c_str());
  else
    for (const auto& [name, family] : rule.families)
      if (family.cuda_from_bytes)
        std::printf("%s: %s is faster from %.3g MB on\n", name.c_str(), rule.device.c_str(),
                    *family.cuda_from_bytes * 1e-6);
      else
        std::printf("%s: the CPU is faster at every size\n", name.c_str());
  std::fprintf(stderr, "written: %s\n", file.c_str());
  return 0;
}

}  // namespace engram::apps
