#include "engram/schedule.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <sstream>

#include "engram/backend.hpp"
#include "engram/run/config_reader.hpp"

namespace engram {

namespace {

bool meet(const Progression& a, const Progression& b) {
  if (a.count == 0 || b.count == 0) return false;
  const auto last = [](const Progression& s) { return s.first + s.step * static_cast<std::int32_t>(s.count - 1); };
  const auto [a_low, a_high] = std::minmax({a.first, last(a)});
  const auto [b_low, b_high] = std::minmax({b.first, last(b)});
  if (a_high < b_low || b_high < a_low) return false;
  const std::int32_t common = std::gcd(a.count > 1 ? a.step : 0, b.count > 1 ? b.step : 0);
  return common == 0 ? a.first == b.first : (a.first - b.first) % common == 0;
}

bool meet(const Part& a, const Part& b) { return a.array == b.array && meet(a.rows, b.rows) && meet(a.cols, b.cols); }

const char* word_of(Access access) {
  constexpr const char* words[] = {"last", "set", "increment", "read", "update", "after"};
  return words[static_cast<std::size_t>(access)];
}

bool writes(Access access) { return access == Access::set || access == Access::increment || access == Access::update; }

/// Which operations have to wait for which.
class Order {
 public:
  Order(std::vector<Schedule::Entry>& entries, const Schedule& schedule) : entries_(entries), schedule_(schedule) {
    followers_.resize(entries.size());
    waits_for_.resize(entries.size());
    std::map<ArrayId, std::vector<std::pair<std::size_t, const Use*>>> by_array;
    for (std::size_t e = 0; e < entries.size(); ++e) {
      refuse_own_result(entries[e]);
      for (const Use& use : entries[e].uses) by_array[use.part.array].emplace_back(e, &use);
    }
    for (const auto& [array, uses] : by_array)
      for (std::size_t i = 0; i < uses.size(); ++i)
        for (std::size_t j = i + 1; j < uses.size(); ++j)
          relate(uses[i].first, *uses[i].second, uses[j].first, *uses[j].second);
  }

  std::vector<Schedule::Entry> sorted() {
    std::vector<std::size_t> waiting(entries_.size()), free, order;
    for (std::size_t e = 0; e < entries_.size(); ++e)
      if (!(waiting[e] = waits_for_[e].size())) free.push_back(e);
    while (!free.empty()) {
      const auto first = std::min_element(free.begin(), free.end());
      const std::size_t e = *first;
      free.erase(first);
      order.push_back(e);
      for (const std::size_t next : followers_[e])
        if (--waiting[next] == 0) free.push_back(next);
    }
    if (order.size() < entries_.size()) throw Error(cycle(waiting));
    std::vector<Schedule::Entry> result;
    for (const std::size_t e : order) result.push_back(std::move(entries_[e]));
    return result;
  }

 private:
  static void refuse_own_result(const Schedule::Entry& entry) {
    for (const Use& made : entry.uses)
      for (const Use& read : entry.uses)
        if (read.access == Access::read && (made.access == Access::set || made.access == Access::increment) &&
            meet(made.part, read.part))
          throw Error(entry.name + " needs its own result within a step; it needs a synapse, which delays by a step");
  }

  void relate(std::size_t one, const Use& a, std::size_t other, const Use& b) {
    if (one == other || !meet(a.part, b.part)) return;
    if (a.access == b.access) {
      if (a.access == Access::set || a.access == Access::update)
        throw Error(entries_[one].name + " and " + entries_[other].name + " both " + word_of(a.access) + " " +
                    schedule_.array(a.part.array).name);
      if (a.access == Access::increment) precedes(one, other);
      return;
    }
    if (!writes(a.access) && !writes(b.access)) return;
    a.access < b.access ? precedes(one, other) : precedes(other, one);
  }

  void precedes(std::size_t one, std::size_t other) {
    followers_[one].push_back(other);
    waits_for_[other].push_back(one);
  }

