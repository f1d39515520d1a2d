// Every operation of a backend in every way it can be asked for, with what it leaves: run on the emulated kernels, on
// the device, and on the CPU, whose bits decide.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <optional>
#include <random>

#include "engram/backend.hpp"

namespace engram::testing_kernels {

/// Numbers for a test, the same whatever the backend.
class TestRandom {
 public:
  explicit TestRandom(std::uint64_t seed) : generator_(seed) {}
  real unit() { return static_cast<real>(static_cast<double>(generator_() >> 11) / 9007199254740992.0); }
  real normal() { return unit() + unit() + unit() - real(1.5); }
  std::size_t below(std::size_t n) { return generator_() % n; }
  std::vector<real> many(std::size_t n, double zero_part = 0) {
    std::vector<real> x(n);
    for (real& v : x) v = unit() < static_cast<real>(zero_part) ? real(0) : normal();
    return x;
  }

 private:
  std::mt19937_64 generator_;
};

/// Lists of active units, some of them empty and some full.
struct Lists {
  std::vector<Index> index, count;
  std::vector<real> value;
  Index units, batches;
  std::size_t stride;

  Lists(TestRandom& random, Index units_, Index batches_, std::size_t room)
      : units(units_), batches(batches_), stride(room) {
    index.assign(batches * stride, 0xffffffff);  // what lies behind a list is never read
    value.assign(batches * stride, std::numeric_limits<real>::quiet_NaN());
    for (Index b = 0; b < batches; ++b) {
      const double p = b % 3 == 0 ? 0.2 : (b % 3 == 1 ? 1.0 : 0.0);
      Index n = 0;
      for (Index i = 0; i < units && n < stride; ++i)
        if (random.unit() < static_cast<real>(p)) {
          index[b * stride + n] = i;
          value[b * stride + n++] = random.below(8) ? random.normal() : real(0);
        }
      count.push_back(n);
    }
  }
};

struct DeviceLists {
  Array<Index> index, count;
  Array<real> value;
  Active active;

  DeviceLists(Backend& backend, const Lists& lists, bool with_values)
      : index(backend, lists.index),
        count(backend, lists.count),
        value(backend, lists.value),
        active{index.view().data, count.view().data, with_values ? value.view().data : nullptr,
               lists.stride,      lists.units,       lists.batches} {}
};

struct Case {
  Index n_pre, n_post, replicas, group;
  bool operator==(const Case&) const = default;
};
inline constexpr Case cases[] = {{1, 1, 1, 1},     {64, 1, 2, 1}, {65, 33, 1, 3},     {130, 64, 3, 1},
                                 {200, 300, 2, 2}, {1, 70, 4, 1}, {129, 1000, 1, 140}};

inline std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.n_pre << "x" << c.n_post << " replicas " << c.replicas << " group " << c.group;
}

/// What a run leaves: all arrays that an operation may write.
struct Outcome {
  std::vector<real> weight, drive, scale;
  std::vector<fixed> sum;
};

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}
inline void expect_same(const Outcome& a, const Outcome& b) {
  EXPECT_TRUE(same_bits(a.weight, b.weight)) << "weights differ";
  EXPECT_TRUE(same_bits(a.drive, b.drive)) << "drives differ";
  EXPECT_TRUE(same_bits(a.scale, b.scale)) << "scales differ";
  EXPECT_TRUE(same_bits(a.sum, b.sum)) << "sums differ";
}

enum class Read { nothing, list, values, columns };

/// One way to set a Sweep.
struct Parts {
  int rule;  // -1: none
  bool learn_from_lists, diagonal, normalize, scaled, recount;
  Read source;
};
inline std::ostream& operator<<(std::ostream& out, const Parts& p) {
  return out << "rule " << p.rule << " lists " << p.learn_from_lists << " diagonal kept " << p.diagonal << " normalize "
             << p.normalize << " scaled " << p.scaled << " recount " << p.recount << " source "
             << static_cast<int>(p.source);
}

inline SynapseRule rule_of(int i) {
  if (i == 0) return Hebb{static_cast<real>(0.3), static_cast<real>(1.1)};
  if (i == 1) return HebbAdditive{static_cast<real>(0.2), 0};
  return Willshaw{};
}

