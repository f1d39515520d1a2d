// The operations that a NEF network is made of, over vectors and matrices of a schedule. A matrix lies column after
// column: that of a connection holds what one presynaptic neuron sends to all targets side by side, since few of these
// neurons are active at once and silent ones are passed over.
//
// Every sum has one order: over the columns of a product in chunks of 64 in ascending order, each from 0, then the
// chunks one after the other; columns whose factor is 0 are left out, and so are chunks without any other.
#pragma once

#include <memory>
#include <span>
#include <variant>

#include "engram/core/array.hpp"
#include "engram/core/streams.hpp"
#include "engram/extension.hpp"
#include "engram/nef/named.hpp"
#include "engram/nef/neurons.hpp"

namespace engram::nef {

/// A part of an array on the device: value (i, j) of replica r.
struct View {
  real* data = nullptr;
  Index rows = 1, cols = 1;
  std::ptrdiff_t row_step = 1, col_step = 0;
  std::size_t replica_step = 0;

  ENGRAM_HD explicit operator bool() const { return data != nullptr; }
  ENGRAM_HD View of(Index replica) const {
    View one = *this;
    one.data += replica * replica_step;
    return one;
  }
  ENGRAM_HD real& operator()(Index i) const { return data[i * row_step]; }
  ENGRAM_HD real& operator()(Index i, Index j) const { return data[i * row_step + j * col_step]; }
  ENGRAM_HD real* column(Index j) const { return data + j * col_step; }
  bool contiguous() const { return row_step == 1; }
  friend bool operator==(const View&, const View&) = default;
};

/// step = tick + 1, time = step * dt.
struct Clock {
  std::int64_t* step = nullptr;
  std::size_t step_stride = 0;
  View time;
  double dt = 0.001;
  friend bool operator==(const Clock&, const Clock&) = default;
};
struct Fill {
  View to;
  real value = 0;
  friend bool operator==(const Fill&, const Fill&) = default;
};
/// to = from, or to += from.
struct Copy {
  View to, from;
  bool add = false;
  friend bool operator==(const Copy&, const Copy&) = default;
};
/// to += a * x element by element; what has a single row or column serves all.
struct Scale {
  View to, a, x;
  bool add = true;
  friend bool operator==(const Scale&, const Scale&) = default;
};
/// to += a x.
struct Product {
  View to, a, x;
  bool add = true;
  friend bool operator==(const Product&, const Product&) = default;
};
/// The same of a matrix whose rows change little and an x that stays for many steps: `sum` keeps a x, of which only the
/// rows are summed anew where `touched` is not 0, unless x is not what it was.
struct HeldProduct {
  View to, a, x;
  View seen;     ///< x of the last step; then whether there was one, and whether x had changed since
  View sum;      ///< [rows]
  View touched;  ///< [rows], null: no row changes
  friend bool operator==(const HeldProduct&, const HeldProduct&) = default;
};
/// to[target[i]] += or = the sum of weight[at[k]] * x[source[k]] for start[i] <= k < start[i + 1]: sparse matrices,
/// lists of indices (without weights), convolutions. Left to right.
struct Gather {
  View to, weight, x;
  const std::int64_t *target = nullptr, *start = nullptr, *source = nullptr,
                     *at = nullptr;  ///< target, at: may be null
  Index count = 0;
  bool add = true;
  friend bool operator==(const Gather&, const Gather&) = default;
};
/// What a table shows: column floor((step - 1) / hold) mod columns, or the last one whose `start` is at most the step,
/// zero before the first.
struct Table {
  View to, values;
  const std::int64_t* start = nullptr;
  std::int64_t hold = 1;
  friend bool operator==(const Table&, const Table&) = default;
};
struct Map {
  View to, x;
  Function function = Function::square;
  friend bool operator==(const Map&, const Map&) = default;
};
struct Neurons {
  NeuronType type;
  View current, out, state[max_neuron_states];
  real dt = 0;
  const std::int64_t* seed = nullptr;  ///< of types that draw
  std::size_t seed_stride = 0;
  friend bool operator==(const Neurons&, const Neurons&) = default;
};
/// A filter of one state: y = decay y + gain u.
struct Smooth {
  View y, u;
  real decay = 0, gain = 1;
  friend bool operator==(const Smooth&, const Smooth&) = default;
};
/// Any other one: `coefficients` are A by rows, B, C, D; the state has a row a channel and a column a state.
struct Filter {
  View y, u, state, coefficients;
  int order = 0;
  bool direct = false;  ///< D is not 0: the output is that of the state before this step
  friend bool operator==(const Filter&, const Filter&) = default;
};
struct Falling {
  View y, u, ring;  ///< a row a channel, a column a tap
  real first = 1, last = 1;
  friend bool operator==(const Falling&, const Falling&) = default;
};
/// to += or = offset + scale * a draw of (seed, tick, unit).
struct Draw {
  View to;
  const std::int64_t* seed = nullptr;
  std::size_t seed_stride = 0;
  Noise noise = Noise::normal;
  real offset = 0, scale = 1;
  bool add = false;
  friend bool operator==(const Draw&, const Draw&) = default;
};

/// What a learning rule adds to one value of a matrix, with factor f = rate * gate * scale:
///   outer         f u_i v_j             PES, RLS; changes of RLS's own matrix
///   bcm           f b_i (b_i - theta_i) a_j
///   oja           f (b_i a_j - beta b_i b_i w)
///   voja          f b_i (s_i x_j - w)
enum class Learning { outer, bcm, oja, voja };
inline constexpr int max_learning_terms = 4;
struct Term {
  Learning rule = Learning::outer;
  View u, v;         ///< by row and by column
  View other;        ///< by row: theta, s
  View gate, scale;  ///< one value each, or null
  real rate = 0, beta = 0;
  friend bool operator==(const Term&, const Term&) = default;
};
/// All terms are made of the same matrix; they are added in order.
struct Learn {
  View matrix;
  Term terms[max_learning_terms];
  int count = 0;
  friend bool operator==(const Learn&, const Learn&) = default;
};
/// What a term would add, written down.
struct Change {
  View to, matrix;
  Term term;
  friend bool operator==(const Change&, const Change&) = default;
};
/// gain = 1 / (1 + a . q)
struct RlsGain {
  View gain, a, q;
  friend bool operator==(const RlsGain&, const RlsGain&) = default;
};
/// Row tick mod rows of `kept` becomes x, where step mod period < 1.
struct Record {
  View x;
  real* kept = nullptr;  ///< [row][replica][value]
  Index rows = 1, replicas = 1;
  double period = 1;
  friend bool operator==(const Record&, const Record&) = default;
};

using Operation = std::variant<Clock, Fill, Copy, Scale, Product, HeldProduct, Gather, Table, Map, Neurons, Smooth,
                               Filter, Falling, Draw, Learn, Change, RlsGain, Record>;

class Tensors : public Extension {
 public:
  static constexpr ExtensionId id = "nef.tensors/1";
  /// Takes all replicas through ticks first, first + 1, ..., each through all operations in order.
  virtual void run(std::span<const Operation> operations, Index replicas, Tick first, Tick steps) = 0;
};

/// Runs one operation of `inner` after the other and reports what each wrote.
std::unique_ptr<Tensors> traced_tensors(Tensors& inner, Tracer&);

}  // namespace engram::nef
