#include "engram/nef/tensors.hpp"

namespace engram::nef {

namespace {

class TracedTensors final : public Tensors {
 public:
  TracedTensors(Tensors& inner, Tracer& tracer) : inner_(inner), tracer_(tracer) {}
  void run(std::span<const Operation> operations, Index replicas, Tick first, Tick steps) override {
    for (Tick t = first; t < first + steps; ++t) {
      tracer_.at_tick(t);
      for (const Operation& operation : operations) {
        inner_.run({&operation, 1}, replicas, t, 1);
        std::visit([&](const auto& op) { record(op, replicas); }, operation);
      }
    }
  }

 private:
  void record(const char* operation, const char* array, const View& view, Index replicas) {
    if (!view || view.row_step != 1) return;
    const Index copies = view.replica_step ? replicas : 1;
    if (view.cols == 1) return tracer_.record(operation, array, view.data, copies, view.rows, view.replica_step);
    for (Index r = 0; r < copies; ++r)
      tracer_.record(operation, array, view.of(r).data, view.cols, view.rows, static_cast<std::size_t>(view.col_step));
  }
  void record(const Clock&, Index) {}
  void record(const Fill&, Index) {}
  void record(const Copy& op, Index replicas) { record("nef copy", "to", op.to, replicas); }
  void record(const Scale& op, Index replicas) { record("nef scale", "to", op.to, replicas); }
  void record(const Product& op, Index replicas) { record("nef product", "to", op.to, replicas); }
  void record(const HeldProduct& op, Index replicas) {
    record("nef held product", "to", op.to, replicas);
    record("nef held product", "sum", op.sum, replicas);
  }
  void record(const Gather& op, Index replicas) { record("nef gather", "to", op.to, replicas); }
  void record(const Table& op, Index replicas) { record("nef table", "to", op.to, replicas); }
  void record(const Map& op, Index replicas) { record("nef function", "to", op.to, replicas); }
  void record(const Neurons& op, Index replicas) {
    record("nef neurons", "out", op.out, replicas);
    for (const View& state : op.state) record("nef neurons", "state", state, replicas);
  }
  void record(const Smooth& op, Index replicas) { record("nef filter", "y", op.y, replicas); }
  void record(const Filter& op, Index replicas) {
    record("nef filter", "y", op.y, replicas);
    record("nef filter", "state", op.state, replicas);
  }
  void record(const Falling& op, Index replicas) { record("nef filter", "y", op.y, replicas); }
  void record(const Draw& op, Index replicas) { record("nef noise", "to", op.to, replicas); }
  void record(const Learn& op, Index replicas) { record("nef learning", "matrix", op.matrix, replicas); }
  void record(const Change& op, Index replicas) { record("nef change", "to", op.to, replicas); }
  void record(const RlsGain& op, Index replicas) { record("nef gain", "gain", op.gain, replicas); }
  void record(const Record&, Index) {}

  Tensors& inner_;
  Tracer& tracer_;
};

}  // namespace

std::unique_ptr<Tensors> traced_tensors(Tensors& inner, Tracer& tracer) {
  return std::make_unique<TracedTensors>(inner, tracer);
}

}  // namespace engram::nef
