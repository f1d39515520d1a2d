// Many equal rounds: where the machine can, without the host between them.
#include <algorithm>

#include "engine/models/calculus/brain/brain_parts.hpp"

namespace engram::calculus {

namespace {

constexpr Index max_rounds = 256;                            // of one call, so that whoever waits is not forgotten
constexpr std::uint64_t max_pairs = std::uint64_t{1} << 31;  // of sources and winners: a bit each

}  // namespace

std::vector<std::string> Brain::project(const Map& stimuli, const Map& areas, Index rounds) {
  std::vector<std::string> took_part;
  Index at_once = 0;
  for (Index done = 0; done < rounds; done += std::max<Index>(at_once, 1)) {
    at_once = run_rounds(stimuli, areas, std::min(rounds - done, max_rounds));
    // A round of the host makes room, and leaves k winners in every area that selects.
    if (at_once == 0) took_part = project(stimuli, areas);
  }
  if (at_once > 0) {
    took_part.clear();
    for (const Round& round : plan(stimuli, areas)) took_part.push_back(round.target->name);
  }
  return took_part;
}

bool Brain::many_at_once() const { return connectome_ == Connectome::procedural && rounds_; }

/// Whether rounds of this area need nothing that only the host knows.
bool Brain::self_contained(const Round& round) const {
  const Area& a = *round.target;
  const AreaOptions& o = a.options;
  for (const auto& [source, f] : round.sources)
    if (std::uint64_t{o.k} * source->firing.sorted.size() > max_pairs) return false;
  return a.fixed || (a.firing.sorted.size() == o.k && o.winners == "top_k" && o.refractory_period == 0 &&
                     o.refracted_strength == 0 && a.bias.empty() && a.recent.empty() && !options_.save_winners &&
                     !excludable(a.name));
}

/// Returns how many rounds were done, 0 where the host is needed.
Index Brain::run_rounds(const Map& stimuli, const Map& areas, Index rounds) {
  if (!many_at_once()) return 0;
  const std::vector<Round> plan = this->plan(stimuli, areas);
  if (!std::all_of(plan.begin(), plan.end(), [&](const Round& r) { return self_contained(r); })) return 0;
  RoundsView view;
  std::vector<Area*> members;
  std::vector<ProceduralFibres*> on_device;
  std::map<const Area*, Array<float>> values;
  const auto member = [&](Area* area) {
    const auto at = static_cast<std::size_t>(std::find(members.begin(), members.end(), area) - members.begin());
    if (at == members.size()) {
      members.push_back(area);
      view.areas.push_back({area->options.n, area->options.k, false, area->firing.sorted_device.view()});
    }
    return at;
  };
  for (const Round& round : plan) {
    Area& a = *round.target;
    const std::size_t target = member(&a);
    if (!a.fixed) {
      if (a.input.size() == 0) a.input = Array<real>(*backend_, a.options.n);
      RoundsView::Area& to = view.areas[target];
      to.selects = true;
      to.input = a.input.view();
      to.value = (values[&a] = Array<float>(*backend_, a.options.k)).view();
      to.ever = a.ever.begin(*backend_, a.ever_words(), 0);
    }
    const auto rule = [&](const std::string& source) {
      return Potentiation{plasticity_ ? 1 + beta(source, a) : 1, static_cast<float>(options_.w_max)};
    };
    for (const auto& [stimulus, f] : round.stimuli)
      view.stimuli.push_back({target, static_cast<StimulusFibres*>(f)->view(), rule(stimulus->name)});
    for (const auto& [source, f] : round.sources) {
      on_device.push_back(static_cast<ProceduralFibres*>(f));
      const std::size_t from = member(source);
      view.fibres.push_back(on_device.back()->begin(static_cast<Index>(source->firing.sorted.size()),
                                                    static_cast<Index>(a.firing.sorted.size()), rule(source->name)));
      view.fibres.back().source = from;
      view.fibres.back().target = target;
    }
  }
  const Array<Index> newcomers(*backend_, std::size_t{rounds} * members.size());
  view.newcomers = newcomers.view();
  const Index done = rounds_->run(view, rounds);
  for (ProceduralFibres* f : on_device) f->end();
  if (done == 0) return 0;
  const std::vector<Index> found = newcomers.download();
  for (const Round& round : plan) {
    Area& a = *round.target;
    const std::size_t at = member(&a);
    for (Index r = 0; r < done; ++r) {
      a.newcomers = a.fixed ? 0 : found[r * members.size() + at];
      a.support += a.newcomers;
      log(a);
    }
    if (a.fixed) continue;
    a.firing.assign(cut(a, ranked(a.firing.sorted_device.download(), values[&a].download()), a.total_input));
  }
  return done;
}

}  // namespace engram::calculus
