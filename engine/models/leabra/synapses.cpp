#include "engine/models/leabra/synapses.hpp"

#include <algorithm>

#include "engine/models/leabra/parts.hpp"
#include "engram/run/state_visitor.hpp"

namespace engram::leabra {

namespace {

/// Below, a matrix fits the second cache, where it is faster than rows.
constexpr std::size_t small_matrix = std::size_t{1} << 20;
constexpr double sparse_share = 1.0 / 16;

constexpr const char* plane_names[] = {"weights ", "linear weights ", "norms ", "momenta "};

/// One value of all pairs, [replica][sender][receiver], `missing` where there is no connection.
std::vector<real> matrices(std::span<const Rows> rows, Index pre, Index post, real missing) {
  const std::size_t one = std::size_t{pre} * post;
  std::vector<real> all(checked_product(one, rows.size()), missing);
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t i = 0; i < post; ++i)
      for (std::uint64_t s = rows[r].start[i]; s < rows[r].start[i + 1]; ++s)
        all[r * one + std::size_t{rows[r].pre[s]} * post + i] = rows[r].weight[s];
  return all;
}

void transmit(std::vector<Rows>& rows, const ProjectionSynapses::Effective& effective) {
  for (Rows& r : rows)
    for (real& w : r.weight) w = effective(w);
}

Dense dense_of(Backend& backend, std::vector<Rows> rows, Index pre, Index post, Index planes,
               const ProjectionSynapses::Effective& effective) {
  Dense made(backend, pre, post, static_cast<Index>(rows.size()), planes);
  made.upload(matrices(rows, pre, post, contrast::absent), 1);
  transmit(rows, effective);
  made.upload(matrices(rows, pre, post, 0), 0);
  return made;
}

FixedRows rows_of(Backend& backend, std::vector<Rows> rows, Index planes,
                  const ProjectionSynapses::Effective& effective) {
  const std::vector<real> linear = weights_of(rows);
  transmit(rows, effective);
  FixedRows made(backend, rows, planes);
  made.upload(linear, 1);
  return made;
}

double mean_row(const ProjectionSpec& spec, Index pre, Index post) {
  return static_cast<double>(connections_of(spec, pre, post)) / static_cast<double>(post);
}

}  // namespace

std::vector<real> weights_of(std::span<const Rows> rows) {
  std::vector<real> all;
  for (const Rows& r : rows) all.insert(all.end(), r.weight.begin(), r.weight.end());
  return all;
}

bool is_sparse(const ProjectionSpec& spec, Index pre, Index post) {
  if (spec.storage != Storage::automatic) return spec.storage == Storage::sparse;
  const double share = mean_row(spec, pre, post) / static_cast<double>(pre);
  return share <= sparse_share && Dense::bytes(pre, post, 1, planes_of(spec)) > small_matrix;
}

std::size_t bytes_of_synapses(const ProjectionSpec& spec, Index pre, Index post, Index replicas) {
  return is_sparse(spec, pre, post) ? FixedRows::bytes(mean_row(spec, pre, post), post, replicas, planes_of(spec))
                                    : Dense::bytes(pre, post, replicas, planes_of(spec));
}

ProjectionSynapses::ProjectionSynapses(Backend& backend, std::vector<Rows> rows, Index planes, bool sparse,
                                       const Effective& effective)
    : backend_(&backend),
      pre_(rows[0].n_pre),
      post_(rows[0].n_post()),
      replicas_(static_cast<Index>(rows.size())),
      planes_(planes),
      stored_(sparse ? std::variant<Dense, FixedRows>(rows_of(backend, std::move(rows), planes, effective))
                     : dense_of(backend, std::move(rows), pre_, post_, planes, effective)) {}

void ProjectionSynapses::connect(std::vector<Rows> rows, const Effective& effective) {
  if (std::holds_alternative<Dense>(stored_))
    stored_ = dense_of(*backend_, std::move(rows), pre_, post_, planes_, effective);
  else
    stored_ = rows_of(*backend_, std::move(rows), planes_, effective);
}

