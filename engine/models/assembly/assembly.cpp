#include "engram/assembly/assembly.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/models/assembly/projection.hpp"
#include "engram/run/task.hpp"

namespace engram::assembly {

std::string area_name(std::size_t i) {
  std::string name;
  for (++i; i > 0; i = (i - 1) / 26) name.insert(name.begin(), static_cast<char>('A' + (i - 1) % 26));
  return name;
}

Learning learning_named(const std::string& name) {
  std::optional<Learning> found;
  fields::for_each_alternative<Learning>([&]<class Rule>() {
    if (name == Rule::name) found = Rule{};
  });
  if (!found)
    throw Error("no learning rule is called \"" + name + "\"; known are " + listed(fields::names_of<Learning>()));
  return *found;
}

void StimulusSpec::check_together(const Report& problem) const {
  if (k > n)
    problem("k", std::to_string(k) + " active units requested, but the stimulus has " + std::to_string(n) +
                     "; allowed are 1 to n");
}

void AreaSpec::check_together(const Report& problem) const {
  if (k > n)
    problem("k", std::to_string(k) + " winners requested, but the area has " + std::to_string(n) +
                     " units; allowed are 1 to n");
  std::visit(
      [&]<class Rule>(const Rule&) {
        if (storage == "sparse" && Rule::creates_synapses)
          problem("storage",
                  std::string("rule ") + Rule::name + " creates synapses, which sparse storage cannot; use \"dense\"");
      },
      rule);
}

std::vector<AreaSpec> checked_areas(const Spec& spec, const std::string& path) {
  std::vector<Problem> problems;
  const auto problem = [&](const std::string& at, const std::string& text) { problems.push_back({path + at, text}); };
  const auto check = [&](const std::string& at, const auto& values) {
    check_fields(values, [&](const std::string& key, const std::string& text) { problem(at + "/" + key, text); });
  };
  std::set<std::string> names;
  for (const StimulusSpec& s : spec.stimuli) {
    const std::string at = "/stimuli/" + s.name;
    if (s.name.empty() || !names.insert(s.name).second) problem(at, "stimuli need names of their own");
    check(at, s);
  }
  std::vector<AreaSpec> areas;
  for (const auto& stage : spec.stages)
    for (const AreaSpec& given : stage) {
      areas.push_back(given);
      if (areas.back().name.empty()) areas.back().name = area_name(areas.size() - 1);
      if (!names.insert(areas.back().name).second)
        problem("/areas/" + areas.back().name, "another area or stimulus has this name");
    }
  if (areas.empty()) problem("/stages", "a network needs at least one area");
  for (const AreaSpec& a : areas) {
    const std::string at = "/areas/" + a.name;
    check(at, a);
    if (a.inputs.empty()) problem(at + "/inputs", "an area needs at least one input");
    for (std::size_t i = 0; i < a.inputs.size(); ++i)
      if (!names.count(a.inputs[i]) || a.inputs[i] == a.name)
        problem(at + "/inputs/" + std::to_string(i), a.inputs[i] == a.name
                                                         ? "the area's own recurrence is always there; leave it out"
                                                         : "no stimulus or area is called \"" + a.inputs[i] + "\"");
  }
  if (!problems.empty()) throw ConfigError(std::move(problems));
  return areas;
}

namespace {

template <class List>
std::size_t index_of(const List& list, const std::string& name, const char* what) {
  std::string known;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].name == name) return i;
    known += (known.empty() ? "" : ", ") + list[i].name;
  }
  throw Error(std::string("no ") + what + " is called \"" + name + "\"; there are " + known);
}

}  // namespace

