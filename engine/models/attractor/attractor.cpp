#include "engram/attractor/attractor.hpp"

#include <cmath>
#include <numeric>

namespace engram::attractor {

namespace {

/// Leaves room for sums of squares.
constexpr real largest = static_cast<real>(sizeof(real) == 4 ? 1e31 : 1e150);

void expect_size(std::span<const real> values, std::size_t expected, const char* what) {
  if (values.size() != expected)
    throw Error(std::string(what) + ": found " + std::to_string(values.size()) + " values, expected " +
                std::to_string(expected));
}

void expect_within(std::span<const real> values, real low, real high, const char* what) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!(values[i] >= low && values[i] <= high))
      throw Error(std::string(what) + ": value " + std::to_string(i) + " is " + shown(values[i]) + "; allowed are " +
                  (high < largest ? shown(low) + " to " + shown(high)
                   : low > 0      ? "finite numbers above 0"
                                  : "finite numbers"));
}

/// Neumaier's sum: relaxation compares free energies of some hundred that differ by 1e-12.
struct Sum {
  double total = 0, lost = 0;
  void add(double x) {
    const double next = total + x;
    lost += std::abs(total) >= std::abs(x) ? (total - next) + x : (x - next) + total;
    total = next;
  }
  double value() const { return total + lost; }
};

std::size_t checked_batches(const Options& o) { return checked_product(o.networks, o.states); }

}  // namespace

Network::Network(Backend& backend, const Options& options, std::span<const std::uint64_t> seeds)
    : backend_(&backend),
      steps_(backend.extension<attractor::Steps>()),
      options_(options),
      host_seeds_(seeds.begin(), seeds.end()) {
  const auto need = [](bool good, const char* path, const std::string& text) {
    if (!good) throw ConfigError(path, text);
  };
  need(options.units >= 1, "units", "an attractor network needs at least one unit");
  need(options.networks >= 1 && options.states >= 1, "networks",
       "found no network or no state; at least one of each is needed");
  need(options.learning_rate >= 0 && options.learning_rate <= largest, "learning_rate",
       "must be a finite number, 0 or more");
  need(options.states == 1 || options.learning_rate == 0, "states",
       "several states on one network cannot learn; set learning_rate 0");
  need(options.unit_inverse_temperature.empty() || options.unit_inverse_temperature.size() == options.units,
       "unit_inverse_temperature",
       "found " + std::to_string(options.unit_inverse_temperature.size()) + " factors for " +
           std::to_string(options.units) + " units");
  need(seeds.size() == checked_batches(options), "seeds", "one seed for each state of each network is needed");
  if (options.sums == Sums::fast) backend.multiply({}, {nullptr, 0, 0}, 1, {nullptr, 0, 0});  // is there a library?
  const Index n = options.units;
  const std::size_t values = checked_product(n, batches());
  seeds_ = Array<std::uint64_t>(backend, seeds);
  for (Array<real>* a : {&state_, &drive_, &error_, &bias_, &inverse_temperature_, &uniform_})
    *a = Array<real>(backend, values);
  if (options.precision_weighted) precision_ = Array<real>(backend, values);
  if (options.order != UpdateOrder::synchronous) order_ = Array<Index>(backend, values);
  one_ = Array<real>(backend, std::vector<real>(n, real(1)));
  set_inverse_temperature(std::vector<real>{real(1)});
  weights_ = std::make_shared<Dense>(backend, n, n, options.networks);
}

Network Network::on_same_weights(Index states, std::span<const std::uint64_t> seeds) const {
  Options options = options_;
  options.states = states;
  options.learning_rate = 0;
  options.networks = options_.networks;
  Network other(*backend_, options, seeds);
  other.weights_ = weights_;
  return other;
}

std::size_t Network::bytes(const Options& o) {
  const std::size_t values = checked_product(o.units, checked_batches(o));
  return Dense::bytes(o.units, o.units, o.networks) + checked_product(values, 10 * sizeof(real) + sizeof(Index));
}

void Network::set_weights(std::span<const real> values) {
  const std::size_t n = options_.units;
  expect_size(values, checked_product(n * n, options_.networks), "weights");
  expect_within(values, -largest, largest, "weights");
  std::vector<real> by_source(values.size());
  for (std::size_t r = 0; r < options_.networks; ++r)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) by_source[(r * n + j) * n + i] = values[(r * n + i) * n + j];
  weights_->upload(by_source);
  drive_current_ = false;
}

std::vector<real> Network::weights() const {
  const std::size_t n = options_.units;
  const std::vector<real> by_source = weights_->download();
  std::vector<real> values(by_source.size());
  for (std::size_t r = 0; r < options_.networks; ++r)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t i = 0; i < n; ++i) values[(r * n + i) * n + j] = by_source[(r * n + j) * n + i];
  return values;
}

