// What the files that implement scripts share.
#pragma once

#include <string>
#include <vector>

#include "engram/calculus/script.hpp"

namespace engram::calculus {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// Appends one round with the maps `first`, then the others of `rounds` with `later`.
void phase(Script&, const Map& stimuli, const Map& first, const Map& later, int rounds, int stable = 0);

/// Areas that a projection names as targets, each once.
std::vector<std::string> targets_of(const Project&);

}  // namespace engram::calculus
