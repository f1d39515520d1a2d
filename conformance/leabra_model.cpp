// Leabra networks: all kinds of inhibition, sparse, masked, recurrent and feedback projections, trials that learn.
#include "conformance/models.hpp"
#include "engram/leabra/net.hpp"

namespace engram::conformance {

namespace {

using namespace leabra;

Result outcome(const Net& net) {
  Result result;
  for (const std::string& layer : net.layers())
    for (const char* attribute :
         {"unit_act", "unit_v_m_eq", "unit_avg_l", "unit_bias", "gc_i", "cos_diff_avg", "act_p_avg"})
      result.push_back({layer + " " + attribute, net.values(layer, attribute)});
  for (const std::string& projection : net.projections()) {
    result.push_back({projection + " weights", net.weights(projection)});
    result.push_back({projection + " linear", net.linear_weights(projection)});
  }
  return result;
}

/// Trials of a number of cycles each; `steps` counts cycles.
void run_trials(Net& net, Tick steps, const std::vector<std::string>& inputs, const std::string& target) {
  Draws draws("leabra");
  const auto pattern = [&](const std::string& layer) {
    std::vector<double> all(std::size_t{net.size(layer)} * net.states());
    for (double& a : all) a = draws.chance(0.3) ? static_cast<double>(draws.uniform()) : 0;
    return all;
  };
  for (Tick done = 0; done < steps; done += 20) {
    for (const std::string& layer : inputs) net.clamp_each(layer, pattern(layer));
    net.minus_phase_cycle(13);
    net.clamp_each(target, pattern(target));
    net.plus_phase_cycle(7);
    for (const std::string& layer : inputs) net.unclamp_layer(layer);
    net.unclamp_layer(target);
    net.learn();
  }
}

}  // namespace

/// Three replicas with all that a layer or projection may be.
Result run_leabra(Backend& backend, Tick steps) {
  const std::uint64_t seeds[] = {1, 2, 3};
  Net net(backend, seeds);
  LayerSpec fffb, kwta, kwta_avg = LayerSpec::of(Mode::standard), none, hidden = LayerSpec::of(Mode::standard);
  kwta.inhibition_type = Inhibition::kwta;
  kwta.kwta_pct = 0.25;
  kwta_avg.inhibition_type = Inhibition::kwta_avg;
  kwta_avg.kwta_pct = 0.4;
  none.inhibition_type = Inhibition::none;
  fffb.scale_by_act = ActScale::fixed;
  hidden.scale_by_act = ActScale::running;
  hidden.act_p_avg_dt = 0.2;
  hidden.bias = none.bias = true;
  hidden.bias_threshold = 0.01;
  hidden.unit_spec.nxx1_gain = 100;
  hidden.unit_spec.nxx1_noise = 0.005;
  net.new_layer("input", 70, fffb);
  net.new_layer("hidden", 90, hidden);
  net.new_layer("second", 33, kwta_avg);
  net.new_layer("output", 20, kwta);
  net.new_layer("free", 5, none);
  ProjectionSpec up, sparse, self, down, sharp;
  up.dist = UniformWeights{0.25, 0.75};
  sparse.dist = GaussianWeights{0.5, 0.02};
  sparse.sparsity = 0.4;
  sparse.sem_extra = 5;
  sparse.s_mix_of = Mixing::units;
  self.projn_type = Pattern::one_to_one;
  down.dist = UniformWeights{0.25, 0.5};
  down.wt_scale_rel = 0.3;
  down.cos_diff_thr_l_mix = true;
  down.post_mask = {true, true, false};
  sharp.sig_gain = 4;
  sharp.dist = UniformWeights{0.3, 0.7};
  sharp.cos_diff_lrate = sharp.cos_diff_lrate_acts = sharp.bounded_contrast = true;
  net.new_projection("input_hidden", "input", "hidden", up);
  net.new_projection("hidden_second", "hidden", "second", sparse);
  net.new_projection("second_output", "second", "output", up);
  net.new_projection("output_second", "output", "second", down);
  net.new_projection("second_hidden", "second", "hidden", down);
  net.new_projection("hidden_hidden", "hidden", "hidden", self);
  net.new_projection("output_free", "output", "free", sharp);
  run_trials(net, steps, {"input"}, "output");
  return outcome(net);
}

/// Projections that are stored as rows, of all kinds of learning, in two networks of two states each.
Result run_leabra_sparse(Backend& backend, Tick steps) {
  const std::uint64_t seeds[] = {6, 7};
  Net net(backend, seeds, 2);
  net.new_layer("input", 70);
  net.new_layer("hidden", 90, LayerSpec::of(Mode::standard));
  net.new_layer("output", 20, LayerSpec::of(Mode::standard));
  ProjectionSpec up = ProjectionSpec::of(Mode::standard);
  up.dist = UniformWeights{0.25, 0.75};
  up.sparsity = 0.3;
  up.storage = leabra::Storage::sparse;
  ProjectionSpec balanced = up, contrast = up, self = up;
  balanced.learning = Learning::momentum;
  balanced.balance_weights = true;
  balanced.balance_every = 2;
  contrast.learning = Learning::contrast;
  contrast.post_mask = {true, true, false};
  self.projn_type = Pattern::one_to_one;
  self.sparsity = 1;
  self.wt_scale_rel = 0.5;
  net.new_projection("input_hidden", "input", "hidden", up);
  net.new_projection("hidden_output", "hidden", "output", balanced);
  net.new_projection("output_hidden", "output", "hidden", contrast);
  net.new_projection("hidden_hidden", "hidden", "hidden", self);
  run_trials(net, steps, {"input"}, "output");
  return outcome(net);
}

/// A network of the size of the classifier of iris flowers, two replicas.
Result run_leabra_small(Backend& backend, Tick steps) {
  const std::uint64_t seeds[] = {4, 5};
  Net net(backend, seeds);
  LayerSpec layer;
  layer.gi = 1.5;
  layer.unit_spec.adapt_dt = layer.unit_spec.vm_gain = layer.unit_spec.spike_gain = 0;
  net.new_layer("input", 40, layer);
  net.new_layer("hidden", 23, layer);
  net.new_layer("output", 3, layer);
  ProjectionSpec up, down;
  up.dist = UniformWeights{0.25, 0.75};
  down.dist = UniformWeights{0.25, 0.5};
  down.wt_scale_rel = 0.3;
  net.new_projection("up", "input", "hidden", up);
  net.new_projection("out", "hidden", "output", up);
  net.new_projection("down", "output", "hidden", down);
  run_trials(net, steps, {"input"}, "output");
  return outcome(net);
}

}  // namespace engram::conformance
