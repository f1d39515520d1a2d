// Recorded parts of Leabra: activation table, units, inhibition, net input, averages, learning, connectivity.
#include "engine/models/leabra/parts.hpp"
#include "engram/leabra/nxx1.hpp"
#include "tests/golden/leabra/common.hpp"

namespace golden::leabra_family {

void check_table(const File& f) {
  const double t = 1e-12;  // absolute, in whatever precision the program computes
  expect_all_near(leabra::nxx1_kernel(), f.json["gaussian_kernel"], t, "kernel");
  expect_all_near(leabra::nxx1_table(), f.json["table"]["ys"], t, "table");
  EXPECT_EQ(leabra::nxx1_table().size(), f.json["table"]["n"].get<std::size_t>());
  const std::vector<real> table = leabra::nxx1_values();
  std::vector<real> found;
  for (const double x : numbers(f.json["queries"]["x"]))
    found.push_back(engram::nxx1::at(table.data(), static_cast<real>(x)));
  expect_all_near(found, f.json["queries"]["y"], tolerance_of(f), "queries");
}

/// Units in a layer of their own, with the net input that is recorded and a given inhibition.
void check_units(const File& f) {
  const std::size_t n = f.json["size"];
  leabra::LayerSpec spec;
  spec.unit_spec = unit_spec_of(f.json["unit_spec"]);
  real layer[engram::leabra_layer::count];
  leabra::put_constants(spec, static_cast<engram::Index>(n), {.relative = 1}, layer);
  const std::vector<real> table = leabra::nxx1_values();
  using Unit = engram::LeabraUnit;
  constexpr std::pair<const char*, int> written[] = {
      {"act_nd", Unit::act_nd}, {"act", Unit::act},       {"i_net", Unit::i_net}, {"i_net_r", Unit::i_net_r},
      {"v_m", Unit::v_m},       {"v_m_eq", Unit::v_m_eq}, {"adapt", Unit::adapt}, {"spike", Unit::spike},
      {"avg_ss", Unit::avg_ss}, {"avg_s", Unit::avg_s},   {"avg_m", Unit::avg_m}, {"net", Unit::net}};
  std::vector<std::array<real, Unit::n_columns>> units(n);
  std::size_t step_at = 0;
  for (const json& step : f.json["steps"]) {
    const std::string where = "step " + std::to_string(step_at++) + " ";
    const std::vector<real> input = reals(step["net_raw"]);
    for (std::size_t u = 0; u < n; ++u) {
      real c[engram::LeabraNet::n_columns] = {units[u][Unit::net], input[u]};
      engram::LeabraNet{}(c, layer);
      units[u][Unit::net] = c[engram::LeabraNet::net];
      units[u][Unit::gc_i] = static_cast<real>(number(step["gc_i"]));
      Unit{table.data()}(units[u].data(), layer);
    }
    for (const auto& [name, column] : written) {
      if (!step["expect"].contains(name)) continue;
      std::vector<real> found;
      for (const auto& unit : units) found.push_back(unit[static_cast<std::size_t>(column)]);
      expect_all_near(found, step["expect"][name], tolerance_of(f), where + name);
    }
  }
}

/// A layer whose net inputs and activations are given: a cycle without any rate leaves them as they are.
void check_inhibition(const File& f) {
  for (const json& c : f.json["cases"]) {
    const std::string where = c["layer_spec"]["inhibition_type"].get<std::string>() + " ";
    leabra::LayerSpec spec = layer_spec_of(c["layer_spec"]);
    const engram::Index n = c["size"];
    EXPECT_EQ(leabra::winners_of(spec, n), c["k"].get<engram::Index>()) << where;
    spec.unit_spec.net_dt = 0;
    leabra::Net net(backend());
    net.new_layer("layer", n, spec);
    for (const json& step : c["sequence"]) {
      net.set_values("layer", "unit_net", reals(step["net"]));
      net.set_values("layer", "unit_act", reals(step["act"]));
      net.cycle();
      const double t = tolerance_of(f);
      expect_all_near(net.values("layer", "fbi"), step["fbi"], t, where + "fbi");
      expect_all_near(net.values("layer", "gc_i"), step["gc_i"], t, where + "gc_i");
      expect_all_near(net.values("layer", "unit_g_thr"), step["g_i_thr"], t, where + "g_i_thr");
    }
  }
}

void check_winners(const File& f) {
  for (const json& c : f.json["cases"]) {
    leabra::LayerSpec spec;
    spec.kwta_pct = c["kwta_pct"];
    EXPECT_EQ(leabra::winners_of(spec, c["size"]), c["k"].get<engram::Index>()) << c;
  }
}

/// What a projection adds to its receiving layer. Receivers without connections get nothing, where the reference has
/// 0 times infinity.
void check_scale(const File& f) {
  for (const json& c : f.json["cases"]) {
    leabra::ProjectionSpec spec;
    spec.wt_scale_abs = c["wt_scale_abs"];
    spec.wt_scale_rel = c["wt_scale_rel"];
    leabra::LayerSpec held;
    held.clamp_max = 1;
    leabra::Net net(backend());
    net.new_layer("pre", c["pre_size"], held);
    net.new_layer("post", c["post_size"]);
    net.new_projection("p", "pre", "post", spec);
    std::vector<bool> mask;
    for (const double m : numbers(c["mask"])) mask.push_back(m != 0);
    net.set_weights("p", reals(c["wts"]), mask);
    net.clamp_layer("pre", numbers(c["act"]));
    net.cycle();
    std::vector<double> expected = numbers(c["post_input_buffer"]);
    const std::vector<double> connections = numbers(c["num_recv_conns"]);
    for (std::size_t i = 0; i < expected.size(); ++i)
      if (connections[i] == 0) expected[i] = 0;
    expect_all_near(net.values("post", "unit_input"), expected, tolerance_of(f), "input");
    expect_near(net.relative_scale("post"), number(c["post_wt_scale_rel_sum"]), 1e-12, "sum of relative scales");
  }
}

void check_trial_averages(const File& f) {
  leabra::Net net(backend());
  net.new_layer("layer", f.json["size"], layer_spec_of(f.json["layer_spec"]));
  std::size_t at = 0;
  for (const json& step : f.json["sequence"]) {
    const std::string where = "trial " + std::to_string(at++) + " ";
    net.set_values("layer", "unit_act", reals(step["acts_m"]));
    net.end_minus();
    net.set_values("layer", "unit_act", reals(step["acts_p"]));
    net.set_values("layer", "unit_avg_m", reals(step["avg_m"]));
    net.end_plus();
    const double t = tolerance_of(f);
    expect_all_near(net.values("layer", "cos_diff"), step["expect"]["cos_diff"], t, where + "cos_diff");
    expect_all_near(net.values("layer", "cos_diff_avg"), step["expect"]["cos_diff_avg"], t, where + "cos_diff_avg");
    expect_all_near(net.values("layer", "unit_avg_l"), step["expect"]["avg_l"], t, where + "avg_l");
  }
}

void check_xcal(const File& f) {
  const std::vector<double> x = numbers(f.json["x"]), thr = numbers(f.json["thr"]);
  const auto d_rev = static_cast<real>(number(f.json["parameters"]["d_rev"])),
             d_thr = static_cast<real>(number(f.json["parameters"]["d_thr"]));
  std::vector<real> found;
  for (std::size_t i = 0; i < x.size(); ++i)
    found.push_back(engram::Xcal::check_mark(static_cast<real>(x[i]), static_cast<real>(thr[i]), d_rev, d_thr));
  expect_all_near(found, f.json["y"], tolerance_of(f), "check mark");
}

void check_contrast(const File& f) {
  for (const json& c : f.json["cases"]) {
    leabra::ProjectionSpec spec;
    spec.sig_gain = c["gain"];
    spec.sig_offset = c["offset"];
    std::vector<real> found;
    for (const double x : numbers(c["x"])) found.push_back(leabra::effective_weight(spec, static_cast<real>(x)));
    expect_all_near(found, c["y"], tolerance_of(f), "gain " + c["gain"].dump());
  }
}

void check_learning(const File& f) {
  std::size_t at = 0;
  for (const json& c : f.json["cases"]) {
    const std::string where = "case " + std::to_string(at++) + " ";
    const std::vector<double> mask = numbers(c["mask"]);
    const auto post = static_cast<engram::Index>(c["mask"].size()),
               pre = static_cast<engram::Index>(mask.size()) / post;
    leabra::Net net(backend());
    net.new_layer("pre", pre);
    net.new_layer("post", post);
    net.new_projection("p", "pre", "post", projection_spec_of(c["projn_spec"]));
    net.set_weights("p", reals(c["initial_wts"]), {mask.begin(), mask.end()});
    for (const json& step : c["steps"]) {
      const json& in = step["inputs"];
      for (const char* layer : {"pre", "post"})
        for (const char* average : {"avg_s", "avg_m", "avg_l"})
          net.set_values(layer, std::string("unit_") + average, reals(in[std::string(layer) + "_" + average]));
      for (const char* value : {"cos_diff", "cos_diff_avg"})
        net.set_values("post", value, std::vector<real>{static_cast<real>(number(in[value]))});
      if (!in["hidden"].get<bool>()) {  // a layer that was clamped once is not hidden any more
        net.clamp_layer("post", std::vector<double>{0});
        net.unclamp_layer("post");
      }
      ASSERT_EQ(net.hidden("post"), in["hidden"].get<bool>()) << where;
      net.learn();
      expect_all_near(net.linear_weights("p"), step["expect"]["fwts"], tolerance_of(f), where + "fwts");
      expect_all_near(net.weights("p"), step["expect"]["wts"], tolerance_of(f), where + "wts");
    }
  }
}

/// Which pairs a projection connects in one network, [receiver][sender].
std::vector<char> connected(const leabra::ProjectionSpec& spec, engram::Index pre, engram::Index post) {
  const engram::Rows rows = leabra::draw_rows(spec, pre, post, 1, 0);
  std::vector<char> all(std::size_t{pre} * post);
  for (std::size_t i = 0; i < post; ++i)
    for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s) all[i * pre + rows.pre[s]] = 1;
  return all;
}

