// Registers the dialects of Tenon.
#pragma once
namespace mlir {
class DialectRegistry;
class MLIRContext;
}
namespace tenon::ir {
void registerDialects(mlir::DialectRegistry &registry);
void loadDialects(mlir::MLIRContext &context);
}
