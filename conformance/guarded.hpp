// Arrays of a case on a device, between sentinels.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "engram/backend.hpp"

namespace engram::conformance {

/// Rows of values on a device with sentinels before, between (up to the pitch) and behind them.
template <class T>
class Guarded {
 public:
  Guarded(Backend& backend, const char* name, std::size_t rows, std::size_t length, std::size_t pitch,
          std::span<const T> values = {})
      : name_(name), rows_(rows), length_(length), pitch_(pitch), image_(rows * pitch + 2 * guard) {
    std::memset(image_.data(), 0xa5, image_.size() * sizeof(T));
    if (!values.empty())
      for (std::size_t r = 0; r < rows; ++r)
        std::copy_n(values.begin() + r * length, length, image_.begin() + guard + r * pitch);
    array_ = Array<T>(backend, image_);
  }
  T* data() const { return array_.view().data + guard; }
  Batch<T> batch() const { return {data(), static_cast<Index>(length_), static_cast<Index>(rows_), pitch_}; }

  /// The first `lengths[r]` values of each row (all, where `lengths` is empty), one row behind the other.
  std::vector<T> take(std::span<const Index> lengths = {}) const {
    const std::vector<T> now = array_.download();
    std::vector<T> values;
    std::size_t checked = 0;  // everything before it is a value or an intact sentinel
    const auto check_up_to = [&](std::size_t end) {
      for (; checked < end; ++checked)
        if (std::memcmp(&now[checked], &image_[checked], sizeof(T)) != 0)
          throw Error(std::string(name_) + ": a value outside the array was overwritten, at element " +
                      std::to_string(static_cast<std::ptrdiff_t>(checked) - static_cast<std::ptrdiff_t>(guard)) +
                      " of rows of " + std::to_string(length_));
    };
    for (std::size_t r = 0; r < rows_; ++r) {
      const std::size_t start = guard + r * pitch_, length = lengths.empty() ? length_ : lengths[r];
      if (length > length_) throw Error(std::string(name_) + ": a list counts more than its room");
      check_up_to(start);
      values.insert(values.end(), now.begin() + static_cast<std::ptrdiff_t>(start),
                    now.begin() + static_cast<std::ptrdiff_t>(start + length));
      checked = start + length;
    }
    check_up_to(now.size());
    return values;
  }

 private:
  static constexpr std::size_t guard = 256 / sizeof(T);  // whole lines: rows keep their alignment
  const char* name_;
  std::size_t rows_, length_, pitch_;
  std::vector<T> image_;
  Array<T> array_;
};

}  // namespace engram::conformance
