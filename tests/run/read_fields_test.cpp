// Parameters of every kind, read from JSON and published as a schema by one table.
#include "engram/run/read_fields.hpp"

#include <gtest/gtest.h>

#include "engram/rules/registry.hpp"
#include "engram/run/schema.hpp"

namespace engram {
namespace {

using schema::Json;

enum class Order { first, last };

struct Part {
  int size = 1;
  std::optional<double> share = {};
  static constexpr auto fields = std::tuple{
      required(Field{"size", &Part::size, "a size", 1, 9}),
      or_minus_one(Field{"share", &Part::share, "a share", 0, 1}),
  };
};

struct Layer {
  std::variant<Hebb, Willshaw> rule;
  std::optional<Index> limit;
  Order order = Order::last;
  std::array<std::string, 2> ends;
  Part part{.size = 3};
  Named<Part> parts;
  std::vector<Part> list;
  std::vector<std::string> sources;
  std::vector<std::vector<double>> rows;
  static constexpr auto fields = std::tuple{
      Field{"rule", &Layer::rule, "a rule"},
      Field{"limit", &Layer::limit, "a limit", 2, 5},
      Field{"order", &Layer::order, "an order", 0, 0, "first|last"},
      required(Field{"ends", &Layer::ends, "both ends"}),
      Field{"part", &Layer::part, "a part"},
      Field{"parts", &Layer::parts, "parts by name"},
      Field{"list", &Layer::list, "parts in a row"},
      Field{"sources", &Layer::sources, "names", 1, no_limit},
      Field{"rows", &Layer::rows, "numbers", 0, 1},
  };
  void check_together(const Report& problem) const {
    if (limit && ends[0] == ends[1]) problem("ends", "limited, and both ends are one");
  }
};

/// Reads, and gives all problems, one a line.
std::string read(const char* text, Layer& layer) {
  const ConfigReader reader(parse_config(text, "test"));
  try {
    read_fields(reader, layer);
    reader.finish();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}
std::string problems(const char* text) {
  Layer layer;
  return read(text, layer);
}

TEST(ReadFields, EveryKindFromOneTable) {
  Layer layer;
  EXPECT_EQ(read(R"({"ends": ["a", "b"]})", layer), "");
  EXPECT_TRUE(std::holds_alternative<Hebb>(layer.rule));
  EXPECT_FALSE(layer.limit);
  EXPECT_EQ(layer.order, Order::last);
  EXPECT_EQ(layer.part.size, 3);
  EXPECT_EQ(read(R"({"rule": "hebb", "beta": 0.25, "limit": 4, "order": "first", "ends": ["x", "y"],
                     "part": {"size": 2, "share": 0.5}, "parts": {"p": {"size": 1, "share": -1}, "q": {"size": 9}},
                     "list": [{"size": 4}], "sources": ["s"], "rows": [[0.5], [0, 1]]})",
                 layer),
            "");
  EXPECT_EQ(std::get<Hebb>(layer.rule).beta, real(0.25));
  EXPECT_EQ(layer.limit, 4u);
  EXPECT_EQ(layer.order, Order::first);
  EXPECT_EQ(layer.ends[1], "y");
  EXPECT_EQ(layer.part.share, 0.5);
  EXPECT_EQ(layer.parts.at(1).second.size, 9);
  EXPECT_FALSE(layer.parts.at(0).second.share) << "-1 stands for absence";
  EXPECT_EQ(layer.list.at(0).size, 4);
  EXPECT_EQ(layer.rows.at(1).size(), 2u);
  EXPECT_EQ(read(R"({"rule": "willshaw", "ends": ["x", "y"]})", layer), "");
  EXPECT_TRUE(std::holds_alternative<Willshaw>(layer.rule));
}

TEST(ReadFields, SayWhatIsWrongAndWhere) {
  EXPECT_EQ(problems("{}"), "/ends: missing; expected an array, each element a string");
  EXPECT_EQ(problems(R"({"ends": ["a"]})"), "/ends: found 1 names, needed are 2");
  EXPECT_EQ(problems(R"({"ends": ["a", "a"], "limit": 3})"), "/ends: limited, and both ends are one");
  EXPECT_EQ(problems(R"({"ends": ["a", "a"], "limit": 6})"), "/limit: found 6; allowed are 2 to 5");
  EXPECT_EQ(problems(R"({"ends": ["a", "b"], "rule": "heb", "beta": 1})"),
            "/rule: found the string \"heb\" (did you mean \"hebb\"?); allowed are \"hebb\", \"willshaw\"");
  EXPECT_EQ(problems(R"({"ends": ["a", "b"], "rule": "willshaw", "beta": 1})").substr(0, 20), "/beta: unknown key; ");
  EXPECT_EQ(problems(R"({"ends": ["a", "b"], "part": {}, "list": [7], "parts": {"q": {"size": 10, "share": -0.5}}})"),
            "/part/size: missing; expected an integer, 1 to 9\n"
            "/parts/q/size: found 10; allowed are 1 to 9\n"
            "/parts/q/share: found -0.5; allowed are 0 to 1\n"
            "/list/0: expected an object, found 7");
  EXPECT_EQ(problems(R"({"ends": ["a", "b"], "sources": [], "order": "second"})"),
            "/order: found the string \"second\"; allowed are \"first\", \"last\"\n"
            "/sources: found no names, needed is at least one");
}

TEST(ReadFields, TheSchemaHasAFormForEachAlternative) {
  const Json layer = schema::object_of<Layer>();
  ASSERT_EQ(layer["oneOf"].size(), 2u);
  const Json &hebb = layer["oneOf"][0], &willshaw = layer["oneOf"][1];
  EXPECT_EQ(hebb["description"], Hebb::help);
  EXPECT_EQ(hebb["properties"]["beta"]["maximum"], 1000);
  EXPECT_FALSE(willshaw["properties"].contains("beta"));
  EXPECT_EQ(hebb["required"], (Json{"ends"})) << "hebb is the default";
  EXPECT_EQ(willshaw["required"], (Json{"rule", "ends"}));
  const Json& p = hebb["properties"];
  EXPECT_FALSE(p["limit"].contains("default"));
  EXPECT_EQ(p["order"]["default"], "last");
  EXPECT_EQ(p["ends"]["maxItems"], 2);
  EXPECT_EQ(p["part"]["properties"]["share"]["anyOf"][1]["const"], -1);
  EXPECT_EQ(p["parts"]["additionalProperties"]["required"], Json{"size"});
  EXPECT_EQ(p["sources"]["minItems"], 1);
}

}  // namespace
}  // namespace engram
