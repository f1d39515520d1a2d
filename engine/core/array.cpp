#include "engram/core/array.hpp"

#include <algorithm>

#include "engram/backend.hpp"
#include "engram/synapses/synapses.hpp"

namespace engram {

namespace memory {
void* allocate(Backend& backend, std::size_t bytes) { return backend.allocate(bytes); }
void release(Backend& backend, void* p) noexcept { backend.release(p); }
void upload(Backend& backend, void* to, const void* from, std::size_t bytes) { backend.upload(to, from, bytes); }
void download(Backend& backend, void* to, const void* from, std::size_t bytes) { backend.download(to, from, bytes); }
void zero(Backend& backend, void* p, std::size_t bytes) { backend.zero(p, bytes); }
}  // namespace memory

namespace {
/// Rows start on 64-byte boundaries, so that lanes load whole vectors. Rows of whole pages are set a line apart:
/// neighbours would otherwise share their sets in the caches, and eight of them walked at once took a quarter longer.
std::size_t padded(Index n) {
  constexpr std::size_t line = 64 / sizeof(real), page = 4096 / sizeof(real);
  const std::size_t row = ceil_div<std::size_t>(n, line) * line;
  return row > 0 && row % page == 0 ? row + line : row;
}
}  // namespace

Dense::Dense(Backend& backend, Index n_pre, Index n_post, Index replicas, Index planes)
    : n_pre_(n_pre),
      n_post_(n_post),
      replicas_(replicas),
      planes_(planes),
      pitch_(padded(n_post)),
      weight_(backend, bytes(n_pre, n_post, replicas, planes) / sizeof(real)) {}

std::size_t Dense::bytes(Index n_pre, Index n_post, Index replicas, Index planes) {
  const std::size_t rows = checked_product(checked_product(n_pre, replicas), planes);
  return checked_product(checked_product(rows, padded(n_post)), sizeof(real));
}

DenseView Dense::view() const { return {weight_.view().data, n_pre_, n_post_, replicas_, planes_, pitch_}; }

template <class F>
void Dense::each_piece(Index plane, F&& f) const {
  const std::size_t some =
      std::max<std::size_t>(1, (std::size_t{16} << 20) / (std::max<std::size_t>(pitch_, 1) * sizeof(real)));
  for (std::size_t r = 0; r < replicas_; ++r)
    for (std::size_t j = 0; j < n_pre_; j += some)
      f(r * n_pre_ + j, std::min(some, n_pre_ - j), ((r * planes_ + plane) * n_pre_ + j) * pitch_);
}

void Dense::upload(std::span<const real> values, Index plane) {
  if (values.size() != std::size_t{n_pre_} * n_post_ * replicas_)
    throw Error("a matrix of " + std::to_string(n_pre_) + " x " + std::to_string(n_post_) + " and " +
                std::to_string(replicas_) + " replicas needs as many values, not " + std::to_string(values.size()));
  std::vector<real> rows;
  each_piece(plane, [&](std::size_t from, std::size_t count, std::size_t at) {
    rows.assign(count * pitch_, real(0));
    for (std::size_t j = 0; j < count; ++j)
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>((from + j) * n_post_), n_post_,
                  rows.begin() + static_cast<std::ptrdiff_t>(j * pitch_));
    weight_.upload(rows, at);
  });
}

std::vector<real> Dense::download(Index plane) const {
  std::vector<real> rows, values(std::size_t{n_pre_} * n_post_ * replicas_);
  each_piece(plane, [&](std::size_t from, std::size_t count, std::size_t at) {
    rows.resize(count * pitch_);
    weight_.download(rows, at);
    for (std::size_t j = 0; j < count; ++j)
      std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(j * pitch_), n_post_,
                  values.begin() + static_cast<std::ptrdiff_t>((from + j) * n_post_));
  });
  return values;
}

Outgoing::Outgoing(Backend& backend, Index n_pre, Index n_post, Index replicas,
                   std::span<const std::uint64_t> row_start, std::span<const Index> target,
                   std::span<const real> weight)
    : n_pre_(n_pre),
      n_post_(n_post),
      replicas_(replicas),
      row_start_(backend, row_start),
      target_(backend, target),
      weight_(backend, weight) {
  if (row_start.size() != std::size_t{n_pre} * replicas + 1 || target.size() != weight.size() ||
      row_start.back() != target.size())
    throw Error("outgoing rows do not fit their row starts");
}

Outgoing::Outgoing(Index n_pre, Index n_post, Index replicas, Array<std::uint64_t> row_start, Array<Index> target,
                   Array<real> weight)
    : n_pre_(n_pre),
      n_post_(n_post),
      replicas_(replicas),
      row_start_(std::move(row_start)),
      target_(std::move(target)),
      weight_(std::move(weight)) {}

OutgoingView Outgoing::view() const {
  return {row_start_.view().data, target_.view().data, weight_.view().data, n_pre_, n_post_, replicas_};
}

std::size_t Outgoing::bytes(std::size_t synapses, Index n_pre, Index replicas) {
  return checked_product(synapses, sizeof(Index) + sizeof(real)) +
         (std::size_t{n_pre} * replicas + 1) * sizeof(std::uint64_t);
}

}  // namespace engram
