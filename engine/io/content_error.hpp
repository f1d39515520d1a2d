// What a file of a user's holds is not what it should be, apart from a file that cannot be read.
#pragma once

#include "engram/core/error.hpp"

namespace engram::io {

/// A table whose text is not what it should be, or what was asked of a file that cannot hold it.
class TableError : public Error {
 public:
  using Error::Error;
};

/// An array whose bytes are not what its format says, or are of a kind that is not read.
class MalformedFile : public IoError {
 public:
  using IoError::IoError;
};

}  // namespace engram::io
