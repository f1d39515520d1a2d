#include "engine/models/calculus/cpu/fibres.hpp"

#include <cstring>

#include "engine/cpu/of_thread.hpp"
#include "engine/cpu/parallel.hpp"
#include "engine/models/calculus/cpu/fibre_walk.hpp"
#include "engine/models/cpu_extensions.hpp"
#include "kernels/calculus/fibre_bodies.hpp"

namespace engram::cpu {

using namespace bodies;

namespace {

/// Units of a list as bits; the words are all zero between uses.
class Marks {
 public:
  Marks(std::vector<std::uint32_t>& words, Span<const Index> units, Index n) : words_(words), units_(units) {
    if (words.size() < n / 32 + 1) words.resize(n / 32 + 1);
    for (std::size_t i = 0; i < units.size; ++i) words_[units[i] >> 5] |= 1u << (units[i] & 31);
  }
  Marks(const Marks&) = delete;
  ~Marks() {
    for (std::size_t i = 0; i < units_.size; ++i) words_[units_[i] >> 5] = 0;
  }
  const std::uint32_t* bits() const { return words_.data(); }

 private:
  std::vector<std::uint32_t>& words_;
  Span<const Index> units_;
};

/// Marks of the thread that calls an operation; the threads it starts only read them.
std::vector<std::uint32_t>& scratch_words() { return of_thread<std::vector<std::uint32_t>, struct MarkedSources>(); }

using Count = std::uint16_t;
constexpr Index max_sources = 65535;  // that a Count can take

ENGRAM_CLONES void count_lanes(const Fibre& fibre, const Index* sources, Index n, Index segment, Count* counts) {
  walk_lanes(fibre, sources, n, segment, fibre.length(segment), [counts](Index, const std::uint32_t(*at)[lanes]) {
    for (int w = 0; w < 4; ++w)
      for (int l = 0; l < lanes; ++l) ++counts[at[w][l]];
  });
}

ENGRAM_CLONES void merge_counts(const Count* local, Index n, bool remove, Index* counts) {
  if (remove)
    for (Index i = 0; i < n; ++i) counts[i] -= local[i];
  else
    for (Index i = 0; i < n; ++i) counts[i] += local[i];
}

/// Whether the vector walker serves this fibre.
bool in_lanes(const Fibre& fibre) { return fibre.density == Density::random && fibre.skip.narrow; }

void count_segment(const Fibre& fibre, Span<const Index> sources, Index segment, Count* local) {
  if (in_lanes(fibre)) return count_lanes(fibre, sources.data, static_cast<Index>(sources.size), segment, local);
  const Index first = segment << fibre.width_log2;
  for (std::size_t s = 0; s < sources.size; ++s)
    for_each_target(fibre, sources[s], segment, [&](Index post) {
      ++local[post - first];
      return true;
    });
}

/// Appends the synapses to the marked units of a segment (marks: one byte a unit), none of which is at `limit` or
/// beyond.
ENGRAM_CLONES void find_lanes(const Fibre& fibre, const Index* sources, Index n, Index segment, Index limit,
                              const std::uint8_t* marks, std::vector<Synapse>& found) {
  const Index base = segment << fibre.width_log2;
  walk_lanes(fibre, sources, n, segment, limit, [&](Index first, const std::uint32_t(*at)[lanes]) {
    unsigned any = 0;
    for (int w = 0; w < 4; ++w)
      for (int l = 0; l < lanes; ++l) any |= marks[at[w][l]];
    if (!any) return;  // nearly always: few units of a segment win
    for (int w = 0; w < 4; ++w)
      for (int l = 0; l < lanes; ++l)
        if (marks[at[w][l]]) found.push_back({base + at[w][l], sources[first + static_cast<Index>(l)]});
  });
}

ENGRAM_CLONES void add_all(const float* values, std::size_t n, real* input) {
  for (std::size_t i = 0; i < n; ++i) input[i] = add_float(input[i], values[i]);
}

ENGRAM_CLONES void add_products(const real* values, const float* factor, std::size_t n, real* input) {
  for (std::size_t i = 0; i < n; ++i) input[i] = add_float(input[i], static_cast<float>(values[i]) * factor[i]);
}

ENGRAM_CLONES void add_integers(const Index* counts, std::size_t n, real* input) {
  for (std::size_t i = 0; i < n; ++i)
    input[i] = add_float(input[i], static_cast<float>(static_cast<std::int32_t>(counts[i])));
}

Index row_at(const OverlayView& overlay, std::size_t unit) {
  return static_cast<Index>(std::lower_bound(overlay.unit, overlay.unit + overlay.rows, unit) - overlay.unit);
}

}  // namespace

void CpuFibres::count(const Fibre& fibre, Span<const Index> sources, bool remove, Span<Index> counts) {
  if (fibre.density == Density::none || sources.size == 0) return;
  const double visits = static_cast<double>(sources.size) * fibre.n_post / 64;
  parallel_for(threads_, fibre.segments(), static_cast<std::size_t>(visits),
               [&](std::size_t begin, std::size_t end, int) {
                 auto& local = of_thread<std::vector<Count>, struct LocalCounts>();
                 local.resize(fibre.width() + slack);
                 for (std::size_t g = begin; g < end; ++g)
                   for (std::size_t s = 0; s < sources.size; s += max_sources) {
                     std::fill(local.begin(), local.end(), Count{0});
                     const auto segment = static_cast<Index>(g);
                     count_segment(fibre, {sources.data + s, std::min<std::size_t>(max_sources, sources.size - s)},
                                   segment, local.data());
                     merge_counts(local.data(), fibre.length(segment), remove, counts.data + (g << fibre.width_log2));
                   }
               });
}

void CpuFibres::find(const Fibre& fibre, Span<const Index> sources, Span<const Index> targets,
                     std::vector<Synapse>& found) {
  found.clear();
  if (fibre.density == Density::none || sources.size == 0 || targets.size == 0) return;
  std::vector<std::vector<Synapse>> parts(static_cast<std::size_t>(threads_));
  const double visits = static_cast<double>(sources.size) * fibre.n_post / 64;
  parallel_for(
      threads_, fibre.segments(), static_cast<std::size_t>(visits),
      [&](std::size_t begin, std::size_t end, int thread) {
        auto& marks = of_thread<std::vector<std::uint8_t>, struct MarkedTargets>();
        marks.resize(std::max<std::size_t>(marks.size(), fibre.width() + slack));
        std::vector<Synapse>& part = parts[static_cast<std::size_t>(thread)];
        const Index* at = std::lower_bound(targets.data, targets.data + targets.size, begin << fibre.width_log2);
        for (std::size_t g = begin; g < end; ++g) {
          const std::size_t base = g << fibre.width_log2, stop = base + fibre.width(), known = part.size();
          const Index* const first = at;
          for (; at < targets.data + targets.size && *at < stop; ++at) marks[*at - base] = 1;
          if (at == first) continue;
          const auto limit = static_cast<Index>(at[-1] - base + 1);  // nothing beyond the last target matters
          const auto segment = static_cast<Index>(g);
          if (in_lanes(fibre)) {
            find_lanes(fibre, sources.data, static_cast<Index>(sources.size), segment, limit, marks.data(), part);
          } else {
            for (std::size_t s = 0; s < sources.size; ++s)
              for_each_target(fibre, sources[s], segment, [&](Index post) {
                if (post - base < limit && marks[post - base]) part.push_back({post, sources[s]});
                return post - base < limit;
              });
          }
          for (const Index* t = first; t < at; ++t) marks[*t - base] = 0;
          std::sort(part.begin() + static_cast<std::ptrdiff_t>(known), part.end());
        }
      });
  for (const auto& part : parts) found.insert(found.end(), part.begin(), part.end());
}

void CpuFibres::add_counts(Span<const Index> counts, const OverlayView& overlay, Span<const Index> sources, Index n_pre,
                           Span<real> input) {
  const Marks firing(scratch_words(), sources, n_pre);
  parallel_for(threads_, input.size, input.size, [&](std::size_t begin, std::size_t end, int) {
    auto& learned = of_thread<std::vector<real>, struct LearnedInput>();
    const Index first = row_at(overlay, begin), last = row_at(overlay, end);
    learned.clear();
    for (Index row = first; row < last; ++row) {
      const Index unit = overlay.unit[row];
      learned.push_back(add_float(input[unit], row_input(overlay, row, firing.bits(), counts[unit])));
    }
    add_integers(counts.data + begin, end - begin, input.data + begin);
    for (Index row = first; row < last; ++row) input[overlay.unit[row]] = learned[row - first];
  });
}

void CpuFibres::learn_overlay(const OverlayView& overlay, Span<const Index> sources, Index n_pre,
                              Span<const Index> targets, Potentiation rule) {
  const Marks firing(scratch_words(), sources, n_pre);
  // About as many entries; each costs some eight operations, since rows lie far apart.
  const std::size_t entries = overlay.rows ? targets.size * (overlay.start[overlay.rows] / overlay.rows) : 0;
  parallel_for(threads_, targets.size, 8 * entries, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t t = begin; t < end; ++t)
      if (const Index row = find_row(overlay, targets[t]); row < overlay.rows)
        learn_row(overlay, row, firing.bits(), rule);
  });
}

