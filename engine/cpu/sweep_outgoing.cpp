// Sweeps over outgoing rows: a thread owns a range of targets and walks the rows of the active sources inside it, so no
// two threads touch one sum. The sums are integers, so neither ranges nor order change a bit.
#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/lone_pairs.hpp"
#include "engine/cpu/parallel.hpp"
#include "kernels/operations/dispatch.hpp"

namespace engram::cpu {

using namespace bodies;

namespace {

struct Slots {
  std::uint64_t begin, end;
};

/// The part of a row whose targets lie in [first, last).
Slots slots_of(const OutgoingView& w, Index replica, Index pre, Index first, Index last) {
  const std::size_t row = w.row(replica, pre);
  Slots s{w.row_start[row], w.row_start[row + 1]};
  if (first > 0) s.begin = lower_slot(w, s.begin, s.end, first);
  if (last < w.n_post) s.end = lower_slot(w, s.begin, s.end, last);
  return s;
}

ENGRAM_CLONES void scatter(const Index* target, const real* weight, std::uint64_t slots, real x, fixed* sum) {
  // Terms of a block first, for they vectorise; then the scattered additions, which do not.
  constexpr std::uint64_t block = 64;
  fixed term[block];
  std::uint64_t s = 0;
  for (; s + block <= slots; s += block) {
    for (std::uint64_t i = 0; i < block; ++i) term[i] = drive_term(weight[s + i], x);
    for (std::uint64_t i = 0; i < block; ++i) sum[target[s + i]] += term[i];
  }
  for (; s < slots; ++s) sum[target[s]] += drive_term(weight[s], x);
}

/// Calls f(first unit, last unit) for each thread's range of targets.
template <class F>
void for_targets(int threads, Index n_post, std::size_t work, F&& f) {
  parallel_for(threads, n_post, work,
               [&](std::size_t begin, std::size_t end, int) { f(static_cast<Index>(begin), static_cast<Index>(end)); });
}

std::size_t mean_row(const OutgoingView& w) {
  const std::size_t rows = std::size_t{w.n_pre} * w.replicas;
  return rows ? w.row_start[rows] / rows + 1 : 0;
}

/// Sets the bits of a list, runs f(bits), clears them again.
template <class F>
void with_marks(std::vector<std::uint32_t>& marks, Index units, const ListView& list, F&& f) {
  if (marks.size() < ceil_div<std::size_t>(units, 32)) marks.resize(ceil_div<std::size_t>(units, 32));
  for (Index s = 0; s < list.count; ++s) marks[list.unit(s) >> 5] |= 1u << (list.unit(s) & 31);
  f(marks.data());
  for (Index s = 0; s < list.count; ++s) marks[list.unit(s) >> 5] = 0;
}

class OutgoingMachine {
 public:
  OutgoingMachine(const OutgoingView& w, const Sweep& sweep, int threads, std::vector<fixed>& sums,
                  std::vector<std::uint32_t>& marks)
      : w_(w), sweep_(sweep), threads_(threads), row_(mean_row(w)), sums_(sums), marks_(marks) {}

  template <class Rule>
  void learn_from_columns(const ColumnPlasticity<Rule>& p) const {
    for (Index r = 0; r < w_.replicas; ++r)
      for_targets(threads_, w_.n_post, std::size_t{w_.n_pre} * row_ * p.group, [&](Index first, Index last) {
        for (Index j = 0; j < w_.n_pre; ++j) {
          const Slots s = slots_of(w_, r, j, first, last);
          for (std::uint64_t slot = s.begin; slot < s.end; ++slot) {
            const Index i = w_.target[slot];
            if (!p.kept(j, i)) gain(p.scaling, r, i, p.learn_in_place(r, j, i, w_.weight + slot));
          }
        }
      });
  }
  template <class Rule>
  void learn_from_lists(const ListPlasticity<Rule>& p) const {
    for (Index b = 0; b < w_.replicas * p.group; ++b) {
      const ListView pre = list_of(p.pre.list, b), post = list_of(p.post.list, b);
      with_marks(marks_, w_.n_post, post, [&](const std::uint32_t* bits) {
        for_targets(threads_, w_.n_post, pre.count * row_,
                    [&](Index first, Index last) { learn_rows(p, b, pre, post, bits, first, last); });
      });
    }
  }

