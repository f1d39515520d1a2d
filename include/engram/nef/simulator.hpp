// A NEF network on a backend: built for each seed, run for as many steps as one likes, looked at by name.
//
//   nef::Network network;  network.nodes = {{"stim", {nef::Cycle{{{1, 0}, {0, 1}}, 0.3}}}}; ...
//   nef::Simulator simulator(backend, network, seeds);
//   simulator.run(3000);
//   simulator.values("memory.scaled_encoders");
#pragma once

#include <map>
#include <memory>
#include <span>

#include "engram/nef/network.hpp"
#include "engram/schedule.hpp"

namespace engram::nef {

/// Samples of a probe, [sample][replica][value], as they come.
using TakeSamples =
    std::function<void(const std::string& probe, Tick step, Index replica, std::span<const real> sample)>;

class Simulator {
 public:
  /// One replica a seed. Throws ConfigError with the place in the network where something does not fit.
  Simulator(Backend&, Network, std::span<const std::uint64_t> seeds);
  ~Simulator();
  Simulator(Simulator&&) noexcept;

  /// Steps tick + 1 ... from the tick on; `take` sees what probes record.
  void run(Tick first, Tick steps, const TakeSamples& take = {});
  /// The same from where the last run ended.
  void run(Tick steps) { run(done_, steps); }
  Tick steps() const { return done_; }
  double dt() const { return dt_; }
  Index replicas() const;

  /// An array by name, such as "memory.voltage", "conn_out.weights", "conn_in.rule0.delta"; matrices by rows.
  std::vector<real> values(const std::string& array, Index replica = 0) const;
  /// Shape of a probe's samples.
  std::vector<Index> probe_shape(const std::string& probe) const;
  std::vector<std::string> probes() const;

  const Schedule& schedule() const;
  /// Starts again from step 0 with the same numbers.
  void reset();
  void visit(StateVisitor&);
  /// All arrays where they lie, until reset().
  std::vector<Place> places() const;
  /// The most bytes that are held at a time, on the host while building or on the device, without building anything;
  /// numbers that the network itself holds are not among them.
  static std::size_t bytes(const Network&, std::size_t replicas);
  /// Those on the device.
  static std::size_t device_bytes(const Network&, std::size_t replicas);
  /// Throws ConfigError where something does not fit; draws nothing. Returns the numbers that a sample of each probe
  /// has.
  static std::map<std::string, std::size_t> check(const Network&);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  double dt_;
  Tick done_ = 0;
};

}  // namespace engram::nef
