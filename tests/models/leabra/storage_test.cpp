// Projections that are stored as rows: the bits of those that are stored as matrices, in less memory.
#include <gtest/gtest.h>

#include "engine/backend/trace_backend.hpp"
#include "engine/models/leabra/parts.hpp"
#include "tests/models/leabra/nets.hpp"
#include "tests/models/leabra/task.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/test_backend.hpp"

namespace engram {
namespace {

using namespace leabra;
using test::error_of;
using test::everything;
using test::expect_error;
using test::leabra_trial;
using test::seeds;

/// All kinds of learning and patterns of connections, stored one way or the other.
Net net_stored(Backend& backend, Storage storage, Index copies = 1, Index hidden = 150) {
  Net net(backend, seeds(2), copies);
  LayerSpec layer = LayerSpec::of(Mode::standard);
  net.new_layer("input", 40, layer);
  net.new_layer("hidden", hidden, layer);
  net.new_layer("output", 3, layer);
  ProjectionSpec up = ProjectionSpec::of(Mode::standard);
  up.storage = storage;
  up.dist = UniformWeights{0.25, 0.75};
  up.sparsity = 0.4;
  ProjectionSpec self = up, balanced = up, contrast = up, masked = up;
  self.projn_type = Pattern::one_to_one;
  self.sparsity = 1;
  balanced.learning = Learning::momentum;
  balanced.balance_weights = true;
  balanced.balance_every = 2;
  contrast.learning = Learning::contrast;
  contrast.initial_contrast = true;
  masked.post_mask = {true, false, true};
  masked.sig_gain = 5.5;
  net.new_projection("up", "input", "hidden", up);
  net.new_projection("self", "hidden", "hidden", self);
  net.new_projection("out", "hidden", "output", balanced);
  net.new_projection("down", "output", "hidden", contrast);
  net.new_projection("again", "input", "hidden", masked);
  return net;
}

TEST(LeabraStorage, RowsHaveTheBitsOfMatrices) {
  const auto cpu = make_backend("cpu", {1}), threads = make_backend("cpu", {3}), device = test::test_backend();
  TraceBackend general(*cpu);
  for (const Index copies : {1u, 3u})
    for (const Index hidden : {150u, 450u}) {
      std::vector<real> dense;
      for (Backend* backend : {cpu.get(), threads.get(), static_cast<Backend*>(&general), device.get()}) {
        if (hidden > 200 && copies > 1) continue;
        Net rows = net_stored(*backend, Storage::sparse, copies, hidden);
        if (dense.empty()) {
          Net matrices = net_stored(*backend, Storage::dense, copies, hidden);
          EXPECT_EQ(everything(matrices), everything(rows));
          for (Index k = 0; k < 4; ++k) leabra_trial(matrices, k);
          dense = everything(matrices);
        }
        for (Index k = 0; k < 4; ++k) leabra_trial(rows, k);
        EXPECT_EQ(everything(rows), dense) << copies << " " << hidden;
      }
    }
}

TEST(LeabraStorage, IsWhatAProjectionSays) {
  ProjectionSpec spec;
  EXPECT_FALSE(is_sparse(spec, 1000, 1000)) << "all pairs";
  spec.sparsity = 0.05;
  EXPECT_TRUE(is_sparse(spec, 1000, 1000));
  EXPECT_FALSE(is_sparse(spec, 100, 100)) << "a small matrix is faster";
  spec.sparsity = 0.1;
  EXPECT_FALSE(is_sparse(spec, 1000, 1000));
  spec.storage = Storage::sparse;
  EXPECT_TRUE(is_sparse(spec, 10, 10));
  spec = {};
  spec.projn_type = Pattern::one_to_one;
  EXPECT_TRUE(is_sparse(spec, 1000, 1000));
  spec.storage = Storage::dense;
  EXPECT_FALSE(is_sparse(spec, 1000, 1000));
  // What rows take is foreseen within a few hundredths.
  const auto backend = make_backend("cpu", {1});
  for (const double sparsity : {0.002, 0.01, 0.05, 0.3})
    for (const Learning learning : {Learning::xcal, Learning::momentum}) {
      spec = {};
      spec.storage = Storage::sparse;
      spec.sparsity = sparsity;
      spec.learning = learning;
      const std::vector<Rows> rows{draw_rows(spec, 700, 900, 1, 0)};
      const auto found = static_cast<double>(FixedRows(*backend, rows, planes_of(spec)).bytes());
      EXPECT_NEAR(static_cast<double>(bytes_of_synapses(spec, 700, 900, 1)) / found, 1, 0.06) << sparsity;
    }
}

/// Weights and connections that are set, read from a file, logged and observed are the same, whatever stores them.
TEST(LeabraStorage, IsSeenAndSetAsAMatrix) {
  const auto backend = test::test_backend();
  const test::Scratch scratch;
  std::vector<std::vector<double>> seen;
  for (const Storage storage : {Storage::dense, Storage::sparse}) {
    Net net = net_stored(*backend, storage);
    const std::string file = (scratch.path() / "weights.json").string();
    for (Index k = 0; k < 2; ++k) leabra_trial(net, k);
    net.write_weights(file, 1);
    std::vector<bool> connected(40 * 150);
    std::vector<real> weights(connected.size());
    for (std::size_t at = 0; at < connected.size(); ++at) {
      connected[at] = at % 5 != 0;
      weights[at] = static_cast<real>(0.25) + static_cast<real>(at % 8) / 16;
    }
    net.set_weights("up", weights, connected);
    EXPECT_EQ(net.connections("up")[0], false);
    leabra_trial(net, 2);
    net.set_weights("again", net.linear_weights("again"));
    leabra_trial(net, 3);
    net.read_weights(file);
    std::vector<double> all = net.observe("up", "conn_wt").values;
    for (const char* name : {"up", "self", "out"}) {
      const Table more = net.observe(name, "conn_fwt");
      all.insert(all.end(), more.values.begin(), more.values.end());
    }
    for (const real x : everything(net)) all.push_back(static_cast<double>(x));
    seen.push_back(all);
  }
  EXPECT_EQ(seen[0], seen[1]);
}

/// A file keeps which pairs are connected, also where they were set.
TEST(LeabraStorage, GoesOnFromAFileAsIfNeverSaved) {
  const auto backend = test::test_backend();
  const test::Scratch scratch;
  const std::string file = (scratch.path() / "net.safetensors").string();
  Net net = net_stored(*backend, Storage::sparse);
  std::vector<bool> connected(40 * 150);
  for (std::size_t at = 0; at < connected.size(); ++at) connected[at] = at % 7 < 2;
  net.set_weights("up", std::vector<real>(connected.size(), real(0.5)), connected);
  for (Index k = 0; k < 3; ++k) leabra_trial(net, k);
  net.save(file);
  Net loaded = Net::load(*backend, file);
  EXPECT_EQ(loaded.connections("up"), net.connections("up"));
  for (Net* one : {&net, &loaded})
    for (Index k = 3; k < 6; ++k) leabra_trial(*one, k);
  EXPECT_EQ(everything(net), everything(loaded));
}

/// Experiments record the same rows, stop each replica by itself and stay in one storage when they go on.
TEST(LeabraStorage, IsAKeyOfAProjection) {
  auto document = test::leabra_example("pattern_association");
  auto& projection = document["model"]["projections"]["input_to_output"];
  projection.update({{"learning", "momentum"}, {"balance_weights", true}, {"balance_every", 3}, {"lrate", 0.2}});
  document["protocol"] = nlohmann::ordered_json::parse(R"([
    {"do": "train", "epochs": 120, "stop_after": 1}, {"do": "train", "epochs": 7}])");
  projection["storage"] = "dense";
  const auto dense = test::run_leabra(document, 3);
  projection["storage"] = "sparse";
  const auto rows = test::run_leabra(document, 3);
  EXPECT_EQ(dense.kept.lines(), rows.kept.lines());
  EXPECT_EQ(dense.kept.bytes, rows.kept.bytes);
  EXPECT_EQ(dense.results, rows.results);
  projection["storage"] = "thin";
  expect_error(error_of([&] { test::run_leabra(document, 1); }), "storage");
}

}  // namespace
}  // namespace engram
