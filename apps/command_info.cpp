#include <iostream>

#include "apps/commands.hpp"
#include "engine/run/crossover.hpp"
#include "engram/backend.hpp"

namespace engram::apps {

namespace {

/// What `auto` goes by.
std::string chooses(const std::optional<CrossoverRule>& rule, const nlohmann::ordered_json& crossover,
                    const std::string& unavailable) {
  if (crossover.contains("error")) return "stops: " + crossover["error"].get<std::string>();
  if (!rule)
    return unavailable.empty() ? "cuda at any size; engram bench --crossover measures from which on it is faster"
                               : "cpu";
  std::string text = rule->file + " of " + rule->date + ", " + rule->device + ", " + rule->precision + ":";
  for (const auto& [name, family] : rule->families) {
    char from[48] = "cpu";
    if (family.cuda_from_bytes)
      std::snprintf(from, sizeof from, "cuda from %.3g MB on", *family.cuda_from_bytes * 1e-6);
    text += (text.ends_with(':') ? " " : ", ") + name + " " + from;
  }
  return text + (unavailable.empty() ? "" : "; cpu while no device works");
}

}  // namespace

int info(bool json) {
  nlohmann::ordered_json all = build_description();
  const auto cpu = make_backend("cpu");
  const DeviceInfo& device = cpu->info();
  const std::string why = cuda_unavailable();
  all["cpu"] = {{"name", device.name},
                {"instruction_set", device.instruction_set},
                {"threads", device.threads},
                {"memory", device.memory_total},
                {"memory_available", available_memory(*cpu)}};
  all["cuda"] = {{"available", why.empty()}};
  if (why.empty()) {
    const auto cuda = make_backend("cuda");
    all["cuda"]["name"] = cuda->info().name;
    all["cuda"]["memory"] = cuda->info().memory_total;
    all["cuda"]["memory_available"] = cuda->info().memory_free;
  } else {
    all["cuda"]["reason"] = why;
  }
  // A rule that cannot be read ends runs, not this command: it is here to say so.
  std::optional<CrossoverRule> rule;
  try {
    rule = recorded_crossover();
    if (rule) all["crossover"] = to_json(*rule), all["crossover"]["file"] = rule->file;
  } catch (const MemoryError&) {
    throw;
  } catch (const Error& error) {
    all["crossover"]["error"] = error.what();
  }
  std::vector<std::string> models;
  for (const Family& family : families()) models.emplace_back(family.name);
  all["models"] = models;
  if (json) {
    std::cout << all.dump() << "\n";
    return 0;
  }
  const auto gib = [](const nlohmann::ordered_json& bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f GiB", bytes.get<double>() / (1 << 30));
    return std::string(text);
  };
  const auto word = [&](const char* key) { return all[key].get<std::string>(); };
  std::cout << "engram " << word("version") << " (" << word("commit") << "), " << word("precision") << " precision, "
            << word("compiler") << ", " << word("build") << "\n"
            << "cpu     " << device.name << ", " << device.instruction_set << ", " << device.threads << " threads, "
            << gib(all["cpu"]["memory_available"]) << " of " << gib(all["cpu"]["memory"]) << " free\n"
            << "cuda    "
            << (why.empty() ? all["cuda"]["name"].get<std::string>() + ", " + gib(all["cuda"]["memory_available"]) +
                                  " of " + gib(all["cuda"]["memory"]) + " free"
                            : "off: " + why)
            << "\nauto    " << chooses(rule, all["crossover"], why) << "\nmodels  ";
  for (std::size_t i = 0; i < models.size(); ++i) std::cout << (i ? ", " : "") << models[i];
  std::cout << "\n";
  return 0;
}

}  // namespace engram::apps
