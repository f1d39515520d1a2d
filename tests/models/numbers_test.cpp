// Values that are not finite end a run in every family, whatever keeps them; and no error of the machine becomes a
// result.
#include <gtest/gtest.h>

#include <limits>

#include "engine/run/guard.hpp"
#include "engram/calculus/connections.hpp"
#include "tests/models/crafted_states.hpp"
#include "tests/testing/forwarding_backend.hpp"

namespace engram::test {
namespace {

/// Puts a value into the `at`-th of the real arrays that a task shows.
class Poke final : public StateVisitor {
 public:
  Poke(std::size_t at, real value) : left_(at), value_(value) {}
  std::string name;       ///< of the array, once it was met
  std::size_t index = 0;  ///< in it
  bool refused = false;

  void array(std::string_view n, std::span<const std::size_t>, const StateArray& array) override {
    StateValues values = array.get();
    auto* reals = std::get_if<std::vector<real>>(&values);
    if (!reals || !mine(n, reals->size())) return;
    (*reals)[index] = value_;
    try {
      array.set(std::move(values));
    } catch (const Error&) {
      refused = true;  // such a family takes no such number
    }
  }
  void json(std::string_view, const std::function<nlohmann::json()>&,
            const std::function<void(const nlohmann::json&)>&) override {}

