// Random rows of sparse areas as kernels: a thread walks along a unit's row twice, to count its targets and to write
// them.
#pragma once

#include "engram/assembly/build.hpp"
#include "kernels/core/kernel_backend.hpp"

namespace engram::kernels {

struct RandomRows {
  Fibre fibre;                ///< of any key
  const std::uint64_t* keys;  ///< [replica]
  Index n_pre;

  ENGRAM_HD Fibre of(std::size_t replica) const {
    Fibre own = fibre;
    own.key = keys[replica];
    return own;
  }
  ENGRAM_HD std::size_t row(Index j, std::size_t replica) const { return replica * n_pre + j; }
};

struct CountTargets {
  RandomRows rows;
  Index* length;  ///< [row]
  ENGRAM_HD void operator()(Index j, std::size_t replica) const {
    Index count = 0;
    for_each_target(rows.of(replica), j, [&](Index) { ++count; });
    length[rows.row(j, replica)] = count;
  }
};

struct WriteTargets {
  RandomRows rows;
  const std::uint64_t* start;  ///< [row]
  bool uniform;
  Index* target;
  real* weight;
  ENGRAM_HD void operator()(Index j, std::size_t replica) const {
    const Fibre fibre = rows.of(replica);
    std::uint64_t at = start[rows.row(j, replica)];
    for_each_target(fibre, j, [&](Index i) {
      target[at] = i;
      weight[at] = uniform ? Random{fibre.key, Stream::weight, j, i}.uniform() : real(1);
      ++at;
    });
  }
};

template <class Launcher>
class AssemblyBuild final : public assembly::Build {
 public:
  explicit AssemblyBuild(KernelOperations<Launcher>& backend) : backend_(backend), launch_(backend.launcher()) {}

  Outgoing draw(const SkipTable& table, std::span<const std::uint64_t> keys, Index n_pre, Index n_post,
                bool uniform) override {
    const Array<std::uint32_t> narrow(backend_, table.narrow());
    const Array<std::uint64_t> wide(backend_, table.wide()), kept(backend_, keys);
    RandomRows rows{table.fibre(0, n_post), kept.view().data, n_pre};
    rows.fibre.skip.narrow = rows.fibre.skip.narrow ? narrow.view().data : nullptr;
    rows.fibre.skip.wide = rows.fibre.skip.wide ? wide.view().data : nullptr;
    backend_.settle();
    const std::size_t count = checked_product(n_pre, keys.size());
    auto length = Array<Index>::unset(backend_, count);
    auto start = Array<std::uint64_t>::unset(backend_, count + 1);
    launch_.items("count_targets", n_pre, keys.size(), CountTargets{rows, length.view().data});
    launch_.running_sums(length.view().data, start.view().data, count);
    std::uint64_t synapses = 0;
    start.download(std::span(&synapses, 1), count);
    auto target = Array<Index>::unset(backend_, synapses);
    auto weight = Array<real>::unset(backend_, synapses);
    launch_.items("write_targets", n_pre, keys.size(),
                  WriteTargets{rows, start.view().data, uniform, target.view().data, weight.view().data});
    return {n_pre, n_post, static_cast<Index>(keys.size()), std::move(start), std::move(target), std::move(weight)};
  }

 private:
  KernelOperations<Launcher>& backend_;
  Launcher& launch_;
};

}  // namespace engram::kernels
