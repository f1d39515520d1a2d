// Parts of a schema that stand in several places are said once.
#pragma once

#include "engram/run/schema.hpp"

namespace engram::schema {

/// The same schema, with what repeats itself moved to "$defs" and referred to from its places.
Json with_parts_said_once(Json schema);

}  // namespace engram::schema
