// The compiled part of the Python package engram_sim, one module a precision. Users see the classes of the package.
#include "python/bind/held.hpp"

namespace engram::python {

namespace {

/// Raises the class of this name of engram_sim.errors.
template <class... Arguments>
void raise(const char* name, Arguments&&... arguments) {
  const py::object kind = py::module_::import("engram_sim.errors").attr(name);
  const py::object error = kind(std::forward<Arguments>(arguments)...);
  PyErr_SetObject(kind.ptr(), error.ptr());
}

void translate(std::exception_ptr caught) {
  try {
    if (caught) std::rethrow_exception(caught);
  } catch (const ConfigError& error) {
    py::list problems;
    for (const Problem& p : error.problems()) problems.append(py::make_tuple(p.path, p.text));
    raise("ConfigError", problems);
  } catch (const NumericError& error) {
    raise("NumericError", error.what());
  } catch (const MemoryError& error) {
    raise("MemoryError", error.what());
  } catch (const std::bad_alloc&) {
    raise("MemoryError", "out of memory");
  } catch (const IoError& error) {
    raise("IoError", error.what());
  } catch (const DeviceError& error) {
    raise("DeviceError", error.what());
  } catch (const NotNow& error) {
    raise("Error", error.what(), error.exit_code());
  } catch (const Error& error) {  // what the library says of its arguments
    raise("ConfigError", "arguments", error.what());
  }
}

}  // namespace

}  // namespace engram::python

PYBIND11_MODULE(ENGRAM_PYTHON_MODULE, module) {
  using namespace engram::python;
  module.attr("precision") = engram::precision_name;
  py::register_exception_translator(translate);
  bind_held(module);
  bind_experiments(module);
  bind_attractor(module);
  bind_assembly(module);
  bind_brain(module);
  bind_leabra(module);
  bind_nef(module);
  bind_operators(module);
  bind_sorn(module);
}
