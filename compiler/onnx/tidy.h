// A graph without what only its making needed.
#pragma once
#include "compiler/onnx/graph.h"

namespace tenon::onnx {
/// Equal constants become one; an output is what a node gives, not a copy of it.
void tidy(::onnx::GraphProto &graph);
} // namespace tenon::onnx
