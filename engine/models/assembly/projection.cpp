#include "engine/models/assembly/projection.hpp"

#include <algorithm>
#include <span>

#include "engine/core/huge_pages.hpp"
#include "engine/cpu/non_zero.hpp"
#include "engram/assembly/build.hpp"

namespace engram::assembly {

namespace {

struct Rows {
  std::vector<std::uint64_t> start{0};
  std::vector<Index> target;
  std::vector<real> weight;
};

bool draws_weights(const AreaSpec& area) { return area.sampler == "uniform_masked" && !area.willshaw(); }

/// The initial graph of all replicas, row by row: every pair is a synapse with probability p, independently.
Rows random_rows(const AreaSpec& area, const std::string& source, Index n_pre, std::span<const std::uint64_t> seeds) {
  Rows rows;
  const bool uniform = draws_weights(area);
  const auto expected = static_cast<std::size_t>(static_cast<double>(n_pre) * area.n * area.p_synapse * 1.02);
  rows.start.reserve(std::size_t{n_pre} * seeds.size() + 1);
  rows.target.reserve(expected * seeds.size());
  const SkipTable table(area.p_synapse);
  for (const std::uint64_t seed : seeds) {
    const Fibre fibre = table.fibre(fibre_key(seed, source, area.name), area.n);
    for (Index j = 0; j < n_pre; ++j) {
      for_each_target(fibre, j, [&](Index i) { rows.target.push_back(i); });
      rows.start.push_back(rows.target.size());
    }
    const std::size_t known = rows.weight.size();
    rows.weight.resize(rows.target.size(), 1);
    if (uniform)
      for (Index j = 0; j < n_pre; ++j) {
        const std::size_t first = rows.start.size() - 1 - n_pre + j;
        for (std::uint64_t s = std::max<std::uint64_t>(rows.start[first], known); s < rows.start[first + 1]; ++s)
          rows.weight[s] = Random{fibre.key, Stream::weight, j, rows.target[s]}.uniform();
      }
  }
  return rows;
}

/// Rows go to and from the device a few at a time: a copy of the whole matrix would be new pages from the system at
/// each call, and as much memory again.
constexpr std::size_t values_at_once = 1 << 16;

/// Weights that are not 0.
struct Found {
  std::vector<real> weights;
  std::size_t count = 0;

  void add(std::span<const real> row, const real* factor) {
    constexpr std::size_t beyond = 16;
    if (weights.size() < count + row.size() + beyond) weights.resize(2 * weights.size() + row.size() + beyond);
    count += cpu::copy_non_zero(row, factor, weights.data() + count);
  }

