// Recorded data of the reference systems. A test program finds every file below a folder and runs the check that the
// file's content asks for; a file that no check knows fails.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace golden {

struct File {
  std::filesystem::path path;
  std::string text;
  nlohmann::json json;  ///< null unless the file is JSON
};

/// One kind of file: what it looks like, and its check (with EXPECT_ and ASSERT_ macros).
struct Kind {
  const char* name;
  bool (*matches)(const File&);
  void (*check)(const File&);
};

// One list a family, in tests/golden/<family>.
std::vector<Kind> assembly_kinds();
std::vector<Kind> sorn_kinds();
std::vector<Kind> attractor_kinds();
std::vector<Kind> assembly_calculus_kinds();
std::vector<Kind> leabra_kinds();
std::vector<Kind> nef_kinds();

inline bool is(const File& f, const char* family) { return f.json.is_object() && f.json.value("family", "") == family; }
inline bool has(const File& f, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (!f.json.contains(key)) return false;
  return true;
}

/// |a - b| <= absolute + relative |b|
inline void expect_close(double found, double expected, double relative, double absolute, const std::string& what) {
  const bool close = std::abs(found - expected) <= absolute + relative * std::abs(expected);
  EXPECT_TRUE(close || (std::isnan(found) && std::isnan(expected)))
      << what << ": found " << found << ", recorded " << expected;
}

}  // namespace golden
