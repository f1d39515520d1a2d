// The tolerance of products: what a backend may get wrong in calling a library is beyond it.
#include <gtest/gtest.h>

#include <functional>

#include "conformance/cases.hpp"
#include "tests/testing/forwarding_backend.hpp"

namespace engram::conformance {
namespace {

struct Call {
  DenseView weights;
  Batch<const real> x;
  Index group;
  Batch<real> out;
};

/// A CPU that changes a call before it multiplies.
class Mistaken final : public test::ForwardingBackend {
 public:
  Mistaken(Backend& inner, std::function<void(Call&)> mistake)
      : ForwardingBackend(inner), mistake_(std::move(mistake)) {}
  void multiply(const DenseView& weights, Batch<const real> x, Index group, Batch<real> out) override {
    Call call{weights, x, group, out};
    mistake_(call);
    ForwardingBackend::multiply(call.weights, call.x, call.group, call.out);
  }

 private:
  std::function<void(Call&)> mistake_;
};

/// How many cases of products notice a mistake.
int noticed(const std::function<void(Call&)>& mistake) {
  const auto cpu = make_backend("cpu", {1});
  Mistaken backend(*cpu, mistake);
  int failed = 0;
  for (const Case& c : cases()) {
    if (!matches("multiply/*", c.name)) continue;
    try {
      run(backend, c.make());
    } catch (const Error&) {
      ++failed;
    }
  }
  return failed;
}

TEST(Products, HaveAToleranceThatNoWrongShapeMeets) {
  EXPECT_EQ(noticed([](Call&) {}), 0);
  EXPECT_GE(noticed([](Call& c) { c.weights.pitch = c.weights.n_post; }), 4) << "leading dimension of the weights";
  EXPECT_GE(noticed([](Call& c) { c.x.stride = c.x.units; }), 4) << "of x";
  EXPECT_GE(noticed([](Call& c) { c.out.stride = c.out.units; }), 4) << "of out";
  EXPECT_GE(noticed([](Call& c) { c.weights.planes = 0; }), 3) << "every replica reads the weights of the first";
  std::vector<real> transposed;  // of the square matrices
  EXPECT_GE(noticed([&](Call& c) {
              DenseView& w = c.weights;
              if (w.n_pre != w.n_post || w.n_pre == 1) return;
              transposed.assign(w.replicas * w.plane_stride(), 0);
              for (Index r = 0; r < w.replicas; ++r)
                for (Index j = 0; j < w.n_pre; ++j)
                  for (Index i = 0; i < w.n_post; ++i)
                    transposed[r * w.plane_stride() + i * w.pitch + j] = w.row(r, j)[i];
              w.weight = transposed.data();
            }),
            2)
      << "transposition";
}

/// The bound is that of any order of the terms: it is no wider than rounding needs.
TEST(Products, ToleranceIsThatOfRounding) {
  const double unit = static_cast<double>(std::numeric_limits<real>::epsilon()) / 2;
  EXPECT_DOUBLE_EQ(error_of_sum(1), unit / (1 - unit));
  EXPECT_NEAR(error_of_sum(1000), 1000 * unit, 1000 * unit * 1e-3);
  EXPECT_LT(error_of_sum(1000), sizeof(real) == 4 ? 6.1e-5 : 1.2e-13);
}

TEST(Products, RefuseColumnsThatDoNotFit) {
  const auto cpu = make_backend("cpu", {1});
  Dense weights(*cpu, 3, 4, 2);
  Array<real> x(*cpu, 12), out(*cpu, 16);
  cpu->multiply(weights.view(), x.batch(3, 4), 2, out.batch(4, 4));
  EXPECT_THROW(cpu->multiply(weights.view(), x.batch(3, 4), 3, out.batch(4, 4)), Error);
  EXPECT_THROW(cpu->multiply(weights.view(), x.batch(4, 3), 2, out.batch(4, 4)), Error);
  EXPECT_THROW(cpu->multiply(weights.view(), x.batch(3, 4), 2, out.batch(4, 2)), Error);
}

}  // namespace
}  // namespace engram::conformance
