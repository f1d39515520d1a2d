// Recorded data of the Python package `sorn` (Saran-nns/sorn at 3c144e4). In double every number must be the recorded
// one. In float the rules agree to rounding, and spikes agree until a unit whose distance from its threshold is below
// what float can tell: that distance is taken from the double-precision oracle.
#include "engram/sorn/analysis.hpp"
#include "engram/sorn/draws.hpp"
#include "tests/golden/sorn/common.hpp"

namespace golden {

namespace sorn_family {

// sorn_rules.cpp
void check_stdp(const File&);
void check_istdp(const File&);
void check_ip(const File&);
void check_scaling(const File&);

namespace {

sorn::Parameters parameters(const json& p) {
  sorn::Parameters s;
  for_each_field<sorn::Parameters>([&](const auto& field) {
    using Value = std::decay_t<decltype(s.*field.member)>;
    if (!p.contains(field.name)) return;
    if constexpr (fields::is_optional<Value>)
      s.*field.member = p.at(field.name).template get<typename Value::value_type>();
    else
      p.at(field.name).get_to(s.*field.member);
  });
  s.noise_sigma_e = s.noise_sigma_i = p.value("noise_sigma", 0.04);
  return s;
}

sorn::State state_of(const json& s, Index ne, Index ni) {
  const auto get = [&](const char* key, const char* other, std::size_t n) {
    return s.contains(key)     ? activity<std::uint8_t>(s.at(key), n)
           : s.contains(other) ? activity<std::uint8_t>(s.at(other), n)
                               : std::vector<std::uint8_t>(n);
  };
  return {rows_of(table(s.at("Wee"))), rows_of(table(s.at("Wei"))), rows_of(table(s.at("Wie"))),
          reals(numbers(s.at("Te"))),  reals(numbers(s.at("Ti"))),  get("x", "x", ne),
          get("x_prev", "", ne),       get("y", "y", ni),           get("y_prev", "", ni)};
}

oracle::Sorn oracle_of(const sorn::Parameters& p, const json& s) {
  oracle::Sorn o;
  o.wee = table(s.at("Wee"));
  o.wei = table(s.at("Wei"));
  o.wie = table(s.at("Wie"));
  o.te = numbers(s.at("Te"));
  o.ti = numbers(s.at("Ti"));
  o.x = activity<double>(s.at("x"), o.te.size());
  o.y = activity<double>(s.at("y"), o.ti.size());
  o.eta_stdp = p.eta_stdp;
  o.eta_inhib = p.eta_inhib;
  o.eta_ip = p.eta_ip;
  o.mu_ip = p.mu_ip;
  o.te_min = p.te_min;
  o.te_max = p.te_max;
  o.h_ip = p.target_rate();
  return o;
}

std::vector<double> list_of(const json& from, const char* key) {
  return from.contains(key) ? numbers(from.at(key)) : std::vector<double>{};
}

/// Drives are seen one at a time: without inhibition the drive is the excitation, without excitation minus the
/// inhibition.
void check_activation(const File& f) {
  const auto backend = test::test_backend();
  for (const json& c : f.json.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    sorn::Parameters p;
    p.ne = c.at("ne").get<Index>();
    p.nu = c.at("nu").get<Index>();
    p.phase = "training";
    p.noise = false;
    const sorn::State whole = state_of(c, p.ne, p.ni());
    const json& e = c.at("expected");
    sorn::State half = whole;
    half.wei = rows_of(Table(p.ni(), std::vector<double>(p.ne)));
    expect_numbers(sorn::Network(*backend, {p}, {1}, std::span(&half, 1)).drives(), numbers(e.at("drive_e")),
                   "excitation");
    half = whole;
    half.wee = rows_of(Table(p.ne, std::vector<double>(p.ne)));
    std::vector<real> inhibition = sorn::Network(*backend, {p}, {1}, std::span(&half, 1)).drives();
    for (real& h : inhibition) h = -h;
    expect_numbers(inhibition, numbers(e.at("drive_i")), "inhibition");

    sorn::Network net(*backend, {p}, {1}, std::span(&whole, 1));
    expect_numbers(net.drives_to_inhibitory(), numbers(e.at("drive_to_inhibitory")), "drive to inhibitory");
    const sorn::Network::Draws draws{reals(list_of(c, "noise_e")), reals(list_of(c, "noise_i")), {}};
    const sorn::Network::Recorded r =
        net.run(1, reals(numbers(c.at("input"))), {.x = true, .y = true, .recurrent = true}, &draws);
    const auto x = activity<int>(e.at("x_new"), p.ne), y = activity<int>(e.at("y_new"), p.ni()),
               alone = activity<int>(e.at("recurrent"), p.ne);
    oracle::Sorn o = oracle_of(p, c);
    o.freeze = {"stdp", "ip", "sp", "istdp", "ss"};
    o.step(list_of(c, "noise_e"), list_of(c, "noise_i"), numbers(c.at("input")), -1, -1);
    const auto expect_spike = [&](bool found, int expected, double margin, const std::string& what) {
      if (!exact && std::abs(margin) < 1e-5) return;  // a tie that float cannot tell
      EXPECT_EQ(found, expected == 1) << what;
    };
    for (Index i = 0; i < p.ne; ++i) {
      expect_spike(sorn::is_active(r.x.data(), i), x[i], o.margin_e[i], "x " + std::to_string(i));
      expect_spike(sorn::is_active(r.recurrent.data(), i), alone[i], o.recurrent[i], "recurrent " + std::to_string(i));
    }
    for (Index k = 0; k < p.ni(); ++k)
      expect_spike(sorn::is_active(r.y.data(), k), y[k], o.margin_i[k], "y " + std::to_string(k));
  }
}

void check_structural(const File& f) {
  const auto backend = test::test_backend();
  for (const json& c : f.json.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const Table w = table(c.at("W"));
    sorn::Network::Draws draws;
    draws.synapses = {{sorn::no_synapse, sorn::no_synapse}};
    if (c.at("draw_0_9").get<int>() == 0) {
      const sorn::NewSynapse chosen = sorn::absent_pair(rows_of(w), c.at("candidate_index").get<std::uint64_t>());
      EXPECT_EQ(chosen.pre, c.at("pair")[0].get<Index>());
      EXPECT_EQ(chosen.post, c.at("pair")[1].get<Index>());
      const auto n = c.at("n_candidates").get<std::uint64_t>();
      EXPECT_NO_THROW(sorn::absent_pair(rows_of(w), n - 1));
      EXPECT_THROW(sorn::absent_pair(rows_of(w), n), Error);
      draws.synapses = {chosen};
    }
    sorn::Parameters p;
    p.ne = static_cast<Index>(w.size());
    p.nu = 0;
    p.noise = false;
    p.freeze = {"stdp", "ip", "istdp", "ss"};
    sorn::State s{rows_of(w),
                  rows_of(Table(p.ni(), std::vector<double>(p.ne))),
                  rows_of(Table(p.ne, std::vector<double>(p.ni()))),
                  std::vector<real>(p.ne),
                  std::vector<real>(p.ni()),
                  {},
                  {},
                  {},
                  {}};
    s.x.assign(p.ne, 0);
    s.x_before = s.x;
    s.y.assign(p.ni(), 0);
    s.y_before = s.y;
    sorn::Network net(*backend, {p}, {1}, std::span(&s, 1));
    net.run(1, {}, {}, &draws);
    expect_table(table_of(net.state(0).wee), table(c.at("expected")), "weight");
  }
}

void check_init(const File& f) {
  for (const json& c : f.json.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const json &p = c.at("params"), &d = c.at("draws"), &e = c.at("expected");
    const auto degrees = [&](const char* uniform, const char* degree, double lambda) {
      for (std::size_t i = 0; i < d.at(degree).size(); ++i)
        EXPECT_EQ(sorn::in_degree(lambda, number(d.at(uniform)[i])), d.at(degree)[i].get<Index>())
            << degree << " " << i;
    };
    degrees("uniform_for_in_degree", "in_degree", p.at("lambda_ee"));
    degrees("uniform_for_out_degree", "out_degree", p.at("lambda_ei"));
    const std::size_t ne = p.at("ne"), ni = p.at("ni");
    Table wee(ne, std::vector<double>(ne)), wei(ni, std::vector<double>(ne)), wie = table(d.at("wie_values"));
    std::size_t next = 0;
    for (std::size_t i = 0; i < ne; ++i)
      for (const json& j : d.at("presynaptic_picks")[i])
        wee[j.get<std::size_t>()][i] = number(d.at("wee_values")[next++]);
    next = 0;
    for (std::size_t k = 0; k < ni; ++k)
      for (const json& i : d.at("postsynaptic_picks")[k])
        wei[k][i.get<std::size_t>()] = number(d.at("wei_values")[next++]);
    for (const json& fix : d.at("empty_column_fixes")) {
      const std::string which = fix.at("matrix");
      Table& w = which == "Wee" ? wee : which == "Wei" ? wei : wie;
      for (std::size_t k = 0; k < 2; ++k)
        w[fix.at("rows")[k].get<std::size_t>()][fix.at("column").get<std::size_t>()] = number(fix.at("values")[k]);
    }
    const auto compare = [&](const Table& w, const char* name, const char* count) {
      Rows rows = rows_of(w);
      sorn::normalize_rows(rows);
      expect_table(table_of(rows), table(e.at(name)), name);
      EXPECT_EQ(rows.pre.size(), e.at(count).get<std::size_t>());
    };
    compare(wee, "Wee", "n_wee");
    compare(wei, "Wei", "n_wei");
    compare(wie, "Wie", "n_wie");
    EXPECT_EQ(numbers(d.at("te")), numbers(e.at("Te")));
    EXPECT_EQ(numbers(d.at("ti")), numbers(e.at("Ti")));
  }
}

/// Whether a difference in this step is one that float rounding explains; then the rest of the run says nothing more.
bool parts_by_rounding(const std::vector<int>& found, const std::vector<int>& expected,
                       const std::vector<double>& margin, const std::string& what) {
  bool parted = false;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] == expected[i]) continue;
    EXPECT_TRUE(!exact && std::abs(margin[i]) < 2e-5) << what << " " << i << ": found " << found[i] << ", recorded "
                                                      << expected[i] << ", distance from the threshold " << margin[i];
    parted = true;
  }
  return parted;
}

