// The state of SORN networks on the host, and as checkpoints hold it: rows of synapses, thresholds, activity, counters.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "engine/core/transposed.hpp"
#include "engine/models/sorn/config.hpp"
#include "engine/run/checkpoint.hpp"
#include "engine/run/saved_run.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/state_reader.hpp"
#include "engram/run/task.hpp"
#include "engram/sorn/sorn.hpp"

namespace engram::sorn {

namespace {

constexpr Rows State::*projections[] = {&State::wee, &State::wei, &State::wie, &State::weu};
constexpr const char* names[] = {"wee", "wei", "wie", "weu"};

/// The rows of what a matrix [pre][post] holds beside zeros.
Rows incoming_of(std::span<const real> matrix, Index n_post) {
  Rows rows;
  rows.n_pre = static_cast<Index>(matrix.size() / n_post);
  rows.start.resize(std::size_t{n_post} + 1);
  for (std::size_t at = 0; at < matrix.size(); ++at) rows.start[at % n_post + 1] += matrix[at] != real(0);
  std::partial_sum(rows.start.begin(), rows.start.end(), rows.start.begin());
  rows.pre.resize(rows.start.back());
  rows.weight.resize(rows.start.back());
  std::vector<std::uint64_t> next(rows.start.begin(), rows.start.end() - 1);
  for (std::size_t at = 0; at < matrix.size(); ++at) {
    if (matrix[at] == real(0)) continue;
    const std::uint64_t slot = next[at % n_post]++;
    rows.pre[slot] = static_cast<Index>(at / n_post);
    rows.weight[slot] = matrix[at];
  }
  return rows;
}

/// A part of one kind of projection, of all networks one after the other; each has so many values of it.
template <class T>
StateArray joined(std::vector<State>& states, Rows State::*kind, std::vector<T> Rows::*part,
                  std::vector<std::size_t> sizes) {
  const auto give = [=, &states](const StateArray::Taker& take) {
    for (const State& s : states) take(std::span<const T>(s.*kind.*part));
  };
  const auto set = [=, &states](const std::vector<T>& all) {
    auto from = all.begin();
    for (std::size_t r = 0; r < states.size(); ++r) {
      const auto to = from + static_cast<std::ptrdiff_t>(sizes[r]);
      (states[r].*kind.*part).assign(std::exchange(from, to), to);
    }
  };
  return StateArray::of_parts<T>(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}), give, set);
}

}  // namespace

/// Thresholds and activity, from the device.
void Network::read_units(std::vector<State>& states, Index first) const {
  const Index ne = parameters_[0].ne, ni = parameters_[0].ni();
  const std::vector<real> te = te_.download(), ti = ti_.download();
  const std::vector<std::uint32_t> x = x_.download(), y = y_.download();
  const auto part = [](const std::vector<real>& values, std::size_t replica, Index units) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(replica * units);
    return std::vector<real>(begin, begin + units);
  };
  const auto unpack = [](const std::vector<std::uint32_t>& words, std::size_t replica, Index units,
                         std::vector<std::uint8_t>& now, std::vector<std::uint8_t>& before) {
    now.clear();
    before.clear();
    const std::size_t at = replica * ceil_div(units, units_per_word);
    for (Index i = 0; i < units; ++i) {
      const std::uint32_t bits = words[at + i / units_per_word] >> (i % units_per_word * 2);
      now.push_back(bits & 1u);
      before.push_back((bits >> 1) & 1u);
    }
  };
  for (std::size_t k = 0; k < states.size(); ++k) {
    State& s = states[k];
    s.te = part(te, first + k, ne);
    s.ti = part(ti, first + k, ni);
    unpack(x, first + k, ne, s.x, s.x_before);
    unpack(y, first + k, ni, s.y, s.y_before);
  }
}

std::vector<State> Network::states(Index first, Index count) const {
  const Index ne = parameters_[0].ne, ni = parameters_[0].ni();
  if (first > replicas() || count > replicas() - first)
    throw Error("SORN: there are " + std::to_string(replicas()) + " replicas", 2);
  std::vector<Rows> ee = ee_->download(first, count), ei = ei_->download(first, count),
                    eu = eu_ ? eu_->download(first, count) : std::vector<Rows>(count);
  const std::vector<real> all = ie_all_ ? ie_all_->download() : std::vector<real>{};
  const std::vector<std::uint64_t> start = ie_some_ ? ie_some_->row_start() : std::vector<std::uint64_t>{};
  const std::vector<Index> target = ie_some_ ? ie_some_->target() : std::vector<Index>{};
  const std::vector<real> weight = ie_some_ ? ie_some_->weight() : std::vector<real>{};
  std::vector<State> states(count);
  for (Index k = 0; k < count; ++k) {
    State& s = states[k];
    const std::size_t r = first + k, row = r * ne;
    s.wee = std::move(ee[k]);
    s.wei = std::move(ei[k]);
    s.weu = std::move(eu[k]);
    if (ie_all_) {
      s.wie = incoming_of({all.data() + row * ni, std::size_t{ne} * ni}, ni);
    } else {
      Rows outgoing;
      outgoing.n_pre = ni;
      const std::uint64_t begin = start[row], end = start[row + ne];
      outgoing.pre.assign(target.data() + begin, target.data() + end);
      outgoing.weight.assign(weight.data() + begin, weight.data() + end);
      for (Index j = 1; j <= ne; ++j) outgoing.start.push_back(start[row + j] - begin);
      s.wie = transposed(outgoing);
    }
  }
  read_units(states, first);
  return states;
}

