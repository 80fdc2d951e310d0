// The user's line in a location.
#pragma once
#include "mlir/IR/Location.h"
#include <string>

namespace tenon::onnx {
/// "train.cpp:41", the first file in the location; "" where there is none.
std::string lineOf(mlir::Location loc);
} // namespace tenon::onnx
