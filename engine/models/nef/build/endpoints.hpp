// The ends of connections and probes: what a name such as "memory.neurons" or "conn_out.rule0" stands for.
#pragma once

#include "engram/nef/network.hpp"

namespace engram::nef {

enum class EndKind { node, ensemble, neurons, connection, rule, gate };

struct End {
  EndKind kind = EndKind::node;
  std::string name;          ///< of the object
  std::size_t rule = 0;      ///< of rule, gate
  Index size = 0;            ///< of the whole signal; 0 for a connection
  std::vector<Index> index;  ///< chosen numbers; empty: all
  Index count() const { return index.empty() ? size : static_cast<Index>(index.size()); }
};

template <class T>
const T* find_named(const Named<T>& all, const std::string& name) {
  for (const auto& [key, value] : all)
    if (key == name) return &value;
  return nullptr;
}

/// Whether indices have one distance, which is not 0.
bool is_regular(const std::vector<Index>&);

/// Throws ConfigError at `path` where there is no such thing.
End find_end(const Network&, const std::string& text, const std::vector<std::int64_t>& index, const std::string& path);

Index size_in(const Node&);
Index size_out(const Node&);
/// Numbers that f makes of `size` numbers.
Index size_of(TargetFunction, Index size);
std::vector<double> evaluate(TargetFunction, std::span<const double> x);

/// Numbers that a connection delivers before it reaches its target's numbers one to one.
Index output_size(const Network&, const std::string& name, const Connection&);
/// Rows of a connection's decoders; the same, unless a convolution works on what they give.
Index decoded_size(const Network&, const std::string& name, const Connection&);
/// Numbers that the input of a learning rule has; 0: none.
Index rule_size(const Network&, const std::string& name, const Connection&, std::size_t rule);
/// Whether a connection leads from neurons to neurons in one matrix.
bool is_full(const Network&, const Connection&);

/// Throws ConfigError for the first thing that does not fit.
void check(const Network&);

}  // namespace engram::nef