void Network::set_state(std::span<const real> values) {
  expect_size(values, state_.size(), "state");
  expect_within(values, -1, 1, "state");
  state_.upload(values);
  drive_current_ = false;
}

void Network::set_bias(std::span<const real> values) {
  expect_size(values, bias_.size(), "bias");
  expect_within(values, -largest, largest, "bias");
  bias_.upload(values);
}

void Network::set_inverse_temperature(std::span<const real> values) {
  const std::size_t all = inverse_temperature_.size(), n = options_.units;
  if (values.size() != 1 && values.size() != batches() && values.size() != all)
    expect_size(values, all, "inverse temperature");
  expect_within(values, std::numeric_limits<real>::min(), largest, "inverse temperature");
  std::vector<real> full(all);
  const std::vector<real>& factor = options_.unit_inverse_temperature;
  for (std::size_t i = 0; i < all; ++i)
    full[i] = values[values.size() == 1     ? 0
                     : values.size() == all ? i
                                            : i / n] *
              (factor.empty() ? real(1) : factor[i % n]);
  inverse_temperature_.upload(full);
}

void Network::set_learning_rate(real rate) {
  if (!(rate >= 0 && rate <= largest))
    throw ConfigError("learning_rate", "found " + std::to_string(rate) + "; allowed are finite numbers from 0");
  if (rate > 0 && options_.states > 1) throw ConfigError("learning_rate", "several states on one network cannot learn");
  options_.learning_rate = rate;
}

void Network::run(Tick first, Tick steps) {
  refresh_drive();
  advance(run_of(first, steps));
}

std::vector<real> Network::run_and_record(Tick first, Tick steps) {
  refresh_drive();
  const std::size_t values = checked_product(state_.size(), steps);
  if (recorded_.size() != values) recorded_ = Array<real>(*backend_, values);
  Run run = run_of(first, steps);
  run.states = recorded_.view().data;
  advance(run);
  return recorded_.download();
}

void Network::step(std::span<const real> uniforms) {
  expect_size(uniforms, uniform_.size(), "uniform draws");
  expect_within(uniforms, 0, 1, "uniform draws");
  refresh_drive();
  uniform_.upload(uniforms);
  Run run = run_of(0, 1);
  run.uniform = uniform_.view().data;
  advance(run);
}

void Network::drive_by(const Array<real>& source, const Array<real>& drive) {
  const Batch<real> x = source.batch(options_.units, batches()), out = drive.batch(options_.units, batches());
  if (multiplies(options_.sums, options_.states, options_.learning_rate))
    return backend_->multiply(weights_->view(), x, options_.states, out);
  backend_->zero(out.data, drive.bytes());
  Sweep sweep;
  sweep.source = Columns{{x}};
  sweep.drive = out;
  sweep.group = options_.states;
  backend_->sweep(weights_->view(), sweep);
}

void Network::refresh_drive() {
  if (drive_current_) return;
  drive_by(state_, drive_);
  drive_current_ = true;
}

View Network::view() const {
  const Index n = options_.units, all = batches();
  const auto column = [&](const Array<real>& a) { return a.batch(n, all); };
  const Batch<real> one{one_.view().data, n, all, 0};
  return {weights_->view(),
          options_.states,
          seeds_.view().data,
          column(state_),
          column(error_),
          column(drive_),
          column(bias_),
          column(inverse_temperature_),
          options_.precision_weighted ? column(precision_) : one,
          column(uniform_)};
}

Run Network::run_of(Tick first, Tick steps) const {
  const auto unit = [&](auto rule) {
    rule.predict_bias = options_.predict_with_bias;
    rule.predict_inverse_temperature = options_.prediction_uses_inverse_temperature;
    if (options_.clipped) {
      rule.bound = static_cast<real>(1 - 1e-7);
      rule.uniform_margin = static_cast<real>(1e-7);
      rule.uniform_below = static_cast<real>(1e-6);
    }
    return UnitRule{rule};
  };
  Run run;
  run.first = first;
  run.steps = steps;
  run.unit = options_.deterministic ? unit(LangevinMean{}) : unit(LangevinSample{});
  run.precision_weighted = options_.precision_weighted;
  run.learning_rate = options_.learning_rate;
  run.learn_self_weights = options_.learn_self_weights;
  run.sums = options_.sums;
  run.stride = state_.size();
  return run;
}

void Network::run_steps(const Run& run) {
  const View net = view();
  if (steps_ && steps_->takes(net, run)) return steps_->run(net, run);
  attractor::run_steps(*backend_, net, run);
}

