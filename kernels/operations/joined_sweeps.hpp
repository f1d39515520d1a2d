// Operations of a step that one launch takes together: a drive that is zeroed and then summed over several projections
// with outgoing rows, and the plasticity of several. Nothing of them reads what another of them writes; they wait until
// an operation comes that does not belong to them.
#pragma once

#include <optional>
#include <vector>

#include "kernels/operations/sweep_outgoing.hpp"

namespace engram::kernels {

inline constexpr int max_joined = 2;  ///< stimulus and recurrence

/// Items of two launches as those of one: y runs over the first, then over the second.
template <class F>
struct Joined {
  F part[max_joined];
  std::size_t first;

  ENGRAM_HD void operator()(Index x, std::size_t y) const { y < first ? part[0](x, y) : part[1](x, y - first); }
};

/// What FinishDrive does, for two sums of one drive in their order.
struct FinishDrives {
  FinishDrive part[max_joined];
  int count;
  bool zeroed;  ///< the drive begins at 0

  ENGRAM_HD void operator()(Index i, std::size_t batch) const {
    if (zeroed) part[0].drive.at(static_cast<Index>(batch))[i] = 0;
    for (int p = 0; p < count; ++p) part[p](i, batch);
  }
};

template <class Launcher>
class JoinedSweeps {
 public:
  explicit JoinedSweeps(Launcher& launch) : launch_(launch) {}

  /// Whether operations may wait: until flush, which then must follow.
  void wait(bool may) { may_ = may; }

  void zero(void* to, std::size_t bytes) {
    flush();
    zeroed_ = {to, bytes};
    if (!may_) flush();
  }

  void sweep(const OutgoingView& w, const Sweep& sweep) {
    const bool drives = static_cast<bool>(sweep.drive);
    const bool columns = std::holds_alternative<Columns>(sweep.source) || std::holds_alternative<Columns>(sweep.pre);
    if (sweep.normalize_to || columns || (sweep.learn != nullptr) == drives) {  // a column may be what is written
      flush();
      return sweep_outgoing(launch_, w, sweep);
    }
    drives ? drive(w, sweep) : learn(w, sweep);
    if (!may_) flush();
  }

  void flush() {
    if (zeroed_ && !clears_drive()) launch_.zero(zeroed_->to, zeroed_->bytes);
    if (!drives_.empty()) launch_drives();
    if (!learning_.empty()) launch_learning();
    zeroed_.reset();
    drives_.clear();
    learning_.clear();
  }

 private:
  struct Zeroed {
    void* to;
    std::size_t bytes;
  };
  struct Waiting {
    OutgoingView w;
    Sweep sweep;
    SynapseRule rule;  ///< the caller's may be gone
  };

  /// Whether what is zeroed is the drive of the sweeps that wait, all of it and nothing else.
  bool clears_drive() const {
    if (!zeroed_ || drives_.empty()) return false;
    const Batch<real>& drive = drives_[0].sweep.drive;
    return zeroed_->to == drive.data && drive.stride == drive.units &&
           zeroed_->bytes == std::size_t{drive.units} * drive.batches * sizeof(real);
  }

  void drive(const OutgoingView& w, const Sweep& sweep) {
    const auto same = [&](const Batch<real>& a, const Batch<real>& b) {
      return a.data == b.data && a.units == b.units && a.batches == b.batches && a.stride == b.stride;
    };
    if (!learning_.empty() || drives_.size() == max_joined ||
        (!drives_.empty() && !same(drives_[0].sweep.drive, sweep.drive)))
      flush();
    drives_.push_back({w, sweep, {}});
  }

  void learn(const OutgoingView& w, const Sweep& sweep) {
    std::visit([&](const auto& rule) { check_learning(w, rule, sweep); }, *sweep.learn);
    if (zeroed_ || !drives_.empty() || learning_.size() == max_joined ||
        (!learning_.empty() &&
         (learning_[0].w.weight == w.weight || learning_[0].rule.index() != sweep.learn->index())))
      flush();
    learning_.push_back({w, sweep, *sweep.learn});
  }

  void launch_drives() {
    const std::size_t values = std::size_t{drives_[0].sweep.drive.batches} * drives_[0].w.n_post;
    auto* sums = launch_.template scratch<fixed>(Scratch::sums, max_joined * values);
    const Index lanes = lanes_for(items(drives_, [](const Waiting& one) { return scatter_rows(one.sweep); }));
    Joined<Scatter> scatter{};
    FinishDrives finish{{}, static_cast<int>(drives_.size()), clears_drive()};
    for (std::size_t p = 0; p < drives_.size(); ++p) {
      const auto& [w, sweep, rule] = drives_[p];
      scatter.part[p] = scatter_of(w, sweep, lanes, sums + p * values);
      finish.part[p] = {sums + p * values, w.n_post, sweep.group, sweep.gain, sweep.scaling.scale, sweep.drive};
    }
    launch_joined("sweep: drive", lanes, drives_, scatter, [](const Waiting& one) { return scatter_rows(one.sweep); });
    launch_.items("sweep: drive", drives_[0].w.n_post, drives_[0].sweep.drive.batches, finish);
  }

  void launch_learning() {
    const auto rows = [](const Waiting& one) {
      return learning_rows(one.w, std::get<Active>(one.sweep.pre), one.sweep.group);
    };
    const Index lanes = lanes_for(items(learning_, rows));
    std::visit(
        [&](const auto& rule) {
          using Rule = std::decay_t<decltype(rule)>;
          if constexpr (can_learn<OutgoingView, Rule> && learns_from_lists<Rule>) {
            Joined<LearnOutgoing<Rule>> learn{};
            for (std::size_t p = 0; p < learning_.size(); ++p) {
              const ListPlasticity<Rule> plasticity =
                  list_plasticity(std::get<Rule>(learning_[p].rule), learning_[p].sweep);
              learn.part[p] = {plasticity, learning_[p].w, capacity_of(plasticity.pre.list), lanes};
            }
            launch_joined("sweep: learn", lanes, learning_, learn, rows);
          }
        },
        learning_[0].rule);
  }

  template <class Rows>
  static std::size_t items(const std::vector<Waiting>& all, Rows rows) {
    std::size_t sum = 0;
    for (const Waiting& one : all) sum += rows(one);
    return sum;
  }
  template <class Kernel, class Rows>
  void launch_joined(const char* operation, Index lanes, const std::vector<Waiting>& all, Kernel& kernel, Rows rows) {
    kernel.first = rows(all[0]);
    launch_.items(operation, lanes, items(all, rows), kernel);
  }

  Launcher& launch_;
  bool may_ = false;
  std::optional<Zeroed> zeroed_;
  std::vector<Waiting> drives_, learning_;
};

}  // namespace engram::kernels
