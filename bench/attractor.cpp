// Attractor networks: what one step costs, from a network in a cache to one that only memory holds.
#include "engram/attractor/attractor.hpp"

#include <cmath>
#include <memory>
#include <utility>

#include "bench/cases.hpp"

namespace engram::bench {

namespace {

/// Networks that have learned three random patterns for some hundred steps; then one of them stays as the bias.
std::shared_ptr<attractor::Network> trained(Backend& backend, Index n, Index networks, Sums sums = Sums::exact) {
  attractor::Options options;
  options.sums = sums;
  options.units = n;
  options.networks = networks;
  options.learning_rate = static_cast<real>(0.064 / n);
  std::vector<std::uint64_t> seeds(networks);
  for (Index r = 0; r < networks; ++r) seeds[r] = r + 1;
  auto network = std::make_shared<attractor::Network>(backend, options, seeds);
  const Tick warm = n >= 4096 ? 3 : 300;
  std::vector<real> bias(std::size_t{n} * networks);
  for (Tick t = 0; t < warm; ++t) {
    for (std::size_t i = 0; t % 10 == 0 && i < bias.size(); ++i)
      bias[i] = Random{9, Stream::test, t / 10 % 3, static_cast<std::uint32_t>(i)}.bernoulli(0.5) ? real(5) : real(-5);
    if (t % 10 == 0) network->set_bias(bias);
    network->step(t);
  }
  return network;
}

/// `steps` in a call: an epoch, as training makes them under one pattern.
Runnable runnable(std::shared_ptr<attractor::Network> network, bool learn, Tick steps) {
  const attractor::Options& o = network->options();
  const double n = o.units, all = n * o.networks;
  network->set_deterministic(!learn);
  if (!learn) network->set_learning_rate(0);
  auto tick = std::make_shared<Tick>(1000);
  Runnable r;
  // The matrix is read, and written where it learns; beside it eight columns.
  r.bytes_per_step = (all * n * (learn ? 2 : 1) + 8 * all) * sizeof(real);
  r.synapses_per_step = all * n;
  if (learn) r.rewritten = static_cast<std::size_t>(all * n) * sizeof(real);
  r.steps_per_call = static_cast<double>(steps);
  r.step = [=] { network->run(std::exchange(*tick, *tick + steps), steps); };
  r.check = [=]() -> std::string {
    try {
      network->check_finite();
    } catch (const NumericError& error) {
      return error.what();
    }
    // The walk that learns leaves the drive of the weights it left.
    const std::vector<real> drive = network->drive();
    network->set_state(network->state());
    return drive == network->drive() ? "" : "the drive is not that of the weights";
  };
  return r;
}

Case make_case(const char* what, Index n, Index replicas, bool learn, const char* question) {
  Case c;
  c.name = std::string("attractor.") + what + "/n=" + std::to_string(n);
  if (replicas > 1) c.name += ",R=" + std::to_string(replicas);
  c.question = question;
  c.replicas = replicas;
  c.build = [=](Backend& backend, Index networks) {
    return runnable(trained(backend, n, networks), learn, replicas > 1 ? 10 : 1);
  };
  return c;
}

/// Many states on the weights of one network.
Case shared_case(Index n, Index states, Sums sums) {
  Case c;
  c.name = "attractor.infer/n=" + std::to_string(n) + ",states=" + std::to_string(states) +
           (sums == Sums::fast ? ",sums=fast" : "");
  c.question =
      "one stochastic update of many states that share one matrix of weights; synapses/s over n^2 are states/s";
  c.build = [=](Backend& backend, Index) {
    const auto network = trained(backend, n, 1, sums);
    std::vector<std::uint64_t> seeds(states);
    for (Index s = 0; s < states; ++s) seeds[s] = s + 1;
    const auto all = std::make_shared<attractor::Network>(network->on_same_weights(states, seeds));
    Runnable r = runnable(all, false, 10);
    all->set_deterministic(false);
    r.bytes_per_step = (static_cast<double>(n) * n + 8.0 * n * states) * sizeof(real);
    r.synapses_per_step = static_cast<double>(n) * n * states;
    return r;
  };
  return c;
}

}  // namespace

std::vector<Case> attractor_cases() {
  std::vector<Case> list;
  for (const Index n : {64, 256, 1024, 4096, 16384})
    list.push_back(
        make_case("learn", n, 1, true, "one stochastic inference and learning step under a constant pattern"));
  for (const Index n : {64, 1024, 4096})
    list.push_back(make_case("relax", n, 1, false, "one deterministic update without learning"));
  list.push_back(make_case("replicas", 64, 380, true, "one learning step of the networks of a parameter grid"));
  for (const Sums sums : {Sums::exact, Sums::fast}) {
    list.push_back(shared_case(64, 10000, sums));
    list.push_back(shared_case(1024, 256, sums));
  }
  return list;
}

}  // namespace engram::bench
