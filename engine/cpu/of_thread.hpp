// Memory that a thread keeps from call to call, so that loops need not allocate. A thread_local object with a
// destructor will not do: where no memory is left, the C library cannot note the destructor and ends the program
// without a word.
#pragma once

#include <memory>

namespace engram::cpu {

struct KeptByThread {
  virtual ~KeptByThread() = default;
  KeptByThread* next = nullptr;
};
/// Deletes it when the calling thread ends.
void keep(std::unique_ptr<KeptByThread> one);

/// The T of the calling thread that one place in the program uses; `Place` is any type, which names it.
template <class T, class Place>
T& of_thread() {
  struct Node final : KeptByThread {
    T value;
  };
  static thread_local Node* mine = nullptr;
  if (!mine) {
    auto made = std::make_unique<Node>();
    Node* const node = made.get();
    keep(std::move(made));
    mine = node;
  }
  return mine->value;
}

}  // namespace engram::cpu
