// Registers the dialects of Tenon.
#include "compiler/dialect/dialects.h"
#include "compiler/dialect/kernel/Kernel.h"
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/prim/Prim.h"

void tenon::ir::registerDialects(mlir::DialectRegistry &registry) { registry.insert<prim::PrimDialect, nn::NnDialect, kernel::KernelDialect>(); }
void tenon::ir::loadDialects(mlir::MLIRContext &context) { context.loadDialect<prim::PrimDialect, nn::NnDialect, kernel::KernelDialect>(); }
