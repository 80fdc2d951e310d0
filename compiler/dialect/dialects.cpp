// Registers the dialects of Tenon.
#include "compiler/dialect/dialects.h"
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/prim/Prim.h"

void tenon::ir::registerDialects(mlir::DialectRegistry &registry) { registry.insert<prim::PrimDialect, nn::NnDialect>(); }
