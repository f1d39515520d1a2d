// Which rows of a run are kept: "record" of an experiment, as one selection or as a list of them.
#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engram/core/fields.hpp"
#include "engram/core/portable.hpp"

namespace engram {

class ConfigReader;
class Plan;

/// Whether a name is this one, or lies below it: "winners/A/unit" below "winners".
bool is_or_lies_below(std::string_view name, std::string_view above);

struct Selection {
  std::vector<std::string> series = {};
  Tick every = 1;
  bool last = false;
  std::vector<Index> units = {};
  std::vector<std::string> phases = {};

  static constexpr auto fields = std::tuple{
      Field{"series", &Selection::series,
            "attributes and columns to keep, a name also for what lies below it; default all"},
      Field{"every", &Selection::every, "of every N-th tick, counted from tick 0 of the run", 1.0, 1e18},
      Field{"last", &Selection::last, "of the last tick of each phase as well"},
      Field{"units", &Selection::units, "of these units alone; default all", 0.0, 4294967294.0},
      Field{"phases", &Selection::phases, "of the phases with these labels alone; default all"},
  };

  /// Whether rows of this attribute or column are among them, at some tick.
  bool names(std::string_view name) const;
  /// Whether it has one of the ticks from .. to of a phase that ends before `end`.
  bool has_tick(Tick from, Tick to, Tick end) const;
  /// The same without `last`.
  bool has_multiple(Tick from, Tick to) const;
  bool has_phase(std::string_view label) const;
};

/// A row is kept that one of them keeps; at least one.
using Selections = std::vector<Selection>;

/// Of the whole document; "record" is absent, one selection, or a list of them.
Selections read_selections(const ConfigReader& experiment);
/// Reports names of series and phases that a run of this plan does not have.
void check_selections(const ConfigReader& experiment, const Selections& selections, const Plan& plan);
/// Whether the experiment lists its recorders.
bool lists_recorders(const ConfigReader& experiment);

}  // namespace engram
