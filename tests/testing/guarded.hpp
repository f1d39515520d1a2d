// The emulated device whose memory the host cannot touch.
#pragma once

#include <memory>

#include "engram/backend.hpp"

namespace engram::test {

std::unique_ptr<Backend> guarded_device();

}  // namespace engram::test
