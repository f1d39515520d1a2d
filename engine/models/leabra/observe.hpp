// Names of attributes, and rows of tables.
#pragma once

#include "engram/leabra/net.hpp"

namespace engram::leabra {

/// Whether an attribute belongs to units or connections instead of the whole.
bool is_part(const std::string& attribute);
/// The name of its column in a table of parts.
std::string column_name(const std::string& attribute);
/// Adds rows from columns of one length.
void add_rows(Table&, const std::vector<std::vector<double>>& columns);

}  // namespace engram::leabra