void Network::advance(Run run) {
  const Index n = options_.units;
  if (options_.order == UpdateOrder::synchronous) {
    run_steps(run);
  } else {
    run.order = order_.batch(n, batches());
    const Tick end = run.first + run.steps;
    for (run.steps = 1; run.first < end; ++run.first) {
      order_.upload(order_of(run.first));
      run_steps(run);
      if (run.states) run.states += run.stride;
    }
  }
  drive_current_ = true;
}

std::vector<Index> Network::order_of(Tick t) const {
  const Index n = options_.units;
  std::vector<Index> order(order_.size());
  for (Index b = 0; b < batches(); ++b) {
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(std::size_t{b} * n);
    std::iota(first, first + n, Index{0});
    if (options_.order == UpdateOrder::random_order)  // Fisher and Yates
      for (Index i = n - 1; i > 0; --i)
        std::swap(
            first[i],
            first[static_cast<std::ptrdiff_t>(Random{host_seeds_[b], Stream::attractor_order, t, i}.below(i + 1))]);
  }
  return order;
}

std::vector<real> Network::drive() {
  refresh_drive();
  return drive_.download();
}

std::vector<double> Network::log_odds() {
  const std::vector<real> h = drive(), b = bias_.download(), beta = inverse_temperature_.download();
  std::vector<double> theta(h.size());
  for (std::size_t i = 0; i < h.size(); ++i)
    theta[i] = static_cast<double>(beta[i]) * (static_cast<double>(b[i]) + static_cast<double>(h[i]));
  return theta;
}

std::vector<FreeEnergy> Network::free_energy() {
  const Index n = options_.units, all = batches();
  if (mean_.size() == 0)
    for (Array<real>* a : {&mean_, &mean_drive_, &mean_error_}) *a = Array<real>(*backend_, state_.size());
  const std::vector<real> h = drive();
  backend_->copy(mean_drive_.view().data, drive_.view().data, drive_.bytes());
  const auto column = [&](const Array<real>& a) { return a.batch(n, all); };
  const Batch<real> one{one_.view().data, n, all, 0};
  const Batch<real> columns[] = {column(mean_), column(mean_drive_), column(mean_error_), column(bias_), one, one};
  backend_->update(LangevinMean{}, columns, {}, {});
  drive_by(mean_, mean_drive_);

  const std::vector<real> b = bias_.download(), s = state_.download(), q = mean_.download(),
                          jq = mean_drive_.download();
  std::vector<FreeEnergy> energy(all);
  for (std::size_t batch = 0; batch < all; ++batch) {
    Sum complexity, accuracy, macroscopic;
    for (std::size_t i = batch * n; i < (batch + 1) * n; ++i) {
      const double bias = b[i], from_others = h[i], mean = q[i], mean_drive = jq[i], state = s[i];
      complexity.add(langevin::log_partition(bias) - langevin::log_partition(bias + from_others) + from_others * mean);
      accuracy.add(bias * mean + mean * mean_drive);
      macroscopic.add(-state * (bias + 0.5 * from_others));
    }
    energy[batch] = {complexity.value(), accuracy.value(), macroscopic.value()};
  }
  return energy;
}

std::vector<double> Network::squared_weight_change() const {
  const std::size_t n = options_.units;
  const std::vector<real> e = error_.download(), s = state_.download();
  std::vector<double> change(options_.networks);
  for (std::size_t r = 0; r < change.size() && options_.states == 1; ++r) {
    double errors = 0, states = 0, diagonal = 0;
    for (std::size_t i = r * n; i < (r + 1) * n; ++i) {
      const double e2 = static_cast<double>(e[i]) * static_cast<double>(e[i]),
                   s2 = static_cast<double>(s[i]) * static_cast<double>(s[i]);
      errors += e2;
      states += s2;
      diagonal += e2 * s2;
    }
    const double rate = options_.learning_rate;
    change[r] = rate * rate * (errors * states - (options_.learn_self_weights ? 0 : diagonal));
  }
  return change;
}

void Network::check_finite() const {
  const std::vector<real> s = state_.download();
  for (std::size_t i = 0; i < s.size(); ++i)
    if (!(std::abs(s[i]) <= 1))
      throw NumericError("attractor network " + std::to_string(i / options_.units) + ": the state of unit " +
                         std::to_string(i % options_.units) + " is not a number; a smaller learning rate may help");
}

void Network::visit(StateVisitor& visitor) {
  const std::size_t n = options_.units;
  const std::size_t matrix[] = {options_.networks, n, n}, vector[] = {batches(), n};
  visitor.array("weights", matrix,
                {[this] { return weights(); }, [this](const std::vector<real>& values) { set_weights(values); }});
  visitor.array("state", vector, state_);
  visitor.array("bias", vector, bias_);
  visitor.array("error", vector, error_);
  visitor.array("inverse_temperature", vector, inverse_temperature_);
  drive_current_ = false;  // what was restored has a drive of its own; what was saved loses one sweep and no bit
}

}  // namespace engram::attractor
