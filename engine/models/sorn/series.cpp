#include "engine/models/sorn/series.hpp"

namespace engram::sorn {

void record_sorn(const Config& config, const Network& net, Tick t, const Network::Recorded& now, Recorder& recorder) {
  const Parameters& parameters = config.parameters;
  const Index replicas = net.replicas();
  const auto spikes = [&](const char* name, const std::vector<std::uint32_t>& words, std::size_t n_words, Index units) {
    if (!config.records(name)) return;
    for (std::uint32_t r = 0; r < replicas; ++r)
      for (std::uint32_t i = 0; i < units; ++i)
        if (is_active(words.data() + r * n_words, i)) {
          const std::string base = name;
          recorder.append(base + "/step", std::span<const std::uint64_t>(&t, 1));
          recorder.append(base + "/replica", std::span<const std::uint32_t>(&r, 1));
          recorder.append(base + "/unit", std::span<const std::uint32_t>(&i, 1));
        }
  };
  const Index ne = parameters.ne, ni = parameters.ni();
  spikes("ExcitatoryActivation", now.x, now.words_e, ne);
  spikes("InhibitoryActivation", now.y, now.words_i, ni);
  spikes("RecurrentActivation", now.recurrent, now.words_e, ne);
  for (Index r = 0; r < replicas; ++r) {
    if (config.records("EEConnectionCounts"))
      recorder.metric(t, r, "E", "EEConnectionCounts", static_cast<double>(now.counts[r].ee));
    if (config.records("EIConnectionCounts"))
      recorder.metric(t, r, "E", "EIConnectionCounts", static_cast<double>(now.counts[r].ei));
  }
  const bool first = t == 0;
  if (!config.records("WEE") && !config.records("WEI") && !config.records("WEU") && !config.records("TE") &&
      !(first && (config.records("WIE") || config.records("TI") || config.records("IEConnectionCounts"))))
    return;
  const std::vector<State> states = net.states(0, replicas);
  for (std::uint32_t r = 0; r < replicas; ++r) {
    const State& s = states[r];
    const auto synapses = [&](const std::string& name, const Rows& rows) {
      for (std::uint32_t i = 0; i < rows.n_post(); ++i)
        for (std::uint64_t k = rows.start[i]; k < rows.start[i + 1]; ++k) {
          recorder.append(name + "/step", std::span<const std::uint64_t>(&t, 1));
          recorder.append(name + "/replica", std::span<const std::uint32_t>(&r, 1));
          recorder.append(name + "/pre", std::span<const std::uint32_t>(&rows.pre[k], 1));
          recorder.append(name + "/post", std::span<const std::uint32_t>(&i, 1));
          recorder.append(name + "/weight", std::span<const real>(&rows.weight[k], 1));
        }
    };
    if (config.records("WEE")) synapses("WEE", s.wee);
    if (config.records("WEI")) synapses("WEI", s.wei);
    if (config.records("WEU")) synapses("WEU", s.weu);
    if (config.records("TE")) recorder.append("TE", std::span<const real>(s.te), ne);
    if (!first) continue;  // what never changes stands there once
    if (config.records("WIE")) synapses("WIE", s.wie);
    if (config.records("TI")) recorder.append("TI", std::span<const real>(s.ti), ni);
    if (config.records("IEConnectionCounts"))
      recorder.metric(t, r, "I", "IEConnectionCounts", static_cast<double>(s.wie.pre.size()));
  }
}

}  // namespace engram::sorn
