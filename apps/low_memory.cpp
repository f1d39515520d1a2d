// Where memory runs out, the program must still be able to say so and to put its files in order. Destructors allocate
// (the JSON library's do), and one that fails ends the program without a word. So small requests that the system
// refuses are served from a reserve; a quarter of it is kept for what follows after std::bad_alloc. Programs that use
// the library keep their own operator new.
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <new>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

constexpr std::size_t reserve_bytes = 1 << 20, kept = reserve_bytes / 4, largest = 1 << 16, alignment = 16;
alignas(alignment) std::byte reserve[reserve_bytes];
std::atomic<std::size_t> used{0};
std::atomic<bool> thrown{false};

bool of_reserve(const void* p) noexcept {
  return !std::less<>{}(static_cast<const std::byte*>(p), reserve) &&
         std::less<>{}(static_cast<const std::byte*>(p), reserve + reserve_bytes);
}

/// Memory of the reserve, or null.
void* take(std::size_t bytes) noexcept {
  bytes = (bytes + alignment - 1) / alignment * alignment;
  const std::size_t room = thrown ? reserve_bytes : reserve_bytes - kept;
  std::size_t begin = used;
  do
    if (bytes > largest || begin + bytes > room) return nullptr;
  while (!used.compare_exchange_weak(begin, begin + bytes));
  return reserve + begin;
}

}  // namespace

void* operator new(std::size_t bytes) {
  if (void* p = std::malloc(bytes ? bytes : 1)) return p;
  if (void* p = take(bytes ? bytes : 1)) return p;
  thrown = true;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept {
  if (!of_reserve(p)) std::free(p);  // what the reserve gave is gone
}
void operator delete(void* p, std::size_t) noexcept { operator delete(p); }

#endif
