// Rounds of the lazy scheme: candidates for neurons that never fired, and the synapses of those that win.
#include <algorithm>

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
    same_density(static_cast<LazyStimulus*>(f)->table(), stimulus->name);
    total_k += stimulus->size;
  }
  for (const auto& [source, f] : round.sources) {
    same_density(static_cast<LazyFibres*>(f)->table(), source->name);
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

/// Gives the neurons that won for the first time their synapses: as many from the firing sources as their input says,
/// and random ones from and to everybody else.
void Brain::recruit(std::vector<Round>& rounds) {
  for (Round& round : rounds) round.target->existing += static_cast<Index>(round.potentials.size());
  for (auto& [names, f] : fibres_)
    if (auto* between = dynamic_cast<LazyFibres*>(f.get()))
      between->grow(area(names.first).existing, area(names.second).existing);

  const auto order_of = [&](const std::string& name) {
    return std::find_if(rounds.begin(), rounds.end(), [&](const Round& r) { return r.target->name == name; }) -
           rounds.begin();
  };
  std::vector<Index> pool;
  for (Round& round : rounds) {
    Area& target = *round.target;
    if (round.potentials.empty()) continue;
    // Source neurons of this round in one line: stimuli, then winners of areas.
    std::size_t total_k = 0;
    for (const auto& s : round.stimuli) total_k += s.first->size;
    for (const auto& s : round.sources) total_k += s.first->firing.ranked.size();
    pool.resize(total_k);
    for (std::size_t i = 0; i < total_k; ++i) pool[i] = static_cast<Index>(i);

    // Fibres into the area, in the order of their names; whether their source fires in this round.
    struct Incoming {
      LazyFibres* fibres;
      const Area* source;
      bool fires;
      Index before;  // neurons the source had when the round began
    };
    std::vector<Incoming> incoming;
    for (auto& [names, f] : fibres_)
      if (auto* between = dynamic_cast<LazyFibres*>(f.get()); between && names.second == target.name) {
        const Area& source = area(names.first);
        const bool fires =
            std::any_of(round.sources.begin(), round.sources.end(), [&](const auto& s) { return s.first == &source; });
        const auto at = order_of(names.first);
        incoming.push_back(
            {between, &source, fires,
             at < std::ssize(rounds) ? rounds[static_cast<std::size_t>(at)].existing_before : source.existing});
      }

    for (std::size_t c = 0; c < round.potentials.size(); ++c) {
      const Index self = round.existing_before + static_cast<Index>(c);
      // The first m of a partial shuffle: m sources without replacement.
      const auto m = static_cast<std::size_t>(std::max(0.0f, round.potentials[c]));
      for (std::size_t i = 0; i < m; ++i) std::swap(pool[i], pool[i + draws_->below(total_k - i)]);
      std::vector<Index> chosen(pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(m));
      std::sort(chosen.begin(), chosen.end());
      auto next = chosen.begin();
      Index begin = 0;
      for (const auto& [stimulus, f] : round.stimuli) {
        const auto first = next;
        begin += stimulus->size;
        while (next != chosen.end() && *next < begin) ++next;
        static_cast<LazyStimulus*>(f)->append(static_cast<float>(next - first));
      }
      for (const auto& [source, f] : round.sources) {
        const Index offset = begin;
        begin += static_cast<Index>(source->firing.ranked.size());
        for (; next != chosen.end() && *next < begin; ++next)
          static_cast<LazyFibres*>(f)->join(source->firing.ranked[*next - offset], self);
      }
      for (const Incoming& in : incoming) {
        const auto& firing = in.source->firing.sorted;
        bernoulli_each(*draws_, in.fibres->table(), 0, in.before, [&](Index j) {
          if (!in.fires || !std::binary_search(firing.begin(), firing.end(), j)) in.fibres->join(j, self);
        });
        // Neurons that the source recruits in the same round.
        const bool skipped =
            !options_.fix_new_block && in.source != &target && order_of(in.source->name) < order_of(target.name);
        if (!skipped)
          bernoulli_each(*draws_, in.fibres->table(), in.before, in.source->existing,
                         [&](Index j) { in.fibres->join(j, self); });
      }
    }
    for (auto& [names, f] : fibres_) {
      if (auto* stimulus = dynamic_cast<LazyStimulus*>(f.get()); stimulus && names.second == target.name)
        while (stimulus->n_post() < target.existing) stimulus->append_random(*draws_);
      // Onto everybody who was there before; newcomers of other areas take care of themselves above.
      if (auto* between = dynamic_cast<LazyFibres*>(f.get()); between && names.first == target.name) {
        const auto at = order_of(names.second);
        const Index known =
            at < std::ssize(rounds) ? rounds[static_cast<std::size_t>(at)].existing_before : between->n_post();
        for (Index j = round.existing_before; j < target.existing; ++j)
          bernoulli_each(*draws_, between->table(), 0, known, [&](Index i) { between->join(j, i); });
      }
    }
  }
}

}  // namespace engram::calculus