/// Two sweeps, so that what one leaves is what the next one finds.
inline Outcome run(Backend& backend, const Case& c, const Parts& p, bool dense) {
  TestRandom random(c.n_pre * 31 + c.n_post);
  const Index batches = c.replicas * c.group;
  const std::vector<real> weights = [&] {
    std::vector<real> w = random.many(std::size_t{c.replicas} * c.n_pre * c.n_post, 0.5);
    for (real& v : w) v = v < 0 ? -v : v;
    return w;
  }();
  std::optional<Dense> matrix;
  std::optional<Outgoing> rows;
  if (dense) {
    matrix.emplace(backend, c.n_pre, c.n_post, c.replicas);
    matrix->upload(weights);
  } else {
    std::vector<std::uint64_t> start{0};
    std::vector<Index> target;
    std::vector<real> weight;
    for (std::size_t row = 0; row < std::size_t{c.replicas} * c.n_pre; ++row) {
      for (Index i = 0; i < c.n_post; ++i)
        if (weights[row * c.n_post + i] != 0) {
          target.push_back(i);
          weight.push_back(weights[row * c.n_post + i]);
        }
      start.push_back(target.size());
    }
    rows.emplace(backend, c.n_pre, c.n_post, c.replicas, start, target, weight);
  }

  const DeviceLists pre(backend, Lists(random, c.n_pre, batches, c.n_pre), p.source == Read::values);
  const DeviceLists post(backend, Lists(random, c.n_post, c.replicas, c.n_post), false);
  Array<real> x(backend, random.many(std::size_t{batches} * c.n_pre, 0.3)),
      o(backend, random.many(std::size_t{c.replicas} * c.n_post, 0.3));
  Array<real> drive(backend, random.many(std::size_t{batches} * c.n_post));
  Array<real> scale(backend, std::vector<real>(std::size_t{c.replicas} * c.n_post, static_cast<real>(0.7)));
  Array<fixed> sum(backend, std::vector<fixed>(std::size_t{c.replicas} * c.n_post, fixed{1} << 32));
  const auto column = [](Array<real>& a, Index units, Index n) {
    Columns columns;
    columns.at[0] = a.batch(units, n);
    return columns;
  };

  const SynapseRule rule = rule_of(p.rule);
  Sweep sweep;
  if (p.rule >= 0) {
    sweep.learn = &rule;
    if (p.learn_from_lists) {
      sweep.pre = pre.active;
      sweep.post = post.active;
    } else {
      sweep.pre = column(x, c.n_pre, batches);
      sweep.post = column(o, c.n_post, c.replicas);
    }
    sweep.keep_diagonal = p.diagonal;
  }
  if (p.normalize) sweep.normalize_to = static_cast<real>(1.3);
  if (p.scaled) {
    sweep.scaling.scale = scale.batch(c.n_post, c.replicas);
    sweep.scaling.sum = sum.batch(c.n_post, c.replicas);
    sweep.scaling.recount = p.recount;
  }
  sweep.group = c.group;
  sweep.gain = static_cast<real>(-0.9);
  if (p.source != Read::nothing) {
    if (p.source == Read::columns)
      sweep.source = column(x, c.n_pre, batches);
    else
      sweep.source = pre.active;
    sweep.drive = drive.batch(c.n_post, batches);
  }
  const Synapses synapses = dense ? Synapses(matrix->view()) : Synapses(rows->view());
  backend.sweep(synapses, sweep);
  backend.sweep(synapses, sweep);
  return {dense ? matrix->download() : rows->weight(), drive.download(), scale.download(), sum.download()};
}

inline std::vector<Parts> all_parts(bool dense, Index group) {
  std::vector<Parts> all;
  for (int rule = -1; rule < (dense ? 3 : 1); ++rule)
    for (bool lists : {true, false})
      for (bool diagonal : {false, true})
        for (int scaling = 0; scaling < 5; ++scaling)
          for (Read source : {Read::nothing, Read::list, Read::values, Read::columns}) {
            const bool normalize = scaling == 1 || scaling >= 3, scaled = scaling >= 2;
            if (rule < 0 && (!lists || diagonal)) continue;  // nothing learns: the same sweep again
            if (rule >= 0 && group > 1) continue;            // these lists are one a replica
            all.push_back({rule, lists, diagonal, normalize, scaled, scaling == 4, source});
          }
  return all;
}

inline Outcome select_and_collect(Backend& backend, Index units, Index batches, Index k, real above, std::size_t room) {
  TestRandom random(units);
  std::vector<real> score = random.many(std::size_t{batches} * units, 0.4);
  for (std::size_t i = 0; i < score.size(); i += 3) score[i] = static_cast<real>(random.below(4));
  Array<real> x(backend, score);
  Outcome outcome;
  for (const bool top : {true, false}) {
    Array<Index> index(backend, std::vector<Index>(batches * room, 7)), count(backend, std::vector<Index>(batches, 7));
    Array<real> value(backend, std::vector<real>(batches * room, real(7)));
    const Active list{index.view().data, count.view().data, top ? nullptr : value.view().data, room, units, batches};
    if (top)
      backend.select_top_k(x.batch(units, batches), k, list);
    else
      backend.collect(x.batch(units, batches), above, list);
    for (Index i : index.download()) outcome.sum.push_back(i);
    for (Index i : count.download()) outcome.sum.push_back(i);
    for (real v : value.download()) outcome.drive.push_back(v);
  }
  return outcome;
}

inline Outcome draw(Backend& backend, const Distribution& distribution, Index units, Index batches) {
  Array<std::uint64_t> seeds(backend, batches);
  std::vector<std::uint64_t> values(batches);
  for (Index b = 0; b < batches; ++b) values[b] = 0x123456789abcdefu * (b + 1);
  seeds.upload(values);
  const std::size_t stride = units + 5;  // what lies between the batches stays
  Array<real> out(backend, std::vector<real>(batches * stride, real(7)));
  backend.sample(distribution, seeds.view(), Stream::test, Tick{5} << 32 | 9,
                 {out.view().data, units, batches, stride});
  return {{}, out.download(), {}, {}};
}

}  // namespace engram::testing_kernels
