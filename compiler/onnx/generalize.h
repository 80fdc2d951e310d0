// One graph for all sizes, from the same function's graphs at several.
#pragma once
#include "compiler/onnx/graph.h"
#include <map>

namespace tenon::onnx {

/// Names of axes: (input, dimension) to a name.
using AxisNames = std::map<std::pair<std::string, int64_t>, std::string>;

/// Compares `graphs`, of one function at different sizes of its inputs, and makes the first of them good for any size. Dimensions of inputs that moved are axes ("batch",
/// or by `names`; those that always moved together are one); a number that moved with them is computed from the inputs' shapes, as a + b N + c M + d N M of the axes N, M
/// (or b / N), which the graphs left over must confirm. What fits no such rule, or differs otherwise, is an error with the user's line; where attributes differ, `moving` has their ops.
llvm::Error generalize(std::vector<Graph> &graphs, const AxisNames &names, Moving &moving);

} // namespace tenon::onnx