Assembly::Assembly(Backend& backend, Spec spec, std::vector<std::uint64_t> seeds)
    : backend_(&backend), spec_(std::move(spec)), seeds_(std::move(seeds)), areas_(checked_areas(spec_)) {
  if (seeds_.empty()) throw Error("a network needs at least one seed");
  std::size_t flat = 0;
  for (std::size_t stage = 0; stage < spec_.stages.size(); ++stage)
    for (std::size_t i = 0; i < spec_.stages[stage].size(); ++i, ++flat) {
      const AreaSpec& area = areas_[flat];
      const std::string prefix = matrix_prefix(spec_, stage, area.name);
      Wiring wiring;
      for (std::size_t l = 0; l < area.inputs.size(); ++l) {
        const std::string& input = area.inputs[l];
        const auto found =
            std::find_if(areas_.begin(), areas_.end(), [&](const AreaSpec& a) { return a.name == input; });
        const Source source = found != areas_.end() ? Source{true, static_cast<std::size_t>(found - areas_.begin())}
                                                    : Source{false, stimulus_index(input)};
        const Index n_pre = source.is_area ? areas_[source.index].n : spec_.stimuli[source.index].n;
        wiring.sources.push_back(source);
        wiring.inputs.push_back(std::make_unique<Projection>(backend, area, prefix + "weight_input" + std::to_string(l),
                                                             input, n_pre, seeds_));
      }
      wiring.recurrent =
          std::make_unique<Projection>(backend, area, prefix + "weight_recurrent", area.name, area.n, seeds_);
      wiring_.push_back(std::move(wiring));
    }
}

Assembly::~Assembly() = default;
Assembly::Assembly(Assembly&&) noexcept = default;

std::size_t Assembly::area_index(const std::string& name) const { return index_of(areas_, name, "area"); }
std::size_t Assembly::stimulus_index(const std::string& name) const {
  return index_of(spec_.stimuli, name, "stimulus");
}

const State::List* Assembly::source_list(const State& state, const Source& source) const {
  if (!source.is_area) return state.stimuli_[source.index].present ? &state.stimuli_[source.index] : nullptr;
  return state.areas_[source.index].now.present ? &state.areas_[source.index].now : nullptr;
}

void Assembly::step(State& state, bool learn) {
  if (learn && state.group_ != 1) throw Error("learning needs one state a replica");
  const Index batches = state.batches_;
  backend_->begin_step(step_key(state, learn), state.steps_++);
  for (std::size_t a = 0; a < areas_.size(); ++a) {
    const AreaSpec& spec = areas_[a];
    const Wiring& wiring = wiring_[a];
    State::Area& area = state.areas_[a];
    std::vector<std::pair<Projection*, Active>> inputs;
    for (std::size_t l = 0; l < wiring.inputs.size(); ++l)
      if (const State::List* list = source_list(state, wiring.sources[l]))
        inputs.emplace_back(wiring.inputs[l].get(), list->view(batches));
    const bool latent = area.now.present;
    if (inputs.empty() && !(spec.recurrent_only && latent)) {
      area.fired = area.now.present = false;
      continue;
    }
    const Active previous = area.now.view(batches), winners = area.next.view(batches);
    const Batch<real> drive = area.drive.batch(spec.n, batches);
    area.drive.zero();
    for (const auto& [projection, source] : inputs) projection->drive(source, 1, state.group_, drive);
    if (latent) wiring.recurrent->drive(previous, static_cast<real>(spec.recurrent_coef), state.group_, drive);
    backend_->select_top_k(drive, spec.k, winners);
    if (learn) {
      for (const auto& [projection, source] : inputs) projection->learn(source, winners);
      if (latent) wiring.recurrent->learn(previous, winners);
    }
    std::swap(area.now, area.next);
    area.fired = area.now.present = true;
  }
  backend_->end_step();
}

/// Which operations a step consists of: that depends on what is present and on learning, on nothing else.
std::uint64_t Assembly::step_key(const State& state, bool learn) const {
  std::uint64_t key = learn ? 3 : 2;
  for (const State::List& stimulus : state.stimuli_) key = key * 31 + stimulus.present + 2u * stimulus.valued;
  for (const State::Area& area : state.areas_) key = key * 31 + area.now.present;
  return key;
}

