// What a run records, and what becomes of it when others meddle.
#include "engine/io/recorder.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "engine/io/names.hpp"
#include "engine/io/npy.hpp"
#include "tests/testing/scratch.hpp"

namespace engram::io {
namespace {

using test::Scratch;
using Json = nlohmann::ordered_json;

TEST(SafePath, cannot_leave_the_folder_and_never_merges_two_names) {
  EXPECT_EQ(safe_path("winners/A/unit"), "winners/A/unit");
  EXPECT_EQ(safe_path("../x"), "..%/x");
  EXPECT_EQ(safe_path("/x"), "%/x");
  EXPECT_EQ(safe_path("a b%"), "a%20b%25");
  EXPECT_EQ(safe_path(std::string("a\0b", 3)), "a%00b");
}

TEST(SafePath, names_that_cannot_be_a_part_of_a_columns_are_told) {
  for (const char* const good : {"A", "area 1", "обучение", "a.b", "x=1"})
    EXPECT_EQ(fault_of_column_part(good), "") << good;
  EXPECT_EQ(fault_of_column_part(std::string(240, 'A')), "");
  for (const std::string& bad :
       {std::string(241, 'A'), std::string(81, ' '), std::string("A.npy"), std::string("A.npy/B"), std::string("a/b"),
        std::string("/"), std::string("checkpoints"), std::string("metrics.csv"), std::string("grid-0"),
        std::string(".lock"), std::string("..")})
    EXPECT_NE(fault_of_column_part(bad), "") << bad;
}

TEST(RunRecorder, a_restored_recording_equals_one_that_never_stopped) {
  const Scratch whole, broken;
  const auto rows = [](RunRecorder& recorder, Tick from, Tick to) {
    for (Tick t = from; t < to; ++t) {
      recorder.begin_tick(t, {"p", 0, 10});
      const std::uint32_t pair[] = {static_cast<std::uint32_t>(t), 7};
      const double x = 0.1 * static_cast<double>(t);
      recorder.append("winners/A b", std::span<const std::uint32_t>(pair), 2);
      if (t > 5) recorder.append("late", std::span<const double>(&x, 1), 1);
      recorder.metric(t, 3, "a,\"b\"", "rate", x, t % 2 ? -1 : 4);
    }
  };
  OwnFiles of_whole, of_broken, after_the_kill;
  of_whole.open(whole.path());
  RunRecorder one(of_whole, {}, {"/p"});
  one.begin_point("", {{"8", {"0.5"}}});
  rows(one, 0, 10);
  one.sync();
  of_broken.open(broken.path());
  RunRecorder two(of_broken, {}, {"/p"});
  two.begin_point("", {{"8", {"0.5"}}});
  rows(two, 0, 4);
  two.sync();
  const auto position = two.position();
  rows(two, 4, 9);  // lost when the process dies
  two.sync();
  after_the_kill.open(broken.path());
  RunRecorder three(after_the_kill, {}, {"/p"});
  three.begin_point("", {{"8", {"0.5"}}});
  three.restore(position);
  rows(three, 4, 10);
  three.sync();
  for (const char* name : {"metrics.csv", "winners/A%20b.npy", "late.npy"})
    EXPECT_EQ(test::slurp(broken / name), test::slurp(whole / name)) << name;
  const std::string csv = test::slurp(whole / "metrics.csv");
  EXPECT_TRUE(
      csv.starts_with("time,replica,layer,unit,attribute,value,seed,phase,/"
                      "p\n0,3,\"a,\"\"b\"\"\",4,rate,0,8,p,0.5\n1,3,\"a,\"\"b\"\"\",,rate,0.1,8,p,0.5\n"))
      << csv;
  EXPECT_EQ(read_npy(whole / "winners/A%20b.npy").shape, (std::vector<std::uint64_t>{10, 2}));
  EXPECT_EQ(read_npy(whole / "late.npy").as<double>().size(), 4u);
}

TEST(RunRecorder, keeps_only_what_was_asked_for) {
  const Scratch folder;
  OwnFiles files;
  files.open(folder.path());
  RunRecorder recorder(files, {{.series = {"winners", "rate", "nothing"}, .every = 3}}, {});
  for (Tick t = 0; t < 7; ++t) {
    recorder.begin_tick(t, {"", 0, 7});
    EXPECT_EQ(recorder.wants("rate"), t % 3 == 0);
    EXPECT_EQ(recorder.next_wanted("rate", t), (t + 2) / 3 * 3);
    const std::uint64_t row = t;
    recorder.append("winners/A", std::span<const std::uint64_t>(&row, 1), 1);
    recorder.append("winners2", std::span<const std::uint64_t>(&row, 1), 1);
    recorder.metric(t, 0, "A", "rate", 1, -1);
    recorder.metric(t, 0, "A", "other", 1, -1);
  }
  recorder.sync();
  EXPECT_EQ(read_npy(folder / "winners/A.npy").as<std::uint64_t>(), (std::vector<std::uint64_t>{0, 3, 6}));
  EXPECT_FALSE(fs::exists(folder / "winners2.npy"));
  EXPECT_EQ(test::slurp(folder / "metrics.csv"),
            "time,replica,layer,unit,attribute,value,seed,phase\n0,0,A,,rate,1,,\n3,0,A,,rate,1,,\n6,0,A,,rate,1,,\n");
  EXPECT_EQ(recorder.unmatched(), std::vector<std::string>{"nothing"});
}

/// A recording of one column and one attribute.
struct Recording : testing::Test {
  Recording() {
    files.open(folder.path());
    recorder.begin_point("", {});
    row(0);
    recorder.sync();
  }
  void row(Tick t) {
    const std::uint32_t value = 7;
    recorder.append("winners/A", std::span<const std::uint32_t>(&value, 1), 1);
    recorder.metric(t, 0, "A", "rate", 1, -1);
  }
  /// How a further row is answered.
  std::string said() {
    row(1);
    try {
      recorder.sync();
    } catch (const IoError& error) {
      return error.what();
    }
    return "";
  }
  Scratch folder;
  OwnFiles files;
  RunRecorder recorder{files, {}, {}};
};

TEST_F(Recording, a_file_that_was_removed_is_missed_and_not_made_again) {
  for (const char* name : {"metrics.csv", "winners/A.npy"}) {
    const std::string whole = test::slurp(folder / name);
    fs::remove(folder / name);
    EXPECT_NE(said().find(name), std::string::npos) << name;
    EXPECT_FALSE(fs::exists(folder / name));
    test::spit(folder / name, whole);
  }
}

TEST_F(Recording, a_file_that_was_cut_or_lengthened_is_not_written_to) {
  fs::resize_file(folder / "winners/A.npy", 130);
  EXPECT_NE(said().find("was changed while the run went on"), std::string::npos);
  EXPECT_EQ(fs::file_size(folder / "winners/A.npy"), 130u);
}

TEST_F(Recording, rows_of_others_are_not_written_over) {
  std::ofstream(folder / "metrics.csv", std::ios::app) << "a note";
  EXPECT_NE(said().find("metrics.csv"), std::string::npos);
  EXPECT_TRUE(test::slurp(folder / "metrics.csv").ends_with("a note"));
}

TEST_F(Recording, a_link_in_the_place_of_a_folder_is_not_followed) {
  const Scratch outside;
  fs::remove_all(folder / "winners");
  fs::create_directory_symlink(outside.path(), folder / "winners");
  EXPECT_NE(said().find("is a link"), std::string::npos);
  EXPECT_TRUE(outside.entries().empty());
}

TEST_F(Recording, a_file_of_the_user_is_not_taken_for_a_column) {
  test::spit(folder / "mine.npy", "precious");
  const double x = 1;
  recorder.append("mine", std::span<const double>(&x, 1), 1);
  EXPECT_THROW(recorder.sync(), IoError);
  EXPECT_EQ(test::slurp(folder / "mine.npy"), "precious");
}

TEST_F(Recording, files_are_listed_before_they_are_made) {
  EXPECT_EQ(test::slurp(folder / OwnFiles::list_name), "metrics.csv\nresults.csv\nwinners/A.npy\n");
  std::ofstream(folder / OwnFiles::list_name, std::ios::app) << "winners/cut sho";  // by a kill
  OwnFiles again;
  again.open(folder.path());
  EXPECT_EQ(again.names(), (std::set<std::string>{"metrics.csv", "results.csv", "winners/A.npy"}));
  again.claim({"b.npy"});
  EXPECT_EQ(test::slurp(folder / OwnFiles::list_name), "metrics.csv\nresults.csv\nwinners/A.npy\nb.npy\n");
}

TEST_F(Recording, a_list_that_names_others_files_does_not_make_them_engrams) {
  test::spit(folder / OwnFiles::list_name, "../x.npy\n/etc/a.npy\nthesis.tex\nbest.safetensors\n.lock\na.npy\n");
  OwnFiles again;
  again.open(folder.path());
  EXPECT_EQ(again.names(), std::set<std::string>{"a.npy"});
}

TEST_F(Recording, a_place_that_no_recording_has_is_refused_and_nothing_is_touched) {
  const Json good = recorder.position();
  const std::string before = test::slurp(folder / "metrics.csv") + test::slurp(folder / "winners/A.npy");
  test::spit(folder / "mine.npy", std::string(200, 'm'));
  const auto with = [&](const std::string& file, const Json& at) {
    Json position = good;
    position[file] = at;
    return position;
  };
  const Json column{{"type", "<u4"}, {"width", 1}, {"bytes", 4}};
  const auto changed = [&](const char* key, const Json& value) {
    Json at = column;
    at[key] = value;
    return with("mine.npy", at);
  };
  std::vector<Json> bad{with("../outside.npy", column),
                        with("/tmp/outside.npy", column),
                        with("", column),
                        with("notes.txt", column),
                        with("none.npy", column),
                        changed("type", "x0"),
                        changed("type", ""),
                        changed("type", "<i8"),
                        changed("type", 4),
                        changed("type", "'\n:'4"),
                        changed("width", 0),
                        changed("width", -1),
                        changed("width", 1.5),
                        changed("width", std::uint64_t{1} << 63),
                        changed("width", 3),
                        changed("bytes", 3),
                        changed("bytes", "4"),
                        changed("bytes", ~std::uint64_t{0}),
                        changed("bytes", 400),
                        with("mine.npy", Json::array()),
                        with("metrics.csv", column),
                        Json::object()};
  for (const Json& position : bad) {
    EXPECT_THROW(recorder.restore(position), IoError) << position;
    EXPECT_EQ(test::slurp(folder / "metrics.csv") + test::slurp(folder / "winners/A.npy"), before) << position;
    EXPECT_EQ(test::slurp(folder / "mine.npy"), std::string(200, 'm')) << position;
  }
  EXPECT_NO_THROW(recorder.restore(good));
}

}  // namespace
}  // namespace engram::io
