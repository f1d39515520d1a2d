#include "engram/run/config_reader.hpp"

#include <gtest/gtest.h>

#include "engram/rules/hebb.hpp"
#include "engram/run/read_fields.hpp"

namespace engram {
namespace {

using Json = nlohmann::ordered_json;

ConfigReader reader_of(const std::string& text) { return ConfigReader(parse_config(text, "test")); }

/// All problems of finish(), one a line.
std::string problems(const ConfigReader& reader) {
  try {
    reader.finish();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

std::string parse_problem(const std::string& text) {
  try {
    parse_config(text, "f");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(ConfigReader, hands_out_what_stands_in_the_file_and_defaults_for_the_rest) {
  const ConfigReader reader =
      reader_of(R"({"n": 3.0, "x": 1e2, "on": true, "word": "abc", "list": [1, 2.5], "big": 18446744073709551615})");
  EXPECT_EQ(reader.get<int>("n"), 3);
  EXPECT_EQ(reader.get<Index>("x"), 100u);
  EXPECT_TRUE(reader.get<bool>("on"));
  EXPECT_EQ(reader.get<std::string>("word"), "abc");
  EXPECT_EQ(reader.get<std::vector<double>>("list"), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(reader.get<std::uint64_t>("big"), ~std::uint64_t{0});
  EXPECT_EQ(reader.get_or("absent", 0.25), 0.25);
  EXPECT_EQ(problems(reader), "");
}

TEST(ConfigReader, reports_all_problems_at_once_with_their_paths) {
  const ConfigReader reader = reader_of(R"({"a": {"k": 2.5, "p": 2, "word": 7}, "list": [1, "x"]})");
  const ConfigReader a = reader.object("a");
  a.get<int>("k");
  a.get<double>("p", {0, 1});
  a.get<std::string>("word");
  a.get<int>("n", {1, 10});
  reader.get<std::vector<int>>("list");
  EXPECT_EQ(problems(reader),
            "/a/k: expected an integer, found 2.5\n"
            "/a/p: found 2; allowed are 0 to 1\n"
            "/a/word: expected a string, found 7\n"
            "/a/n: missing; expected an integer, 1 to 10\n"
            "/list/1: expected an integer, found the string \"x\"");
}

TEST(ConfigReader, refuses_integers_that_the_type_cannot_hold) {
  const ConfigReader reader = reader_of(
      R"({"a": -1, "b": 4294967296, "c": 1e30, "d": 300, "e": 1e300, "f": 18446744073709551616, "g": 9223372036854775808})");
  reader.get<Index>("a");
  reader.get<Index>("b");
  reader.get<std::int64_t>("c");
  reader.get<signed char>("d");
  reader.get<float>("e");
  reader.get<std::uint64_t>("f");
  reader.get<std::int64_t>("g");
  const std::string all = problems(reader);
  for (const char* path : {"/a: ", "/b: ", "/c: ", "/d: ", "/e: ", "/f: ", "/g: "})
    EXPECT_NE(all.find(path), std::string::npos) << path << all;
}

TEST(ConfigReader, a_failed_read_still_gives_an_allowed_value) {
  const ConfigReader reader = reader_of(R"({"n": 0})");
  EXPECT_EQ(reader.get<int>("n", {1, 10}), 1);
  EXPECT_EQ(reader.get<int>("m", {-10, -2}), -2);
  EXPECT_EQ(reader.object("missing").get<int>("k", {4, 9}), 4);
  EXPECT_EQ(problems(reader),
            "/n: found 0; allowed are 1 to 10\n/m: missing; expected an integer, -10 to -2\n/missing: missing; "
            "expected an object");
}

TEST(ConfigReader, reports_unknown_keys_with_the_nearest_known_one) {
  const ConfigReader reader = reader_of(R"({"rule": {"betta": 0.5}, "zzz": 1, "areas": {"A": {"k": 1, "kk": 2}}})");
  Hebb rule;
  read_fields(reader.object("rule"), rule);
  for (const auto& [name, area] : reader.object("areas").members()) area.get<int>("k");
  EXPECT_EQ(problems(reader),
            "/rule/betta: unknown key (did you mean \"beta\"?)\n"
            "/zzz: unknown key; known are \"areas\", \"rule\"\n"
            "/areas/A/kk: unknown key (did you mean \"k\"?)");
}

TEST(ConfigReader, fields_give_ranges_and_defaults) {
  const ConfigReader reader = reader_of(R"({"good": {"beta": 0.5}, "bad": {"beta": -1}})");
  Hebb good, bad;
  read_fields(reader.object("good"), good);
  EXPECT_EQ(good.beta, real(0.5));
  EXPECT_EQ(good.w_max, Hebb{}.w_max);
  read_fields(reader.object("bad"), bad);
  EXPECT_EQ(bad.beta, Hebb{}.beta);
  EXPECT_EQ(problems(reader), "/bad/beta: found -1; allowed are 0 to 1000");
}

TEST(ConfigReader, choices_are_listed_and_near_misses_named) {
  const ConfigReader reader = reader_of(R"({"mode": "ful", "other": 3})");
  reader.choice("mode", {"full", "lazy"});
  reader.choice_or("other", "full", {"full", "lazy"});
  EXPECT_EQ(problems(reader),
            "/mode: found the string \"ful\" (did you mean \"full\"?); allowed are \"full\", \"lazy\"\n"
            "/other: expected one of \"full\", \"lazy\", found 3");
}

TEST(ConfigReader, members_come_in_the_order_of_the_file) {
  std::string order;
  const ConfigReader reader = reader_of(R"({"z": 1, "a": 2, "m": 3})");
  for (const auto& [name, value] : reader.members()) order += name;
  EXPECT_EQ(order, "zam");
}

TEST(ConfigReader, files_that_are_none_are_problems) {
  for (const char* name : {"../none", "/none", "a/../../none", "", "."}) {
    const ConfigReader reader(Json{{"file", name}}, ".");
    reader.file("file");
    EXPECT_NE(problems(reader), "") << name;
  }
}

TEST(ParseConfig, names_line_and_column_of_a_syntax_error) {
  EXPECT_EQ(parse_problem("{\n  \"a\": 1,\n  \"b\": x\n}").substr(0, 20), "f, line 3, column 8:");
  EXPECT_NE(parse_problem("{\"a\": 1,}"), "");
  EXPECT_NE(parse_problem(""), "");
  EXPECT_NE(parse_problem("{} {}"), "");
}

TEST(ParseConfig, refuses_what_json_or_a_double_cannot_say) {
  for (const char* text : {"{\"a\": NaN}", "{\"a\": Infinity}", "{\"a\": 1e999}", "{\"a\": -1e999}",
                           "{\"a\": \"\xff\"}", "{\"a\": 01}", "{'a': 1}", "{\"a\": \"\n\"}"})
    EXPECT_NE(parse_problem(text), "") << text;
}

TEST(ParseConfig, refuses_duplicate_keys_with_their_path) {
  EXPECT_EQ(parse_problem(R"({"model": {"list": [0, {"k": 1, "k": 2}]}})"),
            "f: /model/list/1/k: this key stands here twice");
}

TEST(ParseConfig, limits_depth_and_size) {
  EXPECT_EQ(parse_problem(std::string(64, '[') + std::string(64, ']')), "");
  EXPECT_NE(parse_problem(std::string(65, '[') + std::string(65, ']')), "");
  EXPECT_NE(parse_problem(std::string(200000, '[')), "");
  EXPECT_NE(parse_problem("\"" + std::string(17 << 20, 'x') + "\""), "");
}

TEST(ParseConfig, skips_a_byte_order_mark) { EXPECT_EQ(parse_config("\xef\xbb\xbf{\"a\": 1}", "f"), (Json{{"a", 1}})); }

TEST(ApplySetting, sets_values_words_and_new_keys) {
  Json document = parse_config(R"({"model": {"eta": 1, "list": [1, 2]}})", "f");
  apply_setting(document, "/model/eta=0.5");
  apply_setting(document, "/model/list/1=7");
  apply_setting(document, "/backend=cpu");
  apply_setting(document, "/replicas/seeds=[1, 2]");
  apply_setting(document, "/model/a~1b=true");
  EXPECT_EQ(document.dump(),
            R"({"model":{"eta":0.5,"list":[1,7],"a/b":true},"backend":"cpu","replicas":{"seeds":[1,2]}})");
}

TEST(ApplySetting, refuses_places_that_do_not_exist) {
  Json document = parse_config(R"({"n": 1, "list": [1, 2]})", "f");
  for (const char* bad :
       {"/list/2=1", "/list/x=1", "/n/deeper=1", "no slash=1", "/n", "/n={broken", "/a~2=1", "/n=\xfft", "/\xff=1"})
    EXPECT_THROW(apply_setting(document, bad), ConfigError) << bad;
}

TEST(Nearest, finds_swaps_insertions_and_omissions_but_nothing_far) {
  const std::vector<std::string> words{"learning_rate", "eta", "w_max"};
  EXPECT_EQ(nearest("etta", words), "eta");
  EXPECT_EQ(nearest("tea", words), "eta");
  EXPECT_EQ(nearest("learnig_rate", words), "learning_rate");
  EXPECT_EQ(nearest("completely", words), "");
}

}  // namespace
}  // namespace engram
