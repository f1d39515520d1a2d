// One element of each operation of NEF networks, as the kernels and the loops of the CPU take it: element i of replica
// r, at a tick where it depends on that. Operations that are sums over many columns stand in product.hpp,
// those that learn in learn.hpp.
#pragma once

#include "engram/core/random.hpp"
#include "engram/nef/tensors.hpp"

namespace engram::nef::bodies {

/// What is below this counts as 0 in a filter, so that silent neurons become silent and no number is subnormal.
inline constexpr real least_filtered = static_cast<real>(1e-30);

/// Takes element i of replica r, of bodies of either kind.
template <class Body>
ENGRAM_HD void take(const Body& body, Index i, std::size_t replica, Tick tick) {
  if constexpr (std::is_invocable_v<const Body&, Index, std::size_t, Tick>)
    body(i, replica, tick);
  else
    body(i, replica);
}

struct AdvanceClock {
  Clock op;
  ENGRAM_HD void operator()(Index, std::size_t replica, Tick tick) const {
    const auto step = static_cast<std::int64_t>(tick + 1);
    if (op.step) op.step[replica * op.step_stride] = step;
    if (op.time) op.time.of(static_cast<Index>(replica))(0) = static_cast<real>(static_cast<double>(step) * op.dt);
  }
};

/// Calls f(row, column) for element i of a matrix, column after column.
template <class F>
ENGRAM_HD void at_element(const View& view, Index i, F&& f) {
  f(i % view.rows, i / view.rows);
}

struct FillElement {
  Fill op;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const View to = op.to.of(static_cast<Index>(replica));
    at_element(to, i, [&](Index row, Index col) { to(row, col) = op.value; });
  }
};

struct CopyElement {
  Copy op;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const View to = op.to.of(static_cast<Index>(replica)), from = op.from.of(static_cast<Index>(replica));
    at_element(to, i,
               [&](Index row, Index col) { to(row, col) = op.add ? to(row, col) + from(row, col) : from(row, col); });
  }
};

ENGRAM_HD real spread(const View& view, Index row, Index col) {
  return view(view.rows == 1 ? 0 : row, view.cols == 1 ? 0 : col);
}

struct ScaleElement {
  Scale op;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const View to = op.to.of(r), a = op.a.of(r), x = op.x.of(r);
    at_element(to, i, [&](Index row, Index col) {
      const real product = spread(a, row, col) * spread(x, row, col);
      to(row, col) = op.add ? to(row, col) + product : product;
    });
  }
};

struct GatherElement {
  Gather op;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const View to = op.to.of(r), x = op.x.of(r), weight = op.weight ? op.weight.of(r) : View{};
    real sum = 0;
    for (std::int64_t k = op.start[i]; k < op.start[i + 1]; ++k) {
      const real value = x(static_cast<Index>(op.source[k]));
      sum += op.weight ? weight(static_cast<Index>(op.at ? op.at[k] : k)) * value : value;
    }
    real& target = to(op.target ? static_cast<Index>(op.target[i]) : i);
    target = op.add ? target + sum : sum;
  }
};

struct TableElement {
  Table op;
  /// The column that is shown, or that of no one.
  ENGRAM_HD Index column(Tick tick) const {
    if (!op.start) return static_cast<Index>(static_cast<std::int64_t>(tick) / op.hold % op.values.cols);
    const auto step = static_cast<std::int64_t>(tick + 1);
    Index first = 0, end = op.values.cols;
    while (first < end) {
      const Index middle = first + (end - first) / 2;
      if (op.start[middle] <= step)
        first = middle + 1;
      else
        end = middle;
    }
    return first - 1;
  }
  ENGRAM_HD void show(Index i, std::size_t replica, Index at) const {
    const auto r = static_cast<Index>(replica);
    op.to.of(r)(i) = at < op.values.cols ? op.values.of(r)(i, at) : real(0);
  }
  ENGRAM_HD void operator()(Index i, std::size_t replica, Tick tick) const { show(i, replica, column(tick)); }
};

struct MapElement {
  Map op;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const View to = op.to.of(r), x = op.x.of(r);
    real value = 0;
    switch (op.function) {
      case Function::square:
        value = x(i) * x(i);
        break;
      case Function::absolute:
        value = x(i) < real(0) ? -x(i) : x(i);
        break;
      case Function::sine:
      case Function::cosine: {
        const real turns = x(i) * static_cast<real>(0.15915494309189535);
        real sine, cosine;
        math::sincos_turns(turns - rates::floor(turns), sine, cosine);
        value = op.function == Function::sine ? sine : cosine;
        break;
      }
      case Function::product:
        value = 1;
        for (Index k = 0; k < x.rows; ++k) value *= x(k);
        break;
      case Function::sum:
        for (Index k = 0; k < x.rows; ++k) value += x(k);
        break;
      case Function::norm:
        for (Index k = 0; k < x.rows; ++k) value += x(k) * x(k);
        value = math::square_root(value);
        break;
    }
    to(i) = value;
  }
};

