// A network on its way to a schedule: the arrays so far by name, and what adds operations. Each kind of object has a
// file of its own that declares its arrays, then adds what happens to them in a step.
#pragma once

#include <map>

#include "engine/models/nef/build/builder.hpp"
#include "engine/models/nef/build/endpoints.hpp"

namespace engram::nef {

struct Draft {
  const Network& network;
  std::span<Parameters> parameters;
  Index replicas;
  std::size_t probe_bytes;
  Built built;
  Operations add;
  std::map<std::string, std::vector<Part>> moved_encoders;  ///< what moves an ensemble's encoders, of each Voja rule
  std::map<std::string, Part> outputs;                      ///< of connections, behind their synapses

  Draft(const Network&, std::span<Parameters>, Index replicas, std::size_t probe_bytes);
  Draft(const Draft&) = delete;

  Part array(const std::string& name, Index rows, Index cols = 1, std::vector<double> initial = {},
             bool shared = false);
  /// One that the parameters hold, by rows there.
  Part drawn(const std::string& name, Index rows, Index cols = 1);
  ArrayId seed_of(const std::string& name);
  Part part(const std::string& name) const { return built.schedule.whole(built.schedule.find(name)); }
  bool has(const std::string& name) const { return built.schedule.has(name); }
  /// The chosen numbers of a vector; a list without order is copied first, to the array `as`.
  Part chosen(const std::string& of, const std::string& as, Part whole, const std::vector<Index>& index);
  /// y follows u through the synapse, or is u.
  void filter(const std::string& of, Part y, Part u, const Synapse&, Mode);
  /// White noise of a mean and a standard deviation; `scaled`: divided by the root of a step.
  void noise(const std::string& of, Part to, ArrayId seed, Noise, double mean, double std, bool scaled, Mode);
};

bool is_direct(const Ensemble&);
bool passes(const Synapse&);
/// Indices of one distance.
Progression progression_of(const std::vector<Index>&);
/// These rows of a vector; all, where none are named.
Part sliced(Part whole, const std::vector<Index>& index);
/// The function of operations that one of connections is; not for none and zero.
Function operation_of(TargetFunction);

void declare(Draft&, const std::string& name, const Node&);
void emit(Draft&, const std::string& name, const Node&);
std::string output_of_node(const Draft&, const std::string& name);

void declare(Draft&, const std::string& name, const Ensemble&);
void emit(Draft&, const std::string& name, const Ensemble&);

void declare(Draft&, const std::string& name, const Connection&);
void emit(Draft&, const std::string& name, const Connection&);
/// Inputs and gates of its learning rules; then the rules themselves.
void declare_rules(Draft&, const std::string& name, const Connection&);
void learn(Draft&, const std::string& name, const Connection&);

void emit(Draft&, const std::string& name, const Probe&);

}  // namespace engram::nef
