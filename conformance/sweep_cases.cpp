// Cases of `sweep`: drives, normalisation and all parts at once, on every storage; and every rule of the registry.
#include <algorithm>
#include <cmath>

#include "conformance/projections.hpp"

namespace engram::conformance {

namespace {

void add_drives(std::vector<Case>& all, Storage storage) {
  const auto drive = [&](const std::string& name, bool with_large, Population::Form form, Activity activity,
                         bool with_values, const Fill& more = {}) {
    add_sizes(all, "sweep/drive/" + name, storage, 1, with_large, [=](Draws& draws, SweepInputs& p) {
      if (more) more(draws, p);
      p.source = population(draws, form, p.n_pre, p.replicas * p.group, activity, 1, with_values);
      set_drive(draws, p);
    });
  };
  drive("columns,binary", false, columns, Activity::binary, false);
  drive("columns,graded", true, columns, Activity::graded, false);
  drive("columns,silent", false, columns, Activity::silent, false);
  drive("lists", true, lists, Activity::binary, false);
  drive("lists,values", false, lists, Activity::graded, true);
  drive("lists,silent", false, lists, Activity::silent, false);
  drive("lists,all", false, lists, Activity::all, false);
  drive("lists,gain=-0.7", false, lists, Activity::binary, false, [](Draws&, SweepInputs& p) { p.gain = real(-0.7); });
  drive("lists,group=2", false, lists, Activity::binary, false, [](Draws&, SweepInputs& p) { p.group = 2; });
  drive("columns,group=3", false, columns, Activity::graded, false, [](Draws&, SweepInputs& p) { p.group = 3; });
  drive("lists,scaled", true, lists, Activity::binary, false, [](Draws& d, SweepInputs& p) { set_scale(d, p, false); });
  drive("columns,scaled,group=2", false, columns, Activity::graded, false, [](Draws& d, SweepInputs& p) {
    p.group = 2;
    set_scale(d, p, false);
  });
  const auto shared_source = [&](const char* name, Population::Form form) {
    add_sizes(all, std::string("sweep/drive/") + name + ",one_for_all", storage, 1, false,
              [=](Draws& draws, SweepInputs& p) {
                p.source = population(draws, form, p.n_pre, p.replicas, Activity::graded, 1, form == lists);
                p.source.one_for_all = true;
                set_drive(draws, p);
              });
  };
  shared_source("columns", columns);
  shared_source("lists", lists);
  // From subnormal to huge, with both signs: no flush to zero, and integer terms saturate alike.
  add_sizes(all, "sweep/drive/extreme", storage, 1, false, [](Draws& draws, SweepInputs& p) {
    constexpr double values[] = {1e-42, 1.2e-38, 1e-30, 1e-9, 0.3, 1, 12345.678, 6e5, 1e12, 1e30};
    for (real& w : p.weight)
      if (w != real(0)) w = static_cast<real>(values[draws.below(10)]) * (draws.chance(0.5) ? real(1) : real(-1));
    p.source = population(draws, columns, p.n_pre, p.replicas, Activity::graded);
    set_drive(draws, p);
  });
}

void add_normalisation(std::vector<Case>& all, Storage storage) {
  add_sizes(all, "sweep/normalize", storage, 1, true, [](Draws&, SweepInputs& p) { p.normalize_to = real(1); });
  add_sizes(all, "sweep/normalize,drive", storage, 1, false, [](Draws& draws, SweepInputs& p) {
    p.normalize_to = real(2.5);
    p.source = population(draws, lists, p.n_pre, p.replicas, Activity::binary);
    set_drive(draws, p);
  });
  for (const bool recount : {false, true})
    add_sizes(all, recount ? "sweep/normalize,scaled,recount" : "sweep/normalize,scaled", storage, 1, recount,
              [=](Draws& draws, SweepInputs& p) {
                p.normalize_to = real(1);
                set_scale(draws, p, recount);
                p.source = population(draws, lists, p.n_pre, p.replicas, Activity::binary);
                set_drive(draws, p);
              });
}

/// Means of strong weights: of few, of all, of none, and together with a drive.
void add_strong(std::vector<Case>& all, Storage storage) {
  for (const double least : {0.5, 0.0, 2.0})
    add_sizes(all,
              "sweep/strong,least=" + std::string(least == 0.5 ? "0.5"
                                                  : least > 1  ? "2"
                                                               : "0"),
              storage, 1, least == 0.5, [=](Draws& draws, SweepInputs& p) {
                p.strong = static_cast<real>(least);
                if (least > 0) return;
                p.source = population(draws, columns, p.n_pre, p.replicas, Activity::graded);
                set_drive(draws, p);
              });
}

/// The rule with its defaults, and once for each parameter with that one moved: halfway to 1, within its range.
template <class Rule>
std::vector<std::pair<std::string, Rule>> variants() {
  std::vector<std::pair<std::string, Rule>> list{{"default", Rule{}}};
  std::apply(
      [&](const auto&... field) {
        [[maybe_unused]] const auto move = [&](const auto& f) {
          if constexpr (std::is_same_v<std::decay_t<decltype(Rule{}.*f.member)>, real>) {
            Rule rule;
            const double value = (static_cast<double>(rule.*f.member) + 1) / 2;
            rule.*f.member = static_cast<real>(std::clamp(value, f.min, f.max));
            list.push_back({f.name, rule});
          }
        };
        (move(field), ...);
      },
      Rule::fields);
  return list;
}

template <class Rule>
void add_rule(std::vector<Case>& all) {
  for (const auto& [variant, rule] : variants<Rule>()) {
    const std::string stem = std::string("rule/") + Rule::name + "/" + variant;
    const auto add = [&, rule = rule](const char* what, Storage storage, bool with_large, const Fill& fill) {
      add_sizes(all, stem + "/" + what, storage, Rule::n_values, with_large, [=](Draws& draws, SweepInputs& p) {
        p.learn = rule;
        p.shared.resize(std::size_t{p.replicas} * SweepInputs::shared_values);
        for (real& x : p.shared) x = draws.between(real(0.1), 1);
        fill(draws, p);
      });
    };
    const auto ends = [](Population::Form form, Activity activity, bool with_values, bool keep_diagonal) -> Fill {
      return [=](Draws& draws, SweepInputs& p) {
        p.pre = population(draws, form, p.n_pre, p.replicas, activity, Rule::n_pre, with_values);
        p.post = population(draws, form, p.n_post, p.replicas, activity, Rule::n_post, with_values);
        p.keep_diagonal = keep_diagonal;
      };
    };
    const auto with_drive = [](const Fill& fill, Population::Form form, std::optional<real> normalize) -> Fill {
      return [=](Draws& draws, SweepInputs& p) {
        fill(draws, p);
        p.normalize_to = normalize;
        p.source = population(draws, form, p.n_pre, p.replicas, Activity::graded, 1, form == lists);
        set_drive(draws, p);
      };
    };
    add("columns,binary", Storage::dense, variant == "default", ends(columns, Activity::binary, false, false));
    add("columns,graded,drive", Storage::dense, false,
        with_drive(ends(columns, Activity::graded, false, true), columns, {}));
    add("columns,silent", Storage::dense, false, ends(columns, Activity::silent, false, false));
    if (variant != "default") continue;
    add("columns,normalize,drive", Storage::dense, false,
        with_drive(ends(columns, Activity::binary, false, false), columns, real(1)));

    if constexpr (Rule::identity_when_silent && Rule::n_values == 1) {
      const auto scaled = [](const Fill& fill) -> Fill {
        return [=](Draws& draws, SweepInputs& p) {
          set_scale(draws, p, false);
          fill(draws, p);
        };
      };
      const Fill both = ends(lists, Activity::binary, false, false);
      add("lists", Storage::dense, true, both);
      add("lists,values", Storage::dense, false, ends(lists, Activity::graded, true, true));
      add("lists,all,diagonal", Storage::dense, false, ends(lists, Activity::all, false, true));
      add("lists,scaled,normalize,drive", Storage::dense, true, scaled(with_drive(both, lists, real(1))));
      if constexpr (!Rule::creates_synapses) {
        add("lists", Storage::outgoing, true, both);
        add("lists,all,diagonal", Storage::outgoing, false, ends(lists, Activity::all, false, true));
        add("lists,normalize,drive", Storage::outgoing, false, with_drive(both, lists, real(1)));
        add("lists,scaled,normalize,drive", Storage::outgoing, true, scaled(with_drive(both, lists, real(1))));
      }
    }
  }
}

}  // namespace

void add_sweep_cases(std::vector<Case>& all) {
  for (const Storage storage : {Storage::dense, Storage::outgoing}) {
    add_drives(all, storage);
    add_normalisation(all, storage);
  }
  add_strong(all, Storage::dense);
}

void add_incoming_cases(std::vector<Case>& all) {
  for (const Storage storage : {Storage::incoming, Storage::fixed}) {
    add_drives(all, storage);
    add_normalisation(all, storage);
    add_strong(all, storage);
  }
}

void add_rule_cases(std::vector<Case>& all) {
  for_each_rule<SynapseRule>([&]<class Rule>() { add_rule<Rule>(all); });
}

}  // namespace engram::conformance
