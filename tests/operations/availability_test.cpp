// The program must start and work where there is no device, no driver and no toolkit.
#include <gtest/gtest.h>

#include "engram/backend.hpp"

namespace engram {
namespace {

TEST(CudaAvailability, IsRefusedWithTheReasonWhileAutoIsTheCpu) {
  const std::string why = cuda_unavailable();
  if (why.empty()) GTEST_SKIP() << "a CUDA device works here";
  EXPECT_EQ(make_backend("auto")->info().kind, "cpu");
  try {
    make_backend("cuda");
    ADD_FAILURE() << "made a CUDA backend though " << why;
  } catch (const DeviceError& e) {
    EXPECT_NE(std::string(e.what()).find(why), std::string::npos) << e.what();
  }
  EXPECT_EQ(cuda_unavailable(), why) << "asking twice changes the answer";
}

TEST(CudaAvailability, IsWhatAutoChoosesWhereADeviceWorks) {
  const std::string why = cuda_unavailable();
  if (!why.empty()) GTEST_SKIP() << "no CUDA device: " << why;
  EXPECT_EQ(make_backend("auto")->info().kind, "cuda");
}

}  // namespace
}  // namespace engram
