// Gates: which areas may take part in a round and which fibres carry anything.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

namespace engram::calculus {

/// An area, or the fibres between two areas in both directions, may be closed for several reasons, each a number; it is
/// open when none holds. What was never spoken of is open.
class Gates {
 public:
  using Pair = std::pair<std::string, std::string>;  ///< in alphabetical order
  using Areas = std::map<std::string, std::set<int>>;
  using Fibres = std::map<Pair, std::set<int>>;

  Gates() = default;
  Gates(Areas areas, Fibres fibres) : areas_(std::move(areas)), fibres_(std::move(fibres)) {}

  /// `other` empty: the area itself.
  void inhibit(const std::string& area, const std::string& other, int reason) { gate(area, other).insert(reason); }
  void disinhibit(const std::string& area, const std::string& other, int reason) { gate(area, other).erase(reason); }

  bool open(const std::string& area) const { return none(areas_, area); }
  /// The fibres alone, whatever their areas are.
  bool open(const std::string& a, const std::string& b) const { return none(fibres_, ordered(a, b)); }
  const Areas& areas() const { return areas_; }
  const Fibres& fibres() const { return fibres_; }

 private:
  static Pair ordered(const std::string& a, const std::string& b) { return a < b ? Pair{a, b} : Pair{b, a}; }
  template <class Reasons, class Key>
  static bool none(const Reasons& reasons, const Key& key) {
    const auto at = reasons.find(key);
    return at == reasons.end() || at->second.empty();
  }
  std::set<int>& gate(const std::string& area, const std::string& other) {
    return other.empty() ? areas_[area] : fibres_[ordered(area, other)];
  }

  Areas areas_;
  Fibres fibres_;
};

}  // namespace engram::calculus
