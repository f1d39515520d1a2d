#include "engram/leabra/specs.hpp"

namespace engram::leabra {

LayerSpec LayerSpec::of(Mode mode) {
  LayerSpec spec;
  if (mode == Mode::compatible) return spec;
  spec.fffb_combine = spec.pool_inhibition.fffb_combine = Combine::sum;
  spec.unit_spec.vm_eq_driver = EqDriver::i_net_r;
  return spec;
}

ProjectionSpec ProjectionSpec::of(Mode mode) {
  ProjectionSpec spec;
  if (mode == Mode::compatible) return spec;
  spec.cos_diff_lrate_acts = true;
  spec.bounded_contrast = true;
  return spec;
}

}  // namespace engram::leabra