void check_network(const File& f) {
  const json &j = f.json, &run = j.at("run");
  sorn::Parameters p = parameters(j.at("params"));
  EXPECT_EQ(p.ni(), j.at("params").at("ni").get<Index>());
  EXPECT_EQ(p.target_rate(), j.at("params").at("h_ip").get<double>());
  // The package's Simulator ignores the phase it is given.
  const bool simulator = run.value("api", "").starts_with("Simulator");
  p.phase = simulator ? "plasticity" : run.at("phase").get<std::string>();
  run.at("freeze").get_to(p.freeze);
  p.noise = false;  // recorded draws stand in for it
  const auto backend = test::test_backend();
  const sorn::State initial = state_of(j.at("initial_state"), p.ne, p.ni());
  sorn::Network net(*backend, {p}, {1}, std::span(&initial, 1));
  oracle::Sorn o = oracle_of(p, j.at("initial_state"));
  o.freeze = {p.freeze.begin(), p.freeze.end()};
  if (p.phase == "training") o.freeze = {"stdp", "ip", "sp", "istdp", "ss"};
  const Table inputs = table(j.at("inputs"));
  const auto& steps = j.at("expected_steps");
  const bool noise = run.value("noise", true);
  for (std::size_t t = 0; t < steps.size(); ++t) {
    SCOPED_TRACE("step " + std::to_string(t));
    const json &d = j.at("draws")[t], &e = steps[t];
    std::vector<double> input;
    for (const auto& row : inputs) input.push_back(row[t]);
    const auto noise_e = noise ? list_of(d, "noise_e") : std::vector<double>{},
               noise_i = noise ? list_of(d, "noise_i") : std::vector<double>{};
    sorn::Network::Draws draws{reals(noise_e), reals(noise_i), {{sorn::no_synapse, sorn::no_synapse}}};
    int pre = -1, post = -1;
    if (d.contains("sp_pair")) {
      pre = d.at("sp_pair")[0].get<int>();
      post = d.at("sp_pair")[1].get<int>();
      draws.synapses = {{static_cast<Index>(pre), static_cast<Index>(post)}};
    }
    const sorn::Network::Recorded r =
        net.run(1, reals(input), {.x = true, .y = true, .recurrent = true, .counts = true}, &draws);
    o.step(noise_e, noise_i, input, pre, post);
    const auto spikes = [](const std::vector<std::uint32_t>& words, Index n) {
      std::vector<int> all;
      for (Index i = 0; i < n; ++i) all.push_back(sorn::is_active(words.data(), i));
      return all;
    };
    bool parted = parts_by_rounding(spikes(r.x, p.ne), activity<int>(e.at("x"), p.ne), o.margin_e, "x");
    parted |= parts_by_rounding(spikes(r.y, p.ni()), activity<int>(e.at("y"), p.ni()), o.margin_i, "y");
    if (parted) return;
    if (e.contains("recurrent"))
      parts_by_rounding(spikes(r.recurrent, p.ne), activity<int>(e.at("recurrent"), p.ne), o.recurrent, "recurrent");
    if (exact && e.contains("ee_count_before")) {
      EXPECT_EQ(r.counts[0].ee, e.at("ee_count_before").get<std::uint64_t>());
      EXPECT_EQ(r.counts[0].ei, e.at("ei_count_before").get<std::uint64_t>());
    }
    const sorn::State now = net.state(0);
    if (e.contains("Te")) expect_numbers(now.te, numbers(e.at("Te")), "Te");
    if (e.contains("Wee")) expect_table(table_of(now.wee), table(e.at("Wee")), "Wee");
    if (e.contains("Wei")) expect_table(table_of(now.wei), table(e.at("Wei")), "Wei");
    if (testing::Test::HasFailure()) return;
  }
  const sorn::State last = net.state(0);
  const json& e = j.at("final_state");
  expect_table(table_of(last.wee), table(e.at("Wee")), "Wee");
  expect_table(table_of(last.wei), table(e.at("Wei")), "Wei");
  expect_table(table_of(last.wie), table(e.at("Wie")), "Wie");
  expect_numbers(last.te, numbers(e.at("Te")), "Te");
  expect_numbers(last.ti, numbers(e.at("Ti")), "Ti");
  EXPECT_EQ(last.x, activity<std::uint8_t>(e.at("x"), p.ne));
  EXPECT_EQ(last.x_before, activity<std::uint8_t>(e.at("x_prev"), p.ne));
  EXPECT_EQ(last.y, activity<std::uint8_t>(e.at("y"), p.ni()));
  EXPECT_EQ(last.y_before, activity<std::uint8_t>(e.at("y_prev"), p.ni()));
}

}  // namespace
}  // namespace sorn_family

