// What the steps of a script act on, and what they may rely on.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engram/calculus/brain.hpp"
#include "engram/core/field_kinds.hpp"

namespace engram::calculus {

/// A brain, and what a script has made of it so far.
struct Stage {
  Brain brain;
  std::map<std::string, std::vector<Index>> assemblies = {};
  std::map<std::string, Brain> saved = {};
  std::vector<std::pair<std::string, std::vector<double>>> results = {};  ///< values in the order they were measured
  int unchanged = 0;                                        ///< rounds of the present step without a change
  bool settled = false;                                     ///< the present step has ended early
  std::uint64_t fired = 0;                                  ///< random choices made so far
  std::map<std::string, std::uint64_t> without_input = {};  ///< of each area, its winners in the last rounds of steps

  void put(const std::string& label, double value);
  /// A script was checked before it began, so these can only be missing where a state was restored: IoError.
  const std::vector<Index>& remembered(const std::string& name) const;
  const std::vector<double>& measured(const std::string& label) const;
  const Brain& copy(const std::string& name) const;
};

/// What a script may rely on before each step, found out without a run. The functions throw Error that names the step.
struct Expected {
  const Brain& brain;
  bool gated = false;  ///< steps may silence areas: whether one fires shows only in the run
  std::size_t step = 0;
  std::set<std::string> assemblies = {}, measured = {}, firing = {};
  std::map<std::string, std::set<std::string>> saved = {};  ///< which areas fired when a copy was saved
  std::vector<std::set<std::string>> exclusive = {};        ///< groups that steps have made

  [[noreturn]] void fail(const std::string& text) const;
  void area(const std::string& name) const;
  void stimulus(const std::string& name) const;
  void area_or_stimulus(const std::string& name) const;
  void fires(const std::string& area, const char* what_for) const;
  void block(const std::string& area, Index index) const;
  void assembly(const std::string& name) const;
  void measurement(const std::string& label, const std::string& own_label) const;
  void compete(const std::vector<std::string>& areas);
  void no_longer_compete(const std::vector<std::string>& areas);
};

/// A step, or a measurement, of one area.
struct OfArea {
  std::string area;
  static constexpr auto fields = std::tuple{required(Field{"area", &OfArea::area, "area"})};
  void check(Expected& e) const { e.area(area); }
};

/// The block of k neurons with most winners, the first of equals, or -1; and its share.
std::pair<double, double> best_block(const std::vector<Index>& winners, Index k);

}  // namespace engram::calculus
