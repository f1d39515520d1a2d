#include "engine/run/checkpoint.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/cpu/finite.hpp"
#include "engram/run/config_reader.hpp"

namespace engram {

namespace {

template <class T>
constexpr const char* tensor_type() {
  if constexpr (std::is_floating_point_v<T>)
    return sizeof(T) == 4 ? "F32" : "F64";
  else if constexpr (std::is_signed_v<T>)
    return "I64";
  else
    return sizeof(T) == 4 ? "U32" : "U64";
}

std::size_t product(std::span<const std::size_t> shape) {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size = checked_product(size, extent);
  return size;
}

/// With the extent of a list, whose size is that of what it holds.
std::vector<std::size_t> shape_of(std::span<const std::size_t> extents, std::size_t size) {
  if (extents.size() == 1 && extents[0] == any_size) return {size};
  return {extents.begin(), extents.end()};
}

const char* tensor_type(const StateArray& array) {
  return std::visit([]<class T>(const std::vector<T>&) { return tensor_type<T>(); }, array.none());
}

/// What there is to save.
class LayoutVisitor : public StateVisitor {
 public:
  explicit LayoutVisitor(std::map<std::string, std::string>& metadata) : metadata_(metadata) {}
  std::vector<io::TensorLayout> tensors;

  void array(std::string_view name, std::span<const std::size_t> extents, const StateArray& array) override {
    const bool list = extents.size() == 1 && extents[0] == any_size;
    const std::vector<std::size_t> shape = shape_of(extents, list ? array.size() : 0);
    product(shape);  // does not overflow
    if (!names_.insert(std::string(name)).second) throw Error("two states of the name " + std::string(name));
    tensors.push_back({std::string(name), tensor_type(array), {shape.begin(), shape.end()}});
  }
  void json(std::string_view name, const std::function<nlohmann::json()>& get,
            const std::function<void(const nlohmann::json&)>&) override {
    if (!metadata_.emplace("state " + std::string(name), get().dump()).second)
      throw Error("two states of the name " + std::string(name));
  }

 private:
  std::map<std::string, std::string>& metadata_;
  std::set<std::string> names_;
};

class FiniteCheck : public StateVisitor {
 public:
  /// Of arrays and of what is saved within other state, or of the latter alone.
  explicit FiniteCheck(std::string where, bool arrays = true) : where_(std::move(where)), arrays_(arrays) {}
  void array(std::string_view name, std::span<const std::size_t>, const StateArray& array) override {
    if (!arrays_ || !array.holds_reals() || all_finite(array)) return;
    std::size_t before = 0;
    array.give([&](StatePiece piece) {
      std::visit(
          [&]<class T>(std::span<const T> values) {
            if constexpr (std::is_floating_point_v<T>) check(name, values, before);
            before += values.size();
          },
          piece);
    });
  }
  void json(std::string_view, const std::function<nlohmann::json()>&,
            const std::function<void(const nlohmann::json&)>&) override {}
  bool looks_inside() const override { return true; }
  void inside(std::string_view name, std::span<const float> values) override { check(name, values, 0); }
  void inside(std::string_view name, std::span<const double> values) override { check(name, values, 0); }

 private:
  static bool all_finite(const StateArray& array) {
    bool finite = true;
    array.give_in_any_order([&](StatePiece piece) {
      std::visit(
          [&]<class T>(std::span<const T> values) {
            if constexpr (std::is_floating_point_v<T>) finite &= cpu::first_not_finite(values) == values.size();
          },
          piece);
    });
    return finite;
  }
  template <class T>
  void check(std::string_view name, std::span<const T> values, std::size_t before) const {
    const std::size_t i = cpu::first_not_finite(values);
    if (i < values.size())
      throw NumericError(where_ + ": " + std::string(name) + "[" + std::to_string(before + i) + "] is " +
                         (std::isnan(values[i]) ? "not a number" : "infinite"));
  }
  std::string where_;
  bool arrays_;
};

struct NotFinite {};

/// Writes what a LayoutVisitor has seen. It may check on the way that all is finite, and throws NotFinite otherwise:
/// who looks for the value to blame sees the arrays in an order of its own.
class WritingVisitor : public StateVisitor {
 public:
  WritingVisitor(io::SafetensorsWriter& file, bool only_finite) : file_(file), only_finite_(only_finite) {}
  void array(std::string_view name, std::span<const std::size_t> extents, const StateArray& array) override {
    std::size_t given = 0;
    array.give([&](StatePiece piece) {
      std::visit(
          [&]<class T>(std::span<const T> values) {
            if constexpr (std::is_floating_point_v<T>)
              if (only_finite_ && cpu::first_not_finite(values) < values.size()) throw NotFinite();
            file_.write(values.data(), values.size_bytes());
            given += values.size();
          },
          piece);
    });
    if (product(shape_of(extents, given)) != given)  // the next one would begin at the wrong place
      throw Error("state \"" + std::string(name) + "\": its shape does not fit its " + std::to_string(given) +
                  " values");
  }
  void json(std::string_view, const std::function<nlohmann::json()>& get,
            const std::function<void(const nlohmann::json&)>&) override {
    get();  // may make what the arrays after it show
  }

