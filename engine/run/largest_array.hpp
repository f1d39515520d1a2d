// What a plan may say of its memory beside its size.
#pragma once

#include <string>

namespace engram {

/// A Plan that knows what takes most of its memory.
class NamesLargestArray {
 public:
  virtual ~NamesLargestArray() = default;
  /// Which array that is, in words: "the weights of in, 400 x 300"; "" where there is none.
  virtual std::string largest_array() const = 0;
};

}  // namespace engram
