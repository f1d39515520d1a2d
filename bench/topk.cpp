// Selection of winners alone.
#include <algorithm>
#include <numeric>

#include "bench/cases.hpp"

namespace engram::bench {

namespace {

/// Winners by a partial sort of all indices.
std::vector<Index> sorted_winners(const real* score, Index n, Index k) {
  std::vector<Index> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::partial_sort(order.begin(), order.begin() + k, order.end(),
                    [=](Index a, Index b) { return score[a] > score[b] || (score[a] == score[b] && a < b); });
  order.resize(k);
  std::sort(order.begin(), order.end());
  return order;
}

/// `sets` score vectors in turn: for few units, so that no branch predictor learns the answer by heart.
Case topk(Index n, Index k, bool ties, Index sets) {
  Case c;
  c.name = "topk/n=" + std::to_string(n) + ",k=" + std::to_string(k) + (ties ? ",ties=1" : "");
  c.question =
      std::string("winners of a drive, ties by lower index; ") + (ties ? "40 distinct values" : "random scores");
  c.build = [=](Backend& backend, Index replicas) {
    struct State {
      std::vector<real> host;
      Array<real> score;
      Array<Index> index, count;
      Index set = 0;
    };
    auto s = std::make_shared<State>();
    s->host.resize(std::size_t{sets} * replicas * n);
    for (std::size_t i = 0; i < s->host.size(); ++i) {
      const Random random{1, Stream::test, i / n, static_cast<Index>(i % n)};
      s->host[i] = ties ? static_cast<real>(random.below(40)) : random.uniform();
    }
    s->score = Array<real>(backend, s->host);
    s->index = Array<Index>(backend, std::size_t{replicas} * k);
    s->count = Array<Index>(backend, replicas);
    Runnable r;
    r.bytes_per_step = static_cast<double>(replicas * (n * sizeof(real) + k * sizeof(Index)));
    r.step = [=, &backend] {
      s->set = (s->set + 1) % sets;
      const Batch<const real> score{s->score.view().data + std::size_t{s->set} * replicas * n, n, replicas, n};
      backend.select_top_k(score, k, {s->index.view().data, s->count.view().data, nullptr, k, n, replicas});
    };
    r.check = [=]() -> std::string {
      const std::vector<Index> found = s->index.download();
      for (Index b = 0; b < replicas; ++b) {
        const std::vector<Index> expected =
            sorted_winners(s->host.data() + (std::size_t{s->set} * replicas + b) * n, n, k);
        if (!std::equal(expected.begin(), expected.end(), found.begin() + b * k))
          return "the winners are not those of a sort";
      }
      return "";
    };
    return r;
  };
  return c;
}

}  // namespace

std::vector<Case> topk_cases() {
  return {topk(1000, 50, false, 64), topk(10000, 100, false, 16), topk(1000000, 1000, false, 1),
          topk(1000000, 1000, true, 1)};
}

}  // namespace engram::bench
