// The patterns of an experiment on the device, and the orders in which networks meet them: an epoch shows them, and
// keeps what the network answers, without the host.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/models/leabra/config.hpp"

namespace engram::leabra {

/// A list of rows for each state of the networks, which are met step by step.
class Order {
 public:
  /// rows: [step][state]. What is there already is not uploaded again.
  void set(Backend&, const Config&, std::vector<std::uint32_t> rows, std::size_t states);
  std::size_t steps() const { return states_ ? rows_.size() / states_ : 0; }
  std::uint32_t row(std::size_t step, std::size_t state) const { return rows_[step * states_ + state]; }
  /// Where the values of a step stand in the table of a layer, [state][unit].
  Span<const Index> places(std::size_t layer, std::size_t step) const;

 private:
  std::size_t states_ = 0;
  std::vector<std::uint32_t> rows_;
  std::vector<Array<Index>> places_;  ///< [layer]: [step][state][unit]
};

class ShownPatterns {
 public:
  ShownPatterns(Backend&, const Config&, std::size_t states);
  /// Holds layer number `layer` of Config::shown at what the networks meet at a step.
  void show(Net&, std::size_t layer, const Order&, std::size_t step);
  /// Room for the answers of so many predictions, then keeps one, then reads all: [step][state][unit] of each target.
  void begin_answers(std::size_t steps);
  void keep_answer(Net&, std::size_t step);
  std::vector<std::vector<real>> answers() const;

  /// Bytes that all of it takes.
  static std::size_t bytes(const Config&, std::size_t states);

 private:
  Backend& backend_;
  const Config& config_;
  std::size_t states_;
  std::vector<Array<real>> tables_, answers_;  ///< [layer], [target]
  Array<real> met_;                            ///< [state][unit] of one layer
};

}  // namespace engram::leabra
