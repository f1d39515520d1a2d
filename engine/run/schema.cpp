#include "engram/run/schema.hpp"

#include <cstdio>
#include <cstdlib>

#include "engine/run/schema_parts.hpp"
#include "engram/run/experiment.hpp"

namespace engram {

using schema::Json;

namespace schema {

Json one_of(std::vector<Form> forms) {
  if (forms.size() == 1) return object(std::move(forms[0].properties), std::move(forms[0].required));
  Json all = Json::array();
  for (Form& form : forms) {
    Json one = object(std::move(form.properties), std::move(form.required));
    one["description"] = form.help;
    all.push_back(std::move(one));
  }
  return {{"type", "object"}, {"oneOf", std::move(all)}};
}

Json by_name(Json one) { return {{"type", "object"}, {"additionalProperties", std::move(one)}}; }

Json list_of(Json one) { return {{"type", "array"}, {"minItems", 1}, {"items", std::move(one)}}; }

void add_minus_one(Json& json, const Json& limited) {
  json["anyOf"] = {{{"minimum", limited["minimum"]}, {"maximum", limited["maximum"]}}, {{"const", -1}}};
}

double as_written(float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", static_cast<double>(value));
  return std::strtod(text, nullptr);
}

void split(std::vector<Form>& all, const FieldFacts& field, const std::vector<Alternative>& alternatives) {
  std::vector<Form> forms;
  for (const Form& before : all)
    for (const Alternative& one : alternatives)
      for (const Form& own : one.forms) {
        Form& form = forms.emplace_back(before);
        form.properties[field.name] = {{"const", one.name}, {"description", field.help}};
        if (one.unsaid) form.properties[field.name]["default"] = one.name;
        if (!one.unsaid) form.required.push_back(field.name);
        for (const auto& [key, value] : own.properties.items()) form.properties[key] = value;
        form.required.insert(form.required.end(), own.required.begin(), own.required.end());
        form.help = one.help + (own.help.empty() ? "" : ": " + own.help);
      }
  all = std::move(forms);
}

void append(std::vector<Form>& all, const FieldFacts& field, Json member) {
  member["description"] = field.help;
  for (Form& form : all) {
    if (field.required) form.required.push_back(field.name);
    form.properties[field.name] = member;
  }
}

#define ENGRAM_MEMBER_OF(T) template Json member_of(const FieldFacts&, const T&);
ENGRAM_COMMON_FIELDS(ENGRAM_MEMBER_OF)

}  // namespace schema

namespace {

Json described(Json json, const char* text) {
  json["description"] = text;
  return json;
}

/// What stands for a list of numbers.
Json numbers_of_a_file() {
  return schema::object(
      {{"file", described({{"type", "string"}, {"minLength", 1}}, "NPY, safetensors, or a comma-separated table")},
       {"tensor", described({{"type", "string"}, {"minLength", 1}}, "which tensor of a safetensors file")}},
      {"file"});
}

/// The keys that belong to every experiment; engine/run/experiment.cpp reads them.
Json common_properties() {
  const Json seed = schema::type_of<std::uint64_t>();
  Json p;
  p["schema"] = described({{"const", experiment_schema_id}}, "the version of this format");
  p["name"] = described({{"type", "string"}, {"minLength", 1}}, "default: the file's name");
  p["seed"] = described(seed, "of the first replica; default 1");
  p["replicas"] = described(
      schema::object(
          {{"seeds", described({{"oneOf",
                                 {schema::type_of<std::uint64_t>({1, 1e6}),
                                  {{"type", "array"}, {"items", seed}, {"minItems", 1}, {"uniqueItems", true}}}}},
                               "how many, with seeds that count up from /seed, or the seeds themselves")},
           {"grid", described({{"type", "object"},
                               {"propertyNames", {{"pattern", "^/."}}},
                               {"additionalProperties", {{"type", "array"}, {"minItems", 1}}}},
                              "JSON pointer to a list of values; every combination runs")}}),
      "independent networks");
  p["backend"] =
      described({{"type", "string"}, {"pattern", "^(auto|cpu|cuda(:[0-9]{1,3})?)$"}}, "where to run; default auto");
  p["threads"] = described(schema::type_of<int>({0, 4096}), "of the CPU; 0: all");
  const Json recorder = schema::object_of<Selection>();
  p["record"] = described({{"oneOf", Json::array({recorder, schema::list_of(recorder)})}},
                          "what is written down; of a list, all that any of them keeps");
  p["output"] =
      described({{"type", "string"}, {"minLength", 1}}, "the run folder, in or below the folder of this file");
  p["checkpoint"] =
      described(schema::object({{"every", described(schema::type_of<Tick>({0, 1e18}),
                                                    "ticks between two checkpoints; 0: only when stopped")},
                                {"keep", described(schema::type_of<int>({1, 1000}), "how many to keep; default 2")}}),
                "what resume continues from");
  return p;
}

}  // namespace

Json experiment_schema(std::span<const Family> known) {
  Json types = Json::array(), branches = Json::array();
  const Json common = common_properties();
  for (const Family& family : known) {
    types.push_back(family.name);
    Json properties;
    for (const auto& [key, value] : common.items()) properties[key] = true;
    properties["model"] = true;
    const Json own = family.schema();
    for (const auto& [key, value] : own.items()) properties[key] = value;
    if (properties["model"].is_object() && properties["model"].contains("properties"))
      properties["model"]["properties"]["type"] = {{"const", family.name}};
    branches.push_back(
        {{"if",
          {{"properties",
            {{"model", {{"properties", {{"type", {{"const", family.name}}}}}, {"required", {"type"}}}}}}}},
         {"then",
          {{"title", family.name},
           {"description", family.help},
           {"properties", properties},
           {"additionalProperties", false}}}});
  }
  Json properties = common;
  properties["model"] = {{"type", "object"}, {"properties", {{"type", {{"enum", types}}}}}, {"required", {"type"}}};
  return schema::with_parts_said_once({{"$schema", "http://json-schema.org/draft-07/schema#"},
                                       {"title", "engram experiment"},
                                       {"type", "object"},
                                       {"properties", properties},
                                       {"required", {"schema", "model"}},
                                       {"allOf", branches},
                                       {"$defs", {{"numbers of a file", numbers_of_a_file()}}}});
}

}  // namespace engram
