// Presents samples to a network, lets it learn, and measures what became of them.
#pragma once

#include <map>

#include "engram/assembly/assembly.hpp"
#include "engram/assembly/metrics.hpp"
#include "engram/run/state_reader.hpp"
#include "engram/run/task.hpp"

namespace engram::assembly {

/// Which stimuli are present in a presentation and with which units, one list a replica. Others are absent.
using Sample = std::map<std::string, Winners>;

struct SimulatorOptions {
  int epoch_size = 10;
  double similarity_divisor = 0;
  bool recall = true;     ///< in one batched pass
  bool weights = false;   ///< reads all weights
  bool each_step = true;  ///< false: no step but the last and the one before waits for the device
  bool learn = true;      ///< false: the same steps and measures of a network that stays as it is

  static constexpr auto fields = std::tuple{
      Field{"epoch_size", &SimulatorOptions::epoch_size, "training steps a sample", 1, 1e9},
      Field{"similarity_divisor", &SimulatorOptions::similarity_divisor, "0: the k of the area (of the stimulus)", 0,
            1e9},
      Field{"recall", &SimulatorOptions::recall, "evaluate recall of all samples so far after each step"},
      Field{"weights", &SimulatorOptions::weights, "memory used and weight histograms after each sample"},
      Field{"each_step", &SimulatorOptions::each_step,
            "false: measure the last step of each sample alone, without support; faster on a device"},
  };
};

/// Mean overlap of what the last stage recalls.
struct Benchmark {
  std::vector<double> parents;   ///< [replica]: between samples recalled from one parent alone and from another
  std::vector<double> together;  ///< [replica]: between one parent alone and all parents together
  std::vector<std::vector<Winners>> calls;  ///< [call][area]: winners (no lists: inactive), in the order of evaluation
};

/// For each sample: no latent, then epoch_size training steps with feedback, then normalisation.
/// Everything measured goes to the recorder, at the time of this simulator's own clock.
class Simulator {
 public:
  explicit Simulator(Assembly& network, SimulatorOptions options = {}, Recorder* recorder = nullptr);

  void simulate(const std::vector<Sample>& samples);

  /// The same, one training step a call, for a driver that owns the loop: begin, then tick until it returns false.
  void begin(std::vector<Sample> samples);
  bool tick();

  /// Evaluation without latent and learning; sample by sample for each parent (stimulus) alone, then all together.
  /// The overlap of the last area's outputs, divided by its k (or similarity_divisor).
  Benchmark associate_benchmark(const std::vector<Sample>& samples);

  /// Eval-mode outputs of the samples without latent, all samples in one pass: [sample][area], an inactive area empty.
  std::vector<std::vector<Winners>> recall(const std::vector<Sample>& samples) const;

  const State& state() const { return state_; }
  /// Output of each area after the last step of each sample since begin: [area][sample][replica].
  const std::vector<std::vector<Winners>>& learned() const { return learned_; }
  const std::map<std::string, std::vector<double>>& last() const { return last_; }  ///< "C/recall" ... -> [replica]
  Tick clock() const { return clock_; }
  /// `tick`: of the run, at which the next step is taken.
  void set_recorder(Recorder* recorder, Tick tick = 0) {
    recorder_ = recorder;
    run_starts_at_ = tick - clock_;
  }
  /// What a checkpoint keeps beside the weights.
  nlohmann::json snapshot() const;
  void restore(const StateReader&, std::vector<Sample> samples);

 private:
  void present(State&, const Sample&) const;
  std::vector<Winners> winners() const;  // of now, by area; no lists: inactive
  void measure_step();
  void cover(Tick first, Tick last) const;
  void count_without_input();
  void finish_sample();
  void finish_all();
  void metric(const std::string& layer, const Series&, Index replica, double value);
  double divisor(const std::string& name) const;

  Assembly* network_;
  SimulatorOptions options_;
  Recorder* recorder_;
  State state_;
  std::vector<Sample> samples_;
  std::size_t sample_ = 0;
  int epoch_ = 0;
  Tick clock_ = 0;
  Tick run_starts_at_ =
      0;  // on the clock of the run, modulo 2^64: phases without steps of this simulator take ticks too
  std::vector<std::vector<Winners>> learned_;         // [area][sample]
  std::vector<Winners> previous_;                     // [area], no lists: was inactive
  std::vector<std::vector<std::vector<bool>>> seen_;  // [area][replica][unit] fired since the start of this sample
  std::map<std::string, std::vector<double>> last_;
};

}  // namespace engram::assembly
