// What NEF experiments can write down.
#pragma once

#include "engram/run/series.hpp"

namespace engram::nef::recordable {

inline constexpr Series probes{"<probe>", "what the probe samples: step, replica, value"};
inline constexpr Series learned{"<connection>/learned", "decoders or encoders at the end, of connections that learn"};
inline constexpr Series all[] = {probes, learned};

// Of learned memories.
inline constexpr Series cosine{"cosine", "between what is recalled and the value that was taught, of each pair"};
inline constexpr Series correct{"correct", "1 where no other value is nearer"};
inline constexpr Series of_study[] = {cosine, correct};

}  // namespace engram::nef::recordable
