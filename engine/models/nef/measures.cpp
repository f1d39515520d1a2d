#include "engine/models/nef/measures.hpp"

#include <algorithm>
#include <cmath>

#include "engine/run/results.hpp"

namespace engram::nef {

Measures::Measures(std::vector<Measure> measures, double dt, std::size_t replicas)
    : measures_(std::move(measures)), dt_(dt), replicas_(replicas) {
  for (std::vector<double>* list : {&squares_, &lengths_, &samples_, &numbers_, &largest_})
    list->resize(measures_.size() * replicas);
}

bool Measures::counts(const Measure& m, Tick step) const {
  constexpr double half = 0.5;  // of a step, so that rounding of times moves no sample
  const double t = static_cast<double>(step) * dt_, slack = half * dt_;
  if (t < m.from + slack || (m.to > 0 && t > m.to + slack)) return false;
  double within = t - m.from;
  if (m.every > 0) within -= std::floor((within - slack) / m.every) * m.every;
  return within > m.skip + slack && (m.window <= 0 || within < m.skip + m.window + slack);
}

void Measures::take(std::size_t measure, Index replica, std::span<const real> a, std::span<const real> b) {
  const std::size_t at = measure * replicas_ + replica;
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double off = static_cast<double>(a[i]) - (b.empty() ? 0.0 : static_cast<double>(b[i]));
    sum += off * off;
    largest_[at] = std::max(largest_[at], std::abs(off));
  }
  squares_[at] += sum;
  lengths_[at] += std::sqrt(sum);
  samples_[at] += 1;
  numbers_[at] += static_cast<double>(a.size());
}

void Measures::add(const std::string& probe, Tick step, Index replica, std::span<const real> sample) {
  for (std::size_t k = 0; k < measures_.size(); ++k) {
    const Measure& m = measures_[k];
    if ((m.probe != probe && m.versus != probe) || !counts(m, step)) continue;
    if (m.versus.empty()) {
      take(k, replica, sample, {});
      continue;
    }
    if (m.versus == m.probe) {
      take(k, replica, sample, sample);
      continue;
    }
    const std::tuple at{k, replica, step};
    const auto other = waiting_.find(at);
    if (other == waiting_.end()) {
      waiting_.emplace(at, std::vector<real>(sample.begin(), sample.end()));
      continue;
    }
    const bool first = m.probe == probe;
    take(k, replica, first ? sample : std::span<const real>(other->second),
         first ? std::span<const real>(other->second) : sample);
    waiting_.erase(other);
  }
}

nlohmann::ordered_json Measures::results() const {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (std::size_t k = 0; k < measures_.size(); ++k) {
    std::vector<double> rms(replicas_), length(replicas_), largest(replicas_);
    for (std::size_t r = 0; r < replicas_; ++r) {
      const std::size_t at = k * replicas_ + r;
      rms[r] = std::sqrt(squares_[at] / numbers_[at]);
      length[r] = lengths_[at] / samples_[at];
      largest[r] = samples_[at] > 0 ? largest_[at] : NAN;  // of no sample
    }
    const std::string what = measures_[k].versus.empty() ? "" : " of the difference";
    put_mean(all, measures_[k].label + ", root mean square" + what, rms);
    put_mean(all, measures_[k].label + ", mean length" + what, length);
    put_mean(all, measures_[k].label + ", largest number" + what, largest);
  }
  return all;
}

void Measures::visit(StateVisitor& visitor) {
  const std::size_t shape[] = {measures_.size(), replicas_};
  const std::pair<const char*, std::vector<double>*> lists[] = {{"measures/squares", &squares_},
                                                                {"measures/lengths", &lengths_},
                                                                {"measures/samples", &samples_},
                                                                {"measures/numbers", &numbers_},
                                                                {"measures/largest", &largest_}};
  if (measures_.empty()) return;
  for (const auto& [name, list] : lists) visitor.array(name, shape, *list);
}

}  // namespace engram::nef
