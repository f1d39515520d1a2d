// A run folder from somebody else: whatever it says, nothing outside is written or read, and nothing crashes or waits.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/testing/stopped_run.hpp"

namespace engram::test {
namespace {

namespace fs = std::filesystem;

class HostileRun : public StoppedRun {
 protected:
  HostileRun() { spit(folder_ / "victim", victim_); }
  ~HostileRun() override { EXPECT_EQ(slurp(folder_ / "victim"), victim_); }
  /// The checkpoints with another text in their metadata.
  void say(const std::string& key, const std::string& value) const {
    for (const auto& entry : fs::directory_iterator(in_run("checkpoints"))) reseal(entry.path(), key, value);
  }
  std::string said(const std::string& key) const {
    for (const auto& entry : fs::directory_iterator(in_run("checkpoints")))
      return io::SafetensorsFile(entry.path()).metadata().at(key);
    return "";
  }
  void expect_refused(const std::vector<std::string>& words, const std::string& says = "") const {
    const Finished done = engram(words, [] {
      struct rlimit time {
        20, 20
      };
      ::setrlimit(RLIMIT_CPU, &time);
      ::alarm(20);  // a pipe takes no time of the CPU
    });
    EXPECT_EQ(done.code, 5) << done.error;
    EXPECT_NE(done.error.find(says), std::string::npos) << done.error;
    EXPECT_EQ(done.error.find("json.exception"), std::string::npos) << done.error;
  }
  const std::string victim_ = std::string(900, 'v');
};

TEST_F(HostileRun, a_checkpoint_names_no_file_outside_and_no_command) {
  const Json output = Json::parse(said("output"));
  const auto with = [&](const std::string& name, const Json& at) {
    Json all = output;
    all[name] = at;
    return all.dump();
  };
  const Json place{{"type", "<u4"}, {"width", 1}, {"bytes", 4}};
  for (const std::string& name : {std::string("../victim"), (folder_ / "victim").string(), std::string("../victim.npy"),
                                  std::string("checkpoints/../../victim"), std::string("winners/../../victim.npy"),
                                  std::string("manifest.json"), std::string(".lock")}) {
    say("output", with(name, place));
    expect_refused({"resume", run()}, "no checkpoint can be used");
  }
  spit(in_run("a.npy"), std::string(200, '\0'));
  for (const char* type : {"x0", "'\ntouch ~/PWNED\n:'4", "", "<f9", "<i4"}) {
    say("output", with("a.npy", {{"type", type}, {"width", 1}, {"bytes", 0}}));
    expect_refused({"resume", run()});
  }
  say("output", with("a.npy", {{"type", "<f4"}, {"width", 0}, {"bytes", 0}}));
  expect_refused({"resume", run()});
  EXPECT_EQ(slurp(in_run("a.npy")), std::string(200, '\0'));
}

TEST_F(HostileRun, what_a_checkpoint_says_of_the_run_is_checked_before_it_is_used) {
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  const std::map<std::string, std::vector<std::string>> bad{
      {"points", {deep, "7", "{}", "null", "[1]", "[{}]", "[{\"results\": {}}]", "[", ""}},
      {"output", {deep, "[]", "7", "{}", "{\"metrics.csv\": {}}", "{\"metrics.csv\": 7}", ""}},
      {"states", {deep, "[\"../victim\"]", "7", "[\"/etc/passwd\"]", "{}", ""}},
      {"ticks done", {"-1", "1e3", "99999999999999999999", "", "x", " 4"}},
      {"tick", {"77", "-4", ""}},
      {"point", {"1", "99999999999999999999"}},
      {"format", {"", "engram-checkpoint/9"}}};
  const Scratch kept;
  fs::copy(run(), kept / "run", fs::copy_options::recursive);
  for (const auto& [key, values] : bad)
    for (const std::string& value : values) {
      fs::remove_all(run());
      fs::copy(kept / "run", run(), fs::copy_options::recursive);
      say(key, value);
      expect_refused({"resume", run()});
      EXPECT_EQ(slurp(in_run("metrics.csv")), slurp(kept / "run/metrics.csv")) << key << " " << value.substr(0, 40);
      EXPECT_EQ(manifest()["status"], "interrupted") << key;
    }
}

TEST_F(HostileRun, links_and_pipes_in_the_place_of_its_files_are_refused) {
  fs::create_directory(folder_ / "outside");
  const Scratch copy;
  for (const char* name : {"metrics.csv", "manifest.json", "winners", "winners/A", "winners/A/unit.npy", "checkpoints",
                           ".lock", ".written"}) {
    for (const bool pipe : {false, true}) {
      fs::remove_all(copy / "run");
      fs::copy(run(), copy / "run", fs::copy_options::recursive);
      const fs::path in_copy = copy / (std::string("run/") + name);
      fs::remove_all(in_copy);
      if (pipe)
        ASSERT_EQ(::mkfifo(in_copy.c_str(), 0600), 0);
      else
        fs::create_symlink(fs::is_directory(in_run(name)) ? folder_ / "outside" : folder_ / "victim", in_copy);
      expect_refused({"resume", (copy / "run").string()});
      EXPECT_EQ(fs::exists(in_copy.parent_path()), true) << name;
      EXPECT_TRUE(fs::is_empty(folder_ / "outside")) << name;
    }
  }
}

TEST_F(HostileRun, a_recording_that_is_a_second_name_of_a_file_is_not_written_to) {
  const std::string before = slurp(in_run("metrics.csv"));
  fs::create_hard_link(in_run("metrics.csv"), folder_ / "backup.csv");
  expect_refused({"resume", run()}, "hard link");
  EXPECT_EQ(slurp(folder_ / "backup.csv"), before);
}

TEST_F(HostileRun, a_manifest_with_values_of_other_types_is_refused_with_its_path) {
  const Json good = manifest();
  for (const char* key : {"schema", "status", "name", "config", "config_folder", "seeds", "points", "files", "resumed",
                          "warnings", "model"})
    for (const Json& value :
         {Json(5), Json(nullptr), Json::parse("[[[]]]"), Json::parse("{\"a\": 1}"), Json(true), Json("x")}) {
      Json bad = good;
      if (std::string(bad.contains(key) ? bad[key].type_name() : "") == value.type_name() &&
          std::string(key) != "schema" && std::string(key) != "config")
        continue;
      bad[key] = value;
      spit(in_run("manifest.json"), bad.dump());
      if (!good.contains(key) && (std::string(key) == "warnings" || std::string(key) == "resumed") && value.is_array())
        continue;
      expect_refused({"resume", run()}, "manifest.json");
    }
  for (const char* key : {"schema", "status", "name", "config", "config_folder"}) {
    Json bad = good;
    bad.erase(key);
    spit(in_run("manifest.json"), bad.dump());
    expect_refused({"resume", run()}, "manifest.json");
  }
  Json bad = good;
  bad["config"]["samples"] = "many";
  spit(in_run("manifest.json"), bad.dump());
  expect_refused({"resume", run()}, "manifest.json: /config/samples");
  spit(in_run("manifest.json"), std::string(1000000, '[') + std::string(1000000, ']'));
  expect_refused({"resume", run()}, "manifest.json");
}

TEST_F(HostileRun, analyse_reads_as_carefully) {
  const std::string sorn = (folder_ / "sorn").string();
  spit(folder_ / "s.json",
       R"({"schema": "engram/1", "backend": "cpu", "threads": 1, "model": {"type": "sorn", "ne": 40, "nu": 2},
    "callbacks": {"series": ["ExcitatoryActivation"]}, "phases": [{"steps": 40}]})");
  ASSERT_EQ(engram({"run", (folder_ / "s.json").string(), "--out", sorn}).code, 0);
  ASSERT_EQ(engram({"analyse", sorn}).code, 0);
  const Json good = Json::parse(slurp(sorn + "/manifest.json"));
  for (const std::string& text :
       {"{\"z\":" + std::string(1000000, '[') + std::string(1000000, ']') + "," + good.dump().substr(1),
        std::string("[]"), std::string("7"), std::string("{\"schema\": \"engram-run/1\"}"), std::string("")}) {
    spit(sorn + "/manifest.json", text);
    expect_refused({"analyse", sorn}, "manifest.json");
  }
  for (const char* key : {"config", "config_folder", "name", "status", "model"}) {
    Json bad = good;
    bad[key] = 5;
    spit(sorn + "/manifest.json", bad.dump());
    expect_refused({"analyse", sorn}, "manifest.json");
  }
  fs::remove(sorn + "/manifest.json");
  ASSERT_EQ(::mkfifo((sorn + "/manifest.json").c_str(), 0600), 0);
  expect_refused({"analyse", sorn});
  fs::remove(sorn + "/manifest.json");
  spit(sorn + "/manifest.json", good.dump());
  fs::rename(sorn + "/ExcitatoryActivation", folder_ / "moved");
  fs::create_directory_symlink("../moved", sorn + "/ExcitatoryActivation");
  expect_refused({"analyse", sorn}, "link");
}

TEST_F(HostileRun, an_output_behind_a_link_is_refused_unless_the_user_named_it) {
  fs::create_directory(folder_ / "outside");
  fs::create_directory_symlink("outside", folder_ / "link");
  auto document = small_experiment();
  document["output"] = "link/run";
  spit(file(), document.dump());
  const Finished done = engram({"run", file()});
  EXPECT_EQ(done.code, 2);
  EXPECT_NE(done.error.find("/output"), std::string::npos) << done.error;
  EXPECT_TRUE(fs::is_empty(folder_ / "outside"));
  EXPECT_EQ(engram({"run", file(), "--out", (folder_ / "link/run").string()}).code, 0);
}

TEST_F(HostileRun, names_that_make_no_file_are_refused_by_validate) {
  for (const std::string& name : {std::string(300, 'A'), std::string(90, ' '), std::string("A.npy/B"),
                                  std::string("A/B"), std::string("A.npy")}) {
    auto document = small_experiment();
    document["model"]["stages"] = Json::array({Json{{name, document["model"]["stages"][0]["A"]}}});
    spit(folder_ / "named.json", document.dump());
    EXPECT_EQ(engram({"validate", (folder_ / "named.json").string()}).code, 2) << name;
  }
}

}  // namespace
}  // namespace engram::test
