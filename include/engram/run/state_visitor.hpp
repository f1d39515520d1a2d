// The state of a task as a visitor sees it: arrays by name, wherever they lie, and small values of the host.
#pragma once

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

/// An array of a state: on a device, on the host, or in a layout of its own. It refers to what it was made of.
class StateArray {
 public:
  template <class T>
  StateArray(Array<T>& device)
      : StateArray([&device] { return device.download(); },
                   [&device](const std::vector<T>& values) { device.upload(values); }) {}
  template <class T>
  StateArray(std::vector<T>& host)
      : StateArray([&host] { return host; }, [&host](std::vector<T>& values) { host = std::move(values); }) {}
  /// `get` gives the values in the order in which they are saved, `set` takes them back.
  template <class Get, class Set, class Values = std::invoke_result_t<Get>>
  StateArray(Get get, Set set)
      : none_(Values()),
        get_([get = std::move(get)] { return StateValues(get()); }),
        set_([set = std::move(set)](StateValues& values) { set(std::get<Values>(values)); }) {}

  /// No values, of the type that the array has.
  const StateValues& none() const { return none_; }
  bool holds_reals() const { return none_.index() < 2; }
  StateValues get() const { return get_(); }
  /// The values must be of the array's type.
  void set(StateValues values) const { set_(values); }

 private:
  StateValues none_;
  std::function<StateValues()> get_;
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
