// Projections and populations for cases of `sweep`, in sizes around those where loops and launches change.
#pragma once

#include <string>

#include "conformance/cases.hpp"

namespace engram::conformance {

struct Size {
  Index pre, post;
  std::string text() const { return std::to_string(pre) + "x" + std::to_string(post); }
};
/// Empty, one, around a warp, past a chunk of a dense row, past a block; the last is shared by several threads.
inline constexpr Size sizes[] = {{0, 5}, {5, 0}, {1, 1}, {31, 33}, {32, 32}, {33, 31}, {65, 257}, {200, 300}};
inline constexpr Size large = {700, 600};

enum class Activity { binary, graded, silent, all };

inline Population population(Draws& draws, Population::Form form, Index units, Index batches, Activity activity,
                             std::size_t columns = 1, bool with_values = false) {
  Population p{form, units, batches, false, {}, {}, {}};
  const auto one = [&]() -> real {
    if (activity == Activity::silent) return 0;
    if (activity == Activity::all) return 1;
    const bool active = draws.chance(0.3);
    return active ? (activity == Activity::graded ? draws.between(real(0.01), 2) : real(1)) : real(0);
  };
  if (form == Population::Form::columns) {
    p.columns.resize(columns);
    for (auto& column : p.columns) {
      column.resize(std::size_t{batches} * units);
      for (real& x : column) x = one();
    }
  } else {
    p.active.resize(batches);
    if (with_values) p.value.resize(batches);
    for (Index b = 0; b < batches; ++b)
      for (Index i = 0; i < units; ++i)
        if (const real x = one(); x != real(0)) {
          p.active[b].push_back(i);
          if (with_values) p.value[b].push_back(x);
        }
  }
  return p;
}

/// A projection with a quarter of the weights absent and every seventh unit without any input.
inline SweepInputs projection(Draws& draws, Storage storage, Size size, Index replicas, Index planes = 1) {
  SweepInputs p;
  p.storage = storage;
  p.by_length = replicas > 1;
  p.n_pre = size.pre;
  p.n_post = size.post;
  p.replicas = replicas;
  p.planes = planes;
  p.weight.resize(std::size_t{replicas} * planes * size.pre * size.post);
  if (p.sparse()) p.exists.resize(p.weight.size() / planes);
  for (Index r = 0; r < replicas; ++r)
    for (Index v = 0; v < planes; ++v)
      for (Index j = 0; j < size.pre; ++j)
        for (Index i = 0; i < size.post; ++i) {
          const real w = draws.between(real(0.01), 1);
          bool present = draws.chance(0.75) && i % 7 != 3;
          if (p.sparse()) {  // of several values the first one says which pairs there are
            char& here = p.exists[(std::size_t{r} * size.pre + j) * size.post + i];
            if (v == 0) here = present;
            present = here;
          }
          p.weight[p.at(r, v, j, i)] = present ? w : real(0);
        }
  return p;
}

inline void set_drive(Draws& draws, SweepInputs& p) {
  p.drive.resize(std::size_t{p.replicas} * p.group * p.n_post);
  for (real& x : p.drive) x = draws.between(-1, 1);
}

inline void set_scale(Draws& draws, SweepInputs& p, bool recount) {
  p.scaled = true;
  p.recount = recount;
  p.scale.resize(std::size_t{p.replicas} * p.n_post);
  for (real& x : p.scale) x = draws.between(real(0.5), 2);
}

inline constexpr auto columns = Population::Form::columns;
inline constexpr auto lists = Population::Form::lists;
inline const char* storage_name(Storage storage) {
  constexpr const char* names[] = {"dense", "outgoing", "incoming", "fixed"};
  return names[static_cast<int>(storage)];
}

/// `fill` completes a projection of every size; 1 and 3 replicas.
using Fill = std::function<void(Draws&, SweepInputs&)>;
inline void add_sizes(std::vector<Case>& all, const std::string& stem, Storage storage, Index planes, bool with_large,
                      const Fill& fill) {
  const auto add = [&](Size size, Index replicas) {
    const std::string name =
        stem + "/" + storage_name(storage) + "/n=" + size.text() + ",R=" + std::to_string(replicas);
    all.push_back({name, [=]() -> Inputs {
                     Draws draws(name);
                     SweepInputs p = projection(draws, storage, size, replicas, planes);
                     fill(draws, p);
                     return p;
                   }});
  };
  for (const Size& size : sizes) add(size, 1);
  add(sizes[3], 3);
  if (with_large) add(large, 2);
}

}  // namespace engram::conformance
