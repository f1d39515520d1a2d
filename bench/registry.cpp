#include "bench/cases.hpp"

namespace engram::bench {

const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> list;
    for (const auto& family : {topk_cases(), assembly_cases(), attractor_cases(), sorn_cases(), calculus_cases(),
                               leabra_cases(), nef_cases()})
      list.insert(list.end(), family.begin(), family.end());
    return list;
  }();
  return all;
}

}  // namespace engram::bench
