// Cases on a backend: every output stands between sentinels, which must survive.
#include <algorithm>
#include <cmath>
#include <memory>

#include "conformance/cases.hpp"
#include "conformance/guarded.hpp"
#include "engram/leabra/nxx1.hpp"
#include "engram/synapses/fixed_rows.hpp"

namespace engram::conformance {

namespace {

/// A population on the device; `units()` points into it.
class OnDevice {
 public:
  OnDevice(Backend& backend, const Population& p) : p_(p) {
    const std::size_t batches = p.one_for_all ? 1 : p.batches;
    if (p.form == Population::Form::columns) {
      for (const auto& column : p.columns) columns_.emplace_back(backend, std::span(column).first(batches * p.units));
    } else if (p.form == Population::Form::lists) {
      std::vector<Index> index(batches * p.units), count(batches);
      std::vector<real> value(batches * p.units);
      for (std::size_t b = 0; b < batches; ++b) {
        count[b] = static_cast<Index>(p.active[b].size());
        std::copy(p.active[b].begin(), p.active[b].end(), index.begin() + b * p.units);
        if (!p.value.empty()) std::copy(p.value[b].begin(), p.value[b].end(), value.begin() + b * p.units);
      }
      index_ = Array<Index>(backend, index);
      count_ = Array<Index>(backend, count);
      if (!p.value.empty()) value_ = Array<real>(backend, value);
    }
  }
  Units units() const {
    const std::size_t stride = p_.one_for_all ? 0 : p_.units;
    if (p_.form == Population::Form::columns) {
      Columns columns;
      for (std::size_t c = 0; c < columns_.size(); ++c)
        columns.at[c] = Batch<const real>{columns_[c].view().data, p_.units, p_.batches, stride};
      return columns;
    }
    if (p_.form == Population::Form::lists)
      return Active{index_.view().data, count_.view().data, value_.view().data, stride, p_.units, p_.batches};
    return {};
  }

 private:
  const Population& p_;
  std::vector<Array<real>> columns_;
  Array<Index> index_, count_;
  Array<real> value_;
};

/// The rows of all replicas with one value of each synapse.
std::vector<Rows> incoming_rows(const SweepInputs& p, Index plane) {
  std::vector<Rows> all(p.replicas);
  for (Index r = 0; r < p.replicas; ++r) {
    all[r].n_pre = p.n_pre;
    for (Index i = 0; i < p.n_post; ++i) {
      for (Index j = 0; j < p.n_pre; ++j)
        if (p.has(r, j, i)) {
          all[r].pre.push_back(j);
          all[r].weight.push_back(p.weight[p.at(r, plane, j, i)]);
        }
      all[r].start.push_back(all[r].pre.size());
    }
  }
  return all;
}

Result run_sweep(Backend& backend, const SweepInputs& p) {
  const Guarded<real> drive(backend, "drive", p.drive.empty() ? 0 : std::size_t{p.replicas} * p.group, p.n_post,
                            p.n_post + 3, p.drive);
  const Guarded<real> scale(backend, "scale", p.scaled ? p.replicas : 0, p.n_post, p.n_post + 5, p.scale);
  const Guarded<fixed> sum(backend, "sum", p.scaled ? p.replicas : 0, p.n_post, p.n_post + 5,
                           p.scaled ? p.sums() : std::vector<fixed>{});
  const Guarded<real> mean(backend, "mean", p.strong ? p.replicas : 0, p.n_post, p.n_post + 2);
  const Array<real> shared(backend, p.shared);
  const Array<Index> segments(backend, p.segments);
  const OnDevice pre(backend, p.pre), post(backend, p.post), source(backend, p.source);

  Sweep sweep;
  if (p.learn) sweep.learn = &*p.learn;
  sweep.pre = pre.units();
  sweep.post = post.units();
  sweep.source = source.units();
  if (!p.shared.empty()) sweep.shared = shared.batch(SweepInputs::shared_values * p.layers(), p.replicas * p.group);
  sweep.segments = {segments.view().data, p.layers()};
  sweep.keep_diagonal = p.keep_diagonal;
  sweep.normalize_to = p.normalize_to;
  sweep.gain = p.gain;
  sweep.group = p.group;
  if (!p.drive.empty()) sweep.drive = drive.batch();
  if (p.strong) sweep.strong = {*p.strong, mean.batch()};
  if (p.scaled) sweep.scaling = {scale.batch(), sum.batch(), p.recount};

  std::vector<real> weight;
  if (p.storage == Storage::fixed) {
    FixedRows rows(backend, incoming_rows(p, 0), p.planes);
    for (Index v = 1; v < p.planes; ++v) {
      std::vector<real> values;
      for (const Rows& of_replica : incoming_rows(p, v))
        values.insert(values.end(), of_replica.weight.begin(), of_replica.weight.end());
      rows.upload(values, v);
    }
    backend.sweep(rows.view(), sweep);
    for (Index v = 0; v < p.planes; ++v) {
      const std::vector<real> values = rows.download(v);
      weight.insert(weight.end(), values.begin(), values.end());
    }
  } else if (p.storage == Storage::incoming) {
    const Incoming rows(backend, incoming_rows(p, 0), p.by_length);
    backend.sweep(rows.view(), sweep);
    for (const Rows& of_replica : rows.download(0, p.replicas))
      weight.insert(weight.end(), of_replica.weight.begin(), of_replica.weight.end());
  } else if (p.storage == Storage::outgoing) {
    std::vector<std::uint64_t> row_start{0};
    std::vector<Index> target;
    for (Index r = 0; r < p.replicas; ++r)
      for (Index j = 0; j < p.n_pre; ++j) {
        for (Index i = 0; i < p.n_post; ++i)
          if (p.has(r, j, i)) {
            target.push_back(i);
            weight.push_back(p.weight[p.at(r, 0, j, i)]);
          }
        row_start.push_back(target.size());
      }
    const Array<std::uint64_t> starts(backend, row_start);
    const Array<Index> targets(backend, target);
    const Guarded<real> weights(backend, "weight", 1, weight.size(), weight.size(), weight);
    backend.sweep(OutgoingView{starts.view().data, targets.view().data, weights.data(), p.n_pre, p.n_post, p.replicas},
                  sweep);
    weight = weights.take();
  } else {
    const std::size_t line = 64 / sizeof(real), pitch = ceil_div<std::size_t>(p.n_post, line) * line;
    const Guarded<real> weights(backend, "weight", std::size_t{p.replicas} * p.planes * p.n_pre, p.n_post, pitch,
                                p.weight);
    backend.sweep(DenseView{weights.data(), p.n_pre, p.n_post, p.replicas, p.planes, pitch}, sweep);
    weight = weights.take();
  }
  Result result{{"weight", std::move(weight)}};
  if (!p.drive.empty()) result.push_back({"drive", drive.take()});
  if (p.scaled) {
    result.push_back({"scale", scale.take()});
    result.push_back({"sum", sum.take()});
  }
  if (p.strong) result.push_back({"mean", mean.take()});
  return result;
}

/// Lists that an operation fills.
struct Lists {
  Guarded<Index> index, count;
  Guarded<real> value;

