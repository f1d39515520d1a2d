// Steps of SORN on the CPU. A step is: excitatory units, inhibitory units, choice of new synapses, rows, drive of the
// inhibitory units. Many networks: each thread takes whole networks through all steps, in its own cache. Few: the
// threads share the units and rows of each network.
#include <array>
#include <atomic>
#include <bit>
#include <vector>

#include "cpu_backend.hpp"
#include "kernels/bodies.hpp"
#include "kernels/sorn_rows.hpp"
#include "kernels/sorn_units.hpp"
#include "noise.hpp"
#include "parallel.hpp"
#include "sorn_rows.hpp"

namespace engram::cpu {

using namespace bodies;

namespace {

const SornLoops& loops() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(ENGRAM_NO_CLONES)
  static const SornLoops& best = __builtin_cpu_supports("x86-64-v4") ? sorn_loops_v4 : __builtin_cpu_supports("x86-64-v3") ? sorn_loops_v3 : sorn_loops_base;
  return best;
#else
  return sorn_loops_base;
#endif
}

constexpr Index word = units_per_word;

/// Whole words of excitatory units.
template <bool adapt>
ENGRAM_CLONES void excite_words(const SornRules& rules, Index words, const real* drive, const real* noise, const real* input, Index inputs,
                                real* threshold, const real* target, std::uint32_t* x, std::uint32_t* recurrent) {
  for (Index w = 0; w < words; ++w) {
    std::uint32_t alone;
    const real* u = w * word < inputs ? input + w * word : nullptr;
    const std::uint32_t fires = step_excitatory<word, adapt>(rules, word, drive + w * word, noise + w * word, u, threshold + w * word,
                                                             target + w * word, alone);
    x[w] = next_word(x[w], fires);
    if (recurrent) recurrent[w] = alone;
  }
}

ENGRAM_CLONES void inhibit_words(const SornRules& rules, Index words, const real* drive, const real* noise, const real* threshold,
                                 std::uint32_t* y) {
  for (Index w = 0; w < words; ++w)
    y[w] = next_word(y[w], step_inhibitory<word>(rules, word, drive + w * word, noise + w * word, threshold + w * word));
}

/// What threads share of one network's step.
struct Step {
  const SornView& net;
  const SornRun& run;
  Index r;              ///< network
  Index s;              ///< step of the run
  const SornRules& rules = net.rules[r];
  Tick tick = run.first + s;
  std::size_t record = std::size_t{s} * net.replicas + r;

  std::uint32_t* x() const { return net.x + std::size_t{r} * net.words_e(); }
  std::uint32_t* y() const { return net.y + std::size_t{r} * net.words_i(); }
  bool plastic() const { return !run.drives_only && (rules.learn_ee || rules.learn_ei || rules.rewire || rules.normalize); }

