// engram bench: how fast the cases of bench/ run here, beside the bandwidth of a copy measured in the same run.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/commands.hpp"
#include "bench/cases.hpp"
#include "conformance/cases.hpp"
#include "engine/cpu/parallel.hpp"

namespace engram::apps {

namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Bytes a second, read and written, of a copy far larger than any cache; the best of a few.
double copy_bandwidth(Backend& backend) {
  const std::size_t bytes = std::size_t{backend.info().kind == "cpu" ? 128u : 1024u} << 20;
  const Array<std::uint64_t> from(backend, bytes / 8), to(backend, bytes / 8);
  auto* target = reinterpret_cast<char*>(to.view().data);
  const auto* source = reinterpret_cast<const char*>(from.view().data);
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    best = std::min(best, backend.time([&] {
      if (backend.info().kind == "cpu")  // all threads of the backend
        cpu::parallel_for(backend.info().threads, bytes, bytes, [&](std::size_t begin, std::size_t end, int) {
          std::memcpy(target + begin, source + begin, end - begin);
        });
      else
        backend.copy(target, source, bytes);
    }));
  }
  return 2.0 * static_cast<double>(bytes) / best;
}

/// Bytes a second, read and written, of multiplying each value of an array of `bytes` in place: the limit of a step
/// that rewrites its weights, from the same cache or memory. 0 where it cannot be measured from here.
double in_place_bandwidth(Backend& backend, std::size_t bytes) {
  if (backend.info().kind != "cpu") return 0;
  const Array<real> array(backend, bytes / sizeof(real));
  real* const values = array.view().data;
  const auto pass = [&] {
    cpu::parallel_for(backend.info().threads, array.size(), array.size(), [&](std::size_t begin, std::size_t end, int) {
      for (std::size_t i = begin; i < end; ++i) values[i] *= real(1.0001);
    });
  };
  const std::size_t calls = std::max<std::size_t>(1, (std::size_t{16} << 20) / bytes);
  double best = 1e9;
  pass();
  for (int k = 0; k < 7; ++k)
    best = std::min(best, backend.time([&] {
      for (std::size_t i = 0; i < calls; ++i) pass();
    }) / static_cast<double>(calls));
  return 2.0 * static_cast<double>(bytes) / best;
}

/// Largest resident size since the last reset, in MB; 0 where the system does not say.
void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }
double peak_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

struct Measured {
  double median = 0, min = 0, p90 = 0, steps = 0, build_seconds = 0, peak_mb = 0;
  double bytes_per_step = 0, synapses_per_step = 0;
  double bandwidth = 0;   ///< what it is compared with
  bool in_place = false;  ///< that of rewriting an array of the same size, otherwise of a copy
  std::string wrong;

  double fraction() const { return bytes_per_step / median / bandwidth; }
};

/// Batches of steps, each long enough for the clock, until `min_time` has passed and there are some to rank.
Measured measure(const bench::Case& c, Backend& backend, Index replicas, double min_time, double copy) {
  Measured m;
  reset_peak();
  const auto start = Clock::now();
  const bench::Runnable run = c.build(backend, replicas);
  backend.synchronize();
  m.build_seconds = seconds_since(start);
  const auto time_of = [&](std::size_t calls) {
    if (run.prepare) run.prepare();
    return backend.time([&] {
      for (std::size_t i = 0; i < calls; ++i) run.step();
    });
  };
  const double batch_time = std::min(min_time / 20, backend.info().kind == "cpu" ? 2e-4 : 5e-3);
  std::size_t calls = 1;
  time_of(1);  // the first touches memory and may record a graph
  for (double t = time_of(calls); t < batch_time; t = time_of(calls)) calls *= 2;
  for (double warm = 0; warm < min_time / 10;) warm += time_of(calls);
  std::vector<double> times;
  for (double total = 0; total < min_time || times.size() < 5;) {
    const double t = time_of(calls);
    total += t;
    times.push_back(t / (static_cast<double>(calls) * run.steps_per_call));
    if (times.size() >= 3 && total > 20 * min_time) break;  // steps of many seconds
  }
  std::sort(times.begin(), times.end());
  m.median = times[times.size() / 2];
  m.min = times.front();
  m.p90 = times[times.size() * 9 / 10];
  m.steps = static_cast<double>(times.size() * calls) * run.steps_per_call;
  m.peak_mb = peak_mb();
  m.bytes_per_step = run.bytes_per_step;
  m.synapses_per_step = run.synapses_per_step;
  m.wrong = run.check();
  const double in_place = run.rewritten ? in_place_bandwidth(backend, run.rewritten) : 0;
  m.in_place = in_place > 0;
  m.bandwidth = m.in_place ? in_place : copy;
  return m;
}

