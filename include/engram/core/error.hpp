// What can go wrong, and the exit code that the command line gives for it.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace engram {

/// Anything a user can cause: what was wanted, what was found, where, and what to do.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what, int exit_code = 1) : std::runtime_error(what), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

/// One fault of a configuration, at a JSON pointer such as /model/areas/A/k.
struct Problem {
  std::string path;
  std::string text;
};

/// All faults of a configuration at once. Exit code 2.
class ConfigError : public Error {
 public:
  explicit ConfigError(std::vector<Problem> problems) : Error(join(problems), 2), problems_(std::move(problems)) {}
  ConfigError(std::string path, std::string text)
      : ConfigError(std::vector<Problem>{{std::move(path), std::move(text)}}) {}
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  static std::string join(const std::vector<Problem>& problems) {
    std::string all;
    for (const Problem& p : problems)
      all += (all.empty() ? "" : "\n") + (p.path.empty() ? "/" : p.path) + ": " + p.text;
    return all;
  }
  std::vector<Problem> problems_;
};

/// A guard found a value that no model may reach: not a number, or out of range. Exit code 3.
class NumericError : public Error {
 public:
  explicit NumericError(const std::string& what) : Error(what, 3) {}
};

/// More memory than there is, foreseen or met. Exit code 4.
class MemoryError : public Error {
 public:
  explicit MemoryError(const std::string& what) : Error(what, 4) {}
};

/// A file that cannot be read or written, or is not what it should be. Exit code 5.
class IoError : public Error {
 public:
  explicit IoError(const std::string& what) : Error(what, 5) {}
};

/// The device refused: the operation, its own words, the device.
class DeviceError : public Error {
 public:
  explicit DeviceError(const std::string& what) : Error(what, 1) {}
};

/// A library that a device needs for what was asked is not there.
class LibraryError : public DeviceError {
 public:
  using DeviceError::DeviceError;
};

}  // namespace engram
