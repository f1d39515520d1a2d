// Single values of a document: their kind, their range, and what no type holds.
#include <cmath>
#include <limits>

#include "engine/run/config_document.hpp"

namespace engram {

namespace {

/// Of integers of a type: exact at its own limits, which no double holds.
template <class T>
std::string words(Range range, T lowest, T highest) {
  return (range.min == -no_limit ? std::to_string(lowest) : shown(range.min)) + " to " +
         (range.max == no_limit ? std::to_string(highest) : shown(range.max));
}

}  // namespace

bool ConfigReader::read(bool& out) const {
  if (!is_bool()) return mismatch("true or false"), false;
  out = value_->get<bool>();
  return true;
}

bool ConfigReader::read(std::string& out) const {
  if (!is_string()) return mismatch("a string"), false;
  out = value_->get<std::string>();
  return true;
}

bool ConfigReader::read(double& out, Range range, bool single) const {
  if (!is_number()) return mismatch("a number"), false;
  out = value_->get<double>();
  if (!(out >= range.min && out <= range.max))
    return problem("found " + describe(*value_) + "; allowed are " + shown_range(range.min, range.max)), false;
  if (single && std::abs(out) > static_cast<double>(std::numeric_limits<float>::max()))
    return problem("found " + describe(*value_) + ", more than single precision holds"), false;
  return true;
}

bool ConfigReader::read(std::int64_t& out, Range range, std::int64_t lowest, std::int64_t highest) const {
  if (!is_number()) return mismatch("an integer"), false;
  bool held = true;
  if (value_->is_number_unsigned()) {
    const auto written = value_->get<std::uint64_t>();
    held = written <= static_cast<std::uint64_t>(highest);
    out = static_cast<std::int64_t>(written);
  } else if (value_->is_number_integer()) {
    out = value_->get<std::int64_t>();
    held = out >= lowest && out <= highest;
  } else {
    const auto written = value_->get<double>();
    if (written != std::trunc(written)) return mismatch("an integer"), false;
    held = written >= static_cast<double>(lowest) && written < static_cast<double>(highest) + 1;
    out = held ? static_cast<std::int64_t>(written) : 0;
  }
  if (held && static_cast<double>(out) >= range.min && static_cast<double>(out) <= range.max) return true;
  return problem("found " + describe(*value_) + "; allowed are " + words(range, lowest, highest)), false;
}

bool ConfigReader::read(std::uint64_t& out, Range range, std::uint64_t highest) const {
  if (!is_number()) return mismatch("an integer"), false;
  bool held = true;
  if (value_->is_number_unsigned()) {
    out = value_->get<std::uint64_t>();
    held = out <= highest;
  } else if (value_->is_number_integer()) {
    held = false;  // negative: nlohmann keeps the others as unsigned
    if (value_->get<std::int64_t>() >= 0) out = value_->get<std::uint64_t>(), held = out <= highest;
  } else {
    const auto written = value_->get<double>();
    if (written != std::trunc(written)) return mismatch("an integer"), false;
    // 2^64 as a double is the first number beyond; static_cast<double>(highest) rounds up to it.
    held = written >= 0 && written < 18446744073709551616.0 && static_cast<std::uint64_t>(written) <= highest;
    out = held ? static_cast<std::uint64_t>(written) : 0;
  }
  if (range.min < 0) range.min = 0;
  if (held && static_cast<double>(out) >= range.min && static_cast<double>(out) <= range.max) return true;
  return problem("found " + describe(*value_) + "; allowed are " + words<std::uint64_t>(range, 0, highest)), false;
}

}  // namespace engram
