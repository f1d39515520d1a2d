// The assembly family as a task: the phases of its protocol, one after the other.
#include <algorithm>
#include <cmath>

#include "engine/models/assembly/config.hpp"
#include "engine/models/assembly/series.hpp"
#include "engine/models/families.hpp"
#include "engine/run/draw_count.hpp"
#include "engine/run/phased_task.hpp"
#include "engine/run/results.hpp"

namespace engram::assembly {

namespace {

using Json = nlohmann::ordered_json;

class AssemblyTask final : public PhasedTask<Config> {
 public:
  AssemblyTask(std::shared_ptr<const Config> config, const TaskContext& context)
      : PhasedTask(std::move(config)),
        network_(context.backend, config_.spec, context.seeds),
        simulator_(network_, config_.options) {
    if (config_.begun) {
      config_.begun->restore([&](StateVisitor& visitor) { network_.visit(visitor); });
      origin_ = config_.begun->time();
      completed_.begin(config_.begun->json_state("simulator"));
    }
    for (const auto& [matrix, weights] : config_.weights) {
      std::vector<real> all;
      for (Index r = 0; r < network_.replicas(); ++r) all.insert(all.end(), weights.begin(), weights.end());
      network_.set_matrix(matrix, all);
    }
    for (Tick s = 0; s < config_.samples; ++s) {
      Sample sample;
      for (Index i = 0; i < config_.spec.stimuli.size(); ++i) {
        const StimulusSpec& stimulus = config_.spec.stimuli[i];
        Winners& units = sample[stimulus.name];
        if (const auto given = config_.given.find(stimulus.name); given != config_.given.end())
          units = {given->second[s]};
        else
          for (const std::uint64_t seed : context.seeds)
            units.push_back(sample_k_active(seed, i, s, stimulus.n, stimulus.k));
      }
      samples_.push_back(sample);
    }
  }

  Tick advance(Tick t, Tick /*most*/, Recorder& recorder) override {
    simulator_.set_recorder(&recorder, t);
    const Timeline::Place at = config_.timeline.at(t);
    const Phase& phase = config_.protocol[at.phase];
    if (phase.action != "simulate") recorder.concludes();
    if (phase.action == "simulate") {
      if (t == at.begin) simulator_.begin(samples_of(phase));
      simulator_.tick();
      if (t + 1 == at.end) keep_simulation(phase);
    } else if (phase.action == "benchmark") {
      const Benchmark b = simulator_.associate_benchmark(samples_of(phase));
      put_mean(results_, phase.label, b.parents);
      put_mean(results_, phase.label + pair_suffix, b.together);
    } else if (phase.action == "complete") {
      put_mean(results_, phase.label, complete(phase, recorder));
    } else if (phase.action == "inverse") {
      put_mean(results_, phase.label, inverse(phase, recorder));
    } else {
      network_.normalize();
    }
    return 1;
  }

  void visit(StateVisitor& visitor) override {
    network_.visit(visitor);
    visitor.json(
        "simulator",
        [this] {
          return nlohmann::json{{"state", simulator_.snapshot()},
                                {"phase", phase_stimuli_},
                                {"results", results_.dump()},
                                {"draws", completed_.save()},
                                {"origin", origin_}};
        },
        [this](const nlohmann::json& j) {
          const StateReader state(j, "simulator");
          Phase phase;
          for (const StateReader& name : state["phase"].items()) {
            phase.stimuli.push_back(name.text());
            if (!samples_.empty() && !samples_[0].contains(phase.stimuli.back()))
              name.fail("no stimulus has this name");
          }
          results_ = state["results"].results();
          origin_ = state["origin"].whole();
          completed_.restore(j);
          simulator_.restore(state["state"], samples_of(phase));
        });
  }

  Json results() const override { return results_; }

 private:
  std::vector<Sample> samples_of(const Phase& phase) {
    phase_stimuli_ = phase.stimuli;
    std::vector<Sample> chosen;
    for (const Sample& all : samples_) {
      Sample one;
      for (const std::string& s : phase.stimuli) one[s] = all.at(s);
      chosen.push_back(one);
    }
    return chosen;
  }

  void keep_simulation(const Phase& phase) {
    for (const Series& one : recordable::results)
      for (const AreaSpec& area : network_.areas())
        if (const auto found = simulator_.last().find(area.name + "/" + one.name); found != simulator_.last().end())
          put_mean(results_, phase.label + ", " + area.name + " " + one.name, found->second);
  }

