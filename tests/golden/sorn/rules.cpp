// Recorded plasticity rules of SORN, one at a time.
#include "tests/golden/sorn/common.hpp"

namespace golden::sorn_family {

namespace {

/// One sweep over a dense matrix on the CPU.
Table sweep(const Table& w, const SynapseRule* rule, const std::vector<std::vector<double>>& pre,
            const std::vector<std::vector<double>>& post, std::optional<real> normalize_to) {
  const auto backend = test::test_backend();
  Dense dense(*backend, static_cast<Index>(w.size()), static_cast<Index>(columns_of(w)));
  std::vector<real> flat;
  for (const auto& row : w) flat.insert(flat.end(), row.begin(), row.end());
  dense.upload(flat);
  std::vector<Array<real>> columns;
  const auto upload = [&](const std::vector<std::vector<double>>& values) {
    Columns c;
    for (std::size_t k = 0; k < values.size(); ++k) {
      columns.emplace_back(*backend, reals(values[k]));
      c.at[k] = columns.back().batch(static_cast<Index>(values[k].size()));
    }
    return c;
  };
  Sweep s;
  s.learn = rule;
  if (rule) {
    s.pre = upload(pre);
    s.post = upload(post);
  }
  s.normalize_to = normalize_to;
  backend->sweep(dense.view(), s);
  const std::vector<real> after = dense.download();
  Table result = w;
  for (std::size_t k = 0; k < after.size(); ++k)
    result[k / columns_of(w)][k % columns_of(w)] = static_cast<double>(after[k]);
  return result;
}

}  // namespace

void check_stdp(const File& f) {
  for (const json& c : f.json.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const Table w = table(c.at("W"));
    const SynapseRule rule =
        Stdp{c.at("eta_stdp").get<real>(), c.at("cutoff")[0].get<real>(), c.at("cutoff")[1].get<real>(), true};
    const auto now = activity<double>(c.at("x_new"), w.size()), before = activity<double>(c.at("x_prev"), w.size());
    expect_table(sweep(w, &rule, {now, before}, {now, before}, {}), table(c.at("expected")), "weight");
  }
}

void check_istdp(const File& f) {
  for (const json& c : f.json.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const Table w = table(c.at("W"));
    const SynapseRule rule = Istdp{c.at("eta_inhib").get<real>(), c.at("mu_ip").get<real>(),
                                   c.at("cutoff")[0].get<real>(), c.at("cutoff")[1].get<real>(), true};
    const auto x = activity<double>(c.at("x_new"), columns_of(w)), y = activity<double>(c.at("y_prev"), w.size());
    expect_table(sweep(w, &rule, {std::vector<double>(w.size()), y}, {x, std::vector<double>(x.size())}, {}),
                 table(c.at("expected")), "weight");
  }
}

void check_ip(const File& f) {
  for (const json& c : f.json.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    std::vector<double> te = numbers(c.at("Te"));
    const auto x = activity<real>(c.at("x_new"), te.size());
    const IntrinsicPlasticity rule{c.at("eta_ip").get<real>(), c.at("te_min").get<real>(), c.at("te_max").get<real>()};
    std::vector<real> after;
    for (std::size_t i = 0; i < te.size(); ++i)
      after.push_back(rule(static_cast<real>(te[i]), x[i], c.at("h_ip").get<real>()));
    expect_numbers(after, numbers(c.at("expected")), "threshold");
    sorn::Parameters p;
    p.nu = c.value("nu", Index{0});
    p.ne = c.value("ne", Index{0});
    if (p.ne > 0) {
      EXPECT_EQ(p.target_rate(), c.at("h_ip").get<double>());
    }
  }
}

void check_scaling(const File& f) {
  for (const json& c : f.json.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    Rows rows = rows_of(table(c.at("W")));
    sorn::normalize_rows(rows);
    expect_table(table_of(rows), table(c.at("expected")), "weight");
    sorn::normalize_rows(rows);
    expect_table(table_of(rows), table(c.at("expected_applied_twice")), "weight, twice");
    if (table(c.at("W")).size() <= dense_chunk)
      expect_table(sweep(table(c.at("W")), nullptr, {}, {}, real(1)), table(c.at("expected")), "dense");
  }
}

}  // namespace golden::sorn_family
