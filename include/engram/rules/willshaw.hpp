// Learning rule: binary associative memory.
#pragma once

#include "engram/core/fields.hpp"
#include "engram/core/portable.hpp"

namespace engram {

/// Binary associative memory (Willshaw, Buneman & Longuet-Higgins 1969): w_ij <- min(1, w_ij + x_j o_i).
/// Columns: pre x, post o.
struct Willshaw {
  static constexpr const char* name = "willshaw";
  static constexpr const char* help = "w <- min(1, w + x o): a synapse is on once both ends fired together";
  static constexpr int n_pre = 1, n_post = 1, n_values = 1;
  static constexpr bool identity_when_silent = true;
  static constexpr bool creates_synapses = true;

  static constexpr auto fields = std::tuple{};

  ENGRAM_HD void operator()(real* s, const real* pre, const real* post, const real*) const {
    s[0] = s[0] + pre[0] * post[0];
    settle(nullptr, s);
  }
  ENGRAM_HD void settle(const real*, real* s) const { s[0] = s[0] < real(1) ? s[0] : real(1); }
};

}  // namespace engram
