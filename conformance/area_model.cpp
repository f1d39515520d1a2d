// A recurrent k-winners area made of core operations alone: stimuli in turn, Hebbian learning, scaled normalisation.
#include <algorithm>

#include "conformance/models.hpp"

namespace engram::conformance {

namespace {

constexpr Index units = 200, inputs = 120, winners = 14, active_inputs = 12, replicas = 2, stimuli = 5;
constexpr double density = 0.15;

/// Weights [replica][pre][post] of a random graph: 1 or 0.
std::vector<real> random_graph(Draws& draws, Index n_pre) {
  std::vector<real> weight(std::size_t{replicas} * n_pre * units);
  for (real& w : weight) w = draws.chance(density) ? real(1) : real(0);
  return weight;
}

struct DenseProjection {
  Dense synapses;
  DenseProjection(Backend& backend, Index n_pre, const std::vector<real>& weight)
      : synapses(backend, n_pre, units, replicas) {
    synapses.upload(weight);
  }
  std::vector<real> weight() const { return synapses.download(); }
};

struct OutgoingProjection {
  Outgoing synapses;
  OutgoingProjection(Backend& backend, Index n_pre, const std::vector<real>& weight)
      : synapses(rows(backend, n_pre, weight)) {}
  std::vector<real> weight() const { return synapses.weight(); }

  static Outgoing rows(Backend& backend, Index n_pre, const std::vector<real>& weight) {
    std::vector<std::uint64_t> row_start{0};
    std::vector<Index> target;
    for (std::size_t row = 0; row < std::size_t{replicas} * n_pre; ++row) {
      for (Index i = 0; i < units; ++i)
        if (weight[row * units + i] != real(0)) target.push_back(i);
      row_start.push_back(target.size());
    }
    return Outgoing(backend, n_pre, units, replicas, row_start, target, std::vector<real>(target.size(), real(1)));
  }
};

/// A projection with its running sums and scales.
template <class Storage>
struct Projection : Storage {
  Array<real> scale;
  Array<fixed> sum;
  Projection(Backend& backend, Index n_pre, const std::vector<real>& weight)
      : Storage(backend, n_pre, weight),
        scale(backend, std::size_t{replicas} * units),
        sum(backend, std::size_t{replicas} * units) {
    Sweep first;
    first.normalize_to = real(1);
    first.scaling = {scale.batch(units, replicas), sum.batch(units, replicas), true};
    backend.sweep(this->synapses.view(), first);
  }
  Scaling scaling() const { return {scale.batch(units, replicas), sum.batch(units, replicas), false}; }
};

template <class Storage>
Result run_area(Backend& backend, Tick steps) {
  Draws draws("conformance area");
  Projection<Storage> input(backend, inputs, random_graph(draws, inputs)),
      recurrent(backend, units, random_graph(draws, units));
  std::vector<Array<Index>> stimulus;
  for (Index s = 0; s < stimuli; ++s) {
    std::vector<Index> index;
    while (index.size() < active_inputs)
      if (const Index i = draws.below(inputs); std::find(index.begin(), index.end(), i) == index.end())
        index.push_back(i);
    std::sort(index.begin(), index.end());
    stimulus.emplace_back(backend, index);
  }
  const std::vector<std::uint64_t> seeds{1, 2};
  const Array<std::uint64_t> seeds_there(backend, seeds);
  const std::vector<Index> stimulus_size{active_inputs};
  const Array<Index> stimulus_count(backend, stimulus_size);
  const Array<Index> stimulus_now(backend, active_inputs);
  const Array<real> drive(backend, std::size_t{replicas} * units);
  const Array<Index> now_index(backend, std::size_t{replicas} * winners), now_count(backend, replicas);
  const Array<Index> before_index(backend, std::size_t{replicas} * winners), before_count(backend, replicas);
  const Active fires{stimulus_now.view().data, stimulus_count.view().data, nullptr, 0, inputs, replicas};
  const Active now{now_index.view().data, now_count.view().data, nullptr, winners, units, replicas};
  const Active before{before_index.view().data, before_count.view().data, nullptr, winners, units, replicas};
  const SynapseRule rule = Hebb{};

  for (Tick t = 0; t < steps; ++t) {
    backend.copy(stimulus_now.view().data, stimulus[t / 10 % stimuli].view().data, stimulus_now.bytes());
    backend.begin_step(1, t);
    backend.sample(Normal{0, real(1e-3)}, seeds_there.view(), Stream::test, t, drive.batch(units, replicas));
    const auto add_drive = [&](const Projection<Storage>& p, const Active& source, real gain) {
      Sweep sweep;
      sweep.source = source;
      sweep.gain = gain;
      sweep.drive = drive.batch(units, replicas);
      sweep.scaling = p.scaling();
      backend.sweep(p.synapses.view(), sweep);
    };
    add_drive(input, fires, 1);
    add_drive(recurrent, before, real(0.5));
    backend.select_top_k(drive.batch(units, replicas), winners, now);
    const auto learn = [&](const Projection<Storage>& p, const Active& pre) {
      Sweep sweep;
      sweep.learn = &rule;
      sweep.pre = pre;
      sweep.post = now;
      sweep.normalize_to = real(1);
      sweep.scaling = p.scaling();
      backend.sweep(p.synapses.view(), sweep);
    };
    learn(input, fires);
    learn(recurrent, before);
    backend.copy(before_index.view().data, now_index.view().data, now_index.bytes());
    backend.copy(before_count.view().data, now_count.view().data, now_count.bytes());
    backend.end_step();
  }
  return {{"input", input.weight()}, {"recurrent", recurrent.weight()}, {"winners", now_index.download()}};
}

}  // namespace

Result run_area_on_dense(Backend& backend, Tick steps) { return run_area<DenseProjection>(backend, steps); }
Result run_area_on_outgoing(Backend& backend, Tick steps) { return run_area<OutgoingProjection>(backend, steps); }

}  // namespace engram::conformance
