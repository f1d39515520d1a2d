// engram check: every conformance case and model on this machine, bit for bit against one CPU thread or a recorded
// trace.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/commands.hpp"
#include "conformance/compare.hpp"
#include "conformance/lockstep.hpp"

namespace engram::apps {

using namespace conformance;

namespace {

/// Each line at once: whoever ends this program early, or meets a device that hangs, keeps what was found before.
void report_skipped(const std::string& name, const std::string& reason, bool json) {
  if (json)
    std::printf("%s\n", nlohmann::ordered_json{{"case", name}, {"skipped", reason}}.dump().c_str());
  else
    std::printf("skip  %s: %s\n", name.c_str(), reason.c_str());
  std::fflush(stdout);
}

void report(const std::string& name, const std::string& difference, bool json) {
  if (json)
    std::printf("%s\n", nlohmann::ordered_json{{"case", name}, {"pass", difference.empty()}, {"difference", difference}}
                            .dump()
                            .c_str());
  else
    std::printf("%s  %s%s%s\n", difference.empty() ? "pass" : "FAIL", name.c_str(), difference.empty() ? "" : ": ",
                difference.c_str());
  std::fflush(stdout);
}

}  // namespace

int check(const CheckOptions& options) {
  std::vector<Checked> chosen;
  const std::vector<Checked> all = everything();
  for (const Checked& c : all)
    if (matches(options.filter, c.name)) chosen.push_back(c);
  if (chosen.empty())
    throw ConfigError("--filter", "no case fits \"" + options.filter + "\"; engram check --list names all");
  if (options.list) {
    for (const Checked& c : chosen) std::printf("%s\n", c.name.c_str());
    return 0;
  }
  if (options.steps < 0)
    throw ConfigError("--steps", "found " + std::to_string(options.steps) + "; allowed are 0 (the default) and more");

  TraceFile recorded, written;
  const bool from_file = !options.trace_in.empty();
  if (from_file) recorded = TraceFile::read(options.trace_in);
  written.steps = options.steps ? static_cast<Tick>(options.steps) : from_file ? recorded.steps : default_steps;
  if (from_file && written.steps != recorded.steps)
    throw ConfigError("--steps", options.trace_in + " was recorded over " + std::to_string(recorded.steps) +
                                     " steps, not " + std::to_string(written.steps));

  const auto backend = make_backend(options.backend, {options.threads});
  const auto reference = make_backend("cpu", {1});
  std::size_t failed = 0, skipped = 0;
  const auto conclude = [&](const std::string& name, const std::string& difference) {
    report(name, difference, options.json);
    failed += !difference.empty();
  };
  for (const Checked& c : chosen) {
    std::string difference;
    try {
      Traced found = trace(*backend, c, written.steps);
      const TraceFile::Entry* entry = from_file ? recorded.find(c.name) : nullptr;
      if (from_file && !entry)
        difference = "not in " + options.trace_in;
      else
        difference = first_difference(entry ? entry->lines : trace(*reference, c, written.steps).lines, found.lines);
      if (c.model && difference.empty()) {  // steps recorded as a graph, or fused, must end in the same state
        const std::string end = first_difference(found.result, c.run(*backend, written.steps));
        if (!end.empty()) difference = "equal operation by operation, but not when run freely: " + end;
      }
      written.entries.push_back({c.name, std::move(found.lines)});
    } catch (const LibraryError& absent) {  // what this machine does not offer says nothing about bits
      report_skipped(c.name, absent.what(), options.json);
      ++skipped;
      continue;
    } catch (const Error& error) {
      if (error.exit_code() == 4 || error.exit_code() == 5) throw;  // a lack of memory says nothing about bits
      difference = error.what();
    }
    conclude(c.name, difference);
  }
  std::size_t total = chosen.size() - skipped;
  for (const TraceFile::Entry& entry : recorded.entries) {
    const bool known = std::any_of(all.begin(), all.end(), [&](const Checked& c) { return c.name == entry.name; });
    if (known || !matches(options.filter, entry.name)) continue;
    conclude(entry.name, "recorded in " + options.trace_in + ", but unknown to this program");
    ++total;
  }
  if (!options.trace_out.empty()) written.write(options.trace_out);
  std::fprintf(stderr, "%zu of %zu cases give the same bits on %s (%s, %s, %d threads) as %s, %s precision\n",
               total - failed, total, backend->info().kind.c_str(), backend->info().name.c_str(),
               backend->info().instruction_set.c_str(), backend->info().threads,
               from_file ? options.trace_in.c_str() : "one CPU thread", precision_name);
  return failed ? 1 : 0;
}

}  // namespace engram::apps
