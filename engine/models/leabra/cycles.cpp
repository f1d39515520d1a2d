// The steps of a cycle as operations, which every backend can run.
#include "engram/leabra/cycles.hpp"

#include "engram/backend.hpp"

namespace engram::leabra {

namespace {

namespace u = unit_value;
namespace l = layer_value;

class OperationSteps {
 public:
  OperationSteps(Backend& backend, const View& net, const std::vector<ProjectionView>& projections, Tick first)
      : backend_(backend), net_(net), projections_(projections), first_(first) {}

  void start() {}
  void begin(Tick c) { backend_.begin_step(reinterpret_cast<std::uintptr_t>(net_.unit), first_ + c); }
  void end() { backend_.end_step(); }

  void take_in() {
    const Batch<real> inputs[] = {net_.of_unit(u::net),   net_.of_unit(u::input), net_.of_unit(u::g),
                                  net_.of_unit(u::given), net_.of_unit(u::noise), net_.of_unit(u::bias)};
    backend_.update(LeabraNet{}, inputs, net_.segments, net_.shared());
  }
  /// Both means in every cycle, since a step that is recorded is always the same.
  void average_net() {
    summarize(u::net, Mean{}, Mean{}, l::mean_net);
    average_activation();
  }
  void average_activation() { summarize(u::act, Mean{}, Mean{}, l::mean_act); }
  void rank() {
    if (!net_.ranked && !net_.pools_ranked) return;
    const Index *const k = net_.winners, *const next = net_.winners_next, pools = net_.layers;
    summarize(u::g, KthLargest{k}, KthLargest{k + pools}, l::g_k);
    summarize(u::g, KthLargest{next}, KthLargest{next + pools}, l::g_next);
    summarize(u::g, MeanOfLargest{k}, MeanOfLargest{k + pools}, l::g_top);
    summarize(u::g, Sum{}, Sum{}, l::g_sum);
  }
  void inhibit() {
    inhibit([this](int value) { return net_.of_layer(value); }, net_.each_layer, net_.shared());
    if (net_.pools > 0) {
      inhibit([this](int value) { return net_.of_pool(value); }, net_.each_pool, net_.shared_of_pools());
      backend_.gather(net_.of_group(l::gc_i), {net_.pair_of, 2 * net_.pools}, net_.pool_pairs);
      backend_.summarize(net_.pool_pairs, net_.each_pair, Max{}, net_.of_pool(l::gc_i));
    }
    backend_.gather(net_.of_group(l::gc_i), {net_.group_of, net_.units}, net_.of_unit(u::of_layer));
  }
  void activate() {
    const Batch<real> units[] = {net_.of_unit(u::act_nd),  net_.of_unit(u::act),   net_.of_unit(u::i_net),
                                 net_.of_unit(u::i_net_r), net_.of_unit(u::v_m),   net_.of_unit(u::v_m_eq),
                                 net_.of_unit(u::adapt),   net_.of_unit(u::spike), net_.of_unit(u::avg_ss),
                                 net_.of_unit(u::avg_s),   net_.of_unit(u::avg_m), net_.of_unit(u::net),
                                 net_.of_unit(u::of_layer)};
    backend_.update(LeabraUnit{net_.table}, units, net_.segments, net_.shared());
  }
  void send() {
    for (const ProjectionView& p : projections_) send(p);
  }

 private:
  void summarize(int value, const Summary& summary, const Summary& of_pools, int to) {
    backend_.summarize(net_.of_unit(value), net_.segments, summary, net_.of_layer(to));
    if (net_.pools > 0) backend_.summarize(net_.of_unit(value), net_.pool_segments, of_pools, net_.of_pool(to));
  }
  template <class Values>
  void inhibit(const Values& of, const Segments& each, Batch<const real> shared) {
    const Batch<real> groups[] = {of(l::gc_i), of(l::fbi),    of(l::mean_net), of(l::mean_act),
                                  of(l::g_k),  of(l::g_next), of(l::g_top),    of(l::g_sum)};
    backend_.update(LeabraInhibition{}, groups, each, shared);
  }
  /// What a projection sends: scaled by how active its senders are at the moment.
  void send(const ProjectionView& p) {
    const Batch<real> mean = net_.of_layer(p.activity), columns[] = {p.scale, p.connections};
    backend_.update(p.scaling(), columns, {}, Batch<const real>{mean.data + p.pre, 1, net_.batches, mean.stride});
    const Batch<real> source = net_.of_unit(u::act, p.pre_first, p.weights.n_pre),
                      drive = net_.of_unit(u::input, p.post_first, p.weights.n_post);
    for (Index copy = 0; copy < p.copies; ++copy) {  // a sweep scales all states of a replica alike; copies differ
      const auto own = [&](Batch<real> all) {
        return Batch<real>{all.at(copy), all.units, net_.batches / p.copies, all.stride * p.copies};
      };
      Sweep walk;
      walk.source = Columns{{own(source)}};
      walk.drive = own(drive);
      walk.gain = p.gain;
      walk.scaling.scale = own(p.scale);
      backend_.sweep(p.synapses(), walk);
    }
  }

  Backend& backend_;
  const View& net_;
  const std::vector<ProjectionView>& projections_;
  Tick first_;
};

}  // namespace

void run_cycles(Backend& backend, const View& net, const std::vector<ProjectionView>& projections, const Run& run) {
  OperationSteps steps(backend, net, projections, run.first);
  in_order(steps, run.cycles);
}

}  // namespace engram::leabra
