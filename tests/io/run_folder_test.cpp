// A run folder as the engine takes it, from inside.
#include "engine/io/run_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "engine/io/checkpoint_files.hpp"
#include "engram/core/error.hpp"
#include "tests/testing/scratch.hpp"

namespace engram::io {
namespace {

using test::Scratch;
using Json = nlohmann::ordered_json;

Json manifest_of_a_run() {
  return {{"schema", run_schema_id},
          {"status", "running"},
          {"name", "r"},
          {"config", Json::object()},
          {"config_folder", "/"}};
}

TEST(RunFolder, refuses_foreign_folders_and_runs_that_are_there) {
  const Scratch folder;
  test::spit(folder / "thesis.txt", "precious");
  EXPECT_THROW(RunFolder(folder.path(), RunFolder::Mode::replace), IoError);
  EXPECT_THROW(RunFolder(folder / "none", RunFolder::Mode::existing), IoError);
  EXPECT_FALSE(fs::exists(folder / "none"));
  Json manifest = manifest_of_a_run();
  {
    RunFolder run(folder / "run", RunFolder::Mode::fresh);
    run.begin(manifest, {"metrics.csv"});
    run.files().claim({"a.npy"});
    test::spit(folder / "run/a.npy", "x");
    test::spit(folder / "run/b.npy", "mine");
  }
  EXPECT_THROW(RunFolder(folder / "run", RunFolder::Mode::fresh), IoError);
  {
    RunFolder run(folder / "run", RunFolder::Mode::replace);
    EXPECT_TRUE(fs::exists(folder / "run/a.npy"));
    run.begin(manifest, {"metrics.csv"});
  }
  EXPECT_FALSE(manifest.contains("replaces"));
  EXPECT_FALSE(fs::exists(folder / "run/a.npy"));
  EXPECT_EQ(test::slurp(folder / "run/b.npy"), "mine");
}

TEST(RunFolder, nothing_is_made_before_a_run_begins) {
  const Scratch folder;
  { RunFolder run(folder / "new/er", RunFolder::Mode::fresh); }
  { RunFolder run(folder.path(), RunFolder::Mode::fresh); }
  EXPECT_TRUE(folder.entries().empty());
}

TEST(RunFolder, a_file_that_it_would_write_and_that_is_there_is_refused_before_anything_is_made) {
  const Scratch folder;
  Json manifest = manifest_of_a_run();
  {
    RunFolder run(folder.path(), RunFolder::Mode::fresh);
    run.begin(manifest, {"metrics.csv"});
  }
  test::spit(folder / "state.safetensors", "mine");
  const auto before = folder.entries();
  {
    RunFolder run(folder.path(), RunFolder::Mode::replace);
    manifest["name"] = "other";
    EXPECT_THROW(run.begin(manifest, {"metrics.csv", "state.safetensors"}), IoError);
  }
  EXPECT_EQ(folder.entries(), before);
  EXPECT_EQ(test::slurp(folder / "state.safetensors"), "mine");
  EXPECT_EQ(read_manifest(Folder(folder.path()))["name"], "r");
}

TEST(RunFolder, a_run_of_a_version_without_a_list_is_continued_and_replaced) {
  const Scratch folder;
  fs::create_directory(folder / "checkpoints");
  Json manifest = manifest_of_a_run();
  test::spit(folder / "manifest.json", manifest.dump());
  for (const char* name : {"metrics.csv", "state.safetensors"}) test::spit(folder / name, "old");
  {
    RunFolder run(folder.path(), RunFolder::Mode::existing);
    EXPECT_NO_THROW(run.reopen(manifest, {"metrics.csv", "state.safetensors"}, false));
  }
  fs::remove(folder / OwnFiles::list_name);
  RunFolder run(folder.path(), RunFolder::Mode::replace);
  run.begin(manifest, {"metrics.csv", "state.safetensors"});
  EXPECT_FALSE(fs::exists(folder / "metrics.csv"));
}

TEST(CheckpointFiles, of_what_lies_in_the_folder_only_checkpoints_count) {
  const Scratch scratch;
  const Folder run(scratch.path());
  EXPECT_THROW(list_checkpoints(run), IoError);
  run.make_folder(checkpoint_folder);
  for (const char* name :
       {"point-0-tick-10", "point-0-tick-9", "point-00-tick-1", "point-0-tick-1.bak", "point--1-tick-1", "notes"})
    test::spit(scratch / ("checkpoints/" + std::string(name) + ".safetensors"), "junk");
  const auto listed = list_checkpoints(run);
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].tick, 10u);
  EXPECT_FALSE(is_checkpoint(run, listed[0]));
  CheckpointFiles files;
  for (const std::uint64_t tick : {3, 20, 1}) files.add({0, tick});
  files.prune(run, 2);
  EXPECT_EQ(files.own(), (std::vector<CheckpointName>{{0, 20}, {0, 3}}));
  EXPECT_EQ(list_checkpoints(run).size(), 2u);
}

}  // namespace
}  // namespace engram::io
