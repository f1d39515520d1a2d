// Sweeps over outgoing rows: a thread owns a range of targets and walks the rows of the active sources inside it, so no
// two threads touch one sum. The sums are integers, so neither ranges nor order change a bit.
#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/parallel.hpp"
#include "kernels/operations/bodies.hpp"

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

template <class Rule>
void learn_rows(const Rule& rule, const OutgoingView& w, const Sweep& sweep, Index r, const ListView& pre,
                const std::uint32_t* marks, Index first, Index last) {
  real* scale = sweep.scaling.scale ? sweep.scaling.scale.at(r) : nullptr;
  fixed* sum = sweep.scaling.sum ? sweep.scaling.sum.at(r) : nullptr;
  const real* shared = sweep.shared ? sweep.shared.at(r) : nullptr;
  const real o = 1;
  for (Index a = 0; a < pre.count; ++a) {
    const Index j = pre.unit(a);
    const real x = pre.at(a);
    const Slots s = slots_of(w, r, j, first, last);
    for (std::uint64_t slot = s.begin; slot < s.end; ++slot) {
      const Index i = w.target[slot];
      if (!test_bit(marks, i) || (sweep.keep_diagonal && i == j)) continue;
      if (scale)
        sum[i] += learn_scaled(rule, w.weight[slot], x, o, shared, scale[i]);
      else
        rule(w.weight + slot, &x, &o, shared);
    }
  }
}

/// Sets the bits of a list, runs f(bits), clears them again.
template <class F>
void with_marks(std::vector<std::uint32_t>& marks, Index units, const ListView& list, F&& f) {
  if (marks.size() < ceil_div<std::size_t>(units, 32)) marks.resize(ceil_div<std::size_t>(units, 32));
  for (Index s = 0; s < list.count; ++s) marks[list.unit(s) >> 5] |= 1u << (list.unit(s) & 31);
  f(marks.data());
  for (Index s = 0; s < list.count; ++s) marks[list.unit(s) >> 5] = 0;
}

}  // namespace

void sweep_outgoing(const OutgoingView& w, const Sweep& sweep, int threads, std::vector<fixed>& sums,
                    std::vector<std::uint32_t>& marks) {
  const std::size_t row = mean_row(w);

  if (sweep.learn) {
    const auto* pre = std::get_if<Active>(&sweep.pre);
    const auto* post = std::get_if<Active>(&sweep.post);
    if (!pre || !post || post->value) refuse_columns();
    std::visit(
        [&](const auto& rule) {
          using Rule = std::decay_t<decltype(rule)>;
          if constexpr (Rule::creates_synapses || !Rule::identity_when_silent || Rule::n_values != 1) {
            refuse_outgoing(Rule::name);
          } else {
            for (Index r = 0; r < w.replicas; ++r) {
              const ListView pre_list = list_of(*pre, r);
              with_marks(marks, w.n_post, list_of(*post, r), [&](const std::uint32_t* bits) {
                for_targets(threads, w.n_post, pre_list.count * row, [&](Index first, Index last) {
                  learn_rows(rule, w, sweep, r, pre_list, bits, first, last);
                });
              });
            }
          }
        },
        *sweep.learn);
  }

  if (sweep.normalize_to) {
    const real target = *sweep.normalize_to;
    for (Index r = 0; r < w.replicas; ++r) {
      for_targets(threads, w.n_post, std::size_t{w.n_pre} * row, [&](Index first, Index last) {
        const bool scaled = static_cast<bool>(sweep.scaling.scale);
        std::vector<fixed> fresh(scaled ? 0 : last - first);
        fixed* sum = scaled ? sweep.scaling.sum.at(r) + first : fresh.data();
        if (!scaled || sweep.scaling.recount) {
          std::fill_n(sum, last - first, fixed{0});
          for (Index j = 0; j < w.n_pre; ++j) {
            const Slots s = slots_of(w, r, j, first, last);
            for (std::uint64_t slot = s.begin; slot < s.end; ++slot)
              sum[w.target[slot] - first] += to_fixed(static_cast<double>(w.weight[slot]));
          }
        }
        if (scaled) return set_scale(sum, last - first, target, sweep.scaling.scale.at(r) + first);
        for (Index j = 0; j < w.n_pre; ++j) {
          const Slots s = slots_of(w, r, j, first, last);
          for (std::uint64_t slot = s.begin; slot < s.end; ++slot) {
            const fixed total = sum[w.target[slot] - first];
            if (total != 0) w.weight[slot] = w.weight[slot] / from_fixed(total) * target;
          }
        }
      });
    }
  }

  if (sweep.drive) {
    const auto* list = std::get_if<Active>(&sweep.source);
    const auto* columns = std::get_if<Columns>(&sweep.source);
    if (sums.size() < w.n_post) sums.resize(w.n_post);
    for (Index b = 0; b < sweep.drive.batches; ++b) {
      const Index r = b / sweep.group;
      const ListView source = list ? list_of(*list, b) : list_of(columns->at[0], b);
      const real* scale = sweep.scaling.scale ? sweep.scaling.scale.at(r) : nullptr;
      real* drive = sweep.drive.at(b);
      for_targets(threads, w.n_post, source.count * row, [&](Index first, Index last) {
        for (Index a = 0; a < source.count; ++a) {
          const real x = source.at(a);
          if (x == real(0)) continue;
          const Slots s = slots_of(w, r, source.unit(a), first, last);
          scatter(w.target + s.begin, w.weight + s.begin, s.end - s.begin, x, sums.data());
        }
        for (Index i = first; i < last; ++i) {
          drive[i] += scattered_drive(sums[i], sweep.gain, scale, i);
          sums[i] = 0;
        }
      });
    }
  }
}

}  // namespace engram::cpu
