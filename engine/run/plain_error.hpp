// What a user asked for and cannot have, apart from what the machine or the numbers did.
#pragma once

#include <typeinfo>

#include "engram/core/error.hpp"

namespace engram {

/// Whether this error is about what was asked for. Lack of memory, files, devices and values that are not finite have
/// types of their own: nobody may take such an error for an outcome.
inline bool is_plain(const Error& error) { return typeid(error) == typeid(Error); }

}  // namespace engram
