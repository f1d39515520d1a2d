#include "python/bind/held.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/run/checkpoint.hpp"
#include "python/bind/lent.hpp"

namespace engram::python {

namespace {

template <class T>
std::vector<T> numbers(const py::handle& values, const std::string& name) {
  py::object given = py::reinterpret_borrow<py::object>(values);
  if (!py::hasattr(given, "__array__") && !py::hasattr(given, "__array_interface__") &&
      py::hasattr(given, "__dlpack__"))
    given = py::module_::import("numpy").attr("from_dlpack")(given);
  const py::array any = py::array::ensure(given);
  if (!any || std::string("biuf").find(any.dtype().kind()) == std::string::npos) {
    PyErr_Clear();
    throw py::type_error(name + ": found " + py::str(py::type::of(values)).cast<std::string>() +
                         ", needed is an array of numbers");
  }
  const auto typed = py::array_t<T, py::array::c_style | py::array::forcecast>::ensure(any);
  std::vector<T> all(typed.data(), typed.data() + typed.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!std::isfinite(all[i])) throw ConfigError(name, "value " + std::to_string(i) + " is not finite");
  return all;
}

/// The state as a dict of arrays by name; what is JSON stands in it as text.
class Taker : public StateVisitor {
 public:
  py::dict state;
  void array(std::string_view name, std::span<const std::size_t> extents, const StateArray& values) override {
    StateValues all = values.get();
    std::visit(
        [&]<class T>(std::vector<T>& typed) {
          std::vector<std::size_t> shape(extents.begin(), extents.end());
          if (shape.size() == 1 && shape[0] == any_size) shape[0] = typed.size();
          state[py::str(std::string(name))] = python::array(std::move(typed), shape);
        },
        all);
  }
  void json(std::string_view name, const std::function<nlohmann::json()>& get,
            const std::function<void(const nlohmann::json&)>&) override {
    state[py::str(std::string(name))] = py::str(get().dump());
  }
};

/// Takes it back.
class Giver : public StateVisitor {
 public:
  explicit Giver(py::dict state) : state_(std::move(state)) {}
  void array(std::string_view name, std::span<const std::size_t> extents, const StateArray& values) override {
    StateValues all = values.none();
    std::visit([&](auto& typed) { read(std::string(name), extents, typed); }, all);
    values.set(std::move(all));
  }
  void json(std::string_view name, const std::function<nlohmann::json()>&,
            const std::function<void(const nlohmann::json&)>& set) override {
    set(nlohmann::json(parse_config(item(std::string(name)).cast<std::string>(), std::string(name))));
  }

 private:
  py::object item(const std::string& name) const {
    if (!state_.contains(name)) throw ConfigError(name, "the state lacks this array");
    return state_[py::str(name)];
  }
  template <class T>
  void read(const std::string& name, std::span<const std::size_t> extents, std::vector<T>& values) const {
    const py::array given = py::array::ensure(item(name));
    const bool list = extents.size() == 1 && extents[0] == any_size;
    bool fits =
        given && given.dtype().equal(py::dtype::of<T>()) && (list || given.ndim() == py::ssize_t(extents.size()));
    for (std::size_t d = 0; fits && !list && d < extents.size(); ++d)
      fits = given.shape(py::ssize_t(d)) == py::ssize_t(extents[d]);
    if (!fits) throw ConfigError(name, "has another type or shape than this network");
    if constexpr (std::is_floating_point_v<T>) {
      values = numbers<T>(given, name);
    } else {
      const auto typed = py::array_t<T, py::array::c_style>::ensure(given);
      values.assign(typed.data(), typed.data() + typed.size());
    }
  }
  py::dict state_;
};

constexpr const char* format_key = "format";
constexpr const char* format = "engram-network/1";

void save(Held& held, const std::string& path, const std::string& specification) {
  apart(held, [&] {
    io::Replacement file(path);
    save_state([&](StateVisitor& visitor) { held.show(visitor); }, file,
               {{format_key, format}, {"specification", specification}});
  });
}

/// What `save` was told of the network that a file holds.
std::string specification_of(const std::string& path) {
  try {
    const io::SafetensorsFile file{std::filesystem::path(path)};
    const auto of = file.metadata().find("specification"), kind = file.metadata().find(format_key);
    if (of == file.metadata().end() || kind == file.metadata().end() || kind->second != format)
      throw IoError(path + ": holds no network that save() wrote");
    return of->second;
  } catch (const IoError& error) {
    char first = 0;
    io::open_regular(path).read_at(0, &first, 1);
    if (first == '\x80')
      throw IoError(path + ": is a pickle, which could run any code; load() reads what save() wrote");
    throw;
  }
}

}  // namespace

std::vector<real> reals(const py::handle& values, const std::string& name, std::vector<std::size_t> sizes) {
  std::vector<real> all = numbers<real>(values, name);
  if (sizes.empty() || std::find(sizes.begin(), sizes.end(), all.size()) != sizes.end()) return all;
  std::string wanted;
  for (const std::size_t size : sizes) wanted += (wanted.empty() ? "" : " or ") + std::to_string(size);
  throw ConfigError(name, "found " + std::to_string(all.size()) + " values, needed are " + wanted);
}
std::vector<double> doubles(const py::handle& values, const std::string& name) { return numbers<double>(values, name); }

ConfigReader parameters(const std::string& json) { return ConfigReader(parse_config(json, "parameters")); }

Index count(std::uint64_t value, const std::string& name) {
  if (value < 1 || value > std::numeric_limits<Index>::max())
    throw ConfigError(name, "found " + std::to_string(value) + "; allowed are 1 to 4294967295");
  return static_cast<Index>(value);
}

void bind_held(py::module_& module) {
  bind_lent(module);
  module.def("specification_of", &specification_of);
  py::class_<Held>(module, "Held", py::module_local())
      .def("state",
           [](Held& held) {
             const InUse in_use(held);
             Taker taker;
             held.show(taker);
             return taker.state;
           })
      .def("set_state",
           [](Held& held, py::dict state) {
             const InUse in_use(held);
             Giver giver(std::move(state));
             held.show(giver);
           })
      .def("save", &save)
      .def("restore",
           [](Held& held, const std::string& path) {
             apart(held, [&] {
               restore_part([&](StateVisitor& visitor) { held.show(visitor); },
                            io::SafetensorsFile{std::filesystem::path(path)});
             });
           })
      .def("check_finite",
           [](Held& held) { apart(held, [&] { check_finite([&](StateVisitor& v) { held.show(v); }, "network"); }); })
      .def_property_readonly("device", [](Held& held) {
        const DeviceInfo& info = held.backend().info();
        return py::dict(py::arg("kind") = info.kind, py::arg("name") = info.name, py::arg("threads") = info.threads);
      });
}

}  // namespace engram::python
