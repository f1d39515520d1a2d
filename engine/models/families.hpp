// One maker a family; engine/models/registry.cpp lists them.
#pragma once

#include "engram/run/task.hpp"

namespace engram {

namespace assembly {
Family family();
}
namespace sorn {
Family family();
}
namespace attractor {
Family family();
}

namespace calculus {
Family family();
Family parser_family();
}  // namespace calculus

}  // namespace engram
