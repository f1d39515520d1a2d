#include "engine/models/sorn/cpu/options.hpp"

#include <vector>

#include "engine/cpu/cpu_backend.hpp"
#include "engine/cpu/of_thread.hpp"
#include "kernels/operations/bodies.hpp"
#include "kernels/sorn/inputs.hpp"

namespace engram::cpu {

namespace {

ENGRAM_CLONES void sum_slice(const IncomingView& rows, const Slice& slice, const real* input, real* drive) {
  bodies::sum_input<slice_lanes>(rows, slice, 0, input, drive);
}
ENGRAM_CLONES void learn_slice(const sorn::Rules& rules, const IncomingView& rows, const Slice& slice,
                               const real* input, std::uint32_t post) {
  bodies::learn_input<slice_lanes>(rules, rows, slice, 0, input, post);
}

}  // namespace

void SornOptions::sum_input(Index begin, Index end) const {
  for (Index w = begin; w < end && run.input; ++w) {
    real sum[word];
    sum_slice(net.eu, net.eu.at(r, w), all.given(r, s), sum);
    std::copy_n(sum, std::min(word, net.ne - w * word), net.drive_u + std::size_t{r} * net.ne + w * word);
  }
}

void SornOptions::learn_input(Index begin, Index end) const {
  if (!rules.learn_input && !rules.normalize) return;
  for (Index w = begin; w < end; ++w) learn_slice(rules, net.eu, net.eu.at(r, w), all.given(r, s), x()[w]);
}

void SornOptions::score(Index begin, Index end, bool with_input) const {
  const real* recorded = run.noise_e ? run.noise_e + record * net.ne : nullptr;
  for (Index w = begin; w < end; ++w) {
    const Index first = w * word, n = std::min(word, net.ne - first);
    const std::size_t at = std::size_t{r} * net.ne + first;
    real noise[word];
    sorn_noise(recorded, rules.noise_e, rules.spikes_e, first, n, net.seed[r], Stream::sorn_noise_e, tick, noise);
    for (Index i = 0; i < n; ++i)
      net.score[at + i] = bodies::score_unit(net.drive_e[at + i], noise[i],
                                             with_input ? all.input_of(r, s, first + i) : nullptr, net.te[at + i]);
  }
}

void SornOptions::choose(std::uint32_t* words) const {
  auto& scratch = of_thread<TopKScratch, struct ChosenScratch>();
  auto& winners = of_thread<std::vector<Index>, struct ChosenUnits>();
  winners.resize(net.k_winners);
  top_k(net.score + std::size_t{r} * net.ne, net.ne, net.k_winners, winners.data(), scratch);
  for (const Index i : winners) words[i / word] |= 1u << (i % word * 2);
}

void SornOptions::adapt(Index begin, Index end) const {
  for (Index w = begin; w < end; ++w) {
    const std::size_t at = std::size_t{r} * net.ne + w * word;
    for (Index i = 0; rules.adapt && i < std::min(word, net.ne - w * word); ++i)
      net.te[at + i] = rules.ip(net.te[at + i], (x()[w] >> (2 * i)) & 1u ? real(1) : real(0), net.target[at + i]);
  }
  if (run.x) std::copy(x() + begin, x() + end, run.x + record * net.words_e() + begin);
}

}  // namespace engram::cpu
