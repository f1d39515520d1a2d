// What a Brain is made of; shared by the files that implement it.
#pragma once

#include <deque>

#include "engine/models/calculus/brain/fibres.hpp"
#include "engine/models/calculus/brain/lazy.hpp"
#include "engram/calculus/brain.hpp"

namespace engram::calculus {

struct Brain::Stimulus {
  std::string name;
  Index size;
};

struct Brain::Area {
  std::string name;
  AreaOptions options;
  Firing firing;
  bool fixed = false;
  /// Who won a round, as bits, made at the first one; lazy areas number neurons in that order and need none.
  Mirror<std::uint32_t> ever;
  std::size_t ever_words() const { return std::size_t{options.n} / 32 + 1; }
  Index support = 0, newcomers = 0;
  Index existing = 0;  ///< lazy: neurons with synapses; else n
  double total_input = 0;
  Index without_input = 0;  ///< winners of the last round that received nothing
  std::vector<Index> saved_support;
  std::vector<std::vector<Index>> saved_winners;
  std::deque<std::vector<Index>> recent;  ///< winners of the last rounds, the last one first
  std::map<Index, float> bias;            ///< of refracted areas
  // Scratch of a round.
  Array<real> input;
  Array<Index> chosen, chosen_count;
  std::vector<real> host_input;

  bool lazy(Connectome c) const { return c == Connectome::lazy && !options.explicit_area; }
};

struct Brain::Round {
  Area* target;
  std::vector<std::pair<const Stimulus*, Fibres*>> stimuli;
  std::vector<std::pair<Area*, Fibres*>> sources;
  std::vector<float> potentials;  ///< lazy: input of each newcomer, best first
  Index existing_before = 0;
  std::vector<Index> next;  ///< winners of this round
};

}  // namespace engram::calculus
