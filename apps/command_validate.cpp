#include <filesystem>
#include <iostream>

#include "apps/commands.hpp"
#include "apps/printable.hpp"
#include "engine/run/forecast.hpp"
#include "engram/run/config_reader.hpp"

namespace engram::apps {

using Json = nlohmann::ordered_json;

namespace {

std::string words_of(const Json& size) {
  const std::string words = size["family"].get<std::string>() + ", " + size["seeds"].dump() + " x " +
                            size["points"].dump() + " networks, " + bytes_in_words(size["bytes"].get<std::size_t>());
  if (!size.contains("remedy")) return words;
  return words + ", of which " + bytes_in_words(size["free"].get<std::size_t>()) + " are free here; " +
         size["remedy"].get<std::string>();
}

}  // namespace

int validate(const std::vector<std::string>& files, const std::vector<std::string>& settings, bool json) {
  int code = 0;
  for (const std::string& file : files) {
    Json problems = Json::array();
    std::string text;
    Json size;
    try {
      const std::filesystem::path path(file);
      Json document = read_config_file(file);
      for (const std::string& setting : settings) apply_setting(document, setting);
      size = forecast_of(read_experiment(
          std::move(document), path.has_parent_path() ? path.parent_path().string() : ".", path.stem().string()));
    } catch (const ConfigError& error) {
      for (const Problem& p : error.problems()) {
        problems.push_back({{"path", p.path}, {"text", p.text}});
        const bool named = p.path.starts_with(file);  // where it could not be parsed
        text += printable((named ? "" : file + ": ") + (p.path.empty() ? "/" : p.path) + ": " + p.text) + "\n";
      }
      code = std::max(code, error.exit_code());
    } catch (const Error& error) {
      const std::string what = error.what();
      problems.push_back({{"path", ""}, {"text", what}});
      text += printable((what.starts_with(file) ? "" : file + ": ") + what) + "\n";
      code = std::max(code, error.exit_code());
    }
    Json judged{{"file", file}, {"valid", problems.empty()}, {"problems", problems}};
    if (problems.empty()) judged["forecast"] = size;
    if (json)
      std::cout << judged.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";  // file names are any bytes
    else if (problems.empty())
      std::cout << printable(file) << ": valid; " << words_of(size) << "\n";
    std::cerr << text;
  }
  return code;
}

}  // namespace engram::apps