void print_json(const bench::Case& c, const Backend& backend, Index replicas, const Measured& m, double copy) {
  nlohmann::ordered_json line{{"case", c.name},
                              {"backend", backend.info().kind},
                              {"device", backend.info().name},
                              {"threads", backend.info().threads},
                              {"precision", precision_name},
                              {"replicas", replicas},
                              {"steps", m.steps},
                              {"seconds_per_step", m.median},
                              {"min", m.min},
                              {"p90", m.p90},
                              {"bytes_per_step", m.bytes_per_step},
                              {"gb_per_s", m.bytes_per_step / m.median * 1e-9},
                              {"synapses_per_s", m.synapses_per_step / m.median},
                              {"fraction_of_bandwidth", m.fraction()},
                              {"bandwidth", m.in_place ? "in_place" : "copy"},
                              {"copy_gb_per_s", copy * 1e-9},
                              {"build_seconds", m.build_seconds},
                              {"peak_mb", m.peak_mb}};
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

std::string time_text(double seconds) {
  char text[32];
  if (seconds < 1e-3)
    std::snprintf(text, sizeof text, "%.2f us", seconds * 1e6);
  else if (seconds < 1)
    std::snprintf(text, sizeof text, "%.3f ms", seconds * 1e3);
  else
    std::snprintf(text, sizeof text, "%.3f s ", seconds);
  return text;
}

void print_row(const bench::Case& c, const Measured& m) {
  std::printf("%-52s %11s %11s %11s %8.2f %6.1f%% %-8s %9.2e\n", c.name.c_str(), time_text(m.median).c_str(),
              time_text(m.min).c_str(), time_text(m.p90).c_str(), m.bytes_per_step / m.median * 1e-9,
              m.fraction() * 100, m.in_place ? "in place" : "copy", m.synapses_per_step / m.median);
  std::fflush(stdout);
}

}  // namespace

int bench(const BenchOptions& options) {
  if (!(options.min_time > 0 && options.min_time <= 3600))
    throw ConfigError("--min-time",
                      "found " + std::to_string(options.min_time) + "; allowed are seconds above 0, up to 3600");
  if (options.replicas < 0 || options.replicas > 1000000)
    throw ConfigError("--replicas",
                      "found " + std::to_string(options.replicas) + "; allowed are 0 (as the case says) to 1000000");
  if (options.crossover) return crossover(options);
  std::vector<bench::Case> chosen;
  for (const bench::Case& c : bench::cases())
    if (conformance::matches(options.filter, c.name)) chosen.push_back(c);
  if (chosen.empty())
    throw ConfigError("--filter", "no case fits \"" + options.filter + "\"; engram bench --list names all");
  if (options.list) {
    for (const bench::Case& c : chosen)
      if (options.json)
        std::printf(
            "%s\n",
            nlohmann::ordered_json{
                {"case", c.name}, {"question", c.question}, {"replicas", c.replicas}, {"host_only", c.host_only}}
                .dump()
                .c_str());
      else
        std::printf("%-52s %s\n", c.name.c_str(), c.question.c_str());
    return 0;
  }

  const auto backend = make_backend(options.backend, {options.threads.value_or(1)});
  const double bandwidth = copy_bandwidth(*backend);
  if (!options.json) {
    std::printf("%s (%s, %s), %d threads, %s, copy %.1f GB/s\n", backend->info().kind.c_str(),
                backend->info().name.c_str(), backend->info().instruction_set.c_str(), backend->info().threads,
                precision_name, bandwidth * 1e-9);
    std::printf("%-52s %11s %11s %11s %8s %7s %-8s %9s\n", "case", "a step", "min", "p90", "GB/s", "of", "limit",
                "synapses/s");
  }
  int failed = 0;
  for (const bench::Case& c : chosen) {
    const Index replicas = options.replicas ? static_cast<Index>(options.replicas) : c.replicas;
    Measured m;
    try {
      m = measure(c, *backend, replicas, options.min_time, bandwidth);
    } catch (const LibraryError& absent) {
      std::fprintf(stderr, "engram bench: %s: left out: %s\n", c.name.c_str(), absent.what());
      continue;
    }
    if (options.json)
      print_json(c, *backend, replicas, m, bandwidth);
    else
      print_row(c, m);
    if (!m.wrong.empty()) {
      std::fprintf(stderr, "engram bench: %s: %s\n", c.name.c_str(), m.wrong.c_str());
      failed = 1;
    }
  }
  return failed;
}

}  // namespace engram::apps
