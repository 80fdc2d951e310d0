// The user's line in a location.
#include "compiler/onnx/lines.h"

std::string tenon::onnx::lineOf(mlir::Location loc) {
  std::string line;
  loc->walk([&](mlir::Location l) {
    if (auto file = mlir::dyn_cast<mlir::FileLineColLoc>(l)) {
      line = file.getFilename().str() + ":" + std::to_string(file.getLine());
      return mlir::WalkResult::interrupt();
    }
    return mlir::WalkResult::advance();
  });
  return line;
}
