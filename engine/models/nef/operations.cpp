#include "engram/nef/operations.hpp"

#include "engram/backend.hpp"
#include "engram/nef/synapses.hpp"

namespace engram::nef {

namespace {

class TensorOperations final : public OperationKind {
  Steps bind(Backend& backend, const Memory& memory, const Schedule& schedule,
             std::span<const std::any*> operations) const override {
    const Binder binder(memory, schedule);
    std::vector<Operation> bound;
    for (const std::any* make : operations) bound.push_back(std::any_cast<const MakeOperation&>(*make)(binder));
    Tensors& tensors = backend.need_extension<Tensors>();
    return [&tensors, bound, replicas = memory.replicas()](Tick first, Tick count) {
      tensors.run(bound, replicas, first, count);
    };
  }
};

Access access_of(Mode mode) {
  return mode == Mode::set ? Access::set : mode == Mode::increment ? Access::increment : Access::update;
}

Term bind(const Operations::TermParts& parts, const Binder& b) {
  return {parts.rule,
          b(parts.u),
          b(parts.v),
          b(parts.other),
          b(parts.gate),
          b(parts.scale),
          static_cast<real>(parts.rate),
          static_cast<real>(parts.beta)};
}

void add_uses(std::vector<Use>& uses, const Operations::TermParts& term, Access access) {
  for (const Part& part : {term.u, term.v}) uses.push_back({access, part});
  for (const auto& part : {term.other, term.gate, term.scale})
    if (part) uses.push_back({access, *part});
}

}  // namespace

const OperationKind& tensor_operations() {
  static const TensorOperations kind;
  return kind;
}

View Binder::operator()(const Part& part) const {
  const auto pitch = static_cast<std::ptrdiff_t>(schedule_.array(part.array).rows);
  View v;
  v.data = memory_.reals(part.array) + part.rows.first + part.cols.first * pitch;
  v.rows = part.rows.count;
  v.cols = part.cols.count;
  v.row_step = part.rows.step;
  v.col_step = part.cols.step * pitch;
  v.replica_step = memory_.stride(part.array);
  return v;
}

void Operations::add(const std::string& name, const char* does, std::vector<Use> uses, MakeOperation make) {
  schedule_.add(Schedule::Entry{name, does, &tensor_operations(), std::move(make), std::move(uses)});
}

std::string Operations::fresh(const std::string& name) const {
  for (int n = 0;; ++n)
    if (const std::string tried = n ? name + std::to_string(n) : name; !schedule_.has(tried)) return tried;
}

std::optional<ArrayId> Operations::list(const std::string& name, std::vector<std::int64_t> values) {
  if (values.empty()) return std::nullopt;
  Schedule::ArrayInfo array;
  array.name = fresh(name);
  array.rows = static_cast<Index>(values.size());
  array.integer = array.shared = true;
  array.initial_integers = std::move(values);
  return schedule_.add(std::move(array));
}

void Operations::clock(ArrayId step, ArrayId time, double dt) {
  const Part whole_step = schedule_.whole(step), whole_time = schedule_.whole(time);
  add("clock", "time", {{Access::set, whole_step}, {Access::set, whole_time}}, [=](const Binder& b) -> Operation {
    return Clock{b.integers(step), b.stride(step), b(whole_time), dt};
  });
}

void Operations::fill(const std::string& name, Part to, double value) {
  add(name, "fill", {{Access::set, to}}, [=](const Binder& b) -> Operation {
    return Fill{b(to), static_cast<real>(value)};
  });
}

void Operations::copy(const std::string& name, Part to, Part from, Mode mode) {
  add(name, "copy", {{access_of(mode), to}, {Access::read, from}}, [=](const Binder& b) -> Operation {
    return Copy{b(to), b(from), mode == Mode::increment};
  });
}

void Operations::scale(const std::string& name, Part to, Part a, Part x, Mode mode) {
  add(name, "scale", {{access_of(mode), to}, {Access::read, a}, {Access::read, x}}, [=](const Binder& b) -> Operation {
    return Scale{b(to), b(a), b(x), mode == Mode::increment};
  });
}

void Operations::product(const std::string& name, Part to, Part a, Part x, Mode mode) {
  add(name, "product", {{access_of(mode), to}, {Access::read, a}, {Access::read, x}},
      [=](const Binder& b) -> Operation {
        return Product{b(to), b(a), b(x), mode == Mode::increment};
      });
}

void Operations::held_product(const std::string& name, Part to, Part a, Part x, std::optional<Part> touched) {
  Schedule::ArrayInfo seen, sum;
  seen.name = fresh(name + ".x_seen");
  seen.rows = x.rows.count + 2;
  sum.name = fresh(name + ".drive");
  sum.rows = to.rows.count;
  const Part all_seen = schedule_.whole(schedule_.add(seen)), all_sum = schedule_.whole(schedule_.add(sum));
  std::vector<Use> uses{{Access::increment, to},
                        {Access::read, a},
                        {Access::read, x},
                        {Access::update, all_seen},
                        {Access::update, all_sum}};
  if (touched) uses.push_back({Access::last, *touched});
  add(name, "held product", std::move(uses), [=](const Binder& b) -> Operation {
    return HeldProduct{b(to), b(a), b(x), b(all_seen), b(all_sum), b(touched)};
  });
}

void Operations::gather(const std::string& name, Part to, std::optional<Part> weight, Part x, Sources sources,
                        Mode mode) {
  const auto count = static_cast<Index>(sources.start.size() - 1);
  const auto target = list(name + ".target", std::move(sources.target)),
             start = list(name + ".start", std::move(sources.start)),
             source = list(name + ".source", std::move(sources.source)), at = list(name + ".at", std::move(sources.at));
  std::vector<Use> uses{{access_of(mode), to}, {Access::read, x}};
  if (weight) uses.push_back({Access::read, *weight});
  add(name, "gather", std::move(uses), [=](const Binder& b) -> Operation {
    return Gather{b(to),
                  b(weight),
                  b(x),
                  b.integers(target),
                  b.integers(start),
                  b.integers(source),
                  b.integers(at),
                  count,
                  mode == Mode::increment};
  });
}

void Operations::table(const std::string& name, Part to, Part values, std::int64_t hold) {
  add(name, "table", {{Access::set, to}, {Access::read, values}}, [=](const Binder& b) -> Operation {
    return Table{b(to), b(values), nullptr, hold};
  });
}
void Operations::table(const std::string& name, Part to, Part values, std::vector<std::int64_t> start) {
  const auto starts = list(name + ".start", std::move(start));
  add(name, "table", {{Access::set, to}, {Access::read, values}}, [=](const Binder& b) -> Operation {
    return Table{b(to), b(values), b.integers(starts), 1};
  });
}

void Operations::map(const std::string& name, Part to, Part x, Function function) {
  add(name, "function", {{Access::set, to}, {Access::read, x}}, [=](const Binder& b) -> Operation {
    return Map{b(to), b(x), function};
  });
}

void Operations::neurons(const std::string& name, const NeuronType& type, Part current, Part out,
                         std::span<const Part> state, std::optional<ArrayId> seed, double dt) {
  std::vector<Use> uses{{Access::set, out}, {Access::read, current}};
  for (const Part& part : state) uses.push_back({Access::set, part});
  const std::vector<Part> states(state.begin(), state.end());
  add(name, "neurons", std::move(uses), [=](const Binder& b) -> Operation {
    Neurons op{type, b(current), b(out), {}, static_cast<real>(dt), b.integers(seed), seed ? b.stride(*seed) : 0};
    for (std::size_t s = 0; s < states.size(); ++s) op.state[s] = b(states[s]);
    return op;
  });
}

void Operations::filter(const std::string& name, Part y, Part u, const SynapseType& synapse, double dt, Mode mode) {
  std::vector<Use> uses{{access_of(mode), y}, {Access::read, u}};
  const auto own = [&](const char* what, Index rows, Index cols) {
    Schedule::ArrayInfo array;
    array.name = fresh(name + "." + what);
    array.rows = rows;
    array.cols = cols;
    return array;
  };
  if (const auto* triangle = std::get_if<Triangle>(&synapse)) {
    const TriangleTaps taps = triangle_taps(*triangle, dt);
    const Part ring = schedule_.whole(schedule_.add(own("ring", y.rows.count, static_cast<Index>(taps.taps))));
    uses.push_back({Access::update, ring});
    return add(name, "triangle filter", std::move(uses), [=](const Binder& b) -> Operation {
      return Falling{b(y), b(u), b(ring), static_cast<real>(taps.first), static_cast<real>(taps.last)};
    });
  }
  const StateSpace s = discretize(synapse, dt);
  if (s.order == 0 || s.one_state()) {
    const double decay = s.order ? s.a[0] : 0, gain = s.order ? s.b[0] * s.c[0] : s.d;
    return add(name, "filter", std::move(uses), [=](const Binder& b) -> Operation {
      return Smooth{b(y), b(u), static_cast<real>(decay), static_cast<real>(gain)};
    });
  }
  Schedule::ArrayInfo numbers = own("coefficients", 1, 1);
  for (const auto* part : {&s.a, &s.b, &s.c}) numbers.initial.insert(numbers.initial.end(), part->begin(), part->end());
  numbers.initial.push_back(s.d);
  numbers.rows = static_cast<Index>(numbers.initial.size());
  numbers.shared = true;
  const Part coefficients = schedule_.whole(schedule_.add(numbers)),
             state = schedule_.whole(schedule_.add(own("state", y.rows.count, static_cast<Index>(s.order))));
  uses.push_back({Access::update, state});
  add(name, "filter", std::move(uses), [=, order = s.order, direct = s.d != 0](const Binder& b) -> Operation {
    return Filter{b(y), b(u), b(state), b(coefficients), order, direct};
  });
}

void Operations::draw(const std::string& name, Part to, ArrayId seed, Noise noise, double offset, double scale,
                      Mode mode) {
  add(name, "noise", {{access_of(mode), to}}, [=](const Binder& b) -> Operation {
    return Draw{b(to),
                b.integers(seed),
                b.stride(seed),
                noise,
                static_cast<real>(offset),
                static_cast<real>(scale),
                mode == Mode::increment};
  });
}

void Operations::learn(const std::string& name, Part matrix, const std::vector<TermParts>& terms) {
  if (terms.size() > max_learning_terms)
    throw Error(name + " has " + std::to_string(terms.size()) + " learning rules; allowed are up to " +
                std::to_string(max_learning_terms));
  std::vector<Use> uses{{Access::increment, matrix}};
  for (const TermParts& term : terms) add_uses(uses, term, Access::last);
  add(name, "learning", std::move(uses), [=](const Binder& b) -> Operation {
    Learn op{b(matrix), {}, 0};
    for (const TermParts& term : terms) op.terms[op.count++] = bind(term, b);
    return op;
  });
}

void Operations::learn_now(const std::string& name, Part matrix, const TermParts& term) {
  std::vector<Use> uses{{Access::update, matrix}};
  add_uses(uses, term, Access::read);
  add(name, "learning", std::move(uses), [=](const Binder& b) -> Operation {
    return Learn{b(matrix), {bind(term, b)}, 1};
  });
}

void Operations::change(const std::string& name, Part to, Part matrix, const TermParts& term) {
  std::vector<Use> uses{{Access::update, to}, {Access::read, matrix}};
  add_uses(uses, term, Access::read);
  add(name, "change", std::move(uses), [=](const Binder& b) -> Operation {
    return Change{b(to), b(matrix), bind(term, b)};
  });
}

void Operations::rls_gain(const std::string& name, Part gain, Part a, Part q) {
  add(name, "gain", {{Access::set, gain}, {Access::read, a}, {Access::read, q}}, [=](const Binder& b) -> Operation {
    return RlsGain{b(gain), b(a), b(q)};
  });
}

ArrayId Operations::record(const std::string& name, Part x, Index rows, double period, Index replicas, bool after) {
  Schedule::ArrayInfo kept;
  kept.name = fresh(name + ".kept");
  kept.rows = x.rows.count * x.cols.count * replicas;
  kept.cols = rows;
  kept.shared = true;
  const ArrayId id = schedule_.add(kept);
  add(name, "record", {{after ? Access::after : Access::read, x}}, [=](const Binder& b) -> Operation {
    return Record{b(x), b.reals(id), rows, b.replicas(), period};
  });
  return id;
}

}  // namespace engram::nef
