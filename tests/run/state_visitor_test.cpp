// Arrays of every type and place are saved and restored in one way.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/run/checkpoint.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/state.hpp"

namespace engram::test {
namespace {

struct Holder final : Task {
  explicit Holder(Backend& backend) : device(backend, 4), sums(backend, 2) {}
  Array<real> device;
  Array<fixed> sums;
  std::vector<double> host = {0, 0};
  std::vector<float> singles = {0};
  std::vector<std::uint32_t> list;
  std::vector<std::uint64_t> reversed = {0, 0, 0};

  Tick ticks() const override { return 0; }
  Tick advance(Tick, Tick, Recorder&) override { return 1; }
  nlohmann::ordered_json results() const override { return {}; }
  void visit(StateVisitor& visitor) override {
    const std::size_t square[] = {2, 2}, two[] = {2}, one[] = {1}, three[] = {3}, list_of[] = {any_size};
    visitor.array("device", square, device);
    visitor.array("sums", two, sums);
    visitor.array("host", two, host);
    visitor.array("singles", one, singles);
    visitor.array("list", list_of, list);
    visitor.array(
        "reversed", three,
        {[this] { return std::vector<std::uint64_t>(reversed.rbegin(), reversed.rend()); },
         [this](const std::vector<std::uint64_t>& values) { reversed.assign(values.rbegin(), values.rend()); }});
  }
};

TEST(StateVisitor, ArraysOfEveryTypeAndPlaceComeBack) {
  const auto backend = make_backend("cpu", {1});
  Holder saved(*backend), restored(*backend);
  saved.device.upload(std::vector<real>{1, 2, 3, 4});
  saved.sums.upload(std::vector<fixed>{-5, 6});
  saved.host = {7, 8};
  saved.singles = {9};
  saved.list = {10, 11, 12};
  saved.reversed = {1, 2, 3};
  std::map<std::string, std::string> metadata;
  const Scratch folder;
  const std::filesystem::path path = folder / "state.safetensors";
  write_safetensors(path, collect_state(saved, metadata), metadata);
  const io::SafetensorsFile file(path);
  EXPECT_EQ(file.read("reversed").bytes[0], 3) << "the layout of the file";
  EXPECT_EQ(file.read("list").shape, std::vector<std::uint64_t>{3});
  restore_state(restored, file);
  EXPECT_EQ(restored.device.download(), saved.device.download());
  EXPECT_EQ(restored.sums.download(), saved.sums.download());
  EXPECT_EQ(restored.host, saved.host);
  EXPECT_EQ(restored.singles, saved.singles);
  EXPECT_EQ(restored.list, saved.list);
  EXPECT_EQ(restored.reversed, saved.reversed);
}

TEST(StateVisitor, ALargeArrayIsSavedInPieces) {
  const auto backend = make_backend("cpu", {1});
  std::vector<std::uint32_t> values(9u << 20);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint32_t>(i * 2654435761u);
  Array<std::uint32_t> device(*backend, values);
  std::vector<std::size_t> sizes;
  std::vector<std::uint32_t> seen;
  StateArray(device).give([&](StatePiece piece) {
    const auto part = std::get<std::span<const std::uint32_t>>(piece);
    sizes.push_back(part.size());
    seen.insert(seen.end(), part.begin(), part.end());
  });
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4u << 20, 4u << 20, 1u << 20}));
  EXPECT_EQ(seen, values);
}

TEST(StateVisitor, APartIsRestoredFromAFileThatHoldsMore) {
  const auto backend = make_backend("cpu", {1});
  Holder saved(*backend);
  saved.host = {7, 8};
  std::map<std::string, std::string> metadata;
  const Scratch folder;
  const std::filesystem::path path = folder / "state.safetensors";
  write_safetensors(path, collect_state(saved, metadata), metadata);
  std::vector<double> part(2);
  const std::size_t two[] = {2}, three[] = {3};
  const auto show = [&](const std::size_t(&shape)[1]) {
    restore_part([&](StateVisitor& visitor) { visitor.array("host", shape, part); }, io::SafetensorsFile(path));
  };
  show(two);
  EXPECT_EQ(part, saved.host);
  EXPECT_THROW(show(three), IoError);
}

TEST(StateVisitor, ANumberThatIsNotFiniteIsFoundOnTheHostToo) {
  const auto backend = make_backend("cpu", {1});
  Holder task(*backend);
  check_finite(task, 1);
  task.host[1] = std::numeric_limits<double>::infinity();
  EXPECT_THROW(check_finite(task, 1), NumericError);
}

/// A state in a layout of its own, which counts how often it is made.
struct Counting final : Task {
  std::vector<real> values = {1, 2};
  int made = 0;

  Tick ticks() const override { return 0; }
  Tick advance(Tick, Tick, Recorder&) override { return 1; }
  nlohmann::ordered_json results() const override { return {}; }
  void visit(StateVisitor& visitor) override {
    const std::size_t two[] = {2};
    visitor.array("values", two,
                  {[this] {
                     ++made;
                     return values;
                   },
                   [this](const std::vector<real>& restored) { values = restored; }});
  }
};

TEST(StateVisitor, ACheckpointReadsTheStateOnceAndKeepsTheOldFileIfItIsNotFinite) {
  const Scratch scratch;
  Counting task;
  {
    io::Replacement file(scratch / "state.safetensors");
    save_finite_state(task, 3, file, {});
  }
  EXPECT_EQ(task.made, 1);
  task.values[1] = std::numeric_limits<real>::quiet_NaN();
  try {
    io::Replacement file(scratch / "state.safetensors");
    save_finite_state(task, 3, file, {});
    FAIL();
  } catch (const NumericError& error) {
    EXPECT_STREQ(error.what(), "after tick 3: values[1] is not a number");
  }
  restore_state(task, io::SafetensorsFile(scratch / "state.safetensors"));
  EXPECT_EQ(task.values, (std::vector<real>{1, 2}));
}

}  // namespace
}  // namespace engram::test