 private:
  bool mine(std::string_view n, std::size_t size) {
    const bool copy = n.ends_with("/weight");  // of the synapses of a SORN, which refuses to take such numbers back
    if (!name.empty() || size == 0 || copy || left_-- > 0) return false;
    name = n;
    index = size / 2;
    return true;
  }
  std::size_t left_;
  real value_;
};

std::string what_the_guard_says(Task& task) {
  try {
    check_finite(task, 7);
  } catch (const NumericError& error) {
    return error.what();
  }
  return "";
}

TEST(Guard, FindsWhatIsPutIntoAnyArrayOfAnyFamily) {
  const auto backend = make_backend("cpu", {.threads = 1});
  std::size_t arrays = 0;
  for (const crafted::Example& example : crafted::examples()) {
    if (example.name != "Assembly" && example.name != "Sorn" && example.name != "Attractor") continue;
    for (const real value : {std::numeric_limits<real>::quiet_NaN(), -std::numeric_limits<real>::infinity()})
      for (std::size_t at = 0;; ++at) {
        const auto task = crafted::make_task(example.document, *backend, 2);
        KeptRecorder recorder;
        for (Tick t = 0; t < example.cut; ++t) task->tick(t, recorder);
        Poke poke(at, value);
        task->visit(poke);
        if (poke.name.empty()) break;
        if (poke.refused) continue;
        const std::string expected = "after tick 7: " + poke.name + "[" + std::to_string(poke.index) + "] is " +
                                     (value < 0 ? "infinite" : "not a number");
        EXPECT_EQ(what_the_guard_says(*task), expected) << example.name;
        ++arrays;
      }
  }
  EXPECT_GT(arrays, 15u);
}

/// Runs until an error, at most so many ticks.
std::string error_of(Task& task, Tick most) {
  KeptRecorder recorder;
  try {
    for (Tick t = 0; t < std::min(most, task.ticks()); ++t) {
      task.tick(t, recorder);
      check_finite(task, t);
    }
  } catch (const NumericError& error) {
    return error.what();
  }
  return "";
}

TEST(Guard, FindsWeightsOfTheCalculusWhereverTheyAreKept) {
  const auto backend = make_backend("cpu", {.threads = 1});
  for (const char* connectome : {"procedural", "explicit", "lazy"}) {
    Json document = crafted::calculus(connectome);
    document["model"]["defaults"]["beta"] = 1e6;
    document["protocol"] = Json::parse(R"([{"do": "project", "stimuli": {"s": ["A"]}, "areas": {}, "rounds": 1},
                                           {"do": "project", "areas": {"A": ["A"]}, "rounds": 50}])");
    const std::string said = error_of(*crafted::make_task(document, *backend, 1), 51);
    EXPECT_NE(said.find("replica 0, fibre from A to A, "), std::string::npos) << connectome << ": " << said;
    EXPECT_NE(said.find("weight["), std::string::npos) << connectome << ": " << said;
  }
}

TEST(Guard, FindsWeightsOfASentence) {
  const auto backend = make_backend("cpu", {.threads = 2});
  Json document = crafted::parser();
  document["model"].update(Json{{"lexicon_beta", 1000}, {"rounds", 30}});
  const std::string said = error_of(*crafted::make_task(document, *backend, 2), 4);
  EXPECT_NE(said.find("finite"), std::string::npos) << said;
}

TEST(Guard, FindsThePolicyOfACart) {
  const auto backend = make_backend("cpu", {.threads = 1});
  const auto task = crafted::make_task(crafted::cart_pole(), *backend, 1);
  const std::vector<double> weights = {0, std::numeric_limits<double>::infinity()};
  EXPECT_THROW(check_finite([&](StateVisitor& v) { v.inside("policy 0, weight", std::span(weights)); }, "now"),
               NumericError);
  bool asked = false;
  struct Ask final : StateVisitor {
    bool* asked;
    void array(std::string_view, std::span<const std::size_t>, const StateArray&) override {}
    void json(std::string_view, const std::function<nlohmann::json()>&,
              const std::function<void(const nlohmann::json&)>&) override {}
    void inside(std::string_view name, std::span<const double>) override { *asked |= name == "policy 0, weight"; }
  } ask;
  ask.asked = &asked;
  task->visit(ask);
  EXPECT_TRUE(asked);
}

TEST(Guard, LooksAsOftenAsBeforeAfterOneSlowLook) {
  Guard::Clock::time_point now;
  struct Looked final : Task {
    Guard::Clock::time_point* now;
    std::chrono::microseconds takes{};
    Tick ticks() const override { return 0; }
    Tick advance(Tick, Tick, Recorder&) override { return 1; }
    void visit(StateVisitor&) override { *now += takes; }
    Json results() const override { return {}; }
  } task;
  task.now = &now;
  Guard guard(0, [&] { return now; });
  Tick ticks_run = guard.next();
  /// Ticks to the next look after 100 microseconds a tick and a look that takes so many.
  const auto next_after = [&](int microseconds) {
    const Tick before = guard.next();
    now += std::chrono::microseconds(100 * ticks_run);
    task.takes = std::chrono::microseconds(microseconds);
    guard.look(task);
    ticks_run = guard.next() - before;
    return static_cast<double>(ticks_run);
  };
  EXPECT_EQ(guard.next(), 100u);
  EXPECT_NEAR(next_after(100), 200, 1);       // half a percent of 100 us a tick
  EXPECT_NEAR(next_after(50000), 200, 1);     // one slow look delays none
  EXPECT_NEAR(next_after(50000), 100000, 2);  // it is slow indeed
  EXPECT_NEAR(next_after(100), 200, 1);
  EXPECT_EQ(next_after(1), 100);  // never more often
}

/// A device whose memory ends after so many arrays.
class Scarce final : public ForwardingBackend {
 public:
  Scarce(Backend& inner, std::size_t arrays) : ForwardingBackend(inner), left_(arrays) {}
  void* allocate(std::size_t bytes) override {
    if (left_ == 0) throw MemoryError("no memory for " + std::to_string(bytes) + " bytes");
    --left_;
    return ForwardingBackend::allocate(bytes);
  }

 private:
  std::size_t left_;
};

TEST(Outcomes, LackOfMemoryIsNoneOfAnyFamily) {
  for (const crafted::Example& example : crafted::examples()) {
    std::size_t lacked = 0;
    Json whole;
    for (std::size_t arrays = 1;; arrays += arrays / 8 + 1) {
      const auto cpu = make_backend("cpu", {.threads = 1});
      Scarce backend(*cpu, arrays);
      KeptRecorder recorder;
      try {
        const auto task = crafted::make_task(example.document, backend, 2);
        for (Tick t = 0; t < task->ticks(); ++t) task->tick(t, recorder);
        whole = task->results();
        break;
      } catch (const MemoryError&) {
        ++lacked;
      }
    }
    const auto backend = make_backend("cpu", {.threads = 1});
    const auto task = crafted::make_task(example.document, *backend, 2);
    KeptRecorder recorder;
    for (Tick t = 0; t < task->ticks(); ++t) task->tick(t, recorder);
    EXPECT_EQ(whole, task->results()) << example.name;
    EXPECT_GT(lacked, 3u) << example.name;
  }
}

}  // namespace
}  // namespace engram::test
