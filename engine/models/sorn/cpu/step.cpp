// Steps of SORN on the CPU. A step is: excitatory units, inhibitory units; choice of new synapses, rows, drive of the
// inhibitory units. Many networks: each thread takes whole networks through all steps, in its own cache. Few: the
// threads share the units and rows of each network.
#include <array>
#include <atomic>
#include <span>
#include <vector>

#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/parallel.hpp"
#include "engine/models/cpu_extensions.hpp"
#include "engine/models/sorn/cpu/options.hpp"
#include "engine/models/sorn/cpu/rows.hpp"
#include "engine/models/sorn/cpu/scatter.hpp"
#include "kernels/operations/bodies.hpp"
#include "kernels/sorn/rows.hpp"
#include "kernels/sorn/schedule.hpp"

namespace engram::cpu {

using namespace bodies;

namespace {

const SornLoops& loops() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(ENGRAM_NO_CLONES)
  static const SornLoops& best = __builtin_cpu_supports("x86-64-v4")   ? sorn_loops_v4
                                 : __builtin_cpu_supports("x86-64-v3") ? sorn_loops_v3
                                                                       : sorn_loops_base;
  return best;
#else
  return sorn_loops_base;
#endif
}

/// Whole words of excitatory units.
template <bool adapt>
ENGRAM_CLONES void excite_words(const sorn::Rules& rules, Index words, const real* drive, const real* noise,
                                const real* input, Index inputs, real* threshold, const real* target, std::uint32_t* x,
                                std::uint32_t* recurrent) {
  for (Index w = 0; w < words; ++w) {
    std::uint32_t alone;
    const real* u = w * word < inputs ? input + w * word : nullptr;
    const std::uint32_t fires = step_excitatory<word, adapt>(rules, word, drive + w * word, noise + w * word, u,
                                                             threshold + w * word, target + w * word, alone);
    x[w] = next_word(x[w], fires);
    if (recurrent) recurrent[w] = alone;
  }
}

ENGRAM_CLONES void inhibit_words(const sorn::Rules& rules, Index words, const real* drive, const real* noise,
                                 const real* threshold, std::uint32_t* y) {
  for (Index w = 0; w < words; ++w)
    y[w] =
        next_word(y[w], step_inhibitory<word>(rules, word, drive + w * word, noise + w * word, threshold + w * word));
}

/// What threads do of one network's step.
struct Step : SornOptions {
  sorn::NewSynapse* events() const { return all.events(r); }
  bool plastic() const {
    return !run.drives_only && (rules.learn_ee || rules.learn_ei || rules.rewire || rules.normalize);
  }