  void recount(const Scaling& scaling) const {
    for (Index r = 0; r < w_.replicas; ++r)
      for_targets(threads_, w_.n_post, std::size_t{w_.n_pre} * row_,
                  [&](Index first, Index last) { sum_weights(r, first, last, scaling.sum.at(r) + first); });
  }
  void set_scale(const Scaling& scaling, real target) const {
    for (Index r = 0; r < w_.replicas; ++r)
      for_targets(threads_, w_.n_post, std::size_t{w_.n_post} * 4, [&](Index first, Index last) {
        bodies::set_scale(scaling.sum.at(r) + first, last - first, target, scaling.scale.at(r) + first);
      });
  }
  void normalize(real target) const {
    for (Index r = 0; r < w_.replicas; ++r)
      for_targets(threads_, w_.n_post, std::size_t{w_.n_pre} * row_, [&](Index first, Index last) {
        std::vector<fixed> sum(last - first);
        sum_weights(r, first, last, sum.data());
        for (Index j = 0; j < w_.n_pre; ++j) {
          const Slots s = slots_of(w_, r, j, first, last);
          for (std::uint64_t slot = s.begin; slot < s.end; ++slot) {
            const fixed total = sum[w_.target[slot] - first];
            if (total != 0) w_.weight[slot] = w_.weight[slot] / from_fixed(total) * target;
          }
        }
      });
  }

  void drive() const {
    const auto* list = std::get_if<Active>(&sweep_.source);
    if (sums_.size() < w_.n_post) sums_.resize(w_.n_post);
    for (Index b = 0; b < sweep_.drive.batches; ++b) {
      const Index r = b / sweep_.group;
      const ListView source = list ? list_of(*list, b) : list_of(std::get<Columns>(sweep_.source).at[0], b);
      const real* scale = sweep_.scaling.scale ? sweep_.scaling.scale.at(r) : nullptr;
      real* drive = sweep_.drive.at(b);
      for_targets(threads_, w_.n_post, source.count * row_, [&](Index first, Index last) {
        for (Index a = 0; a < source.count; ++a) {
          const real x = source.at(a);
          if (x == real(0)) continue;
          const Slots s = slots_of(w_, r, source.unit(a), first, last);
          scatter(w_.target + s.begin, w_.weight + s.begin, s.end - s.begin, x, sums_.data());
        }
        for (Index i = first; i < last; ++i) {
          drive[i] += scattered_drive(sums_[i], sweep_.gain, scale, i);
          sums_[i] = 0;
        }
      });
    }
  }

 private:
  static void gain(const Scaling& scaling, Index r, Index i, fixed gained) {
    if (scaling.scale) scaling.sum.at(r)[i] += gained;
  }

  /// The synapses of batch b onto marked targets in [first, last). The copy of the rule stays in registers, whatever is
  /// written.
  template <class Rule>
  void learn_rows(const ListPlasticity<Rule> p, Index b, const ListView& pre, const ListView& post,
                  const std::uint32_t* marks, Index first, Index last) const {
    const Index r = b / p.group;
    const LonePairs<Rule> pairs(p, r);
    for (Index a = 0; a < pre.count; ++a) {
      const Index j = pre.unit(a);
      const Slots s = slots_of(w_, r, j, first, last);
      if (p.group == 1 && !post.value) {
        const real x = pre.at(a);
        for (std::uint64_t slot = s.begin; slot < s.end; ++slot)
          if (const Index i = w_.target[slot]; test_bit(marks, i)) pairs.learn(j, i, x, 1, w_.weight + slot);
        continue;
      }
      for (std::uint64_t slot = s.begin; slot < s.end; ++slot) {
        const Index i = w_.target[slot];
        if (!test_bit(marks, i) || p.kept(j, i) || !p.first(r, b, j, i)) continue;
        real* const weight = w_.weight + slot;
        const real o = post.value ? post.at(lower_slot(post, i)) : real(1);
        gain(p.scaling, r, i,
             p.group == 1 ? p.learn_pair(r, i, pre.at(a), o, weight) : p.learn_in_place(r, j, i, weight));
      }
    }
  }

  void sum_weights(Index r, Index first, Index last, fixed* sum) const {
    std::fill_n(sum, last - first, fixed{0});
    for (Index j = 0; j < w_.n_pre; ++j) {
      const Slots s = slots_of(w_, r, j, first, last);
      for (std::uint64_t slot = s.begin; slot < s.end; ++slot)
        sum[w_.target[slot] - first] += to_fixed(static_cast<double>(w_.weight[slot]));
    }
  }

  const OutgoingView& w_;
  const Sweep& sweep_;
  int threads_;
  std::size_t row_;  ///< synapses of a row, on average
  std::vector<fixed>& sums_;
  std::vector<std::uint32_t>& marks_;
};

}  // namespace

void sweep_outgoing(const OutgoingView& w, const Sweep& sweep, int threads, std::vector<fixed>& sums,
                    std::vector<std::uint32_t>& marks) {
  run_sweep(OutgoingMachine(w, sweep, threads, sums, marks), w, sweep);
}

}  // namespace engram::cpu
