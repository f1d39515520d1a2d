// Leabra networks: an epoch of the small classifier, cycles and learning of large ones.
#include <cmath>
#include <memory>
#include <tuple>

#include "bench/cases.hpp"
#include "engram/leabra/net.hpp"

namespace engram::bench {

namespace {

using namespace leabra;

LayerSpec without_adaptation() {
  LayerSpec spec;
  spec.gi = 1.5;
  spec.unit_spec.adapt_dt = spec.unit_spec.vm_gain = spec.unit_spec.spike_gain = 0;
  return spec;
}

/// So many of `units` are active, in groups that differ with `pattern`.
std::vector<double> some_active(Index units, Index active, Index pattern) {
  std::vector<double> all(units);
  for (Index k = 0; k < active; ++k) all[(k * 7 + pattern * 13) % units] = 1;
  return all;
}

std::string finite(const Net& net) {
  for (const std::string& layer : net.layers())
    for (const real x : net.values(layer, "unit_v_m_eq"))
      if (!std::isfinite(x)) return "a potential of layer " + layer + " is not finite";
  for (const std::string& projection : net.projections())
    for (const real w : net.linear_weights(projection))
      if (!(w >= real(0) && w <= real(1))) return "a weight of " + projection + " left 0 to 1";
  return "";
}

/// The classifier of iris flowers: 40, 23 and 3 units, 120 trials of 50 and 25 cycles.
Runnable iris_epoch(Backend& backend, Index replicas) {
  const auto net = std::make_shared<Net>(backend, seeds_of(replicas));
  for (const auto& [name, size] :
       std::initializer_list<std::pair<const char*, Index>>{{"input", 40}, {"hidden", 23}, {"output", 3}})
    net->new_layer(name, size, without_adaptation());
  ProjectionSpec up, down;
  up.dist = UniformWeights{0.25, 0.75};
  down.dist = UniformWeights{0.25, 0.5};
  down.wt_scale_rel = 0.3;
  net->new_projection("input_to_hidden", "input", "hidden", up);
  net->new_projection("hidden_to_output", "hidden", "output", up);
  net->new_projection("output_to_hidden", "output", "hidden", down);
  Runnable r;
  constexpr double cycles = 9000;
  const double weights = 40 * 23 + 2 * 23 * 3;
  r.bytes_per_step = cycles * weights * replicas * sizeof(real);
  r.synapses_per_step = cycles * weights * replicas;
  r.step = [net] {
    for (Index k = 0; k < 120; ++k) {
      std::vector<double> input(40), output(3);
      for (Index feature = 0; feature < 4; ++feature) input[10 * feature + (k * (feature + 3) + k / 7) % 10] = 1;
      output[k % 3] = 1;
      net->clamp_layer("input", input);
      net->minus_phase_cycle(50);
      net->clamp_layer("output", output);
      net->plus_phase_cycle(25);
      net->unclamp_layer("input");
      net->unclamp_layer("output");
      net->learn();
    }
  };
  r.check = [net] { return finite(*net); };
  return r;
}

/// The hippocampus of examples/leabra/hippocampus.json: which projections it has, and how they learn.
void connect_hippocampus(Net& net) {
  const auto connect = [&](const std::string& pre, const std::string& post, double sparsity, double scale,
                           const auto& set) {
    ProjectionSpec spec = ProjectionSpec::of(Mode::standard);
    spec.dist = UniformWeights{0.25, 0.75};
    spec.sparsity = sparsity;
    spec.wt_scale_rel = scale;
    set(spec);
    net.new_projection(pre + "_" + post, pre, post, spec);
  };
  const auto fixed = [](ProjectionSpec& spec) { spec.learning = leabra::Learning::none; };
  const auto hebbian = [](ProjectionSpec& spec) {
    spec.lrate = 0.5;
    spec.thr_l_mix = 1;
  };
  const auto contrast = [](const char* minus) {
    return [minus](ProjectionSpec& spec) {
      spec.learning = leabra::Learning::contrast;
      spec.lrate = 0.3;
      spec.minus_phase = minus;
    };
  };
  for (const char* half : {"cue", "item"}) {
    connect(half, "dg", 0.25, 1, fixed);
    connect(half, "ca3", 0.5, 1, hebbian);
    connect(half, "ca1", 0.5, 1, contrast("minus"));
  }
  connect("dg", "ca3", 0.1, 4, fixed);
  connect("ca3", "ca3", 1, 1, hebbian);
  connect("ca3", "ca1", 1, 2, contrast("recall"));
  connect("ca1", "ec_out", 1, 1, contrast("minus"));
  connect("ec_out", "ca1", 1, 0.5, contrast("minus"));
}

/// Ten pairs, each in three theta phases: CA1 driven by the entorhinal cortex, by CA3, and with the answer.
Runnable hippocampus_epoch(Backend& backend, Index replicas) {
  const auto net = std::make_shared<Net>(backend, seeds_of(replicas));
  for (const auto& [name, size, share] :
       std::initializer_list<std::tuple<const char*, Index, double>>{{"cue", 36, 0},
                                                                     {"item", 36, 0},
                                                                     {"dg", 200, 0.03},
                                                                     {"ca3", 120, 0.08},
                                                                     {"ca1", 120, 0.1},
                                                                     {"ec_out", 36, 0.167}}) {
    LayerSpec spec = LayerSpec::of(Mode::standard);
    spec.unit_spec.adapt_dt = spec.unit_spec.vm_gain = spec.unit_spec.spike_gain = 0;
    spec.inhibition_type = share > 0 ? Inhibition::kwta_avg : Inhibition::fffb;
    spec.kwta_pct = share;
    net->new_layer(name, size, spec);
  }
  connect_hippocampus(*net);
  Runnable r;
  const double weights = 2 * 36 * (200 + 2 * 120) + 200 * 120 + 2 * 120 * 120 + 2 * 120 * 36;
  r.bytes_per_step = 10 * 125 * weights * replicas * sizeof(real);
  r.synapses_per_step = 10 * 125 * weights * replicas;
  r.step = [net] {
    const auto phase = [&](const char* name, std::uint64_t cycles, std::initializer_list<const char*> off) {
      for (const char* projection : off) net->switch_projection(projection, false);
      net->phase_cycle(name, cycles);
      for (const char* projection : off) net->switch_projection(projection, true);
    };
    for (Index k = 0; k < 10; ++k) {
      net->clamp_layer("cue", some_active(36, 6, k));
      net->clamp_layer("item", some_active(36, 6, k + 3));
      phase("minus", 50, {"ca3_ca1"});
      phase("recall", 50, {"cue_ca1", "item_ca1"});
      net->clamp_layer("ec_out", some_active(36, 6, k + 3));
      phase("plus", 25, {"ca3_ca1"});
      for (const char* layer : {"cue", "item", "ec_out"}) net->unclamp_layer(layer);
      net->learn();
    }
  };
  r.check = [net] { return finite(*net); };
  return r;
}

/// Five layers of n units, four projections up and three down, a sixth of the input clamped: the shape of the field's
/// own benchmark.
std::shared_ptr<Net> five_layers(Backend& backend, Index n) {
  const auto net = std::make_shared<Net>(backend);
  for (int l = 0; l < 5; ++l) net->new_layer("layer" + std::to_string(l), n, LayerSpec::of(Mode::standard));
  ProjectionSpec up = ProjectionSpec::of(Mode::standard), down = up;
  up.dist = UniformWeights{0.25, 0.75};
  down.dist = UniformWeights{0.25, 0.5};
  down.wt_scale_rel = 0.3;
  const auto connect = [&](int from, int to, const ProjectionSpec& spec) {
    net->new_projection(std::to_string(from) + "to" + std::to_string(to), "layer" + std::to_string(from),
                        "layer" + std::to_string(to), spec);
  };
  for (int l = 0; l < 4; ++l) connect(l, l + 1, up);
  for (int l = 4; l > 1; --l) connect(l, l - 1, down);
  net->clamp_layer("layer0", some_active(n, n / 6, 0));
  net->minus_phase_cycle(50);
  net->plus_phase_cycle(25);
  return net;
}

Runnable large_cycle(Backend& backend, Index n) {
  const auto net = five_layers(backend, n);
  Runnable r;
  const double weights = 7.0 * n * n;
  r.bytes_per_step = weights * sizeof(real);
  r.synapses_per_step = weights;
  r.steps_per_call = 25;
  r.step = [net] { net->cycle(25); };
  r.check = [net] { return finite(*net); };
  return r;
}

Runnable large_learn(Backend& backend, Index n) {
  const auto net = five_layers(backend, n);
  Runnable r;
  const double weights = 7.0 * n * n;
  r.bytes_per_step = 4 * weights * sizeof(real);
  r.synapses_per_step = weights;
  r.rewritten = static_cast<std::size_t>(2 * weights) * sizeof(real);
  r.step = [net] { net->learn(); };
  r.check = [net] { return finite(*net); };
  return r;
}

/// A trial of two layers of a thousand units that send to each other: 50 and 25 cycles, and what they teach.
Runnable bidirectional_trial(Backend& backend) {
  constexpr Index n = 1000;
  const auto net = std::make_shared<Net>(backend);
  for (const char* layer : {"low", "high"}) net->new_layer(layer, n, LayerSpec::of(Mode::standard));
  ProjectionSpec up = ProjectionSpec::of(Mode::standard), down = up;
  up.dist = UniformWeights{0.25, 0.75};
  down.dist = UniformWeights{0.25, 0.5};
  down.wt_scale_rel = 0.3;
  net->new_projection("up", "low", "high", up);
  net->new_projection("down", "high", "low", down);
  Runnable r;
  r.bytes_per_step = (75 + 4) * 2.0 * n * n * sizeof(real);
  r.synapses_per_step = 75 * 2.0 * n * n;
  r.step = [net] {
    net->clamp_layer("low", some_active(n, n / 6, 0));
    net->minus_phase_cycle(50);
    net->clamp_layer("high", some_active(n, n / 6, 1));
    net->plus_phase_cycle(25);
    net->unclamp_layer("low");
    net->unclamp_layer("high");
    net->learn();
  };
  r.check = [net] { return finite(*net); };
  return r;
}

}  // namespace

std::vector<Case> leabra_cases() {
  std::vector<Case> list;
  list.push_back(
      {"leabra.iris_epoch", "one epoch of the iris classifier: 9,000 cycles of 66 units, 120 updates", 1, iris_epoch});
  list.push_back({"leabra.replicas/R=64", "the same of 64 replicas", 64, iris_epoch});
  list.push_back({"leabra.hippocampus_epoch", "ten pairs in three theta phases each: 1,250 cycles of 548 units", 1,
                  hippocampus_epoch});
  list.push_back({"leabra.trial/layers=2,n=1000",
                  "one trial of two layers that send to each other: 75 cycles, one update", 1,
                  [](Backend& backend, Index) { return bidirectional_trial(backend); }});
  for (const Index n : {Index{512}, Index{1024}, Index{2048}}) {
    const std::string size = "/layers=5,n=" + std::to_string(n);
    list.push_back({"leabra.cycle" + size,
                    "one cycle, a sixth of the input active, in the plus phase's stationary state", 1,
                    [n](Backend& backend, Index) { return large_cycle(backend, n); }});
    list.push_back({"leabra.learn" + size, "one update of all weights", 1,
                    [n](Backend& backend, Index) { return large_learn(backend, n); }});
  }
  return list;
}

}  // namespace engram::bench
