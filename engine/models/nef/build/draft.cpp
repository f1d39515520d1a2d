#include "engine/models/nef/build/draft.hpp"

#include <cmath>

namespace engram::nef {

Draft::Draft(const Network& n, std::span<Parameters> p, Index count, std::size_t bytes)
    : network(n), parameters(p), replicas(count), probe_bytes(bytes), add(built.schedule) {}

Part Draft::array(const std::string& name, Index rows, Index cols, std::vector<double> initial, bool shared) {
  Schedule::ArrayInfo info;
  info.name = name;
  info.rows = rows;
  info.cols = cols;
  info.shared = shared;
  info.initial = std::move(initial);
  return built.schedule.whole(built.schedule.add(std::move(info)));
}

Part Draft::drawn(const std::string& name, Index rows, Index cols) {
  std::vector<double> initial;
  const std::size_t size = std::size_t{rows} * cols;
  for (Parameters& one : parameters) {
    const auto found = one.values.find(name);
    if (found == one.values.end()) continue;
    if (found->second.size() != size)
      throw Error(name + ": found " + std::to_string(found->second.size()) + " numbers, needed are " +
                  std::to_string(size));
    initial.reserve(parameters.size() * size);
    for (Index j = 0; j < cols; ++j)
      for (Index i = 0; i < rows; ++i) initial.push_back(found->second[std::size_t{i} * cols + j]);
    if (cols > 1) std::vector<double>().swap(found->second);  // a matrix stands nowhere twice for long
  }
  return array(name, rows, cols, std::move(initial));
}

ArrayId Draft::seed_of(const std::string& name) {
  Schedule::ArrayInfo info;
  info.name = name + ".seed";
  info.integer = true;
  for (const Parameters& one : parameters) info.initial_integers.push_back(one.seeds.at(name));
  return built.schedule.add(std::move(info));
}

Part Draft::chosen(const std::string& of, const std::string& as, Part whole, const std::vector<Index>& index) {
  if (index.empty() || is_regular(index)) return sliced(whole, index);
  const Part copy = array(as, static_cast<Index>(index.size()));
  Operations::Sources sources;
  for (std::size_t i = 0; i <= index.size(); ++i) sources.start.push_back(static_cast<std::int64_t>(i));
  sources.source.assign(index.begin(), index.end());
  add.gather(of, copy, std::nullopt, whole, std::move(sources), Mode::set);
  return copy;
}

void Draft::filter(const std::string& of, Part y, Part u, const Synapse& synapse, Mode mode) {
  if (passes(synapse)) return add.copy(of, y, u, mode);
  add.filter(of, y, u, synapse.type, network.dt, mode);
}

/// Uniform deviates of a mean and a standard deviation lie within root 3 of it.
void Draft::noise(const std::string& of, Part to, ArrayId seed, Noise kind, double mean, double std, bool scaled,
                  Mode mode) {
  const double width = kind == Noise::uniform ? std * std::sqrt(12.0) : std;
  const double offset = kind == Noise::uniform ? mean - width / 2 : mean;
  const double scale = scaled ? 1 / std::sqrt(network.dt) : 1;
  add.draw(of, to, seed, kind, offset * scale, width * scale, mode);
}

bool is_direct(const Ensemble& e) { return std::holds_alternative<Direct>(e.neuron.type); }
bool passes(const Synapse& s) { return std::holds_alternative<NoSynapse>(s.type); }

Progression progression_of(const std::vector<Index>& index) {
  const std::int32_t step =
      index.size() > 1 ? static_cast<std::int32_t>(index[1]) - static_cast<std::int32_t>(index[0]) : 1;
  return {static_cast<std::int32_t>(index[0]), step, static_cast<Index>(index.size())};
}

Part sliced(Part whole, const std::vector<Index>& index) {
  if (!index.empty()) whole.rows = progression_of(index);
  return whole;
}

Function operation_of(TargetFunction f) {
  return static_cast<Function>(static_cast<int>(f) - static_cast<int>(TargetFunction::square));
}

}  // namespace engram::nef