  void excite(Index begin, Index end) const;
  void inhibit(Index begin, Index end) const;
  Index choose_synapses() const;
  void walk_rows(Index begin, Index end, Index events) const;
  void drive_inhibitory(Index begin, Index end) const;
};

constexpr Index chunk_words = 64;

/// Noise of units [first, first + n): recorded, drawn, or none.
const real* noise_of(const real* recorded, real sd, Index first, Index n, std::uint64_t seed, Stream stream, Tick tick, real* buffer) {
  if (recorded) {
    std::copy_n(recorded + first, n, buffer);
  } else if (sd == real(0)) {
    std::fill_n(buffer, ceil_div(n, word) * word, real(0));
  } else {
    fill_normals(buffer, first / 4, ceil_div<Index>(n, 4), seed, stream, tick, 0, sd);
  }
  return buffer;
}

void Step::excite(Index begin, Index end) const {
  real noise[chunk_words * word], input[chunk_words * word];
  const real* recorded = run.noise_e ? run.noise_e + record * net.ne : nullptr;
  const real* given = run.input ? run.input + s * (run.input_replica_stride ? net.replicas * run.input_replica_stride : net.nu) +
                                      r * run.input_replica_stride
                                : nullptr;
  for (Index w = begin; w < end; w += chunk_words) {
    const Index words = std::min(chunk_words, end - w), first = w * word, n = std::min(words * word, net.ne - first);
    noise_of(recorded, rules.noise_e, first, n, net.seed[r], Stream::sorn_noise_e, tick, noise);
    const Index inputs = given && first < net.nu ? std::min(n, net.nu - first) : 0;
    std::copy_n(given ? given + first : nullptr, inputs, input);
    std::fill(input + inputs, input + ceil_div(inputs, word) * word, real(0));
    const std::size_t at = std::size_t{r} * net.ne + first;
    std::uint32_t* alone = run.recurrent ? run.recurrent + record * net.words_e() + w : nullptr;
    const Index whole = n / word;
    const auto go = [&]<bool adapt>() {
      excite_words<adapt>(rules, whole, net.drive_e + at, noise, input, inputs, net.te + at, net.target + at, x() + w, alone);
      if (whole < words) {  // the last word of a network may be a part
        const Index o = whole * word;
        std::uint32_t last;
        x()[w + whole] = next_word(x()[w + whole], step_excitatory<0, adapt>(rules, static_cast<int>(n - o), net.drive_e + at + o, noise + o,
                                                                             inputs > o ? input + o : nullptr, net.te + at + o,
                                                                             net.target + at + o, last));
        if (alone) alone[whole] = last;
      }
    };
    rules.adapt ? go.template operator()<true>() : go.template operator()<false>();
  }
  if (run.x) std::copy(x() + begin, x() + end, run.x + record * net.words_e() + begin);
}

void Step::inhibit(Index begin, Index end) const {
  real noise[chunk_words * word];
  const real* recorded = run.noise_i ? run.noise_i + record * net.ni : nullptr;
  for (Index w = begin; w < end; w += chunk_words) {
    const Index words = std::min(chunk_words, end - w), first = w * word, n = std::min(words * word, net.ni - first), whole = n / word;
    noise_of(recorded, rules.noise_i, first, n, net.seed[r], Stream::sorn_noise_i, tick, noise);
    const std::size_t at = std::size_t{r} * net.ni + first;
    inhibit_words(rules, whole, net.drive_i + at, noise, net.ti + at, y() + w);
    if (whole < words) {
      const Index o = whole * word;
      std::uint32_t& last = y()[w + whole];
      last = next_word(last, step_inhibitory<0>(rules, static_cast<int>(n - o), net.drive_i + at + o, noise + o, net.ti + at + o));
    }
  }
  if (run.y) std::copy(y() + begin, y() + end, run.y + record * net.words_i() + begin);
}

/// Fills this network's events in order of rows; the rows get them before scaling.
Index Step::choose_synapses() const {
  if (!rules.rewire || run.drives_only) return 0;
  NewSynapse* events = net.events + std::size_t{r} * net.max_events;
  const Stdp* rule = rules.learn_ee ? &rules.stdp : nullptr;
  SornCounts& counts = net.counts[r];
  Index found = 0;
  if (run.synapse) {
    const NewSynapse given = run.synapse[record];
    if (given.pre != no_synapse) {
      if (will_exist(rule, net.ee, r, x(), given.pre, given.post))
        ++counts.skipped;
      else
        events[found++] = given;
    }
  } else {
    const Index wanted = rewire_events(rules.rewire_rate, net.seed[r], tick);
    for (Index e = 0; e < wanted; ++e) {
      const NewSynapse chosen = choose_absent(rule, net.ee, r, x(), Random{net.seed[r], Stream::sorn_rewire, tick, e});
      if (chosen.pre == no_synapse)
        ++counts.skipped;
      else
        events[found++] = chosen;
    }
    if (found > 1) {
      std::sort(events, events + found, [](NewSynapse a, NewSynapse b) { return a.post != b.post ? a.post < b.post : a.pre < b.pre; });
      const auto last = std::unique(events, events + found, [](NewSynapse a, NewSynapse b) { return a.post == b.post && a.pre == b.pre; });
      counts.skipped += static_cast<std::uint64_t>(events + found - last);
      found = static_cast<Index>(last - events);
    }
  }
  counts.inserted += found;
  return found;
}

void Step::walk_rows(Index begin, Index end, Index events) const {
  const bool acts = plastic();
  RowJob job{&net, r, begin, end, tick, x(), y(), net.events + std::size_t{r} * net.max_events, events,
             acts && rules.learn_ee, acts && rules.learn_ei, acts && rules.normalize, acts, 0, 0, 0};
  loops().walk_rows(job);
  SornCounts& counts = net.counts[r];
  std::atomic_ref(counts.ee).fetch_add(job.ee, std::memory_order_relaxed);
  std::atomic_ref(counts.ei).fetch_add(job.ei, std::memory_order_relaxed);
  std::atomic_ref(counts.empty_rows).fetch_add(job.empty, std::memory_order_relaxed);
}

/// Tiles of inhibitory units from the excitatory activity of now.
void Step::drive_inhibitory(Index first_tile, Index last_tile) const {
  const Index begin = first_tile * drive_tile, end = std::min(net.ni, last_tile * drive_tile);
  static thread_local std::vector<Index> active;
  active.clear();
  for (Index w = 0; w < net.words_e(); ++w)
    for (std::uint32_t bits = x()[w] & now_bits; bits; bits &= bits - 1)
      active.push_back(w * word + static_cast<Index>(std::countr_zero(bits)) / 2);
  real* drive = net.drive_i + std::size_t{r} * net.ni;
  const auto count = static_cast<Index>(active.size());
  if (net.ie_all.weight) return loops().sum_active(net.ie_all, r, active.data(), count, begin, end, drive);

  static thread_local std::vector<fixed> sums;
  sums.assign(end - begin, 0);
  const OutgoingView& w = net.ie_some;
  for (const Index j : active) {
    const std::size_t row = w.row(r, j);
    std::uint64_t slot = w.row_start[row], last = w.row_start[row + 1];
    if (begin > 0) slot = lower_slot(w, slot, last, begin);
    if (end < net.ni) last = lower_slot(w, slot, last, end);
    for (; slot < last; ++slot) sums[w.target[slot] - begin] += drive_term(w.weight[slot], real(1));
  }
  for (Index k = begin; k < end; ++k) drive[k] = from_fixed(sums[k - begin]);
}

/// One step of one network; each(items, work, f) runs f(begin, end) over all items, by one thread or by several.
template <class Each>
void take_step(const SornView& net, const SornRun& run, Index r, Index s, Each&& each) {
  const Step step{net, run, r, s};
  const auto inhibitory_drive = [&] {
    const std::size_t work = net.ie_all.weight ? std::size_t{net.ne} * net.ni / 8 : std::size_t{net.ne} * 4;
    each(ceil_div(net.ni, drive_tile), work, [&](Index begin, Index end) { step.drive_inhibitory(begin, end); });
  };
  if (!run.drives_only) {
    if (run.counts) run.counts[step.record] = net.counts[r];
    const auto excite = [&](Index begin, Index end) { step.excite(begin, end); };
    const auto inhibit = [&](Index begin, Index end) { step.inhibit(begin, end); };
    each(net.words_e(), std::size_t{net.ne} * 8, excite);
    if (step.rules.fast_inhibition) inhibitory_drive();
    each(net.words_i(), std::size_t{net.ni} * 8, inhibit);
  }
  const Index events = step.choose_synapses();
  SornCounts& counts = net.counts[r];
  counts.ee = counts.ei = counts.empty_rows = 0;
  each(net.words_e(), std::size_t{net.ne} * 48, [&](Index begin, Index end) { step.walk_rows(begin, end, events); });
  if (run.drives_only || !step.rules.fast_inhibition) inhibitory_drive();
}

}  // namespace

void CpuBackend::run_sorn(const SornView& net, const SornRun& run) {
  const auto alone = [](std::size_t items, std::size_t, auto&& f) { f(Index{0}, static_cast<Index>(items)); };
  const auto shared = [&](std::size_t items, std::size_t work, auto&& f) {
    parallel_for(info_.threads, items, work,
                 [&](std::size_t begin, std::size_t end, int) { f(static_cast<Index>(begin), static_cast<Index>(end)); });
  };
  if (net.replicas >= static_cast<Index>(info_.threads)) {
    parallel_for(info_.threads, net.replicas, std::size_t{net.replicas} * net.ne * 48 * run.steps, [&](std::size_t begin, std::size_t end, int) {
      for (std::size_t r = begin; r < end; ++r)
        for (Index s = 0; s < run.steps; ++s) take_step(net, run, static_cast<Index>(r), s, alone);
    });
  } else {
    for (Index s = 0; s < run.steps; ++s)
      for (Index r = 0; r < net.replicas; ++r) take_step(net, run, r, s, shared);
  }
}

}  // namespace engram::cpu