void check_sorn_statistics(const File&);  // sorn_statistics.cpp
void check_sorn_inputs(const File&);

std::vector<Kind> sorn_kinds() {
  using namespace sorn_family;
  const auto first = [](const File& f) -> const json& {
    static const json none = json::object();
    return f.json.contains("cases") && f.json["cases"].is_array() && !f.json["cases"].empty() ? f.json["cases"][0]
                                                                                              : none;
  };
  static const auto case_of = first;
  static const auto cases_have = [](const File& f, std::initializer_list<const char*> keys) {
    if (!is(f, "sorn")) return false;
    for (const char* key : keys)
      if (!case_of(f).contains(key)) return false;
    return true;
  };
  return {
      {"sorn stdp",
       [](const File& f) {
         return cases_have(f, {"W", "x_prev", "x_new", "eta_stdp"});
       },
       check_stdp},
      {"sorn istdp",
       [](const File& f) {
         return cases_have(f, {"W", "x_new", "y_prev", "eta_inhib"});
       },
       check_istdp},
      {"sorn intrinsic plasticity",
       [](const File& f) {
         return cases_have(f, {"Te", "x_new", "eta_ip", "h_ip"});
       },
       check_ip},
      {"sorn scaling",
       [](const File& f) {
         return cases_have(f, {"W", "expected_applied_twice"});
       },
       check_scaling},
      {"sorn structural plasticity",
       [](const File& f) {
         return cases_have(f, {"W", "draw_0_9"});
       },
       check_structural},
      {"sorn activation",
       [](const File& f) {
         return cases_have(f, {"Wee", "input", "noise_e"});
       },
       check_activation},
      {"sorn initialisation",
       [](const File& f) {
         return cases_have(f, {"params", "draws"});
       },
       check_init},
      {"sorn network",
       [](const File& f) {
         return is(f, "sorn") && has(f, {"params", "run", "initial_state", "expected_steps"});
       },
       check_network},
      {"sorn statistics",
       [](const File& f) {
         return is(f, "sorn") && has(f, {"spikes", "expected"});
       },
       check_sorn_statistics},
      {"sorn inputs",
       [](const File& f) {
         return is(f, "sorn") && has(f, {"samples", "idxs"});
       },
       check_sorn_inputs},
  };
}

}  // namespace golden
