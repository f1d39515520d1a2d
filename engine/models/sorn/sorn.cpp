#include "engram/sorn/sorn.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/transposed.hpp"
#include "engine/models/sorn/new_rows.hpp"
#include "engram/sorn/build.hpp"

namespace engram::sorn {

std::vector<real> sorn_target_rates(const Parameters&, std::uint64_t seed);  // sorn_init.cpp

namespace {

Rules rules_of(const Parameters& p) {
  const auto acts = [&](const char* rule) {
    return p.phase == "plasticity" && std::find(p.freeze.begin(), p.freeze.end(), rule) == p.freeze.end();
  };
  Rules r;
  r.threshold.inclusive = p.inclusive_threshold;
  const double infinite = no_limit;
  const auto w_max = static_cast<real>(p.w_max);
  r.ip = {.eta = static_cast<real>(p.eta_ip),
          .low = static_cast<real>(p.clamp_te ? p.te_min : -infinite),
          .high = static_cast<real>(p.clamp_te ? p.te_max : infinite)};
  r.stdp = {.eta = static_cast<real>(p.eta_stdp), .w_max = w_max, .prune_at = static_cast<real>(p.prune_at)};
  r.istdp = {.eta = static_cast<real>(p.eta_inhib),
             .mu = static_cast<real>(p.mu_ip),
             .w_min = static_cast<real>(p.wei_floor),
             .w_max = w_max};
  r.input = {.eta = static_cast<real>(p.eta_input), .w_max = w_max};
  r.spikes_e = p.noise ? p.noise_spikes_e : 0;
  r.spikes_i = p.noise ? p.noise_spikes_i : 0;
  r.noise_e = p.noise ? static_cast<real>(p.noise_sigma_e) : real(0);
  r.noise_i = p.noise ? static_cast<real>(p.noise_sigma_i) : real(0);
  r.rewire_rate = p.sp_rate;
  r.rewire_weight = static_cast<real>(p.sp_init);
  r.fast_inhibition = p.fast_inhibition;
  r.learn_ee = acts("stdp");
  r.learn_input = acts("stdp");
  r.adapt = acts("ip");
  r.rewire = acts("sp");
  r.learn_ei = acts("istdp");
  r.normalize = acts("ss");
  return r;
}

std::vector<std::uint32_t> pack(std::span<const State> states, Index units, const std::vector<std::uint8_t> State::*now,
                                const std::vector<std::uint8_t> State::*before) {
  const std::size_t words = ceil_div(units, units_per_word);
  std::vector<std::uint32_t> packed(words * states.size());
  for (std::size_t r = 0; r < states.size(); ++r)
    for (Index i = 0; i < units; ++i)
      packed[r * words + i / units_per_word] |= ((states[r].*now)[i] | ((states[r].*before)[i] << 1))
                                                << (i % units_per_word * 2);
  return packed;
}

template <class T>
Array<T> gather(Backend& backend, std::span<const State> states, const std::vector<T> State::*part) {
  std::vector<T> all;
  for (const State& s : states) all.insert(all.end(), (s.*part).begin(), (s.*part).end());
  return Array<T>(backend, all);
}

void store(std::optional<Incoming>& to, Backend& backend, std::span<const State> states, Rows State::*part,
           bool by_length) {
  if (states.size() == 1) {  // a large network's rows are not copied once more
    to.emplace(backend, std::span(&(states[0].*part), 1), by_length);
    return;
  }
  std::vector<Rows> rows;
  for (const State& s : states) rows.push_back(s.*part);
  to.emplace(backend, rows, by_length);
}

void check_state(const Parameters& p, const State& s) {
  const auto expect = [](const char* what, std::size_t found, std::size_t wanted) {
    if (found != wanted)
      throw ConfigError("/state", std::string(what) + " has " + std::to_string(found) + " units, the parameters say " +
                                      std::to_string(wanted));
  };
  const std::size_t ne = p.ne, ni = p.ni();
  expect("wee, presynaptic,", s.wee.n_pre, ne);
  expect("wee, postsynaptic,", s.wee.n_post(), ne);
  expect("wei, presynaptic,", s.wei.n_pre, ni);
  expect("wei, postsynaptic,", s.wei.n_post(), ne);
  expect("wie, presynaptic,", s.wie.n_pre, ne);
  expect("wie, postsynaptic,", s.wie.n_post(), ni);
  expect("weu, presynaptic,", s.weu.n_pre, p.plastic_inputs() ? p.nu : 0);
  expect("weu, postsynaptic,", s.weu.n_post(), p.plastic_inputs() ? ne : 0);
  expect("te", s.te.size(), ne);
  expect("ti", s.ti.size(), ni);
  expect("x", s.x.size(), ne);
  expect("x_before", s.x_before.size(), ne);
  expect("y", s.y.size(), ni);
  expect("y_before", s.y_before.size(), ni);
  for (const auto* units : {&s.x, &s.x_before, &s.y, &s.y_before})
    if (std::any_of(units->begin(), units->end(), [](std::uint8_t a) { return a > 1; }))
      throw ConfigError("/state", "activity is 0 or 1");
  for (const Rows* rows : {&s.wee, &s.wei, &s.wie, &s.weu}) check_rows(*rows);  // before anything is replaced
  const auto numbers = [](const char* what, const std::vector<real>& values) {
    bool finite = true;
    for (const real v : values) finite &= std::isfinite(v);  // no early end: this vectorises
    if (!finite) throw NumericError(std::string("/state: ") + what + " holds a value that is not a finite number");
  };
  numbers("wee", s.wee.weight);
  numbers("wei", s.wei.weight);
  numbers("wie", s.wie.weight);
  numbers("weu", s.weu.weight);
  numbers("te", s.te);
  numbers("ti", s.ti);
}

std::vector<State> make_states(const std::vector<Parameters>& parameters, const std::vector<std::uint64_t>& seeds) {
  std::vector<State> states;
  for (std::size_t r = 0; r < parameters.size(); ++r) states.push_back(make_state(parameters[r], seeds[r]));
  return states;
}

}  // namespace

Network::Network(Backend& backend, std::vector<Parameters> parameters, std::vector<std::uint64_t> seeds)
    : Network(backend, std::move(parameters), std::move(seeds), Unmade{}) {
  if (!make_on_device()) set_state(make_states(parameters_, seeds_), 0);
}

Network::Network(Backend& backend, std::vector<Parameters> parameters, std::vector<std::uint64_t> seeds,
                 std::span<const State> states, Tick tick)
    : Network(backend, std::move(parameters), std::move(seeds), Unmade{}) {
  set_state(states, tick);
}

Network::Network(Backend& backend, std::vector<Parameters> parameters, std::vector<std::uint64_t> seeds, Unmade)
    : backend_(&backend),
      steps_(&backend.need_extension<sorn::Steps>()),
      parameters_(std::move(parameters)),
      seeds_(std::move(seeds)) {
  if (parameters_.empty() || seeds_.size() != parameters_.size())
    throw Error("SORN: " + std::to_string(parameters_.size()) + " parameter sets and " + std::to_string(seeds_.size()) +
                    " seeds, wanted one of each a replica",
                2);
  const Parameters& first = parameters_[0];
  for (const Parameters& p : parameters_) {
    if (const auto problems = problems_of(p); !problems.empty()) throw ConfigError(problems);
    if (p.ne != first.ne || p.nu != first.nu || p.network_type_ie != first.network_type_ie ||
        p.k_winners != first.k_winners || p.input_weights != first.input_weights)
      throw ConfigError("/replicas", "replicas share ne, nu, network_type_ie, k_winners and input_weights");
  }
  const Index ne = first.ne, ni = first.ni(), n = replicas();
  seed_ = Array<std::uint64_t>(backend, seeds_);
  rules_ = Array<Rules>(backend, n);
  target_ = Array<real>(backend, std::size_t{n} * ne);
  drive_e_ = Array<real>(backend, std::size_t{n} * ne);
  drive_i_ = Array<real>(backend, std::size_t{n} * ni);
  drive_u_ = Array<real>(backend, first.plastic_inputs() ? std::size_t{n} * ne : 0);
  score_ = Array<real>(backend, first.k_winners > 0 ? std::size_t{n} * ne : 0);
  std::vector<real> targets;
  for (Index r = 0; r < n; ++r) {
    const std::vector<real> rates = sorn_target_rates(parameters_[r], seeds_[r]);
    targets.insert(targets.end(), rates.begin(), rates.end());
  }
  target_.upload(targets);
  upload_rules();
}

/// A lone network of sparse projections, where the backend makes such; no row of it lies on the host.
bool Network::make_on_device() {
  const Parameters& p = parameters_[0];
  Build* const build = replicas() == 1 ? backend_->extension<Build>() : nullptr;
  const bool sparse = p.network_type_ee != "Dense" && p.network_type_ei != "Dense" && p.network_type_ie != "Dense";
  const bool turned = p.ni() * (std::max(p.lambda_ei, p.lambda_ie) + 1) < Build::most_turned;
  if (!build || !sparse || !turned || std::max({p.lambda_ee, p.lambda_ei, p.lambda_ie, p.lambda_eu}) > Build::longest)
    return false;
  NewRows<DeviceRows> rows = make_rows(*build, p, seeds_[0]);
  ee_.emplace(build->incoming(std::move(rows.ee), true));
  ei_.emplace(build->incoming(std::move(rows.ei), true));
  if (p.plastic_inputs()) eu_.emplace(build->incoming(std::move(rows.eu), false));
  DeviceRows ie = build->transposed(std::move(rows.ie));
  ie_some_.emplace(p.ne, p.ni(), Index{1}, std::move(ie.start), std::move(ie.pre), std::move(ie.weight));
  const State units[] = {make_units(p, seeds_[0])};
  set_units(units, 0);
  return true;
}

void Network::upload_rules() {
  std::vector<Rules> rules;
  Index most = 0;
  for (const Parameters& p : parameters_) {
    rules.push_back(rules_of(p));
    most = std::max(most, static_cast<Index>(p.sp_rate) + 1);
  }
  rules_.upload(rules);
  events_ = Array<NewSynapse>(*backend_, std::size_t{most} * replicas());
}

void Network::set_state(std::span<const State> states, Tick tick) {
  if (states.size() != replicas())
    throw Error("SORN: " + std::to_string(states.size()) + " states for " + std::to_string(replicas()) + " replicas",
                2);
  for (Index r = 0; r < replicas(); ++r) check_state(parameters_[r], states[r]);
  Backend& backend = *backend_;
  const Index ne = parameters_[0].ne, ni = parameters_[0].ni(), n = replicas();
  store(ee_, backend, states, &State::wee, true);
  store(ei_, backend, states, &State::wei, true);  // nothing makes new inhibitory synapses
  if (parameters_[0].plastic_inputs()) store(eu_, backend, states, &State::weu, false);
  if (parameters_[0].network_type_ie == "Dense") {
    std::vector<real> all(checked_product(std::size_t{n} * ne, ni));
    for (std::size_t r = 0; r < n; ++r)
      for (Index k = 0; k < ni; ++k)
        for (std::uint64_t s = states[r].wie.start[k]; s < states[r].wie.start[k + 1]; ++s)
          all[(r * ne + states[r].wie.pre[s]) * ni + k] = states[r].wie.weight[s];
    ie_all_.emplace(backend, ne, ni, n);
    ie_all_->upload(all);
  } else {
    Rows all = transposed(states[0].wie);
    for (std::size_t r = 1; r < n; ++r) {
      const Rows outgoing = transposed(states[r].wie);
      for (Index j = 0; j < ne; ++j) all.start.push_back(all.pre.size() + outgoing.start[j + 1]);
      all.pre.insert(all.pre.end(), outgoing.pre.begin(), outgoing.pre.end());
      all.weight.insert(all.weight.end(), outgoing.weight.begin(), outgoing.weight.end());
    }
    ie_some_.emplace(backend, ne, ni, n, all.start, all.pre, all.weight);
  }
  set_units(states, tick);
}

void Network::set_units(std::span<const State> states, Tick tick) {
  Backend& backend = *backend_;
  const Index ne = parameters_[0].ne, ni = parameters_[0].ni();
  x_ = Array<std::uint32_t>(backend, pack(states, ne, &State::x, &State::x_before));
  y_ = Array<std::uint32_t>(backend, pack(states, ni, &State::y, &State::y_before));
  te_ = gather(backend, states, &State::te);
  ti_ = gather(backend, states, &State::ti);
  if (counts_.size() == 0) counts_ = Array<Counts>(backend, replicas());
  tick_ = tick;
  steps_->run(view(), {.drives_only = true});
}

View Network::view() const {
  View v;
  v.ee = ee_->view();
  v.ei = ei_->view();
  if (eu_) v.eu = eu_->view();
  if (ie_all_) v.ie_all = ie_all_->view();
  if (ie_some_) v.ie_some = ie_some_->view();
  v.ne = parameters_[0].ne;
  v.ni = parameters_[0].ni();
  v.nu = parameters_[0].nu;
  v.replicas = replicas();
  v.k_winners = parameters_[0].k_winners;
  v.rules = rules_.view().data;
  v.seed = seed_.view().data;
  v.x = x_.view().data;
  v.y = y_.view().data;
  v.te = te_.view().data;
  v.ti = ti_.view().data;
  v.target = target_.view().data;
  v.drive_e = drive_e_.view().data;
  v.drive_i = drive_i_.view().data;
  v.drive_u = drive_u_.view().data;
  v.score = score_.view().data;
  v.counts = counts_.view().data;
  v.events = events_.view().data;
  v.max_events = static_cast<Index>(events_.size() / replicas());
  return v;
}

void Network::set_rules(const std::vector<std::string>& freeze, const std::string& phase, bool noise) {
  for (Parameters& p : parameters_) {
    p.freeze = freeze;
    p.phase = phase;
    p.noise = noise;
    if (const auto problems = problems_of(p); !problems.empty()) throw ConfigError(problems);
  }
  upload_rules();
}

void Network::set_target_rates(Index replica, std::span<const real> rates) {
  const Index ne = parameters_[0].ne;
  if (rates.size() != ne || replica >= replicas())
    throw Error("SORN: " + std::to_string(rates.size()) + " target rates for " + std::to_string(ne) + " units", 2);
  std::vector<real> all = target_.download();
  std::copy(rates.begin(), rates.end(), all.begin() + static_cast<std::ptrdiff_t>(std::size_t{replica} * ne));
  target_.upload(all);
}

std::size_t Network::bytes() const {
  const Parameters& p = parameters_[0];
  return ee_->bytes() + ei_->bytes() + (eu_ ? eu_->bytes() : 0) + drive_u_.bytes() + score_.bytes() +
         (ie_all_ ? Dense::bytes(p.ne, p.ni(), replicas()) : 0) +
         (ie_some_ ? Outgoing::bytes(ie_some_->target().size(), p.ne, replicas()) : 0) + te_.bytes() + ti_.bytes() +
         target_.bytes() + drive_e_.bytes() + drive_i_.bytes() + x_.bytes() + y_.bytes();
}

std::size_t Network::forecast(const Parameters& p, std::size_t networks) {
  const double ne = p.ne, ni = p.ni(), synapse = sizeof(Index) + sizeof(real);
  const double ee = p.network_type_ee == "Dense" ? ne * ne : ne * (std::min(p.lambda_ee, ne) + block_slots + 2);
  const double ei = p.network_type_ei == "Dense" ? ni * ne : 2 * ni * std::min(p.lambda_ei, ne) + ne * block_slots;
  // The matrix lies on the device and, while it is made or saved, on the host beside its rows.
  const double ie =
      p.network_type_ie == "Dense" ? ni * ne * (sizeof(real) / synapse + 0.5) : ni * std::min(p.lambda_ie, ne);
  const double eu = p.plastic_inputs() ? ne * (std::min<double>(p.lambda_eu, p.nu) + block_slots) : 0;
  // What a call reserves: a block for each new synapse of a step.
  const double growth = (p.sp_rate + 1) * (block_slots * synapse + sizeof(NewSynapse));
  const double bytes = static_cast<double>(networks) *
                       (2 * (ee + ei + ie + eu) * synapse + growth + 64 * ne);  // twice: the host builds it first
  return bytes < 9e18 ? static_cast<std::size_t>(bytes) : static_cast<std::size_t>(9e18);
}

}  // namespace engram::sorn
