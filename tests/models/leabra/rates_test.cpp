// Learning rates of projections that change from epoch to epoch.
#include <gtest/gtest.h>

#include "tests/models/leabra/nets.hpp"
#include "tests/models/leabra/task.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using namespace leabra;
using test::classifier;
using test::error_of;
using test::everything;
using test::expect_error;
using test::leabra_example;
using test::leabra_trial;
using test::run_leabra;
using test::seeds;
using Json = nlohmann::ordered_json;

ProjectionSpec halving(Net& net, const std::string& projection) {
  ProjectionSpec spec = net.projection_spec(projection);
  spec.lrate_schedule = Schedule::step;
  spec.lrate_every = 2;
  net.set_projection_spec(projection, spec);
  return spec;
}

/// A projection with a schedule learns as one whose rate is set anew; the others keep theirs.
TEST(LeabraProjectionRates, FollowASchedulePerProjection) {
  const auto backend = test::test_backend();
  Net scheduled = classifier(*backend, seeds(2)), by_hand = classifier(*backend, seeds(2));
  halving(scheduled, "up");
  const double rate = by_hand.projection_spec("up").lrate;
  for (Index epoch = 0; epoch < 6; ++epoch) {
    ProjectionSpec spec = by_hand.projection_spec("up");
    spec.lrate = rate / (1 << (epoch / 2));  // powers of two leave the bits
    by_hand.set_projection_spec("up", spec);
    for (Net* net : {&scheduled, &by_hand}) {
      leabra_trial(*net, epoch);
      net->end_epoch();
    }
    ASSERT_EQ(everything(scheduled), everything(by_hand)) << epoch;
  }
}

/// Each replica waits for a plateau of its own loss, and a network that was saved goes on as if it never was.
TEST(LeabraProjectionRates, FallWhereTheLossOfAReplicaStays) {
  const auto backend = test::test_backend();
  Net net = classifier(*backend, seeds(2)), usual = classifier(*backend, seeds(2)),
      slow = classifier(*backend, seeds(2));
  for (const std::string& name : net.projections()) {
    ProjectionSpec spec = net.projection_spec(name);
    spec.lrate *= 0.25;
    slow.set_projection_spec(name, spec);
    spec = net.projection_spec(name);
    spec.lrate_schedule = Schedule::plateau;
    spec.lrate_patience = 2;
    spec.lrate_factor = 0.25;
    net.set_projection_spec(name, spec);
  }
  const auto epoch = [](Net& one, Index k) {
    leabra_trial(one, k);
    one.end_epoch();
    const double falls = 1.0 / (k + 1.0);
    one.report_loss(std::vector<double>{falls, 1.0});  // that of the second replica stays
  };
  for (Index k = 0; k < 3; ++k)
    for (Net* one : {&net, &usual}) epoch(*one, k);
  EXPECT_EQ(everything(net), everything(usual));
  const test::Scratch scratch;
  const std::string file = (scratch.path() / "net.safetensors").string();
  net.save(file);
  Net loaded = Net::load(*backend, file);
  for (const std::string& name : slow.projections()) slow.set_weights(name, net.linear_weights(name));
  for (Net* one : {&net, &usual, &loaded}) epoch(*one, 3);
  EXPECT_EQ(everything(net, 0), everything(usual, 0));
  EXPECT_NE(everything(net, 1), everything(usual, 1));
  EXPECT_EQ(everything(net), everything(loaded));
}

TEST(LeabraProjectionRates, RefuseLossesThatAreNone) {
  const auto backend = test::test_backend();
  Net net = classifier(*backend, seeds(2));
  expect_error(error_of([&] { net.report_loss(std::vector<double>{1}); }), "found 1; needed is one for each of 2");
  expect_error(error_of([&] { net.report_loss(std::vector<double>{1, -1}); }), "found -1");
  ProjectionSpec spec;
  spec.lrate_factor = 2;
  expect_error(error_of([&] { net.set_projection_spec("up", spec); }), "up/lrate_factor");
}

/// In JSON, beside the schedule of the phase; replicas that stop rest with the rates that they had.
TEST(LeabraProjectionRates, AreKeysOfAProjection) {
  Json document = leabra_example("pattern_association");
  Json& projection = document["model"]["projections"]["input_to_output"];
  document["protocol"] = Json::parse(R"([
    {"do": "train", "epochs": 40, "stop_after": 3, "lrate_schedule": "exponential", "lrate_every": 50},
    {"do": "train", "epochs": 5}])");
  const auto plain = run_leabra(document, 3);
  projection.update({{"lrate_schedule", "fixed"}, {"lrate_every", 7}});
  EXPECT_EQ(run_leabra(document, 3).kept.lines(), plain.kept.lines());
  for (const char* kind : {"step", "cosine", "plateau"}) {
    projection.update({{"lrate_schedule", kind}, {"lrate_every", 7}, {"lrate_patience", 5}, {"lrate_cooldown", 2}});
    const auto together = run_leabra(document, 3), threads = run_leabra(document, 3, 2);
    EXPECT_NE(together.kept.bytes, plain.kept.bytes) << kind;
    EXPECT_EQ(together.kept.bytes, threads.kept.bytes) << kind;
    EXPECT_EQ(run_leabra(document, 1).kept.lines(0), together.kept.lines(0)) << kind;
  }
  document["protocol"][0].update({{"evaluate_every", 0}, {"stop_after", 0}});
  expect_error(error_of([&] { run_leabra(document, 1); }), "set evaluate_every to 1 or more");
}

}  // namespace
}  // namespace engram
