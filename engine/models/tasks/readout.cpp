#include "engine/models/tasks/readout.hpp"

#include <cmath>
#include <eigen3/Eigen/Cholesky>

#include "engram/run/task.hpp"

namespace engram {

Readout::Readout(std::size_t units, std::size_t classes)
    : units_(units), classes_(classes), gram_(checked_product(units + 1, units + 1)), moment_((units + 1) * classes) {}

void Readout::add(std::span<const Index> active, std::size_t target) {
  const auto count = [&](std::size_t i, std::size_t last) {
    for (std::size_t b = 0; b < last; ++b) ++gram_[i * (units_ + 1) + active[b]];
    ++moment_[i * classes_ + target];
  };
  for (std::size_t a = 0; a < active.size(); ++a) count(active[a], a + 1);
  count(units_, active.size());  // the constant input
  ++gram_[units_ * (units_ + 1) + units_];
  weight_.clear();
}

void Readout::solve(double ridge) {
  const auto n = static_cast<Eigen::Index>(units_ + 1), k = static_cast<Eigen::Index>(classes_);
  Eigen::MatrixXd gram(n, n), moment(n, k);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j)
      gram(i, j) = gram(j, i) =
          static_cast<double>(gram_[static_cast<std::size_t>(i * n + j)]) + (i == j ? ridge : 0.0);
    for (Eigen::Index c = 0; c < k; ++c)
      moment(i, c) = static_cast<double>(moment_[static_cast<std::size_t>(i * k + c)]);
  }
  const Eigen::MatrixXd weight = gram.ldlt().solve(moment);
  weight_.resize((units_ + 1) * classes_);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index c = 0; c < k; ++c) {
      if (!std::isfinite(weight(i, c)))
        throw NumericError("the readout's weights are not finite; a ridge above 0 gives its equations a solution");
      weight_[static_cast<std::size_t>(i * k + c)] = weight(i, c);
    }
}

std::size_t Readout::predict(std::span<const Index> active) const {
  std::vector<double> out(weight_.end() - static_cast<std::ptrdiff_t>(classes_), weight_.end());
  for (const Index i : active)
    for (std::size_t c = 0; c < classes_; ++c) out[c] += weight_[i * classes_ + c];
  return static_cast<std::size_t>(std::max_element(out.begin(), out.end()) - out.begin());
}

void Readout::visit(StateVisitor& visitor, const std::string& name) {
  const std::size_t shape[] = {gram_.size() + moment_.size()};
  const auto get = [this] {
    std::vector<std::uint64_t> all = gram_;
    all.insert(all.end(), moment_.begin(), moment_.end());
    return all;
  };
  const auto set = [this](const std::vector<std::uint64_t>& all) {
    gram_.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(gram_.size()));
    moment_.assign(all.begin() + static_cast<std::ptrdiff_t>(gram_.size()), all.end());
    weight_.clear();
  };
  visitor.array(name, shape, {get, set});
}

}  // namespace engram
