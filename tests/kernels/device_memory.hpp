// Where the memory of an emulated device lies: on the heap, or in a range that the host cannot touch, as on a device.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>

#include "engram/error.hpp"

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

class HeapMemory final : public DeviceMemory {
 public:
  void* take(std::size_t bytes) override { return std::malloc(bytes); }
  void give(void* p) noexcept override { std::free(p); }
};

/// Pages of one reserved range. Nobody can touch it but between open and close: a host that follows a pointer of the
/// device ends there, as it would where the pointer is one of a GPU.
class GuardedMemory final : public DeviceMemory {
 public:
  GuardedMemory()
      : base_(
            static_cast<char*>(::mmap(nullptr, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {
    if (base_ == MAP_FAILED) throw MemoryError("the system refused to reserve a range of addresses");
  }
  GuardedMemory(const GuardedMemory&) = delete;
  ~GuardedMemory() override { ::munmap(base_, room); }

  void* take(std::size_t bytes) override {
    if (bytes > room) return nullptr;
    const std::size_t size = (bytes + page_ - 1) / page_ * page_ + (bytes == 0 ? page_ : 0);
    for (auto free = free_.begin(); free != free_.end(); ++free)
      if (free->second >= size) {
        const auto [at, found] = *free;
        free_.erase(free);
        if (found > size) free_.emplace(at + size, found - size);
        return taken(at, size);
      }
    if (size > room - used_) return nullptr;
    used_ += size;
    protect();
    return taken(used_ - size, size);
  }
  void give(void* p) noexcept override {
    if (!p) return;
    const auto live = live_.find(static_cast<std::size_t>(static_cast<char*>(p) - base_));
    if (live == live_.end()) std::abort();  // never taken, or given twice
    auto [at, size] = *live;
    live_.erase(live);
    ::madvise(p, size, MADV_DONTNEED);
    auto next = free_.lower_bound(at);
    if (next != free_.end() && next->first == at + size) {
      size += next->second;
      next = free_.erase(next);
    }
    if (next != free_.begin() && std::prev(next)->first + std::prev(next)->second == at)
      std::prev(next)->second += size;
    else
      free_.emplace(at, size);
  }
  void open() override {
    if (opened_++ == 0) protect();
  }
  void close() override {
    if (--opened_ == 0) protect();
  }

  static constexpr std::size_t room = std::size_t{1} << 36;

 private:
  void* taken(std::size_t at, std::size_t size) {
    live_.emplace(at, size);
    return base_ + at;
  }
  void protect() const {
    if (used_ && ::mprotect(base_, used_, opened_ ? PROT_READ | PROT_WRITE : PROT_NONE) != 0)
      throw MemoryError("the system refused to protect the memory of the emulated device");
  }
  char* base_;
  std::size_t page_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)), used_ = 0;
  int opened_ = 0;
  std::map<std::size_t, std::size_t> live_, free_;  ///< offset, size; no two free ranges touch
};

/// Access for the time of a launch or a transfer.
class Access {
 public:
  explicit Access(DeviceMemory& memory) : memory_(memory) { memory_.open(); }
  Access(const Access&) = delete;
  ~Access() { memory_.close(); }

 private:
  DeviceMemory& memory_;
};

enum class Memory { heap, guarded };

inline std::unique_ptr<DeviceMemory> make_memory(Memory memory) {
  if (memory == Memory::guarded) return std::make_unique<GuardedMemory>();
  return std::make_unique<HeapMemory>();
}

/// New memory holds rubbish, so that what reads it differs from the CPU; to valgrind it counts as never written.
inline void fill_with_rubbish(void* data, std::size_t bytes) {
  std::memset(data, 0xa5, bytes);
  static_cast<void>(VALGRIND_MAKE_MEM_UNDEFINED(data, bytes));
}

}  // namespace engram::testing_kernels
