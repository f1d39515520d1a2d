// A cycle of Leabra networks as a sequence of operations, which every backend can run.
#include "engram/leabra/cycles.hpp"

#include "engram/backend.hpp"

namespace engram::leabra {

namespace {

/// Net input, inhibition, membrane and averages of all units, from what the last cycle sent them.
void activate(Backend& backend, const View& net) {
  namespace u = unit_value;
  namespace l = layer_value;
  const Batch<real> inputs[] = {net.of_unit(u::net), net.of_unit(u::input), net.of_unit(u::g), net.of_unit(u::given),
                                net.of_unit(u::noise)};
  backend.update(LeabraNet{}, inputs, net.segments, net.shared());
  backend.summarize(net.of_unit(u::net), net.segments, Mean{}, net.of_layer(l::mean_net));
  backend.summarize(net.of_unit(u::act), net.segments, Mean{}, net.of_layer(l::mean_act));
  if (net.ranked) {
    backend.summarize(net.of_unit(u::g), net.segments, KthLargest{net.winners}, net.of_layer(l::g_k));
    backend.summarize(net.of_unit(u::g), net.segments, KthLargest{net.winners_next}, net.of_layer(l::g_next));
    backend.summarize(net.of_unit(u::g), net.segments, MeanOfLargest{net.winners}, net.of_layer(l::g_top));
    backend.summarize(net.of_unit(u::g), net.segments, Sum{}, net.of_layer(l::g_sum));
  }
  const Batch<real> layers[] = {net.of_layer(l::gc_i),     net.of_layer(l::fbi),  net.of_layer(l::mean_net),
                                net.of_layer(l::mean_act), net.of_layer(l::g_k),  net.of_layer(l::g_next),
                                net.of_layer(l::g_top),    net.of_layer(l::g_sum)};
  backend.update(LeabraInhibition{}, layers, net.each_layer, net.shared());
  backend.gather(net.of_layer(l::gc_i), {net.layer_of, net.units}, net.of_unit(u::of_layer));
  const Batch<real> units[] = {net.of_unit(u::act_nd),  net.of_unit(u::act),   net.of_unit(u::i_net),
                               net.of_unit(u::i_net_r), net.of_unit(u::v_m),   net.of_unit(u::v_m_eq),
                               net.of_unit(u::adapt),   net.of_unit(u::spike), net.of_unit(u::avg_ss),
                               net.of_unit(u::avg_s),   net.of_unit(u::avg_m), net.of_unit(u::net),
                               net.of_unit(u::of_layer)};
  backend.update(LeabraUnit{net.table}, units, net.segments, net.shared());
}

/// What a projection sends: scaled by how active its senders are at the moment.
void send(Backend& backend, const View& net, const ProjectionView& p) {
  namespace u = unit_value;
  const Batch<real> mean = net.of_layer(layer_value::mean_act), columns[] = {p.scale, p.connections};
  LeabraScale scale;
  scale.senders = static_cast<real>(p.weights.n_pre);
  backend.update(scale, columns, {}, Batch<const real>{mean.data + p.pre, 1, net.batches, mean.stride});
  Sweep walk;
  walk.source = Columns{{net.of_unit(u::act, p.pre_first, p.weights.n_pre)}};
  walk.drive = net.of_unit(u::input, p.post_first, p.weights.n_post);
  walk.gain = p.gain;
  walk.scaling.scale = p.scale;
  backend.sweep(p.weights, walk);
}

}  // namespace

void run_cycles(Backend& backend, const View& net, const std::vector<ProjectionView>& projections, const Run& run) {
  for (Tick c = 0; c < run.cycles; ++c) {
    backend.begin_step(reinterpret_cast<std::uintptr_t>(net.unit), run.first + c);
    activate(backend, net);
    backend.summarize(net.of_unit(unit_value::act), net.segments, Mean{}, net.of_layer(layer_value::mean_act));
    for (const ProjectionView& p : projections) send(backend, net, p);
    backend.end_step();
  }
}

}  // namespace engram::leabra