  std::vector<std::uint64_t> histogram(std::size_t bins, double top) const {
    std::vector<std::uint64_t> counts(bins);
    for (std::size_t s = 0; s < count; ++s)
      if (const double w = weights[s]; w > 0)
        ++counts[std::min(bins - 1, static_cast<std::size_t>(w / top * static_cast<double>(bins)))];
    return counts;
  }
};

}  // namespace

const real* Assembly::Projection::dense_rows(std::size_t replica, std::size_t first, std::size_t count,
                                             std::vector<real>& room) const {
  const DenseView v = std::get<Dense>(storage).view();
  const real* rows = v.weight + (replica * n_pre + first) * v.pitch;
  if (backend->info().kind == "cpu") return rows;
  room.resize(count * v.pitch);
  memory::download(*backend, room.data(), rows, room.size() * sizeof(real));
  return room.data();
}

template <class F>
void Assembly::Projection::each_dense_block(F&& f) const {
  const std::size_t pitch = std::get<Dense>(storage).view().pitch;
  const std::size_t at_once = std::clamp<std::size_t>(values_at_once / pitch, 1, n_pre);
  std::vector<real> room;
  for (std::size_t r = 0; r < replicas; ++r)
    for (std::size_t first = 0; first < n_pre; first += at_once) {
      const std::size_t count = std::min(at_once, n_pre - first);
      f(r, first, std::span(dense_rows(r, first, count, room), count * pitch));
    }
}

template <class F>
void Assembly::Projection::write_dense_rows(F&& f) {
  const DenseView v = std::get<Dense>(storage).view();
  const std::size_t at_once = std::max<std::size_t>(1, values_at_once / v.pitch), rows = std::size_t{replicas} * n_pre;
  for (std::size_t first = 0; first < rows; first += at_once) {
    const std::size_t count = std::min(at_once, rows - first);
    std::vector<real> values(count * v.pitch);
    for (std::size_t k = 0; k < count; ++k)
      f((first + k) / n_pre, (first + k) % n_pre, std::span<real>(values).subspan(k * v.pitch, n_post));
    memory::upload(*backend, v.weight + first * v.pitch, values.data(), values.size() * sizeof(real));
  }
}

Assembly::Projection::Projection(Backend& b, const AreaSpec& area, std::string given_name, const std::string& source,
                                 Index pre, std::span<const std::uint64_t> seeds)
    : backend(&b),
      name(std::move(given_name)),
      n_pre(pre),
      n_post(area.n),
      replicas(static_cast<Index>(seeds.size())),
      sparse(area.storage == "sparse"),
      scaled(area.scaled()),
      normalizes(!area.willshaw() && area.normalisation != "none"),
      rule(std::visit([](const auto& one) { return SynapseRule(one); }, area.rule)) {
  if (Build* const build = sparse ? b.extension<Build>() : nullptr) {
    std::vector<std::uint64_t> keys;
    for (const std::uint64_t seed : seeds) keys.push_back(fibre_key(seed, source, area.name));
    storage = build->draw(SkipTable(area.p_synapse), keys, n_pre, n_post, draws_weights(area));
  } else if (const Rows rows = random_rows(area, source, pre, seeds); sparse) {
    storage.emplace<Outgoing>(b, n_pre, n_post, replicas, rows.start, rows.target, rows.weight);
  } else {
    storage.emplace<Dense>(b, n_pre, n_post, replicas);
    write_dense_rows([&](std::size_t r, std::size_t j, std::span<real> weights) {
      const std::size_t row = r * n_pre + j;
      for (std::uint64_t s = rows.start[row]; s < rows.start[row + 1]; ++s) weights[rows.target[s]] = rows.weight[s];
    });
  }
  if (scaled) {
    scale = Array<real>(b, std::size_t{replicas} * n_post);
    sum = Array<fixed>(b, std::size_t{replicas} * n_post);
  }
  normalize(true);
}

Synapses Assembly::Projection::view() const {
  if (sparse) return std::get<Outgoing>(storage).view();
  return std::get<Dense>(storage).view();
}

Scaling Assembly::Projection::scaling() const {
  return scaled ? Scaling{scale.batch(n_post, replicas), sum.batch(n_post, replicas)} : Scaling{};
}

void Assembly::Projection::drive(const Active& source, real gain, Index group, Batch<real> drive) const {
  backend->sweep(view(), {.source = source, .gain = gain, .drive = drive, .scaling = scaling(), .group = group});
}

void Assembly::Projection::learn(const Active& pre, const Active& post) {
  backend->sweep(view(), {.learn = &rule, .pre = pre, .post = post, .scaling = scaling()});
}

void Assembly::Projection::normalize(bool recount) {
  if (!normalizes) return;
  Sweep sweep{.normalize_to = real(1), .scaling = scaling()};
  sweep.scaling.recount = recount;
  backend->sweep(view(), sweep);
}

std::vector<real> Assembly::Projection::matrix() const {
  std::vector<real> values;
  if (sparse) {
    values.resize(std::size_t{replicas} * n_post * n_pre);
    const auto& rows = std::get<Outgoing>(storage);
    const auto start = rows.row_start();
    const auto target = rows.target();
    const auto weight = rows.weight();
    for (std::size_t r = 0; r < replicas; ++r)
      for (std::size_t j = 0; j < n_pre; ++j)
        for (std::uint64_t s = start[r * n_pre + j]; s < start[r * n_pre + j + 1]; ++s)
          values[(r * n_post + target[s]) * n_pre + j] = weight[s];
  } else {
    values = dense();
  }
  if (scaled) {
    const std::vector<real> factor = scale.download();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = factor[i / n_pre] * values[i];
  }
  return values;
}

Assembly::Weighed Assembly::Projection::weigh(std::size_t bins) const {
  const std::vector<real> factor = scaled ? scale.download() : std::vector<real>{};
  Found found;
  Weighed weighed;
  weighed.synapses.assign(replicas, 0);
  if (sparse) {
    const auto& rows = std::get<Outgoing>(storage);
    const auto start = rows.row_start();
    const auto target = rows.target();
    const auto weight = rows.weight();
    std::vector<real> factors;
    for (std::size_t r = 0; r < replicas; ++r) {
      const std::size_t before = found.count, first = start[r * n_pre], end = start[(r + 1) * n_pre];
      if (scaled) {
        factors.resize(end - first);
        for (std::size_t s = 0; s < factors.size(); ++s) factors[s] = factor[r * n_post + target[first + s]];
      }
      found.add(std::span(weight).subspan(first, end - first), scaled ? factors.data() : nullptr);
      weighed.synapses[r] = found.count - before;
    }
  } else {
    const std::size_t pitch = std::get<Dense>(storage).view().pitch;
    each_dense_block([&](std::size_t r, std::size_t, std::span<const real> values) {
      const std::size_t before = found.count;
      for (std::size_t at = 0; at < values.size(); at += pitch)
        found.add(values.subspan(at, n_post), scaled ? &factor[r * n_post] : nullptr);
      weighed.synapses[r] += found.count - before;
    });
  }
  for (std::size_t s = 0; s < found.count; ++s)
    weighed.top = std::max(weighed.top, static_cast<double>(found.weights[s]));
  if (bins > 0) weighed.histogram = found.histogram(bins, std::max(1e-30, weighed.top));
  return weighed;
}

void Assembly::Projection::set_matrix(std::span<const real> weights) {
  if (weights.size() != std::size_t{replicas} * n_post * n_pre)
    throw Error(name + " has " + std::to_string(replicas) + " x " + std::to_string(n_post) + " x " +
                std::to_string(n_pre) + " weights, found " + std::to_string(weights.size()));
  if (sparse) {
    Rows rows;
    for (std::size_t r = 0; r < replicas; ++r)
      for (std::size_t j = 0; j < n_pre; ++j) {
        for (std::size_t i = 0; i < n_post; ++i)
          if (const real w = weights[(r * n_post + i) * n_pre + j]; w != real(0)) {
            rows.target.push_back(static_cast<Index>(i));
            rows.weight.push_back(w);
          }
        rows.start.push_back(rows.target.size());
      }
    storage.emplace<Outgoing>(*backend, n_pre, n_post, replicas, rows.start, rows.target, rows.weight);
  } else {
    set_dense(weights);
  }
  if (scaled) {
    // The given weights are effective; their scale is 1 until the next normalisation.
    scale.upload(std::vector<real>(scale.size(), real(1)));
    recount();
  }
}

void Assembly::Projection::recount() {
  if (!scaled) return;
  const std::vector<real> kept = scale.download();
  backend->sweep(
      view(), {.normalize_to = real(1), .scaling = {scale.batch(n_post, replicas), sum.batch(n_post, replicas), true}});
  scale.upload(kept);
}

std::vector<real> Assembly::Projection::dense() const {
  std::vector<real> values;
  resize_huge(values, std::size_t{replicas} * n_post * n_pre);
  const std::size_t pitch = std::get<Dense>(storage).view().pitch;
  each_dense_block([&](std::size_t r, std::size_t first, std::span<const real> block) {
    // Unit by unit, so that what is written lies together and what is read stays in the first cache.
    for (std::size_t i = 0; i < n_post; ++i) {
      real* to = &values[(r * n_post + i) * n_pre + first];
      for (std::size_t at = i; at < block.size(); at += pitch) *to++ = block[at];
    }
  });
  return values;
}

void Assembly::Projection::set_dense(std::span<const real> weights) {
  write_dense_rows([&](std::size_t r, std::size_t j, std::span<real> row) {
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = weights[(r * n_post + i) * n_pre + j];
  });
}

StateArray Assembly::Projection::dense_state() {
  return StateArray::of_parts<real>(
      std::size_t{replicas} * n_post * n_pre,
      [this](const StateArray::Taker& take) {
        const std::vector<real> all = dense();
        take(std::span<const real>(all));
      },
      [this](const std::vector<real>& weights) { set_dense(weights); },
      [this](const StateArray::Taker& take) {
        each_dense_block([&](std::size_t, std::size_t, std::span<const real> rows) { take(rows); });
      });
}

std::size_t Assembly::Projection::memory(const AreaSpec& area, Index n_pre, std::size_t replicas) {
  const auto r = static_cast<Index>(replicas);
  if (area.storage != "sparse") return Dense::bytes(n_pre, area.n, r);
  const double synapses = static_cast<double>(n_pre) * area.n * area.p_synapse * static_cast<double>(replicas);
  return Outgoing::bytes(static_cast<std::size_t>(synapses * 1.02), n_pre, r);
}

}  // namespace engram::assembly
