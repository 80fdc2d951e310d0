// Scalar arithmetic (arith and math ops of a loop body) as a list of instructions that run without MLIR.
#pragma once
#include "compiler/dialect/interfaces/literal.h"
#include "mlir/IR/Block.h"
#include "llvm/Support/Error.h"
#include <functional>

namespace tenon::compiler {

class ScalarProgram {
public:
  /// Translates the ops of `body`, whose value of interest is `result`. `tensors`: what tensor.extract may read.
  static llvm::Expected<ScalarProgram> compile(mlir::Block &body, mlir::Value result, mlir::ValueRange tensors);
  /// `arguments`: the block's; `indices`: of the loops; `tensors`: the values of `tensors`.
  Element run(llvm::ArrayRef<Element> arguments, llvm::ArrayRef<int64_t> indices, llvm::ArrayRef<const Literal *> tensors);

private:
  struct Instruction;
  struct State {
    Element *slots;
    const int64_t *indices;
    const Literal *const *tensors;
  };
  using Step = void (*)(const Instruction &, const State &);
  struct Instruction {
    Step step = nullptr;
    int result = 0, high = 0; // slots written; `high` of a wide product
    int a = 0, b = 0, c = 0;  // slots read
    mlir::Type type;          // of the result
    int number = 0;           // loop index, tensor, or bits of the integer type
    std::vector<int> places;  // slots of the indices of an extract
  };
  static Step choose(mlir::Operation &op);

  std::vector<Instruction> instructions;
  std::vector<Element> slots; // arguments, then constants and results
  int result = 0;
};

} // namespace tenon::compiler
