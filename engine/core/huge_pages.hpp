// Large pages: one fault and one translation where there would be 512.
#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <vector>

namespace engram {

inline constexpr std::size_t huge_page = std::size_t{2} << 20;

/// Asks for large pages where [p, p + bytes) fills some, before they are first touched. Only a wish.
inline void use_huge_pages(void* p, std::size_t bytes) {
#if defined(MADV_HUGEPAGE)
  const auto begin = (reinterpret_cast<std::uintptr_t>(p) + huge_page - 1) / huge_page * huge_page;
  const auto end = (reinterpret_cast<std::uintptr_t>(p) + bytes) / huge_page * huge_page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

/// resize() of an empty vector.
template <class T>
void resize_huge(std::vector<T>& values, std::size_t size) {
  values.reserve(size);
  use_huge_pages(values.data(), size * sizeof(T));
  values.resize(size);
}

}  // namespace engram
