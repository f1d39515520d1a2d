// The core operations of an assembly without a model around them: k stimulus and k recurrent sources, Hebbian learning,
// scaled normalisation, winners. Says what the operations cost; the cases assembly.* say what the model adds.
#include "cases.hpp"
#include "engram/synapses.hpp"

namespace engram::bench {

namespace {

constexpr double density = 0.05;

struct Area {
  std::unique_ptr<Dense> dense[2];
  std::unique_ptr<Outgoing> outgoing[2];
  Array<real> scale[2], drive;
  Array<fixed> sum[2];
  Array<Index> stimulus, winners[2], k_there, count;
  SynapseRule rule = Hebb{};
  Synapses view(int p) const { return dense[p] ? Synapses{dense[p]->view()} : Synapses{outgoing[p]->view()}; }
};

void connect(Backend& backend, Area& area, int p, Index n, bool sparse) {
  std::vector<std::uint64_t> row_start{0};
  std::vector<Index> target;
  std::vector<real> weight;
  if (!sparse) weight.resize(std::size_t{n} * n);
  for (Index j = 0; j < n; ++j) {
    // Gaps between synapses are geometric: one draw a synapse.
    const double none = static_cast<double>(math::log(static_cast<real>(1 - density)));
    std::uint32_t draw = 0;
    for (double i = -1;;) {
      const real u = real(1) - Random{1, Stream::connect, static_cast<Tick>(p), j}.uniform(draw++);
      i += 1 + std::floor(static_cast<double>(math::log(u)) / none);
      if (i >= n) break;
      if (sparse)
        target.push_back(static_cast<Index>(i));
      else
        weight[std::size_t{j} * n + static_cast<std::size_t>(i)] = 1;
    }
    row_start.push_back(target.size());
  }
  if (sparse) {
    area.outgoing[p] = std::make_unique<Outgoing>(backend, n, n, 1, row_start, target, std::vector<real>(target.size(), real(1)));
  } else {
    area.dense[p] = std::make_unique<Dense>(backend, n, n);
    area.dense[p]->upload(weight);
  }
}

Case train(Index n, Index k, bool sparse) {
  Case c;
  c.name = "area.train/n=" + std::to_string(n) + ",k=" + std::to_string(k) + ",p=0.05,storage=" + (sparse ? "outgoing" : "dense");
  c.question = "one training step of core operations, after the winners have settled";
  c.build = [=](Backend& backend, Index) {
    auto a = std::make_shared<Area>();
    a->drive = Array<real>(backend, n);
    std::vector<Index> stimulus(k);
    for (Index i = 0; i < k; ++i) stimulus[i] = i * (n / k);
    a->stimulus = Array<Index>(backend, stimulus);
    a->winners[0] = Array<Index>(backend, k);
    a->winners[1] = Array<Index>(backend, k);
    a->k_there = Array<Index>(backend, std::vector<Index>{k});
    a->count = Array<Index>(backend, 1);
    for (int p = 0; p < 2; ++p) {
      connect(backend, *a, p, n, sparse);
      a->scale[p] = Array<real>(backend, n);
      a->sum[p] = Array<fixed>(backend, n);
      Sweep first;
      first.normalize_to = real(1);
      first.scaling = {a->scale[p].batch(n), a->sum[p].batch(n), true};
      backend.sweep(a->view(p), first);
    }
    const auto list = [=](const Array<Index>& index, const Array<Index>& count) {
      return Active{index.view().data, count.view().data, nullptr, k, n, 1};
    };
    Runnable r;
    r.synapses_per_step = 2.0 * k * n * density;
    // Drive: each active row; learning: k of its synapses; sums, scales and the drive once each.
    r.bytes_per_step = 2.0 * k * n * (sparse ? density * static_cast<double>(2 * sizeof(Index) + sizeof(real)) : static_cast<double>(sizeof(real)));
    r.bytes_per_step += static_cast<double>(n * (2 * sizeof(fixed) + 7 * sizeof(real)));
    r.step = [=, &backend] {
      const Active sources[] = {list(a->stimulus, a->k_there), list(a->winners[0], a->count)};
      const Active now = list(a->winners[1], a->k_there);
      backend.zero(a->drive.view().data, a->drive.bytes());
      for (int p = 0; p < 2; ++p) {
        Sweep sweep;
        sweep.source = sources[p];
        sweep.drive = a->drive.batch(n);
        sweep.scaling = {a->scale[p].batch(n), a->sum[p].batch(n), false};
        backend.sweep(a->view(p), sweep);
      }
      backend.select_top_k(a->drive.batch(n), k, now);
      for (int p = 0; p < 2; ++p) {
        Sweep sweep;
        sweep.learn = &a->rule;
        sweep.pre = sources[p];
        sweep.post = now;
        sweep.normalize_to = real(1);
        sweep.scaling = {a->scale[p].batch(n), a->sum[p].batch(n), false};
        backend.sweep(a->view(p), sweep);
      }
      backend.copy(a->winners[0].view().data, a->winners[1].view().data, a->winners[0].bytes());
      backend.copy(a->count.view().data, a->k_there.view().data, sizeof(Index));
    };
    for (int t = 0; t < 30; ++t) r.step();
    const std::vector<Index> settled = a->winners[1].download();
    r.check = [=]() -> std::string {
      if (a->winners[1].download() != settled) return "the assembly moved while it was timed";
      for (int p = 0; p < 2; ++p) {  // the running sums must equal sums of the weights
        std::vector<fixed> sum(n);
        if (a->dense[p]) {
          const std::vector<real> w = a->dense[p]->download();
          for (std::size_t s = 0; s < w.size(); ++s) sum[s % n] += to_fixed(static_cast<double>(w[s]));
        } else {
          const std::vector<real> w = a->outgoing[p]->weight();
          const std::vector<Index> target = a->outgoing[p]->target();
          for (std::size_t s = 0; s < w.size(); ++s) sum[target[s]] += to_fixed(static_cast<double>(w[s]));
        }
        if (sum != a->sum[p].download()) return "the running sums of incoming weights are off";
      }
      return "";
    };
    return r;
  };
  return c;
}

}  // namespace

std::vector<Case> area_cases() {
  std::vector<Case> list;
  for (const auto& [n, k] : {std::pair<Index, Index>{1000, 50}, {4000, 63}, {10000, 100}})
    for (const bool sparse : {false, true}) list.push_back(train(n, k, sparse));
  return list;
}

}  // namespace engram::bench
