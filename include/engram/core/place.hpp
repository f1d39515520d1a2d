// Values of a network where they lie, for whoever reads and writes them there instead of copying them.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace engram {

struct Place {
  std::string name;
  std::variant<float*, double*> data;       ///< in memory of the device
  std::vector<std::size_t> shape, strides;  ///< strides in values
  /// Whether what is written there counts; else it follows from other values, or several readers share it.
  bool writable = true;
};

}  // namespace engram
