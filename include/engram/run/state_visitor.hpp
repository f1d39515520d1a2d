// The state of a task as a visitor sees it: arrays by name, wherever they lie, and small values of the host.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engram/core/array.hpp"

namespace engram {

/// The values of an array of a state, on the host.
using StateValues = std::variant<std::vector<float>, std::vector<double>, std::vector<std::int64_t>,
                                 std::vector<std::uint32_t>, std::vector<std::uint64_t>>;
/// Some of them, one after the other.
using StatePiece = std::variant<std::span<const float>, std::span<const double>, std::span<const std::int64_t>,
                                std::span<const std::uint32_t>, std::span<const std::uint64_t>>;

/// An array of a state: on a device, on the host, or in a layout of its own. It refers to what it was made of.
class StateArray {
 public:
  using Taker = std::function<void(StatePiece)>;

  template <class T>
  StateArray(Array<T>& device)
      : none_(std::vector<T>()),
        size_([&device] { return device.size(); }),
        give_([&device](const Taker& take) {
          std::vector<T> piece(std::min(device.size(), piece_bytes / sizeof(T)));
          for (std::size_t first = 0; first < device.size(); first += piece.size()) {
            const std::span<T> part = std::span(piece).first(std::min(piece.size(), device.size() - first));
            device.download(part, first);
            take(std::span<const T>(part));
          }
        }),
        set_([&device](StateValues& values) { device.upload(std::get<std::vector<T>>(values)); }) {}
  template <class T>
  StateArray(std::vector<T>& host)
      : none_(std::vector<T>()),
        size_([&host] { return host.size(); }),
        give_([&host](const Taker& take) { take(std::span<const T>(host)); }),
        set_([&host](StateValues& values) { host = std::move(std::get<std::vector<T>>(values)); }) {}
  /// `get` gives the values in the order in which they are saved, `set` takes them back.
  template <class Get, class Set, class Values = std::invoke_result_t<Get>>
  StateArray(Get get, Set set)
      : none_(Values()),
        size_([get] { return get().size(); }),
        give_([get](const Taker& take) {
          const Values all = get();
          take(std::span<const typename Values::value_type>(all));
        }),
        set_([set = std::move(set)](StateValues& values) { set(std::get<Values>(values)); }) {}

  /// Values that lie in several places, of type T: `size` of them, which `give` passes on place by place. Where they
  /// lie in another order than that in which they are saved, `in_place` passes on all of them as they lie, and maybe
  /// zeros.
  template <class T>
  static StateArray of_parts(std::size_t size, std::function<void(const Taker&)> give,
                             std::function<void(const std::vector<T>&)> set,
                             std::function<void(const Taker&)> in_place = {}) {
    StateArray all{std::vector<T>(), [size] { return size; }, std::move(give),
                   [set = std::move(set)](StateValues& values) { set(std::get<std::vector<T>>(values)); }};
    all.in_place_ = std::move(in_place);
    return all;
  }

  /// No values, of the type that the array has.
  const StateValues& none() const { return none_; }
  bool holds_reals() const { return none_.index() < 2; }
  /// How many values there are; one in a layout of its own makes them to count them.
  std::size_t size() const { return size_(); }
  /// Gives all values to `take`, piece by piece: what lies on a device or on the host takes no second memory of its
  /// size.
  void give(const Taker& take) const { give_(take); }
  /// Likewise, in any order and perhaps with zeros between them: for who asks something about all of them.
  void give_in_any_order(const Taker& take) const { (in_place_ ? in_place_ : give_)(take); }
  /// All of them at once.
  StateValues get() const {
    StateValues all = none_;
    give_([&](StatePiece piece) {
      std::visit(
          [&]<class T>(std::span<const T> values) {
            auto& to = std::get<std::vector<T>>(all);
            to.insert(to.end(), values.begin(), values.end());
          },
          piece);
    });
    return all;
  }
  /// The values must be of the array's type.
  void set(StateValues values) const { set_(values); }

 private:
  static constexpr std::size_t piece_bytes = std::size_t{16} << 20;

  StateArray(StateValues none, std::function<std::size_t()> size, std::function<void(const Taker&)> give,
             std::function<void(StateValues&)> set)
      : none_(std::move(none)), size_(std::move(size)), give_(std::move(give)), set_(std::move(set)) {}

  StateValues none_;
  std::function<std::size_t()> size_;
  std::function<void(const Taker&)> give_, in_place_;
  std::function<void(StateValues&)> set_;
};

/// An extent that only the file knows: restoring takes what stands there.
inline constexpr std::size_t any_size = ~std::size_t{0};

/// Sees everything that makes up the state of a task, by name. Saving reads it, restoring writes it.
class StateVisitor {
 public:
  virtual ~StateVisitor() = default;
  /// `shape` in row-major order, its product being the size; any_size as the only extent of a list.
  virtual void array(std::string_view name, std::span<const std::size_t> shape, const StateArray& values) = 0;
  /// Small state of the host, such as counters and histories.
  virtual void json(std::string_view name, const std::function<nlohmann::json()>& get,
                    const std::function<void(const nlohmann::json&)>& set) = 0;
  /// Real values that are saved within other state. Who looks for values that are not finite asks for them by itself;
  /// saving and restoring need not.
  virtual bool looks_inside() const { return false; }
  virtual void inside(std::string_view /*name*/, std::span<const float>) {}
  virtual void inside(std::string_view /*name*/, std::span<const double>) {}
};

}  // namespace engram