void ProjectionSynapses::set_linear(std::span<const real> linear, const Effective& effective) {
  std::vector<real> own(linear.begin(), linear.end()), transmitted;
  for (const real w : own) transmitted.push_back(effective(w));
  if (auto* sparse = std::get_if<FixedRows>(&stored_)) {
    sparse->upload(own, 1);
    return sparse->upload(transmitted, 0);
  }
  std::vector<Rows> all = rows(1);
  const auto upload = [&](const std::vector<real>& values, Index plane, real missing) {
    auto from = values.begin();
    for (Rows& r : all)
      for (real& w : r.weight) w = *from++;
    std::get<Dense>(stored_).upload(matrices(all, pre_, post_, missing), plane);
  };
  upload(own, 1, contrast::absent);
  upload(transmitted, 0, 0);
}

std::vector<Rows> ProjectionSynapses::rows(Index plane) const {
  if (const auto* sparse = std::get_if<FixedRows>(&stored_)) return sparse->rows(plane);
  const auto& dense = std::get<Dense>(stored_);
  const std::vector<real> linear = dense.download(1), values = plane == 1 ? std::vector<real>() : dense.download(plane);
  std::vector<Rows> all(replicas_);
  for (std::size_t r = 0; r < replicas_; ++r) {
    all[r].n_pre = pre_;
    for (std::size_t i = 0; i < post_; ++i) {
      for (std::size_t j = 0; j < pre_; ++j)
        if (const std::size_t at = r * pairs() + j * post_ + i; linear[at] != contrast::absent) {
          all[r].pre.push_back(static_cast<Index>(j));
          all[r].weight.push_back(plane == 1 ? linear[at] : values[at]);
        }
      all[r].start.push_back(all[r].pre.size());
    }
  }
  return all;
}

std::vector<real> ProjectionSynapses::counts() const {
  std::vector<real> count(std::size_t{replicas_} * post_);
  if (const auto* sparse = std::get_if<FixedRows>(&stored_)) {
    for (std::size_t row = 0; row < count.size(); ++row)
      count[row] = static_cast<real>(sparse->start()[row + 1] - sparse->start()[row]);
    return count;
  }
  const std::vector<real> linear = std::get<Dense>(stored_).download(1);
  for (std::size_t at = 0; at < linear.size(); ++at)
    count[at / pairs() * post_ + at % post_] += real(linear[at] != contrast::absent);
  return count;
}

Synapses ProjectionSynapses::view() const {
  return std::visit([](const auto& stored) { return Synapses(stored.view()); }, stored_);
}

void ProjectionSynapses::put(ProjectionView& to) const {
  to.weights = {nullptr, pre_, post_, replicas_, planes_, 0};
  if (const auto* sparse = std::get_if<FixedRows>(&stored_))
    to.rows = sparse->view();
  else
    to.weights = std::get<Dense>(stored_).view();
}

std::size_t ProjectionSynapses::bytes() const {
  if (const auto* sparse = std::get_if<FixedRows>(&stored_)) return sparse->bytes();
  return Dense::bytes(pre_, post_, replicas_, planes_);
}

std::vector<real> ProjectionSynapses::values_of(Index replica) const {
  if (const auto* sparse = std::get_if<FixedRows>(&stored_)) {
    const auto at = [&](std::size_t row) { return static_cast<std::ptrdiff_t>(sparse->start()[row]); };
    const std::size_t row = std::size_t{replica} * post_;
    std::vector<real> values;
    for (Index plane = 0; plane < planes_; ++plane) {
      const std::vector<real> all = sparse->download(plane);
      values.insert(values.end(), all.begin() + at(row), all.begin() + at(row + post_));
    }
    return values;
  }
  const DenseView w = std::get<Dense>(stored_).view();
  std::vector<real> values(w.plane_stride() * w.planes);
  backend_->download(values.data(), w.weight + replica * values.size(), values.size() * sizeof(real));
  return values;
}