void check_connectivity(const File& f) {
  const auto mask_of = [](const json& j) {
    std::vector<bool> mask;
    for (const double m : numbers(j)) mask.push_back(m != 0);
    return mask;
  };
  for (const json& c : f.json["full"]) {
    leabra::ProjectionSpec spec;
    spec.pre_mask = mask_of(c["pre_mask"]);
    spec.post_mask = mask_of(c["post_mask"]);
    expect_all_near(connected(spec, c["pre_size"], c["post_size"]), c["mask"], 0, "full");
  }
  for (const json& c : f.json["one_to_one"]) {
    leabra::ProjectionSpec spec;
    spec.projn_type = leabra::Pattern::one_to_one;
    spec.pre_mask = mask_of(c["pre_mask"]);
    spec.post_mask = mask_of(c["post_mask"]);
    const auto pre = static_cast<engram::Index>(spec.pre_mask.size()),
               post = static_cast<engram::Index>(spec.post_mask.size());
    // The reference stores senders as rows and then uses them as receivers; here rows are receivers.
    const std::vector<char> found = connected(spec, pre, post);
    const std::vector<double> by_sender = numbers(c["reference_mask_rows_are_pre"]);
    for (std::size_t i = 0; i < post; ++i)
      for (std::size_t j = 0; j < pre; ++j) EXPECT_EQ(found[i * pre + j], by_sender[j * post + i]) << i << "," << j;
  }
  for (const json& c : f.json["sparsity_counts"]) {
    EXPECT_EQ(leabra::kept_of(c["sparsity"], c["n"]), c["kept"].get<std::size_t>()) << c;
    leabra::ProjectionSpec spec;
    spec.sparsity = c["sparsity"];
    EXPECT_EQ(leabra::draw_rows(spec, c["n"], 1, 1, 0).pre.size(), c["kept"].get<std::size_t>()) << c;
  }
}

}  // namespace golden::leabra_family
