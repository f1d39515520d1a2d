// The commands of the program, one file each. A command returns its exit code and throws engram::Error.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/progress.hpp"
#include "engram/run/simulation.hpp"

namespace CLI {
class App;
}

namespace engram::apps {

struct RunCommandOptions {
  std::string file;  ///< of the experiment; "-": standard input. For resume: the run folder
  std::vector<std::string> settings;
  std::optional<std::string> backend, out, seed;
  std::optional<int> threads;
  bool force = false, anew = false, json = false, quiet = false;
  ProgressStyle progress = ProgressStyle::automatic;
};
int run(const RunCommandOptions&);
int resume(const RunCommandOptions&);

struct AnalyseOptions {
  std::string folder, against;
  Tick from = 0;
  std::size_t windows = 10, lag = 1;
  bool json = false;
};
int analyse(const AnalyseOptions&);

int validate(const std::vector<std::string>& files, const std::vector<std::string>& settings, bool json);

/// Exit code 1 where the runs in these folders differ.
int compare(const std::string& a, const std::string& b, bool json);

/// The script by which a shell (bash, zsh or fish) completes command lines of this program.
int completion(const CLI::App& program, const std::string& shell);

struct DescribeOptions {
  std::string name;
  bool schema = false, markdown = false;
};
int describe(const DescribeOptions&);

int info(bool json);

struct CheckOptions {
  std::string backend = "cpu";
  int threads = 0;
  std::string filter = "*", trace_in, trace_out;
  bool json = false, list = false;
  int steps = 0;
};
int check(const CheckOptions&);

struct BenchOptions {
  std::string filter = "*", backend = "cpu";
  std::optional<int> threads;  ///< unless given 1, and for a crossover all
  int replicas = 0;
  double min_time = 0.5;
  bool list = false, json = false, crossover = false;
  std::string out;  ///< of a crossover
};
int bench(const BenchOptions&);
int crossover(const BenchOptions&);

/// The options of all commands: made once, it reads one command line after the other.
class CommandLine {
 public:
  CommandLine();
  ~CommandLine();
  /// Does what the words say, by a command of this file. Returns the exit code; throws what the command throws.
  int execute(int count, char** words);

 private:
  struct Program;
  std::unique_ptr<Program> program_;
};

/// Becomes `python3 -m engram_sim command arguments`; returns only by throwing.
int python(const std::string& command, const std::vector<std::string>& arguments);

}  // namespace engram::apps
