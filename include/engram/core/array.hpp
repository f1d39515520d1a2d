// Array<T> owns memory of one backend; Span and Batch are views of it, for both host and device code.
#pragma once

#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "engram/core/error.hpp"
#include "engram/core/portable.hpp"

namespace engram {

class Backend;

template <class T>
struct Span {
  T* data = nullptr;
  std::size_t size = 0;

  ENGRAM_HD T& operator[](std::size_t i) const { return data[i]; }
  ENGRAM_HD explicit operator bool() const { return data != nullptr; }
  operator Span<const T>() const { return {data, size}; }
};

/// One value a unit, [batch][unit]. A batch is a replica, or several states that share the weights of one replica.
/// Stride 0: all batches read the same values.
template <class T>
struct Batch {
  T* data = nullptr;
  Index units = 0, batches = 1;
  std::size_t stride = 0;

  ENGRAM_HD T* at(Index batch) const { return data + batch * stride; }
  ENGRAM_HD explicit operator bool() const { return data != nullptr; }
  operator Batch<const T>() const requires(!std::is_const_v<T>) { return {data, units, batches, stride}; }
};

/// Memory as a backend gives it; defined in engine/core/array.cpp so that Array needs no complete Backend.
namespace memory {
void* allocate(Backend&, std::size_t bytes);
void release(Backend&, void*) noexcept;
void upload(Backend&, void* to, const void* from, std::size_t bytes);
void download(Backend&, void* to, const void* from, std::size_t bytes);
void zero(Backend&, void*, std::size_t bytes);
}  // namespace memory

/// Product of two sizes; throws MemoryError where it would overflow.
inline std::size_t checked_product(std::size_t a, std::size_t b) {
  std::size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product))
    throw MemoryError("a size overflows: " + std::to_string(a) + " x " + std::to_string(b));
  return product;
}

/// Owner of `size` values on a backend, zero at first. Moves, does not copy.
template <class T>
class Array {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Array() = default;
  Array(Backend& backend, std::size_t size) : Array(unset(backend, size)) { zero(); }
  Array(Backend& backend, std::span<const T> values) : Array(unset(backend, values.size())) { upload(values); }
  /// Holds anything at first: for those who write all of it at once.
  static Array unset(Backend& backend, std::size_t size) {
    Array array;
    array.backend_ = &backend;
    array.size_ = size;
    if (size > 0) array.data_ = static_cast<T*>(memory::allocate(backend, array.bytes()));
    return array;
  }
  Array(Array&& other) noexcept { swap(other); }
  Array& operator=(Array&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Array() {
    if (data_) memory::release(*backend_, data_);
  }

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return checked_product(size_, sizeof(T)); }
  Span<T> view() const { return {data_, size_}; }
  /// As [batches][units]; size() must be their product.
  Batch<T> batch(Index units, Index batches = 1) const { return {data_, units, batches, units}; }

  void upload(std::span<const T> values) {
    if (values.size() != size_)
      throw Error("upload of " + std::to_string(values.size()) + " values into an array of " + std::to_string(size_));
    upload(values, 0);
  }
  /// Those from `first` on.
  void upload(std::span<const T> values, std::size_t first) {
    if (first > size_ || values.size() > size_ - first)
      throw Error("upload beyond an array of " + std::to_string(size_));
    if (!values.empty()) memory::upload(*backend_, data_ + first, values.data(), values.size_bytes());
  }
  std::vector<T> download() const {
    std::vector<T> values(size_);
    download(values, 0);
    return values;
  }
  /// Those from `first` on, as many as there is room for.
  void download(std::span<T> into, std::size_t first) const {
    if (first > size_ || into.size() > size_ - first)
      throw Error("download from beyond an array of " + std::to_string(size_));
    if (!into.empty()) memory::download(*backend_, into.data(), data_ + first, into.size_bytes());
  }
  void zero() {
    if (size_) memory::zero(*backend_, data_, bytes());
  }

 private:
  void swap(Array& other) noexcept {
    std::swap(backend_, other.backend_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  Backend* backend_ = nullptr;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace engram
