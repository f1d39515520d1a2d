// Values that rounds on a device and single rounds of the host take turns to change: they move when the other side asks
// for them, so that calls which follow each other on one side move nothing.
#pragma once

#include <algorithm>

#include "engram/backend.hpp"
#include "engram/calculus/rounds.hpp"

namespace engram::calculus {

template <class T>
Array<T> copy_of(Backend& backend, const Array<T>& from) {
  Array<T> to = Array<T>::unset(backend, from.size());
  if (from.size()) backend.copy(to.view().data, from.view().data, from.bytes());
  return to;
}

/// The first `size` values.
template <class T>
std::vector<T> beginning(Backend& backend, const Array<T>& from, std::size_t size) {
  std::vector<T> values(size);
  if (size) backend.download(values.data(), from.view().data, size * sizeof(T));
  return values;
}

template <class T>
class Mirror {
 public:
  Mirror() = default;
  Mirror(const Mirror& other) : host_(other.host()) {}
  Mirror(Mirror&&) = default;
  Mirror& operator=(Mirror&&) = default;
  Mirror& operator=(const Mirror& other) { return *this = other.host(); }
  Mirror& operator=(std::vector<T> values) {
    host_ = std::move(values);
    on_host_ = true;
    on_device_ = false;
    return *this;
  }

  const std::vector<T>& host() const {
    if (!on_host_) host_ = device_.download();
    on_host_ = true;
    return host_;
  }
  /// To be changed by the host.
  std::vector<T>& change() {
    host();
    on_device_ = false;
    return host_;
  }
  /// To be changed by the device; with room for no less than `room` values, `filler` where there are fewer.
  Span<T> begin(Backend& backend, std::size_t room, T filler) {
    if (!on_device_ || device_.size() < room) {
      std::vector<T> values = host();
      values.resize(std::max(values.size(), room), filler);
      if (device_.size() == values.size())
        device_.upload(values);
      else
        device_ = Array<T>(backend, values);
    }
    on_device_ = true;
    on_host_ = false;
    return device_.view();
  }

 private:
  mutable std::vector<T> host_;
  Array<T> device_;
  mutable bool on_host_ = true;
  bool on_device_ = false;
};

/// An ascending list; on the device it ends in no_unit.
class MirroredList {
 public:
  MirroredList& operator=(std::vector<Index> list) {
    padded_ = std::move(list);
    return *this;
  }
  std::span<const Index> list() const {
    const std::vector<Index>& all = padded_.host();
    return {all.begin(), std::lower_bound(all.begin(), all.end(), no_unit)};
  }
  Span<Index> begin(Backend& backend, std::size_t room) { return padded_.begin(backend, room, no_unit); }

 private:
  Mirror<Index> padded_;
};

}  // namespace engram::calculus
