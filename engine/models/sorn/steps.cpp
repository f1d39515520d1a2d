// Steps of SORN that report what they wrote.
#include "engram/sorn/steps.hpp"

namespace engram::sorn {

namespace {

class TracedSteps final : public Steps {
 public:
  TracedSteps(Steps& inner, Tracer& tracer) : inner_(inner), tracer_(tracer) {}
  void run(const View& net, const Run& run) override {
    inner_.run(net, run);
    record_units(net, run);
    record_drives(net);
  }
  void units(const View& net, const Run& run) override {
    inner_.units(net, run);
    record_units(net, run);
  }
  void rows(const View& net, const Run& run) override {
    inner_.rows(net, run);
    record_drives(net);
  }

 private:
  /// As the last step left them.
  void record_units(const View& net, const Run& run) const {
    tracer_.at_tick(run.first + run.steps - 1);
    tracer_.record("run_sorn", "x", net.x, net.replicas, net.words_e(), net.words_e());
    tracer_.record("run_sorn", "y", net.y, net.replicas, net.words_i(), net.words_i());
    tracer_.record("run_sorn", "te", net.te, net.replicas, net.ne, net.ne);
  }
  /// They follow from all weights.
  void record_drives(const View& net) const {
    tracer_.record("run_sorn", "drive_e", net.drive_e, net.replicas, net.ne, net.ne);
    tracer_.record("run_sorn", "drive_i", net.drive_i, net.replicas, net.ni, net.ni);
  }

  Steps& inner_;
  Tracer& tracer_;
};

}  // namespace

Extension* Steps::traced(Tracer& tracer) { return tracer.keep(std::make_unique<TracedSteps>(*this, tracer)); }

}  // namespace engram::sorn
