// States that are put aside and taken back, and logs that are taken away.
#include <algorithm>

#include "engine/models/leabra/observe.hpp"
#include "engine/models/leabra/parts.hpp"

namespace engram::leabra {

void Net::keep() {
  make_ready();
  kept_units_ = Array<real>::unset(*backend_, unit_.size());
  kept_layers_ = Array<real>::unset(*backend_, layer_.size());
  backend_->copy(kept_units_.view().data, unit_.view().data, unit_.bytes());
  backend_->copy(kept_layers_.view().data, layer_.view().data, layer_.bytes());
  kept_.clear();
  for (const auto& l : layers_) kept_.push_back({l->clamped, l->driven, l->hidden, l->relative});
}

void Net::go_back() {
  if (kept_.size() != layers_.size() || kept_units_.size() != unit_.size())
    throw Error("a network can only go back to what it kept with the same layers");
  backend_->copy(unit_.view().data, kept_units_.view().data, unit_.bytes());
  backend_->copy(layer_.view().data, kept_layers_.view().data, layer_.bytes());
  for (const auto& l : layers_) {
    l->clamped = kept_[l->index].clamped;
    l->driven = kept_[l->index].driven;
    l->hidden = kept_[l->index].hidden;
    l->relative = kept_[l->index].relative;
  }
  constants_current_ = false;
}

std::vector<Net::Frozen> Net::freeze(const std::vector<Index>& replicas) {
  make_ready();
  std::vector<Frozen> all;
  const auto part = [&](const real* from, std::size_t size, std::size_t replica) {
    std::vector<real> values(size);
    backend_->download(values.data(), from + replica * size, size * sizeof(real));
    return values;
  };
  for (const Index r : replicas) {
    Frozen one{r,
               part(view_.unit, unit_.size() / seeds_.size(), r),
               part(view_.layer, layer_.size() / seeds_.size(), r),
               {},
               {},
               trained_[r],
               {}};
    for (const auto& p : projections_) {
      one.weights.push_back(p->synapses.values_of(r));
      one.plateaus.push_back(p->plateaus[r]);
      one.balances.push_back(part(p->balance.view().data, p->balance.size() / seeds_.size(), r));
    }
    all.push_back(std::move(one));
  }
  return all;
}

void Net::thaw(const std::vector<Frozen>& all) {
  for (const Frozen& one : all) {
    const auto put = [&](real* to, const std::vector<real>& values) {
      backend_->upload(to + one.replica * values.size(), values.data(), values.size() * sizeof(real));
    };
    put(view_.unit, one.units);
    put(view_.layer, one.layers);
    trained_[one.replica] = one.trained;
    for (std::size_t p = 0; p < projections_.size(); ++p) {
      projections_[p]->synapses.put_values(one.replica, one.weights[p]);
      put(projections_[p]->balance.view().data, one.balances[p]);
      projections_[p]->plateaus[one.replica] = one.plateaus[p];
    }
  }
  rates_current_ = rates_current_ && all.empty();
}

std::pair<std::string, std::string> Net::projection_ends(const std::string& name) const {
  const Projection& p = projection(name);
  return {layers_[p.pre]->name, layers_[p.post]->name};
}

std::vector<Net::LoggedTable> Net::take_logs() {
  std::vector<LoggedTable> all;
  for (std::size_t f = 0; f < 4; ++f) {
    const auto which = static_cast<Frequency>(f);
    const std::string when = "/" + split_choices(frequency_names)[f];
    const auto take = [&](auto& object, const char* parts) {
      const auto& wanted = logged_of(object.spec, which);
      if (wanted.empty()) return;
      Logs logs = this->logs(which, object.name);
      if (wanted.size() > static_cast<std::size_t>(std::count_if(wanted.begin(), wanted.end(), is_part)))
        all.push_back({object.name + when, std::move(logs.whole)});
      if (std::any_of(wanted.begin(), wanted.end(), is_part))
        all.push_back({object.name + when + parts, std::move(logs.parts)});
      object.log[f] = {};
    };
    for (const auto& l : layers_) take(*l, "_units");
    for (const auto& p : projections_) take(*p, "_connections");
  }
  return all;
}

}  // namespace engram::leabra
