// What the operations should give, worked out the plain way: loops over whole matrices, double precision, full sorts.
#pragma once

#include <string>
#include <vector>

#include "conformance/cases.hpp"

namespace engram::oracle {

/// An array and how far a correct result may be from it: 0 where integers or the rule itself decide.
struct Expected {
  std::string name;
  std::vector<double> value, tolerance;
};

std::vector<Expected> solve(const conformance::Inputs&);

}  // namespace engram::oracle
