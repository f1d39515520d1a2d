// Rules and models, from the tables that drive the reader: nothing is written twice.
#include <algorithm>
#include <functional>
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
  std::vector<Series> series = {};
};

template <class Variant>
std::vector<Entry> rules() {
  std::vector<Entry> all;
  // Which keys a rule has in an experiment, and where, is said with the models.
  for_each_rule<Variant>([&]<class Rule>() { all.push_back({Rule::name, Rule::help, Json::object()}); });
  return all;
}

std::vector<Entry> models() {
  std::vector<Entry> all;
  for (const Family& family : families()) all.push_back({family.name, family.help, family.schema(), family.series});
  return all;
}

std::string limits(const Json& property) {
  const bool low = property.contains("minimum"), high = property.contains("maximum");
  const auto number = [&](const char* key) { return shown(property[key].get<double>()); };
  if (property.contains("anyOf") && property["anyOf"].size() == 2 && property["anyOf"][1].contains("const"))
    return limits(property["anyOf"][0]) + ", or " + property["anyOf"][1]["const"].dump();
  if (property.contains("minItems") && property.contains("maxItems")) return "exactly " + property["minItems"].dump();
  if (property.contains("enum")) {
    std::string all;
    for (const Json& word : property["enum"]) all += (all.empty() ? "" : ", ") + word.get<std::string>();
    return all;
  }
  if (low && high) return number("minimum") + " to " + number("maximum");
  return low ? number("minimum") + " or more" : high ? number("maximum") + " or less" : "";
}

/// Whether a list of numbers may stand in a file.
bool may_be_file(const Json& property) {
  const Json forms = property.value("anyOf", Json::array());
  return forms.size() == 2 && forms[1] == schema::file_reference();
}

constexpr const char* needed = "required";  ///< in place of a default

struct Row {
  std::string key, type, limits, value, help;
};

/// The keys that tell the forms of an object apart, with their values in this one: "do: measure, what: overlap".
std::string tags_of(const Json& form, const Json& common) {
  std::string all;
  for (const auto& [key, property] : form["properties"].items())
    if (property.contains("const") && !common.contains(key))
      all += (all.empty() ? "" : ", ") + key + ": " + property["const"].get<std::string>();
  return all;
}

void collect(const Json& object, const std::string& path, std::vector<Row>& rows);

/// An object that takes one of several forms: the keys that all of them have, then each form with its own.
void collect_forms(const Json& forms, const std::string& path, std::vector<Row>& rows) {
  Json common = Json::object();
  for (const auto& [key, property] : forms[0]["properties"].items()) {
    const auto has = [&, key = key, property = property](const Json& form) {
      return form["properties"].contains(key) && form["properties"][key] == property;
    };
    if (std::all_of(forms.begin(), forms.end(), has)) common[key] = property;
  }
  collect({{"properties", common}, {"required", forms[0].value("required", Json::array())}}, path, rows);
  for (const Json& form : forms) {
    const std::string at = path + "[" + tags_of(form, common) + "]";
    Json own = Json::object();
    bool unsaid = true;
    for (const auto& [key, property] : form["properties"].items()) {
      if (property.contains("const") && !common.contains(key)) unsaid = unsaid && property.contains("default");
      if (!common.contains(key) && !property.contains("const")) own[key] = property;
    }
    rows.push_back({at, "", "", unsaid ? "default" : "", form.value("description", "")});
    collect({{"properties", own}, {"required", form.value("required", Json::array())}}, at, rows);
  }
}

/// The properties of an object, and those of the objects in them, as paths.
void collect(const Json& object, const std::string& path, std::vector<Row>& rows) {
  const Json required = object.value("required", Json::array());
  for (const auto& [key, property] : object["properties"].items()) {
    if (!property.is_object()) continue;
    std::string type = may_be_file(property)        ? "array or file"
                       : property.contains("const") ? property["const"].dump()
                       : property.contains("type")  ? property["type"].get<std::string>()
                                                    : "one of several";
    const std::string here = path.empty() ? key : path + "." + key;
    rows.push_back({here, type, limits(property),
                    property.contains("default")                                         ? property["default"].dump()
                    : std::find(required.begin(), required.end(), key) != required.end() ? needed
                                                                                         : "",
                    property.value("description", "")});
    const std::function<void(const Json&, const std::string&)> below = [&](const Json& part, const std::string& at) {
      if (!part.is_object()) return;
      if (part.contains("properties")) collect(part, at, rows);
      if (part.contains("oneOf") && part.contains("type")) collect_forms(part["oneOf"], at, rows);
      if (part.contains("additionalProperties")) below(part["additionalProperties"], at + ".NAME");
    };
    below(property, here);
    if (property.contains("items")) below(property["items"], here + "[]");
  }
}

std::string escaped(const std::string& text) {
  std::string all;
  for (const char c : text) all += c == '|' ? "\\|" : std::string(1, c);
  return all;
}

/// What "record" may name.
void print_series(const std::vector<Series>& series, bool markdown) {
  if (series.empty()) return;
  std::cout << (markdown ? "\n| series | of phases | |\n|---|---|---|\n" : "  series that a run can write down\n");
  for (const Series& one : series)
    if (markdown)
      std::cout << "| `" << escaped(one.name) << "` | " << listed(split_choices(one.phases)) << " | "
                << escaped(one.help) << " |\n";
    else
      std::cout << "    " << one.name << (*one.phases ? " (" + listed(split_choices(one.phases)) + ")" : "") << ": "
                << one.help << "\n";
}

void print(const Entry& entry, bool markdown) {
  std::vector<Row> rows;
  collect({{"properties", entry.properties}}, "", rows);
  if (markdown) {
    std::cout << "\n### " << entry.name << "\n\n" << entry.help << "\n";
    if (rows.empty()) return;
    std::cout << "\n| key | type | allowed | default | |\n|---|---|---|---|---|\n";
    for (const Row& row : rows)
      std::cout << "| `" << row.key << "` | " << row.type << " | " << row.limits << " | " << row.value << " | "
                << escaped(row.help) << " |\n";
    return print_series(entry.series, true);
  }
  std::cout << entry.name << "\n  " << entry.help << "\n";
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, row.key.size());
  for (const Row& row : rows)
    std::cout << "    " << row.key << std::string(width - row.key.size() + 2, ' ') << row.type
              << (row.limits.empty() ? "" : ", " + row.limits)
              << (row.value.empty()     ? ""
                  : row.type.empty()    ? "the default"
                  : row.value == needed ? ", required"
                                        : ", default " + row.value)
              << (row.help.empty() ? "" : ": " + row.help) << "\n";
  print_series(entry.series, false);
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
  bool found = false;  // a rule and a model may have one name
  for (const auto& [title, entries] : chapters) {
    if (options.markdown && options.name.empty())
      std::cout << "\n## " << title << "\n";
    else if (options.name.empty())
      std::cout << title << "\n";
    for (const Entry& entry : entries) {
      known.push_back(entry.name);
      if (options.name == entry.name) {
        print(entry, options.markdown);
        found = true;
      }
      if (!options.name.empty()) continue;
      if (options.markdown)
        print(entry, true);
      else
        std::cout << "  " << entry.name << std::string(entry.name.size() < 18 ? 18 - entry.name.size() : 1, ' ')
                  << entry.help << "\n";
    }
  }
  if (options.name.empty() || found) return 0;
  const std::string near = nearest(options.name, known);
  throw Error("no rule or model is called \"" + options.name + "\"" +
                  (near.empty() ? "; engram describe lists all" : "; did you mean " + near + "?"),
              2);
}

}  // namespace engram::apps
