// Whether the example that onnx::save is given is what its traces at other sizes say.
#pragma once
#include "frontend/tensor/compiled.h"

namespace tenon::onnx::detail {

/// Throws Error, with the user's line, where all traces have the same operation or number and the example has another: it would leave as what it is not. With an extent
/// of 1 other operations stand for the same (what broadcasts), and only equal ones are compared. Call it with the lock held.
void expect_alike(const tenon::detail::Variant &example, const std::vector<std::unique_ptr<tenon::detail::Variant>> &traces, Location loc);

} // namespace tenon::onnx::detail
