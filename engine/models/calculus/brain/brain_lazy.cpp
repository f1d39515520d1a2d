// Rounds of the lazy scheme: candidates for neurons that never fired, and the synapses of those that win.
#include <algorithm>
#include <numeric>

#include "engine/models/calculus/brain/brain_parts.hpp"

namespace engram::calculus {

namespace {

/// Inputs of the neurons that never fired, largest first; at most k of them matter.
std::vector<float> candidates(Draws& draws, Index n, Index w, Index k, std::uint64_t total_k, const SkipTable& table) {
  const Index unknown = n - w;
  if (unknown >= 2 * std::uint64_t{k} && table.p() > 0 && table.p() < 1)
    return sample_candidates(draws, k, lazy_threshold(n, w, k, total_k, table.p()), static_cast<double>(total_k));
  // Few are left, or there is nothing to draw: each one's own input, exactly.
  std::vector<float> values(unknown);
  for (float& value : values) value = static_cast<float>(binomial(draws, table, static_cast<Index>(total_k)));
  std::sort(values.begin(), values.end(), std::greater<>());
  values.resize(std::min<std::size_t>(values.size(), k));
  return values;
}

/// The first m of a partial shuffle, ascending: m of the pool without replacement.
std::vector<Index> choose(Draws& draws, std::vector<Index>& pool, std::size_t m) {
  for (std::size_t i = 0; i < m; ++i) std::swap(pool[i], pool[i + draws.below(pool.size() - i)]);
  std::vector<Index> chosen(pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(m));
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace

void Brain::select_lazily(Round& round) {
  Area& a = *round.target;
  std::uint64_t total_k = 0;
  const SkipTable* table = nullptr;
  const auto same_density = [&](const SkipTable& other, const std::string& source) {
    if (table && table->p() != other.p())
      throw Error("lazy area \"" + a.name + "\": the fibre from \"" + source +
                  "\" has another density than the others of this round");
    table = &other;
  };
  for (const auto& [stimulus, f] : round.stimuli) {
    same_density(*f->gaps(), stimulus->name);
    total_k += stimulus->size;
  }
  for (const auto& [source, f] : round.sources) {
    same_density(*f->gaps(), source->name);
    total_k += source->firing.ranked.size();
  }
  a.host_input.assign(a.existing, 0);
  const Span<real> input{a.host_input.data(), a.host_input.size()};
  for (const auto& [stimulus, f] : round.stimuli) f->add_input({}, input);
  for (const auto& [source, f] : round.sources) f->add_input(source->firing, input);
  subtract_inhibition(a, input);
  const std::vector<float> fresh = candidates(*draws_, a.options.n, a.existing, a.options.k, total_k, *table);
  std::vector<std::pair<float, Index>> ranked;
  for (Index i = 0; i < a.existing; ++i) ranked.push_back({static_cast<float>(a.host_input[i]), i});
  for (std::size_t c = 0; c < fresh.size(); ++c) ranked.push_back({fresh[c], a.existing + static_cast<Index>(c)});
  const auto better = [](const auto& x, const auto& y) {
    return x.first > y.first || (x.first == y.first && x.second < y.second);
  };
  const auto k = static_cast<std::ptrdiff_t>(std::min<std::size_t>(a.options.k, ranked.size()));
  std::nth_element(ranked.begin(), ranked.begin() + k, ranked.end(), better);
  std::sort(ranked.begin(), ranked.begin() + k, better);
  ranked.resize(static_cast<std::size_t>(k));
  round.next = cut(a, ranked, a.total_input);
  for (const Index i : round.next)
    if (i >= a.existing) round.potentials.push_back(fresh[i - a.existing]);  // a prefix of the candidates, in order
}

/// A fibre into an area that recruits, in the order of their names.
struct Brain::Inputs {
  Fibres* fibres;
  const Area* source;
  std::span<const Index> firing;  ///< of the source, if it takes part in the round
  Index before;                   ///< neurons that the source had when the round began
  bool from_newcomers;            ///< whether neurons that the source recruits in the same round are joined here
};

Index Brain::existing_before(const Area& a, const std::vector<Round>& rounds) {
  const auto at = std::find_if(rounds.begin(), rounds.end(), [&](const Round& r) { return r.target == &a; });
  return at == rounds.end() ? a.existing : at->existing_before;
}

std::vector<Brain::Inputs> Brain::inputs_of(const Round& round, const std::vector<Round>& rounds) {
  std::vector<Inputs> inputs;
  // Areas that recruit in this round come first, in its order.
  const auto place = [&](const Area* a) {
    return std::find_if(rounds.begin(), rounds.end(), [&](const Round& r) { return r.target == a; }) - rounds.begin();
  };
  for (auto& [names, f] : fibres_) {
    if (names.second != round.target->name || !has_area(names.first)) continue;
    const Area& source = area(names.first);
    const bool fires =
        std::any_of(round.sources.begin(), round.sources.end(), [&](const auto& s) { return s.first == &source; });
    const bool earlier = &source != round.target && place(&source) < place(round.target);
    inputs.push_back({f.get(), &source, fires ? std::span<const Index>(source.firing.sorted) : std::span<const Index>(),
                      existing_before(source, rounds), options_.fix_new_block || !earlier});
  }
  return inputs;
}

/// Synapses from the chosen among all that fire in this round, counted in one line.
void Brain::join_firing(const Round& round, Index self, std::span<const Index> chosen) {
  Index begin = 0;
  const auto next = [&](std::size_t size) {  // those of the next `size` in the line, as counted there
    std::vector<Index> part;
    for (; !chosen.empty() && chosen.front() < begin + size; chosen = chosen.subspan(1))
      part.push_back(chosen.front() - begin);
    begin += static_cast<Index>(size);
    return part;
  };
  for (const auto& [stimulus, f] : round.stimuli) f->join(next(stimulus->size), self);
  for (const auto& [source, f] : round.sources) {
    std::vector<Index> part = next(source->firing.ranked.size());
    for (Index& j : part) j = source->firing.ranked[j];
    f->join(part, self);
  }
}

/// Gives the neurons that won for the first time their synapses: as many from the firing sources as their input says,
/// and random ones from and to everybody else.
void Brain::recruit(std::vector<Round>& rounds) {
  for (Round& round : rounds) round.target->existing += static_cast<Index>(round.potentials.size());
  for (auto& [names, f] : fibres_)
    f->grow(has_area(names.first) ? area(names.first).existing : 0, area(names.second).existing);
  std::vector<Index> pool;
  for (Round& round : rounds) {
    if (round.potentials.empty()) continue;
    Area& target = *round.target;
    const std::vector<Inputs> inputs = inputs_of(round, rounds);
    // Source neurons of this round in one line: stimuli, then winners of areas.
    std::size_t total_k = 0;
    for (const auto& s : round.stimuli) total_k += s.first->size;
    for (const auto& s : round.sources) total_k += s.first->firing.ranked.size();
    pool.resize(total_k);
    std::iota(pool.begin(), pool.end(), Index{0});
    for (std::size_t c = 0; c < round.potentials.size(); ++c) {
      const Index self = round.existing_before + static_cast<Index>(c);
      join_firing(round, self, choose(*draws_, pool, static_cast<std::size_t>(std::max(0.0f, round.potentials[c]))));
      for (const Inputs& in : inputs) {
        in.fibres->draw_inputs(*draws_, self, 0, in.before, in.firing);
        if (in.from_newcomers) in.fibres->draw_inputs(*draws_, self, in.before, in.source->existing, {});
      }
    }
    for (auto& [names, f] : fibres_) {
      if (names.second == target.name) f->draw_weights(*draws_, target.existing);
      // Onto everybody who was there before; newcomers of other areas take care of themselves above.
      if (names.first == target.name)
        for (Index j = round.existing_before; j < target.existing; ++j)
          f->draw_outputs(*draws_, j, existing_before(area(names.second), rounds));
    }
  }
}

}  // namespace engram::calculus
