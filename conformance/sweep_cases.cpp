// Cases of `sweep`: drives, normalisation and all parts at once, on every storage; and every rule of the registry.
#include <algorithm>
#include <cmath>

#include "conformance/cases.hpp"

namespace engram::conformance {

namespace {

struct Size {
  Index pre, post;
  std::string text() const { return std::to_string(pre) + "x" + std::to_string(post); }
};
/// Empty, one, around a warp, past a chunk of a dense row, past a block; the last is shared by several threads.
constexpr Size sizes[] = {{0, 5}, {5, 0}, {1, 1}, {31, 33}, {32, 32}, {33, 31}, {65, 257}, {200, 300}};
constexpr Size large = {700, 600};

enum class Activity { binary, graded, silent, all };

Population population(Draws& draws, Population::Form form, Index units, Index batches, Activity activity,
                      std::size_t columns = 1, bool with_values = false) {
  Population p{form, units, batches, false, {}, {}, {}};
  const auto one = [&]() -> real {
    if (activity == Activity::silent) return 0;
    if (activity == Activity::all) return 1;
    const bool active = draws.chance(0.3);
    return active ? (activity == Activity::graded ? draws.between(real(0.01), 2) : real(1)) : real(0);
  };
  if (form == Population::Form::columns) {
    p.columns.resize(columns);
    for (auto& column : p.columns) {
      column.resize(std::size_t{batches} * units);
      for (real& x : column) x = one();
    }
  } else {
    p.active.resize(batches);
    if (with_values) p.value.resize(batches);
    for (Index b = 0; b < batches; ++b)
      for (Index i = 0; i < units; ++i)
        if (const real x = one(); x != real(0)) {
          p.active[b].push_back(i);
          if (with_values) p.value[b].push_back(x);
        }
  }
  return p;
}

/// A projection with a quarter of the weights absent and every seventh unit without any input.
SweepInputs projection(Draws& draws, bool outgoing, Size size, Index replicas, Index planes = 1) {
  SweepInputs p;
  p.outgoing = outgoing;
  p.n_pre = size.pre;
  p.n_post = size.post;
  p.replicas = replicas;
  p.planes = planes;
  p.weight.resize(std::size_t{replicas} * planes * size.pre * size.post);
  if (outgoing) p.exists.resize(p.weight.size());
  for (Index r = 0; r < replicas; ++r)
    for (Index v = 0; v < planes; ++v)
      for (Index j = 0; j < size.pre; ++j)
        for (Index i = 0; i < size.post; ++i) {
          const real w = draws.between(real(0.01), 1);
          const bool present = draws.chance(0.75) && i % 7 != 3;
          p.weight[p.at(r, v, j, i)] = present ? w : real(0);
          if (outgoing) p.exists[p.at(r, v, j, i)] = present;
        }
  return p;
}

void set_drive(Draws& draws, SweepInputs& p) {
  p.drive.resize(std::size_t{p.replicas} * p.group * p.n_post);
  for (real& x : p.drive) x = draws.between(-1, 1);
}

void set_scale(Draws& draws, SweepInputs& p, bool recount) {
  p.scaled = true;
  p.recount = recount;
  p.scale.resize(std::size_t{p.replicas} * p.n_post);
  for (real& x : p.scale) x = draws.between(real(0.5), 2);
}

constexpr auto columns = Population::Form::columns;
constexpr auto lists = Population::Form::lists;
const char* storage_name(bool outgoing) { return outgoing ? "outgoing" : "dense"; }

/// `fill` completes a projection of every size; 1 and 3 replicas.
using Fill = std::function<void(Draws&, SweepInputs&)>;
void add_sizes(std::vector<Case>& all, const std::string& stem, bool outgoing, Index planes, bool with_large,
               const Fill& fill) {
  const auto add = [&](Size size, Index replicas) {
    const std::string name =
        stem + "/" + storage_name(outgoing) + "/n=" + size.text() + ",R=" + std::to_string(replicas);
    all.push_back({name, [=]() -> Inputs {
                     Draws draws(name);
                     SweepInputs p = projection(draws, outgoing, size, replicas, planes);
                     fill(draws, p);
                     return p;
                   }});
  };
  for (const Size& size : sizes) add(size, 1);
  add(sizes[3], 3);
  if (with_large) add(large, 2);
}

void add_drives(std::vector<Case>& all, bool outgoing) {
  const auto drive = [&](const std::string& name, bool with_large, Population::Form form, Activity activity,
                         bool with_values, const Fill& more = {}) {
    add_sizes(all, "sweep/drive/" + name, outgoing, 1, with_large, [=](Draws& draws, SweepInputs& p) {
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
    add_sizes(all, std::string("sweep/drive/") + name + ",one_for_all", outgoing, 1, false,
              [=](Draws& draws, SweepInputs& p) {
                p.source = population(draws, form, p.n_pre, p.replicas, Activity::graded, 1, form == lists);
                p.source.one_for_all = true;
                set_drive(draws, p);
              });
  };
  shared_source("columns", columns);
  shared_source("lists", lists);
  // From subnormal to huge, with both signs: no flush to zero, and integer terms saturate alike.
  add_sizes(all, "sweep/drive/extreme", outgoing, 1, false, [](Draws& draws, SweepInputs& p) {
    constexpr double values[] = {1e-42, 1.2e-38, 1e-30, 1e-9, 0.3, 1, 12345.678, 6e5, 1e12, 1e30};
    for (real& w : p.weight)
      if (w != real(0)) w = static_cast<real>(values[draws.below(10)]) * (draws.chance(0.5) ? real(1) : real(-1));
    p.source = population(draws, columns, p.n_pre, p.replicas, Activity::graded);
    set_drive(draws, p);
  });
}

void add_normalisation(std::vector<Case>& all, bool outgoing) {
  add_sizes(all, "sweep/normalize", outgoing, 1, true, [](Draws&, SweepInputs& p) { p.normalize_to = real(1); });
  add_sizes(all, "sweep/normalize,drive", outgoing, 1, false, [](Draws& draws, SweepInputs& p) {
    p.normalize_to = real(2.5);
    p.source = population(draws, lists, p.n_pre, p.replicas, Activity::binary);
    set_drive(draws, p);
  });
  for (const bool recount : {false, true})
    add_sizes(all, recount ? "sweep/normalize,scaled,recount" : "sweep/normalize,scaled", outgoing, 1, recount,
              [=](Draws& draws, SweepInputs& p) {
                p.normalize_to = real(1);
                set_scale(draws, p, recount);
                p.source = population(draws, lists, p.n_pre, p.replicas, Activity::binary);
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
    const auto add = [&, rule = rule](const char* what, bool outgoing, bool with_large, const Fill& fill) {
      add_sizes(all, stem + "/" + what, outgoing, Rule::n_values, with_large, [=](Draws& draws, SweepInputs& p) {
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
    add("columns,binary", false, variant == "default", ends(columns, Activity::binary, false, false));
    add("columns,graded,drive", false, false, with_drive(ends(columns, Activity::graded, false, true), columns, {}));
    add("columns,silent", false, false, ends(columns, Activity::silent, false, false));
    if (variant != "default") continue;
    add("columns,normalize,drive", false, false,
        with_drive(ends(columns, Activity::binary, false, false), columns, real(1)));

    if constexpr (Rule::identity_when_silent && Rule::n_values == 1) {
      const auto scaled = [](const Fill& fill) -> Fill {
        return [=](Draws& draws, SweepInputs& p) {
          set_scale(draws, p, false);
          fill(draws, p);
        };
      };
      const Fill both = ends(lists, Activity::binary, false, false);
      add("lists", false, true, both);
      add("lists,values", false, false, ends(lists, Activity::graded, true, true));
      add("lists,all,diagonal", false, false, ends(lists, Activity::all, false, true));
      add("lists,scaled,normalize,drive", false, true, scaled(with_drive(both, lists, real(1))));
      if constexpr (!Rule::creates_synapses) {
        add("lists", true, true, both);
        add("lists,all,diagonal", true, false, ends(lists, Activity::all, false, true));
        add("lists,normalize,drive", true, false, with_drive(both, lists, real(1)));
        add("lists,scaled,normalize,drive", true, true, scaled(with_drive(both, lists, real(1))));
      }
    }
  }
}

}  // namespace

void add_sweep_cases(std::vector<Case>& all) {
  for (const bool outgoing : {false, true}) {
    add_drives(all, outgoing);
    add_normalisation(all, outgoing);
  }
}

void add_rule_cases(std::vector<Case>& all) {
  for_each_rule<SynapseRule>([&]<class Rule>() { add_rule<Rule>(all); });
}

}  // namespace engram::conformance
