#include <filesystem>
#include <iostream>

#include "apps/commands.hpp"
#include "apps/printable.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::apps {

using Json = nlohmann::ordered_json;

int validate(const std::vector<std::string>& files, bool json) {
  int code = 0;
  for (const std::string& file : files) {
    Json problems = Json::array();
    std::string text;
    try {
      const std::filesystem::path path(file);
      read_experiment(read_config_file(file), path.has_parent_path() ? path.parent_path().string() : ".",
                      path.stem().string());
    } catch (const ConfigError& error) {
      for (const Problem& p : error.problems()) {
        problems.push_back({{"path", p.path}, {"text", p.text}});
        text += printable(file + ": " + (p.path.empty() ? "/" : p.path) + ": " + p.text) + "\n";
      }
      code = std::max(code, error.exit_code());
    } catch (const Error& error) {
      problems.push_back({{"path", ""}, {"text", error.what()}});
      text += std::string(error.what()) + "\n";
      code = std::max(code, error.exit_code());
    }
    const Json judged{{"file", file}, {"valid", problems.empty()}, {"problems", problems}};
    if (json)
      std::cout << judged.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";  // file names are any bytes
    else if (problems.empty())
      std::cout << printable(file) << ": valid\n";
    std::cerr << text;
  }
  return code;
}

}  // namespace engram::apps
