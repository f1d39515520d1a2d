// Rules and models, from the tables that drive the reader: nothing is written twice.
#include <cstdio>
#include <iostream>

#include "apps/commands.hpp"
#include "engram/rules/registry.hpp"
#include "engram/run/schema.hpp"

namespace engram::apps {

using schema::Json;

namespace {

struct Entry {
  std::string name, help;
  Json properties;
};

template <class Variant>
std::vector<Entry> rules() {
  std::vector<Entry> all;
  for_each_rule<Variant>([&]<class Rule>() { all.push_back({Rule::name, Rule::help, schema::properties_of<Rule>()}); });
  return all;
}

std::vector<Entry> models() {
  std::vector<Entry> all;
  for (const Family& family : families()) all.push_back({family.name, family.help, family.schema()});
  return all;
}

std::string limits(const Json& property) {
  const bool low = property.contains("minimum"), high = property.contains("maximum");
  const auto number = [&](const char* key) {
    char text[32];
    std::snprintf(text, sizeof text, "%.15g", property[key].get<double>());
    return std::string(text);
  };
  if (property.contains("enum")) {
    std::string all;
    for (const Json& word : property["enum"]) all += (all.empty() ? "" : ", ") + word.get<std::string>();
    return all;
  }
  if (low && high) return number("minimum") + " to " + number("maximum");
  return low ? number("minimum") + " or more" : high ? number("maximum") + " or less" : "";
}

struct Row {
  std::string key, type, limits, value, help;
};

/// The properties of a schema, and those of the objects in them, as paths.
void collect(const Json& properties, const std::string& path, std::vector<Row>& rows) {
  for (const auto& [key, property] : properties.items()) {
    if (!property.is_object()) continue;
    std::string type = property.contains("const")   ? property["const"].dump()
                       : property.contains("oneOf") ? "one of several"
                                                    : property.value("type", "any");
    const std::string here = path.empty() ? key : path + "." + key;
    rows.push_back({here, type, limits(property), property.contains("default") ? property["default"].dump() : "",
                    property.value("description", "")});
    const auto below = [&](const Json& object, const std::string& at) {
      if (object.is_object() && object.contains("properties")) collect(object["properties"], at, rows);
      if (object.is_object() && object.contains("additionalProperties") && object["additionalProperties"].is_object())
        collect(object["additionalProperties"].value("properties", Json::object()), at + ".NAME", rows);
    };
    below(property, here);
    if (property.contains("items")) below(property["items"], here + "[]");
  }
}

void print(const Entry& entry, bool markdown) {
  std::vector<Row> rows;
  collect(entry.properties, "", rows);
  if (markdown) {
    std::cout << "\n### " << entry.name << "\n\n" << entry.help << "\n";
    if (rows.empty()) return;
    std::cout << "\n| key | type | allowed | default | |\n|---|---|---|---|---|\n";
    for (const Row& row : rows) {
      std::string help;
      for (const char c : row.help) help += c == '|' ? "\\|" : std::string(1, c);
      std::cout << "| `" << row.key << "` | " << row.type << " | " << row.limits << " | " << row.value << " | " << help
                << " |\n";
    }
    return;
  }
  std::cout << entry.name << "\n  " << entry.help << "\n";
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, row.key.size());
  for (const Row& row : rows)
    std::cout << "    " << row.key << std::string(width - row.key.size() + 2, ' ') << row.type
              << (row.limits.empty() ? "" : ", " + row.limits) << (row.value.empty() ? "" : ", default " + row.value)
              << (row.help.empty() ? "" : ": " + row.help) << "\n";
}

}  // namespace

int describe(const DescribeOptions& options) {
  if (options.schema) {
    std::cout << experiment_schema().dump(1) << "\n";
    return 0;
  }
  const std::pair<const char*, std::vector<Entry>> chapters[] = {{"Synapse rules", rules<SynapseRule>()},
                                                                 {"Models", models()}};
  if (options.markdown)
    std::cout << "# Rules and models\n\nWritten by `engram describe --markdown`; a test compares.\n";
  std::vector<std::string> known;
  for (const auto& [title, entries] : chapters) {
    if (options.markdown && options.name.empty())
      std::cout << "\n## " << title << "\n";
    else if (options.name.empty())
      std::cout << title << "\n";
    for (const Entry& entry : entries) {
      known.push_back(entry.name);
      if (options.name == entry.name) return print(entry, options.markdown), 0;
      if (!options.name.empty()) continue;
      if (options.markdown)
        print(entry, true);
      else
        std::cout << "  " << entry.name << std::string(entry.name.size() < 18 ? 18 - entry.name.size() : 1, ' ')
                  << entry.help << "\n";
    }
  }
  if (options.name.empty()) return 0;
  const std::string near = nearest(options.name, known);
  throw Error("no rule or model is called \"" + options.name + "\"" +
                  (near.empty() ? "; engram describe lists all" : "; did you mean " + near + "?"),
              2);
}

}  // namespace engram::apps
