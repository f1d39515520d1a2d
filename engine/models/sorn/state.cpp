// The state of SORN networks on the host, and as checkpoints hold it: rows of synapses, thresholds, activity, counters.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/core/transposed.hpp"
#include "engram/run/state_reader.hpp"
#include "engram/run/task.hpp"
#include "engram/sorn/sorn.hpp"

namespace engram::sorn {

namespace {

constexpr Rows State::*projections[] = {&State::wee, &State::wei, &State::wie, &State::weu};
constexpr const char* names[] = {"wee", "wei", "wie", "weu"};

/// A part of one kind of projection, of all networks one after the other; each has so many values of it.
template <class T>
StateArray joined(std::vector<State>& states, Rows State::*kind, std::vector<T> Rows::*part,
                  std::vector<std::size_t> sizes) {
  const auto get = [=, &states] {
    std::vector<T> all;
    for (const State& s : states) all.insert(all.end(), (s.*kind.*part).begin(), (s.*kind.*part).end());
    return all;
  };
  const auto set = [=, &states](const std::vector<T>& all) {
    auto from = all.begin();
    for (std::size_t r = 0; r < states.size(); ++r) {
      const auto to = from + static_cast<std::ptrdiff_t>(sizes[r]);
      (states[r].*kind.*part).assign(std::exchange(from, to), to);
    }
  };
  return {get, set};
}

}  // namespace

std::vector<State> Network::states(Index first, Index count) const {
  const Index ne = parameters_[0].ne, ni = parameters_[0].ni();
  if (first > replicas() || count > replicas() - first)
    throw Error("SORN: there are " + std::to_string(replicas()) + " replicas", 2);
  std::vector<Rows> ee = ee_->download(first, count), ei = ei_->download(first, count),
                    eu = eu_ ? eu_->download(first, count) : std::vector<Rows>(count);
  const std::vector<real> te = te_.download(), ti = ti_.download();
  const std::vector<std::uint32_t> x = x_.download(), y = y_.download();
  const std::vector<real> all = ie_all_ ? ie_all_->download() : std::vector<real>{};
  const std::vector<std::uint64_t> start = ie_some_ ? ie_some_->row_start() : std::vector<std::uint64_t>{};
  const std::vector<Index> target = ie_some_ ? ie_some_->target() : std::vector<Index>{};
  const std::vector<real> weight = ie_some_ ? ie_some_->weight() : std::vector<real>{};
  const auto part = [](const std::vector<real>& values, std::size_t replica, Index units) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(replica * units);
    return std::vector<real>(begin, begin + units);
  };
  const auto unpack = [](const std::vector<std::uint32_t>& words, std::size_t replica, Index units,
                         std::vector<std::uint8_t>& now, std::vector<std::uint8_t>& before) {
    const std::size_t at = replica * ceil_div(units, units_per_word);
    for (Index i = 0; i < units; ++i) {
      const std::uint32_t bits = words[at + i / units_per_word] >> (i % units_per_word * 2);
      now.push_back(bits & 1u);
      before.push_back((bits >> 1) & 1u);
    }
  };
  std::vector<State> states(count);
  for (Index k = 0; k < count; ++k) {
    State& s = states[k];
    const std::size_t r = first + k, row = r * ne;
    s.wee = std::move(ee[k]);
    s.wei = std::move(ei[k]);
    s.weu = std::move(eu[k]);
    Rows outgoing;
    outgoing.n_pre = ni;
    for (Index j = 0; j < ne; ++j) {
      if (ie_all_) {
        for (Index i = 0; i < ni; ++i)
          if (const real w = all[(row + j) * ni + i]; w != real(0)) {
            outgoing.pre.push_back(i);
            outgoing.weight.push_back(w);
          }
      } else {
        outgoing.pre.insert(outgoing.pre.end(), target.data() + start[row + j], target.data() + start[row + j + 1]);
        outgoing.weight.insert(outgoing.weight.end(), weight.data() + start[row + j],
                               weight.data() + start[row + j + 1]);
      }
      outgoing.start.push_back(outgoing.pre.size());
    }
    s.wie = transposed(outgoing);
    s.te = part(te, r, ne);
    s.ti = part(ti, r, ni);
    unpack(x, r, ne, s.x, s.x_before);
    unpack(y, r, ni, s.y, s.y_before);
  }
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
        throw IoError("the checkpoint names " + std::to_string(size) + " synapses of " + names[p] +
                      ", more than there are pairs");
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
        std::vector<State> now_there = this->states(0, replicas());  // the arrays of the units have been read
        for (std::size_t r = 0; r < n; ++r)
          for (const auto rows : projections) std::swap(now_there[r].*rows, states[r].*rows);
        states = std::move(now_there);
        set_state(states, tick);
        const std::vector<Counts> now = counts_.download();
        for (Index r = 0; r < n; ++r) {
          counts[r].ee = now[r].ee;
          counts[r].ei = now[r].ei;
        }
        counts_.upload(counts);
      });
}

}  // namespace engram::sorn
