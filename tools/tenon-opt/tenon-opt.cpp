// Runs passes of Tenon and MLIR on a file: the microscope of the compiler, and what the lit tests call.
#include "compiler/dialect/dialects.h"
#include "compiler/lower/passes.h"
#include "compiler/transform/passes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "tools/tenon-opt/evaluate_pass.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  tenon::ir::registerDialects(registry);
  mlir::registerAllPasses();
  tenon::compiler::registerPasses();
  tenon::compiler::registerLowerPasses();
  tenon::registerEvaluatePass();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "tenon-opt: runs passes on a module\n", registry));
}
