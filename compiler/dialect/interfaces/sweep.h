// The reverse sweep over ops of a block: what autodiff does to a function, and a loop's derivative to its body. It knows no op.
#pragma once
#include "compiler/dialect/interfaces/Interfaces.h"
#include "llvm/ADT/DenseSet.h"

namespace tenon::ir {

/// A tensor of floating-point elements.
bool isReal(mlir::Value v);

/// The results of ops in [begin, end) that depend on one of `sources`, and these.
llvm::DenseSet<mlir::Value> dependents(mlir::ValueRange sources, mlir::Block::iterator begin, mlir::Block::iterator end);

/// Goes from the op before `end` up to the first of its block and adds to `cotangents` what flows into values that are `active`.
llvm::LogicalResult sweep(mlir::Block::iterator end, mlir::ImplicitLocOpBuilder &builder, const llvm::DenseSet<mlir::Value> &active,
                          llvm::DenseMap<mlir::Value, Expr> &cotangents);

} // namespace tenon::ir
