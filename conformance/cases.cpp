#include "conformance/cases.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace engram::conformance {

const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> list;
    add_sweep_cases(list);
    add_rule_cases(list);
    add_selection_cases(list);
    add_update_cases(list);
    add_summary_cases(list);
    add_incoming_cases(list);
    add_plasticity_cases(list);
    add_product_cases(list);
    return list;
  }();
  return all;
}

Draws::Draws(std::string_view name) : seed_(XXH3_64bits(name.data(), name.size())) {}

real Population::at(Index b, Index unit, std::size_t column) const {
  const std::size_t row = batch(b);
  if (form == Form::columns) return columns[column][row * units + unit];
  const auto& list = active[row];
  const auto found = std::lower_bound(list.begin(), list.end(), unit);
  if (found == list.end() || *found != unit) return 0;
  return value.empty() ? real(1) : value[row][static_cast<std::size_t>(found - list.begin())];
}

std::vector<fixed> SweepInputs::sums() const {
  std::vector<fixed> sum(std::size_t{replicas} * n_post);
  for (Index r = 0; r < replicas; ++r)
    for (Index j = 0; j < n_pre; ++j)
      for (Index i = 0; i < n_post; ++i)
        if (has(r, j, i)) sum[std::size_t{r} * n_post + i] += to_fixed(static_cast<double>(weight[at(r, 0, j, i)]));
  return sum;
}

std::vector<Index> layers_of(Index units) {
  return {0, units / 5, units / 5, static_cast<Index>(units - units / 3), units};
}

bool matches(std::string_view pattern, std::string_view name) {
  // The last * met and where its text began: on a mismatch it takes one more character.
  std::size_t p = 0, n = 0, star = std::string_view::npos, from = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace engram::conformance
