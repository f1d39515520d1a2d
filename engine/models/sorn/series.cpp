#include "engine/models/sorn/series.hpp"

#include <algorithm>

namespace engram::sorn {

namespace {

template <std::vector<std::uint32_t> Network::Recorded::*words, std::size_t Network::Recorded::*width>
void spikes(const Seen& seen, const std::string& name, Recorder& recorder) {
  const Parameters& p = seen.net.parameters();
  const Index n = width == &Network::Recorded::words_e ? p.ne : p.ni();
  const std::uint32_t* activity = (seen.now.*words).data() + seen.replica * seen.now.*width;
  std::vector<Index> units;
  for (Index i = 0; i < n; ++i)
    if (is_active(activity, i)) units.push_back(i);
  append_units(recorder, name, "step", seen.t, seen.replica, units);
}

template <Rows State::*projection>
void synapses(const Seen& seen, const std::string& name, Recorder& recorder) {
  const Rows& rows = seen.state().*projection;
  std::vector<std::uint32_t> pre, posts;
  std::vector<real> weight;
  const std::span<const Index> wanted = recorder.units(name);
  for (std::uint32_t i = 0; i < rows.n_post(); ++i) {
    if (!wanted.empty() && !std::binary_search(wanted.begin(), wanted.end(), i)) continue;
    const auto first = static_cast<std::ptrdiff_t>(rows.start[i]),
               last = static_cast<std::ptrdiff_t>(rows.start[i + 1]);
    pre.insert(pre.end(), rows.pre.begin() + first, rows.pre.begin() + last);
    weight.insert(weight.end(), rows.weight.begin() + first, rows.weight.begin() + last);
    posts.resize(pre.size(), i);
  }
  append_origin(recorder, name, "step", seen.t, seen.replica, posts.size());
  recorder.append(name + "/pre", std::span<const std::uint32_t>(pre));
  recorder.append(name + "/post", std::span<const std::uint32_t>(posts));
  recorder.append(name + "/weight", std::span<const real>(weight));
}

template <std::vector<real> State::*values>
void thresholds(const Seen& seen, const std::string& name, Recorder& recorder) {
  const std::vector<real>& row = seen.state().*values;
  append_values(recorder, name, std::span<const real>(row), row.size());
}

template <auto count>
void synapse_count(const Seen& seen, const std::string& name, Recorder& recorder) {
  recorder.metric(seen.t, seen.replica, "E", name, static_cast<double>(seen.now.counts[seen.replica].*count));
}

void count_inhibitory(const Seen& seen, const std::string& name, Recorder& recorder) {
  recorder.metric(seen.t, seen.replica, "I", name, static_cast<double>(seen.state().wie.pre.size()));
}

constexpr auto words_e = &Network::Recorded::words_e, words_i = &Network::Recorded::words_i;

constexpr Series others[] = {recordable::rate, recordable::hamming, recordable::score};

constexpr Variable<Seen> table[] = {
    {{"ExcitatoryActivation", "excitatory units that fire"}, spikes<&Network::Recorded::x, words_e>},
    {{"InhibitoryActivation", "inhibitory units that fire"}, spikes<&Network::Recorded::y, words_i>},
    {{"RecurrentActivation", "excitatory units that would fire without input"},
     spikes<&Network::Recorded::recurrent, words_e>},
    {{"WEE", "weights between excitatory units"}, synapses<&State::wee>},
    {{"WEI", "weights from inhibitory to excitatory units"}, synapses<&State::wei>},
    {{"WIE", "weights from excitatory to inhibitory units, once"}, synapses<&State::wie>, true},
    {{"WEU", "plastic weights of the input"}, synapses<&State::weu>},
    {{"TE", "thresholds of excitatory units"}, thresholds<&State::te>},
    {{"TI", "thresholds of inhibitory units, once"}, thresholds<&State::ti>, true},
    {{"EEConnectionCounts", "number of synapses between excitatory units"}, synapse_count<&Counts::ee>},
    {{"EIConnectionCounts", "number of synapses from inhibitory to excitatory units"}, synapse_count<&Counts::ei>},
    {{"IEConnectionCounts", "number of synapses from excitatory to inhibitory units, once"}, count_inhibitory, true}};

}  // namespace

Recording<Seen>::Table series_table() { return table; }

std::vector<Series> all_series() {
  std::vector<Series> all(std::begin(others), std::end(others));
  all.insert(all.end(), std::begin(table), std::end(table));
  return all;
}

void record_series(const Recording<Seen>& recording, const Network& net, Tick t, const Network::Recorded& now,
                   Recorder& recorder) {
  std::vector<State> states;
  std::vector<Seen> seen;
  for (Index r = 0; r < net.replicas(); ++r) seen.push_back({t, r, net, now, states});
  recording.record(t, seen, recorder);
}

}  // namespace engram::sorn
