#include "engine/run/inputs.hpp"

#include "engine/io/checksum.hpp"
#include "engine/io/file.hpp"
#include "engram/core/error.hpp"

namespace engram {

using Json = nlohmann::ordered_json;

Json recorded_inputs(const Json& manifest) {
  const auto found = manifest.find("inputs");
  return found != manifest.end() && found->is_object() ? *found : Json::object();
}

void check_inputs(const std::map<std::string, std::string>& files, const std::filesystem::path& base,
                  const Json& recorded) {
  for (const auto& [file, hash] : files) {
    const auto known = recorded.find(file);
    if (known != recorded.end() && *known != io::checksum_of_file(io::open_regular(base / file)))
      throw IoError(
          (base / file).string() +
          ": is not what it was when the run began (its hash differs); put that file back, or begin a new run");
  }
}

void check_inputs(const Json& recorded, const std::filesystem::path& base) {
  std::map<std::string, std::string> files;
  for (const auto& [name, hash] : recorded.items()) files[name];
  check_inputs(files, base, recorded);
}

}  // namespace engram
