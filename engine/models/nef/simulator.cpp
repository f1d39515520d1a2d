#include "engram/nef/simulator.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/models/nef/build/builder.hpp"
#include "engine/models/nef/build/endpoints.hpp"
#include "engram/backend.hpp"

namespace engram::nef {

namespace {

/// Shows another visitor those arrays that get a name.
class Some final : public StateVisitor {
 public:
  using NameOf = std::function<std::string(std::string_view)>;
  Some(StateVisitor& inner, NameOf name_of) : inner_(inner), name_of_(std::move(name_of)) {}
  void array(std::string_view name, std::span<const std::size_t> shape, const StateArray& values) override {
    if (const std::string as = name_of_(name); !as.empty()) inner_.array(as, shape, values);
  }
  void json(std::string_view name, const std::function<nlohmann::json()>& get,
            const std::function<void(const nlohmann::json&)>& set) override {
    inner_.json(name, get, set);
  }

 private:
  StateVisitor& inner_;
  NameOf name_of_;
};

}  // namespace

struct Simulator::Parts {
  Backend& backend;
  Network network;
  std::vector<std::uint64_t> seeds;
  std::vector<BuiltProbe> probes;
  std::unique_ptr<Program> program;

  void make() {
    std::vector<Parameters> parameters(seeds.size());
    backend.split(seeds.size(), seeds.size() << 20,
                  [&](Backend&, std::size_t r) { parameters[r] = draw_parameters(network, seeds[r]); });
    const auto replicas = static_cast<Index>(seeds.size());
    Built built = build(network, parameters, replicas);
    parameters.clear();
    probes = std::move(built.probes);
    program.reset();
    program = std::make_unique<Program>(backend, std::move(built.schedule), replicas);
  }
};

Simulator::Simulator(Backend& backend, Network network, std::span<const std::uint64_t> seeds) : dt_(network.dt) {
  check(network);
  parts_ = std::make_unique<Parts>(Parts{backend, std::move(network), {seeds.begin(), seeds.end()}, {}, {}});
  parts_->make();
}
Simulator::~Simulator() = default;
Simulator::Simulator(Simulator&&) noexcept = default;

Index Simulator::replicas() const { return parts_->program->replicas(); }
const Schedule& Simulator::schedule() const { return parts_->program->schedule(); }

void Simulator::run(Tick first, Tick steps, const TakeSamples& take) {
  Program& program = *parts_->program;
  for (Tick t = first, end = first + steps; t < end;) {
    Tick count = end - t;
    for (const BuiltProbe& probe : parts_->probes) count = std::min<Tick>(count, probe.kept_rows - t % probe.kept_rows);
    program.run(t, count);
    for (const BuiltProbe& probe : parts_->probes) {
      if (!take) break;
      const auto due = [&](Tick tick) { return std::fmod(static_cast<double>(tick + 1), probe.period) < 1; };
      Tick wanted = t;
      while (wanted < t + count && !due(wanted)) ++wanted;
      if (wanted == t + count) continue;
      const std::size_t values = probe.values(), replicas = program.replicas(), row = values * replicas;
      const std::size_t begin = t % probe.kept_rows * row;
      const std::vector<real> kept = program.stretch(probe.kept, begin, count * row);
      for (; wanted < t + count; ++wanted)
        for (std::size_t r = 0; due(wanted) && r < replicas; ++r)
          take(probe.name, wanted + 1, static_cast<Index>(r),
               std::span(kept).subspan((wanted - t) * row + r * values, values));
    }
    t += count;
  }
  done_ = first + steps;
}

std::vector<real> Simulator::values(const std::string& array, Index replica) const {
  const Program& program = *parts_->program;
  const ArrayId id = program.schedule().find(array);
  const Schedule::ArrayInfo& info = program.schedule().array(id);
  if (info.integer) throw Error(array + " holds whole numbers");
  const std::vector<real> columns = program.values(id, replica);
  std::vector<real> rows(columns.size());
  for (std::size_t i = 0; i < info.rows; ++i)
    for (std::size_t j = 0; j < info.cols; ++j) rows[i * info.cols + j] = columns[j * info.rows + i];
  return rows;
}

std::vector<Index> Simulator::probe_shape(const std::string& name) const {
  for (const BuiltProbe& probe : parts_->probes)
    if (probe.name == name) return probe.shape;
  throw Error("there is no probe " + name);
}
std::vector<std::string> Simulator::probes() const {
  std::vector<std::string> names;
  for (const BuiltProbe& probe : parts_->probes) names.push_back(probe.name);
  return names;
}

void Simulator::reset() {
  parts_->make();
  done_ = 0;
}

std::vector<Place> Simulator::places() const { return parts_->program->places(); }

void Simulator::visit(StateVisitor& visitor) {
  Program& program = *parts_->program;
  if (!visitor.looks_inside()) return program.visit(visitor);
  // A matrix that learns too fast spoils all that it reaches, so whoever looks for values that are not finite meets it
  // first, and its connection by name.
  std::map<std::string, std::string, std::less<>> learned;
  for (const auto& [name, c] : parts_->network.connections)
    for (const LearningRule& rule : c.learning) {
      const std::string matrix =
          std::holds_alternative<Voja>(rule.type) ? c.to + ".scaled_encoders" : name + ".weights";
      learned.emplace(matrix, "connection " + name + ": " + matrix);
    }
  Some first(visitor, [&](std::string_view array) {
    const auto found = learned.find(array);
    return found == learned.end() ? std::string() : found->second;
  });
  program.visit(first);
  Some others(visitor,
              [&](std::string_view array) { return learned.contains(array) ? std::string() : std::string(array); });
  program.visit(others);
}

std::size_t Simulator::device_bytes(const Network& network, std::size_t replicas) {
  const Built built = build(network, {}, static_cast<Index>(std::min<std::size_t>(replicas, 1u << 30)));
  return built.schedule.bytes(replicas);
}
std::size_t Simulator::bytes(const Network& network, std::size_t replicas) {
  return std::max(device_bytes(network, replicas), memory_to_build(network, replicas));
}

std::map<std::string, std::size_t> Simulator::check(const Network& network) {
  nef::check(network);
  std::map<std::string, std::size_t> sizes;
  for (const BuiltProbe& probe : build(network, {}, 1).probes) sizes[probe.name] = probe.values();
  return sizes;
}

}  // namespace engram::nef
