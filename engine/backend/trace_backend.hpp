// A backend that forwards every operation to another and records a hash of what it wrote. Two such records are compared
// line by line: the first that differs names the step, the operation and the array.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engram/backend.hpp"

namespace engram {

struct TraceLine {
  Tick tick = 0;  ///< of the step it belongs to
  std::string operation, array;
  std::uint64_t hash = 0;  ///< XXH3 of the values; all NaN count as one

  bool operator==(const TraceLine&) const = default;
};

class TraceBackend final : public Backend, private Tracer {
 public:
  explicit TraceBackend(Backend& inner);
  const std::vector<TraceLine>& lines() const { return lines_; }

  const DeviceInfo& info() const override { return info_; }
  void* allocate(std::size_t bytes) override { return inner_.allocate(bytes); }
  void release(void* p) noexcept override { inner_.release(p); }
  void upload(void* to, const void* from, std::size_t bytes) override { inner_.upload(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes) override { inner_.download(to, from, bytes); }
  void copy(void* to, const void* from, std::size_t bytes) override { inner_.copy(to, from, bytes); }
  void zero(void* p, std::size_t bytes) override { inner_.zero(p, bytes); }
  void synchronize() override { inner_.synchronize(); }

  void sweep(const Synapses&, const Sweep&) override;
  /// No line: its bits are no promise.
  void multiply(const DenseView& weights, Batch<const real> x, Index group, Batch<real> out) override {
    inner_.multiply(weights, x, group, out);
  }
  void update(const UnitRule&, UnitColumns, const Segments&, Batch<const real> shared) override;
  void update_in_order(const UnitRule&, UnitColumns, Batch<const real> shared, const DenseView&,
                       Batch<const Index> order, Index group) override;
  void select_top_k(Batch<const real> score, Index k, const Active& winners) override;
  void collect(Batch<const real> x, real above, const Active& out) override;
  void summarize(Batch<const real> x, const Segments&, const Summary&, Batch<real> out) override;
  void gather(Batch<const real> from, Span<const Index> at, Batch<real> to) override;
  void sample(const Distribution&, Span<const std::uint64_t> seeds, Stream, Tick, Batch<real> out) override;
  Extension* find_extension(ExtensionId) override;

  // Not forwarded: a recorded graph could not stop for the downloads.
  void begin_step(std::uint64_t, Tick tick) override { tick_ = tick; }
  void end_step() override {}

 private:
  void at_tick(Tick tick) override { tick_ = tick; }
  void record(const char* operation, const char* array, const real* data, std::size_t rows, std::size_t length,
              std::size_t stride) override {
    record_rows(operation, array, data, rows, length, stride);
  }
  void record(const char* operation, const char* array, const std::uint32_t* data, std::size_t rows, std::size_t length,
              std::size_t stride) override {
    record_rows(operation, array, data, rows, length, stride);
  }
  Extension* keep(std::unique_ptr<Extension> made) override { return kept_.emplace_back(std::move(made)).get(); }

  template <class T>
  void record_rows(const char* operation, const char* array, const T* data, std::size_t rows, std::size_t length,
                   std::size_t stride, const std::vector<Index>* lengths = nullptr);
  template <class T>
  void record_batch(const char* operation, const char* array, const Batch<T>& values);
  void record_weights(const Synapses&);
  void record_columns(const char* operation, const UnitRule&, UnitColumns);
  void record_lists(const char* operation, const Active& lists);

  Backend& inner_;
  DeviceInfo info_;
  std::vector<std::unique_ptr<Extension>> kept_;
  std::vector<std::pair<ExtensionId, Extension*>> extensions_;  // those that were asked for
  std::vector<TraceLine> lines_;
  Tick tick_ = 0;
};

/// The traces of several cases, as a text file: a head, then for each case its name and its lines.
struct TraceFile {
  struct Entry {
    std::string name;
    std::vector<TraceLine> lines;
  };
  std::string precision = precision_name;
  Tick steps = 0;  ///< of each model
  std::vector<Entry> entries;

  void write(const std::string& path) const;  ///< replaces the file; throws IoError
  /// Throws IoError where the file cannot be read, is of another version or of another precision than this program.
  static TraceFile read(const std::string& path);
  const Entry* find(const std::string& name) const;
};

}  // namespace engram
