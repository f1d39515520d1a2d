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
  void record(const Copy&, Index) {}  // what is only moved shows in what reads it
  void record(const Scale&, Index) {}
  void record(const Product& op, Index replicas) { record("nef_product", "to", op.to, replicas); }
  void record(const HeldProduct& op, Index replicas) {
    record("nef_held_product", "to", op.to, replicas);
    record("nef_held_product", "sum", op.sum, replicas);
  }
  void record(const Gather& op, Index replicas) { record("nef_gather", "to", op.to, replicas); }
  void record(const Table&, Index) {}
  void record(const Map& op, Index replicas) { record("nef_function", "to", op.to, replicas); }
  void record(const Neurons& op, Index replicas) {
    record("nef_neurons", "out", op.out, replicas);
    for (const View& state : op.state) record("nef_neurons", "state", state, replicas);
  }
  void record(const Smooth& op, Index replicas) { record("nef_filter", "y", op.y, replicas); }
  void record(const Filter& op, Index replicas) {
    record("nef_filter", "y", op.y, replicas);
    record("nef_filter", "state", op.state, replicas);
  }
  void record(const Falling& op, Index replicas) { record("nef_filter", "y", op.y, replicas); }
  void record(const Draw& op, Index replicas) { record("nef_noise", "to", op.to, replicas); }
  void record(const Learn& op, Index replicas) { record("nef_learning", "matrix", op.matrix, replicas); }
  void record(const Change& op, Index replicas) { record("nef_change", "to", op.to, replicas); }
  void record(const RlsGain& op, Index replicas) { record("nef_gain", "gain", op.gain, replicas); }
  void record(const Record&, Index) {}

  Tensors& inner_;
  Tracer& tracer_;
};

}  // namespace

std::unique_ptr<Tensors> traced_tensors(Tensors& inner, Tracer& tracer) {
  return std::make_unique<TracedTensors>(inner, tracer);
}

}  // namespace engram::nef