  void excite(Index begin, Index end) const;
  void inhibit(Index begin, Index end) const;
  Index order_synapses(Index wanted) const;
  void walk_rows(Index begin, Index end, Index events) const;
  void drive_all(Index first_tile, Index last_tile) const;
  void scatter(Index begin, Index end, fixed* sums) const;
};

constexpr Index chunk_words = 64;

void Step::excite(Index begin, Index end) const {
  real noise[chunk_words * word], input[chunk_words * word];
  const real* recorded = run.noise_e ? run.noise_e + record * net.ne : nullptr;
  const real* given = input_current();
  const Index reach = this->reach();
  for (Index w = begin; w < end; w += chunk_words) {
    const Index words = std::min(chunk_words, end - w), first = w * word, n = std::min(words * word, net.ne - first);
    sorn_noise(recorded, rules.noise_e, rules.spikes_e, first, n, net.seed[r], Stream::sorn_noise_e, tick, noise);
    const Index inputs = given && first < reach ? std::min(n, reach - first) : 0;
    std::copy_n(given ? given + first : nullptr, inputs, input);
    std::fill(input + inputs, input + ceil_div(inputs, word) * word, real(0));
    const std::size_t at = std::size_t{r} * net.ne + first;
    std::uint32_t* alone = run.recurrent ? run.recurrent + record * net.words_e() + w : nullptr;
    const Index whole = n / word;
    const auto go = [&]<bool adapt>() {
      excite_words<adapt>(rules, whole, net.drive_e + at, noise, input, inputs, net.te + at, net.target + at, x() + w,
                          alone);
      if (whole < words) {  // the last word of a network may be a part
        const Index o = whole * word;
        std::uint32_t last;
        x()[w + whole] =
            next_word(x()[w + whole], step_excitatory<0, adapt>(rules, static_cast<int>(n - o), net.drive_e + at + o,
                                                                noise + o, inputs > o ? input + o : nullptr,
                                                                net.te + at + o, net.target + at + o, last));
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
    const Index words = std::min(chunk_words, end - w), first = w * word, n = std::min(words * word, net.ni - first),
                whole = n / word;
    sorn_noise(recorded, rules.noise_i, rules.spikes_i, first, n, net.seed[r], Stream::sorn_noise_i, tick, noise);
    for (Index i = 0; run.feed && i < n; ++i) noise[i] += run.feed[record];
    const std::size_t at = std::size_t{r} * net.ni + first;
    inhibit_words(rules, whole, net.drive_i + at, noise, net.ti + at, y() + w);
    if (whole < words) {
      const Index o = whole * word;
      std::uint32_t& last = y()[w + whole];
      last = next_word(
          last, step_inhibitory<0>(rules, static_cast<int>(n - o), net.drive_i + at + o, noise + o, net.ti + at + o));
    }
  }
  if (run.y) std::copy(y() + begin, y() + end, run.y + record * net.words_i() + begin);
}

/// Puts the events found in order of rows, which get them before scaling; one pair is one event. Returns how many.
Index Step::order_synapses(Index wanted) const {
  sorn::NewSynapse *first = events(), *last = first + wanted;
  if (wanted == 0) return 0;
  last = std::remove_if(first, last, [](sorn::NewSynapse e) { return e.pre == sorn::no_synapse; });
  for (sorn::NewSynapse* e = first; e != last; ++e) e->post = net.ee.place_of(r, e->post);
  std::sort(first, last,
            [](sorn::NewSynapse a, sorn::NewSynapse b) { return a.post != b.post ? a.post < b.post : a.pre < b.pre; });
  last = std::unique(first, last,
                     [](sorn::NewSynapse a, sorn::NewSynapse b) { return a.post == b.post && a.pre == b.pre; });
  const auto found = static_cast<Index>(last - first);
  net.counts[r].inserted += found;
  net.counts[r].skipped += wanted - found;
  return found;
}

void Step::walk_rows(Index begin, Index end, Index n_events) const {
  const bool acts = plastic();
  RowJob job{&net,
             r,
             begin,
             end,
             tick,
             x(),
             y(),
             events(),
             n_events,
             acts && rules.learn_ee,
             acts && rules.learn_ei,
             acts && rules.normalize,
             acts,
             0,
             0,
             0};
  loops().walk_rows(job);
  sorn::Counts& counts = net.counts[r];
  std::atomic_ref(counts.ee).fetch_add(job.ee, std::memory_order_relaxed);
  std::atomic_ref(counts.ei).fetch_add(job.ei, std::memory_order_relaxed);
  std::atomic_ref(counts.empty_rows).fetch_add(job.empty, std::memory_order_relaxed);
}

/// Tiles of inhibitory units from the excitatory activity of now, all pairs.
void Step::drive_all(Index first_tile, Index last_tile) const {
  const std::span<const Index> active = list_active(x(), 0, net.words_e());
  loops().sum_active(net.ie_all, r, active.data(), static_cast<Index>(active.size()), first_tile * drive_tile,
                     std::min(net.ni, last_tile * drive_tile), net.drive_i + std::size_t{r} * net.ni);
}

/// The same over a sparse projection: sources in words [begin, end), into a thread's own sums.
void Step::scatter(Index begin, Index end, fixed* sums) const {
  scatter_rows(net.ie_some, r, list_active(x(), begin, end), sums);
}

/// Sums of what reaches inhibitory units: [thread][ni], all zero, where that projection is sparse.
using ThreadSums = std::span<fixed>;

/// The parts of schedule.hpp. each(items, work, f) runs f(begin, end, thread) over all items, by one thread or by
/// several.
template <class Each>
struct Parts {
  const Step& step;
  ThreadSums sums;
  const Each& each;
  const sorn::View& net = step.net;

  void meet_input() const {
    if (step.run.counts) step.all.count(step.r, step.s);
    if (net.drive_u)
      each(net.words_e(), std::size_t{net.ne} * 16, [&](Index begin, Index end, int) { step.sum_input(begin, end); });
  }
  void excite() const {
    if (net.k_winners > 0) return step.excite_winners(each);
    each(net.words_e(), std::size_t{net.ne} * 8, [&](Index begin, Index end, int) { step.excite(begin, end); });
  }
  void learn_input() const {
    if (net.drive_u)
      each(net.words_e(), std::size_t{net.ne} * 32, [&](Index begin, Index end, int) { step.learn_input(begin, end); });
  }
  void drive_inhibitory(bool fast) const {
    if (!step.all.drives(step.r, fast)) return;
    if (net.ie_all.weight)
      return each(ceil_div(net.ni, drive_tile), std::size_t{net.ne} * net.ni / 8,
                  [&](Index begin, Index end, int) { step.drive_all(begin, end); });
    each(net.words_e(), std::size_t{net.ne} * 4, [&](Index begin, Index end, int thread) {
      step.scatter(begin, end, sums.data() + static_cast<std::size_t>(thread) * net.ni);
    });
    each(net.ni, std::size_t{net.ni} * 4, [&](Index begin, Index end, int) {
      gather_sums(sums, net.ni, begin, end, net.drive_i + std::size_t{step.r} * net.ni);
    });
  }
  void inhibit() const {
    each(net.words_i(), std::size_t{net.ni} * 8, [&](Index begin, Index end, int) { step.inhibit(begin, end); });
  }
  void choose_synapses() {
    const Index wanted = step.all.wanted(step.r, step.s);
    each(wanted, std::size_t{wanted} * 1024, [&](Index begin, Index end, int) {
      for (Index e = begin; e < end; ++e) step.events()[e] = step.all.found(step.r, step.s, e, step.all.net.ee);
    });
    events = step.order_synapses(wanted);
  }
  void walk_rows() const {
    step.all.clear_counts(step.r);
    each(ceil_div(net.words_e(), window_slices), std::size_t{net.ne} * 48, [&](Index begin, Index end, int) {
      step.walk_rows(begin * window_slices, std::min(end * window_slices, net.words_e()), events);
    });
  }

  Index events = 0;
};
template <class Each>
Parts(const Step&, ThreadSums, const Each&) -> Parts<Each>;  // clang 14 deduces nothing for aggregates

/// Many networks: each thread takes whole networks through all steps. Few: the threads share each network.
class CpuSteps final : public sorn::Steps {
 public:
  explicit CpuSteps(int threads) : threads_(threads) {}

  void run(const sorn::View& net, const sorn::Run& run) override { take(net, run, !run.drives_only, true); }
  void units(const sorn::View& net, const sorn::Run& run) override { take(net, run, true, false); }
  void rows(const sorn::View& net, const sorn::Run& run) override { take(net, run, false, true); }

 private:
  /// All steps of all networks, or the halves of them that are asked for.
  void take(const sorn::View& net, const sorn::Run& run, bool units, bool rows) {
    const kernels::SornStep all{net, run};
    const auto step = [&](Index r, Index s, ThreadSums sums, const auto& each) {
      kernels::take_sorn_step(Parts{Step{{all, r, s}}, sums, each}, units, rows);
    };
    const std::size_t threads = static_cast<std::size_t>(threads_);
    if (!net.ie_all.weight && sums_.size() < threads * net.ni) sums_.resize(threads * net.ni);
    const auto sums = [&](std::size_t first, std::size_t n) {
      return ThreadSums(sums_).subspan(first * net.ni, net.ie_all.weight ? 0 : n * net.ni);
    };
    if (net.replicas >= threads) {
      parallel_for_each(threads_, net.replicas, std::size_t{net.replicas} * net.ne * 48 * run.steps,
                        [&](std::size_t r, int thread) {
                          const auto alone = [](std::size_t items, std::size_t, auto&& f) {
                            f(Index{0}, static_cast<Index>(items), 0);
                          };
                          const ThreadSums own = sums(static_cast<std::size_t>(thread), 1);
                          for (Index s = 0; s < run.steps; ++s) step(static_cast<Index>(r), s, own, alone);
                        });
    } else {
      const auto shared = [&](std::size_t items, std::size_t work, auto&& f) {
        parallel_for(threads_, items, work, [&](std::size_t begin, std::size_t end, int thread) {
          f(static_cast<Index>(begin), static_cast<Index>(end), thread);
        });
      };
      for (Index s = 0; s < run.steps; ++s)
        for (Index r = 0; r < net.replicas; ++r) step(r, s, sums(0, threads), shared);
    }
  }

  int threads_;
  std::vector<fixed> sums_;  // all zero between calls
};

}  // namespace

std::unique_ptr<Extension> sorn_steps(const CpuBackend& backend) {
  return std::make_unique<CpuSteps>(backend.info().threads);
}

}  // namespace engram::cpu
