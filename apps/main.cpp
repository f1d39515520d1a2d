// Temporary: only check and bench.
#include <CLI/CLI.hpp>
#include <iostream>

#include "commands.hpp"
#include "engram/error.hpp"

int main(int argc, char** argv) {
  using namespace engram::apps;
  CLI::App app;
  CheckOptions c;
  BenchOptions b;
  auto* check_command = app.add_subcommand("check", "");
  check_command->add_option("--backend", c.backend, "");
  check_command->add_option("--threads", c.threads, "");
  check_command->add_option("--filter", c.filter, "");
  check_command->add_option("--trace-in", c.trace_in, "");
  check_command->add_option("--trace-out", c.trace_out, "");
  check_command->add_option("--steps", c.steps, "");
  check_command->add_flag("--json", c.json, "");
  check_command->add_flag("--list", c.list, "");
  auto* bench_command = app.add_subcommand("bench", "");
  bench_command->add_option("--backend", b.backend, "");
  bench_command->add_option("--threads", b.threads, "");
  bench_command->add_option("--filter", b.filter, "");
  bench_command->add_option("--replicas", b.replicas, "");
  bench_command->add_option("--min-time", b.min_time, "");
  bench_command->add_flag("--json", b.json, "");
  bench_command->add_flag("--list", b.list, "");
  bench_command->add_flag("--crossover", b.crossover, "");
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  try {
    return check_command->parsed() ? check(c) : bench(b);
  } catch (const engram::Error& e) {
    std::cerr << "engram: " << e.what() << '\n';
    return e.exit_code();
  }
}
