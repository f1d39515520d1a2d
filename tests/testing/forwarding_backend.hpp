// A backend that forwards everything to another: the base of those that count, refuse or spoil something.
#pragma once

#include "engram/backend.hpp"

namespace engram::test {

class ForwardingBackend : public Backend {
 public:
  explicit ForwardingBackend(Backend& inner) : inner_(inner) {}

  const DeviceInfo& info() const override { return inner_.info(); }
  void* allocate(std::size_t bytes) override { return inner_.allocate(bytes); }
  void release(void* p) noexcept override { inner_.release(p); }
  void upload(void* to, const void* from, std::size_t bytes) override { inner_.upload(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes) override { inner_.download(to, from, bytes); }
  void copy(void* to, const void* from, std::size_t bytes) override { inner_.copy(to, from, bytes); }
  void zero(void* p, std::size_t bytes) override { inner_.zero(p, bytes); }
  void synchronize() override { inner_.synchronize(); }
  void sweep(const Synapses& synapses, const Sweep& walk) override { inner_.sweep(synapses, walk); }
  void multiply(const DenseView& weights, Batch<const real> x, Index group, Batch<real> out) override {
    inner_.multiply(weights, x, group, out);
  }
  void update(const UnitRule& rule, UnitColumns columns, const Segments& segments, Batch<const real> shared) override {
    inner_.update(rule, columns, segments, shared);
  }
  void update_in_order(const UnitRule& rule, UnitColumns columns, Batch<const real> shared, const DenseView& weights,
                       Batch<const Index> order, Index group) override {
    inner_.update_in_order(rule, columns, shared, weights, order, group);
  }
  void select_top_k(Batch<const real> score, Index k, const Active& winners) override {
    inner_.select_top_k(score, k, winners);
  }
  void collect(Batch<const real> x, real above, const Active& out) override { inner_.collect(x, above, out); }
  void summarize(Batch<const real> x, const Segments& segments, const Summary& summary, Batch<real> out) override {
    inner_.summarize(x, segments, summary, out);
  }
  void gather(Batch<const real> from, Span<const Index> at, Batch<real> to) override { inner_.gather(from, at, to); }
  void sample(const Distribution& distribution, Span<const std::uint64_t> seeds, Stream stream, Tick tick,
              Batch<real> out) override {
    inner_.sample(distribution, seeds, stream, tick, out);
  }
  Extension* find_extension(ExtensionId id) override { return inner_.find_extension(id); }

 private:
  Backend& inner_;
};

}  // namespace engram::test