Winners Assembly::complete_pattern(const std::string& name, const Winners& latent, int rounds, bool alpha) {
  const std::size_t a = area_index(name);
  const AreaSpec& spec = areas_[a];
  State state(*this);
  state.set_latent(name, latent);
  State::Area& area = state.areas_[a];
  for (int round = 0; round < rounds; ++round) {
    area.drive.zero();
    const Batch<real> drive = area.drive.batch(spec.n, state.batches_);
    wiring_[a].recurrent->drive(area.now.view(state.batches_), alpha ? static_cast<real>(spec.recurrent_coef) : real(1),
                                1, drive);
    backend_->select_top_k(drive, spec.k, area.next.view(state.batches_));
    std::swap(area.now, area.next);
    area.now.present = true;
  }
  return state.winners(name);
}

Winners Assembly::inverse(const std::string& name, const Winners& post, Index k) const {
  const Projection& p = projection(name);
  if (k == 0 || k > p.n_pre)
    throw Error(name + ": " + std::to_string(k) + " sources requested of " + std::to_string(p.n_pre));
  const auto lists = static_cast<Index>(post.size());
  if (lists == 0 || lists % p.replicas != 0)
    throw Error(name + ": " + std::to_string(lists) + " lists for " + std::to_string(p.replicas) + " replicas");
  // matrix() is [post][pre], which is what a projection from post to pre stores as [its pre][its post].
  Dense transposed(*backend_, p.n_post, p.n_pre, p.replicas);
  transposed.upload(p.matrix());
  std::size_t room = 1;
  for (const auto& list : post) room = std::max(room, list.size());
  std::vector<Index> index(room * lists), count(lists);
  for (std::size_t b = 0; b < lists; ++b) {
    std::copy(post[b].begin(), post[b].end(), index.begin() + static_cast<std::ptrdiff_t>(b * room));
    count[b] = static_cast<Index>(post[b].size());
  }
  Array<Index> sources(*backend_, index), counts(*backend_, count), found(*backend_, std::size_t{lists} * k),
      found_count(*backend_, lists);
  Array<real> drive(*backend_, std::size_t{lists} * p.n_pre);
  const Batch<real> input = drive.batch(p.n_pre, lists);
  backend_->sweep(transposed.view(),
                  {.source = Active{sources.view().data, counts.view().data, nullptr, room, p.n_post, lists},
                   .drive = input,
                   .group = lists / p.replicas});
  backend_->select_top_k(input, k, {found.view().data, found_count.view().data, nullptr, k, p.n_pre, lists});
  const std::vector<Index> winners = found.download();
  Winners result(lists);
  for (std::size_t b = 0; b < lists; ++b) {
    const auto first = winners.begin() + static_cast<std::ptrdiff_t>(b * k);
    result[b].assign(first, first + k);
  }
  return result;
}

void Assembly::normalize() {
  for (const Wiring& wiring : wiring_) {
    for (const auto& input : wiring.inputs) input->normalize();
    wiring.recurrent->normalize();
  }
}

std::string dot(const Spec& spec) {
  std::string text = "digraph assembly {\n  rankdir=LR;\n";
  const auto quoted = [](const std::string& name) {
    std::string q = "\"";
    for (const char c : name) (c == '"' || c == '\\') ? q += std::string("\\") + c : q += c;
    return q + "\"";
  };
  for (const StimulusSpec& s : spec.stimuli)
    text += "  " + quoted(s.name) + " [shape=point, xlabel=" + quoted(s.name) + "];\n";
  for (const AreaSpec& a : checked_areas(spec)) {
    text += "  " + quoted(a.name) + " [shape=circle];\n  " + quoted(a.name) + " -> " + quoted(a.name) + ";\n";
    for (const std::string& input : a.inputs) text += "  " + quoted(input) + " -> " + quoted(a.name) + ";\n";
  }
  return text + "}\n";
}

}  // namespace engram::assembly
