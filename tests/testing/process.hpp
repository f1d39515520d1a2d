// The program as its users meet it: a process with arguments, two streams and an exit code.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/testing/scratch.hpp"

namespace engram::test {

/// Whether a program's memory is what engram takes: the address sanitizer reserves more than any limit and keeps what
/// was freed.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool memory_is_engrams = false;
#else
inline constexpr bool memory_is_engrams = true;
#endif

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Finished {
  int code = -1;  ///< 128 + signal if a signal ended it
  std::string out, error;
  double seconds = 0;
  long peak_kib = 0;  ///< largest resident set
};

/// Runs in the child before the program starts: limits, environment.
using Prepare = std::function<void()>;

/// A program that breaks off at a chosen place: see fault_shim.c.
inline Prepare shim(const char* variable, const std::string& value) {
  return [variable, value] {
    ::setenv("LD_PRELOAD", ENGRAM_FAULT_SHIM, 1);
    ::setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);  // its runtime wants to be the first library
    ::setenv(variable, value.c_str(), 1);
  };
}

class Process {
 public:
  explicit Process(std::vector<std::string> arguments, const Prepare& prepare = nullptr,
                   const std::string& program = ENGRAM_PROGRAM)
      : began_(std::chrono::steady_clock::now()) {
    arguments.insert(arguments.begin(), program);
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    const std::string out = (scratch_ / "out").string(), error = (scratch_ / "error").string();
    pid_ = ::fork();
    if (pid_ != 0) return;
    for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU})
      ::signal(signal, SIG_DFL);  // however the tests were started
    ::dup2(::open("/dev/null", O_RDONLY), 0);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0600), 1);
    ::dup2(::open(error.c_str(), O_WRONLY | O_CREAT, 0600), 2);
    if (prepare) prepare();
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  ~Process() {
    if (pid_ > 0) kill(SIGKILL), wait();
  }

  int pid() const { return pid_; }
  void kill(int signal) const {
    if (pid_ > 0) ::kill(pid_, signal);  // 0 would mean ourselves
  }
  /// Waits until a signal has stopped the process; false if it ended instead.
  bool wait_stopped() {
    ::wait4(pid_, &status_, WUNTRACED, &usage_);
    if (WIFSTOPPED(status_)) return true;
    pid_ = 0;
    return false;
  }
  /// What it has written to its first stream so far; waits until that is something, or the process has ended.
  std::string first_output() {
    while (running()) {
      if (std::string text = slurp(scratch_ / "out"); !text.empty()) return text;
      ::usleep(10000);
    }
    return slurp(scratch_ / "out");
  }
  bool running() {
    if (pid_ > 0 && ::wait4(pid_, &status_, WNOHANG, &usage_) == pid_) pid_ = 0;
    return pid_ > 0;
  }
  Finished wait() {
    if (pid_ > 0) ::wait4(pid_, &status_, 0, &usage_);
    pid_ = 0;
    Finished done;
    done.code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
    done.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    done.peak_kib = usage_.ru_maxrss;
    done.out = slurp(scratch_ / "out");
    done.error = slurp(scratch_ / "error");
    return done;
  }

 private:
  Scratch scratch_;
  std::chrono::steady_clock::time_point began_;
  int pid_ = 0, status_ = 0;
  struct rusage usage_ {};
};

inline Finished engram(const std::vector<std::string>& arguments, const Prepare& prepare = nullptr) {
  return Process(arguments, prepare).wait();
}

}  // namespace engram::test
