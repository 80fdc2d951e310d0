// What define-by-run keeps of a trace that has run, so that a later backward() finds how its values were computed.
#pragma once
#include "frontend/tensor/trace.h"

namespace tenon::detail {

/// Values to keep in memory for the tapes of `live`: results of ops that are costly to compute again. Everything else is
/// computed again, which gives the same bits.
std::vector<Number> values_to_keep(Trace &trace, const std::vector<TensorImpl *> &live);
/// Puts prim.saved(computed again, stored) in the place of an entry whose numbers come from a frozen trace.
void splice(Trace &trace, uint32_t entry, Location loc);

} // namespace tenon::detail
