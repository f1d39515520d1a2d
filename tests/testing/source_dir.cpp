#include "tests/testing/source_dir.hpp"

namespace engram::test {

std::string source_dir() { return ENGRAM_SOURCE_DIR; }

}  // namespace engram::test
