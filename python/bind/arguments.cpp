#include "python/bind/arguments.hpp"

namespace engram::python {

std::string described(const py::handle& value) {
  try {
    if (py::hasattr(value, "dtype") && py::hasattr(value, "shape"))
      return "an array of " + py::str(value.attr("dtype")).cast<std::string>() + " and the shape " +
             py::str(py::handle(value.attr("shape"))).cast<std::string>();
    constexpr std::size_t most = 60;
    const py::str shown = py::repr(value);
    if (py::len(shown) <= most) return shown.attr("encode")("ascii", "backslashreplace").cast<std::string>();
  } catch (const py::error_already_set&) {
    // What cannot show itself has a class at least.
  }
  return "a " + std::string(Py_TYPE(value.ptr())->tp_name);
}

namespace {

/// `__new__` makes all of an object, as a call of the class does; the `__init__` that follows in such a call finds it
/// made and leaves it.
PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  const py::object made = py::reinterpret_steal<py::object>(py::detail::make_new_instance(type));
  if (!made || type->tp_init(made.ptr(), arguments, keywords) != 0) return nullptr;
  for (const auto& part : py::detail::values_and_holders(reinterpret_cast<py::detail::instance*>(made.ptr())))
    if (!part.holder_constructed()) {
      PyErr_Format(PyExc_TypeError, "%s: __init__() of the base class was not called", type->tp_name);
      return nullptr;
    }
  return made.inc_ref().ptr();
}

}  // namespace

py::custom_type_setup whole() {
  return py::custom_type_setup([](PyHeapTypeObject* heap_type) { heap_type->ht_type.tp_new = make; });
}

}  // namespace engram::python
