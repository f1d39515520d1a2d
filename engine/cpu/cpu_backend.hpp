// The reference backend: defines every bit that another backend must give.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engram/backend.hpp"

namespace engram::cpu {

class CpuBackend;

/// What families offer for the CPU. The backend is given the list, for it knows no family.
struct ExtensionMaker {
  ExtensionId id;
  std::unique_ptr<Extension> (*make)(const CpuBackend&);
};
using ExtensionTable = std::span<const ExtensionMaker>;

class CpuBackend final : public Backend {
 public:
  explicit CpuBackend(int threads, ExtensionTable extensions = {});
  const DeviceInfo& info() const override { return info_; }

  void* allocate(std::size_t bytes) override;
  void release(void*) noexcept override;
  void upload(void* to, const void* from, std::size_t bytes) override;
  void download(void* to, const void* from, std::size_t bytes) override;
  void copy(void* to, const void* from, std::size_t bytes) override;
  void zero(void*, std::size_t bytes) override;
  void synchronize() override {}

  void sweep(const Synapses&, const Sweep&) override;
  void multiply(const DenseView&, Batch<const real> x, Index group, Batch<real> out) override;
  void update(const UnitRule&, UnitColumns, const Segments&, Batch<const real> shared) override;
  void update_in_order(const UnitRule&, UnitColumns, Batch<const real> shared, const DenseView&,
                       Batch<const Index> order, Index group) override;
  void select_top_k(Batch<const real> score, Index k, const Active& winners) override;
  void collect(Batch<const real> x, real above, const Active& out) override;
  void summarize(Batch<const real> x, const Segments&, const Summary&, Batch<real> out) override;
  void gather(Batch<const real> from, Span<const Index> at, Batch<real> to) override;
  void sample(const Distribution&, Span<const std::uint64_t> seeds, Stream, Tick, Batch<real> out) override;
  void split(std::size_t count, std::size_t cost, const std::function<void(Backend&, std::size_t)>& job) override;
  Extension* find_extension(ExtensionId) override;

 private:
  CpuBackend(const DeviceInfo& info, ExtensionTable extensions) : info_(info), table_(extensions) {
    info_.threads = info_.jobs = 1;  // of one thread of a team
  }

  DeviceInfo info_;
  ExtensionTable table_;
  std::vector<std::pair<ExtensionId, std::unique_ptr<Extension>>> extensions_;  // those that were asked for
  std::vector<fixed> sums_;           // of scattered terms, all zero between operations
  std::vector<std::uint32_t> marks_;  // units of a list as bits, all zero between operations
};

/// Selection for one batch; `scratch` is reused between calls. Returns nothing: fills index[0..k).
struct TopKScratch {
  std::vector<real> value, above, below, rest;
  std::vector<Index> index, kept;
  bool portable = false;  ///< tests: not the AVX-512 loops
};
void top_k(const real* score, Index n, Index k, Index* index, TopKScratch& scratch);

void sweep_dense(const DenseView&, const Sweep&, int threads);
void sweep_outgoing(const OutgoingView&, const Sweep&, int threads, std::vector<fixed>& sums,
                    std::vector<std::uint32_t>& marks);
void sweep_incoming(const IncomingView&, const Sweep&, int threads);

/// "AVX-512", "AVX2" or "baseline": what the cloned loops run as here.
const char* instruction_set();

}  // namespace engram::cpu
