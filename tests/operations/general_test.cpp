// What the general operations give together, and what they refuse, on the CPU and on the kernels run by the host.
#include <gtest/gtest.h>

#include <functional>

#include "engram/core/random.hpp"
#include "tests/testing/emulated_backend.hpp"

namespace engram {
namespace {

class GeneralOperations : public testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<Backend> backend_ = GetParam() ? testing_kernels::make_emulated().backend : make_backend("cpu", {1});
  Array<real> array(std::vector<real> values) { return Array<real>(*backend_, values); }
  static std::string refusal(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }
};

INSTANTIATE_TEST_SUITE_P(On, GeneralOperations, testing::Bool(),
                         [](const auto& info) { return info.param ? "kernels" : "cpu"; });

/// Two layers in one population inhibit themselves by their own mean: three calls for any number of layers.
TEST_P(GeneralOperations, InhibitEachLayerByItsOwnMean) {
  const Array<real> x = array({1, 3, 10, 20, 30, 40});
  const Array<real> mean = array({0, 0});
  const Array<Index> start(*backend_, std::vector<Index>{0, 2, 6});
  const Segments layers{start.view().data, 2};
  const Batch<real> columns[] = {x.batch(6)};
  backend_->begin_step(1, 0);
  backend_->summarize(x.batch(6), layers, Mean{}, mean.batch(2));
  backend_->update(SubtractiveInhibition{}, columns, layers, mean.batch(2));
  backend_->end_step();
  EXPECT_EQ(mean.download(), (std::vector<real>{2, 25}));
  EXPECT_EQ(x.download(), (std::vector<real>{0, 1, 0, 0, 5, 15}));
}

TEST_P(GeneralOperations, TakeMoreColumnsThanARuleAsksFor) {
  const Array<real> x = array({1, 2}), m = array({1});
  std::vector<Batch<real>> columns(max_unit_columns, x.batch(2));
  backend_->update(SubtractiveInhibition{}, columns, {}, m.batch(1));
  EXPECT_EQ(x.download(), (std::vector<real>{0, 1}));
}

TEST_P(GeneralOperations, SayWhatAUnitRuleLacks) {
  const Array<real> x = array({1, 2}), three = array({1, 1, 1});
  const Batch<real> columns[] = {x.batch(2)};
  EXPECT_EQ(refusal([&] { backend_->update(LangevinMean{}, columns, {}, {}); }),
            "rule langevin_mean needs 6 columns; found 1");
  EXPECT_EQ(refusal([&] { backend_->update(SubtractiveInhibition{}, columns, {}, {}); }),
            "rule subtractive_inhibition reads 1 values of each layer; shared has 0 for 1 layer");
  EXPECT_EQ(refusal([&] {
              backend_->update(SubtractiveInhibition{}, columns, {nullptr, 2}, three.batch(3));
            }),
            "rule subtractive_inhibition reads 1 values of each layer; shared has 3 for 2 layers");
  const Array<Index> order(*backend_, std::vector<Index>{0, 1});
  const Dense weights(*backend_, 2, 2);
  EXPECT_NE(refusal([&] {
              backend_->update_in_order(SubtractiveInhibition{}, columns, three.batch(1), weights.view(),
                                        Batch<const Index>{order.view().data, 2, 1, 2}, 1);
            }).find("has no drive in its second column"),
            std::string::npos);
}

TEST_P(GeneralOperations, SayWhatASynapseRuleCannot) {
  const Array<real> x = array({1, 2}), o = array({1, 1});
  const Array<Index> index(*backend_, std::vector<Index>{0}), count(*backend_, std::vector<Index>{1});
  const Rows rows{2, {0, 1, 2}, {0, 1}, {1, 1}};
  const Incoming incoming(*backend_, std::span(&rows, 1));
  const Columns pre{{x.batch(2)}}, post{{o.batch(2)}};
  const Active list{index.view().data, count.view().data, nullptr, 1, 2, 1};
  const auto refused = [&](const SynapseRule& rule, const Units& from, const Units& to) {
    return refusal([&] {
      backend_->sweep(incoming.view(), {.learn = &rule, .pre = from, .post = to});
      backend_->synchronize();
    });
  };
  EXPECT_EQ(refused(Hebb{}, pre, post), "accepted");
  EXPECT_EQ(refused(HebbAdditive{}, pre, post),
            "sweep: rule hebb_additive creates synapses, which sparse rows cannot; use dense storage");
  EXPECT_EQ(refused(EligibilityTrace{}, pre, post),
            "sweep: rule eligibility_trace keeps 2 values a synapse, these rows have 1; use dense storage");
  EXPECT_EQ(refused(Stdp{}, list, list), "sweep: rule stdp needs columns, not lists of active units");
  EXPECT_EQ(refused(Hebb{}, pre, list), "sweep: rule hebb needs columns of both ends, or lists of both");
  EXPECT_EQ(refused(Hebb{}, {}, {}), "sweep: rule hebb needs columns of both ends, or lists of both");
  const SynapseRule hebb = Hebb{};
  for (const auto& [from, to] : {std::pair<Units, Units>{pre, post}, {list, list}})
    EXPECT_EQ(refusal([&] {
                backend_->sweep(incoming.view(), {.learn = &hebb, .pre = from, .post = to, .group = 2});
                backend_->synchronize();
              }),
              "sweep: rule hebb learns from 2 batches; pre has 1");
  EXPECT_EQ(refused(ModulatedHebb{}, pre, post),
            "rule modulated_hebb reads 1 values of each layer; shared has 0 for 1 layer");
}

TEST_P(GeneralOperations, SayWhatDoesNotFit) {
  const Array<real> x = array({1, 2, 3});
  EXPECT_EQ(refusal([&] { backend_->summarize(x.batch(3), {}, Sum{}, x.batch(3)); }),
            "summarize: out has 3 values a batch for 1 segments");
  EXPECT_EQ(refusal([&] { backend_->summarize(x.batch(3), {}, Dot{x.batch(1)}, x.batch(1)); }),
            "summarize: a dot product of 3 units with 1");
  EXPECT_EQ(refusal([&] { backend_->summarize(x.batch(3), {}, KthLargest{}, x.batch(1)); }),
            "summarize: no k is given; it is one number a segment");
  const Array<Index> at(*backend_, std::vector<Index>{0, 1});
  EXPECT_EQ(refusal([&] { backend_->gather(x.batch(3), at.view(), x.batch(1)); }),
            "gather: found 2 units for 1 values a batch");
}

TEST_P(GeneralOperations, ListWhatIsAboveALimitAndNotWhatIsAtIt) {
  const Array<real> x = array({1, 2, 3, 2, real(2.5)});
  const Array<Index> index(*backend_, 5), count(*backend_, 1);
  backend_->collect(x.batch(5), 2, {index.view().data, count.view().data, nullptr, 5, 5, 1});
  ASSERT_EQ(count.download()[0], 2u);
  EXPECT_EQ(index.download()[0], 2u);
  EXPECT_EQ(index.download()[1], 4u);
}

/// Number 0 is that of the tests: a stream that is forgotten would pass for it.
TEST_P(GeneralOperations, DrawTheNumbersOfTheStreamThatTheyAreGiven) {
  const Array<std::uint64_t> seed(*backend_, std::vector<std::uint64_t>{77});
  for (const Stream stream : {Stream::test, Stream::stimulus, Stream::weight, Stream::sorn_ee_weight}) {
    const Array<real> out = array(std::vector<real>(8));
    backend_->sample(Uniform{1, 3}, seed.view(), stream, 5, out.batch(8));
    const std::vector<real> drawn = out.download();
    for (Index i = 0; i < 8; ++i) {
      const Words words = Random{77, stream, 5, i / 4}.words(0);
      EXPECT_EQ(drawn[i], real(1) + real(2) * uniform_of(words.w[i % 4])) << i;
    }
  }
}

/// A network's weights do not depend on how many batches its changes were handed over in: one that repeats the other
/// adds the same change once more.
TEST_P(GeneralOperations, AddTheChangesOfAGroup) {
  const SynapseRule rule = HebbAdditive{real(0.25), 2};
  const auto after = [&](Index group) {
    Dense weights(*backend_, 1, 2);
    weights.upload(std::vector<real>{1, real(1.5)});
    const Array<real> x = array(std::vector<real>(group, 1)), o = array(std::vector<real>(group * 2, 1));
    backend_->sweep(
        weights.view(),
        {.learn = &rule, .pre = Columns{{x.batch(1, group)}}, .post = Columns{{o.batch(2, group)}}, .group = group});
    return weights.download();
  };
  EXPECT_EQ(after(1), (std::vector<real>{real(1.25), real(1.75)}));
  EXPECT_EQ(after(3), (std::vector<real>{real(1.75), 2})) << "the ceiling holds for the sum of changes";
}

}  // namespace
}  // namespace engram
