// Random numbers of the host, one after the other, for what is drawn when a network is built.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "engram/core/random.hpp"

namespace engram::nef {

class Draws {
 public:
  virtual ~Draws() = default;
  virtual double uniform() = 0;  ///< [0, 1)
  virtual double normal() = 0;
  virtual double exponential(double scale) = 0;
  /// Position i of a shuffled list takes element p[i] of the list.
  virtual std::vector<std::size_t> shuffle(std::size_t n) = 0;

  std::vector<double> uniforms(std::size_t n);
  std::vector<double> normals(std::size_t n);
};

/// The engine's own: number i is a function of (seed, stream, i).
class CounterDraws final : public Draws {
 public:
  CounterDraws(std::uint64_t seed, Stream stream) : seed_(seed), stream_(stream) {}
  double uniform() override;
  double normal() override;
  double exponential(double scale) override;
  std::vector<std::size_t> shuffle(std::size_t n) override;

 private:
  std::uint64_t seed_;
  Stream stream_;
  Tick drawn_ = 0;
};

/// MT19937 (Matsumoto and Nishimura 1998) as recorded builds drew: 53-bit uniforms, normal deviates by the polar method
/// (Marsaglia and Bray 1964), integers by masks and rejection.
class MersenneDraws final : public Draws {
 public:
  explicit MersenneDraws(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t word() { return static_cast<std::uint32_t>(engine_()); }
  /// Uniform on 0 .. most.
  std::uint32_t up_to(std::uint32_t most);
  double uniform() override;
  double normal() override;
  double exponential(double scale) override;
  std::vector<std::size_t> shuffle(std::size_t n) override;

 private:
  std::mt19937 engine_;
  double kept_ = 0;  ///< second deviate of a pair
  bool has_kept_ = false;
};

/// Seeds of the children of a network, drawn in the order connections, ensembles, networks, nodes, probes.
inline std::uint32_t child_seed(MersenneDraws& draws) { return draws.up_to(2147483646u); }

}  // namespace engram::nef
