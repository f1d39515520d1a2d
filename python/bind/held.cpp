#include "python/bind/held.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/run/checkpoint.hpp"
#include "engram/run/state_reader.hpp"
#include "python/bind/lent.hpp"

namespace engram::python {

namespace {

/// What NumPy can read, of an array of whatever package.
py::object on_host(const py::handle& values, const std::string& name) {
  py::object given = py::reinterpret_borrow<py::object>(values);
  if (py::hasattr(given, "__cuda_array_interface__"))
    throw ConfigError(name,
                      "found " + described(values) +
                          " on a CUDA device; copy it to the host first, as .cpu() of torch and .get() of CuPy do");
  if (py::hasattr(given, "__array__") || py::hasattr(given, "__array_interface__") || !py::hasattr(given, "__dlpack__"))
    return given;
  try {
    return py::module_::import("numpy").attr("from_dlpack")(given);
  } catch (const py::error_already_set& fault) {
    throw ConfigError(name, "found " + described(values) +
                                ", which NumPy cannot read: " + py::str(fault.value()).cast<std::string>());
  }
}

template <class T>
std::vector<T> numbers(const py::handle& values, const std::string& name) {
  const py::array any = py::array::ensure(on_host(values, name));
  if (!any || std::string("biuf").find(any.dtype().kind()) == std::string::npos)
    throw ConfigError(name, "found " + described(values) + "; needed is an array of real numbers");
  const auto typed = py::array_t<T, py::array::c_style | py::array::forcecast>::ensure(any);
  std::vector<T> all(typed.data(), typed.data() + typed.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!std::isfinite(all[i]))
      throw ConfigError(name, "value " + std::to_string(i) + " is not finite in the " + precision_name + " engine");
  return all;
}

/// The state as a dict of arrays by name; what is JSON stands in it as text.
class Taker : public StateVisitor {
 public:
  void array(std::string_view name, std::span<const std::size_t> extents, const StateArray& values) override {
    arrays_.push_back({std::string(name), {extents.begin(), extents.end()}, values.get()});
  }
  void json(std::string_view name, const std::function<nlohmann::json()>& get,
            const std::function<void(const nlohmann::json&)>&) override {
    texts_.emplace_back(name, get().dump());
  }
  py::dict taken() {
    py::dict state;
    for (const auto& [name, text] : texts_) state[py::str(name)] = py::str(text);
    for (Taken& one : arrays_)
      std::visit(
          [&](auto& typed) {
            if (one.shape.size() == 1 && one.shape[0] == any_size) one.shape[0] = typed.size();
            state[py::str(one.name)] = python::array(std::move(typed), one.shape);
          },
          one.values);
    return state;
  }

 private:
  struct Taken {
    std::string name;
    std::vector<std::size_t> shape;
    StateValues values;
  };
  std::vector<Taken> arrays_;
  std::vector<std::pair<std::string, std::string>> texts_;
};

/// Takes it back.
class Giver : public StateVisitor {
 public:
  explicit Giver(py::dict state) : state_(std::move(state)) {}
  void array(std::string_view name, std::span<const std::size_t> extents, const StateArray& values) override {
    StateValues all = values.none();
    std::visit([&](auto& typed) { read(std::string(name), extents, typed); }, all);
    const py::gil_scoped_release released;
    values.set(std::move(all));
  }
  void json(std::string_view name, const std::function<nlohmann::json()>&,
            const std::function<void(const nlohmann::json&)>& set) override {
    const std::string at(name);
    const py::object text = item(at);
    if (!py::isinstance<py::str>(text))
      throw ConfigError(at, "found " + described(text) + "; needed is JSON as a text");
    const nlohmann::json value(parse_config(text.cast<std::string>(), at, std::size_t{256} << 20));
    const py::gil_scoped_release released;
    try {
      set(value);
    } catch (const nlohmann::json::exception& fault) {
      throw ConfigError(at, std::string("is not the state of such a network: ") + fault.what());
    }
  }

 private:
  py::object item(const std::string& name) const {
    if (!state_.contains(name)) throw ConfigError(name, "the state lacks it; state() of such a network has it");
    return state_[py::str(name)];
  }
  template <class T>
  void read(const std::string& name, std::span<const std::size_t> extents, std::vector<T>& values) const {
    const py::array given = py::array::ensure(item(name));
    const bool list = extents.size() == 1 && extents[0] == any_size;
    bool fits = given && given.dtype().equal(py::dtype::of<T>()) && given.ndim() == py::ssize_t(extents.size());
    for (std::size_t d = 0; fits && !list && d < extents.size(); ++d)
      fits = given.shape(py::ssize_t(d)) == py::ssize_t(extents[d]);
    if (!fits)
      throw ConfigError(name, "found " + described(item(name)) + "; needed is the type or shape of this network, " +
                                  wanted<T>(extents, list));
    if constexpr (std::is_floating_point_v<T>) {
      values = numbers<T>(given, name);
    } else {
      const auto typed = py::array_t<T, py::array::c_style>::ensure(given);
      values.assign(typed.data(), typed.data() + typed.size());
    }
  }
  template <class T>
  static std::string wanted(std::span<const std::size_t> extents, bool list) {
    const py::tuple shape =
        list ? py::make_tuple("any") : py::tuple(py::cast(std::vector(extents.begin(), extents.end())));
    return py::str(py::dtype::of<T>()).cast<std::string>() + " and " + py::str(py::handle(shape)).cast<std::string>();
  }
  py::dict state_;
};

void set_state(Held& held, const py::dict& state) {
  const InUse in_use(held);
  Giver giver(state);
  try {
    held.show(giver);
  } catch (const StateError& fault) {
    throw ConfigError(fault.problem().path, fault.problem().text);
  } catch (const IoError& fault) {
    throw ConfigError("state", fault.what());
  }
}

constexpr const char* format_key = "format";
constexpr const char* format = "engram-network/1";

void save(Held& held, const std::string& path, const std::string& specification) {
  apart(held, [&] {
    io::Replacement file(path);
    save_state([&](StateVisitor& visitor) { held.show(visitor); }, file,
               {{format_key, format}, {"specification", specification}});
  });
}

void restore(Held& held, const std::string& path) {
  apart(held, [&] {
    const io::SafetensorsFile file{std::filesystem::path(path)};
    try {
      restore_part([&](StateVisitor& visitor) { held.show(visitor); }, file);
    } catch (const StateError& fault) {
      throw IoError(path + ": the state " + fault.problem().path + ": " + fault.problem().text);
    } catch (const IoError& fault) {
      const std::string said = fault.what();
      throw IoError(said.starts_with(path) ? said : path + ": " + said);
    }
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
  py::class_<Held>(module, "Held", py::module_local(), whole())
      .def("state",
           [](Held& held) {
             Taker taker;
             apart(held, [&] { held.show(taker); });
             return taker.taken();
           })
      .def("set_state", [](Held& held, const Arg<"state", py::dict>& state) { set_state(held, state); })
      .def("save", &save)
      .def("restore", &restore)
      .def("check_finite",
           [](Held& held) { apart(held, [&] { check_finite([&](StateVisitor& v) { held.show(v); }, "network"); }); })
      .def_property_readonly("device", [](Held& held) {
        const DeviceInfo& info = held.backend().info();
        return py::dict(py::arg("kind") = info.kind, py::arg("name") = info.name, py::arg("threads") = info.threads);
      });
}

}  // namespace engram::python
