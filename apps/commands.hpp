// The commands of the program; each returns an exit code or throws engram::Error.
#pragma once

#include <string>

namespace engram::apps {

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
  int threads = 1;
  int replicas = 0;
  double min_time = 0.5;
  bool list = false, json = false, crossover = false;
};
int bench(const BenchOptions&);

}  // namespace engram::apps
