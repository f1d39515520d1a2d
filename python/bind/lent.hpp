// Arrays of a network without a copy, for as long as they are borrowed.
#pragma once

#include "python/bind/held.hpp"

namespace engram::python {

void bind_lent(py::module_& module);

}  // namespace engram::python
