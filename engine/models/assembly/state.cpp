#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engram/assembly/assembly.hpp"
#include "engram/run/state_reader.hpp"
#include "engram/run/state_visitor.hpp"

namespace engram::assembly {

Active State::List::view(Index batches) const {
  return {index.view().data, count.view().data, valued ? value.view().data : nullptr, room, units, batches};
}

State::State(const Assembly& network, Index group)
    : network_(&network), group_(group), batches_(network.replicas() * group) {
  if (group == 0) throw Error("a state needs at least one batch a replica");
  stimuli_.resize(network.spec().stimuli.size());
  for (std::size_t s = 0; s < stimuli_.size(); ++s) stimuli_[s].units = network.spec().stimuli[s].n;
  for (const AreaSpec& spec : network.areas()) {
    Area area;
    for (List* list : {&area.now, &area.next}) {
      list->units = spec.n;
      list->room = spec.k;
      list->index = Array<Index>(network.backend(), std::size_t{batches_} * spec.k);
      list->count = Array<Index>(network.backend(), batches_);
    }
    area.drive = Array<real>(network.backend(), std::size_t{batches_} * spec.n);
    areas_.push_back(std::move(area));
  }
}

void State::check(const List& list, const std::string& name, const Winners& units) const {
  if (units.size() != batches_ && units.size() != 1)
    throw Error(name + ": " + std::to_string(units.size()) + " lists given, needed are 1 or " +
                std::to_string(batches_));
  for (const auto& one : units)
    for (std::size_t i = 0; i < one.size(); ++i) {
      if (one[i] >= list.units)
        throw Error(name + ": unit " + std::to_string(one[i]) + " named, but there are only " +
                    std::to_string(list.units));
      if (i > 0 && one[i] <= one[i - 1]) throw Error(name + ": units must be listed once each, in ascending order");
    }
}

void State::upload(List& list, const std::string& name, const Winners& units, std::span<const real> values) {
  check(list, name, units);
  Index longest = 1;
  for (const auto& one : units) longest = std::max(longest, static_cast<Index>(one.size()));
  Backend& backend = network_->backend();
  if (longest > list.room || list.index.size() == 0) {
    list.room = std::max(longest, list.room);
    list.index = Array<Index>(backend, std::size_t{batches_} * list.room);
    list.count = Array<Index>(backend, batches_);
    list.value = Array<real>();
  }
  if (!values.empty() && list.value.size() == 0) list.value = Array<real>(backend, std::size_t{batches_} * list.room);
  std::vector<Index> index(std::size_t{batches_} * list.room), count(batches_);
  std::vector<real> value(values.empty() ? 0 : index.size());
  for (std::size_t b = 0; b < batches_; ++b) {
    const auto& one = units[units.size() == 1 ? 0 : b];
    std::copy(one.begin(), one.end(), index.begin() + static_cast<std::ptrdiff_t>(b * list.room));
    count[b] = static_cast<Index>(one.size());
    for (std::size_t i = 0; !values.empty() && i < one.size(); ++i)
      value[b * list.room + i] = values[(values.size() == list.units ? 0 : b * list.units) + one[i]];
  }
  list.index.upload(index);
  list.count.upload(count);
  if (!values.empty()) list.value.upload(value);
  list.valued = !values.empty();
  list.present = true;
}

void State::present(const std::string& stimulus, const Winners& units) {
  upload(stimuli_[network_->stimulus_index(stimulus)], stimulus, units);
}

void State::present_values(const std::string& stimulus, std::span<const real> values) {
  List& list = stimuli_[network_->stimulus_index(stimulus)];
  if (values.size() != list.units && values.size() != std::size_t{batches_} * list.units)
    throw Error(stimulus + ": " + std::to_string(values.size()) + " values given, needed are " +
                std::to_string(list.units) + " or " + std::to_string(std::size_t{batches_} * list.units));
  Winners units(values.size() / list.units);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) throw Error(stimulus + ": value " + std::to_string(i) + " is not a finite number");
    if (values[i] != real(0)) units[i / list.units].push_back(static_cast<Index>(i % list.units));
  }
  upload(list, stimulus, units, values);
}

void State::absent(const std::string& stimulus) { stimuli_[network_->stimulus_index(stimulus)].present = false; }
void State::all_absent() {
  for (List& list : stimuli_) list.present = false;
}

void State::set_latent(const std::string& area, const Winners& units) {
  List& list = areas_[network_->area_index(area)].now;
  upload(list, area, units);
}
void State::set_latents(const std::map<std::string, Winners>& of_areas) {
  for (const auto& [area, units] : of_areas) check(areas_[network_->area_index(area)].now, area, units);
  clear_latent();
  for (const auto& [area, units] : of_areas) set_latent(area, units);
}
void State::clear_latent() {
  for (Area& area : areas_) area.now.present = area.fired = false;
}

bool State::active(const std::string& area) const { return areas_[network_->area_index(area)].fired; }

Winners State::winners(const std::string& area) const {
  const List& list = areas_[network_->area_index(area)].now;
  const std::vector<Index> index = list.index.download(), count = list.count.download();
  Winners winners(batches_);
  for (std::size_t b = 0; b < batches_; ++b) {
    const auto first = index.begin() + static_cast<std::ptrdiff_t>(b * list.room);
    winners[b].assign(first, first + count[b]);
  }
  return winners;
}

void State::visit(StateVisitor& visitor) {
  visitor.json(
      "activity",
      [this] {
        nlohmann::json j{{"steps", steps_}, {"areas", nlohmann::json::object()}};
        for (std::size_t a = 0; a < areas_.size(); ++a) {
          const std::string& name = network_->areas()[a].name;
          j["areas"][name] = {
              {"winners", winners(name)}, {"present", areas_[a].now.present}, {"fired", areas_[a].fired}};
        }
        return j;
      },
      [this](const nlohmann::json& j) {
        const StateReader state(j, "activity"), areas = state["areas"];
        for (std::size_t a = 0; a < areas_.size(); ++a) {
          const AreaSpec& area = network_->areas()[a];
          const StateReader own = areas[area.name];
          Winners all;
          for (const StateReader& one : own["winners"].items(batches_)) all.push_back(one.ascending(area.n, area.n));
          const bool present = own["present"].flag(), fired = own["fired"].flag();
          upload(areas_[a].now, area.name, all);
          areas_[a].now.present = present;
          areas_[a].fired = fired;
        }
        steps_ = state["steps"].whole();
      });
  for (std::size_t a = 0; a < areas_.size(); ++a) {
    const std::size_t shape[] = {batches_, network_->areas()[a].n};
    visitor.array("drive of " + network_->areas()[a].name, shape, areas_[a].drive);
  }
}

std::vector<real> State::drive(const std::string& area) const {
  return areas_[network_->area_index(area)].drive.download();
}

}  // namespace engram::assembly
