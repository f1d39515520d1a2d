// Teaches a memory all pairs, one after the other, then asks for each value once; and so in each round.
#include <algorithm>
#include <cmath>

#include "engine/models/families.hpp"
#include "engine/models/nef/config.hpp"
#include "engine/models/nef/study.hpp"
#include "engine/run/results.hpp"
#include "engram/nef/simulator.hpp"
#include "engram/run/state_reader.hpp"

namespace engram::nef {

namespace {

/// What one memory recalled, item by item.
struct Recalled {
  std::vector<double> sum;  ///< of the samples of the item that is asked now
  std::uint64_t asked = 0, correct = 0;
  double cosine = 0, error = 0;
};

class StudyTask final : public Task {
 public:
  StudyTask(std::shared_ptr<const StudyConfig> config, const TaskContext& context) : config_(std::move(config)) {
    for (const std::uint64_t seed : context.seeds) {
      drawn_.push_back(draw_study(study(), seed));
      simulators_.emplace_back(context.backend, std::move(drawn_.back().network), std::span(&seed, 1));
      recalled_.push_back({std::vector<double>(study().values()), 0, 0, 0, 0});
    }
    if (!config_->begun) return;
    config_->begun->restore([&](StateVisitor& visitor) { visit_memories(visitor); });
    origin_ = config_->begun->time();
  }

  Tick ticks() const override { return config_->steps(); }
  Tick origin() const override { return origin_; }

  Tick advance(Tick t, Tick most, Recorder& recorder) override {
    const Tick round = study().steps_of_round(), shown = study().steps_shown();
    const bool asks = t % round >= round / 2;
    // No call asks twice, so that rows stand item by item however a run is divided into calls.
    const Tick steps = std::min<Tick>({most, 1000, asks ? shown - t % shown : round / 2 - t % round});
    for (Index r = 0; r < simulators_.size(); ++r)
      simulators_[r].run(origin_ + t, steps,
                         asks ? TakeSamples([&](const std::string&, Tick step, Index, std::span<const real> x) {
                           take(r, step - 1 - origin_, x, recorder);
                         })
                              : TakeSamples());
    return steps;
  }

  void visit(StateVisitor& visitor) override {
    visit_memories(visitor);
    visitor.json(
        "run",
        [this] {
          return nlohmann::json{{"origin", origin_}};
        },
        [this](const nlohmann::json& j) { origin_ = StateReader(j, "run")["origin"].whole(max_steps); });
    visitor.json(
        "recalled",
        [this] {
          nlohmann::json all = nlohmann::json::array();
          for (const Recalled& one : recalled_)
            all.push_back({{"sum", one.sum},
                           {"asked", one.asked},
                           {"correct", one.correct},
                           {"cosine", one.cosine},
                           {"error", one.error}});
          return all;
        },
        [this](const nlohmann::json& j) {
          const auto items = StateReader(j, "recalled").items(recalled_.size());
          for (std::size_t r = 0; r < items.size(); ++r)
            recalled_[r] = {items[r]["sum"].numbers(study().values()), items[r]["asked"].whole(),
                            items[r]["correct"].whole(), items[r]["cosine"].number(), items[r]["error"].number()};
        });
  }

  nlohmann::ordered_json results() const override {
    nlohmann::ordered_json all = nlohmann::ordered_json::object();
    const auto put = [&](const char* name, auto&& value) {
      std::vector<double> values;
      for (std::size_t r = 0; r < recalled_.size(); ++r) values.push_back(value(recalled_[r], drawn_[r]));
      put_mean(all, name, values);
    };
    const auto share = [](const Recalled& r, double x) { return x / static_cast<double>(r.asked); };
    put("share of values recalled",
        [&](const Recalled& r, const DrawnStudy&) { return share(r, static_cast<double>(r.correct)); });
    put("cosine to the value", [&](const Recalled& r, const DrawnStudy&) { return share(r, r.cosine); });
    put("length of the error", [&](const Recalled& r, const DrawnStudy&) { return share(r, r.error); });
    put("intercept", [](const Recalled&, const DrawnStudy& d) { return d.intercept; });
    put("neurons that answer a key", [](const Recalled&, const DrawnStudy& d) { return d.active; });
    put("rate of PES", [](const Recalled&, const DrawnStudy& d) { return d.pes; });
    return all;
  }

