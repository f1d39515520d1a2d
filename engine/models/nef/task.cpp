// Runs a NEF network, one replica a seed; what probes record goes to NPY columns, what is measured of it to the
// results.
#include <algorithm>
#include <cmath>

#include "engine/models/families.hpp"
#include "engine/models/nef/config.hpp"
#include "engine/models/nef/measures.hpp"
#include "engine/models/nef/series.hpp"
#include "engram/nef/simulator.hpp"
#include "engram/run/state_reader.hpp"

namespace engram::nef {

namespace {

class NefTask final : public Task {
 public:
  NefTask(std::shared_ptr<const Config> config, const TaskContext& context)
      : config_(std::move(config)),
        record_every_(context.record_every),
        simulator_(context.backend, config_->network, context.seeds),
        measures_(config_->run.measures, config_->network.dt, simulator_.replicas()) {
    begin_networks(simulator_, *config_);
    if (config_->begun) origin_ = config_->begun->time();
  }

  Tick ticks() const override { return config_->steps; }
  Tick origin() const override { return origin_; }

  Tick advance(Tick t, Tick most, Recorder& recorder) override {
    // Rows are kept or dropped by the call, so one whose rows are kept holds no tick whose rows are not.
    const Tick last = ticks() - 1;
    Tick steps = std::min<Tick>({most, 1000, t < last ? last - t : 1});
    if (record_every_ > 1) steps = t % record_every_ == 0 ? 1 : std::min(steps, record_every_ - t % record_every_);
    simulator_.run(origin_ + t, steps,
                   [&](const std::string& probe, Tick step, Index replica, std::span<const real> sample) {
                     record(probe, step - origin_, replica, sample, recorder);
                     measures_.add(probe, step - origin_, replica, sample);
                   });
    measures_.settle();
    if (t + steps == ticks()) recorder.concludes();
    return steps;
  }

  void finish(Recorder& recorder) override {
    for (const auto& [name, connection] : config_->network.connections) {
      if (connection.learning.empty()) continue;
      const bool encoders = std::holds_alternative<Voja>(connection.learning[0].type);
      const std::string array = encoders ? connection.to + ".scaled_encoders" : name + ".weights";
      for (Index r = 0; r < simulator_.replicas(); ++r) {
        const std::vector<real> values = simulator_.values(array, r);
        recorder.append(recordable::learned.of(name), std::span<const real>(values), values.size());
      }
    }
  }

  void visit(StateVisitor& visitor) override {
    simulator_.visit(visitor);
    measures_.visit(visitor);
    visitor.json(
        "run",
        [this] {
          return nlohmann::json{{"origin", origin_}};
        },
        [this](const nlohmann::json& j) {
          if (!j.is_null()) origin_ = StateReader(j, "run")["origin"].whole(max_steps);
        });
  }

  nlohmann::ordered_json results() const override { return measures_.results(); }

 private:
  /// Of the numbers of a sample those that somebody asked for.
  void record(const std::string& of, Tick step, Index replica, std::span<const real> sample, Recorder& recorder) {
    const std::string probe = recordable::probes.of(of);
    if (!recorder.wants(probe)) return;
    std::vector<real> some;
    for (const Index unit : recorder.units(probe))
      if (unit < sample.size()) some.push_back(sample[unit]);
    const std::span<const real> row = recorder.units(probe).empty() ? sample : std::span<const real>(some);
    if (row.empty()) return;
    recorder.append(probe + "/step", std::span<const std::uint64_t>(&step, 1));
    recorder.append(probe + "/replica", std::span<const std::uint32_t>(&replica, 1));
    recorder.append(probe + "/value", row, row.size());
  }

  std::shared_ptr<const Config> config_;
  Tick record_every_;
  Simulator simulator_;
  Measures measures_;
  Tick origin_ = 0;  ///< ticks that the networks had behind them where this run began
};

std::size_t memory_of(const Config& config, std::size_t replicas) { return Simulator::bytes(config.network, replicas); }

}  // namespace

Family family() {
  return {"nef",
          "Neural Engineering Framework: ensembles that represent and transform vectors, and learn",
          read_plan<NefTask, read_config, memory_of>,
          schema_of_family,
          "seconds",
          {std::begin(recordable::all), std::end(recordable::all)}};
}

}  // namespace engram::nef
