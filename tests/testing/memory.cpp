#include "tests/testing/memory.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <iterator>
#include <map>

#include "engram/core/error.hpp"

namespace engram::testing_kernels {

namespace {

class HeapMemory final : public DeviceMemory {
 public:
  void* take(std::size_t bytes) override { return std::malloc(bytes); }
  void give(void* p) noexcept override { std::free(p); }
};

constexpr std::size_t round_up(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }

/// One reserved range, whose protection changes as a whole. In huge pages where the system has them: the time of a
/// change goes with their number, and there are two a launch.
class GuardedMemory final : public DeviceMemory {
 public:
  GuardedMemory() {
    void* const reserved =
        ::mmap(nullptr, guarded_room + huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (reserved == MAP_FAILED) throw MemoryError("the system refused to reserve a range of addresses");
    reserved_ = static_cast<char*>(reserved);
    base_ =
        reserved_ + (round_up(reinterpret_cast<std::size_t>(reserved), huge) - reinterpret_cast<std::size_t>(reserved));
    ::madvise(base_, guarded_room, MADV_HUGEPAGE);
  }
  GuardedMemory(const GuardedMemory&) = delete;
  ~GuardedMemory() override { ::munmap(reserved_, guarded_room + huge); }

  void* take(std::size_t bytes) override {
    if (bytes > guarded_room) return nullptr;
    const std::size_t size = round_up(bytes + (bytes == 0), alignment);
    for (auto free = free_.begin(); free != free_.end(); ++free)
      if (free->second >= size) {
        const auto [at, found] = *free;
        free_.erase(free);
        if (found > size) free_.emplace(at + size, found - size);
        return taken(at, size);
      }
    if (size > guarded_room - used_) return nullptr;
    used_ += size;
    if (opened_) protect();
    return taken(used_ - size, size);
  }
  void give(void* p) noexcept override {
    if (!p) return;
    const auto live = live_.find(static_cast<std::size_t>(static_cast<char*>(p) - base_));
    if (live == live_.end()) std::abort();  // never taken, or given twice
    auto [at, size] = *live;
    live_.erase(live);
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

 private:
  static constexpr std::size_t huge = std::size_t{1} << 21, alignment = 256;  // as a device gives it

  void* taken(std::size_t at, std::size_t size) {
    live_.emplace(at, size);
    return base_ + at;
  }
  void protect() const {
    if (used_ && ::mprotect(base_, round_up(used_, huge), opened_ ? PROT_READ | PROT_WRITE : PROT_NONE) != 0)
      throw MemoryError("the system refused to protect the memory of the emulated device");
  }
  char *reserved_ = nullptr, *base_ = nullptr;
  std::size_t used_ = 0;
  int opened_ = 0;
  std::map<std::size_t, std::size_t> live_, free_;  ///< offset, size; no two free ranges touch
};

}  // namespace

std::unique_ptr<DeviceMemory> make_memory(Memory memory) {
  if (memory == Memory::guarded) return std::make_unique<GuardedMemory>();
  return std::make_unique<HeapMemory>();
}

}  // namespace engram::testing_kernels