  Lists(Backend& backend, Index batches, Index room, bool with_values)
      : index(backend, "index", batches, room, room),
        count(backend, "count", 1, batches, batches),
        value(backend, "value", with_values ? batches : 0, room, room) {}
  Active active(Index units, Index batches, bool with_values) const {
    return {index.data(), count.data(), with_values ? value.data() : nullptr, index.batch().stride, units, batches};
  }
  Result take(bool with_values) const {
    const std::vector<Index> counts = count.take();
    Result result{{"index", index.take(counts)}, {"count", counts}};
    if (with_values) result.push_back({"value", value.take(counts)});
    return result;
  }
};

Result run_top_k(Backend& backend, const TopKInputs& p) {
  const Guarded<real> score(backend, "score", p.batches, p.units, p.units + 1, p.score);  // rows at any alignment
  const Lists winners(backend, p.batches, p.k + 2, false);
  backend.select_top_k(score.batch(), p.k, winners.active(p.units, p.batches, false));
  score.take();
  return winners.take(false);
}

Result run_collect(Backend& backend, const CollectInputs& p) {
  const Guarded<real> x(backend, "x", p.batches, p.units, p.units + 1, p.x);
  const Lists out(backend, p.batches, p.room, p.with_values);
  backend.collect(x.batch(), p.above, out.active(p.units, p.batches, p.with_values));
  x.take();
  return out.take(p.with_values);
}

Result run_sample(Backend& backend, const SampleInputs& p) {
  const Guarded<real> out(backend, "out", p.seeds.size(), p.units, p.units + 3);
  const Array<std::uint64_t> seeds(backend, p.seeds);
  backend.sample(p.distribution, seeds.view(), p.stream, p.tick, out.batch());
  return {{"out", out.take()}};
}

Result run_update(Backend& backend, const UpdateInputs& p) {
  std::vector<std::unique_ptr<Guarded<real>>> columns;
  std::vector<Batch<real>> all;
  for (std::size_t c = 0; c < p.columns.size(); ++c) {
    columns.push_back(
        std::make_unique<Guarded<real>>(backend, "column", p.batches, p.units, p.units + 3, p.columns[c]));
    all.push_back(columns[c]->batch());
  }
  if (p.shared_last) all.back().stride = 0;
  UnitRule rule = p.rule;
  Array<real> table;
  if (auto* unit = std::get_if<LeabraUnit>(&rule)) {
    std::vector<real> tables = leabra::nxx1_values();
    const std::vector<real> second = leabra::nxx1_values({100, 0.005});
    tables.insert(tables.end(), second.begin(), second.end());
    table = Array<real>(backend, tables);
    unit->table = table.view().data;
  }
  if (p.order.empty()) {
    const Array<real> shared(backend, p.shared);
    const Array<Index> segments(backend, p.segments);
    const auto layers = p.segments.empty() ? Index{1} : static_cast<Index>(p.segments.size() - 1);
    backend.update(rule, all, {segments.view().data, layers},
                   shared.batch(static_cast<Index>(p.shared.size() / p.batches), p.batches));
  } else {
    const Array<Index> order(backend, p.order);
    Dense weights(backend, p.units, p.units, p.batches / p.group);
    weights.upload(p.weight);
    backend.update_in_order(rule, all, {}, weights.view(),
                            Batch<const Index>{order.view().data, p.units, p.batches, p.units}, p.group);
  }
  Result result;
  for (std::size_t c = 0; c < columns.size(); ++c)
    result.push_back({"column_" + std::to_string(c), columns[c]->take()});
  return result;
}

Result run_summary(Backend& backend, const SummaryInputs& p) {
  const Guarded<real> x(backend, "x", p.batches, p.units, p.units + 1, p.x);
  const Guarded<real> with(backend, "with", p.with.empty() ? 0 : p.batches, p.units, p.units + 2, p.with);
  const Guarded<real> out(backend, "out", p.batches, p.count(), p.count() + 3);
  const Array<Index> segments(backend, p.segments), k(backend, p.k);
  const Summary all[] = {
      Sum{}, Mean{}, Max{}, KthLargest{k.view().data}, MeanOfLargest{k.view().data}, Dot{with.batch()}};
  backend.summarize(x.batch(), {segments.view().data, p.count()}, all[p.kind], out.batch());
  x.take();
  return {{"out", out.take()}};
}

Result run_gather(Backend& backend, const GatherInputs& p) {
  const Guarded<real> from(backend, "from", p.batches, p.units, p.units + 1, p.from);
  const Guarded<real> to(backend, "to", p.batches, p.at.size(), p.at.size() + 3);
  const Array<Index> at(backend, p.at);
  Batch<real> source = from.batch();
  if (p.one_for_all) source.stride = 0;
  backend.gather(source, at.view(), to.batch());
  from.take();
  return {{"to", to.take()}};
}

/// The sums in their one order, after a comparison of those of a library with them. Either may be as far from the true
/// sum as error_of_sum says.
Result run_product(Backend& backend, const ProductInputs& p) {
  const Index batches = p.replicas * p.group;
  const std::size_t line = 64 / sizeof(real), pitch = ceil_div<std::size_t>(p.n_post, line) * line;
  const Guarded<real> weight(backend, "weight", std::size_t{p.replicas} * p.n_pre, p.n_post, pitch, p.weight);
  const Guarded<real> x(backend, "x", batches, p.n_pre, p.n_pre + 1, p.x);
  const Guarded<real> out(backend, "out", batches, p.n_post, p.n_post + 2);
  const std::vector<real> zeros(std::size_t{batches} * p.n_post);
  const Guarded<real> sums(backend, "sums", batches, p.n_post, p.n_post, zeros);
  const DenseView matrix{weight.data(), p.n_pre, p.n_post, p.replicas, 1, pitch};
  backend.multiply(matrix, x.batch(), p.group, out.batch());
  Sweep walk;
  walk.source = Columns{{x.batch()}};
  walk.drive = sums.batch();
  walk.group = p.group;
  backend.sweep(matrix, walk);
  const std::vector<real> found = out.take(), exact = sums.take();
  for (std::size_t b = 0; b < batches; ++b)
    for (std::size_t i = 0; i < p.n_post; ++i) {
      double magnitudes = 0;
      for (std::size_t j = 0; j < p.n_pre; ++j)
        magnitudes += std::abs(static_cast<double>(p.weight[(b / p.group * p.n_pre + j) * p.n_post + i]) *
                               static_cast<double>(p.x[b * p.n_pre + j]));
      const std::size_t at = b * p.n_post + i;
      const double off = std::abs(static_cast<double>(found[at]) - static_cast<double>(exact[at])),
                   allowed = 2 * error_of_sum(p.n_pre) * magnitudes;
      if (!(off <= allowed))
        throw Error("multiply: batch " + std::to_string(b) + ", unit " + std::to_string(i) + " is " +
                    std::to_string(off) + " from its exact sum " + std::to_string(exact[at]) + "; allowed is " +
                    std::to_string(allowed));
    }
  x.take();
  weight.take();
  return {{"exact", exact}};
}

}  // namespace

Result run(Backend& backend, const Inputs& inputs) {
  struct {
    Backend& backend;
    Result operator()(const SweepInputs& p) const { return run_sweep(backend, p); }
    Result operator()(const TopKInputs& p) const { return run_top_k(backend, p); }
    Result operator()(const CollectInputs& p) const { return run_collect(backend, p); }
    Result operator()(const SampleInputs& p) const { return run_sample(backend, p); }
    Result operator()(const UpdateInputs& p) const { return run_update(backend, p); }
    Result operator()(const SummaryInputs& p) const { return run_summary(backend, p); }
    Result operator()(const GatherInputs& p) const { return run_gather(backend, p); }
    Result operator()(const ProductInputs& p) const { return run_product(backend, p); }
  } solve{backend};
  return std::visit(solve, inputs);
}

}  // namespace engram::conformance
