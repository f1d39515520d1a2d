// The CUDA backend on a device, against the CPU bit for bit. Without a device every test says why it is skipped.
#include "engine/cpu/cpu_backend.hpp"
#include "tests/device/needs_cuda.hpp"
#include "tests/operations/operations.hpp"

namespace engram {
namespace {

using namespace testing_kernels;

TEST(Cuda, SweepsGiveTheBitsOfTheCpu) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  cpu::CpuBackend reference(1);
  for (const bool dense : {true, false})
    for (const Case& c : cases)
      for (const Parts& p : all_parts(dense, c.group)) {
        SCOPED_TRACE(testing::Message() << (dense ? "dense " : "outgoing ") << c << ", " << p);
        expect_same(run(*cuda, c, p, dense), run(reference, c, p, dense));
      }
}

TEST(Cuda, SelectAndCollectGiveTheBitsOfTheCpu) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  cpu::CpuBackend reference(1);
  for (Index units : {1u, 31u, 33u, 1000u, 2049u, 16384u, 16385u, 1000003u})
    for (Index batches : {1u, 3u}) {
      const Index k = units / 3 + 1;
      SCOPED_TRACE(testing::Message() << units << " units, " << batches << " batches");
      expect_same(select_and_collect(*cuda, units, batches, k, real(0.2), units),
                  select_and_collect(reference, units, batches, k, real(0.2), units));
    }
}

TEST(Cuda, SampleGivesTheBitsOfTheCpu) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  cpu::CpuBackend reference(1);
  for (const Distribution& distribution : {Distribution(Uniform{-1, 3}), Distribution(Normal{2, real(0.5)})})
    for (Index units : {1u, 4u, 1000003u})
      expect_same(draw(*cuda, distribution, units, 3), draw(reference, distribution, units, 3));
}

TEST(Cuda, RepeatsItselfTwentyTimes) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  const Parts everything{0, true, false, true, true, true, Read::list};
  const Outcome first = run(*cuda, cases[3], everything, false);
  for (int i = 0; i < 20; ++i) expect_same(run(*cuda, cases[3], everything, false), first);
}

TEST(Cuda, SaysHowManyBytesWereRefused) {
  NEEDS_CUDA
  const auto cuda = make_backend("cuda");
  try {
    Array<real> huge(*cuda, std::size_t{1} << 50);
    ADD_FAILURE() << "a petabyte was given";
  } catch (const MemoryError& e) {
    EXPECT_NE(std::string(e.what()).find(std::to_string((std::size_t{1} << 50) * sizeof(real)) + " bytes"),
              std::string::npos)
        << e.what();
  }
  Array<real> small(*cuda, 10);  // the device still works
  EXPECT_EQ(small.download(), std::vector<real>(10));
}

TEST(Cuda, NamesADeviceThatIsNotThere) {
  NEEDS_CUDA
  EXPECT_THROW(make_backend("cuda:99"), DeviceError);
}

}  // namespace
}  // namespace engram
