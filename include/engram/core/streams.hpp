// The one list of all uses of random numbers.
#pragma once

#include <cstdint>

namespace engram {

/// Two uses never share a number, and a number is never given to another use, for that would change recorded runs. Each
/// family has a block of its own; numbers from 192 to 255 are those of programs that use the library. What a use draws
/// for whom and when is up to the other parts of a counter: see Random.
enum class Stream : std::uint32_t {
  // 0 to 15: of no family
  test = 0,
  stimulus = 1,  ///< which units of a stimulus fire
  connect = 2,   ///< where synapses are (random_graph.hpp)
  weight = 3,    ///< initial weights

  // 16 to 31: assembly
  assembly_completion = 16,  ///< which winners a completion starts from

  // 32 to 63: SORN
  sorn_ee_degree = 32,
  sorn_ee_partner = 33,
  sorn_ee_weight = 34,
  sorn_ei_degree = 35,
  sorn_ei_partner = 36,
  sorn_ei_weight = 37,
  sorn_ie_degree = 38,
  sorn_ie_partner = 39,
  sorn_ie_weight = 40,
  sorn_eu_degree = 41,
  sorn_eu_partner = 42,
  sorn_eu_weight = 43,
  sorn_ee_repair = 44,
  sorn_ei_repair = 45,
  sorn_ie_repair = 46,
  sorn_threshold_e = 47,
  sorn_threshold_i = 48,
  sorn_threshold_order = 49,
  sorn_target_rate = 50,
  sorn_noise_e = 51,
  sorn_noise_i = 52,
  sorn_rewire = 53,        ///< which pairs of units grow a synapse
  sorn_rewire_count = 54,  ///< whether one more than the whole part of the rate
  sorn_input = 55,         ///< values of random input
  sorn_sequence = 56,      ///< which of two sequences comes next
  sorn_symbol = 57,        ///< units of a symbol
  sorn_labels = 58,        ///< units of labels of a sample
  sorn_strong_input = 59,

  // 64 to 79: attractor
  attractor_sample = 64,
  attractor_pattern = 65,  ///< random patterns
  attractor_shown = 66,    ///< which pattern an epoch shows
  attractor_noise = 67,
  attractor_order = 68,    ///< of updates
  attractor_row = 69,      ///< which row of the test data a trial shows
  attractor_cell = 70,     ///< seeds of the cells of a grid
  attractor_measure = 71,  ///< seeds of measurements
  attractor_trial = 72,    ///< seeds of trials

  // 80 to 95: calculus
  calculus_lazy = 80,
  calculus_subset = 81,  ///< which units of a set are taken
  calculus_lesson = 82,  ///< what a lesson of words is about

  // 96 to 111: Leabra
  leabra_weight = 96,   ///< initial weights
  leabra_connect = 97,  ///< which pairs a sparse projection keeps
  leabra_order = 98,    ///< of the patterns of an epoch
  leabra_pattern = 99,  ///< random patterns
  leabra_noise = 100,
  leabra_split = 101,  ///< which rows of a table train and which test

  // 112 to 127: NEF
  nef_object = 112,   ///< seeds of ensembles, connections, nodes and probes
  nef_build = 113,    ///< what building an object draws, one after the other
  nef_process = 114,  ///< noise of nodes and currents
  nef_spike = 115,    ///< whether a stochastic neuron fires
  nef_signal = 116,   ///< coefficients of random signals
  nef_study = 117,    ///< keys, values and cues of studies

  // 128 to 143: tasks that several families learn
  pole_start = 128,
  pole_choice = 129,

  // 192 to 255: users of the library
  user = 192,
};

}  // namespace engram
