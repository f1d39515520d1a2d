#include "engine/models/families.hpp"

namespace engram {

std::span<const Family> families() {
  static const Family all[] = {assembly::family(),        sorn::family(),   attractor::family(), calculus::family(),
                               calculus::parser_family(), leabra::family(), nef::family(),       nef::study_family()};
  return all;
}

}  // namespace engram
