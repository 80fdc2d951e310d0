// A graph without what only its making needed.
#pragma once
#include "compiler/onnx/graph.h"

namespace tenon::onnx {
/// Equal constants become one; an output is what a node gives, not a copy of it. Names are by op and place: the same graph has the same names, however it was made.
void tidy(Graph &graph);
} // namespace tenon::onnx
