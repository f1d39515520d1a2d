// A step in two halves is the step in one: whoever does something between them changes no bit by it.
#include "engram/sorn/steps.hpp"

#include <gtest/gtest.h>

#include "engine/models/cpu_extensions.hpp"
#include "tests/models/sorn/networks.hpp"

namespace engram::test {
namespace {

/// Takes every step as units, then rows.
class InHalves final : public sorn::Steps {
 public:
  explicit InHalves(const cpu::CpuBackend& backend)
      : made_(cpu::sorn_steps(backend)), whole_(static_cast<sorn::Steps&>(*made_)) {}

  void run(const sorn::View& net, const sorn::Run& run) override {
    if (run.drives_only) return whole_.run(net, run);
    ASSERT_FALSE(run.input || run.x || run.counts) << "this test gives and records nothing step by step";
    sorn::Run one = run;
    one.steps = 1;
    for (Index s = 0; s < run.steps; ++s, ++one.first, ++taken) {
      whole_.units(net, one);
      whole_.rows(net, one);
    }
  }
  void units(const sorn::View& net, const sorn::Run& run) override { whole_.units(net, run); }
  void rows(const sorn::View& net, const sorn::Run& run) override { whole_.rows(net, run); }

  static inline int taken = 0;

 private:
  std::unique_ptr<Extension> made_;
  sorn::Steps& whole_;
};

TEST(SornSteps, TwoHalvesAreAStep) {
  constexpr cpu::ExtensionMaker table[] = {
      {sorn::Steps::id, [](const cpu::CpuBackend& backend) -> std::unique_ptr<Extension> {
         return std::make_unique<InHalves>(backend);
       }}};
  for (const int threads : {1, 3}) {
    for (const char* ie : {"Dense", "Sparse"})
      for (const bool fast : {false, true})
        for (const Index winners : {0, 9}) {
          SCOPED_TRACE(std::string(ie) + (fast ? ", fast inhibition, " : ", ") + std::to_string(winners) +
                       " winners, " + std::to_string(threads) + " threads");
          sorn::Parameters p = small(90);
          p.network_type_ie = ie;
          p.fast_inhibition = fast;
          p.k_winners = winners;
          cpu::CpuBackend whole(threads, cpu::extensions()), halved(threads, table);
          sorn::Network expected(whole, {p, p}, {4, 5}), net(halved, {p, p}, {4, 5});
          InHalves::taken = 0;
          expected.run(60);
          net.run(60);
          EXPECT_EQ(InHalves::taken, 60);
          for (Index r = 0; r < 2; ++r) expect_same(net.state(r), expected.state(r));
        }
  }
}

TEST(SornSteps, ABackendWithoutThemSaysSo) {
  cpu::CpuBackend bare(1);
  EXPECT_THROW(sorn::Network(bare, {small(50)}, {1}), DeviceError);
}

}  // namespace
}  // namespace engram::test
