// What was built, and what the machine still has to give.
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "engram/run/simulation.hpp"
#include "engram/version.hpp"
#include "engram_version.hpp"

namespace engram {

nlohmann::ordered_json build_description() {
  return {{"version", ENGRAM_VERSION},
          {"commit", ENGRAM_GIT_COMMIT},
          {"precision", precision_name},
          {"compiler", ENGRAM_COMPILER},
          {"build", ENGRAM_BUILD_TYPE}};
}

namespace {

/// "Key:  123 kB" of a file of /proc, in bytes; `unknown` where it cannot be read.
std::size_t proc_bytes(const char* file, const std::string& key, std::size_t unknown) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key + ":")) return std::stoull(line.substr(key.size() + 1)) * 1024;
  return unknown;
}

/// The number in a control file, or all ones where there is none or it says "max".
std::size_t control_number(const std::string& file) {
  std::ifstream in(file);
  std::size_t value = 0;
  return in >> value ? value : ~std::size_t{0};
}

/// What the control group of this process may still take.
std::size_t group_room() {
  const auto room = [](std::size_t limit, std::size_t used) {
    return limit == ~std::size_t{0} || used == ~std::size_t{0} ? ~std::size_t{0} : limit > used ? limit - used : 0;
  };
  std::size_t least =
      room(control_number("/sys/fs/cgroup/memory.max"), control_number("/sys/fs/cgroup/memory.current"));
  const std::string old = "/sys/fs/cgroup/memory/memory.";
  least = std::min(least, room(control_number(old + "limit_in_bytes"), control_number(old + "usage_in_bytes")));
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("0::/") && line.size() > 4) {
      const std::string group = "/sys/fs/cgroup" + line.substr(3);
      least = std::min(least, room(control_number(group + "/memory.max"), control_number(group + "/memory.current")));
    }
  return least;
}

}  // namespace

std::size_t available_memory(const Backend& backend) {
  if (backend.info().kind != "cpu") return backend.info().memory_free;
  std::size_t free = std::min(proc_bytes("/proc/meminfo", "MemAvailable", ~std::size_t{0}), group_room());
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    const std::size_t used = proc_bytes("/proc/self/status", "VmSize", 0);
    free = std::min<std::size_t>(free, limit.rlim_cur > used ? limit.rlim_cur - used : 0);
  }
  return free;
}

std::size_t peak_memory() { return proc_bytes("/proc/self/status", "VmHWM", 0); }

}  // namespace engram
