// The state of a network: shown to a visitor, and as a file that makes the network anew.
#include <algorithm>

#include "engine/models/leabra/observe.hpp"
#include "engine/models/leabra/parts.hpp"
#include "engine/run/checkpoint.hpp"
#include "engram/run/read_fields.hpp"
#include "engram/run/state_reader.hpp"
#include "engram/run/write_fields.hpp"

namespace engram::leabra {

namespace {

using Json = nlohmann::ordered_json;
constexpr const char* format = "engram-leabra/1";

}  // namespace

/// Rows of a log; those of other attributes than the parameters name now are gone.
void Net::visit_logs(StateVisitor& visitor, const std::string& name, const std::vector<std::string>& wanted, Log& log,
                     bool of_states) {
  if (wanted.empty()) return;
  if (log.wanted != wanted) log = {wanted, {}, {}};
  const std::size_t extent[] = {any_size}, more = 1 + origin_names(of_states).size();
  const auto parts = static_cast<std::size_t>(std::count_if(wanted.begin(), wanted.end(), is_part));
  const auto show = [&](const std::string& which, std::vector<double>& rows, std::size_t columns) {
    visitor.array(name + which, extent,
                  {[&rows] { return rows; },
                   [&rows, columns, name, which](const std::vector<double>& values) {
                     if (values.size() % columns != 0)
                       throw IoError("the state \"" + name + which + "\" does not fill rows of " +
                                     std::to_string(columns) + " values");
                     rows = values;
                   }});
  };
  show("/whole", log.whole, wanted.size() - parts + more);
  show("/parts", log.parts, (of_states ? 1 : 2) + parts + more);  // unit, or sender and receiver
}

/// How far the schedules of learning rates are.
void Net::restore_rates(const StateReader& state) {
  const auto trained = state["trained"].items(trained_.size());
  for (std::size_t r = 0; r < trained_.size(); ++r) {
    trained_[r] = {trained[r]["epochs"].whole(), trained[r]["reported"].whole()};
    if (trained_[r].reported > trained_[r].epochs)
      throw IoError("the state \"network\" reports a loss before its epoch");
  }
  for (const auto& p : projections_) {
    const auto plateaus = state["plateaus"][p->name].items(p->plateaus.size());
    for (std::size_t r = 0; r < plateaus.size(); ++r) p->plateaus[r] = restored_plateau(plateaus[r]);
  }
  rates_current_ = false;
}

void Net::visit(StateVisitor& visitor) {
  make_ready();
  const std::size_t units[] = {states(), unit_value::count, view_.room},
                    layers[] = {states(), layer_value::count, view_.groups()};
  visitor.json(
      "network",
      [this] {
        nlohmann::json j{{"cycles", cycles_}, {"layers", nlohmann::json::array()}};
        for (int f = 0; f < 4; ++f) {
          j["time"].push_back(time_[f]);
          j["paused"].push_back(paused_[f]);
        }
        for (const auto& l : layers_)
          j["layers"].push_back(
              {{"clamped", l->clamped}, {"driven", l->driven}, {"hidden", l->hidden}, {"relative", l->relative}});
        j["testing"] = testing_;
        j["rates"] = rate_factors_;
        j["on"] = nlohmann::json::array();
        for (const auto& p : projections_) {
          j["on"].push_back(p->on);
          if (p->balance.size()) j["updates"][p->name] = p->updates;
          for (const Plateau& plateau : p->plateaus) j["plateaus"][p->name].push_back(saved(plateau));
        }
        for (const Trained& t : trained_) j["trained"].push_back({{"epochs", t.epochs}, {"reported", t.reported}});
        j["phases"] = nlohmann::json::array();
        for (const auto& [name, activations] : phases_) j["phases"].push_back(name);
        return j;
      },
      [this](const nlohmann::json& j) {
        const StateReader state(j, "network");
        cycles_ = state["cycles"].whole();
        const auto time = state["time"].items(4);
        const std::vector<bool> paused = state["paused"].flags(4);
        for (std::size_t f = 0; f < 4; ++f) {
          time_[f] = time[f].whole();
          paused_[f] = paused[f];
        }
        const auto all = state["layers"].items(layers_.size());
        for (const auto& l : layers_) {
          l->clamped = all[l->index]["clamped"].flag();
          l->driven = all[l->index]["driven"].flag();
          l->hidden = all[l->index]["hidden"].flag();
          l->relative = all[l->index]["relative"].number(0, largest);
        }
        testing_ = state["testing"].flag();
        const std::vector<double> rates = state["rates"].numbers(seeds_.size());
        set_rate_factors(std::vector<real>(rates.begin(), rates.end()));
        const std::vector<bool> on = state["on"].flags(projections_.size());
        for (std::size_t p = 0; p < on.size(); ++p) switch_projection(projections_[p]->name, on[p]);
        for (const auto& p : projections_)
          if (p->balance.size()) p->updates = state["updates"][p->name].whole();
        if (j.contains("trained")) restore_rates(state);  // files of earlier versions have no rates of their own
        phases_.clear();
        for (const StateReader& name : state["phases"].items())
          phases_[name.text()] = Array<real>(*backend_, std::size_t{units_} * states());
        constants_current_ = false;
      });
  const std::size_t activations[] = {states(), units_};
  for (auto& [name, array] : phases_) visitor.array("phase " + name, activations, array);
  visitor.array("units", units, unit_);
  visitor.array("layers", layers, layer_);
  for (const auto& p : projections_) {
    p->synapses.visit(visitor, p->name, [this, &p = *p] {
      sends_current_ = false;
      count_connections(p);
    });
    const std::size_t post = layers_[p->post]->size;
    const std::size_t balances[] = {states(), post};
    if (p->balance.size()) visitor.array("balances " + p->name, balances, p->balance);
  }
  for (std::size_t f = 0; f < 4; ++f) {
    const std::string when = " " + split_choices(frequency_names)[f];
    const auto which = static_cast<Frequency>(f);
    for (const auto& l : layers_) visit_logs(visitor, l->name + when, logged_of(l->spec, which), l->log[f], true);
    for (const auto& p : projections_) visit_logs(visitor, p->name + when, logged_of(p->spec, which), p->log[f], false);
  }
}

void Net::save(const std::string& file) {
  Json structure{{"format", format},
                 {"seeds", seeds_},
                 {"copies", copies_},
                 {"layers", Json::array()},
                 {"projections", Json::array()}};
  for (const auto& l : layers_)
    structure["layers"].push_back({{"name", l->name}, {"size", l->size}, {"spec", written_fields(l->spec)}});
  for (const auto& p : projections_)
    structure["projections"].push_back({{"name", p->name},
                                        {"pre", layers_[p->pre]->name},
                                        {"post", layers_[p->post]->name},
                                        {"spec", written_fields(p->spec)}});
  std::map<std::string, std::string> metadata{{"structure", structure.dump()}};
  io::Replacement replaced(file);
  save_state([this](StateVisitor& visitor) { visit(visitor); }, replaced, std::move(metadata));
}

Net Net::load(Backend& backend, const std::string& path) {
  const io::SafetensorsFile file{std::filesystem::path(path)};
  const auto found = file.metadata().find("structure");
  if (found == file.metadata().end()) throw IoError(path + ": holds no Leabra network");
  const ConfigReader reader(parse_config(found->second, path, std::size_t{16} << 20));
  if (reader.get<std::string>("format") != format)
    throw IoError(path + ": is no " + format + ", but \"" + reader.get_or("format", "") + "\"");
  const auto seeds = reader.get<std::vector<std::uint64_t>>("seeds");
  if (seeds.empty()) throw IoError(path + ": names no seed");
  Net net(backend, seeds, reader.get_or<Index>("copies", 1, {1, 1e6}));
  for (const ConfigReader& l : reader.list("layers").items()) {
    LayerSpec spec;
    read_fields(l.object("spec"), spec);
    const auto size = l.get<Index>("size", {1, 1e9});
    if (reader.ok()) net.new_layer(l.get<std::string>("name"), size, spec);
  }
  for (const ConfigReader& p : reader.list("projections").items()) {
    ProjectionSpec spec;
    read_fields(p.object("spec"), spec);
    if (reader.ok())
      net.new_projection(p.get<std::string>("name"), p.get<std::string>("pre"), p.get<std::string>("post"), spec);
  }
  reader.finish();
  restore_part([&net](StateVisitor& visitor) { net.visit(visitor); }, file);
  return net;
}

std::size_t Net::bytes() const {
  const std::size_t room = ceil_div<std::size_t>(units_, 16) * 16;
  std::size_t all = checked_product(checked_product(states(), room), unit_value::count * sizeof(real));
  for (const auto& p : projections_) all += p->synapses.bytes();
  return all;
}

}  // namespace engram::leabra
