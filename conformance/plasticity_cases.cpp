// Cases of plasticity beyond one batch on dense storage: sparse rows, several batches that share weights, layers with
// values of their own; every rule of the registry.
#include "conformance/projections.hpp"

namespace engram::conformance {

namespace {

/// The options of one case beside its rule and storage.
struct Options {
  const char* name;
  Population::Form form;
  Activity activity;
  bool with_values = false, keep_diagonal = false, scaled = false, drive = false, layers = false;
  Index group = 1;
};

template <class Rule>
void add(std::vector<Case>& all, Storage storage, bool with_large, const Options& o) {
  add_sizes(all, std::string("rule/") + Rule::name + "/" + o.name, storage, Rule::n_values, with_large,
            [=](Draws& draws, SweepInputs& p) {
              p.learn = Rule{};
              p.group = o.group;
              if (o.layers) p.segments = layers_of(p.n_post);
              p.shared.resize(std::size_t{p.replicas} * p.group * p.layers() * SweepInputs::shared_values);
              for (real& x : p.shared) x = draws.between(-1, 1);
              const Index batches = p.replicas * p.group;
              p.pre = population(draws, o.form, p.n_pre, batches, o.activity, Rule::n_pre, o.with_values);
              p.post = population(draws, o.form, p.n_post, batches, o.activity, Rule::n_post, o.with_values);
              p.keep_diagonal = o.keep_diagonal;
              if (o.scaled) set_scale(draws, p, false);
              if (o.scaled && o.drive) p.normalize_to = real(1);
              if (!o.drive) return;
              p.source = population(draws, o.form, p.n_pre, batches, Activity::graded, 1, o.form == lists);
              set_drive(draws, p);
            });
}

template <class Rule>
void add_storage(std::vector<Case>& all, Storage storage) {
  const bool sparse = storage != Storage::dense;
  if (sparse) {
    add<Rule>(all, storage, true, {"columns", columns, Activity::binary});
    add<Rule>(all, storage, false,
              {"columns,graded,drive,diagonal", columns, Activity::graded, false, true, false, true});
  }
  add<Rule>(all, storage, false, {"columns,scaled,drive", columns, Activity::binary, false, false, true, true});
  add<Rule>(all, storage, true, {"columns,group=3", columns, Activity::graded, false, true, false, false, false, 3});
  add<Rule>(all, storage, false,
            {"columns,drive,layers,group=2", columns, Activity::graded, false, false, false, true, true, 2});
  if constexpr (shared_values<Rule>() > 0)
    add<Rule>(all, storage, true, {"columns,drive,layers", columns, Activity::graded, false, false, false, true, true});
  if constexpr (Rule::identity_when_silent && Rule::n_values == 1) {
    if (storage == Storage::outgoing)
      add<Rule>(all, storage, false, {"lists,values", lists, Activity::graded, true, true});
    if (storage == Storage::incoming || storage == Storage::fixed) {
      add<Rule>(all, storage, true, {"lists", lists, Activity::binary});
      add<Rule>(all, storage, false, {"lists,values,diagonal", lists, Activity::graded, true, true});
      add<Rule>(all, storage, false, {"lists,scaled,drive", lists, Activity::binary, false, false, true, true});
    }
    add<Rule>(all, storage, true,
              {"lists,values,group=3", lists, Activity::graded, true, true, false, false, false, 3});
    add<Rule>(all, storage, false,
              {"lists,scaled,drive,layers,group=2", lists, Activity::binary, false, false, true, true, true, 2});
  }
}

}  // namespace

void add_plasticity_cases(std::vector<Case>& all) {
  for_each_rule<SynapseRule>([&]<class Rule>() {
    add_storage<Rule>(all, Storage::dense);
    if constexpr (!Rule::creates_synapses && Rule::n_values == 1)
      for (const Storage storage : {Storage::outgoing, Storage::incoming}) add_storage<Rule>(all, storage);
    if constexpr (!Rule::creates_synapses) add_storage<Rule>(all, Storage::fixed);
  });
}

}  // namespace engram::conformance
