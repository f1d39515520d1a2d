// Words of configurations: lists of choices, and the word that somebody may have meant.
#include <algorithm>
#include <utility>

#include "engram/run/config_reader.hpp"

namespace engram {

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  if (word.size() > 100) return best;
  for (const std::string& other : candidates) {
    if (other.size() > 100) continue;
    // Optimal string alignment distance, three rows of the table.
    std::vector<std::size_t> before, last(other.size() + 1), now(other.size() + 1);
    for (std::size_t j = 0; j <= other.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      now[0] = i;
      for (std::size_t j = 1; j <= other.size(); ++j) {
        now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (word[i - 1] != other[j - 1])});
        if (i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1])
          now[j] = std::min(now[j], before[j - 2] + 1);
      }
      before = std::exchange(last, now);
    }
    if (last.back() < least) least = last.back(), best = other;
  }
  return best;
}

}  // namespace engram