void ProjectionSynapses::put_values(Index replica, const std::vector<real>& values) {
  if (auto* sparse = std::get_if<FixedRows>(&stored_)) {
    const std::size_t first = sparse->start()[std::size_t{replica} * post_], one = values.size() / planes_;
    for (Index plane = 0; plane < planes_; ++plane) {
      std::vector<real> all = sparse->download(plane);
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(plane * one), one,
                  all.begin() + static_cast<std::ptrdiff_t>(first));
      sparse->upload(all, plane);
    }
    return;
  }
  real* const to = std::get<Dense>(stored_).view().weight + replica * values.size();
  backend_->upload(to, values.data(), values.size() * sizeof(real));
}

void ProjectionSynapses::visit(StateVisitor& visitor, const std::string& name, const std::function<void()>& restored) {
  std::holds_alternative<Dense>(stored_) ? visit_dense(visitor, name, restored) : visit_rows(visitor, name, restored);
}

void ProjectionSynapses::visit_dense(StateVisitor& visitor, const std::string& name,
                                     const std::function<void()>& restored) {
  auto& dense = std::get<Dense>(stored_);
  const std::size_t matrix[] = {replicas_, pre_, post_};
  for (Index plane = 0; plane < planes_; ++plane)
    visitor.array(plane_names[plane] + name, matrix,
                  {[&dense, plane] { return dense.download(plane); },
                   [&dense, plane, restored](const std::vector<real>& values) {
                     dense.upload(values, plane);
                     if (plane == 1) restored();
                   }});
}

/// Which pairs are connected, as starts of rows and their senders, then the values in this order.
void ProjectionSynapses::visit_rows(StateVisitor& visitor, const std::string& name,
                                    const std::function<void()>& restored) {
  const auto stored = [this]() -> FixedRows& { return std::get<FixedRows>(stored_); };
  const std::size_t starts[] = {std::size_t{replicas_} * post_ + 1}, list[] = {any_size};
  const auto wrong = [name](const std::string& what) { throw IoError("the state of \"" + name + "\" " + what); };
  visitor.array("starts " + name, starts,
                {[stored] { return stored().start(); },
                 [this](const std::vector<std::uint64_t>& values) { restored_starts_ = values; }});
  const auto senders = [stored] {
    std::vector<Index> all;
    for (const Rows& r : stored().rows(0)) all.insert(all.end(), r.pre.begin(), r.pre.end());
    return all;
  };
  const auto connect_as = [this, wrong, restored](const std::vector<Index>& found) {
    const std::vector<std::uint64_t> start = std::move(restored_starts_);
    restored_starts_.clear();
    if (std::get<FixedRows>(stored_).joins(start, found)) return;  // mostly: they were drawn from the same seeds
    if (start.empty() || start.front() != 0 || start.back() != found.size() ||
        !std::is_sorted(start.begin(), start.end()))
      return wrong("holds senders that do not fit the starts of its rows");
    std::vector<Rows> all(replicas_);
    for (std::size_t r = 0; r < replicas_; ++r) {
      const std::uint64_t first = start[r * post_], last = start[(r + 1) * post_];
      all[r].n_pre = pre_;
      for (std::size_t i = 1; i <= post_; ++i) all[r].start.push_back(start[r * post_ + i] - first);
      all[r].pre.assign(found.begin() + static_cast<std::ptrdiff_t>(first),
                        found.begin() + static_cast<std::ptrdiff_t>(last));
      all[r].weight.resize(all[r].pre.size());
    }
    try {
      stored_ = FixedRows(*backend_, all, planes_);
    } catch (const MemoryError&) {
      throw;
    } catch (const Error& error) {
      wrong(std::string("holds no rows: ") + error.what());
    }
    restored();
  };
  visitor.array("senders " + name, list, {senders, connect_as});
  for (Index plane = 0; plane < planes_; ++plane)
    visitor.array(plane_names[plane] + name, list,
                  {[stored, plane] { return stored().download(plane); },
                   [stored, plane, wrong](const std::vector<real>& values) {
                     if (values.size() != stored().synapses())
                       wrong("holds " + std::to_string(values.size()) + " values of " +
                             std::to_string(stored().synapses()) + " synapses");
                     stored().upload(values, plane);
                   }});
}

}  // namespace engram::leabra
