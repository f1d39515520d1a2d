// Sweeps over incoming rows as kernels: a thread a row, and neighbouring threads neighbouring rows of one slice, whose
// slots are one line.
#pragma once

#include "kernels/operations/incoming_rows.hpp"
#include "kernels/operations/sweep_parts.hpp"

namespace engram::kernels {

/// x is a row by its place, slice * 16 + lane; y the batch.
struct DriveIncoming {
  IncomingView w;
  Source source;
  Index group;
  real gain;
  Batch<real> scale, drive;

  ENGRAM_HD void operator()(Index place, std::size_t batch) const {
    const auto b = static_cast<Index>(batch), r = b / group;
    incoming_drive<1>(w, r, place / slice_lanes, place % slice_lanes, source.at(b), gain, scale ? scale.at(r) : nullptr,
                      drive.at(b));
  }
};

template <class Rule>
struct LearnIncoming {
  ColumnPlasticity<Rule> plasticity;
  IncomingView w;

  ENGRAM_HD void operator()(Index place, std::size_t replica) const {
    incoming_learn(plasticity, w, static_cast<Index>(replica), place / slice_lanes, place % slice_lanes);
  }
};

/// x is a place in the list of postsynaptic units, y the batch.
template <class Rule>
struct LearnIncomingLists {
  ListPlasticity<Rule> plasticity;
  IncomingView w;

  ENGRAM_HD void operator()(Index slot, std::size_t batch) const {
    const auto b = static_cast<Index>(batch);
    const ListView to = list_of(plasticity.post.list, b);
    if (slot >= to.count) return;
    const fixed gained = incoming_learn(plasticity, w, b, slot);
    const Scaling& scaling = plasticity.scaling;
    if (scaling.scale) atomic_add(scaling.sum.at(b / plasticity.group) + to.unit(slot), gained);
  }
};

struct SumIncoming {
  IncomingView w;
  Batch<fixed> sum;

  ENGRAM_HD void operator()(Index place, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const Index slice = place / slice_lanes, lane = place % slice_lanes, i = unit_of(w, r, slice, lane);
    if (i < w.n_post) sum.at(r)[i] = incoming_sum(w, r, slice, lane);
  }
};

struct NormalizeIncoming {
  IncomingView w;
  real target;

  ENGRAM_HD void operator()(Index place, std::size_t replica) const {
    incoming_normalize<1>(w, static_cast<Index>(replica), place / slice_lanes, place % slice_lanes, target);
  }
};

struct AverageIncoming {
  IncomingView w;
  MeanOfStrong strong;

  ENGRAM_HD void operator()(Index place, std::size_t replica) const {
    const auto r = static_cast<Index>(replica);
    const Index slice = place / slice_lanes, lane = place % slice_lanes, i = unit_of(w, r, slice, lane);
    if (i < w.n_post) strong.mean.at(r)[i] = incoming_strong(w, r, slice, lane, strong.least);
  }
};

template <class Launcher>
class IncomingMachine {
 public:
  IncomingMachine(Launcher& launch, const IncomingView& w, const Sweep& sweep)
      : launch_(launch), w_(w), sweep_(sweep), places_(w.slices() * slice_lanes) {}

  template <class Rule>
  void learn_from_columns(const ColumnPlasticity<Rule>& p) {
    launch_.items("sweep: learn", places_, w_.replicas, LearnIncoming<Rule>{p, w_});
  }
  template <class Rule>
  void learn_from_lists(const ListPlasticity<Rule>& p) {
    launch_.items("sweep: learn", capacity_of(p.post.list), std::size_t{w_.replicas} * p.group,
                  LearnIncomingLists<Rule>{p, w_});
  }
  void recount(const Scaling& scaling) {
    launch_.items("sweep: recount", places_, w_.replicas, SumIncoming{w_, scaling.sum});
  }
  void set_scale(const Scaling& scaling, real target) {
    launch_.items("sweep: normalize", w_.n_post, w_.replicas, SetScale{scaling, target});
  }
  void normalize(real target) {
    launch_.items("sweep: normalize", places_, w_.replicas, NormalizeIncoming{w_, target});
  }
  void average_strong(const MeanOfStrong& strong) {
    launch_.items("sweep: strong", places_, w_.replicas, AverageIncoming{w_, strong});
  }
  void drive() {
    launch_.items(
        "sweep: drive", places_, sweep_.drive.batches,
        DriveIncoming{w_, source_of(sweep_.source), sweep_.group, sweep_.gain, sweep_.scaling.scale, sweep_.drive});
  }

 private:
  Launcher& launch_;
  const IncomingView& w_;
  const Sweep& sweep_;
  Index places_;
};

template <class Launcher>
void sweep_incoming(Launcher& launch, const IncomingView& w, const Sweep& sweep) {
  run_sweep(IncomingMachine<Launcher>(launch, w, sweep), w, sweep);
}

}  // namespace engram::kernels
