// Answers gradient requests.
#pragma once
#include "mlir/Pass/Pass.h"
#include <memory>

namespace tenon::compiler {

/// Replaces every `prim.gradient` of a function, in program order, by the ops that compute it: so a gradient's gradient is an ordinary one.
///
///   %l = prim.reduce_sum %y {dimensions = array<i64: 0>} : tensor<3xf32>        (where %y = prim.exp %x)
///   %g = prim.gradient %l wrt(%x) : tensor<f32> wrt tensor<3xf32>
/// becomes
///   %d = prim.broadcast %one ... : tensor<f32> to tensor<3xf32>
///   %g = prim.mul %d, %y : tensor<3xf32>
///
/// Only what lies between the values and the loss is differentiated, and only ops with DifferentiableOpInterface can lie there.
std::unique_ptr<mlir::Pass> createDifferentiatePass();

} // namespace tenon::compiler