template <class Type>
struct StepNeuron {
  Type type;
  Neurons op;
  ENGRAM_HD void operator()(Index i, std::size_t replica, Tick tick) const {
    const auto r = static_cast<Index>(replica);
    real state[max_neuron_states] = {};
    for (int s = 0; s < Type::n_state; ++s) state[s] = op.state[s].of(r)(i);
    const real current = op.current.of(r)(i);
    real& out = op.out.of(r)(i);
    if constexpr (TakesDraws<Type>) {
      const auto seed = static_cast<std::uint64_t>(op.seed[replica * op.seed_stride]);
      std::uint32_t drawn = 0;
      out = type.spikes(current, op.dt, [&] { return Random{seed, Stream::nef_spike, tick, i}.uniform(drawn++); });
    } else {
      out = type(current, op.dt, state);
    }
    for (int s = 0; s < Type::n_state; ++s) op.state[s].of(r)(i) = state[s];
  }
};

ENGRAM_HD real smoothed(real y, real u, real decay, real gain) {
  const real next = decay * y + gain * u;
  return next < least_filtered && next > -least_filtered ? real(0) : next;
}

struct SmoothElement {
  Smooth op;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    real& y = op.y.of(r)(i);
    y = smoothed(y, op.u.of(r)(i), op.decay, op.gain);
  }
};

inline constexpr Index max_states = 8;

/// Loops have a length that the compiler knows, so that a kernel keeps the states in registers.
struct FilterElement {
  Filter op;
  ENGRAM_HD void operator()(Index i, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const View y = op.y.of(r), x = op.state.of(r), k = op.coefficients;
    const real u = op.u.of(r)(i);
    const auto n = static_cast<Index>(op.order);
    const Index b = n * n, c = b + n, d = c + n;
    real state[max_states] = {}, before = k(d) * u, after = before;
#pragma GCC unroll 8
    for (Index j = 0; j < max_states; ++j)
      if (j < n) {
        state[j] = x(i, j);
        before += k(c + j) * state[j];
      }
#pragma GCC unroll 8
    for (Index j = 0; j < max_states; ++j)
      if (j < n) {
        real next = k(b + j) * u;
#pragma GCC unroll 8
        for (Index l = 0; l < max_states; ++l)
          if (l < n) next += k(j * n + l) * state[l];
        x(i, j) = next;
        after += k(c + j) * next;
      }
    y(i) = op.direct ? before : after;
  }
};

struct FallingElement {
  Falling op;
  ENGRAM_HD void operator()(Index i, std::size_t replica, Tick tick) const {
    const auto r = static_cast<Index>(replica);
    const View y = op.y.of(r), ring = op.ring.of(r);
    const real u = op.u.of(r)(i);
    real leaving = 0;
    for (Index tap = 0; tap < ring.cols; ++tap) leaving += ring(i, tap);
    y(i) += op.first * u - leaving;
    ring(i, static_cast<Index>(tick % ring.cols)) = op.last * u;
  }
};

/// Four neighbouring units share a call of the generator.
struct DrawFour {
  Draw op;
  ENGRAM_HD void operator()(Index block, std::size_t replica, Tick tick) const {
    const auto r = static_cast<Index>(replica);
    const View to = op.to.of(r);
    const auto seed = static_cast<std::uint64_t>(op.seed[replica * op.seed_stride]);
    real four[4];
    if (op.noise == Noise::normal) {
      normal_block(seed, Stream::nef_process, tick, block, four);
    } else {
      const Words x = Random{seed, Stream::nef_process, tick, block}.words(0);
      for (int k = 0; k < 4; ++k) four[k] = uniform_of(x.w[k]);
    }
    for (Index k = 0; k < 4 && block * 4 + k < to.rows; ++k) {
      real& target = to(block * 4 + k);
      const real value = op.offset + op.scale * four[k];
      target = op.add ? target + value : value;
    }
  }
};

/// Row-major, as people read matrices.
struct RecordElement {
  Record op;
  ENGRAM_HD bool due(Tick tick) const { return ::fmod(static_cast<double>(tick + 1), op.period) < 1; }
  ENGRAM_HD void operator()(Index i, std::size_t replica, Tick tick) const {
    if (due(tick)) keep(i, replica, tick);
  }
  ENGRAM_HD void keep(Index i, std::size_t replica, Tick tick) const {
    const View x = op.x.of(static_cast<Index>(replica));
    const std::size_t values = std::size_t{x.rows} * x.cols;
    real* row = op.kept + ((tick % op.rows) * op.replicas + replica) * values;
    row[i] = x(i / x.cols, i % x.cols);
  }
};

}  // namespace engram::nef::bodies