 private:
  io::SafetensorsWriter& file_;
  bool only_finite_;
};

class Restorer : public StateVisitor {
 public:
  explicit Restorer(const io::SafetensorsFile& file) : file_(file) {
    for (const std::string& name : file.names()) unused_.insert(name);
    for (const auto& [key, value] : file.metadata())
      if (key.starts_with("state ")) unused_.insert(key);
  }

  void array(std::string_view name, std::span<const std::size_t> shape, const StateArray& array) override {
    StateValues values = array.none();
    std::visit([&](auto& typed) { read(std::string(name), shape, typed); }, values);
    array.set(std::move(values));
  }
  void json(std::string_view name, const std::function<nlohmann::json()>&,
            const std::function<void(const nlohmann::json&)>& set) override {
    const std::string key = "state " + std::string(name);
    const auto found = file_.metadata().find(key);
    if (found == file_.metadata().end()) throw IoError("the checkpoint lacks the state \"" + std::string(name) + "\"");
    unused_.erase(key);
    const auto malformed = [&](const std::exception& error) {
      return IoError("the checkpoint's state \"" + std::string(name) + "\" is malformed: " + error.what());
    };
    try {
      set(nlohmann::json(parse_config(found->second, key, std::size_t{256} << 20)));
    } catch (const nlohmann::json::exception& error) {
      throw malformed(error);
    } catch (const ConfigError& error) {
      throw malformed(error);
    }
  }
  void finish() const {
    if (!unused_.empty()) throw IoError("the checkpoint has state that this model does not know: " + *unused_.begin());
  }

 private:
  template <class T>
  void read(const std::string& name, std::span<const std::size_t> extents, std::vector<T>& values) {
    const io::TensorLayout& there = file_.layout(name);
    const std::vector<std::size_t> shape = shape_of(extents, there.shape.size() == 1 ? there.shape[0] : 0);
    if (there.type != tensor_type<T>() ||
        !std::equal(shape.begin(), shape.end(), there.shape.begin(), there.shape.end()))
      throw IoError("the checkpoint's tensor \"" + name + "\" has another type or shape than this model");
    unused_.erase(name);
    values.resize(product(shape));
    file_.read(name, values.data());
    if constexpr (std::is_floating_point_v<T>)
      if (const std::size_t i = cpu::first_not_finite(std::span<const T>(values)); i < values.size())
        throw IoError("the checkpoint's tensor \"" + name + "\": value " + std::to_string(i) + " is not finite");
  }
  const io::SafetensorsFile& file_;
  std::set<std::string> unused_;
};

std::function<void(StateVisitor&)> shown_by(Task& task) {
  return [&task](StateVisitor& visitor) { task.visit(visitor); };
}
std::string after(Tick tick) { return "after tick " + std::to_string(tick); }

void save(const std::function<void(StateVisitor&)>& show, io::Replacement& file,
          std::map<std::string, std::string> metadata, bool only_finite) {
  LayoutVisitor layout(metadata);
  show(layout);
  io::SafetensorsWriter writer(file, std::move(layout.tensors), std::move(metadata));
  WritingVisitor write(writer, only_finite);
  show(write);
  writer.commit();
}

}  // namespace

void save_state(const std::function<void(StateVisitor&)>& show, io::Replacement& file,
                std::map<std::string, std::string> metadata) {
  save(show, file, std::move(metadata), false);
}

void save_state(Task& task, io::Replacement& file, std::map<std::string, std::string> metadata) {
  save(shown_by(task), file, std::move(metadata), false);
}

void save_finite_state(Task& task, Tick tick, io::Replacement& file, std::map<std::string, std::string> metadata) {
  FiniteCheck inside(after(tick), false);
  task.visit(inside);
  try {
    save(shown_by(task), file, std::move(metadata), true);
  } catch (const NotFinite&) {
    check_finite(task, tick);
    throw NumericError(after(tick) + ": a value is not finite");
  }
}

void restore_state(Task& task, const io::SafetensorsFile& file) {
  Restorer restorer(file);
  task.visit(restorer);
  restorer.finish();
}

void restore_part(const std::function<void(StateVisitor&)>& show, const io::SafetensorsFile& file) {
  Restorer restorer(file);
  show(restorer);
}

void check_finite(const std::function<void(StateVisitor&)>& show, const std::string& where) {
  FiniteCheck check(where);
  show(check);
}

void check_finite(Task& task, Tick tick) { check_finite(shown_by(task), after(tick)); }

}  // namespace engram
