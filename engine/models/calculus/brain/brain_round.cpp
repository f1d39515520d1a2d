// One synchronous round: who wins, who falls silent, what is learned.
#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/models/calculus/brain/brain_parts.hpp"

namespace engram::calculus {

std::vector<std::string> Brain::project(const Map& stimuli, const Map& areas) {
  std::vector<Round> rounds = plan(stimuli, areas);
  for (Round& round : rounds)
    if (!round.target->fixed) {
      if (round.target->lazy(connectome_))
        select_lazily(round);
      else
        select(round);
    }
  const std::vector<Round> silenced = compete(rounds);
  if (connectome_ == Connectome::lazy) recruit(rounds);
  // Winners are replaced when all targets are done; sources of one target may be targets of another.
  std::vector<Firing> next(rounds.size());
  for (std::size_t r = 0; r < rounds.size(); ++r)
    if (!rounds[r].target->fixed) next[r].assign(*backend_, std::move(rounds[r].next));
  if (plasticity_)
    for (std::size_t r = 0; r < rounds.size(); ++r) {
      const Round& round = rounds[r];
      const Firing& targets = round.target->fixed ? round.target->firing : next[r];
      const auto potentiation = [&](const std::string& source) {
        return Potentiation{1 + beta(source, *round.target), static_cast<float>(options_.w_max)};
      };
      static const Firing whole_stimulus;
      for (const auto& [stimulus, f] : round.stimuli)
        if (const auto rule = potentiation(stimulus->name); rule.factor != 1) f->learn(whole_stimulus, targets, rule);
      for (const auto& [source, f] : round.sources)
        if (const auto rule = potentiation(source->name); rule.factor != 1) f->learn(source->firing, targets, rule);
    }
  for (std::size_t r = 0; r < rounds.size(); ++r) {
    if (!rounds[r].target->fixed) rounds[r].target->firing = std::move(next[r]);
    finish(rounds[r]);
  }
  for (const Round& round : silenced) {
    round.target->firing.assign(*backend_, {});
    round.target->newcomers = 0;
    log(*round.target);
  }
  std::vector<std::string> took_part;
  for (const auto* list : {&std::as_const(rounds), &silenced})
    for (const Round& round : *list) took_part.push_back(round.target->name);
  return took_part;
}

/// Takes the rounds of areas that another one of their group inhibits out of the list and returns them.
std::vector<Brain::Round> Brain::compete(std::vector<Round>& rounds) {
  std::vector<Round> silenced;
  for (const auto& group : exclusive_) {
    const auto takes_part = [&](const Round& round) {
      return !round.target->fixed && group.contains(round.target->name);
    };
    const Area* strongest = nullptr;
    for (const Round& round : rounds)
      if (takes_part(round) && (!strongest || round.target->total_input > strongest->total_input))
        strongest = round.target;
    const auto loses = [&](const Round& round) { return takes_part(round) && round.target != strongest; };
    std::copy_if(rounds.begin(), rounds.end(), std::back_inserter(silenced), loses);
    std::erase_if(rounds, loses);
  }
  return silenced;
}

void Brain::finish(Round& round) {
  Area& a = *round.target;
  a.newcomers = 0;
  if (!a.fixed) {
    if (a.lazy(connectome_)) {
      a.newcomers = a.existing - round.existing_before;
    } else {
      std::vector<std::uint32_t>& ever = a.ever.change();
      ever.resize(a.ever_words());
      for (const Index i : a.firing.ranked) {
        std::uint32_t& word = ever[i / 32];
        const std::uint32_t bit = 1u << (i % 32);
        a.newcomers += !(word & bit);
        word |= bit;
      }
    }
    a.support += a.newcomers;
    if (a.options.refractory_period > 0) {
      a.recent.push_front(a.firing.ranked);
      if (a.recent.size() > a.options.refractory_period) a.recent.pop_back();
    }
    if (a.options.refracted_strength > 0)
      for (const Index i : a.firing.ranked) a.bias[i] += static_cast<float>(a.options.refracted_strength);
  }
  log(a);
}

void Brain::log(Area& a) {
  a.saved_support.push_back(a.support);
  if (options_.save_winners) a.saved_winners.push_back(a.firing.ranked);
}

/// Long-range inhibition of the winners of the last rounds, and refraction.
void Brain::subtract_inhibition(const Area& a, Span<real> input) {
  const auto subtract = [&](const std::vector<Index>& units, const std::vector<float>& values) {
    const Array<Index> at(*backend_, units);
    const Array<float> by(*backend_, values);
    connections_->subtract_at(at.view(), by.view(), input);
  };
  for (std::size_t s = 0; s < a.recent.size() && a.options.inhibition_strength != 0; ++s) {
    const double share = 1 - static_cast<double>(s) / static_cast<double>(a.options.refractory_period);
    subtract(a.recent[s],
             std::vector<float>(a.recent[s].size(), static_cast<float>(a.options.inhibition_strength * share)));
  }
  if (!a.bias.empty()) {
    std::vector<Index> units;
    std::vector<float> values;
    for (const auto& [unit, value] : a.bias) {
      units.push_back(unit);
      values.push_back(value);
    }
    subtract(units, values);
  }
}

/// Units by descending input, equal ones by ascending index.
std::vector<std::pair<float, Index>> Brain::ranked(const std::vector<Index>& units, const std::vector<float>& inputs) {
  std::vector<std::pair<float, Index>> all(units.size());
  for (std::size_t i = 0; i < units.size(); ++i) all[i] = {inputs[i], units[i]};
  std::sort(all.begin(), all.end(), [](const auto& x, const auto& y) {
    return x.first > y.first || (x.first == y.first && x.second < y.second);
  });
  return all;
}

/// Who of the ranked candidates (at most k) fires, and the sum of their inputs.
std::vector<Index> Brain::cut(Area& a, const std::vector<std::pair<float, Index>>& ranked, double& total) const {
  const AreaOptions& o = a.options;
  std::size_t count = std::min<std::size_t>(ranked.size(), o.k);
  if (o.winners != "top_k" && count > 0) {
    const double least = o.winners == "threshold" ? o.threshold : o.threshold * static_cast<double>(ranked[0].first);
    std::size_t reached = 0;
    while (reached < count && static_cast<double>(ranked[reached].first) >= least) ++reached;
    count = std::max<std::size_t>(reached, std::min<std::size_t>(count, o.winners == "fraction" ? o.min_winners : 0));
  }
  std::vector<Index> winners(count);
  total = 0;
  a.without_input = 0;
  for (std::size_t i = 0; i < count; ++i) {
    winners[i] = ranked[i].second;
    a.without_input += !(ranked[i].first > 0);
    total += static_cast<double>(ranked[i].first);
  }
  if (!std::isfinite(total))
    throw NumericError("area \"" + a.name +
                       "\": the input of its winners is not finite; smaller learning rates, a ceiling "
                       "w_max or normalisation keep weights small");
  return winners;
}

void Brain::select(Round& round) {
  Area& a = *round.target;
  if (a.input.size() == 0) a.input = Array<real>(*backend_, a.options.n);
  if (a.chosen.size() == 0) {
    a.chosen = Array<Index>(*backend_, a.options.k);
    a.chosen_count = Array<Index>(*backend_, 1);
  }
  a.input.zero();
  for (const auto& [stimulus, f] : round.stimuli) f->add_input({}, a.input.view());
  for (const auto& [source, f] : round.sources) f->add_input(source->firing, a.input.view());
  subtract_inhibition(a, a.input.view());
  Active chosen;
  chosen.index = a.chosen.view().data;
  chosen.count = a.chosen_count.view().data;
  chosen.stride = a.options.k;
  chosen.units = a.options.n;
  backend_->select_top_k(a.input.batch(a.options.n), a.options.k, chosen);
  std::vector<float> values;
  connections_->gather(a.input.view(), a.chosen.view(), values);
  round.next = cut(a, ranked(a.chosen.download(), values), a.total_input);
}

}  // namespace engram::calculus
