// One list of small inputs for every operation of a backend. The tests compare their answers with plain double
// arithmetic and with recorded hashes, `engram check` compares two machines: whatever is checked is said here once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engram/backend.hpp"

namespace engram::conformance {

/// An array that an operation produced.
struct Output {
  std::string name;
  std::variant<std::vector<real>, std::vector<Index>, std::vector<fixed>> values;
};
using Result = std::vector<Output>;

/// A population on the host, as columns or as lists of active units.
struct Population {
  enum class Form { none, columns, lists };
  Form form = Form::none;
  Index units = 0, batches = 1;
  bool one_for_all = false;                ///< stride 0: every batch reads the first
  std::vector<std::vector<real>> columns;  ///< [column][batch * units]
  std::vector<std::vector<Index>> active;  ///< [batch], ascending
  std::vector<std::vector<real>> value;    ///< beside `active`; empty: each counts 1

  Index batch(Index b) const { return one_for_all ? 0 : b; }
  /// What a unit sends, whatever the form.
  real at(Index batch, Index unit, std::size_t column = 0) const;
};

enum class Storage { dense, outgoing, incoming, fixed };

struct SweepInputs {
  Storage storage = Storage::dense;
  bool by_length = false;  ///< of incoming rows
  Index n_pre = 0, n_post = 0, replicas = 1, planes = 1;
  std::vector<real> weight;  ///< [replica][plane][pre][post]
  std::vector<char> exists;  ///< [replica][pre][post]; sparse rows only
  std::optional<SynapseRule> learn;
  Population pre, post, source;
  std::vector<real> shared;     ///< [replica * group][segment][shared_values], or empty
  std::vector<Index> segments;  ///< where those of the postsynaptic units begin, and their end; empty: one
  bool keep_diagonal = false, scaled = false, recount = false;
  std::optional<real> normalize_to;
  real gain = 1;
  Index group = 1;
  std::vector<real> drive;     ///< what stands there before, [replica * group][post]
  std::vector<real> scale;     ///< likewise, [replica][post]
  std::optional<real> strong;  ///< the least weight that counts in means of strong ones

  static constexpr std::size_t shared_values = 8;
  std::size_t at(Index replica, Index plane, Index pre, Index post) const {
    return ((std::size_t{replica} * planes + plane) * n_pre + pre) * n_post + post;
  }
  bool sparse() const { return storage != Storage::dense; }
  Index layers() const { return segments.empty() ? 1 : static_cast<Index>(segments.size() - 1); }
  bool has(Index replica, Index pre, Index post) const {
    return !sparse() || exists[(std::size_t{replica} * n_pre + pre) * n_post + post];
  }
  /// Incoming sums of the transmitting weights, in integers.
  std::vector<fixed> sums() const;
};

struct TopKInputs {
  Index units = 0, batches = 1, k = 0;
  std::vector<real> score;
};

struct CollectInputs {
  Index units = 0, batches = 1, room = 0;
  bool with_values = false;
  real above = 0;
  std::vector<real> x;
};

struct SampleInputs {
  Distribution distribution;
  std::vector<std::uint64_t> seeds;
  Stream stream = Stream::test;
  Tick tick = 0;
  Index units = 0;
};

/// A unit rule on all units; with `order`, one unit after the other.
struct UpdateInputs {
  UnitRule rule;
  Index units = 0, batches = 1;
  bool shared_last = false;                ///< the last column is the same for all batches
  std::vector<std::vector<real>> columns;  ///< [column][batch * units]
  std::vector<real> shared;                ///< [batch][segment][n_shared], or empty
  std::vector<Index> segments;             ///< where they begin, and their end; empty: one
  std::vector<Index> order;                ///< [batch][units], or empty
  std::vector<real> weight;                ///< beside `order`: [batch / group][units][units]
  Index group = 1;
};

struct SummaryInputs {
  std::size_t kind = 0;  ///< alternative of Summary
  Index units = 0, batches = 1;
  std::vector<Index> segments;  ///< where they begin, and their end; empty: one
  std::vector<real> x, with;    ///< [batch][units]; `with` of a dot product
  std::vector<Index> k;         ///< [segment], of the largest

  Index count() const { return segments.empty() ? 1 : static_cast<Index>(segments.size() - 1); }
};

struct GatherInputs {
  Index units = 0, batches = 1;
  bool one_for_all = false;  ///< stride 0: every batch reads the first
  std::vector<Index> at;
  std::vector<real> from;  ///< [batch][units]
};

/// What only its tolerance holds: the exact sums are the result, and a product too far from them is an error.
struct ProductInputs {
  Index n_pre = 0, n_post = 0, replicas = 1, group = 1;
  std::vector<real> weight;  ///< [replica][pre][post]
  std::vector<real> x;       ///< [replica * group][pre]
};

using Inputs = std::variant<SweepInputs, TopKInputs, CollectInputs, SampleInputs, UpdateInputs, SummaryInputs,
                            GatherInputs, ProductInputs>;

struct Case {
  std::string name;
  std::function<Inputs()> make;
};

/// All cases; names are unique.
const std::vector<Case>& cases();

/// Runs the operation on a backend. Throws where a value beside an output array was overwritten, or a product is beyond
/// its tolerance.
Result run(Backend&, const Inputs&);

/// Whether `name` fits a pattern in which * stands for any text and ? for one character.
bool matches(std::string_view pattern, std::string_view name);

/// Where segments of `units` units begin, and where the last one ends: of several lengths, one of them empty.
std::vector<Index> layers_of(Index units);

/// Numbers for a case, from its name: adding a case changes no other.
class Draws {
 public:
  explicit Draws(std::string_view name);
  real uniform() { return random(next_++).uniform(); }
  real between(real low, real high) { return low + (high - low) * uniform(); }
  bool chance(double p) { return random(next_++).bernoulli(p); }
  Index below(Index n) { return static_cast<Index>(random(next_++).below(n)); }

 private:
  Random random(std::uint32_t unit) const { return {seed_, Stream::test, 0, unit}; }
  std::uint64_t seed_;
  std::uint32_t next_ = 0;
};

// The parts of the list, one file each.
void add_sweep_cases(std::vector<Case>&);
void add_rule_cases(std::vector<Case>&);
void add_selection_cases(std::vector<Case>&);
void add_update_cases(std::vector<Case>&);
void add_summary_cases(std::vector<Case>&);
void add_incoming_cases(std::vector<Case>&);
void add_plasticity_cases(std::vector<Case>&);
void add_product_cases(std::vector<Case>&);

}  // namespace engram::conformance
