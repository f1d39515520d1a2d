// Turns the operations of a step into one graph, and finds out when they are others than recorded. The first time a
// sequence is seen its operations run one by one and are kept; the second time they are held back, compared with what
// was kept, and run as a graph at the end. So a graph is never wrong, only unused: arrays may move, be swapped or be
// freed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace engram::kernels {

/// `Device` has a type Graph, `Graph capture(const std::vector<std::function<void()>>&)`, which records what the calls
/// launch without running it, `void replay(Graph&)`, and `bool graphs()`: whether it can.
template <class Device>
class StepRecorder {
 public:
  using Call = std::function<void()>;
  using Words = std::vector<std::uint64_t>;

  explicit StepRecorder(Device& device) : device_(device) {}

  void begin(std::uint64_t key) {
    if (!device_.graphs()) return;
    active_ = true;
    keep_ = true;
    key_ = key;
    said_.clear();
    fresh_ = {};
    auto& all = recordings_[key];
    followed_ = all.empty() ? nullptr : &all.front();
    position_ = 0;
  }

  /// One operation: `words` are its arguments, their number first, `call` runs it and stays valid as long as they do.
  template <class F>
  void operation(const Words& words, F&& call) {
    if (!active_) return call();
    said_.insert(said_.end(), words.begin(), words.end());
    if (followed_ && follow()) return;
    catch_up();
    call();
    if (keep_) {
      fresh_.words = said_;
      fresh_.calls.emplace_back(std::forward<F>(call));
    }
  }

  /// Runs what was held back: something that is no operation needs its results. The rest of the step runs one by one.
  void settle() {
    if (!active_) return;
    catch_up();
    keep_ = false;
  }

  void end() {
    if (!active_) return;
    active_ = false;
    if (followed_ && position_ == followed_->calls.size()) {
      if (!followed_->graph) followed_->graph.emplace(device_.capture(followed_->calls));
      return device_.replay(*followed_->graph);
    }
    if (followed_) {  // the step ended early
      catch_up();
      fresh_.words = said_;
    }
    if (!keep_ || fresh_.calls.empty()) return;
    auto& all = recordings_[key_];
    if (all.size() == max_recordings) all.erase(all.begin());
    all.push_back(std::move(fresh_));
  }

  /// The memory that graphs know is about to move: they are recorded anew when next needed.
  void forget_graphs() {
    for (auto& [key, all] : recordings_)
      for (auto& recording : all) recording.graph.reset();
  }

 private:
  struct Recording {
    Words words;  ///< of all calls, one after the other
    std::vector<Call> calls;
    std::optional<typename Device::Graph> graph;
  };
  static constexpr std::size_t max_recordings = 8;  ///< a key; swapped lists make two

  static bool begins_with(const Words& all, const Words& start) {
    return all.size() >= start.size() && std::equal(start.begin(), start.end(), all.begin());
  }

  /// Whether some recording goes on as this step does; every call's first word tells how many follow, so that equal
  /// words mean equal calls.
  bool follow() {
    if (position_ == followed_->calls.size() || !begins_with(followed_->words, said_)) {
      Recording* other = nullptr;
      for (auto& candidate : recordings_[key_])
        if (candidate.calls.size() > position_ && begins_with(candidate.words, said_)) other = &candidate;
      if (!other) return false;
      followed_ = other;
    }
    ++position_;
    return true;
  }

  void catch_up() {
    if (!followed_) return;
    for (std::size_t i = 0; i < position_; ++i) {
      followed_->calls[i]();
      fresh_.calls.push_back(followed_->calls[i]);
    }
    followed_ = nullptr;
  }

  Device& device_;
  std::unordered_map<std::uint64_t, std::vector<Recording>> recordings_;
  bool active_ = false, keep_ = true;
  std::uint64_t key_ = 0;
  Words said_;
  Recording fresh_;
  Recording* followed_ = nullptr;
  std::size_t position_ = 0;
};

}  // namespace engram::kernels
