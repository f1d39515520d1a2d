#include "engine/io/run_folder.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::io {

namespace {

using Json = nlohmann::ordered_json;

/// What engram reads of a manifest, as the JSON library names the types. The others are for people.
constexpr struct {
  const char *key, *type;
  bool needed;
} keys[] = {{"schema", "string", true},  {"status", "string", true},   {"name", "string", true},
            {"config", "object", true},  {"model", "string", false},   {"config_folder", "string", true},
            {"seeds", "array", false},   {"points", "array", false},   {"files", "object", false},
            {"resumed", "array", false}, {"warnings", "array", false}, {"replaces", "array", false}};

}  // namespace

Json read_manifest(const Folder& folder) {
  const std::string file = (folder.path() / "manifest.json").string();
  const auto fail = [&](const std::string& text) { throw IoError(file + ": " + text); };
  Json manifest;
  try {
    constexpr std::size_t most = std::size_t{256} << 20;  // it holds the results of every grid point
    manifest = parse_config(read_file(folder.open("manifest.json"), most), file, most);
  } catch (const ConfigError& error) {
    fail(error.what());
  }
  if (!manifest.is_object() || manifest.value("schema", Json()) != run_schema_id) fail("not of a run of engram");
  for (const auto& [key, type, needed] : keys) {
    const auto found = manifest.find(key);
    if (found == manifest.end() && needed) fail(std::string("/") + key + ": missing");
    if (found != manifest.end() && std::string(found->type_name()) != type)
      fail(std::string("/") + key + ": expected " + type + ", found " + found->type_name());
  }
  for (const char* key : {"seeds", "replaces"})
    for (const Json& one : manifest.value(key, Json::array()))
      if (!(*key == 's' ? one.is_number_unsigned() : one.is_string()))
        fail(std::string("/") + key + ": not a list of what engram writes there");
  for (const Json& point : manifest.value("points", Json::array()))
    if (!point.is_object() || !point.value("grid", Json::object()).is_object() ||
        !point.value("results", Json::object()).is_object())
      fail("/points: not a list of results");
  return manifest;
}

}  // namespace engram::io