void Network::visit(StateVisitor& visitor, const std::string& prefix) {
  const std::size_t n = replicas(), ne = parameters_[0].ne, ni = parameters_[0].ni();
  const std::size_t kinds = eu_ ? 4 : 3;  // of projections
  std::vector<State> states = this->states(0, replicas());
  // Sizes first: on the way back they say how much is to be read.
  std::vector<std::vector<std::size_t>> sizes(kinds);
  for (std::size_t p = 0; p < kinds; ++p)
    for (const State& s : states) sizes[p].push_back((s.*projections[p]).pre.size());
  Tick tick = tick_;
  std::vector<Counts> counts = counts_.download();
  visitor.json(
      prefix + "network",
      [&] {
        nlohmann::json j{{"tick", tick},
                         {"synapses", sizes},
                         {"inserted", nlohmann::json::array()},
                         {"skipped", nlohmann::json::array()}};
        for (const Counts& c : counts) {
          j["inserted"].push_back(c.inserted);
          j["skipped"].push_back(c.skipped);
        }
        return j;
      },
      [&](const nlohmann::json& j) {
        const StateReader state(j, prefix + "network");
        tick = state["tick"].whole();
        const auto synapses = state["synapses"].items(kinds);
        for (std::size_t p = 0; p < kinds; ++p) {
          const auto of_networks = synapses[p].items(n);
          for (std::size_t r = 0; r < n; ++r) sizes[p][r] = of_networks[r].whole();
        }
        const auto inserted = state["inserted"].items(n), skipped = state["skipped"].items(n);
        for (std::size_t r = 0; r < n; ++r) {
          counts[r].inserted = inserted[r].whole();
          counts[r].skipped = skipped[r].whole();
        }
      });
  for (std::size_t p = 0; p < kinds; ++p) {
    const std::size_t rows = p == 2 ? ni : ne;
    std::size_t total = 0;
    for (const std::size_t size : sizes[p]) {
      if (size > rows * (p == 1 ? ni : p == 3 ? std::size_t{parameters_[0].nu} : ne))
        throw StateError(prefix + "network/synapses",
                         "found " + std::to_string(size) + " of " + names[p] + ", more than there are pairs");
      total += size;
    }
    const std::size_t start_shape[] = {n, rows + 1}, shape[] = {total};
    const std::string name = prefix + names[p];
    visitor.array(name + "/start", start_shape,
                  joined(states, projections[p], &Rows::start, std::vector<std::size_t>(n, rows + 1)));
    visitor.array(name + "/pre", shape, joined(states, projections[p], &Rows::pre, sizes[p]));
    visitor.array(name + "/weight", shape, joined(states, projections[p], &Rows::weight, sizes[p]));
  }
  const std::size_t units_e[] = {n, ne}, units_i[] = {n, ni}, words_e[] = {n, view().words_e()},
                    words_i[] = {n, view().words_i()};
  visitor.array(prefix + "te", units_e, te_);
  visitor.array(prefix + "ti", units_i, ti_);
  visitor.array(prefix + "target", units_e, target_);
  visitor.array(prefix + "x", words_e, x_);
  visitor.array(prefix + "y", words_i, y_);
  visitor.json(
      prefix + "end", [] { return nlohmann::json(true); },
      [&](const nlohmann::json&) {
        read_units(states, 0);
        set_state(states, tick);
        const std::vector<Counts> now = counts_.download();
        for (Index r = 0; r < n; ++r) {
          counts[r].ee = now[r].ee;
          counts[r].ei = now[r].ei;
        }
        counts_.upload(counts);
      });
}

void begin_with_state(Network& net, const std::string& path) {
  const io::SafetensorsFile file(path);
  try {
    check_format(file);
  } catch (const IoError& error) {
    throw IoError(path + ": " + error.what());
  }
  const std::vector<std::string> names = file.names();
  const auto shape = [&](const char* name) {
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw ConfigError("/model/state", path + ": holds no SORN network");
    return file.layout(name).shape;
  };
  const std::vector<std::uint64_t> e = shape("te"), i = shape("ti"), wanted_e{net.replicas(), net.parameters().ne},
                                   wanted_i{net.replicas(), net.parameters().ni()};
  const auto text = [](const std::vector<std::uint64_t>& all, const std::vector<std::uint64_t>& inhibitory) {
    return std::to_string(all.at(0)) + " networks of " + std::to_string(all.at(1)) + " excitatory and " +
           std::to_string(inhibitory.at(1)) + " inhibitory units";
  };
  if (e.size() != 2 || i.size() != 2 || e != wanted_e || i != wanted_i)
    throw ConfigError("/model/state", path + ": holds " +
                                          (e.size() == 2 && i.size() == 2 ? text(e, i) : "other arrays") +
                                          "; the experiment has " + text(wanted_e, wanted_i));
  const bool plastic = std::find(names.begin(), names.end(), "weu/weight") != names.end();
  if (plastic != net.parameters().plastic_inputs())
    throw ConfigError("/model/state", path + ": its networks have " + (plastic ? "plastic" : "direct") +
                                          " input weights; /model/input_weights says \"" +
                                          net.parameters().input_weights + "\"");
  restore_part([&](StateVisitor& visitor) { net.visit(visitor); }, file);
}

}  // namespace engram::sorn
