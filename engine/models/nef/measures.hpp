// Errors and sizes of what probes record, as results of a run.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <tuple>

#include "engine/models/nef/config.hpp"
#include "engram/run/state_visitor.hpp"

namespace engram::nef {

/// Of each measure and replica: root mean square of a number, mean length of a sample, both of the difference where
/// there is another probe to compare with.
class Measures {
 public:
  Measures(std::vector<Measure> measures, double dt, std::size_t replicas);
  void add(const std::string& probe, Tick step, Index replica, std::span<const real> sample);
  /// All samples of the steps so far have come.
  void settle() { waiting_.clear(); }
  nlohmann::ordered_json results() const;
  void visit(StateVisitor&);

 private:
  bool counts(const Measure&, Tick step) const;
  void take(std::size_t measure, Index replica, std::span<const real> a, std::span<const real> b);

  std::vector<Measure> measures_;
  double dt_;
  std::size_t replicas_;
  std::vector<double> squares_, lengths_, samples_, numbers_, largest_;  ///< [measure][replica]
  /// Samples of one of two probes, until the other's of that step comes.
  std::map<std::tuple<std::size_t, Index, Tick>, std::vector<real>> waiting_;
};

}  // namespace engram::nef