void CpuFibres::add(Span<const float> values, Span<real> input) {
  parallel_for(threads_, input.size, input.size, [&](std::size_t begin, std::size_t end, int) {
    add_all(values.data + begin, end - begin, input.data + begin);
  });
}

void CpuFibres::add_scaled(Span<const real> values, Span<const float> factor, Span<real> input) {
  parallel_for(threads_, input.size, input.size, [&](std::size_t begin, std::size_t end, int) {
    add_products(values.data + begin, factor.data + begin, end - begin, input.data + begin);
  });
}

void CpuFibres::learn(Span<float> values, Span<const Index> targets, Potentiation rule) {
  for (std::size_t t = 0; t < targets.size; ++t) values[targets[t]] = rule(values[targets[t]]);
}

void CpuFibres::add_rows(const MatrixView& matrix, Span<const Index> sources, Span<real> input) {
  constexpr std::size_t tile = 1024;  // of the input stays in the first cache while the rows stream by
  parallel_for(threads_, ceil_div(input.size, tile), input.size * sources.size,
               [&](std::size_t begin, std::size_t end, int) {
                 for (std::size_t i = begin * tile; i < std::min(input.size, end * tile); i += tile)
                   for (std::size_t s = 0; s < sources.size; ++s)
                     add_all(matrix.row(sources[s]) + i, std::min(tile, input.size - i), input.data + i);
               });
}

void CpuFibres::learn_rows(const MatrixView& matrix, Span<const Index> sources, Span<const Index> targets,
                           Potentiation rule) {
  parallel_for(threads_, sources.size, sources.size * targets.size, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t s = begin; s < end; ++s) {
      float* row = matrix.row(sources[s]);
      for (std::size_t t = 0; t < targets.size; ++t) row[targets[t]] = rule(row[targets[t]]);
    }
  });
}

void CpuFibres::subtract_at(Span<const Index> units, Span<const float> values, Span<real> input) {
  for (std::size_t i = 0; i < units.size; ++i) input[units[i]] = add_float(input[units[i]], -values[i]);
}

void CpuFibres::gather(Span<const real> input, Span<const Index> units, std::vector<float>& values) {
  values.resize(units.size);
  for (std::size_t i = 0; i < units.size; ++i) values[i] = static_cast<float>(input[units[i]]);
}

std::unique_ptr<Extension> calculus_connections(const CpuBackend& backend) {
  return std::make_unique<CpuFibres>(backend.info().threads);
}

}  // namespace engram::cpu
