// What a SORN network may do beside the rules of the package, in phases as step.cpp has them: spikes as noise,
// input that inhibits, plastic input synapses, k winners in place of thresholds. A network without them calls none of
// this.
#pragma once

#include <algorithm>

#include "engine/cpu/noise.hpp"
#include "kernels/sorn/step.hpp"

namespace engram::cpu {

inline constexpr Index word = sorn::units_per_word;

/// Noise of units [first, first + n), `first` being that of a word: recorded, drawn, or none. `out` has room for whole
/// words.
inline void sorn_noise(const real* recorded, real sd, double spikes, Index first, Index n, std::uint64_t seed,
                       Stream stream, Tick tick, real* out) {
  const Index blocks = ceil_div<Index>(n, 4);
  if (recorded) {
    std::copy_n(recorded + first, n, out);
    return;
  }
  if (sd == real(0))
    std::fill_n(out, ceil_div(n, word) * word, real(0));
  else
    fill_normals(out, first / 4, blocks, seed, stream, tick, 0, sd);
  for (Index b = 0; spikes > 0 && b < blocks; ++b)
    bodies::add_spikes(spikes, seed, stream, tick, first / 4 + b, out + 4 * b);
}

/// One network in one step. Ranges are of words.
struct SornOptions {
  const kernels::SornStep& all;
  Index r, s;
  const sorn::View& net = all.net;
  const sorn::Run& run = all.run;
  const sorn::Rules& rules = net.rules[r];
  Tick tick = all.tick(s);
  std::size_t record = all.record(r, s);

  std::uint32_t* x() const { return all.x(r); }
  std::uint32_t* y() const { return all.y(r); }
  /// What of the input reaches the first reach() units; null where there is none.
  const real* input_current() const {
    return net.drive_u && run.input ? net.drive_u + std::size_t{r} * net.ne : all.given(r, s);
  }
  Index reach() const { return net.drive_u ? net.ne : net.nu; }

  void sum_input(Index begin, Index end) const;
  void learn_input(Index begin, Index end) const;
  /// Excitatory units where k of them fire; `each` as step.cpp has it.
  template <class Each>
  void excite_winners(Each&& each) const;

 private:
  void score(Index begin, Index end, bool with_input) const;
  /// Adds the k winners of all scores to `words`, in even bits.
  void choose(std::uint32_t* words) const;
  /// Thresholds, once x says who fires.
  void adapt(Index begin, Index end) const;
};

template <class Each>
void SornOptions::excite_winners(Each&& each) const {
  const Index words = net.words_e();
  const auto score_all = [&](bool with_input) {
    each(words, std::size_t{net.ne} * 8, [&](Index begin, Index end, int) { score(begin, end, with_input); });
  };
  if (run.recurrent) {
    score_all(false);
    std::uint32_t* recurrent_only = run.recurrent + record * words;
    std::fill_n(recurrent_only, words, 0u);
    choose(recurrent_only);
  }
  score_all(true);
  for (Index w = 0; w < words; ++w) x()[w] = bodies::next_word(x()[w], 0);
  choose(x());
  each(words, std::size_t{net.ne} * 2, [&](Index begin, Index end, int) { adapt(begin, end); });
}

}  // namespace engram::cpu
