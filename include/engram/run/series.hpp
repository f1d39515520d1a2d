// What runs of a family can write down.
#pragma once

#include <string>

namespace engram {

/// A quantity that runs write as metrics or as NPY columns. It is a row of its family's table, which serves the check
/// of "record", the documents and what writes it.
struct Series {
  /// Of the attribute or column, and of what lies below it. A word in <> stands for names that an experiment gives:
  /// "winners/<area>".
  const char* name;
  const char* help;
  const char* phases = "";  ///< those that write it, by what they do, with "|" between; "": every phase, or the end

  /// The word in <>, or "".
  std::string place() const;
  /// Its name with this one in the place of that word.
  std::string of(const std::string& given) const;
};

}  // namespace engram
