// A linear readout of binary activity, trained by ridge regression on one-hot targets.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engram/core/portable.hpp"

namespace engram {

class StateVisitor;

/// Sums over the training steps suffice, and of 0 and 1 they are counts: exact, and of constant size.
class Readout {
 public:
  /// `units` inputs and a constant one; classes 0 .. classes-1.
  Readout(std::size_t units, std::size_t classes);
  /// One training example: the active units, ascending, and the class.
  void add(std::span<const Index> active, std::size_t target);
  /// Solves (X'X + ridge I) W = X'Y by Cholesky factors (Eigen); again after new examples.
  void solve(double ridge);
  /// The class with the largest output; the lowest of equals. solve() comes first.
  std::size_t predict(std::span<const Index> active) const;
  bool solved() const { return !weight_.empty(); }
  void visit(StateVisitor&, const std::string& name);

 private:
  std::size_t units_, classes_;
  std::vector<std::uint64_t> gram_, moment_;  ///< [units + 1][units + 1], lower half; [units + 1][classes]
  std::vector<double> weight_;                ///< [units + 1][classes]
};

}  // namespace engram