  /// Walks from one that waits to one that it waits for, until it comes back.
  std::string cycle(const std::vector<std::size_t>& waiting) const {
    std::size_t at = 0;
    while (!waiting[at]) ++at;
    std::vector<std::size_t> path;
    while (std::find(path.begin(), path.end(), at) == path.end()) {
      path.push_back(at);
      at = *std::find_if(waits_for_[at].begin(), waits_for_[at].end(), [&](std::size_t e) { return waiting[e] > 0; });
    }
    path.erase(path.begin(), std::find(path.begin(), path.end(), at));
    path.push_back(at);
    std::reverse(path.begin(), path.end());
    std::string text;
    for (std::size_t i = 0; i < path.size(); ++i)
      if (i == 0 || entries_[path[i]].name != entries_[path[i - 1]].name)
        text += (text.empty() ? "" : " -> ") + entries_[path[i]].name;
    return "these wait for each other within a step: " + text +
           "; a connection of the cycle needs a synapse, which delays by a step";
  }

  std::vector<Schedule::Entry>& entries_;
  const Schedule& schedule_;
  std::vector<std::vector<std::size_t>> followers_, waits_for_;
};

class BackendCalls final : public OperationKind {
  Steps bind(Backend& backend, const Memory& memory, const Schedule&,
             std::span<const std::any*> operations) const override {
    std::vector<BackendCall> calls;
    for (const std::any* operation : operations) calls.push_back(std::any_cast<const BackendCall&>(*operation));
    return [&backend, &memory, calls](Tick first, Tick count) {
      for (Tick t = first; t < first + count; ++t)
        for (const BackendCall& call : calls) call(backend, memory, t);
    };
  }
};

std::string shown_slice(const Progression& s, Index size) {
  if (s.first == 0 && s.step == 1 && s.count == size) return ":";
  return std::to_string(s.first) + "+" + std::to_string(s.count) + (s.step == 1 ? "" : "*" + std::to_string(s.step));
}

}  // namespace

const OperationKind& backend_calls() {
  static const BackendCalls kind;
  return kind;
}

ArrayId Schedule::add(ArrayInfo array) {
  if (has(array.name)) throw Error("there are two arrays " + array.name);
  arrays_.push_back(std::move(array));
  return static_cast<ArrayId>(arrays_.size() - 1);
}

bool Schedule::has(std::string_view name) const {
  return std::any_of(arrays_.begin(), arrays_.end(), [&](const ArrayInfo& a) { return a.name == name; });
}

ArrayId Schedule::find(std::string_view name) const {
  for (ArrayId id = 0; id < arrays_.size(); ++id)
    if (arrays_[id].name == name) return id;
  std::vector<std::string> names;
  for (const ArrayInfo& a : arrays_) names.push_back(a.name);
  const std::string near = nearest(name, names);
  throw Error("there is no array " + std::string(name) + (near.empty() ? "" : "; the nearest one is " + near));
}

void Schedule::order() { entries_ = Order(entries_, *this).sorted(); }

bool Schedule::written(ArrayId id) const {
  for (const Entry& entry : entries_)
    for (const Use& use : entry.uses)
      if (use.part.array == id && writes(use.access)) return true;
  return false;
}

std::string Schedule::print() const {
  std::ostringstream text;
  for (const Entry& entry : entries_) {
    text << entry.name << ": " << entry.does;
    for (const Use& use : entry.uses) {
      const ArrayInfo& array = arrays_[use.part.array];
      text << "; " << word_of(use.access) << " " << array.name << "[" << shown_slice(use.part.rows, array.rows)
           << (array.cols == 1 ? "" : ", " + shown_slice(use.part.cols, array.cols)) << "]";
    }
    text << "\n";
  }
  return text.str();
}

std::size_t Schedule::bytes(std::size_t replicas) const {
  std::size_t sum = 0;
  for (const ArrayInfo& array : arrays_)
    sum += checked_product(checked_product(array.size(), array.integer ? sizeof(std::int64_t) : sizeof(real)),
                           array.shared ? 1 : replicas);
  return sum;
}

Program::Program(Backend& backend, Schedule schedule, Index replicas)
    : backend_(backend),
      schedule_(std::move(schedule)),
      replicas_(replicas),
      reals_(schedule_.arrays()),
      integers_(schedule_.arrays()) {
  for (ArrayId id = 0; id < schedule_.arrays(); ++id) {
    Schedule::ArrayInfo& array = schedule_.array(id);
    const std::size_t copies = array.shared ? 1 : replicas, size = checked_product(array.size(), copies);
    const auto fill = [&](auto& initial, auto&& make) {
      if (!initial.empty() && initial.size() != array.size() && initial.size() != size)
        throw Error(array.name + ": found " + std::to_string(initial.size()) + " initial values for " +
                    std::to_string(array.size()));
      const std::size_t given = initial.size();
      make(
          size, [&, given](std::size_t i) { return initial[i % given]; }, given > 0);
      std::decay_t<decltype(initial)>().swap(initial);  // `= {}` would keep its memory
    };
    if (array.integer)
      fill(array.initial_integers, [&](std::size_t n, auto&& at, bool given) {
        std::vector<std::int64_t> values(n);
        for (std::size_t i = 0; given && i < n; ++i) values[i] = at(i);
        integers_[id] = Array<std::int64_t>(backend, std::span<const std::int64_t>(values));
      });
    else
      fill(array.initial, [&](std::size_t n, auto&& at, bool given) {
        if (!given) return static_cast<void>(reals_[id] = Array<real>(backend, n));
        reals_[id] = Array<real>::unset(backend, n);
        std::vector<real> piece(std::min<std::size_t>(n, 1 << 16));  // all of them would stand here once more
        for (std::size_t first = 0; first < n; first += piece.size()) {
          const std::span<real> part = std::span(piece).first(std::min(piece.size(), n - first));
          for (std::size_t i = 0; i < part.size(); ++i) part[i] = static_cast<real>(at(first + i));
          reals_[id].upload(part, first);
        }
      });
  }
  const std::span<const Schedule::Entry> entries = schedule_.entries();
  for (std::size_t e = 0; e < entries.size();) {
    std::vector<const std::any*> group;
    const OperationKind* kind = entries[e].kind;
    for (; e < entries.size() && entries[e].kind == kind; ++e) group.push_back(&entries[e].operation);
    groups_.push_back(kind->bind(backend, *this, schedule_, group));
  }
}

void Program::run(Tick first, Tick count) {
  if (groups_.size() == 1) return groups_.front()(first, count);
  for (Tick t = first; t < first + count; ++t)
    for (const Steps& group : groups_) group(t, 1);
}

real* Program::reals(ArrayId id) const { return reals_[id].view().data; }
std::int64_t* Program::integers(ArrayId id) const { return integers_[id].view().data; }
std::size_t Program::stride(ArrayId id) const { return schedule_.array(id).shared ? 0 : schedule_.array(id).size(); }

std::vector<real> Program::stretch(ArrayId id, std::size_t first, std::size_t count) const {
  std::vector<real> values(count);
  if (count) backend_.download(values.data(), reals(id) + first, count * sizeof(real));
  return values;
}
std::vector<real> Program::values(ArrayId id, Index replica) const {
  std::vector<real> values(schedule_.array(id).size());
  if (!values.empty()) backend_.download(values.data(), reals(id) + replica * stride(id), values.size() * sizeof(real));
  return values;
}
std::vector<std::int64_t> Program::whole_numbers(ArrayId id, Index replica) const {
  std::vector<std::int64_t> values(schedule_.array(id).size());
  backend_.download(values.data(), integers(id) + replica * stride(id), values.size() * sizeof(std::int64_t));
  return values;
}
void Program::set(ArrayId id, Index replica, std::span<const real> values) {
  reals_[id].upload(values, replica * stride(id));
}

std::vector<Place> Program::places() const {
  std::vector<Place> all;
  for (ArrayId id = 0; id < schedule_.arrays(); ++id) {
    const Schedule::ArrayInfo& array = schedule_.array(id);
    if (array.integer) continue;
    Place place{array.name, reals(id), {replicas_, array.rows}, {stride(id), 1}, !array.shared};
    if (array.cols > 1) {
      place.shape.push_back(array.cols);
      place.strides.push_back(array.rows);
    }
    all.push_back(std::move(place));
  }
  return all;
}

void Program::visit(StateVisitor& visitor) {
  for (ArrayId id = 0; id < schedule_.arrays(); ++id) {
    if (!schedule_.written(id)) continue;
    const Schedule::ArrayInfo& array = schedule_.array(id);
    const std::size_t shape[] = {replicas_, array.cols, array.rows};
    if (array.integer)
      visitor.array(array.name, shape, integers_[id]);
    else
      visitor.array(array.name, shape, reals_[id]);
  }
}

}  // namespace engram
