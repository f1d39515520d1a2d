#include "engine/models/nef/build/draft.hpp"

namespace engram::nef {

namespace {

/// Inputs of many dimensions often stay for many steps; few dimensions are faster summed than compared.
void encode(Draft& draft, const std::string& name, const Ensemble& e, Part current, Part x) {
  constexpr Index many = 8;
  const std::string of = "ensemble " + name;
  const Part encoders = draft.part(name + ".scaled_encoders");
  const auto& moved = draft.moved_encoders[name];
  if (e.dimensions < many || moved.size() > 1) return draft.add.product(of, current, encoders, x, Mode::increment);
  draft.add.held_product(of, current, encoders, x, moved.empty() ? std::nullopt : std::optional(moved[0]));
}

}  // namespace

void declare(Draft& draft, const std::string& name, const Ensemble& e) {
  draft.array(name + ".x_in", e.dimensions);
  if (is_direct(e)) return;
  for (const char* what : {".gain", ".scale", ".bias"}) draft.drawn(name + what, e.neurons);
  draft.drawn(name + ".scaled_encoders", e.neurons, e.dimensions);
  draft.array(name + ".J", e.neurons);
  draft.array(name + ".activities", e.neurons);
}

void emit(Draft& draft, const std::string& name, const Ensemble& e) {
  const std::string of = "ensemble " + name;
  const Part x = draft.part(name + ".x_in");
  draft.add.fill(of, x, 0);
  if (is_direct(e)) return;
  const Part current = draft.part(name + ".J"), out = draft.part(name + ".activities");
  draft.add.copy(of, current, draft.part(name + ".bias"), Mode::set);
  if (e.noise)
    draft.noise(of, current, draft.seed_of(name), e.noise->noise, e.noise->mean, e.noise->std, e.noise->scale,
                Mode::increment);
  encode(draft, name, e, current, x);
  std::visit(
      [&]<class Type>(const Type& type) {
        std::vector<Part> states;
        for (int s = 0; s < Type::n_state; ++s) states.push_back(draft.drawn(name + "." + Type::state[s], e.neurons));
        Part input = current;
        if constexpr (Wraps<Type>) {
          input = draft.array(name + ".rates", e.neurons);
          std::visit(
              [&](const auto& base) {
                draft.add.neurons(of, base, current, input, {}, std::nullopt, draft.network.dt);
              },
              type.base);
        }
        std::optional<ArrayId> seed;
        if constexpr (TakesDraws<Type>)
          seed = draft.has(name + ".seed") ? draft.built.schedule.find(name + ".seed") : draft.seed_of(name);
        draft.add.neurons(of, type, input, out, states, seed, draft.network.dt);
      },
      e.neuron.type);
}

}  // namespace engram::nef
