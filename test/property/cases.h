// Every sample of every registered op, in every element type that the op admits.
#pragma once
#include "compiler/evaluate/evaluate.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <string>
#include <vector>

namespace tenon::test {

struct Case {
  std::string op;      // "prim.add"
  std::string name;    // "prim_add_0_f32", a test's name
  std::string element; // what stood for T; empty where nothing did
  std::string text;    // a module with one function @f
  double low, high;
  int64_t lowInteger, highInteger;
};

/// The context of all tests, with the dialects loaded.
mlir::MLIRContext &context();
/// The names of all ops of prim and nn.
std::vector<std::string> allOps();
/// The cases that verify.
const std::vector<Case> &allCases();
/// The same with every extent above 1 multiplied by 17: long enough for vectors and their remainders. Only what still verifies.
std::vector<Case> largeCases();
/// Parses; a null module where the text does not verify.
mlir::OwningOpRef<mlir::ModuleOp> parse(llvm::StringRef text);
mlir::func::FuncOp function(mlir::ModuleOp module);

/// Inputs of a function, the same in each run. Floating-point values are distinct and odd multiples of 1/128: exact in every type, off
/// every kink.
std::vector<compiler::Literal> inputs(mlir::func::FuncOp f, const Case &c);

/// NaN, infinities, zeros of both signs and large numbers in turn, where the type has them.
std::vector<compiler::Literal> awkwardInputs(mlir::func::FuncOp f, const Case &c);

} // namespace tenon::test
