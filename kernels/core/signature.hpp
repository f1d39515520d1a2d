// The arguments of an operation as words, for comparing two calls exactly. Structured bindings name every member, so
// that a member added to a struct and forgotten here does not compile.
#pragma once

#include <cstring>
#include <vector>

#include "engram/backend.hpp"
#include "engram/synapses/incoming.hpp"

namespace engram::kernels {

class Signature {
 public:
  template <class... T>
  void add_all(const T&... values) {
    (add(values), ...);
  }
  std::vector<std::uint64_t> words;

 private:
  /// Structs of families: add_words(signature, value), beside them.
  template <class T>
  requires(requires(Signature& s, const T& value) { add_words(s, value); }) void add(const T& value) {
    add_words(*this, value);
  }
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_pointer_v<T>
  void add(T value) {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof value);
    words.push_back(word);
  }
  template <class T>
  void add(const Batch<T>& b) {
    const auto& [data, units, batches, stride] = b;
    add_all(data, units, batches, stride);
  }
  template <class T>
  void add(const Span<T>& span) {
    const auto& [data, size] = span;
    add_all(data, size);
  }
  void add(std::monostate) { words.push_back(0); }
  void add(const Active& a) {
    const auto& [index, count, value, stride, units, batches] = a;
    add_all(index, count, value, stride, units, batches);
  }
  void add(const Columns& c) {
    const auto& [at] = c;
    for (const auto& column : at) add(column);
  }
  void add(UnitColumns columns) {
    add(columns.size());
    for (const auto& column : columns) add(column);
  }
  void add(const Segments& s) {
    const auto& [start, count] = s;
    add_all(start, count);
  }
  void add(const Sum&) {}
  void add(const Mean&) {}
  void add(const Max&) {}
  void add(const KthLargest& s) {
    const auto& [k] = s;
    add(k);
  }
  void add(const MeanOfLargest& s) {
    const auto& [k] = s;
    add(k);
  }
  void add(const Dot& s) {
    const auto& [with] = s;
    add(with);
  }
  void add(const Scaling& c) {
    const auto& [scale, sum, recount] = c;
    add_all(scale, sum, recount);
  }
  void add(const MeanOfStrong& s) {
    const auto& [least, mean] = s;
    add_all(least, mean);
  }
  void add(const DenseView& w) {
    const auto& [weight, n_pre, n_post, replicas, planes, pitch] = w;
    add_all(weight, n_pre, n_post, replicas, planes, pitch);
  }
  void add(const OutgoingView& w) {
    const auto& [row_start, target, weight, n_pre, n_post, replicas] = w;
    add_all(row_start, target, weight, n_pre, n_post, replicas);
  }
  void add(const IncomingView& w) {
    const auto& [pre, weight, next, slice, unit, place, taken, blocks, n_pre, n_post, replicas, in_use, planes, fixed] =
        w;
    static_cast<void>(in_use);  // only a network that moves to shared memory asks for it
    add_all(pre, weight, next, slice, unit, place, taken, blocks, n_pre, n_post, replicas, planes, fixed);
  }
  void add(const Uniform& d) {
    const auto& [low, high] = d;
    add_all(low, high);
  }
  void add(const Normal& d) {
    const auto& [mean, sd] = d;
    add_all(mean, sd);
  }
  /// A rule by its bytes: of the same object they are the same.
  template <class Rule>
  requires(
      requires { Rule::n_values; } || requires { Rule::n_columns; }) void add(const Rule& rule) {
    static_assert(std::is_trivially_copyable_v<Rule>);
    if constexpr (!std::is_empty_v<Rule>) {
      const std::size_t at = words.size();
      words.resize(at + ceil_div<std::size_t>(sizeof rule, sizeof(std::uint64_t)));
      std::memcpy(words.data() + at, &rule, sizeof rule);
    }
  }
  template <class... T>
  void add(const std::variant<T...>& v) {
    words.push_back(v.index());
    std::visit([&](const auto& value) { add(value); }, v);
  }
  void add(const Sweep& sweep) {
    const auto& [learn, pre, post, shared, segments, keep_diagonal, normalize_to, source, gain, drive, strong, scaling,
                 group] = sweep;
    add(learn != nullptr);
    if (learn) add(*learn);
    add_all(pre, post, shared, segments, keep_diagonal, normalize_to.has_value(), normalize_to.value_or(real(0)),
            source, gain, drive, strong, scaling, group);
  }
};

}  // namespace engram::kernels
