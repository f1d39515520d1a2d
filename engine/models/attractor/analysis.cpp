#include "engram/attractor/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace engram::attractor {

namespace {

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// Of the angles that exist: a row of zeros has none. NaN where no row has one.
double mean_deviation_from_90(std::span<const double> angles, std::size_t* count = nullptr) {
  double sum = 0;
  std::size_t defined = 0;
  for (const double a : angles)
    if (!std::isnan(a)) sum += std::abs(a - 90), ++defined;
  if (count) *count = defined;
  return defined ? sum / static_cast<double>(defined) : NAN;
}

}  // namespace

std::vector<double> symmetric_part(std::span<const double> w, std::size_t n) {
  std::vector<double> part(w.size());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) part[i * n + j] = (w[i * n + j] + w[j * n + i]) / 2;
  return part;
}

std::vector<double> antisymmetric_part(std::span<const double> w, std::size_t n) {
  std::vector<double> part(w.size());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) part[i * n + j] = (w[i * n + j] - w[j * n + i]) / 2;
  return part;
}

double norm(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return std::sqrt(sum);
}

double asymmetry(std::span<const double> w, std::size_t n) { return 2 * norm(antisymmetric_part(w, n)) / norm(w); }

double correlation(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size() || a.empty()) throw Error("a correlation needs two rows of one length");
  const auto constant = [](std::span<const double> x) {
    return std::all_of(x.begin(), x.end(), [&](double v) { return v == x[0]; });
  };
  if (constant(a) || constant(b)) return NAN;  // not the quotient of two roundings
  const double ma = mean_of(a), mb = mean_of(b);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  }
  return ab / std::sqrt(aa * bb);
}

std::vector<double> angles(std::span<const double> rows, std::size_t n) {
  const std::size_t count = rows.size() / n;
  std::vector<double> angle(count * count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j) {
      if (i == j) continue;
      double dot = 0;
      for (std::size_t k = 0; k < n; ++k) dot += rows[i * n + k] * rows[j * n + k];
      const double cosine = dot / (norm(rows.subspan(i * n, n)) * norm(rows.subspan(j * n, n)));
      angle[i * count + j] =
          std::isnan(cosine) ? NAN : std::acos(std::clamp(cosine, -1.0, 1.0)) * (180 / 3.14159265358979323846);
    }
  return angle;
}

Orthogonality orthogonality(std::span<const double> angles) {
  const auto count = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(angles.size()))));
  std::vector<double> pairs, kept;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j) {
      const double a = angles[i * count + j];
      if (i != j) pairs.push_back(a);
      if (a > 1 && a < 179) kept.push_back(a);
    }
  Orthogonality o;
  o.with_diagonal = mean_deviation_from_90(angles);
  o.off_diagonal = mean_deviation_from_90(pairs);
  o.kept = mean_deviation_from_90(kept, &o.kept_angles);
  return o;
}

std::size_t distinct_rows(std::span<const double> rows, std::size_t n, int decimals) {
  const double scale = std::pow(10.0, decimals);
  std::set<std::vector<double>> seen;
  for (std::size_t r = 0; r + n <= rows.size(); r += n) {
    std::vector<double> row(n);
    for (std::size_t k = 0; k < n; ++k) row[k] = std::nearbyint(rows[r + k] * scale) + 0.0;
    seen.insert(std::move(row));
  }
  return seen.size();
}

std::vector<double> standardize(std::span<const double> rows, std::size_t n, bool square,
                                std::vector<std::size_t>* constant_rows) {
  std::vector<double> out(rows.begin(), rows.end());
  for (std::size_t first = 0; first + n <= out.size(); first += n) {
    const std::span<double> row(out.data() + first, n);
    if (square)
      for (double& v : row) v *= v;
    const double mean = mean_of(row);
    for (double& v : row) v -= mean;
    double squares = 0;
    for (const double v : row) squares += v * v;
    const double sd = std::sqrt(squares / static_cast<double>(n));
    if (sd == 0 && constant_rows) constant_rows->push_back(first / n);
    for (double& v : row) v = sd > 0 ? v / sd : 0;
  }
  return out;
}

double free_energy_proxy(std::span<const double> log_odds, std::span<const real> state) {
  double sum = 0;
  for (std::size_t i = 0; i < log_odds.size(); ++i)
    sum += langevin::log_partition(log_odds[i]) - log_odds[i] * static_cast<double>(state[i]);
  return sum;
}

std::vector<double> to_double(std::span<const real> values) { return {values.begin(), values.end()}; }

std::vector<real> to_real(std::span<const double> values) {
  std::vector<real> out(values.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<real>(values[i]);
  return out;
}

}  // namespace engram::attractor
