#include "conformance/models.hpp"

namespace engram::conformance {

// One declaration a model; the definitions stand in the files of the families, tests/conformance/<family>_model.cpp.
Result run_area_on_dense(Backend&, Tick steps);
Result run_area_on_outgoing(Backend&, Tick steps);
Result run_assembly(Backend&, Tick steps);
Result run_attractor(Backend&, Tick steps);
Result run_attractor_in_order(Backend&, Tick steps);
Result run_attractor_small(Backend&, Tick steps);
Result run_attractor_shared(Backend&, Tick steps);
Result run_calculus(Backend&, Tick steps);
Result run_calculus_explicit(Backend&, Tick steps);
Result run_calculus_together(Backend&, Tick steps);
Result run_leabra(Backend&, Tick steps);
Result run_leabra_small(Backend&, Tick steps);
Result run_leabra_sparse(Backend&, Tick steps);
Result run_nef_memory(Backend&, Tick steps);
Result run_nef_held(Backend&, Tick steps);
Result run_nef_zoo(Backend&, Tick steps);
Result run_sorn_small(Backend&, Tick steps);
Result run_sorn_options(Backend&, Tick steps);
Result run_sorn_large(Backend&, Tick steps);
Result run_sorn_small_at_once(Backend&, Tick steps);
Result run_sorn_options_at_once(Backend&, Tick steps);
Result run_sorn_large_at_once(Backend&, Tick steps);

namespace {
constexpr Model list[] = {
    {"area/dense", run_area_on_dense},
    {"area/outgoing", run_area_on_outgoing},
    {"assembly", run_assembly},
    {"attractor/synchronous", run_attractor, false},
    {"attractor/random_order", run_attractor_in_order},
    {"attractor/small", run_attractor_small, false},
    {"attractor/shared_weights", run_attractor_shared, false},
    {"calculus/procedural", run_calculus, false},
    {"calculus/explicit", run_calculus_explicit, false},
    {"calculus/together", run_calculus_together},
    {"leabra/mixed", run_leabra},
    {"leabra/small", run_leabra_small},
    {"leabra/sparse", run_leabra_sparse},
    {"nef/memory", run_nef_memory, false},
    {"nef/held", run_nef_held, false},
    {"nef/zoo", run_nef_zoo, false},
    {"sorn/small", run_sorn_small, false},
    {"sorn/options", run_sorn_options, false},
    {"sorn/large", run_sorn_large, false},
    {"sorn/small/20_at_once", run_sorn_small_at_once, false},
    {"sorn/options/20_at_once", run_sorn_options_at_once},
    {"sorn/large/20_at_once", run_sorn_large_at_once},
};
}  // namespace

std::span<const Model> models() { return list; }

}  // namespace engram::conformance
