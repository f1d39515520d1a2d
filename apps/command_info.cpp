#include <iostream>

#include "commands.hpp"
#include "engram/backend.hpp"

namespace engram::apps {

int info(bool json) {
  nlohmann::ordered_json all = build_description();
  const auto cpu = make_backend("cpu");
  const DeviceInfo& device = cpu->info();
  const std::string why = cuda_unavailable();
  all["cpu"] = {{"name", device.name}, {"instruction_set", device.instruction_set}, {"threads", device.threads}, {"memory", device.memory_total},
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
  std::cout << "engram " << word("version") << " (" << word("commit") << "), " << word("precision") << " precision, " << word("compiler") << ", "
            << word("build") << "\n"
            << "cpu     " << device.name << ", " << device.instruction_set << ", " << device.threads << " threads, "
            << gib(all["cpu"]["memory_available"]) << " of " << gib(all["cpu"]["memory"]) << " free\n"
            << "cuda    "
            << (why.empty() ? all["cuda"]["name"].get<std::string>() + ", " + gib(all["cuda"]["memory_available"]) + " of " + gib(all["cuda"]["memory"]) + " free"
                            : "off: " + why)
            << "\nmodels  ";
  for (std::size_t i = 0; i < models.size(); ++i) std::cout << (i ? ", " : "") << models[i];
  std::cout << "\n";
  return 0;
}

}  // namespace engram::apps
