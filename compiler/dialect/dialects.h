// Registers the dialects of Tenon.
#pragma once
namespace mlir {
class DialectRegistry;
}
namespace tenon::ir {
void registerDialects(mlir::DialectRegistry &registry);
}
