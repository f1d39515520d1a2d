// The lazy scheme of the reference: an area knows only the neurons that have fired, and each round samples k candidates
// for the rest from the tail of a truncated normal distribution. An approximation that recruits too many neurons, by up
// to a half (docs/families/calculus.md); here for comparison, and for populations far beyond what memory holds.
#pragma once

#include "engine/models/calculus/brain/fibres.hpp"
#include "engram/calculus/lazy.hpp"

namespace engram::calculus {

/// Random numbers in sequence; the position is all its state.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : seed_(seed) {}
  std::uint32_t word();
  double uniform();  ///< (0, 1)
  double normal();
  std::uint64_t below(std::uint64_t n);
  std::uint64_t position() const { return position_; }
  void set_position(std::uint64_t position) { position_ = position; }

 private:
  std::uint64_t seed_, position_ = 0;
};

/// Calls f(i) for each i of begin .. end-1 with probability p, by gaps.
template <class F>
void bernoulli_each(Draws& draws, const SkipTable& table, Index begin, Index end, F f) {
  if (table.p() == 0) return;
  const Index mask = table.view().escape();
  for (std::uint64_t i = begin; i < end;) {
    if (table.p() < 1) {
      const std::uint32_t x = draws.word();
      const Index skip = skip_of(x, table.narrow()[x & mask], mask);
      i += skip;
      if (skip == mask) continue;
      if (i >= end) return;
    }
    f(static_cast<Index>(i++));
  }
}

Index binomial(Draws& draws, const SkipTable& table, Index n);

/// `count` inputs as the lazy reference draws them, largest first: a normal distribution of mean Kp and variance
/// Kp(1-p) cut off below `alpha`, rounded, at most K.
std::vector<float> sample_candidates(Draws& draws, Index count, const LazyThreshold& threshold, double total_k);

/// From an area to an area. Neurons are numbered in the order in which they first fired.
class LazyFibres final : public Fibres {
 public:
  LazyFibres(double p, Index n_pre, Index n_post, Draws& draws);
  void add_input(const Firing& sources, Span<real> input) override;
  void learn(const Firing& sources, const Firing& targets, const Potentiation&) override;
  Brain::Connection connection(const std::vector<Index>& pre, const std::vector<Index>& post) override;
  void normalise(double) override {
    throw Error("columns of a lazy brain cannot be normalised: most of its synapses do not exist yet");
  }
  std::unique_ptr<Fibres> clone() const override { return std::make_unique<LazyFibres>(*this); }
  std::size_t bytes() const override;
  nlohmann::json state() const override;
  void set_state(const StateReader&) override;
  void look_inside(StateVisitor&, const std::string& name) const override;

  bool fits(Index n_pre, Index n_post) const override { return rows_.size() == n_pre && n_post_ == n_post; }
  const SkipTable* gaps() const override { return &table_; }
  void grow(Index n_pre, Index n_post) override;
  void join(std::span<const Index> pre, Index post) override;
  void draw_inputs(Draws&, Index post, Index begin, Index end, std::span<const Index> except) override;
  void draw_outputs(Draws&, Index pre, Index n_post) override;

 private:
  struct Entry {
    Index post;
    float weight;
  };
  SkipTable table_;
  Index n_post_;
  std::vector<std::vector<Entry>> rows_;
  std::vector<std::uint8_t> marks_;
};

/// From a stimulus: a summed weight for each neuron that exists.
class LazyStimulus final : public Fibres {
 public:
  LazyStimulus(double p, Index size, Index n_post, Draws& draws);
  void add_input(const Firing& sources, Span<real> input) override;
  void learn(const Firing& sources, const Firing& targets, const Potentiation&) override;
  Brain::Connection connection(const std::vector<Index>& pre, const std::vector<Index>& post) override;
  void normalise(double) override {}
  std::unique_ptr<Fibres> clone() const override { return std::make_unique<LazyStimulus>(*this); }
  std::size_t bytes() const override { return weight_.size() * sizeof(float); }
  nlohmann::json state() const override;
  void set_state(const StateReader&) override;
  void look_inside(StateVisitor&, const std::string& name) const override;

  bool fits(Index, Index n_post) const override { return weight_.size() == n_post; }
  const SkipTable* gaps() const override { return &table_; }
  void join(std::span<const Index> pre, Index) override { weight_.push_back(static_cast<float>(pre.size())); }
  void draw_weights(Draws&, Index n_post) override;

 private:
  SkipTable table_;
  Index size_;
  std::vector<float> weight_;
};

}  // namespace engram::calculus
