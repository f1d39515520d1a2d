// One test a file below ENGRAM_GOLDEN_DIR (or tests/golden), searched recursively.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/golden/golden.hpp"
#include "tests/testing/source_dir.hpp"

namespace golden {
namespace {

std::vector<Kind> all_kinds() {
  std::vector<Kind> all;
  for (const auto& family :
       {assembly_kinds(), sorn_kinds(), attractor_kinds(), assembly_calculus_kinds(), leabra_kinds(), nef_kinds()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

class GoldenFile : public testing::Test {
 public:
  explicit GoldenFile(std::filesystem::path path) : path_(std::move(path)) {}
  void TestBody() override {
    std::ifstream in(path_, std::ios::binary);
    ASSERT_TRUE(in) << "cannot read " << path_;
    std::stringstream text;
    text << in.rdbuf();
    File file{path_, text.str(), nlohmann::json::parse(text.str(), nullptr, false)};
    if (file.json.is_discarded()) file.json = nullptr;
    for (const Kind& kind : all_kinds())
      if (kind.matches(file)) {
        RecordProperty("kind", kind.name);
        return kind.check(file);
      }
    FAIL() << path_ << ": no check knows this kind of file";
  }

 private:
  std::filesystem::path path_;
};

/// Data, and no source of these checks, which stand beside what they read.
bool is_data(const std::filesystem::path& file) {
  return file.filename().string()[0] != '.' && file.extension() != ".cpp" && file.extension() != ".hpp";
}

void register_files() {
  const char* given = std::getenv("ENGRAM_GOLDEN_DIR");
  const std::filesystem::path root = given ? given : engram::test::source_dir() + "/tests/golden";
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(root))
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      if (entry.is_regular_file() && is_data(entry.path())) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  if (files.empty()) files.push_back(root);  // an empty folder proves nothing: the test that fails says so
  for (const auto& path : files)
    testing::RegisterTest("Golden", std::filesystem::relative(path, root).string().c_str(), nullptr, nullptr, __FILE__,
                          __LINE__, [path]() -> testing::Test* { return new GoldenFile(path); });
}

const bool registered = (register_files(), true);

}  // namespace
}  // namespace golden
