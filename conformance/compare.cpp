#include "conformance/compare.hpp"

#include <cmath>
#include <cstring>
#include <iomanip>
#include <sstream>

namespace engram::conformance {

namespace {
template <class T>
bool same(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    if (std::isnan(a) && std::isnan(b)) return true;
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}
template <class T>
std::string element_difference(const std::string& array, std::size_t element, T a, T b) {
  std::ostringstream text;
  text << array << '[' << element << "]: " << std::setprecision(17) << a << ", " << b;
  if constexpr (std::is_floating_point_v<T>) text << std::hexfloat << " (" << a << ", " << b << ')';
  return text.str();
}
}  // namespace

std::string first_difference(const Result& a, const Result& b) {
  if (a.size() != b.size()) return "the numbers of arrays differ";
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name || a[i].values.index() != b[i].values.index())
      return "array " + a[i].name + " against array " + b[i].name;
    const std::string where = std::visit(
        [&](const auto& x) -> std::string {
          const auto& y = std::get<std::decay_t<decltype(x)>>(b[i].values);
          if (x.size() != y.size()) return element_difference(a[i].name + ".size", 0, x.size(), y.size());
          for (std::size_t e = 0; e < x.size(); ++e)
            if (!same(x[e], y[e])) return element_difference(a[i].name, e, x[e], y[e]);
          return "";
        },
        a[i].values);
    if (!where.empty()) return where;
  }
  return "";
}

}  // namespace engram::conformance
