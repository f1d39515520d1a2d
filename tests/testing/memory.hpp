// Where the memory of an emulated device lies: on the heap, or in a range that the host cannot touch, as on a device.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_UNDEFINED(data, bytes) 0
#endif

namespace engram::testing_kernels {

class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;
  /// A null pointer where there is no more.
  virtual void* take(std::size_t bytes) = 0;
  virtual void give(void*) noexcept = 0;
  /// Between these, which nest, a launch or a transfer has access.
  virtual void open() {}
  virtual void close() {}
};

/// guarded: nobody can touch it but between open and close. A host that follows a pointer of the device ends there, as
/// it would where the pointer is one of a GPU.
enum class Memory { heap, guarded };
inline constexpr std::size_t guarded_room = std::size_t{1} << 36;
std::unique_ptr<DeviceMemory> make_memory(Memory);

/// Access for the time of a launch or a transfer.
class Access {
 public:
  explicit Access(DeviceMemory& memory) : memory_(memory) { memory_.open(); }
  Access(const Access&) = delete;
  ~Access() { memory_.close(); }

 private:
  DeviceMemory& memory_;
};

/// New memory holds rubbish, so that what reads it differs from the CPU; to valgrind it counts as never written.
inline void fill_with_rubbish(void* data, std::size_t bytes) {
  std::memset(data, 0xa5, bytes);
  static_cast<void>(VALGRIND_MAKE_MEM_UNDEFINED(data, bytes));
}

}  // namespace engram::testing_kernels
