#include "python/bind/lent.hpp"

#include <algorithm>

#include "engine/run/checkpoint.hpp"

namespace engram::python {

namespace {

/// The layout of the DLPack standard, version 0.x: https://dmlc.github.io/dlpack. Only what a consumer reads.
struct DLDevice {
  std::int32_t type, id;
};
struct DLDataType {
  std::uint8_t code, bits;
  std::uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  std::int32_t ndim;
  DLDataType dtype;
  std::int64_t *shape, *strides;
  std::uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor tensor;
  void* manager;
  void (*deleter)(DLManagedTensor*);
};
constexpr std::int32_t dl_cpu = 1, dl_cuda = 2;
constexpr std::uint8_t dl_float = 2;

/// Open as long as its block: afterwards it refuses. The memory itself lives as long as any array of it.
struct Borrow {
  py::object network;
  Held* held;
  bool write, open = true;
};

struct LentArray {
  std::shared_ptr<Borrow> borrow;
  Place lent;

  bool writable() const { return borrow->write && lent.writable; }
  std::size_t value_bytes() const { return lent.data.index() == 0 ? sizeof(float) : sizeof(double); }
  void* data() const {
    return std::visit([](auto* values) -> void* { return values; }, lent.data);
  }
  /// What a view of another package keeps alive: the network, and the knowledge that there is a view.
  struct Kept {
    py::object network;
    std::shared_ptr<char> view;
  };
  Kept* keep() const { return new Kept{borrow->network, borrow->held->views}; }

  bool on_device() const { return borrow->held->backend().info().kind == "cuda"; }
  void need_open() const {
    if (!borrow->open)
      throw std::runtime_error("\"" + lent.name + "\" was borrowed and its block is over; net[\"" + lent.name +
                               "\"] copies it");
  }
  py::tuple shape() const { return py::cast(lent.shape); }

  py::object interface() const {
    need_open();
    py::list strides;
    for (const std::size_t s : lent.strides) strides.append(s * value_bytes());
    using namespace py::literals;
    return py::dict("shape"_a = shape(), "typestr"_a = value_bytes() == 4 ? "<f4" : "<f8",
                    "data"_a = py::make_tuple(reinterpret_cast<std::uintptr_t>(data()), !writable()),
                    "strides"_a = py::tuple(strides), "version"_a = 3);
  }

  /// `to` and `copy` are what a consumer asks for, which is nothing or what there is.
  py::capsule dlpack(const py::object& to, const py::object& copy) const {
    need_open();
    if (!copy.is_none() && copy.cast<bool>())
      throw py::buffer_error("what is lent is no copy; net[\"" + lent.name + "\"] makes one");
    if (!to.is_none() && !to.equal(py::make_tuple(device().type, device().id)))
      throw py::buffer_error("\"" + lent.name + "\" lies on another device; take it from there, or copy net[\"" +
                             lent.name + "\"]");
    if (!writable())
      throw py::buffer_error("\"" + lent.name + "\": DLPack says nothing of arrays that must not be written; " +
                             (lent.writable ? "use borrow(write=True)" : "copy it with numpy.array()"));
    struct Managed {
      DLManagedTensor tensor;
      std::vector<std::int64_t> shape, strides;
      std::unique_ptr<Kept> kept;
    };
    auto* managed = new Managed{{},
                                {lent.shape.begin(), lent.shape.end()},
                                {lent.strides.begin(), lent.strides.end()},
                                std::unique_ptr<Kept>(keep())};
    managed->tensor = {{data(),
                        device(),
                        static_cast<std::int32_t>(lent.shape.size()),
                        {dl_float, static_cast<std::uint8_t>(8 * value_bytes()), 1},
                        managed->shape.data(),
                        managed->strides.data(),
                        0},
                       managed,
                       [](DLManagedTensor* tensor) {
                         const py::gil_scoped_acquire gil;
                         delete static_cast<Managed*>(tensor->manager);
                       }};
    return py::capsule(&managed->tensor, "dltensor", [](PyObject* capsule) {
      if (!PyCapsule_IsValid(capsule, "dltensor")) return;  // its consumer deletes it
      auto* tensor = static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule, "dltensor"));
      tensor->deleter(tensor);
    });
  }
  DLDevice device() const {
    return on_device() ? DLDevice{dl_cuda, borrow->held->device_number()} : DLDevice{dl_cpu, 0};
  }