 private:
  /// State names of one of several memories.
  class Prefixed final : public StateVisitor {
   public:
    Prefixed(StateVisitor& inner, std::string prefix) : inner_(inner), prefix_(std::move(prefix)) {}
    void array(std::string_view name, std::span<const std::size_t> shape, const StateArray& values) override {
      inner_.array(prefix_ + std::string(name), shape, values);
    }
    void json(std::string_view name, const std::function<nlohmann::json()>& get,
              const std::function<void(const nlohmann::json&)>& set) override {
      inner_.json(prefix_ + std::string(name), get, set);
    }
    bool looks_inside() const override { return inner_.looks_inside(); }

   private:
    StateVisitor& inner_;
    std::string prefix_;
  };

  const Study& study() const { return config_->study; }

  void visit_memories(StateVisitor& visitor) {
    for (std::size_t r = 0; r < simulators_.size(); ++r) {
      Prefixed one(visitor, name_of_memory(r));
      simulators_[r].visit(one);
    }
  }

  /// Samples of the last two thirds of an item count; at its end it is judged.
  void take(Index r, Tick tick, std::span<const real> x, Recorder& recorder) {
    const Tick round = study().steps_of_round(), in_round = tick % round;
    Recalled& one = recalled_[r];
    const Tick shown = study().steps_shown(), within = tick % shown, item = (in_round - round / 2) / shown;
    if (in_round == round / 2) one = {std::move(one.sum), 0, 0, 0, 0};
    if (within == 0) std::fill(one.sum.begin(), one.sum.end(), 0.0);
    if (within >= shown / 3)
      for (std::size_t j = 0; j < x.size(); ++j) one.sum[j] += static_cast<double>(x[j]);
    if (within + 1 == shown) judge(r, item, tick, static_cast<double>(shown - shown / 3), recorder);
  }

  void judge(Index r, Tick item, Tick tick, double samples, Recorder& recorder) {
    Recalled& one = recalled_[r];
    const Rows& values = drawn_[r].values;
    std::size_t best = 0;
    double most = -INFINITY, length = 0, error = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
      double product = 0;
      for (std::size_t j = 0; j < one.sum.size(); ++j) product += values[k][j] * one.sum[j];
      if (product > most) {
        most = product;
        best = k;
      }
    }
    double wanted = 0;
    for (std::size_t j = 0; j < one.sum.size(); ++j) {
      const double found = one.sum[j] / samples, value = values[item][j];
      length += found * found;
      error += (found - value) * (found - value);
      wanted += found * value;
    }
    const double cosine = length > 0 ? wanted / std::sqrt(length) : 0;
    one.asked += 1;
    one.correct += best == item;
    one.cosine += cosine;
    one.error += std::sqrt(error);
    recorder.covers(tick + 1 - study().steps_shown(), tick);  // all of its presentation
    recorder.metric(tick, r, "memory", recordable::cosine.name, cosine, static_cast<std::int64_t>(item));
    recorder.metric(tick, r, "memory", recordable::correct.name, best == item, static_cast<std::int64_t>(item));
  }

  std::shared_ptr<const StudyConfig> config_;
  std::vector<DrawnStudy> drawn_;
  std::vector<Simulator> simulators_;
  std::vector<Recalled> recalled_;
  Tick origin_ = 0;  ///< ticks that the memories had behind them where this run began
};

/// Memories are drawn and built one after the other; each keeps what it shows, its values, and the encoders that it was
/// given.
std::size_t memory_of_study(const StudyConfig& config, std::size_t replicas) {
  const Study& s = config.study;
  const auto numbers = [](std::size_t rows, std::size_t cols) {
    return checked_product(checked_product(rows, cols), sizeof(double));
  };
  const std::size_t encoders = numbers(s.neurons, s.dimensions), values = numbers(s.pairs, s.values()),
                    keys = numbers(s.pairs, std::size_t{s.dimensions} * (s.cue_noise > 0 ? 2 : 1));
  const std::size_t held = encoders + keys + 2 * values, drawing = keys + values + encoders;
  const Network one = outline(s);
  return checked_product(replicas, held) + checked_product(replicas - 1, Simulator::device_bytes(one, 1)) +
         std::max(drawing, Simulator::bytes(one, 1));
}

}  // namespace

Family study_family() {
  return {"nef_memory",
          "a learned heteroassociative memory, taught many pairs and asked for each of them",
          read_plan<StudyTask, read_study, memory_of_study>,
          schema_of_study,
          "rounds",
          {std::begin(recordable::of_study), std::end(recordable::of_study)}};
}

}  // namespace engram::nef
