#include "engine/cpu/of_thread.hpp"

#include <pthread.h>

#include <new>
#include <utility>

namespace engram::cpu {

namespace {

void drop_all(void* first) {
  for (auto* one = static_cast<KeptByThread*>(first); one;) delete std::exchange(one, one->next);
}

/// Under which the system has the list of each thread. That takes no memory, the first keys being part of a thread.
pthread_key_t key() {
  static const pthread_key_t made = [] {
    pthread_key_t key = 0;
    if (pthread_key_create(&key, drop_all) != 0) throw std::bad_alloc();
    return key;
  }();
  return made;
}

}  // namespace

void keep(std::unique_ptr<KeptByThread> one) {
  one->next = static_cast<KeptByThread*>(pthread_getspecific(key()));
  if (pthread_setspecific(key(), one.get()) != 0) throw std::bad_alloc();
  one.release();
}

}  // namespace engram::cpu
