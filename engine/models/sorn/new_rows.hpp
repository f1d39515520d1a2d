// The projections of a new network and the order in which they come about, for rows of the host and of a device.
#pragma once

#include "engram/sorn/draws.hpp"
#include "engram/sorn/sorn.hpp"

namespace engram::sorn {

enum class Projection { ee, ei, ie, eu };

RowDraws draws_of(const Parameters&, std::uint64_t seed, Projection);
/// How its rows without a synapse are repaired. Throws Error where the parameters ask for units that there are not.
RowRepair repair_of(const Parameters&, std::uint64_t seed, Stream use, Index n_pre, bool self);

/// A new network without its rows.
State make_units(const Parameters&, std::uint64_t seed);

/// Rows of postsynaptic units; those of ie are turned over when they are stored.
template <class Rows>
struct NewRows {
  Rows ee, ei, ie, eu;
};

/// `make` has draw, transposed, repair and normalize for its kind of rows.
template <class Maker>
NewRows<typename Maker::Rows> make_rows(Maker& make, const Parameters& p, std::uint64_t seed) {
  NewRows<typename Maker::Rows> rows;
  rows.ee = make.draw(draws_of(p, seed, Projection::ee));
  rows.ei = make.transposed(make.draw(draws_of(p, seed, Projection::ei)));  // drawn by the inhibitory units
  rows.ie = make.draw(draws_of(p, seed, Projection::ie));
  make.repair(rows.ee, repair_of(p, seed, Stream::sorn_ee_repair, p.ne, false));
  make.repair(rows.ei, repair_of(p, seed, Stream::sorn_ei_repair, p.ni(), true));
  make.repair(rows.ie, repair_of(p, seed, Stream::sorn_ie_repair, p.ne, true));
  if (p.plastic_inputs()) rows.eu = make.draw(draws_of(p, seed, Projection::eu));
  for (auto* one : {&rows.ee, &rows.ei, &rows.ie}) make.normalize(*one);
  if (p.plastic_inputs()) make.normalize(rows.eu);
  return rows;
}

}  // namespace engram::sorn