  /// What NumPy asks for: a view whose base keeps the network alive.
  py::array view() const {
    need_open();
    if (on_device()) throw py::type_error("\"" + lent.name + "\" lies on a CUDA device; NumPy takes copies of it");
    std::vector<py::ssize_t> strides;
    for (const std::size_t s : lent.strides) strides.push_back(static_cast<py::ssize_t>(s * value_bytes()));
    const py::capsule base(keep(), [](void* kept) { delete static_cast<Kept*>(kept); });
    py::array view(py::dtype(value_bytes() == 4 ? "f4" : "f8"),
                   std::vector<py::ssize_t>(lent.shape.begin(), lent.shape.end()), strides, data(), base);
    if (!writable()) view.attr("flags").attr("writeable") = false;
    return view;
  }
};

}  // namespace

void bind_lent(py::module_& module) {
  py::class_<LentArray>(module, "LentArray", py::module_local(), whole(),
                        "An array of a network in its own memory; numpy.asarray() makes a view.")
      .def_property_readonly("shape", &LentArray::shape)
      .def_property_readonly("name", [](const LentArray& a) { return a.lent.name; })
      .def(
          "__array__",
          [](const LentArray& a, const py::object& dtype, const py::object&) -> py::object {
            return dtype.is_none() ? py::object(a.view()) : a.view().attr("astype")(dtype, py::arg("copy") = false);
          },
          py::arg("dtype") = py::none(), py::arg("copy") = py::none())
      .def("__dlpack__",
           [](const LentArray& a, const py::kwargs& asked) {
             const auto get = [&](const char* name) -> py::object {
               return asked.contains(name) ? py::object(asked[name]) : py::none();
             };
             return a.dlpack(get("dl_device"), get("copy"));
           })
      .def("__dlpack_device__", [](const LentArray& a) { return py::make_tuple(a.device().type, a.device().id); })
      .def_property_readonly("__cuda_array_interface__", [](const LentArray& a) {
        if (!a.on_device()) throw py::attribute_error("\"" + a.lent.name + "\" lies on the host");
        return a.interface();
      });
  py::class_<Borrow, std::shared_ptr<Borrow>>(module, "Borrow", py::module_local(), whole())
      .def(py::init([](const py::object& network, bool write) {
        if (!py::isinstance<Held>(network))
          throw py::type_error("found " + described(network) + "; needed is a network");
        auto& held = network.cast<Held&>();
        const InUse in_use(held);
        held.backend().synchronize();
        ++held.lent;
        return std::make_shared<Borrow>(Borrow{network, &held, write});
      }))
      .def("arrays",
           [](const std::shared_ptr<Borrow>& borrow) {
             py::dict arrays;
             for (Place& place : borrow->held->lend(borrow->write))
               if (std::find(place.shape.begin(), place.shape.end(), 0) == place.shape.end())
                 arrays[py::str(place.name)] = LentArray{borrow, place};
             return arrays;
           })
      .def("end", [](Borrow& borrow) {
        if (!std::exchange(borrow.open, false)) return;
        struct Return {
          ~Return() { --held.lent; }
          Held& held;
        } const last{*borrow.held};  // until then no other thread has the network
        if (!borrow.write) return;
        borrow.held->written();
        check_finite([&](StateVisitor& visitor) { borrow.held->show(visitor); }, "after borrow(write=True)");
      });
}

}  // namespace engram::python