  /// Overlap, as a fraction of k, of each area's recall of a sample with what it makes of a part of those winners.
  std::vector<double> complete(const Phase& phase, Recorder& recorder) {
    const std::size_t a = network_.area_index(phase.area);
    const double k = network_.areas()[a].k;
    std::vector<double> quality(network_.replicas());
    std::size_t recalled = 0;  // samples: one that the area does not answer to says nothing of it
    const Tick first_draw = completed_.first(config_.protocol, phase, [&](const Phase& earlier) {
      return earlier.action == "complete" ? Tick{config_.samples} : 0;
    });
    completed_.reach(first_draw + config_.samples);
    const auto samples = samples_of(phase);
    const auto whole = simulator_.recall(samples);
    for (std::size_t s = 0; s < samples.size(); ++s) {
      const Winners& full = whole[s][a];
      if (full.empty()) continue;
      ++recalled;
      Winners part(full.size());
      for (std::size_t r = 0; r < full.size(); ++r) {
        const auto kept = static_cast<Index>(std::lround(phase.keep * k));
        for (const Index i : sample_k_active(network_.seeds()[r], static_cast<Index>(a), first_draw + s,
                                             static_cast<Index>(full[r].size()), kept, Stream::assembly_completion))
          part[r].push_back(full[r][i]);
      }
      Winners found;
      if (phase.from == "pattern") {
        found = network_.complete_pattern(phase.area, part, phase.rounds, phase.apply_alpha);
      } else {
        State state(network_);
        for (const auto& [stimulus, units] : samples[s]) state.present(stimulus, units);
        state.set_latent(phase.area, part);
        for (int round = 0; round < phase.rounds; ++round) network_.step(state, false);
        found = state.winners(phase.area);
      }
      for (std::size_t r = 0; r < full.size(); ++r) {
        const double reached = static_cast<double>(overlap(found[r], full[r])) / k;
        recorder.metric(s, static_cast<Index>(r), phase.area, recordable::recovered.of(phase.label), reached);
        quality[r] += reached;
      }
    }
    for (double& one : quality) one = recalled > 0 ? one / static_cast<double>(recalled) : NAN;
    return quality;
  }

  /// Fraction of a sample's units that the transposed weights recover from the area's winners.
  std::vector<double> inverse(const Phase& phase, Recorder& recorder) {
    const std::size_t a = network_.area_index(phase.area);
    const std::string stimulus = network_.areas()[a].inputs[0];
    const std::size_t position = network_.stimulus_index(stimulus);
    std::size_t first_matrix = 0;
    for (std::size_t i = 0; i < a; ++i) first_matrix += network_.areas()[i].inputs.size() + 1;
    const std::string matrix = network_.matrix_names()[first_matrix];
    std::vector<double> recovered(network_.replicas());
    const auto samples = samples_of(phase);
    const auto whole = simulator_.recall(samples);
    for (std::size_t s = 0; s < samples.size(); ++s) {
      const Winners& units = samples[s].at(stimulus);
      const Winners found = network_.inverse(matrix, whole[s][a], config_.spec.stimuli[position].k);
      for (std::size_t r = 0; r < recovered.size(); ++r) {
        const auto& target = units[units.size() == 1 ? 0 : r];
        const double fraction = static_cast<double>(overlap(found[r], target)) / static_cast<double>(target.size());
        recorder.metric(s, static_cast<Index>(r), phase.area, recordable::recovered.of(phase.label), fraction);
        recovered[r] += fraction / static_cast<double>(samples.size());
      }
    }
    return recovered;
  }

  Assembly network_;
  Simulator simulator_;
  std::vector<Sample> samples_;
  std::vector<std::string> phase_stimuli_;
  DrawCount completed_;  ///< of samples, of each of which a part is drawn
  Json results_ = Json::object();
};

std::size_t memory_of(const Config& config, std::size_t replicas) {
  std::size_t units = 0;
  for (const auto& [stimulus, samples] : config.given)
    for (const std::vector<Index>& sample : samples) units += sample.size();
  constexpr std::size_t copies = 3;  // as given, as samples, and those of a phase
  return Assembly::memory(config.spec, replicas) + copies * units * sizeof(Index);
}

}  // namespace

Family family() {
  return {"assembly",
          "areas of k winners with Hebbian or Willshaw learning",
          read_plan<AssemblyTask, read_config, memory_of>,
          schema_of_family,
          "",
          {std::begin(recordable::all), std::end(recordable::all)}};
}

}  // namespace engram::assembly
