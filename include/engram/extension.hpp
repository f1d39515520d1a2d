// What a family asks of a backend beyond the operations over populations and projections: an interface that the family
// declares, that a backend may offer, and that a model asks for once, in its constructor. A fused step that can be
// written in general operations is also written so; its extension is then only faster, and a backend without it is
// slower, not wrong.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "engram/core/portable.hpp"

namespace engram {

class Extension;

/// Receives what operations wrote, so that two backends can be compared array by array.
class Tracer {
 public:
  virtual ~Tracer() = default;
  /// What is recorded from now on was written by this tick.
  virtual void at_tick(Tick) = 0;
  /// Rows of `length` values, `stride` values apart, on the device.
  virtual void record(const char* operation, const char* array, const real* data, std::size_t rows, std::size_t length,
                      std::size_t stride) = 0;
  virtual void record(const char* operation, const char* array, const std::uint32_t* data, std::size_t rows,
                      std::size_t length, std::size_t stride) = 0;
  /// Owns `made` from now on.
  virtual Extension* keep(std::unique_ptr<Extension> made) = 0;
};

class Extension {
 public:
  virtual ~Extension() = default;
  /// What a traced backend offers in the place of this: a form that reports every array it writes; itself where all
  /// that it writes reaches an operation that is traced; null where the model shall use general operations instead.
  virtual Extension* traced(Tracer&) { return nullptr; }
};

/// Names an interface and its version, such as "family.steps/1". A string and no type: it is the same in every shared
/// object of a process.
using ExtensionId = std::string_view;

}  // namespace engram
