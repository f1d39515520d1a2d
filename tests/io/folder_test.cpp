// What lies beneath a folder held open: no name and no link leads out, nothing waits for a pipe.
#include "engine/io/folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "engram/core/error.hpp"
#include "tests/testing/scratch.hpp"

namespace engram::io {
namespace {

using test::Scratch;

/// A folder beside which something precious lies.
struct Beneath : testing::Test {
  Beneath() {
    fs::create_directories(scratch / "outside/sub");
    fs::create_directories(scratch / "run/inner");
    test::spit(scratch / "outside/victim", "precious");
    test::spit(scratch / "run/inner/own", "mine");
    fs::create_directory_symlink("../outside", scratch / "run/link");
    fs::create_symlink("../outside/victim", scratch / "run/file");
    fs::create_hard_link(scratch / "outside/victim", scratch / "run/second");
    EXPECT_EQ(::mkfifo((scratch / "run/pipe").c_str(), 0600), 0);
  }
  ~Beneath() override {
    EXPECT_EQ(test::slurp(scratch / "outside/victim"), "precious");
    EXPECT_EQ(std::distance(fs::recursive_directory_iterator(scratch / "outside"), fs::recursive_directory_iterator()),
              2);
  }
  Scratch scratch;
  Folder folder() const { return Folder(scratch / "run"); }
};

TEST_F(Beneath, names_that_lead_out_are_refused) {
  const Folder run = folder();
  const std::string absolute = (scratch / "outside/victim").string();
  for (const std::string& name : {std::string("../outside/victim"), std::string("inner/../../outside/victim"), absolute,
                                  std::string(""), std::string("."), std::string("inner//own"),
                                  std::string("inner/./own"), std::string("inner/"), std::string("inner/own\0x", 11)}) {
    EXPECT_FALSE(is_beneath(name)) << name;
    EXPECT_THROW(run.open(name), IoError) << name;
    EXPECT_THROW(run.open(name, O_WRONLY | O_CREAT), IoError) << name;
    EXPECT_THROW(run.write_whole(name, "x"), IoError) << name;
    EXPECT_THROW(run.remove(name), IoError) << name;
  }
  EXPECT_TRUE(is_beneath("inner/..own/x.npy"));
  EXPECT_EQ(run.open("inner/own").size(), 4u);
}

TEST_F(Beneath, links_are_not_followed_wherever_they_stand_in_a_name) {
  const Folder run = folder();
  for (const char* name : {"link/victim", "link/sub/new", "file", "link"}) {
    EXPECT_THROW(run.open(name), IoError) << name;
    EXPECT_THROW(run.open(name, O_RDWR | O_CREAT), IoError) << name;
    EXPECT_THROW(run.write_whole(name, "x"), IoError) << name;
  }
  EXPECT_THROW(run.make_folder("link/made"), IoError);
  EXPECT_THROW(run.list("link"), IoError);
  EXPECT_THROW(run.remove("link/victim"), IoError);
  run.remove("link");  // no file of a run: it stays
  run.remove("file");
  EXPECT_TRUE(fs::is_symlink(scratch / "run/link"));
  EXPECT_TRUE(fs::is_symlink(scratch / "run/file"));
}

TEST_F(Beneath, a_file_with_a_second_name_is_read_and_not_written) {
  EXPECT_EQ(folder().open("second").size(), 8u);
  EXPECT_THROW(folder().open("second", O_WRONLY), IoError);
  folder().write_whole("second", "new");  // takes its place
  EXPECT_EQ(test::slurp(scratch / "run/second"), "new");
}

TEST_F(Beneath, nothing_waits_for_a_pipe) {
  EXPECT_THROW(folder().open("pipe"), IoError);
  EXPECT_THROW(folder().open("pipe", O_RDWR), IoError);
  EXPECT_THROW(folder().write_whole("pipe", "x"), IoError);
}

TEST_F(Beneath, folders_are_made_listed_and_removed_when_empty) {
  const Folder run = folder();
  run.make_folder("a/b");
  run.write_whole("a/b/c", "x");
  EXPECT_EQ(run.list("a/b"), std::vector<std::string>{"c"});
  run.remove("a/b");
  EXPECT_TRUE(run.exists("a/b/c"));
  run.remove("a/b/c");
  run.remove("a/b");
  EXPECT_FALSE(run.exists("a/b"));
  EXPECT_NO_THROW(run.remove("a/b/c"));
  EXPECT_THROW(run.list("a/b"), IoError);
}

TEST_F(Beneath, a_folder_that_was_exchanged_while_a_file_was_written_is_noticed) {
  const Folder run = folder();
  Replacement file = run.replace("inner/own");
  file.write("new", 3);
  fs::rename(scratch / "run/inner", scratch / "run/moved");
  fs::create_directory_symlink("../outside", scratch / "run/inner");
  EXPECT_THROW(file.commit(), IoError);
}

TEST(TemporaryFiles, are_known_by_the_name_that_a_replacement_gives_them) {
  const Scratch folder;
  Replacement file(folder / "manifest.json");
  ASSERT_EQ(folder.entries().size(), 1u);
  EXPECT_EQ(target_of_temporary(folder.entries()[0]), "manifest.json");
  for (const char* mine : {"notes.tmp", ".notes.tmp", ".manifest.json.tmp", ".manifest.json.0123456789ag.tmp",
                           ".a.0123456789ab.tmp~", "a.0123456789ab.tmp"})
    EXPECT_EQ(target_of_temporary(mine), "") << mine;
}

TEST(FolderLock, keeps_a_second_one_out_and_names_the_holder) {
  const Scratch scratch;
  const Folder folder(scratch.path());
  {
    const FolderLock lock(folder);
    try {
      const FolderLock second(folder);
      ADD_FAILURE() << "locked twice";
    } catch (const IoError& error) {
      EXPECT_NE(std::string(error.what()).find(std::to_string(::getpid())), std::string::npos) << error.what();
    }
  }
  EXPECT_NO_THROW(const FolderLock again(folder));
}

TEST(FolderLock, never_writes_into_a_file_of_somebody_else) {
  const Scratch scratch;
  const Folder folder(scratch.path());
  test::spit(scratch / "precious", "12");
  for (const int kind : {0, 1, 2}) {
    fs::remove(scratch / ".lock");
    if (kind == 0)
      test::spit(scratch / ".lock", "what I must not forget");
    else if (kind == 1)
      fs::create_symlink("precious", scratch / ".lock");
    else
      fs::create_hard_link(scratch / "precious", scratch / ".lock");
    EXPECT_THROW(FolderLock lock(folder), IoError) << kind;
  }
  EXPECT_EQ(test::slurp(scratch / "precious"), "12");
}

TEST(FolderLock, goes_away_again_where_nothing_was_begun) {
  const Scratch scratch;
  const Folder folder(scratch.path());
  FolderLock lock(folder);
  lock.undo();
  EXPECT_TRUE(scratch.entries().empty());
}

}  // namespace
}  // namespace engram::io
