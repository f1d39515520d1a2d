// SORN in the plainest way: dense double matrices, W[pre][post], one loop a sentence of the specification. It knows
// nothing of slices, bits or backends.
#pragma once

#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace oracle {

struct Sorn {
  using Matrix = std::vector<std::vector<double>>;
  Matrix wee, wei, wie, weu;  ///< weu[component][post]; empty: component k goes to unit k
  std::vector<double> te, ti, x, x_before, y, y_before;
  double eta_stdp = 0.004, eta_inhib = 0.001, eta_ip = 0.01, mu_ip = 0.1, te_min = 0, te_max = 1, h_ip = 0.1,
         sp_init = 0.001, wei_floor = 0, prune_at = 0;
  double eta_input = 0.001, feed_forward = 0;
  std::size_t k_winners = 0;
  bool inclusive = false, fast_inhibition = false, clamp_te = true;
  std::set<std::string> freeze;
  // Of the last step:
  std::vector<double> margin_e, margin_i,
      recurrent;  ///< excess over the threshold; of k winners: over the k-th of them
  std::vector<double> alone;
  long ee_before = 0, ei_before = 0;

  static long count(const Matrix& w) {
    long n = 0;
    for (const auto& row : w)
      for (double v : row) n += v > 0;
    return n;
  }
  static double column_drive(const Matrix& w, std::size_t post, const std::vector<double>& source) {
    double sum = 0;
    for (std::size_t j = 0; j < w.size(); ++j) sum += w[j][post] * source[j];
    return sum;
  }
  static void scale(Matrix& w) {
    for (std::size_t i = 0; !w.empty() && i < w[0].size(); ++i) {
      double sum = 0;
      for (auto& row : w) sum += row[i];
      for (auto& row : w)
        if (sum != 0) row[i] = row[i] / sum;
    }
  }
  bool acts(const char* rule) const { return !freeze.contains(rule); }
  bool fires(double excess) const { return inclusive ? excess >= 0 : excess > 0; }

  /// Who fires by `excess`, which is left as the distance from what decides.
  std::vector<double> winners(std::vector<double>& excess) const {
    std::vector<double> fire(excess.size());
    if (k_winners == 0) {
      for (std::size_t i = 0; i < fire.size(); ++i) fire[i] = fires(excess[i]);
      return fire;
    }
    double last = 0;
    for (std::size_t n = 0; n < k_winners; ++n) {
      std::size_t best = fire.size();
      for (std::size_t i = 0; i < fire.size(); ++i)
        if (fire[i] == 0 && (best == fire.size() || excess[i] > excess[best])) best = i;
      fire[best] = 1;
      last = excess[best];
    }
    for (double& e : excess) e -= last;
    return fire;
  }

  /// `pre`, `post` below 0: no new synapse. Empty noise or input: none.
  void step(const std::vector<double>& noise_e, const std::vector<double>& noise_i, const std::vector<double>& input,
            int pre, int post) {
    const std::size_t ne = te.size(), ni = ti.size();
    ee_before = count(wee);
    ei_before = count(wei);
    std::vector<double> new_x(ne), new_y(ni);
    margin_e.assign(ne, 0);
    margin_i.assign(ni, 0);
    recurrent.assign(ne, 0);
    double fed = 0;
    for (const double u : input) fed += u;
    fed *= feed_forward;
    for (std::size_t i = 0; i < ne; ++i) {
      const double noisy = (column_drive(wee, i, x) - column_drive(wei, i, y)) + (noise_e.empty() ? 0.0 : noise_e[i]);
      const double felt = !weu.empty() ? column_drive(weu, i, input) : i < input.size() ? input[i] : 0.0;
      margin_e[i] = (noisy + felt) - te[i];
      recurrent[i] = noisy - te[i];
    }
    new_x = winners(margin_e);
    alone = winners(recurrent);
    for (std::size_t k = 0; k < ni; ++k) {
      const double noise = (noise_i.empty() ? 0.0 : noise_i[k]) + fed;
      margin_i[k] = (column_drive(wie, k, fast_inhibition ? new_x : x) + noise) - ti[k];
      new_y[k] = fires(margin_i[k]);
    }
    if (acts("stdp"))
      for (std::size_t c = 0; c < weu.size(); ++c)
        for (std::size_t i = 0; i < ne; ++i) {
          double& w = weu[c][i];
          if (w == 0) continue;
          w += eta_input * (input[c] > 0 ? new_x[i] - x[i] : 0);
          w = w <= 0 ? 0 : w > 1 ? 1 : w;
        }
    if (acts("stdp"))
      for (std::size_t j = 0; j < ne; ++j)
        for (std::size_t i = 0; i < ne; ++i) {
          double& w = wee[j][i];
          if (w != 0) w += eta_stdp * (new_x[i] * x[j] - x[i] * new_x[j]);
          w = w <= prune_at ? 0 : w > 1 ? 1 : w;
        }
    if (acts("ip"))
      for (std::size_t i = 0; i < ne; ++i) {
        te[i] = te[i] + eta_ip * (new_x[i] - h_ip);
        if (clamp_te) te[i] = te[i] <= te_min ? te_min : te[i] > te_max ? te_max : te[i];
      }
    if (acts("sp") && pre >= 0) wee[static_cast<std::size_t>(pre)][static_cast<std::size_t>(post)] = sp_init;
    if (acts("istdp"))
      for (std::size_t k = 0; k < ni; ++k)
        for (std::size_t i = 0; i < ne; ++i) {
          double& w = wei[k][i];
          if (w == 0) continue;
          w += -eta_inhib * y[k] * (1 - new_x[i] * (1 + 1 / mu_ip));
          w = w <= wei_floor ? wei_floor : w > 1 ? 1 : w;
        }
    if (acts("ss")) {
      scale(wee);
      scale(wei);
      scale(weu);
    }
    x_before = x;
    y_before = y;
    x = new_x;
    y = new_y;
  }
};

}  // namespace oracle
