// The JSON library, compiled once: whoever reads documents uses the copy of its functions that the library has.
#pragma once

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<>;
extern template class nlohmann::basic_json<nlohmann::ordered_map>;
